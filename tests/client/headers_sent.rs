//! Promise: every call carries the seven headers, made from one instant, and a token over the very
//! bytes that are sent.

use crate::support;
use crate::support::{Request, Server, builder, encrypted_for_client, json_response};
use http::{HeaderName, HeaderValue};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{CallOptions, Delivery, TimeZone};

const RESULT: &str = r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#;
const TOKEN: &str = r#"{"response":{"code":"000_000"},"oneTimeToken":"5297000000000013","dcvv":"471","expiryTime":1}"#;

fn token_of(request: &Request) -> TranToken {
    request.header("x-km-tran-token").parse().unwrap()
}

fn signs(request: &Request, form: MessageForm) -> bool {
    let key = SigningKey::new(support::SECRET_KEY).unwrap();
    token_of(request).verify(&key, &request.body, form)
}

async fn plain_call(
    configure: impl FnOnce(konaplate::ClientBuilder) -> konaplate::ClientBuilder,
) -> Request {
    let server = Server::start(json_response(200, RESULT)).await;
    let client = configure(builder(&server.url)).build().unwrap();
    client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    server.request()
}

#[tokio::test]
async fn a_plain_call_carries_its_headers_and_nothing_of_progenitors() {
    let request = plain_call(|builder| builder).await;
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.path,
        "/api/v1/recharges/by-bank-account/result/inquiry"
    );
    assert_eq!(request.body, br#"{"sequenceId":"BANK-1"}"#);
    assert_eq!(request.header("x-km-user-aspid"), support::ASP_ID);
    assert_eq!(request.header("x-km-access-key"), support::ACCESS_KEY);
    assert_eq!(request.header("x-km-tran-time"), "20260315104512");
    assert_eq!(request.header("x-km-time-zone"), "KST");
    assert_eq!(request.header("accept"), "application/json");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("x-km-tran-token").len(), 67);
    let id = request.header("x-km-correlation-id");
    assert_eq!(id.len(), 20);
    assert!(id.starts_with("260315104512-"));
    assert!(!request.headers.contains_key("api-version"));
    // Neither direction is encrypted, so no key is named.
    assert!(!request.headers.contains_key("x-km-crypto-key-id"));
    assert_eq!(token_of(&request).timestamp().as_str(), "20260315104512345");
    assert!(signs(&request, MessageForm::RawBody));
}

#[tokio::test]
async fn an_encrypted_call_signs_the_envelope_and_names_its_key() {
    let server = Server::start(json_response(200, encrypted_for_client(TOKEN))).await;
    let response = server
        .client()
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    assert_eq!(response.dcvv.expose(), "471");
    let request = server.request();
    assert!(
        request
            .body
            .starts_with(br#"{"encData":"eyJlbmMiOiJBMTI4R0NNIiwiYWxnIjoiUlNBLU9BRVAtMjU2In0."#)
    );
    assert_eq!(request.header("x-km-crypto-key-id"), support::KEY_ID);
    assert!(signs(&request, MessageForm::RawBody));
    assert_eq!(request.plaintext()["cardNo"], "9491339401250765");
}

#[tokio::test]
async fn the_zone_is_that_of_every_timestamp() {
    let request = plain_call(|builder| builder.time_zone(TimeZone::Utc)).await;
    assert_eq!(request.header("x-km-time-zone"), "UTC");
    assert_eq!(request.header("x-km-tran-time"), "20260315014512");
    assert_eq!(token_of(&request).timestamp().as_str(), "20260315014512345");
    assert!(
        request
            .header("x-km-correlation-id")
            .starts_with("260315014512-")
    );
}

#[tokio::test]
async fn the_message_form_can_be_switched() {
    let request = plain_call(|builder| builder.message_form(MessageForm::Base64Body)).await;
    assert!(signs(&request, MessageForm::Base64Body));
    assert!(!signs(&request, MessageForm::RawBody));
}

#[tokio::test]
async fn every_call_has_an_id_of_its_own_unless_it_is_given_one() {
    let server = Server::start(json_response(200, RESULT)).await;
    let client = server.client();
    let call = || client.get_bank_recharge_result().sequence_id("BANK-1");
    call().send().await.unwrap();
    call().send().await.unwrap();
    let given = "260101000000-0000abc".parse().unwrap();
    let response = call()
        .options(CallOptions::new().correlation_id(given))
        .send()
        .await
        .unwrap();
    assert_eq!(response.correlation_id(), given);
    let ids: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.header("x-km-correlation-id").to_owned())
        .collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[2], "260101000000-0000abc");
}

#[tokio::test]
async fn where_the_responses_encryption_is_unknown_the_key_is_named() {
    let response = r#"{"response":{"code":"000_000"},"nrNumber":"KMN1","isPending":false}"#;
    for body in [response.to_owned(), encrypted_for_client(response)] {
        let server = Server::start(json_response(200, body)).await;
        let response = server
            .client()
            .recharge_from_bank_account()
            .sequence_id("BANK-1")
            .user_id(1)
            .amount(1)
            .one_time_token("5297000000000013")
            .dcvv("471")
            .merchant_id("410195430033901")
            .send()
            .await
            .unwrap();
        assert_eq!(response.nr_number.as_str(), "KMN1");
        let request = server.request();
        assert_eq!(request.header("x-km-crypto-key-id"), support::KEY_ID);
        assert!(request.json().get("encData").is_none());
    }
}

#[tokio::test]
async fn encryption_can_be_told_otherwise_for_one_call() {
    let server = Server::start(json_response(200, RESULT)).await;
    let call = server.client();
    call.get_bank_recharge_result()
        .sequence_id("BANK-1")
        .options(CallOptions::new().encrypt_request(true))
        .send()
        .await
        .unwrap();
    let request = server.request();
    assert!(request.json().get("encData").is_some());
    assert_eq!(request.plaintext()["sequenceId"], "BANK-1");
}

#[tokio::test]
async fn a_base_url_keeps_its_path() {
    let server = Server::start(json_response(200, RESULT)).await;
    let client = builder(&format!("{}/open-api/", server.url))
        .build()
        .unwrap();
    client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert_eq!(
        server.request().path,
        "/open-api/api/v1/recharges/by-bank-account/result/inquiry"
    );
}

#[tokio::test]
async fn a_header_of_the_callers_goes_along_unless_it_is_the_protocols() {
    let server = Server::start(json_response(200, RESULT)).await;
    let client = server.client();
    let call = |name: &str, value: &'static str| {
        let name: HeaderName = name.parse().unwrap();
        let options = CallOptions::new().header(name, HeaderValue::from_static(value));
        assert!(!format!("{options:?}").contains(value));
        let call = client.get_bank_recharge_result().sequence_id("BANK-1");
        call.options(options).send()
    };
    call("traceparent", "00-0af7651916cd43dd-b7ad6b7169203331-01")
        .await
        .unwrap();
    let seen = server.request();
    assert!(seen.header("traceparent").starts_with("00-"));
    for name in [
        "X-KM-Tran-Token",
        "x-km-new",
        "content-type",
        "Host",
        "content-length",
    ] {
        let error = call(name, "value").await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(error.to_string().contains("header"), "{error}");
    }
    assert_eq!(server.requests().len(), 1);
}
