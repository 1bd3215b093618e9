//! Promise: any HTTP client that posts plain JSON to the gateway makes signed and encrypted calls, and
//! is told whether a call that failed may have been carried out.

use konaplate_sandbox::{Fault, HtmlStatus, Sandbox};
use serde_json::json;

use crate::support::{CARD, RECHARGE, Served, Stage, TOKEN, is_problem, settings};

#[tokio::test]
async fn plain_json_becomes_a_signed_and_encrypted_call() {
    let stage = Stage::new().await;
    let token = stage
        .gateway
        .post(TOKEN, json!({ "cardNo": CARD }).to_string())
        .await;
    assert_eq!(token.status, 200, "{}", token.body);
    assert_eq!(token.content_type, "application/json");
    // Encrypted on the wire, plain here; the id is that of the call.
    assert_eq!(token.body["oneTimeToken"].as_str().unwrap().len(), 16);
    let seen = stage.sandbox.requests();
    assert_eq!(seen[0].correlation_id.unwrap().as_str(), token.id);
    let recharged = stage.gateway.recharge("BANK-1").await;
    assert_eq!(recharged.status, 200, "{}", recharged.body);
    assert_eq!(recharged.body["isPending"], false);
    assert_eq!(stage.sandbox.postings(), 1);
}

#[tokio::test]
async fn the_platforms_failures_come_as_it_wrote_them() {
    let stage = Stage::new().await;
    stage.gateway.recharge("BANK-1").await;
    let again = stage.gateway.recharge("BANK-1").await;
    assert_eq!(again.status, 400);
    assert_eq!(again.content_type, "application/json");
    assert_eq!(again.body["response"]["code"], "007_008");
    assert_eq!(again.id.len(), 20);
    // The status is the platform's; what it proves is the description's.
    assert_eq!(again.delivery, "earlier-call");
    assert_eq!(stage.sandbox.postings(), 1);
}

#[tokio::test]
async fn large_ids_arrive_as_they_were_written_or_not_at_all() {
    let stage = Stage::new().await;
    let largest = r#"{"userId":9999999999999999999}"#;
    let member = stage.gateway.post("/api/v1/user/info", largest).await;
    assert_eq!(member.status, 200, "{}", member.body);
    assert_eq!(
        member.body["userInfo"]["userId"],
        9_999_999_999_999_999_999_u64
    );
    let seen = stage.sandbox.requests();
    for body in [
        r#"{"userId":99999999999999999999}"#,
        r#"{"amount":1e400}"#,
        r#"{"amount":0.12345678901234567890}"#,
    ] {
        let refused = stage.gateway.post("/api/v1/user/info", body).await;
        is_problem(&refused, 422, "json", "not-sent");
    }
    assert_eq!(stage.sandbox.requests().len(), seen.len());
}

