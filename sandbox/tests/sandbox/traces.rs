//! Promise: a trace shows a call step by step, as it was; there is none where nobody asked for one.

use konaplate::CorrelationId;
use konaplate::protocol::{MessageForm, SigningKey, TranToken, headers};
use konaplate_sandbox::trace::{Checked, Text, Trace};
use konaplate_sandbox::{Fault, Sandbox, SandboxBuilder, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, PAR, USER, now, signed_request};

fn traced() -> SandboxBuilder {
    Sandbox::builder().traces(true)
}

fn recharge() -> Value {
    json!({"userId": USER, "par": PAR, "amount": 500})
}

/// Calls with a fault, or without, and returns the id of the call.
async fn recharged(sandbox: &Sandbox, fault: Option<Fault>) -> CorrelationId {
    if let Some(fault) = fault {
        sandbox.fault_next(fault).unwrap();
    }
    let client = sandbox.client();
    match client.raw("recharge_by_system", recharge()).send().await {
        Ok(response) => response.correlation_id(),
        Err(error) => error.correlation_id().unwrap(),
    }
}

/// Sends a request to a sandbox whose clock stands, and returns the one trace of it.
async fn trace_of(sandbox: &Sandbox, request: http::Request<Vec<u8>>) -> Trace {
    sandbox.stop_clock_at(now());
    let response = sandbox.respond(request).await;
    let id = response.headers()[headers::CORRELATION_ID]
        .to_str()
        .unwrap();
    let traces = sandbox.traces_of(id.parse().unwrap());
    let [trace] = traces.try_into().unwrap();
    trace
}

fn text(text: Option<&Text>) -> &str {
    text.and_then(Text::as_str).unwrap()
}

fn json_of(body: Option<&Text>) -> Value {
    serde_json::from_str(text(body)).unwrap()
}

/// How many checks were passed, the one that failed, and how many were not made.
fn checks(trace: &Trace) -> (usize, Option<&Checked>, usize) {
    let checks = &trace.verify.checks;
    let passed = checks.iter().take_while(|check| check.passed == Some(true));
    let failed = checks.iter().find(|check| check.passed == Some(false));
    let not_made = checks
        .iter()
        .rev()
        .take_while(|check| check.passed.is_none());
    let counts = (passed.count(), failed, not_made.count());
    let all = counts.0 + usize::from(failed.is_some()) + counts.2;
    assert_eq!(all, checks.len(), "{checks:?}");
    counts
}

#[tokio::test]
async fn a_success_is_traced_from_the_request_to_the_response() {
    let sandbox = traced().start().await.unwrap();
    let id = recharged(&sandbox, None).await;
    let [trace] = sandbox.traces_of(id).try_into().unwrap();
    assert_eq!(trace.correlation_id, Some(id));
    assert_eq!(trace.operation, Some("recharge_by_system"));

    let request = &trace.request;
    assert_eq!(request.method, "POST");
    let operation = konaplate::Operation::find("recharge_by_system").unwrap();
    assert_eq!(request.path, operation.path());
    assert_eq!(json_of(request.body.as_ref()), recharge());
    let access_key = request
        .headers
        .iter()
        .find(|header| header.name == "x-km-access-key");
    assert_eq!(
        text(access_key.map(|header| &header.value)),
        fixtures::ACCESS_KEY
    );

    assert_eq!(checks(&trace), (trace.verify.checks.len(), None, 0));
    let signed = trace.verify.signed.as_ref().unwrap();
    assert_eq!(signed.form, MessageForm::RawBody);
    assert_eq!(Some(&signed.message), request.body.as_ref());

    let execute = &trace.execute;
    assert_eq!(execute.correlation_id, Some(id));
    assert_eq!(
        (execute.encrypted, &execute.request),
        (Some(false), &request.body)
    );
    assert_eq!(
        (execute.code.as_deref(), execute.carried_out),
        (Some("000_000"), true)
    );
    assert_eq!(execute.fault, None);
    let posted = execute.postings.as_ref().unwrap();
    assert_eq!(posted.numbers, 1..2);
    assert_eq!(posted.postings, sandbox.ledger().postings[1..]);

    let sent = trace.render.sent.as_ref().unwrap();
    assert_eq!(sent.status, Some(200));
    assert_eq!(trace.render.encrypted, Some(false));
    assert_eq!(sent.body, trace.render.body);
    assert_eq!(json_of(sent.body.as_ref())["response"]["code"], "000_000");
    let names: Vec<_> = sent
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect();
    assert_eq!(names, ["content-type", "x-km-correlation-id"]);
}

