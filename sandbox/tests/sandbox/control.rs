//! Promise: the control API responds as its description says, changes what it says it changes, and
//! serves nobody but this machine.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use konaplate::Delivery;
use konaplate::types::BankRechargeResult;
use konaplate_sandbox::Sandbox;
use serde_json::{Value, json};

const DESCRIPTION: &str = include_str!("../../openapi/control.yaml");

fn description() -> Value {
    serde_saphyr::from_str(DESCRIPTION).unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn send(url: &str, method: &str, body: Option<&Value>) -> (u16, String, String) {
    let method = method.to_uppercase().parse().unwrap();
    let mut request = http().request(method, url);
    if let Some(body) = body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    (status, content_type, response.text().await.unwrap())
}

async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Value {
    let url = format!("{}/__sandbox/{path}", sandbox.base_url());
    let (status, _, text) = send(&url, "post", Some(&body)).await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let url = format!("{}/__sandbox/{path}", sandbox.base_url());
    let (status, _, text) = send(&url, "get", None).await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// A schema of OpenAPI 3.0 as one of JSON Schema: `nullable` has to become a choice.
fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut plain: serde_json::Map<String, Value> = members
                .iter()
                .map(|(name, member)| (name.clone(), json_schema(member)))
                .collect();
            if plain.remove("nullable") == Some(Value::Bool(true)) {
                json!({"anyOf": [{"type": "null"}, plain]})
            } else {
                Value::Object(plain)
            }
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

/// Follows a reference, if it is one.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[track_caller]
fn check(
    document: &Value,
    operation: &Value,
    (status, content_type, text): &(u16, String, String),
) {
    let id = &operation["operationId"];
    let response = &operation["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "{id}: {status} is not described: {text}"
    );
    let content = &resolved(document, response)["content"];
    let schema = &content[content_type]["schema"];
    assert!(!schema.is_null(), "{id}: {content_type} is not described");
    let response: Value = match content_type.as_str() {
        "application/json" => serde_json::from_str(text).unwrap(),
        _ => text.as_str().into(),
    };
    let mut root = json_schema(schema);
    if root.get("$ref").is_some() {
        root = json!({"allOf": [root]});
    }
    root["components"] = json_schema(&document["components"]);
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .build(&root)
        .unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&response)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{id}: {errors:?} in {response}");
}

/// Every operation of the control API: path, method, description.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

fn example(operation: &Value) -> Option<&Value> {
    operation.get("requestBody")?;
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    assert!(example.is_object(), "{}", operation["operationId"]);
    Some(example)
}

/// No window and no gift is the one of the example, and no trace is kept.
fn status_of_example(path: &str) -> u16 {
    if ["/windows", "/gifts/refuse", "/trace"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        400
    } else {
        200
    }
}

#[tokio::test]
async fn every_operation_responds_as_it_is_described() {
    let document = description();
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .client()
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    sandbox
        .client()
        .raw("/api/v9/nothing", json!({}))
        .send()
        .await
        .unwrap_err();
    // A callback that waits: nobody listens there.
    sandbox.send_callbacks_to("http://127.0.0.1:9/").unwrap();
    let recharge = json!({"userId": 10_000_000_002_u64, "par": "Q1000000000000000000000002A",
        "amount": 1_000});
    let client = sandbox.client();
    let recharged = client.raw("recharge_by_system", recharge).send().await;
    recharged.unwrap();
    assert_eq!(sandbox.callbacks().len(), 1);
    let operations = operations(&document);
    assert_eq!(operations.len(), 23);
    // In the order of their paths: the reset and the snapshot are the last ones.
    for (path, method, operation) in operations {
        let url = format!("{}{path}", sandbox.base_url());
        let response = send(&url, method, example(operation)).await;
        assert_eq!(response.0, status_of_example(path), "{}", response.2);
        check(&document, operation, &response);
    }
}

#[tokio::test]
async fn traces_are_as_they_are_described() {
    let document = description();
    let sandbox = Sandbox::builder().traces(true).start().await.unwrap();
    let client = sandbox.client();
    let recharge = json!({"userId": 10_000_000_002_u64, "par": "Q1000000000000000000000002A",
        "amount": 1_000});
    let operation = &document["paths"]["/__sandbox/trace"]["get"];
    let get = async |id: &str| {
        let query = format!("/__sandbox/trace?correlationId={id}");
        let url = format!("{}{query}", sandbox.base_url());
        let response = send(&url, "get", None).await;
        check(&document, operation, &response);
        (
            response.0,
            serde_json::from_str::<Value>(&response.2).unwrap(),
        )
    };
    for fault in [
        None,
        Some("close-before"),
        Some("cut-response:3"),
        Some("html:502"),
    ] {
        if let Some(fault) = fault {
            sandbox.fault_next(fault.parse().unwrap()).unwrap();
        }
        let call = client.raw("recharge_by_system", recharge.clone());
        let id = match call.send().await {
            Ok(response) => response.correlation_id(),
            Err(error) => error.correlation_id().unwrap(),
        };
        let (status, body) = get(id.as_str()).await;
        assert_eq!(status, 200);
        let traces: Vec<_> = sandbox
            .traces_of(id)
            .iter()
            .map(|trace| trace.to_json())
            .collect();
        assert_eq!((traces.len(), &body["traces"]), (1, &json!(traces)));
    }
    for wrong in ["260315104512-0000000", "nonsense", ""] {
        let (status, body) = get(wrong).await;
        assert_eq!(status, 400, "{wrong}");
        assert_eq!(body["error"]["field"], "correlationId");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let document = description();
    let sandbox = Sandbox::start().await.unwrap();
    let before = get(&sandbox, "faults").await;
    for (path, body, field) in [
        ("faults/next", json!({}), "fault"),
        ("faults/next", json!({"fault": 1}), "fault"),
        ("faults/next", json!({"fault": "fire"}), "fault"),
        (
            "faults/next",
            json!({"fault": "close-after", "times": 2}),
            "times",
        ),
        ("faults/next", json!([]), "body"),
        (
            "faults/operation",
            json!({"fault": "close-after"}),
            "operation",
        ),
        (
            "faults/operation",
            json!({"operation": "x", "fault": "close-after"}),
            "operation",
        ),
        (
            "faults/rate",
            json!({"rate": 2, "seed": 1, "faults": ["close-after"]}),
            "rate",
        ),
        (
            "faults/rate",
            json!({"rate": 1, "seed": -1, "faults": ["close-after"]}),
            "seed",
        ),
        (
            "faults/rate",
            json!({"rate": 1, "seed": 1, "faults": []}),
            "faults",
        ),
        (
            "faults/rate",
            json!({"rate": 1, "seed": 1, "faults": [{}]}),
            "fault",
        ),
        ("clock/stop", json!({"at": "yesterday"}), "at"),
        ("clock/stop", json!({"at": "1999-12-31T23:59:59Z"}), "at"),
        ("clock/advance", json!({"seconds": 1.5}), "seconds"),
        ("clock/advance", json!({"seconds": u64::MAX}), "seconds"),
        (
            "responses",
            json!({"operation": "get_member", "status": 99, "body": {}}),
            "status",
        ),
        (
            "responses",
            json!({"operation": "get_member", "status": 99_999, "body": {}}),
            "status",
        ),
        (
            "responses",
            json!({"operation": "get_member", "status": 200, "body": "x"}),
            "body",
        ),
        ("reset", json!({"all": true}), "all"),
        ("snapshot", json!({}), "format"),
        ("snapshot", json!({"format": 2, "clock": 5}), "clock"),
    ] {
        let operation = &document["paths"][format!("/__sandbox/{path}")]["post"];
        let url = format!("{}/__sandbox/{path}", sandbox.base_url());
        let response = send(&url, "post", Some(&body)).await;
        assert_eq!(response.0, 400, "{path} {body}");
        check(&document, operation, &response);
        let error: Value = serde_json::from_str(&response.2).unwrap();
        assert_eq!(error["error"]["field"], field, "{path} {body}");
    }
    for query in ["from=x", "from=-1", "to=3"] {
        let url = format!("{}/__sandbox/ledger?{query}", sandbox.base_url());
        let response = send(&url, "get", None).await;
        assert_eq!(response.0, 400, "{query}");
        check(
            &document,
            &document["paths"]["/__sandbox/ledger"]["get"],
            &response,
        );
    }
    assert_eq!(get(&sandbox, "faults").await, before);
    assert_eq!(get(&sandbox, "clock").await["stopped"], false);
}

#[tokio::test]
async fn the_ledger_names_the_call_that_moved_the_money() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    for _ in 0..3 {
        let response = client
            .recharge_by_system()
            .extra("userId", 10_000_000_001_u64)
            .par("Q180BEA3B2F1BBD8410336D66A4")
            .amount(5_000_u64)
            .send()
            .await
            .unwrap();
        let ledger = get(&sandbox, "ledger").await;
        let last = ledger["postings"].as_array().unwrap().last().unwrap();
        assert_eq!(last["correlationId"], response.correlation_id().as_str());
        assert_eq!(
            last["legs"],
            json!([
                {"account": "deposit", "amount": -5_000},
                {"account": "card:Q180BEA3B2F1BBD8410336D66A4", "amount": 5_000},
            ])
        );
    }
    let rest = get(&sandbox, "ledger?from=3").await;
    assert_eq!((&rest["count"], &rest["total"]), (&json!(4), &json!(0)));
    assert_eq!(rest["postings"].as_array().unwrap().len(), 1);
    let card = rest["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|account| account["name"] == "card:Q180BEA3B2F1BBD8410336D66A4");
    assert_eq!(card.unwrap()["balance"], 115_000);
    assert_eq!(card.unwrap()["userId"], 10_000_000_001_u64);
}

#[tokio::test]
async fn a_payment_window_is_decided_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let open = |sequence: &'static str| {
        let client = client.clone();
        async move {
            let token = client
                .issue_one_time_token()
                .card_no("9491330000000024")
                .type_("CREDIT")
                .send()
                .await
                .unwrap();
            let opened = client
                .create_credit_card_recharge()
                .sequence_id(sequence)
                .user_id(10_000_000_002_u64)
                .amount(5_000_u64)
                .one_time_token(&token.one_time_token)
                .dcvv(&token.dcvv)
                .affiliate_id(konaplate_sandbox::fixtures::AFFILIATE_ID)
                .send()
                .await
                .unwrap();
            (opened.correlation_id(), opened.redirect_url.clone())
        }
    };
    let (id, url) = open("W-1").await;
    let decision = json!({"redirectUrl": url, "approve": true});
    let decided = post(&sandbox, "windows", decision.clone()).await;
    assert_eq!(decided, json!({"state": "approved"}));
    let posting = sandbox.ledger().postings.pop().unwrap();
    assert_eq!(posting.correlation_id, Some(id));
    let again = format!("{}/__sandbox/windows", sandbox.base_url());
    assert_eq!(send(&again, "post", Some(&decision)).await.0, 400);

    let (_, url) = open("W-2").await;
    assert_eq!(sandbox.decide_window(&url, false), Ok(false));
    assert_eq!(sandbox.postings(), 1);
    assert!(sandbox.decide_window("nowhere", true).is_err());
}

