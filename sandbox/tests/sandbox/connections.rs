//! Promise: a connection that is stuck goes away by itself and holds up nobody, HTTP/2 is refused in
//! its own words, and a sandbox that is told to stop ends calls well and then itself.
//!
//! Where a limit of time is played, time stands and passes when everything else waits: minutes take
//! no time, and a test waits for what happens, however long that takes.

use konaplate_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::raw::{PLAIN, Parts, Raw, started};

/// Held by tests that open hundreds of files: many systems give a process 1,024.
static MANY_FILES: Mutex<()> = Mutex::const_new(());

const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_idle_is_closed_without_a_word() {
    let sandbox = started().await;
    let mut fresh = Raw::open(&sandbox).await;
    assert_eq!(fresh.rest().await, b"");
    // Between two calls, too; and an empty line is no call yet.
    for extra in ["", "\r\n"] {
        let mut used = Raw::open(&sandbox).await;
        used.send(Parts::plain().bytes()).await;
        assert_eq!(used.reply().await.status, 400);
        used.send(extra).await;
        assert_eq!(used.rest().await, b"");
    }
    let log = sandbox.requests();
    assert!(
        log.iter()
            .all(|entry| entry.code.as_deref() == Some("007_009"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_that_stops_coming_ends_in_408() {
    let sandbox = started().await;
    for bytes in [
        "P".to_owned(),
        "POST / HTTP/1.1\r\n".to_owned(),
        Parts::plain().head(),
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(&bytes).await;
        let reply = raw.reply().await;
        let rule = "the head of a request must be there within 120 seconds";
        assert_eq!(reply.refusal(), ("timeout".to_owned(), rule.to_owned()));
        assert_eq!(
            (reply.status, reply.header("connection")),
            (408, Some("close"))
        );
        reply.id();
        assert_eq!(raw.rest().await, b"");
        assert_eq!(sandbox.requests().last().unwrap().status, Some(408));
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_ends_in_408() {
    let sandbox = started().await;
    let mut raw = Raw::open(&sandbox).await;
    raw.send("POST / HTTP/1.1\r\nx-slow: ").await;
    for _ in 0..12 {
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        raw.send_what_goes("a").await;
    }
    assert_eq!(raw.reply().await.status, 408);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_ends_in_408() {
    let sandbox = started().await;
    let request = Parts::plain();
    let head = request.head();
    for rest in [
        "content-length: 18\r\n\r\n",
        "content-length: 18\r\n\r\n{\"sequenceId\":\"S\"",
        "transfer-encoding: chunked\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n12\r\n{\"sequenceId\":\"S\"}",
    ] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(format!("{head}{rest}")).await;
        let reply = raw.reply().await;
        let rule = "the body must be there within 120 seconds";
        assert_eq!(reply.refusal(), ("timeout".to_owned(), rule.to_owned()));
        assert_eq!((reply.status, reply.id()), (408, request.id()));
        assert_eq!(raw.rest().await, b"");
        let log = sandbox.requests();
        let entry = log.last().unwrap();
        assert_eq!((entry.status, entry.operation), (Some(408), Some(PLAIN)));
    }
    // One that is told to go on, and does not.
    let mut raw = Raw::open(&sandbox).await;
    raw.send(format!(
        "{head}content-length: 18\r\nexpect: 100-continue\r\n\r\n"
    ))
    .await;
    assert_eq!(raw.head().await.status, 100);
    assert_eq!(raw.reply().await.status, 408);
    // The control API ends it in its own form.
    let mut raw = Raw::open(&sandbox).await;
    raw.send("POST /__sandbox/reset HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{")
        .await;
    let reply = raw.reply().await;
    assert_eq!(
        (reply.status, &reply.json()["error"]["field"]),
        (408, &json!("body"))
    );
}

#[tokio::test(start_paused = true)]
async fn who_takes_no_response_is_let_go() {
    let sandbox = started().await;
    let mut raw = Raw::open(&sandbox).await;
    // More responses than the buffers between the two hold, until the sandbox reads no more.
    let request = "GET /__sandbox/openapi.yaml HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut one = Raw::open(&sandbox).await;
    one.send(request).await;
    let reply = one.reply().await;
    let length = reply.head.len() + reply.body.len();
    raw.send_what_goes(request.repeat(2_000)).await;
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let got = raw.rest().await.len();
    assert!(got < 2_000 * length, "{got} of {length} each");
}

/// Connections on which nothing comes any more: each third one before, within and after a head.
async fn three_hundred_stuck(sandbox: &Sandbox) -> Vec<Raw> {
    let mut stuck = Vec::new();
    for number in 0..300 {
        let mut raw = Raw::open(sandbox).await;
        match number % 3 {
            0 => {}
            1 => raw.send("POST / HTTP/1.1\r\nhost: ").await,
            _ => {
                let head = Parts::plain().head();
                raw.send(format!("{head}content-length: 18\r\n\r\n{{"))
                    .await;
            }
        }
        stuck.push(raw);
    }
    stuck
}

#[tokio::test]
async fn three_hundred_stuck_connections_hold_up_nobody() {
    let _files = MANY_FILES.lock().await;
    let sandbox = Sandbox::start().await.unwrap();
    let mut stuck = three_hundred_stuck(&sandbox).await;
    let client = sandbox.client();
    for _ in 0..3 {
        let call = client.issue_one_time_token();
        call.card_no("9491339401250765").send().await.unwrap();
    }
    // Those that are stuck may still go on.
    let request = Parts::plain();
    stuck[0].send(request.bytes()).await;
    assert_eq!(stuck[0].reply().await.id(), request.id());
}

#[tokio::test(start_paused = true)]
async fn three_hundred_stuck_connections_do_not_stay() {
    let _files = MANY_FILES.lock().await;
    let sandbox = started().await;
    let stuck = three_hundred_stuck(&sandbox).await;
    for (number, mut raw) in stuck.into_iter().enumerate() {
        let last = raw.rest().await;
        let expected: &[u8] = if number % 3 == 0 {
            b""
        } else {
            b"HTTP/1.1 408 "
        };
        assert_eq!(&last[..expected.len()], expected);
    }
}

#[tokio::test]
async fn http_2_is_refused_in_its_own_words() {
    let sandbox = Sandbox::start().await.unwrap();
    let http = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let error = http.get(sandbox.base_url()).send().await.unwrap_err();
    let said = format!("{error:?}");
    assert!(said.contains("HTTP_1_1_REQUIRED"), "{said}");
    assert!(said.contains("sandbox:http-version"), "{said}");

    // The frames: no settings, and a GOAWAY with the envelope.
    for bytes in [HTTP_2, b"PRI * HTTP/2.0\r\n\r\n".as_slice()] {
        let mut raw = Raw::open(&sandbox).await;
        raw.send(bytes).await;
        raw.end().await;
        let frames = raw.rest().await;
        assert_eq!(frames[..9], [0, 0, 0, 4, 0, 0, 0, 0, 0]);
        assert_eq!(frames[9 + 3], 7);
        assert_eq!(frames[9 + 9 + 4..][..4], [0, 0, 0, 0xd]);
        let envelope: Value = serde_json::from_slice(&frames[9 + 9 + 8..]).unwrap();
        assert_eq!(envelope["response"]["code"], "sandbox:http-version");
        let log = sandbox.requests();
        let entry = log.last().unwrap();
        assert_eq!(entry.code.as_deref(), Some("sandbox:http-version"));
        assert_eq!(entry.status, None);
    }
}

#[tokio::test]
async fn who_offers_http_2_gets_http_1_1_with_its_faults() {
    let sandbox = started().await;
    let offer = Parts::plain()
        .and("connection", "Upgrade, HTTP2-Settings")
        .and("upgrade", "h2c")
        .and("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA");
    let reply = offer.send(&sandbox).await;
    assert_eq!(reply.json()["response"]["code"], "007_009");
    let mut raw = Raw::open(&sandbox).await;
    raw.send(
        Parts::plain()
            .and("upgrade", "h2c")
            .and("x-sandbox-fault", "cut-response:9")
            .bytes(),
    )
    .await;
    assert_eq!(raw.rest().await, b"HTTP/1.1 ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_stops_lets_calls_end_and_closes_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = Sandbox::builder().data(&file).start().await.unwrap();
    sandbox.stop_clock_at(crate::support::now());
    let mut idle = Raw::open(&sandbox).await;
    let mut called = Raw::open(&sandbox).await;
    called
        .send(Parts::plain().and("x-sandbox-fault", "delay:1500").bytes())
        .await;
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.stop().await;
    let reply = called.reply().await;
    assert_eq!(reply.json()["response"]["code"], "007_009");
    assert_eq!(idle.rest().await, b"");
    // The file is free.
    Sandbox::builder().data(&file).start().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_stops_waits_for_nobody_for_long() {
    let sandbox = started().await;
    let mut head = Raw::open(&sandbox).await;
    head.send("POST / HTTP/1.1\r\n").await;
    let mut body = Raw::open(&sandbox).await;
    body.send(format!(
        "{}content-length: 18\r\n\r\n{{",
        Parts::plain().head()
    ))
    .await;
    let mut slow = Raw::open(&sandbox).await;
    slow.send(Parts::plain().and("x-sandbox-fault", "delay:60000").bytes())
        .await;
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.stop().await;
    for mut raw in [head, body, slow] {
        assert_eq!(raw.rest().await, b"");
    }
}
