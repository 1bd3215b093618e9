//! Promise: a fault does what its name says, on the wire and to the state, and to no other call.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use konaplate::{CallOptions, Client, CorrelationId, Delivery, ErrorKind, TimeZone};
use konaplate_sandbox::{Fault, HtmlStatus, LoggedRequest, Sandbox};
use serde_json::{Value, json};

const CARD: &str = "9491339401250765";

/// A request that fails its second check: what goes wrong on the wire does so for any response. The
/// first one, of the correlation id, would have one made that no other response has.
fn request(path: &str, header: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: sandbox\r\nx-km-correlation-id: 260315104512-0a1b2c3\r\n\
         {header}content-length: 2\r\n\r\n{{}}"
    )
}

const TOKEN: &str = "/api/v2/payment/generate/onetimetoken";

/// A connection, seen byte by byte.
struct Wire(TcpStream);

impl Wire {
    fn open(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.address()).unwrap();
        Self(stream)
    }

    fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// What comes until the other side closes.
    fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A connection that is closed with something unread is reset.
        let _ = self.0.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    /// One whole response: head and body.
    fn response(&mut self) -> (String, String) {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            bytes.push(byte[0]);
        }
        let head = String::from_utf8(bytes).unwrap();
        let mut body = vec![0; length(&head)];
        self.0.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    fn take(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

fn length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap()
}

async fn start() -> Sandbox {
    Sandbox::start().await.unwrap()
}

fn with_header(fault: &str) -> String {
    request(TOKEN, &format!("x-sandbox-fault: {fault}\r\n"))
}

