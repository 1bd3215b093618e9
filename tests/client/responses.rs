//! Promise: whatever comes back, or does not, becomes an error that says what may have happened and
//! keeps the status and the correlation id.

use std::error::Error as _;
use std::time::Duration;

use crate::support;
use crate::support::{
    Reply, Server, builder, encrypted_for, encrypted_for_client, json_response, reply,
};
use konaplate::{Delivery, Error, ErrorCode, ErrorKind};

/// A call of an operation whose responses are plain.
async fn call(reply: Reply) -> Result<konaplate::types::GetBankRechargeResultResponseBody, Error> {
    let is_silent = matches!(reply, Reply::Silence | Reply::Stall(_));
    let server = Server::start(reply).await;
    let client = builder(&server.url)
        .timeout(Duration::from_secs(if is_silent { 2 } else { 30 }))
        .build()
        .unwrap();
    client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .map(konaplate::Response::into_inner)
}

async fn failure(reply: Reply) -> Error {
    call(reply).await.unwrap_err()
}

#[track_caller]
fn check(error: &Error, kind: ErrorKind, delivery: Delivery, status: Option<u16>, text: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.delivery(), delivery, "{error}");
    assert_eq!(error.http_status(), status, "{error}");
    assert_eq!(error.operation(), Some("get_bank_recharge_result"));
    let id = error
        .correlation_id()
        .expect("a sent call has an id")
        .to_string();
    assert!(id.starts_with("260315104512-"));
    let status = status
        .map(|status| format!("HTTP {status}, "))
        .unwrap_or_default();
    // The words of a cause are those of a library.
    let shown = error.to_string();
    let (start, end) = (
        format!("get_bank_recharge_result: {text}"),
        format!(" ({status}correlation id {id})"),
    );
    assert!(
        shown.starts_with(&start) && shown.ends_with(&end),
        "{shown}"
    );
    let cause = &shown[start.len()..shown.len() - end.len()];
    let is_told = matches!(kind, ErrorKind::Connect | ErrorKind::Transport);
    assert_eq!(
        cause.starts_with(": ") && cause.len() > 2,
        is_told,
        "{shown}"
    );
    assert_eq!(cause.is_empty(), !is_told, "{shown}");
    assert_eq!(shown.lines().count(), 1);
}

#[tokio::test]
async fn a_documented_code_of_a_read_is_a_decline() {
    let body = r#"{"response":{"code":"007_009","description":"Previous transaction not found."}}"#;
    let error = failure(json_response(400, body)).await;
    check(
        &error,
        ErrorKind::Code,
        Delivery::Declined,
        Some(400),
        "declined: 007_009 Previous transaction not found.",
    );
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    assert_eq!(
        error.response().unwrap().expose()["response"]["code"],
        "007_009"
    );
}

#[tokio::test]
async fn a_documented_message_may_end_with_another_field() {
    let body =
        r#"{"response":{"code":"000_002","description":"Invalid input parameter. sequenceId"}}"#;
    let error = failure(json_response(400, body)).await;
    assert!(
        error
            .to_string()
            .contains("declined: 000_002 Invalid input parameter. sequenceId (")
    );
    // ... but not with anything else.
    let body = r#"{"response":{"code":"000_002","description":"Invalid input parameter. 9491339401250765"}}"#;
    let error = failure(json_response(400, body)).await;
    assert!(!error.to_string().contains("9491339401250765"), "{error}");
    assert!(
        error
            .to_string()
            .contains("declined: 000_002 A parameter is invalid."),
        "{error}"
    );
}

#[tokio::test]
async fn a_failure_may_come_encrypted() {
    let body = encrypted_for_client(
        r#"{"response":{"code":"007_009","description":"Previous transaction not found."}}"#,
    );
    let error = failure(json_response(400, body)).await;
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    assert_eq!(error.delivery(), Delivery::Declined);
}

#[tokio::test]
async fn an_unknown_code_does_not_say_that_nothing_was_done() {
    let body = r#"{"response":{"code":"999_999","description":"Etwas mit 9491339401250765"}}"#;
    let error = failure(json_response(400, body)).await;
    check(
        &error,
        ErrorKind::Code,
        Delivery::MaybeProcessed,
        Some(400),
        "failure code: 999_999 “…”",
    );
    assert_eq!(error.code().unwrap().code(), "999_999");
}

#[tokio::test]
async fn a_documented_code_with_a_5xx_does_not_either() {
    let body = r#"{"response":{"code":"007_009","description":"Previous transaction not found."}}"#;
    let error = failure(json_response(500, body)).await;
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
}