#[tokio::test]
async fn a_gift_is_refused_once_and_the_card_is_the_senders_again() {
    const PAR: &str = "Q1000000000000000000000101A";
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let give = async || {
        let token = client
            .issue_one_time_token()
            .card_no("9491330000001014")
            .send()
            .await
            .unwrap();
        let request = json!({
            "senderUserId": "10000000001", "receiverPhone": "01000000002", "receiverName": "x",
            "serviceId": konaplate_sandbox::fixtures::GIFT_SERVICE_ID, "amount": 30_000,
            "oneTimeToken": token.one_time_token.expose(), "dcvv": token.dcvv.expose(),
            "locale": "KO",
        });
        let given = client.raw("gift_prepaid_card", request).send().await;
        let given = given.unwrap_or_else(|error| panic!("{error}"));
        json!({"transferId": given.expose()["transferId"]})
    };
    let gift = give().await;
    assert_eq!(sandbox.card_balance(PAR), Some(0));
    post(&sandbox, "gifts/refuse", gift.clone()).await;
    assert_eq!(sandbox.card_balance(PAR), Some(30_000));
    let again = format!("{}/__sandbox/gifts/refuse", sandbox.base_url());
    assert_eq!(send(&again, "post", Some(&gift)).await.0, 400);
    let accept = json!({"userId": 10_000_000_002_u64, "transferId": gift["transferId"]});
    let accepted = client.raw("accept_gifted_card", accept).send().await;
    assert_eq!(accepted.unwrap_err().delivery(), Delivery::EarlierCall);
    // It can be given again.
    give().await;
    assert_eq!((sandbox.postings(), sandbox.ledger_total()), (3, 0));
}