#[tokio::test]
async fn the_check_that_failed_is_named_and_no_later_one_was_made() {
    let sandbox = traced().start().await.unwrap();
    // Signed, and then changed.
    let mut request = signed_request("recharge_by_system", &recharge());
    *request.body_mut() = json!({"userId": USER, "par": PAR, "amount": 5_000})
        .to_string()
        .into_bytes();
    let trace = trace_of(&sandbox, request).await;
    let (passed, failed, not_made) = checks(&trace);
    let failed = failed.unwrap();
    assert_eq!((passed, failed.name, not_made), (10, "signature", 9));
    let expected = failed.expected.as_ref().unwrap();
    assert!(
        expected.starts_with("the token must be HMAC-SHA256"),
        "{expected}"
    );
    assert!(trace.verify.signed.is_some());
    assert_eq!(trace.execute.request, None);
    assert_eq!(trace.execute.encrypted, None);
    assert_eq!(trace.execute.postings, None);
    assert_eq!(trace.execute.code.as_deref(), Some("sandbox:tran-token"));
    let sent = trace.render.sent.as_ref().unwrap();
    assert_eq!(sent.status, Some(401));
    let refused = trace.to_json();
    assert_eq!(refused["verify"]["checks"][10]["passed"], false);
    assert!(refused["verify"]["checks"][11].get("passed").is_none());

    // Before the token is looked at, nothing is said of it.
    let mut request = signed_request("recharge_by_system", &recharge());
    request.headers_mut().remove(headers::TRAN_TOKEN);
    request.headers_mut().remove(headers::TRAN_TIME);
    let trace = trace_of(&sandbox, request).await;
    assert_eq!(checks(&trace).1.unwrap().name, "tran-token");
    assert_eq!(trace.verify.signed, None);
}

