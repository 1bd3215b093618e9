//! Promise: whatever is refused, and wherever, gets an envelope that says what was expected, with the
//! correlation id of the request or one that was made, and is in the log.

use konaplate::CorrelationId;
use konaplate_sandbox::Sandbox;
use serde_json::json;

use crate::raw::{PLAIN, PLAIN_BODY, Parts, Raw, Reply, started};

const LIMIT: usize = 1024 * 1024;

/// Sends bytes and the end of them, and reads the response, which is the last one.
async fn told(sandbox: &Sandbox, bytes: impl AsRef<[u8]>) -> Reply {
    let mut raw = Raw::open(sandbox).await;
    raw.send_what_goes(bytes).await;
    let reply = raw.reply().await;
    assert_eq!(reply.header("connection"), Some("close"), "{}", reply.head);
    assert_eq!(raw.rest().await, b"", "nothing comes after it");
    reply
}

/// The log's last entry is this refusal.
fn is_logged(sandbox: &Sandbox, reply: &Reply, id: Option<CorrelationId>) {
    let log = sandbox.requests();
    let entry = log.last().unwrap();
    assert_eq!(entry.status, Some(reply.status));
    assert_eq!(
        entry.code.as_deref(),
        reply.json()["response"]["code"].as_str()
    );
    assert_eq!(entry.correlation_id, id);
    assert!(!entry.carried_out);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_whether_its_length_is_named_or_not() {
    let sandbox = started().await;
    let request = Parts::plain();
    let head = request.head();
    let large = "a".repeat(LIMIT + 1);
    let chunks = format!("{:x}\r\n{large}\r\n0\r\n\r\n", LIMIT + 1);
    for rest in [
        // Nothing has to come of it.
        format!("content-length: {}\r\n\r\n", LIMIT + 1),
        format!("content-length: {}\r\n\r\n{large}", LIMIT + 1),
        // Much more comes than is read.
        format!("content-length: {}\r\n\r\n{}", 8 * LIMIT, large.repeat(7)),
        format!("transfer-encoding: chunked\r\n\r\n{chunks}"),
        // Who asks first is not told to go on.
        format!(
            "content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            LIMIT + 1
        ),
    ] {
        let reply = told(&sandbox, format!("{head}{rest}")).await;
        assert_eq!(reply.status, 413);
        let (check, expected) = reply.refusal();
        assert_eq!(check, "body-size");
        assert_eq!(expected, "the body must have at most 1048576 bytes");
        assert_eq!(reply.id(), request.id());
        is_logged(&sandbox, &reply, Some(request.id()));
    }
    // One byte less is read, and found to be no JSON.
    let reply = Parts::new(PLAIN, "a".repeat(LIMIT)).send(&sandbox).await;
    assert_eq!((reply.status, &*reply.refusal().0), (400, "json"));
}

#[tokio::test]
async fn a_body_that_is_not_framed_as_it_should_be_is_told_so() {
    let sandbox = started().await;
    let request = Parts::plain();
    let head = request.head();
    for chunks in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "\r\n{}\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}more\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "2\n{}\n0\n\n",
    ] {
        let reply = told(
            &sandbox,
            format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}"),
        )
        .await;
        assert_eq!(reply.status, 400);
        let (check, expected) = reply.refusal();
        assert_eq!(check, "body", "{chunks:?}");
        assert!(expected.contains("in chunks"), "{chunks:?}: {expected}");
        assert_eq!(reply.id(), request.id());
        is_logged(&sandbox, &reply, Some(request.id()));
    }
    // Chunks that are as they should be.
    let mut raw = Raw::open(&sandbox).await;
    let chunks = "9\r\n{\"sequenc\r\n9;x=y\r\neId\":\"S\"}\r\n0\r\n\r\n";
    raw.send(format!(
        "{}transfer-encoding: chunked\r\n\r\n{chunks}",
        Parts::plain().head()
    ))
    .await;
    assert_eq!(raw.reply().await.json()["response"]["code"], "007_009");
}

#[tokio::test]
async fn a_request_that_ends_before_its_end_is_told_so() {
    let sandbox = started().await;
    let request = Parts::plain();
    let head = request.head();
    for (bytes, check, id) in [
        (
            format!("{head}content-length: 18\r\n\r\n{{\"sequ"),
            "body",
            Some(request.id()),
        ),
        (
            format!("{head}transfer-encoding: chunked\r\n\r\n12\r\n{{\"sequ"),
            "body",
            Some(request.id()),
        ),
        (
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            "body",
            Some(request.id()),
        ),
        (head.clone(), "http", None),
        ("POST".to_owned(), "http", None),
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(&bytes).await;
        raw.end().await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, 400, "{bytes}");
        let (found, expected) = reply.refusal();
        assert_eq!(found, check, "{bytes}");
        assert!(expected.contains("ended before its end"), "{expected}");
        assert!(id.is_none_or(|id| id == reply.id()));
        is_logged(&sandbox, &reply, id);
    }
    // A connection on which nothing came says nothing.
    let mut raw = Raw::open(&sandbox).await;
    raw.end().await;
    assert_eq!(raw.rest().await, b"");
    // Who has said all may still read.
    let mut raw = Raw::open(&sandbox).await;
    raw.send(Parts::plain().bytes()).await;
    raw.end().await;
    assert_eq!(raw.reply().await.json()["response"]["code"], "007_009");
}

