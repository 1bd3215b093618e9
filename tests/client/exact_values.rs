//! Promise: tolerance never changes a value. What a type does not hold exactly is kept by its digits,
//! or refused as unreadable with everything kept, in typed responses, raw calls, fields that nobody
//! described, errors and callbacks.

use crate::support;
use crate::support::{Server, encrypted_for_client, json_response};
use konaplate::callback::{CallbackReceiver, CallbackSigner};
use konaplate::types::GetDepositBalanceResponseBody;
use konaplate::{Delivery, Error, ErrorKind, Response};
use serde_json::json;

/// More digits than a 64-bit integer has, and what a float would make of the other two.
const LONG: &str = "12345678901234567890123";
const ODD: &str = "9007199254740993.0";
const HUGE: &str = "1e400";

fn balance(amount: &str) -> String {
    format!(
        r#"{{"response":{{"code":"000_000"}},"bizLicenseNo":"1234567890","rechargerId":"R",
            "totalDepositAmount":1,"depositBalance":{amount},"id":{LONG},"of":[{ODD},{{"x":{HUGE}}}]}}"#
    )
}

async fn ask(body: &str) -> Result<Response<GetDepositBalanceResponseBody>, Error> {
    let mut results = Vec::new();
    // Plain and encrypted bodies are read alike.
    for body in [body.to_owned(), encrypted_for_client(body)] {
        let server = Server::start(json_response(200, body)).await;
        results.push(server.client().get_deposit_balance().send().await);
    }
    let [plain, encrypted] = results.try_into().unwrap();
    let shown = |result: &Result<Response<GetDepositBalanceResponseBody>, Error>| match result {
        Ok(response) => format!("{:?}", Response::clone(response).into_inner()),
        Err(error) => format!("{:?}", error.response().map(|json| json.expose().clone())),
    };
    assert_eq!(shown(&plain), shown(&encrypted));
    plain
}

#[tokio::test]
async fn a_typed_amount_is_exact_or_unreadable() {
    for (written, read) in [
        ("50000", 50_000),
        ("50000.00", 50_000),
        ("5e4", 50_000),
        (r#""50000""#, 50_000),
        (r#""50000.00""#, 50_000),
        (r#""5e4""#, 50_000),
        ("18446744073709551615", u64::MAX),
        (r#""18446744073709551615.0""#, u64::MAX),
        // A float would make it …992.
        (ODD, 9_007_199_254_740_993),
    ] {
        let response = ask(&balance(written)).await.unwrap();
        assert_eq!(response.deposit_balance.get(), read, "{written}");
    }
    for written in [
        LONG,
        HUGE,
        "18446744073709551616",
        "0.5",
        "-1",
        "1e-400",
        r#""1,000""#,
        r#""５""#,
        r#""""#,
    ] {
        let error = ask(&balance(written)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse, "{written}");
        assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
        // The digits are there, whatever they are.
        let kept = &error.response().unwrap().expose()["depositBalance"];
        let digits = written.trim_matches('"');
        let kept = kept
            .as_str()
            .map_or_else(|| kept.to_string(), str::to_owned);
        assert_eq!(kept, digits);
    }
}

#[tokio::test]
async fn what_nobody_described_keeps_its_digits() {
    let response = ask(&balance("1")).await.unwrap();
    assert_eq!(response.extra["id"].expose(), LONG);
    assert_eq!(response.extra["of"].expose(), &json!([ODD, {"x": HUGE}]));
}

#[tokio::test]
async fn a_raw_call_keeps_digits_of_success_and_failure() {
    let server = Server::start(json_response(200, balance("1"))).await;
    let response = server
        .client()
        .raw("/api/v9/new", json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.expose()["id"], LONG);

    let failure = format!(r#"{{"response":{{"code":"099_999"}},"id":{LONG}}}"#);
    let no_response = format!(r#"{{"id":{LONG}}}"#);
    for body in [failure, no_response] {
        let server = Server::start(json_response(400, body)).await;
        let error = server
            .client()
            .raw("/api/v9/new", json!({}))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.response().unwrap().expose()["id"], LONG);
    }
    let server = Server::start(json_response(200, format!("[{LONG}]"))).await;
    let client = server.client();
    let call = client.raw("/api/v9/new", json!({}));
    let error = call.send().await.unwrap_err();
    assert_eq!(error.response().unwrap().expose(), &json!([LONG]));
}

#[tokio::test]
async fn a_callback_keeps_digits() {
    let signer = CallbackSigner::new(support::SECRET_KEY, support::ASP_ID).unwrap();
    let request = signer
        .sign(format!(r#"{{"amount":{LONG},"rate":0.1}}"#))
        .unwrap();
    let receiver = CallbackReceiver::builder()
        .secret_key(support::SECRET_KEY)
        .build()
        .unwrap();
    let callback = receiver
        .receive(&request.headers, &request.body)
        .await
        .unwrap();
    assert_eq!(
        callback.json().expose(),
        &json!({"amount": LONG, "rate": 0.1})
    );
}
