//! Promise: every operation of the description has a response, after the same checks.

use konaplate::{CallOptions, Client, Encrypted, Operation};
use konaplate_sandbox::{STATEFUL, Sandbox};
use konaplate_spec::{Body, Spec};
use serde_json::{Value, json};

/// The first examples of an operation: a request, and the response to it.
fn examples(spec: &Spec, operation: &Operation) -> (Value, Value) {
    let described = spec.operation(operation.id()).unwrap();
    let first = |body: &Body| body.examples[0].value.clone();
    (first(&described.request), first(&described.response))
}

fn description() -> Spec {
    Spec::from_yaml(konaplate::DESCRIPTION).unwrap()
}

fn stateless() -> impl Iterator<Item = &'static Operation> {
    Operation::all()
        .iter()
        .filter(|operation| !STATEFUL.contains(&operation.id()))
}

async fn ask(client: &Client, operation: &Operation, body: Value, encrypt: Option<bool>) -> Value {
    let mut options = CallOptions::new();
    if let Some(encrypt) = encrypt {
        options = options.encrypt_request(encrypt);
    }
    let call = client.raw(operation.id(), body).options(options);
    match call.send().await {
        Ok(response) => response.expose().clone(),
        Err(error) => panic!("{}: {error}", operation.id()),
    }
}

#[tokio::test]
async fn what_has_no_state_responds_with_its_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let description = description();
    assert_eq!(Operation::all().len(), 86);
    for operation in stateless() {
        let (request, response) = examples(&description, operation);
        let got = ask(&client, operation, request, None).await;
        assert_eq!(got, response, "{}", operation.id());
    }
}

#[tokio::test]
async fn unknown_encryption_is_accepted_both_ways() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let description = description();
    let mut count = 0;
    let unknown = |o: &&Operation| o.request_encrypted() == Encrypted::Unknown;
    for operation in Operation::all().iter().filter(unknown) {
        for encrypt in [false, true] {
            let (request, response) = examples(&description, operation);
            let call = client
                .raw(operation.id(), request)
                .options(CallOptions::new().encrypt_request(encrypt));
            count += 1;
            let got = match call.send().await {
                Ok(got) => got,
                // The state may not be such as the example needs; the encryption was taken.
                Err(error) if STATEFUL.contains(&operation.id()) => {
                    let code = error.code().unwrap().code();
                    assert_ne!(code, "sandbox:encryption", "{}", operation.id());
                    continue;
                }
                Err(error) => panic!("{}: {error}", operation.id()),
            };
            if !STATEFUL.contains(&operation.id()) {
                assert_eq!(*got.expose(), response, "{}", operation.id());
            }
            assert_eq!(got.exchange().request_encrypted(), encrypt);
            // Nobody knows of these responses either: they come as the request did.
            if operation.response_encrypted() == Encrypted::Unknown {
                assert_eq!(
                    got.exchange().response_encrypted(),
                    encrypt,
                    "{}",
                    operation.id()
                );
            }
        }
    }
    assert!(count > 50, "{count}");
}

#[tokio::test]
async fn a_request_that_breaks_its_schema_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let description = description();
    let mut count = 0;
    for operation in Operation::all() {
        let (request, _) = examples(&description, operation);
        for field in request.as_object().unwrap().keys() {
            let mut request = request.clone();
            // No field of the platform is a list of lists.
            request[field] = json!([[]]);
            let error = client
                .raw(operation.id(), request)
                .send()
                .await
                .unwrap_err();
            assert!(error.code().is_some(), "{} {field}", operation.id());
            let response = error.response().unwrap().expose();
            assert_eq!(response["sandbox"]["check"], "schema", "{response}");
            let expected = response["sandbox"]["expected"].as_str().unwrap();
            assert!(expected.starts_with(field.as_str()), "{response}: {field}");
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[tokio::test]
async fn a_success_example_can_be_asked_for_by_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let headers = [(
        "x-sandbox-response".parse().unwrap(),
        "NoActivePlan".parse().unwrap(),
    )];
    let http = reqwest::Client::builder()
        .no_proxy()
        .default_headers(headers.into_iter().collect());
    let client = sandbox.client_builder().http(http).build().unwrap();
    let response = client
        .raw("list_auto_recharge_plans", json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.expose()["parInfoList"], json!([]));
}