#[tokio::test]
async fn a_form_of_a_web_page_is_not_taken() {
    let document = description();
    let sandbox = Sandbox::start().await.unwrap();
    for (path, method, operation) in operations(&document) {
        if method != "post" {
            continue;
        }
        let response = http()
            .post(format!("{}{path}", sandbox.base_url()))
            .header("content-type", "text/plain")
            .body(example(operation).unwrap().to_string())
            .send()
            .await
            .unwrap();
        let response = (
            response.status().as_u16(),
            "application/json".to_owned(),
            response.text().await.unwrap(),
        );
        assert_eq!(response.0, 415);
        check(&document, operation, &response);
    }
}

#[tokio::test]
async fn a_test_in_any_language_steers_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let ask = || client.get_bank_recharge_result().sequence_id("S-1").send();

    post(
        &sandbox,
        "responses",
        json!({
            "operation": "get_bank_recharge_result", "status": 200,
            "body": {"response": {"code": "000_000", "description": "Success"}, "result": "FAILED"},
        }),
    )
    .await;
    assert_eq!(ask().await.unwrap().result, BankRechargeResult::Failed);
    // One call, and then it is gone.
    assert_eq!(ask().await.unwrap_err().code().unwrap().code(), "007_009");

    post(&sandbox, "faults/next", json!({"fault": "close-before"})).await;
    let error = ask().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);

    post(
        &sandbox,
        "clock/stop",
        json!({"at": "2026-03-15T10:45:12.345+09:00"}),
    )
    .await;
    let clock = post(&sandbox, "clock/advance", json!({"seconds": 3})).await;
    assert_eq!(
        clock,
        json!({"now": "2026-03-15T01:45:15.345Z", "stopped": true})
    );
    ask().await.unwrap_err();

    let log = get(&sandbox, "requests").await;
    let seen: Vec<_> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            json!([
                entry["status"],
                entry["code"],
                entry["carriedOut"],
                entry["fault"]
            ])
        })
        .collect();
    assert_eq!(
        seen,
        [
            json!([200, "000_000", false, null]),
            json!([400, "007_009", false, null]),
            json!([null, null, false, "close-before"]),
            json!([400, "007_009", false, null]),
        ]
    );
    let entry = &log["requests"][2];
    assert_eq!(
        entry["correlationId"],
        error.correlation_id().unwrap().as_str()
    );
    assert_eq!(log["requests"][3]["time"], "2026-03-15T01:45:15.345Z");
}