#[tokio::test]
async fn each_step_may_be_the_one_that_fails() {
    let sandbox = traced().start().await.unwrap();
    let request = || signed_request("recharge_by_system", &recharge());
    let with = |name: &'static str, value: &'static str| {
        let mut request = request();
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let mut elsewhere = request();
    *elsewhere.uri_mut() = "/api/v1/nowhere".parse().unwrap();
    let mut get = request();
    *get.method_mut() = http::Method::GET;
    let mut large = request();
    *large.body_mut() = vec![b' '; 1024 * 1024 + 1];
    let again = request();
    assert_eq!(checks(&trace_of(&sandbox, again.clone()).await).1, None);
    let inquiry = |body: Value| signed_request("get_bank_recharge_result", &body);
    for (request, name, code) in [
        (with("x-sandbox-fault", "fire"), "fault", "sandbox:fault"),
        (elsewhere, "path", "sandbox:path"),
        (get, "method", "sandbox:method"),
        (large, "body", "sandbox:body-size"),
        (
            with("x-km-correlation-id", "1"),
            "correlation-id",
            "sandbox:correlation-id",
        ),
        (with("x-km-user-aspid", "1"), "asp-id", "sandbox:asp-id"),
        (
            with("x-km-access-key", "1"),
            "access-key",
            "sandbox:access-key",
        ),
        (
            with("x-km-time-zone", "CET"),
            "time-zone",
            "sandbox:time-zone",
        ),
        (
            with("x-km-tran-token", "1"),
            "tran-token",
            "sandbox:tran-token",
        ),
        (
            with("x-km-tran-time", "1"),
            "tran-time",
            "sandbox:tran-time",
        ),
        (
            with("x-km-time-zone", "UTC"),
            "call-time",
            "sandbox:tran-time",
        ),
        (
            with("content-type", "text/plain"),
            "content-type",
            "sandbox:content-type",
        ),
        (
            signed_request("recharge_by_system", &json!([])),
            "json",
            "sandbox:json",
        ),
        (
            signed_request("issue_one_time_token", &json!({})),
            "encryption",
            "sandbox:encryption",
        ),
        (
            with("x-sandbox-response", "1"),
            "response",
            "sandbox:response",
        ),
        (inquiry(json!({})), "schema", "000_002"),
        (inquiry(json!({"sequenceId": "S"})), "state", "007_009"),
    ] {
        let trace = trace_of(&sandbox, request).await;
        let failed = checks(&trace).1.map(|check| check.name);
        assert_eq!(failed, Some(name), "{code}");
        assert_eq!(trace.execute.code.as_deref(), Some(code), "{name}");
        assert_eq!(trace.request.body.is_none(), name == "body");
    }

    // The same id again, which then has two traces.
    let id: CorrelationId = again.headers()[headers::CORRELATION_ID]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    sandbox.respond(again).await;
    let [first, second] = sandbox.traces_of(id).try_into().unwrap();
    assert!(first.execute.carried_out && !second.execute.carried_out);
    assert_eq!(checks(&second).1.unwrap().name, "fresh-id");
}

#[tokio::test]
async fn of_an_encrypted_call_there_are_both_the_plain_and_the_wire() {
    let sandbox = traced().start().await.unwrap();
    let client = sandbox.client();
    let body = json!({"cardNo": CARD});
    let response = client
        .raw("issue_one_time_token", body.clone())
        .send()
        .await;
    let response = response.unwrap();
    let [trace] = sandbox
        .traces_of(response.correlation_id())
        .try_into()
        .unwrap();

    assert_eq!(trace.execute.encrypted, Some(true));
    assert_eq!(text(trace.execute.request.as_ref()), body.to_string());
    let wire = json_of(trace.request.body.as_ref());
    assert!(wire["encData"].is_string() && wire.get("cardNo").is_none());
    // What is signed is what is sent.
    let signed = trace.verify.signed.as_ref().unwrap();
    assert_eq!(Some(&signed.message), trace.request.body.as_ref());

    assert_eq!(trace.render.encrypted, Some(true));
    assert_eq!(&json_of(trace.render.body.as_ref()), response.expose());
    let sent = trace.render.sent.as_ref().unwrap();
    assert!(json_of(sent.body.as_ref())["encData"].is_string());
    assert!(
        sent.headers
            .iter()
            .any(|header| header.name == "x-km-crypto-key-id")
    );
}

#[tokio::test]
async fn of_a_response_that_never_went_out_it_says_so() {
    let sandbox = traced().start().await.unwrap();
    let id = recharged(&sandbox, Some(Fault::CloseAfter)).await;
    let [trace] = sandbox.traces_of(id).try_into().unwrap();
    assert_eq!(trace.execute.fault, Some(Fault::CloseAfter));
    assert!(trace.execute.carried_out);
    assert_eq!(
        json_of(trace.render.body.as_ref())["response"]["code"],
        "000_000"
    );
    assert_eq!(trace.render.sent, None);

    let id = recharged(&sandbox, Some(Fault::CloseBefore)).await;
    let [trace] = sandbox.traces_of(id).try_into().unwrap();
    let checked = checks(&trace);
    assert_eq!((checked.0, checked.1), (1, None));
    assert_eq!((&trace.execute.code, &trace.render.body), (&None, &None));

    let id = recharged(&sandbox, Some(Fault::CutResponse { bytes: 20 })).await;
    let [trace] = sandbox.traces_of(id).try_into().unwrap();
    let sent = trace.render.sent.unwrap();
    assert_eq!((sent.status, sent.body), (Some(200), None));
}

#[tokio::test]
async fn each_delivery_has_a_trace() {
    let sandbox = traced().start().await.unwrap();
    let id = recharged(&sandbox, Some(Fault::DuplicatedRequest)).await;
    let [first, second] = sandbox.traces_of(id).try_into().unwrap();
    assert_eq!(first.request, second.request);
    assert_eq!(first.render.sent, None);
    assert!(second.render.sent.is_some());
    let numbers = |trace: &Trace| trace.execute.postings.as_ref().unwrap().numbers.clone();
    assert_eq!(numbers(&first), 1..2);
    assert_eq!(numbers(&second).start, 2);

    let id = recharged(&sandbox, Some(Fault::DuplicatedRequestNewId)).await;
    let [first, second] = sandbox.traces_of(id).try_into().unwrap();
    assert_eq!(first.execute.correlation_id, Some(id));
    let other = second.execute.correlation_id.unwrap();
    assert_ne!(other, id);
    assert_eq!(sandbox.traces_of(other), [second]);

    let id = recharged(&sandbox, Some(Fault::HoldRequest)).await;
    let [held] = sandbox.traces_of(id).try_into().unwrap();
    assert_eq!((checks(&held).1, checks(&held).2), (None, 1));
    assert_eq!((held.execute.postings, held.execute.code), (None, None));
    assert_eq!((held.render.body, held.render.sent), (None, None));
    assert_eq!(sandbox.deliver_held(), 1);
    let [_, delivered] = sandbox.traces_of(id).try_into().unwrap();
    assert!(delivered.execute.carried_out);
    assert_eq!(delivered.execute.fault, Some(Fault::HoldRequest));
    assert_eq!(numbers(&delivered).len(), 1);
}

#[tokio::test]
async fn a_scripted_response_comes_before_the_fields() {
    let sandbox = traced().start().await.unwrap();
    let body = json!({"response": {"code": "000_000", "description": "Success"}});
    sandbox
        .script_response("recharge_by_system", 200, body)
        .unwrap();
    let trace = trace_of(&sandbox, signed_request("recharge_by_system", &json!({}))).await;
    let (_, failed, not_made) = checks(&trace);
    assert_eq!((failed, not_made), (None, 2));
    assert_eq!(trace.execute.postings, None);
}

#[tokio::test]
async fn the_message_is_what_this_sandbox_expects_to_be_signed() {
    let form = MessageForm::Base64Body;
    let sandbox = traced().message_form(form).start().await.unwrap();
    let client = sandbox.client_builder().message_form(form).build().unwrap();
    let response = client.raw("recharge_by_system", recharge()).send().await;
    let id = response.unwrap().correlation_id();
    let [trace] = sandbox.traces_of(id).try_into().unwrap();
    let signed = trace.verify.signed.unwrap();
    assert_eq!(signed.form, form);
    let header = |name: &str| {
        let header = trace
            .request
            .headers
            .iter()
            .find(|header| header.name == name);
        text(header.map(|header| &header.value))
    };
    // Whoever signs the message gets the token.
    let token: TranToken = header("x-km-tran-token").parse().unwrap();
    let key = SigningKey::new(fixtures::SECRET_KEY).unwrap();
    let message = signed.message.as_bytes();
    assert!(token.verify(&key, message, MessageForm::RawBody));
}

#[tokio::test]
async fn what_a_caller_sent_stays_a_value_of_json() {
    const MARKUP: &str = "</script><script>alert(\"1\")</script>";
    let sandbox = traced().start().await.unwrap();
    sandbox.stop_clock_at(now());
    let mut request = signed_request("get_bank_recharge_result", &json!({"sequenceId": MARKUP}));
    let own = request.headers_mut();
    own.append("x-odd", MARKUP.parse().unwrap());
    own.append("x-odd", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let id = request.headers()[headers::CORRELATION_ID]
        .to_str()
        .unwrap()
        .to_owned();
    let sent = request.body().clone();
    sandbox.respond(request).await;

    let path = format!("/__sandbox/trace?correlationId={id}");
    let request = http::Request::get(path).body(Vec::new()).unwrap();
    let response = sandbox.respond(request).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let request = &body["traces"][0]["request"];
    assert_eq!(
        request["body"],
        json!({"text": String::from_utf8(sent).unwrap()})
    );
    let odd: Vec<_> = request["headers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|header| header["name"] == "x-odd")
        .collect();
    assert_eq!(odd[0], &json!({"name": "x-odd", "value": MARKUP}));
    assert_eq!(odd[1], &json!({"name": "x-odd", "base64": "/w=="}));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_base64() {
    let sandbox = traced().start().await.unwrap();
    let mut request = signed_request("recharge_by_system", &recharge());
    *request.body_mut() = b"\xff\x00".to_vec();
    let trace = trace_of(&sandbox, request).await;
    assert_eq!(trace.request.body.as_ref().unwrap().as_str(), None);
    assert_eq!(
        trace.to_json()["request"]["body"],
        json!({"base64": "/wA="})
    );
}

#[tokio::test]
async fn debug_shows_nothing_of_what_came() {
    let sandbox = traced().start().await.unwrap();
    let client = sandbox.client();
    let response = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    let shown = format!("{:?}", sandbox.traces_of(response.correlation_id()));
    for secret in [
        CARD,
        "encData",
        "oneTimeToken",
        fixtures::ACCESS_KEY,
        "KMV1",
        "000_000_000",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let mut request = signed_request("recharge_by_system", &recharge());
    *request.uri_mut() = format!("/api/v1/{CARD}?{CARD}").parse().unwrap();
    let trace = trace_of(&sandbox, request).await;
    assert!(trace.request.path.contains(CARD));
    assert!(!format!("{trace:?}").contains(CARD));
}

#[tokio::test]
async fn without_asking_for_them_there_are_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let id = recharged(&sandbox, None).await;
    assert_eq!(sandbox.traces_of(id), []);

    let sandbox = traced().start().await.unwrap();
    let id = recharged(&sandbox, None).await;
    assert_eq!(sandbox.traces_of(id).len(), 1);
    sandbox.reset();
    assert_eq!(sandbox.traces_of(id), []);
}