#[tokio::test]
async fn a_401_with_a_code_is_proof_of_nothing() {
    let body = r#"{"response":{"code":"998_001","description":"unauthorized"}}"#;
    let error = failure(json_response(401, body)).await;
    check(
        &error,
        ErrorKind::Code,
        Delivery::MaybeProcessed,
        Some(401),
        "failure code: 998_001 “unauthorized”",
    );
}

#[tokio::test]
async fn html_of_a_gateway() {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    let error = failure(reply(502, &[("content-type", "text/html")], page)).await;
    check(
        &error,
        ErrorKind::UnexpectedResponse,
        Delivery::MaybeProcessed,
        Some(502),
        "unexpected response: no JSON object with a code: “html head title … Bad Gateway title head body nginx body html”",
    );
    assert!(error.response().is_none());
}

#[tokio::test]
async fn an_empty_body() {
    for status in [200, 204, 400, 500] {
        let error = failure(reply(status, &[], "")).await;
        check(
            &error,
            ErrorKind::UnexpectedResponse,
            Delivery::MaybeProcessed,
            Some(status),
            "unexpected response: an empty body",
        );
    }
}

#[tokio::test]
async fn a_database_message_is_masked_and_the_json_kept() {
    let body = r#"{"timestamp":1,"status":500,"error":"Internal Server Error","message":"SQL: value '0a1b2c3' too long for column tid"}"#;
    let error = failure(json_response(500, body)).await;
    check(
        &error,
        ErrorKind::UnexpectedResponse,
        Delivery::MaybeProcessed,
        Some(500),
        "unexpected response: no JSON object with a code: “timestamp … status … error Internal Server Error message SQL value … too long for column tid”",
    );
    assert_eq!(error.response().unwrap().expose()["status"], 500);
}

#[tokio::test]
async fn a_body_that_is_cut_off() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"response\":{\"co";
    let error = failure(Reply::Bytes(cut.to_vec())).await;
    check(
        &error,
        ErrorKind::Transport,
        Delivery::MaybeProcessed,
        Some(200),
        "the connection broke: the response is cut off",
    );
    assert!(error.source().is_some());
}