#[tokio::test]
async fn a_reset_makes_everything_as_it_was() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let par = "Q180BEA3B2F1BBD8410336D66A4";
    let before = (
        sandbox.card_balance(par),
        sandbox.bank_balance(10_000_000_001),
    );
    let token = client
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    client
        .recharge_from_bank_account()
        .sequence_id("S-1")
        .user_id(10_000_000_001_u64)
        .amount(1_000_u64)
        .one_time_token(token.one_time_token.clone())
        .dcvv(token.dcvv.clone())
        .merchant_id(konaplate_sandbox::fixtures::MERCHANTS[0])
        .send()
        .await
        .unwrap();
    assert_ne!(before.0, sandbox.card_balance(par));
    sandbox.advance_clock(Duration::from_secs(86_400));
    post(
        &sandbox,
        "faults/operation",
        json!({"operation": "get_member", "fault": "close-after"}),
    )
    .await;
    post(&sandbox, "reset", json!({})).await;

    assert_eq!(
        before,
        (
            sandbox.card_balance(par),
            sandbox.bank_balance(10_000_000_001)
        )
    );
    assert_eq!(sandbox.requests(), []);
    assert_eq!(
        get(&sandbox, "faults").await,
        json!({"next": [], "operations": {}, "rate": null})
    );
    let now: jiff::Timestamp = get(&sandbox, "clock").await["now"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(now.duration_since(jiff::Timestamp::now()).abs() < jiff::SignedDuration::from_secs(60));
}

