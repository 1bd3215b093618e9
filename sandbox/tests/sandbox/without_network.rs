//! Promise: without a network, a request goes through the same checks and has the same effects.

use http::Request;
use konaplate::protocol::headers;
use konaplate_sandbox::{Fault, Sandbox, fixtures};
use serde_json::{Value, json};

use crate::support::{self, signed_request};

fn recharge() -> Request<Vec<u8>> {
    let card = fixtures::CARDS[1];
    let body = json!({"userId": card.user_id, "par": card.par, "amount": 500});
    signed_request("recharge_by_system", &body)
}

#[tokio::test]
async fn a_request_has_its_response_and_its_effect() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.stop_clock_at(support::now());
    let response = sandbox.respond(recharge()).await;
    assert_eq!(response.status(), 200);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["response"]["code"], "000_000");
    assert_eq!(sandbox.card_balance(fixtures::CARDS[1].par), Some(100_500));
    assert!(sandbox.requests()[0].carried_out);

    let mut unsigned = recharge();
    unsigned.headers_mut().remove(headers::TRAN_TOKEN);
    let response = sandbox.respond(unsigned).await;
    assert_eq!(response.status(), 400);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["response"]["code"], "sandbox:tran-token");
    assert_eq!(sandbox.postings(), 1);
}

#[tokio::test]
async fn the_control_api_is_there_and_a_connection_is_not() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.stop_clock_at(support::now());
    let next = Request::post("/__sandbox/faults/next")
        .header("content-type", "application/json")
        .body(br#"{"fault": "close-after"}"#.to_vec())
        .unwrap();
    assert_eq!(sandbox.respond(next).await.status(), 200);
    assert!(sandbox.respond(recharge()).await.body().is_empty());
    let log = sandbox.requests();
    assert_eq!(log[0].fault, Some(Fault::CloseAfter));
    assert!(log[0].carried_out);
    assert_eq!(sandbox.postings(), 1);
}