#[tokio::test]
async fn what_is_no_call_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    for (body, kind) in [
        (&b""[..], "json"),
        (b"[]", "json"),
        (b"{\"a\":1", "json"),
        (b"{\"a\":\"\xB0\xA1\"}", "json"),
        (b"\xEF\xBB\xBF{}", "json"),
        (br#"{"encData":"a.b.c.d.e"}"#, "encrypted"),
    ] {
        let refused = stage.gateway.post(RECHARGE, body.to_vec()).await;
        is_problem(&refused, 422, kind, "not-sent");
    }
    let large = stage
        .gateway
        .post(RECHARGE, vec![b' '; 1024 * 1024 + 1])
        .await;
    is_problem(&large, 413, "body-size", "not-sent");
    let query = stage.gateway.post("/api/v1/user/info?a=1", "{}").await;
    is_problem(&query, 422, "query", "not-sent");
    let path = stage.gateway.post("/api/v1/user/%41", "{}").await;
    is_problem(&path, 422, "invalid-request", "not-sent");
    let url = format!("{}/api/v1/user/info", stage.gateway.url);
    let got = stage.gateway.send(stage.gateway.http.get(&url)).await;
    is_problem(&got, 405, "method", "not-sent");
    assert_eq!(got.allow, "POST");
    let root = stage.gateway.post("/", "{}").await;
    is_problem(&root, 404, "no-path", "not-sent");
    assert!(stage.sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_failure_on_the_way_says_whether_the_call_may_have_been_carried_out() {
    let sandbox = Sandbox::start().await.unwrap();
    // Taken and given back: nobody listens there now.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let client = sandbox.client_builder().base_url(nowhere).build().unwrap();
    let gateway = Served::with(settings(), client);
    let refused = gateway.post("/api/v1/unknown", "{}").await;
    is_problem(&refused, 502, "no-connection", "not-sent");
    assert_eq!(refused.body["correlationId"], refused.id);

    let stage = Stage::new().await;
    let html = Fault::Html {
        status: HtmlStatus::BadGateway,
        carried_out: true,
    };
    for (fault, kind) in [
        (Fault::CloseBefore, "unexpected-response"),
        (Fault::CloseAfter, "unexpected-response"),
        (html, "unexpected-response"),
    ] {
        let body = stage.gateway.recharge_of("BANK-1").await;
        stage.sandbox.fault_next(fault).unwrap();
        let lost = stage.gateway.post(RECHARGE, body.clone()).await;
        is_problem(&lost, 502, kind, "maybe-processed");
        assert_eq!(lost.body["correlationId"], lost.id);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let token = body["oneTimeToken"].as_str().unwrap();
        assert!(!lost.body.to_string().contains(token));
    }
}

#[tokio::test]
async fn it_ends_when_the_calls_under_way_have_ended() {
    let stage = Stage::new().await;
    let health = stage
        .gateway
        .http
        .get(format!("{}/healthz", stage.gateway.url));
    assert_eq!(health.send().await.unwrap().text().await.unwrap(), "ok\n");
    let recharged = stage.gateway.recharge("BANK-1").await;
    assert_eq!(recharged.status, 200);
    stage.gateway.stop.gracefully();
    // Its connection that is kept alive ends, too.
    stage.gateway.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_is_checked_against_the_description_and_its_unknown_fields_are_kept() {
    let stage = Stage::new().await;
    let wrong = stage
        .gateway
        .post(TOKEN, r#"{"cardNo":"1","new":"x"}"#)
        .await;
    is_problem(&wrong, 422, "invalid-request", "not-sent");
    assert_eq!(wrong.body["detail"], "cardNo: at least 16 characters");
    let missing = stage.gateway.post(TOKEN, "{}").await;
    is_problem(&missing, 422, "invalid-request", "not-sent");
    assert_eq!(missing.body["detail"], "cardNo: is required");
    assert!(stage.sandbox.requests().is_empty());
    // The sandbox, which knows the whole of this request, sees the field.
    let body = json!({"cardNo": CARD, "new": "x"}).to_string();
    let kept = stage.gateway.post(TOKEN, body).await;
    assert_eq!(kept.status, 400);
    let description = kept.body["response"]["description"].as_str().unwrap();
    assert!(description.starts_with("new: "), "{description}");
    assert_eq!(stage.sandbox.requests().len(), 1);
}

#[tokio::test]
async fn without_validation_the_platform_says_what_is_wrong() {
    let mut unchecked = settings();
    unchecked.validates = false;
    let stage = Stage::set_up(unchecked).await;
    let wrong = stage.gateway.post(TOKEN, "{}").await;
    assert_eq!(wrong.status, 400);
    assert_eq!(stage.sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_path_that_nobody_described_is_signed_and_sent() {
    let stage = Stage::new().await;
    let unknown = stage.gateway.post("/api/v9/new", r#"{"a":1}"#).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.body["response"]["code"], "sandbox:path");
    assert_eq!(unknown.delivery, "maybe-processed");
}

#[tokio::test]
async fn the_callers_own_correlation_id_is_that_of_the_call() {
    let stage = Stage::new().await;
    let body = json!({ "cardNo": CARD }).to_string();
    let call = |id: &str| {
        let request = stage.gateway.request(TOKEN, body.clone());
        stage
            .gateway
            .send(request.header("x-km-correlation-id", id))
    };
    let token = call("260315104512-5b76c99").await;
    assert_eq!(
        (token.status, token.id.as_str()),
        (200, "260315104512-5b76c99")
    );
    for id in ["", "260315104512-5B76C99", "260315104512-5b76c9"] {
        is_problem(&call(id).await, 422, "correlation-id", "not-sent");
    }
}

#[tokio::test]
async fn headers_of_the_sandbox_go_to_its_own_sandbox_only() {
    let mut its_own = settings();
    its_own.to_its_sandbox = true;
    let body = json!({ "cardNo": CARD }).to_string();
    for (settings, status) in [(its_own, 400), (settings(), 422)] {
        let stage = Stage::set_up(settings).await;
        let request = stage.gateway.request(TOKEN, body.clone());
        let request = request.header("x-sandbox-fault", "unknown-code");
        let received = stage.gateway.send(request).await;
        if status == 400 {
            assert_eq!(received.body["response"]["code"], "999_999");
            assert_eq!(received.delivery, "maybe-processed");
        } else {
            is_problem(&received, status, "sandbox-header", "not-sent");
            assert!(stage.sandbox.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn no_form_of_a_page_gets_through() {
    let stage = Stage::new().await;
    let body = json!({ "cardNo": CARD }).to_string();
    let url = format!("{}{TOKEN}", stage.gateway.url);
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        let form = stage.gateway.http.post(&url).body(body.clone());
        let received = stage
            .gateway
            .send(form.header("content-type", content_type))
            .await;
        is_problem(&received, 415, "content-type", "not-sent");
    }
    let page = stage
        .gateway
        .request(TOKEN, body)
        .header("origin", "http://127.0.0.1:8788");
    is_problem(&stage.gateway.send(page).await, 403, "origin", "not-sent");
    assert!(stage.sandbox.requests().is_empty());
}
