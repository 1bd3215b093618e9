//! Promise: every documented code of every operation comes on demand, and no undocumented one does.

use konaplate::{Delivery, ErrorCode, Operation};
use konaplate_sandbox::Sandbox;
use serde_json::json;

#[tokio::test]
async fn every_documented_code_comes_on_demand() {
    let sandbox = Sandbox::start().await.unwrap();
    for operation in Operation::all() {
        for code in operation.codes() {
            let headers = [(
                "x-sandbox-response".parse().unwrap(),
                code.code().parse().unwrap(),
            )];
            let client = sandbox
                .client_builder()
                .http(
                    reqwest::Client::builder()
                        .no_proxy()
                        .default_headers(headers.into_iter().collect()),
                )
                .build()
                .unwrap();
            let error = client
                .raw(operation.id(), json!({}))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.code(), Some(code), "{}", operation.id());
            assert_ne!(error.delivery(), Delivery::NotSent);
            assert!(
                code.messages()
                    .iter()
                    .any(|message| error.to_string().contains(message))
            );
        }
    }
}

#[tokio::test]
async fn on_demand_by_the_name_of_an_example_and_never_undocumented() {
    let sandbox = Sandbox::start().await.unwrap();
    let ask = async |wanted: &str| {
        let headers = [(
            "x-sandbox-response".parse().unwrap(),
            wanted.parse().unwrap(),
        )];
        let http = reqwest::Client::builder()
            .no_proxy()
            .default_headers(headers.into_iter().collect());
        let client = sandbox.client_builder().http(http).build().unwrap();
        let call = client.get_bank_recharge_result().sequence_id("S");
        call.send().await.unwrap_err()
    };
    let error = ask("PreviousTransactionNotFoundBadParameter").await;
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    let error = ask("006_001").await;
    assert_eq!(error.code().unwrap().code(), "sandbox:response");
}