#[tokio::test]
async fn other_machines_are_refused_wherever_it_listens() {
    let document = description();
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let sandbox = Sandbox::builder().listen(everywhere).start().await.unwrap();
    // The address that this machine would use to reach another one; nothing is sent for that. Calls
    // to it come from it, and not from the loopback interface.
    let outside = UdpSocket::bind(everywhere).and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Ok(outside) = outside
        .map(|address| address.ip())
        .map_err(drop)
        .and_then(|ip| {
            (!ip.is_loopback() && !ip.is_unspecified())
                .then_some(ip)
                .ok_or(())
        })
    else {
        println!("skipped: this machine has no address but the loopback interface's");
        return;
    };
    let other = format!("http://{outside}:{}", sandbox.address().port());
    for (path, method, operation) in operations(&document) {
        let response = send(&format!("{other}{path}"), method, example(operation)).await;
        assert_eq!(response.0, 403, "{path}");
        check(&document, operation, &response);
        // From here it works.
        let url = format!("{}{path}", sandbox.base_url());
        assert_eq!(
            send(&url, method, example(operation)).await.0,
            status_of_example(path),
            "{path}"
        );
    }
    // The examples scripted a response.
    sandbox.reset();
    // The operations are for everybody.
    let error = sandbox
        .client_builder()
        .base_url(other)
        .build()
        .unwrap()
        .get_bank_recharge_result()
        .sequence_id("S-1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code().unwrap().code(), "007_009");
}

/// A page in a browser on this machine: of a name that its owner lets point here, or of another
/// origin.
#[tokio::test]
async fn a_page_of_somebody_else_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let port = sandbox.address().port();
    let own = format!("http://127.0.0.1:{port}");
    let url = format!("{own}/__sandbox/faults");
    for (host, origin, status) in [
        (format!("127.0.0.1:{port}"), None, 200),
        (format!("localhost:{port}"), None, 200),
        (format!("[::1]:{port}"), None, 200),
        (format!("127.0.0.1:{port}"), Some(own.as_str()), 200),
        (format!("rebound.example:{port}"), None, 403),
        (format!("127.0.0.1.example:{port}"), None, 403),
        (format!("192.0.2.1:{port}"), None, 403),
        (
            format!("127.0.0.1:{port}"),
            Some("https://example.com"),
            403,
        ),
        (format!("127.0.0.1:{port}"), Some("null"), 403),
        (format!("127.0.0.1:{port}"), Some("http://127.0.0.1:1"), 403),
    ] {
        let mut request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(&url)
            .header("host", &host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{host} {origin:?}");
    }
}
