//! Promise: a raw call goes through the same signing and encryption as a typed one.

use crate::support;
use crate::support::{Server, encrypted_for_client, json_response};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{CallOptions, Delivery, ErrorCode};
use serde_json::json;

fn is_signed(request: &support::Request) -> bool {
    let token: TranToken = request.header("x-km-tran-token").parse().unwrap();
    let key = SigningKey::new(support::SECRET_KEY).unwrap();
    token.verify(&key, &request.body, MessageForm::RawBody)
}

#[tokio::test]
async fn an_operation_is_encrypted_as_the_description_says() {
    let server = Server::start(json_response(
        200,
        encrypted_for_client(r#"{"response":{"code":"000_000"},"new":1}"#),
    ))
    .await;
    for target in [
        "issue_one_time_token",
        "/api/v2/payment/generate/onetimetoken",
    ] {
        // A body that the typed call would refuse: the description may be wrong.
        let response = server
            .client()
            .raw(target, json!({"cardNo": "1", "new": [1, "둘"]}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.expose()["new"], 1);
        assert!(response.exchange().request_encrypted());
    }
    for request in server.requests() {
        assert_eq!(request.path, "/api/v2/payment/generate/onetimetoken");
        assert!(is_signed(&request));
        assert_eq!(
            request.plaintext(),
            json!({"cardNo": "1", "new": [1, "둘"]})
        );
    }
}

#[tokio::test]
async fn an_unknown_path_is_sent_plain_unless_told_otherwise() {
    let server = Server::start(json_response(200, r#"{"response":{"code":"000_000"}}"#)).await;
    let client = server.client();
    client
        .raw("/api/v9/new/thing", json!({"a": 1}))
        .send()
        .await
        .unwrap();
    client
        .raw("/api/v9/new/thing", json!({"a": 1}))
        .options(CallOptions::new().encrypt_request(true))
        .send()
        .await
        .unwrap();
    let requests = server.requests();
    assert!(requests[0].json().get("encData").is_none());
    assert!(requests[1].json().get("encData").is_some());
    for request in &requests {
        assert!(is_signed(request));
        assert_eq!(request.plaintext(), json!({"a": 1}));
        // The response might come encrypted, so the key is named.
        assert_eq!(request.header("x-km-crypto-key-id"), support::KEY_ID);
    }
}

#[tokio::test]
async fn its_failures_are_the_usual_ones() {
    let body = r#"{"response":{"code":"007_008","description":"Same sequenceId already exists."}}"#;
    let server = Server::start(json_response(400, body)).await;
    let error = server
        .client()
        .raw("/api/v9/new/thing", json!({}))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.operation(), Some("/api/v9/…/…"));
    assert_eq!(error.code(), Some(&ErrorCode::SequenceIdAlreadyUsed));
    // What a code proves is said for operations that the description knows.
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);
}