#[tokio::test]
async fn another_method_is_405_and_told_which_one_is_allowed() {
    let sandbox = started().await;
    let path = konaplate::Operation::find(PLAIN).unwrap().path();
    for method in [
        "GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "post",
    ] {
        let request = Parts::plain().line(format!("{method} {path} HTTP/1.1"));
        let reply = request.send(&sandbox).await;
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.header("allow"), Some("POST"));
        let (check, expected) = reply.refusal();
        assert_eq!(
            (&*check, &*expected),
            ("method", "every operation is a POST")
        );
        assert_eq!(reply.id(), request.id());
        is_logged(&sandbox, &reply, Some(request.id()));
    }
    // A response to HEAD has no body.
    let mut raw = Raw::open(&sandbox).await;
    raw.send(Parts::plain().line(format!("HEAD {path} HTTP/1.1")).bytes())
        .await;
    let head = raw.head().await;
    assert_eq!((head.status, head.header("allow")), (405, Some("POST")));
    raw.send(Parts::plain().bytes()).await;
    assert_eq!(raw.reply().await.json()["response"]["code"], "007_009");
}

#[tokio::test]
async fn an_unknown_path_is_404_whatever_else_is_wrong() {
    let sandbox = started().await;
    for line in [
        "POST / HTTP/1.1",
        "GET /api/v1/nowhere HTTP/1.1",
        "POST /api/v1/user/info/ HTTP/1.1",
        "POST //api/v1/user/info HTTP/1.1",
        "POST /%ff HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "POST http://sandbox/api/v1/nowhere HTTP/1.1",
        "CONNECT sandbox:443 HTTP/1.1",
        "POST /api/v1/nowhere HTTP/1.0",
    ] {
        let request = Parts::plain().line(line);
        let reply = request.send(&sandbox).await;
        assert_eq!(reply.status, 404, "{line}");
        assert_eq!(reply.refusal().0, "path");
        assert_eq!(reply.id(), request.id());
        is_logged(&sandbox, &reply, Some(request.id()));
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_told_the_limits() {
    let sandbox = started().await;
    let many: String = (0..93).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = "a".repeat(64 * 1024);
    for bytes in [
        format!("{}x-long: {long}\r\n\r\n", Parts::plain().head()),
        // It is found out before it is all there.
        format!("{}x-long: {long}", Parts::plain().head()),
        // Much more comes than is read.
        format!(
            "{}x-long: {}\r\n\r\n",
            Parts::plain().head(),
            long.repeat(40)
        ),
        // With these, 102.
        format!("{}{many}\r\n", Parts::plain().head()),
        format!("POST /{long} HTTP/1.1\r\nhost: sandbox\r\n\r\n"),
    ] {
        let reply = told(&sandbox, &bytes).await;
        assert_eq!(reply.status, 431);
        let (check, expected) = reply.refusal();
        assert_eq!(check, "head-size");
        assert_eq!(
            expected,
            "the head of a request must have at most 65536 bytes and 100 headers"
        );
        reply.id();
        is_logged(&sandbox, &reply, None);
    }
    // What is within the limits is taken.
    let mut request = Parts::plain().and("x-long", &"a".repeat(60 * 1024));
    for n in 0..89 {
        request = request.and(&format!("x-{n}"), "1");
    }
    assert_eq!(request.headers.len() + 1, 100);
    let reply = request.send(&sandbox).await;
    assert_eq!(reply.json()["response"]["code"], "007_009");
}

#[tokio::test]
async fn what_is_no_http_request_is_told_so() {
    let sandbox = started().await;
    let path = konaplate::Operation::find(PLAIN).unwrap().path();
    let with = |header: &str| format!("POST {path} HTTP/1.1\r\nhost: sandbox\r\n{header}\r\n\r\n");
    for bytes in [
        "GARBAGE\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}".to_owned(),
        format!("POST  {path} HTTP/1.1\r\n\r\n"),
        format!("POST {path} HTTP/3.0\r\n\r\n"),
        format!("POST {path} HTTP/2\r\n\r\n"),
        format!("POST {path}\r\n\r\n"),
        "POST /a b HTTP/1.1\r\n\r\n".to_owned(),
        with("no colon"),
        with("a name: 1"),
        with(": 1"),
        with("x-nul: a\0b"),
        with("x-folded: a\r\n b"),
        with("content-length: abc"),
        with("content-length: -1"),
        with("content-length: 1\r\ncontent-length: 2"),
        with("content-length: 99999999999999999999999"),
        with("transfer-encoding: gzip"),
        with("transfer-encoding: chunked, gzip"),
    ] {
        let reply = told(&sandbox, &bytes).await;
        assert_eq!(reply.status, 400, "{bytes:?}");
        let (check, expected) = reply.refusal();
        assert_eq!(check, "http", "{bytes:?}");
        let rule = "the head must be one of an HTTP/1.1 request: ";
        assert!(expected.starts_with(rule), "{expected}");
        reply.id();
        is_logged(&sandbox, &reply, None);
    }
}

#[tokio::test]
async fn what_comes_after_a_good_request_on_its_connection_is_refused_alone() {
    let sandbox = started().await;
    let mut raw = Raw::open(&sandbox).await;
    // In one piece: the second is read while the first is responded to.
    raw.send([Parts::plain().bytes(), b"GARBAGE\r\n\r\n".to_vec()].concat())
        .await;
    assert_eq!(raw.reply().await.json()["response"]["code"], "007_009");
    assert_eq!(raw.reply().await.refusal().0, "http");
    assert_eq!(raw.rest().await, b"");
    // After a response that a fault repeats, too.
    let mut raw = Raw::open(&sandbox).await;
    raw.send(
        Parts::plain()
            .and("x-sandbox-fault", "duplicated-response")
            .bytes(),
    )
    .await;
    for _ in 0..2 {
        assert_eq!(raw.reply().await.json()["response"]["code"], "007_009");
    }
    raw.send("GARBAGE\r\n\r\n").await;
    assert_eq!(raw.reply().await.refusal().0, "http");
}

#[tokio::test]
async fn a_request_without_a_body_is_told_what_it_lacks() {
    let sandbox = started().await;
    let request = Parts::new(PLAIN, "");
    for end in [
        "\r\n",
        "content-length: 0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "expect: 100-continue\r\n\r\n",
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(format!("{}{end}", request.head())).await;
        let reply = raw.reply().await;
        assert_eq!(
            reply.refusal(),
            (
                "json".to_owned(),
                "the body must be a JSON object in UTF-8: it is empty".to_owned()
            )
        );
        assert_eq!((reply.status, reply.id()), (400, request.id()));
    }
    // One that is not signed does not come so far.
    let reply = told(
        &sandbox,
        Parts::plain()
            .with("x-km-user-aspid", "1")
            .and("connection", "close")
            .head()
            + "\r\n",
    )
    .await;
    assert_eq!((reply.status, &*reply.refusal().0), (401, "asp-id"));
}

#[tokio::test]
async fn a_correlation_id_comes_back_if_it_has_its_form_and_is_made_otherwise() {
    let sandbox = started().await;
    let good = Parts::plain();
    let wrong = good.clone().with("x-km-time-zone", "JST");
    assert_eq!(wrong.send(&sandbox).await.id(), good.id());
    let unknown_fault = good.clone().and("x-sandbox-fault", "none");
    assert_eq!(unknown_fault.send(&sandbox).await.id(), good.id());
    // Not carried out: still fresh. Carried out: not any more, and still named.
    for _ in 0..2 {
        assert_eq!(good.send(&sandbox).await.id(), good.id());
    }
    for (request, id) in [
        (good.clone().without("x-km-correlation-id"), ""),
        (good.clone().with("x-km-correlation-id", "1"), "1"),
        (
            good.clone()
                .with("x-km-correlation-id", "260230104512-0a1b2c3"),
            "260230104512-0a1b2c3",
        ),
        (
            good.clone().and("x-km-correlation-id", good.id().as_str()),
            good.id().as_str(),
        ),
    ] {
        let reply = request.send(&sandbox).await;
        assert_eq!(reply.refusal().0, "correlation-id");
        assert_ne!(reply.id().as_str(), id);
        is_logged(&sandbox, &reply, None);
    }
}

#[tokio::test]
async fn the_limits_of_json_are_named() {
    let sandbox = started().await;
    let nested = |depth: usize| {
        let lists = depth - 1;
        format!("{{\"a\":{}1{}}}", "[".repeat(lists), "]".repeat(lists))
    };
    for (body, why) in [
        ("{\"a\":1e400}".to_owned(), "number out of range"),
        ("{\"a\":-1e400}".to_owned(), "number out of range"),
        ("{\"a\":\"\0\"}".to_owned(), "control character"),
        ("{\"a\0\":1}".to_owned(), "control character"),
        ("{\0}".to_owned(), "key must be a string"),
        (nested(128), "recursion limit exceeded"),
        (nested(500_000), "recursion limit exceeded"),
    ] {
        let reply = Parts::new(PLAIN, body).send(&sandbox).await;
        let (check, expected) = reply.refusal();
        assert_eq!((reply.status, &*check), (400, "json"));
        assert!(expected.contains(why), "{why}: {expected}");
    }
    let reply = Parts::new(PLAIN, nested(127)).send(&sandbox).await;
    let body = reply.json();
    assert_eq!(
        body["sandbox"]["check"], "schema",
        "as deep as may be: {body}"
    );
}

#[tokio::test]
async fn the_control_api_and_the_window_refuse_in_their_own_forms() {
    let sandbox = started().await;
    let large = format!("content-length: {}\r\n\r\n", 256 * LIMIT + 1);
    let chunked = "transfer-encoding: chunked\r\n\r\nzz\r\n".to_owned();
    let none = "content-length: 0\r\n\r\n".to_owned();
    let json = "content-type: application/json\r\n";
    for (line, headers, rest, status, error) in [
        (
            "GET /__sandbox/none",
            "",
            &none,
            404,
            json!({"field": "path", "rule": "must be one of the control API's"}),
        ),
        (
            "POST /__sandbox/clock/stop/",
            json,
            &none,
            404,
            json!({"field": "path", "rule": "must be one of the control API's"}),
        ),
        (
            "PUT /__sandbox/faults",
            "",
            &none,
            405,
            json!({"field": "method", "rule": "must be one of those that Allow names"}),
        ),
        (
            "GET /__sandbox/reset",
            "",
            &none,
            405,
            json!({"field": "method", "rule": "must be one of those that Allow names"}),
        ),
        (
            "POST /__sandbox/snapshot",
            json,
            &large,
            413,
            json!({"field": "body", "rule": "must have at most 268435456 bytes"}),
        ),
        (
            "POST /__sandbox/reset",
            json,
            &none,
            400,
            json!({"field": "body", "rule": "must be a JSON object in UTF-8: it is empty"}),
        ),
        (
            "POST /__sandbox/reset",
            json,
            &chunked,
            400,
            json!({"field": "body", "rule": "must be in chunks as RFC 9112 has them: a size in hex digits, the bytes, and at last a chunk of size 0"}),
        ),
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\n{headers}{rest}"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, status, "{line}");
        assert_eq!(reply.json()["error"], error, "{line}");
        let allow = reply.header("allow");
        assert_eq!(allow.is_some(), status == 405, "{line}");
        assert!(!allow.is_some_and(|allow| allow.contains("PUT")));
    }
    for (line, rest, status, allow) in [
        ("PUT /__sandbox/payment-window/1", none.clone(), 405, true),
        (
            "GET /__sandbox/payment-window/%ff",
            none.clone(),
            404,
            false,
        ),
        (
            "POST /__sandbox/payment-window/%ff",
            none.clone(),
            400,
            false,
        ),
        ("POST /__sandbox/payment-window/1", none, 400, false),
        (
            "POST /__sandbox/payment-window/1",
            format!("content-length: {}\r\n\r\n", LIMIT + 1),
            413,
            false,
        ),
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(format!("{line} HTTP/1.1\r\nhost: localhost\r\n{rest}"))
            .await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, status);
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(reply.header("allow").is_some(), allow);
    }
    assert!(sandbox.requests().is_empty(), "none of these is a call");
}

#[tokio::test]
async fn a_path_that_the_control_api_does_not_have_takes_no_fault() {
    let sandbox = started().await;
    sandbox
        .fault_next(konaplate_sandbox::Fault::CloseBefore)
        .unwrap();
    let reply = Parts::new(PLAIN, PLAIN_BODY)
        .line("POST /__sandbox/none HTTP/1.1")
        .send(&sandbox)
        .await;
    assert_eq!(reply.status, 404);
    let mut raw = Raw::open(&sandbox).await;
    raw.send(Parts::plain().bytes()).await;
    assert_eq!(raw.rest().await, b"", "it waits for a call");
}

#[tokio::test]
async fn a_fault_acts_on_a_refusal_of_a_body_too() {
    let sandbox = started().await;
    let request = Parts::plain().and("x-sandbox-fault", "cut-response:40");
    let mut raw = Raw::open(&sandbox).await;
    raw.send(format!(
        "{}content-length: {}\r\n\r\n",
        request.head(),
        LIMIT + 1
    ))
    .await;
    let cut = raw.rest().await;
    assert!(cut.starts_with(b"HTTP/1.1 413 "));
    assert_eq!(cut.len(), 40);
}