#[tokio::test]
async fn json_that_is_cut_off() {
    let error = failure(json_response(
        200,
        r#"{"response":{"code":"000_000"},"result":"COMPL"#,
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
    assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(json_response(200, "{}")).await;
    for status in [301, 302, 307, 308] {
        let location = format!("{}/stolen", elsewhere.url);
        let error = failure(reply(status, &[("location", &location)], "")).await;
        check(
            &error,
            ErrorKind::UnexpectedResponse,
            Delivery::MaybeProcessed,
            Some(status),
            "unexpected response: a redirect, which is not followed",
        );
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn json_that_comes_in_place_of_a_response_is_kept() {
    for body in [
        r#"{"moved":"elsewhere"}"#,
        r#"{"a":1,"response":{"code":"000_000"}}"#,
    ] {
        let error = failure(reply(302, &[("location", "/elsewhere")], body)).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        let kept = error.response().unwrap().expose().to_string();
        assert_eq!(kept, body);
    }
}

#[tokio::test]
async fn redirects_stay_off_in_ones_own_reqwest_client() {
    let elsewhere = Server::start(json_response(200, "{}")).await;
    let location = format!("{}/stolen", elsewhere.url);
    let server = Server::start(reply(307, &[("location", &location)], "")).await;
    let own = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(5));
    let client = builder(&server.url).http(own).build().unwrap();
    let error = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.http_status(), Some(307));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn nobody_listens() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let client = builder(&format!("http://127.0.0.1:{port}"))
        .build()
        .unwrap();
    let error = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap_err();
    check(
        &error,
        ErrorKind::Connect,
        Delivery::NotSent,
        None,
        "no connection: the platform could not be reached",
    );
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn the_connection_is_closed_without_a_response() {
    let error = failure(Reply::Close).await;
    check(
        &error,
        ErrorKind::Transport,
        Delivery::MaybeProcessed,
        None,
        "the connection broke: before a response came",
    );
}

#[tokio::test]
async fn no_response_in_time() {
    let error = failure(Reply::Silence).await;
    check(
        &error,
        ErrorKind::Timeout,
        Delivery::MaybeProcessed,
        None,
        "no response in time: the call was sent",
    );
}

#[tokio::test]
async fn half_a_response_in_time() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"response\"".to_vec();
    let error = failure(Reply::Stall(half)).await;
    check(
        &error,
        ErrorKind::Timeout,
        Delivery::MaybeProcessed,
        Some(200),
        "no response in time: the response began and did not end",
    );
}

#[tokio::test]
async fn nothing_is_sent_twice() {
    let server = Server::start(Reply::Close).await;
    let client = server.client();
    for _ in 0..3 {
        let call = client.get_bank_recharge_result().sequence_id("BANK-1");
        call.send().await.unwrap_err();
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn success_and_failure_at_once_is_neither() {
    let error = failure(json_response(
        400,
        r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#,
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_kept_whole() {
    for (body, text) in [
        (
            r#"{"response":{"code":"000_000"},"nrNumber":"KMN1"}"#,
            "response not readable: the platform says success, but its field result is missing",
        ),
        (
            r#"{"response":{"code":"000_000"},"result":{"of":"another kind"},"nrNumber":"KMN1"}"#,
            "response not readable: the platform says success, but its field result is of another kind than documented",
        ),
    ] {
        let error = failure(json_response(200, body)).await;
        check(
            &error,
            ErrorKind::UnreadableResponse,
            Delivery::ProcessedUnreadable,
            Some(200),
            text,
        );
        assert_eq!(error.response().unwrap().expose()["nrNumber"], "KMN1");
    }
}

#[tokio::test]
async fn a_response_that_does_not_decrypt_says_nothing_more() {
    let good = encrypted_for_client(r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#);
    let jwe: serde_json::Value = serde_json::from_str(&good).unwrap();
    let jwe = jwe["encData"].as_str().unwrap();
    let cut = &jwe[..jwe.len() - 1];
    for bad in ["", "a.b.c.d.e", cut, &jwe.replace('.', ",")] {
        let error = failure(json_response(
            200,
            serde_json::json!({"encData": bad}).to_string(),
        ))
        .await;
        check(
            &error,
            ErrorKind::Decryption,
            Delivery::MaybeProcessed,
            Some(200),
            "response not decrypted: the encrypted message could not be decrypted",
        );
    }
}

#[tokio::test]
async fn a_response_for_a_key_that_is_not_configured() {
    let body = encrypted_for("other.spki.pem", "{}");
    let headers = [("x-km-crypto-key-id", "ffffffffffffffffffffffffffffffff")];
    let error = failure(reply(200, &headers, body)).await;
    check(
        &error,
        ErrorKind::Decryption,
        Delivery::MaybeProcessed,
        Some(200),
        "response not decrypted: it names a crypto key that is not configured, and no \
         configured one decrypts it",
    );
}

const SECOND_KEY_ID: &str = "ffffffffffffffffffffffffffffffff";

/// A client whose first crypto key is another one than responses are encrypted for.
fn with_two_keys(server: &Server) -> konaplate::Client {
    konaplate::Client::builder()
        .base_url(&server.url)
        .project_keys(support::ASP_ID, support::ACCESS_KEY, support::SECRET_KEY)
        .crypto_key(
            support::KEY_ID,
            support::key_file("server.spki.pem"),
            support::key_file("other.pkcs8.pem"),
        )
        .crypto_key(
            SECOND_KEY_ID,
            support::key_file("server.spki.pem"),
            support::key_file("client.pkcs8.pem"),
        )
        .http(reqwest::Client::builder().no_proxy())
        .build()
        .unwrap()
}

/// Whether the platform repeats an id as it was given is not documented.
#[tokio::test]
async fn a_response_that_names_its_key_in_another_form_is_tried_with_each_key() {
    let body = encrypted_for_client(r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#);
    for named in ["FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "ffffffff-ffff"] {
        let headers = [("x-km-crypto-key-id", named)];
        let server = Server::start(reply(200, &headers, body.clone())).await;
        let client = with_two_keys(&server);
        let call = client.get_bank_recharge_result().sequence_id("BANK-1");
        let response = call.send().await.unwrap();
        assert_eq!(response.exchange().crypto_key_id(), Some(named));
    }
}

#[tokio::test]
async fn a_response_is_decrypted_with_the_key_it_names() {
    let body = encrypted_for_client(r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#);
    let server = Server::start(reply(200, &[("x-km-crypto-key-id", SECOND_KEY_ID)], body)).await;
    // The first key is another one; the response names the second.
    let client = with_two_keys(&server);
    let response = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert!(response.exchange().response_encrypted());
    assert_eq!(response.exchange().crypto_key_id(), Some(SECOND_KEY_ID));
}

#[tokio::test]
async fn a_flood_is_not_read_to_its_end() {
    let body = vec![b' '; 17 * 1024 * 1024];
    let server = Server::start(json_response(200, body)).await;
    let error = server
        .client()
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("more than 16 MiB"));
}