/// A whole response without any fault, to compare with: its body.
fn usual_body(sandbox: &Sandbox) -> String {
    let mut wire = Wire::open(sandbox);
    wire.send(&request(TOKEN, ""));
    wire.response().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_closed_before_anything_is_sent() {
    let sandbox = start().await;
    sandbox.fault_next(Fault::RefuseConnection).unwrap();
    assert_eq!(Wire::open(&sandbox).rest(), "");
    let [entry] = &sandbox.requests()[..] else {
        panic!("one entry")
    };
    assert_eq!(entry.fault, Some(Fault::RefuseConnection));
    assert_eq!((entry.operation, entry.status), (None, None));
    // The next connection is taken.
    assert!(usual_body(&sandbox).contains("sandbox:asp-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_closed_without_a_byte() {
    let sandbox = start().await;
    for fault in [
        "close-before",
        "close-after",
        "refuse-connection",
        "cut-response:0",
    ] {
        let mut wire = Wire::open(&sandbox);
        // On a connection that was used before, too.
        wire.send(&request(TOKEN, ""));
        wire.response();
        wire.send(&with_header(fault));
        assert_eq!(wire.rest(), "", "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_cut_after_so_many_bytes() {
    let sandbox = start().await;
    let body = usual_body(&sandbox);
    let whole = {
        let mut wire = Wire::open(&sandbox);
        wire.send(&with_header("cut-response:100000"));
        wire.rest()
    };
    assert!(whole.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{whole}");
    assert!(whole.ends_with(&format!("\r\n\r\n{body}")), "{whole}");
    for bytes in [1, 20, whole.len() - body.len(), whole.len() - 1] {
        let mut wire = Wire::open(&sandbox);
        wire.send(&with_header(&format!("cut-response:{bytes}")));
        assert_eq!(wire.rest(), whole[..bytes], "{bytes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_length_is_wrong_both_ways() {
    let sandbox = start().await;
    let body = usual_body(&sandbox);

    let mut wire = Wire::open(&sandbox);
    wire.send(&with_header("length-too-large"));
    let text = wire.rest();
    assert!(length(&text) > body.len());
    assert!(text.ends_with(&format!("\r\n\r\n{body}")), "{text}");

    let mut wire = Wire::open(&sandbox);
    wire.send(&with_header("length-too-small"));
    let (head, start) = wire.response();
    assert!(length(&head) < body.len());
    assert_eq!(start.clone() + &wire.take(body.len() - start.len()), body);
    // The connection goes on.
    wire.send(&request(TOKEN, ""));
    assert_eq!(wire.response().1, body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_comes_twice_and_the_connection_goes_on() {
    let sandbox = start().await;
    let mut wire = Wire::open(&sandbox);
    wire.send(&with_header("duplicated-response"));
    let first = wire.response();
    assert_eq!(wire.response(), first);
    wire.send(&request(TOKEN, ""));
    assert_eq!(wire.response().1, first.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_response_comes_in_front_of_the_next_one() {
    let sandbox = start().await;
    let mut wire = Wire::open(&sandbox);
    wire.send(&with_header("stale-response"));
    let stale = wire.response();
    wire.0.set_nonblocking(true).unwrap();
    assert!(wire.0.read(&mut [0]).is_err(), "nothing comes unasked");
    wire.0.set_nonblocking(false).unwrap();
    wire.send(&request("/api/v9/nothing", ""));
    assert_eq!(wire.response(), stale);
    assert!(wire.response().1.contains("sandbox:path"));
    wire.send(&request("/api/v9/nothing", ""));
    assert!(wire.response().1.contains("sandbox:path"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_gateway_comes_whole() {
    let sandbox = start().await;
    for (fault, status) in [
        ("html:500", "500 Internal Server Error"),
        ("html-after:502", "502 Bad Gateway"),
        ("html:503", "503 Service Unavailable"),
        ("html-after:504", "504 Gateway Timeout"),
        ("retry-after:7", "503 Service Unavailable"),
    ] {
        let mut wire = Wire::open(&sandbox);
        wire.send(&with_header(fault));
        let (head, body) = wire.response();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{head}"
        );
        assert!(head.contains("content-type: text/html\r\n"), "{head}");
        assert_eq!(
            head.contains("retry-after: 7\r\n"),
            fault == "retry-after:7"
        );
        assert!(body.contains(&format!("<h1>{status}</h1>")), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_response_is_on_record_before_it_comes() {
    let sandbox = start().await;
    let mut wire = Wire::open(&sandbox);
    // A minute: nobody waits for this one.
    wire.send(&with_header("delay:60000"));
    while sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    wire.0.set_nonblocking(true).unwrap();
    assert!(wire.0.read(&mut [0]).is_err(), "it has come already");

    let mut wire = Wire::open(&sandbox);
    let started = Instant::now();
    wire.send(&with_header("delay:300"));
    wire.response();
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_does_not_exist_is_named() {
    let sandbox = start().await;
    let mut wire = Wire::open(&sandbox);
    wire.send(&with_header("fire"));
    let (head, body) = wire.response();
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(
        body.contains("sandbox:fault") && body.contains("close-after"),
        "{body}"
    );
    let problem = sandbox
        .fault_next(Fault::Delay { millis: 60_001 })
        .unwrap_err();
    assert_eq!(problem.field(), "fault");
    let problem = sandbox
        .fault_operation("nothing", Fault::WrongTag)
        .unwrap_err();
    assert_eq!(problem.field(), "operation");
}

/// A recharge with this fault: whether it said success, what the log has of it, and how much was
/// recharged.
async fn recharge(sandbox: &Sandbox, client: &Client, fault: Fault) -> (bool, LoggedRequest, u64) {
    const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
    let token = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    let before = sandbox.card_balance(PAR).unwrap();
    sandbox
        .fault_operation("recharge_from_bank_account", fault)
        .unwrap();
    let id = CorrelationId::fresh(TimeZone::Kst);
    let result = client
        .recharge_from_bank_account()
        .sequence_id(
            format!("S-{before}-{fault}")
                .chars()
                .take(20)
                .collect::<String>(),
        )
        .user_id(10_000_000_001_u64)
        .amount(1_000_u64)
        .one_time_token(token.one_time_token.clone())
        .dcvv(token.dcvv.clone())
        .merchant_id(konaplate_sandbox::fixtures::MERCHANTS[0])
        .options(CallOptions::new().correlation_id(id))
        .send()
        .await;
    sandbox.clear_faults();
    let entry = sandbox
        .requests()
        .into_iter()
        .find(|entry| entry.correlation_id == Some(id))
        .unwrap();
    (
        result.is_ok(),
        entry,
        sandbox.card_balance(PAR).unwrap() - before,
    )
}

#[tokio::test]
async fn money_moves_exactly_where_the_fault_says_that_the_call_was_carried_out() {
    let sandbox = start().await;
    for fault in Fault::EXAMPLES {
        // A client of its own: what is left on a connection is not for the next call.
        let (succeeded, entry, moved) = recharge(&sandbox, &sandbox.client(), fault).await;
        assert_eq!(entry.carried_out, fault.carries_out(), "{fault}");
        assert_eq!(
            moved,
            if fault.carries_out() { 1_000 } else { 0 },
            "{fault}"
        );
        assert_eq!(entry.fault, Some(fault));
        assert_eq!(entry.operation, Some("recharge_from_bank_account"));
        let decided = fault.carries_out().then_some("000_000");
        assert_eq!(entry.code.as_deref(), decided, "{fault}");
        let harmless = matches!(
            fault,
            Fault::Delay { .. }
                | Fault::PlainResponse
                | Fault::UnknownEnumValue
                | Fault::UnknownKeyId
                | Fault::ExtraFields
                | Fault::DuplicatedResponse
                | Fault::StaleResponse
        );
        assert_eq!(succeeded, harmless, "{fault}");
    }
}

#[tokio::test]
async fn what_is_wrong_inside_a_response_is_seen_by_the_client() {
    let sandbox = start().await;
    let client = sandbox.client();
    let token = || client.issue_one_time_token().card_no(CARD).send();

    for (fault, kind) in [
        (Fault::WrongTag, ErrorKind::Decryption),
        (Fault::UnknownCode, ErrorKind::Code),
        (Fault::MissingFields, ErrorKind::UnreadableResponse),
    ] {
        sandbox.fault_next(fault).unwrap();
        assert_eq!(token().await.unwrap_err().kind(), kind, "{fault}");
    }
    // Each key is tried: it may be an id in another spelling.
    sandbox.fault_next(Fault::UnknownKeyId).unwrap();
    let named = token().await.unwrap();
    assert_ne!(
        named.exchange().crypto_key_id(),
        Some(konaplate_sandbox::fixtures::CRYPTO_KEY_ID)
    );
    sandbox.fault_next(Fault::PlainResponse).unwrap();
    assert!(!token().await.unwrap().exchange().response_encrypted());

    let raw = async |fault| -> Value {
        sandbox
            .script_response(
                "get_bank_recharge_result",
                200,
                json!({"response": {"code": "000_000"}, "result": "COMPLETED"}),
            )
            .unwrap();
        sandbox.fault_next(fault).unwrap();
        let call = client.raw("get_bank_recharge_result", json!({"sequenceId": "S"}));
        call.send().await.unwrap().expose().clone()
    };
    let extra = raw(Fault::ExtraFields).await;
    assert!(extra.get("sandboxExtra").is_some() && extra["response"].get("sandboxExtra").is_some());
    let unknown = raw(Fault::UnknownEnumValue).await;
    assert_eq!(unknown["result"], "SANDBOX_UNKNOWN");
    // Fields that have no list are as they were.
    assert_eq!(unknown["response"]["code"], "000_000");
}

#[tokio::test]
async fn a_scripted_response_has_no_effect_and_comes_once() {
    let sandbox = start().await;
    let client = sandbox.client();
    let body = json!({"response": {"code": "006_031", "description": "9491339401250765"}});
    sandbox
        .script_response("issue_one_time_token", 400, body)
        .unwrap();
    let error = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code().unwrap().code(), "006_031");
    assert_eq!(error.delivery(), Delivery::Declined);
    client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    let log = sandbox.requests();
    assert_eq!(
        log.iter()
            .map(|entry| entry.carried_out)
            .collect::<Vec<_>>(),
        [false, true]
    );
    // A code that is none might be anything.
    let body = json!({"response": {"code": CARD}});
    sandbox
        .script_response("issue_one_time_token", 400, body)
        .unwrap();
    client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap_err();
    let log = format!("{:?}", sandbox.requests());
    assert!(!log.contains(CARD), "{log}");
    for (status, body, field) in [
        (199, json!({}), "status"),
        (600, json!({}), "status"),
        (200, json!([]), "body"),
    ] {
        let problem = sandbox
            .script_response("get_member", status, body)
            .unwrap_err();
        assert_eq!(problem.field(), field);
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_faults_to_the_same_calls() {
    let faults = async |seed| {
        let sandbox = start().await;
        let client = sandbox.client();
        sandbox
            .fault_rate(
                0.5,
                seed,
                [
                    Fault::CloseAfter,
                    Fault::UnknownCode,
                    Fault::Html {
                        status: HtmlStatus::BadGateway,
                        carried_out: false,
                    },
                ],
            )
            .unwrap();
        for _ in 0..40 {
            let _ = client
                .get_bank_recharge_result()
                .sequence_id("S")
                .send()
                .await;
        }
        let log = sandbox.requests();
        assert_eq!(log.len(), 40, "no call comes twice");
        log.into_iter().map(|entry| entry.fault).collect::<Vec<_>>()
    };
    let first = faults(1).await;
    assert_eq!(first, faults(1).await);
    assert_ne!(first, faults(2).await);
    let hits = first.iter().flatten().count();
    assert!((10..30).contains(&hits), "{hits}");
}
