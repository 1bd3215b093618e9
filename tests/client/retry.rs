//! Promise: a call is sent again only where that is safe, asked for, and of use. Nothing repeats a
//! call that moves money.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support;
use crate::support::{
    NotListening, Reply, Server, builder, encrypted_for_client, json_response, recharge, reply,
};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{
    CallOptions, Client, CorrelationId, Delivery, Error, ErrorCode, ErrorKind, RetryPolicy,
    TimeZone,
};
use serde_json::json;

const FOUND: &str = r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#;

/// Three attempts, and no long pauses.
fn quick() -> RetryPolicy {
    RetryPolicy::new()
        .base(Duration::from_millis(1))
        .cap(Duration::from_millis(4))
}

fn client(url: &str) -> konaplate::ClientBuilder {
    builder(url).timeout(Duration::from_secs(10))
}

/// A call that reads.
async fn read(client: &Client, policy: Option<RetryPolicy>) -> Error {
    let call = client.get_bank_recharge_result().sequence_id("BANK-1");
    match policy {
        Some(policy) => call.retry(policy).send().await.unwrap_err(),
        None => call.send().await.unwrap_err(),
    }
}

/// A call that changes something.
async fn change(client: &Client, policy: Option<RetryPolicy>) -> Error {
    let call = client.deregister_auto_recharge().extra("par", "Q1");
    match policy {
        Some(policy) => call.retry_unsent(policy).send().await.unwrap_err(),
        None => call.send().await.unwrap_err(),
    }
}

/// A call that moves money.
async fn pay(client: &Client) -> Error {
    recharge(client).send().await.unwrap_err()
}

/// What goes wrong, and how often a call that reads is then sent.
fn faults() -> Vec<(&'static str, Reply, u32)> {
    let html = "<html>Bad gateway</html>";
    let documented = r#"{"response":{"code":"007_009","description":"x"}}"#;
    let unknown = r#"{"response":{"code":"099_999","description":"x"}}"#;
    vec![
        ("closed without a response", Reply::Close, 3),
        ("no response in time", Reply::Silence, 3),
        (
            "a response that does not end",
            Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
            3,
        ),
        (
            "a response cut off",
            Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
            3,
        ),
        ("500 without a body", reply(500, &[], ""), 3),
        ("502 of a gateway", reply(502, &[], html), 3),
        ("503 with an unknown code", json_response(503, unknown), 3),
        ("429 of a gateway", reply(429, &[], html), 3),
        (
            "500 with a documented code",
            json_response(500, documented),
            1,
        ),
        (
            "429 with a documented code",
            json_response(429, documented),
            1,
        ),
        ("a refusal", json_response(400, documented), 1),
        ("400 with an unknown code", json_response(400, unknown), 1),
        ("401", reply(401, &[], ""), 1),
        ("404 of a gateway", reply(404, &[], html), 1),
        ("a redirect", reply(302, &[("location", "/")], html), 1),
        ("HTML that says 200", reply(200, &[], html), 1),
        (
            "an unknown code that says 200",
            json_response(200, unknown),
            1,
        ),
        (
            "a response that cannot be decrypted",
            json_response(200, r#"{"encData":"a.b.c.d.e"}"#),
            1,
        ),
    ]
}

#[tokio::test]
async fn what_is_sent_again_depends_on_effect_and_fault() {
    for (fault, reply, of_reads) in faults() {
        is_sent_again(fault, reply, of_reads).await;
    }
}

async fn is_sent_again(fault: &'static str, reply: Reply, of_reads: u32) {
    // Long enough for a busy machine to send it.
    let is_silent = matches!(reply, Reply::Silence | Reply::Stall(_));
    let timeout = Duration::from_secs(if is_silent { 2 } else { 30 });
    let server = Server::start(reply).await;
    let client = builder(&server.url).timeout(timeout).build().unwrap();
    let by_default = builder(&server.url)
        .timeout(timeout)
        .retry_reads(quick())
        .build()
        .unwrap();
    let never = Some(RetryPolicy::never());
    let mut outcomes = vec![
        ("reads, not asked", read(&client, None).await, 1),
        ("reads", read(&client, Some(quick())).await, of_reads),
        ("changes", change(&client, Some(quick())).await, 1),
        ("moves money", pay(&by_default).await, 1),
    ];
    if !is_silent {
        outcomes.extend([
            ("reads, by default", read(&by_default, None).await, of_reads),
            ("reads, but not this", read(&by_default, never).await, 1),
            ("changes, not asked", change(&by_default, None).await, 1),
        ]);
    }
    let mut sent = 0;
    for (what, error, attempts) in outcomes {
        assert_eq!(error.attempts(), attempts, "{fault}: {what}: {error}");
        sent += attempts as usize;
    }
    server.has_seen(sent).await;
    assert_eq!(server.requests().len(), sent, "{fault}");
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_where_that_was_asked_for() {
    let port = NotListening::new();
    let by_default = client(&port.url).retry_reads(quick()).build().unwrap();
    for (error, attempts) in [
        (read(&by_default, None).await, 3),
        (read(&by_default, Some(RetryPolicy::never())).await, 1),
        (change(&by_default, None).await, 1),
        (change(&by_default, Some(quick())).await, 3),
        (change(&by_default, Some(quick().attempts(7))).await, 7),
        (pay(&by_default).await, 1),
    ] {
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(error.attempts(), attempts, "{error}");
        let counted = error
            .to_string()
            .contains(&format!(", {attempts} attempts)"));
        assert_eq!(counted, attempts > 1, "{error}");
    }
}

/// As many attempts as there can be, with pauses between them that leave time for something to
/// happen.
fn patient() -> RetryPolicy {
    RetryPolicy::new()
        .attempts(100)
        .base(Duration::from_millis(100))
        .cap(Duration::from_millis(100))
}

/// A clock, and how often it was looked at: each attempt is signed with its time.
fn counting_clock() -> (
    impl Fn() -> std::time::SystemTime + Send + Sync + 'static,
    Arc<AtomicU64>,
) {
    let looks = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&looks);
    let clock =
        move || support::now() + Duration::from_secs(counted.fetch_add(1, Ordering::SeqCst));
    (clock, looks)
}

/// Waits until a second attempt was begun.
async fn has_tried_in_vain(attempts: &AtomicU64) {
    support::ends(async {
        while attempts.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_that_was_not_sent_goes_through_when_the_platform_is_back() {
    let port = NotListening::new();
    let (clock, attempts) = counting_clock();
    let client = client(&port.url).clock(clock).build().unwrap();
    let call = tokio::spawn(async move {
        client
            .deregister_auto_recharge()
            .extra("par", "Q1")
            .retry_unsent(patient())
            .send()
            .await
    });
    has_tried_in_vain(&attempts).await;
    let server = port.listen(|_| json_response(200, r#"{"response":{"code":"000_000"}}"#));
    let response = call.await.unwrap().unwrap();
    assert!(response.exchange().attempts() > 1);
    server.request();
}

#[tokio::test]
async fn a_change_is_not_sent_again_once_it_reached_the_platform() {
    let port = NotListening::new();
    let (clock, attempts) = counting_clock();
    let client = client(&port.url).clock(clock).build().unwrap();
    let call = tokio::spawn(async move { change(&client, Some(patient())).await });
    has_tried_in_vain(&attempts).await;
    let server = port.listen(|_| Reply::Close);
    let error = call.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);
    assert!(error.attempts() > 1);
    server.request();
}

/// Checks that each request is a call of its own.
fn are_signed_afresh(requests: &[support::Request]) {
    let key = SigningKey::new(support::SECRET_KEY).unwrap();
    let mut seen = HashSet::new();
    for request in requests {
        let token: TranToken = request.header("x-km-tran-token").parse().unwrap();
        assert!(token.verify(&key, &request.body, MessageForm::RawBody));
        let time = token.timestamp();
        assert_eq!(time.tran_time(), request.header("x-km-tran-time"));
        assert!(seen.insert(token.as_str().to_owned()), "a token came twice");
        let id = request.header("x-km-correlation-id").to_owned();
        assert!(seen.insert(id), "a correlation id came twice");
    }
}

#[tokio::test]
async fn each_attempt_is_signed_afresh_with_a_correlation_id_of_its_own() {
    let server = Server::start_with(|number| match number {
        0 => Reply::Close,
        1 => reply(502, &[], "<html>"),
        _ => json_response(200, FOUND),
    })
    .await;
    let client = client(&server.url)
        .clock(counting_clock().0)
        .build()
        .unwrap();
    let id = CorrelationId::fresh(TimeZone::Kst);
    let found = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .options(CallOptions::new().correlation_id(id))
        .retry(quick())
        .send()
        .await
        .unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    are_signed_afresh(&requests);
    let sent = |number: usize| requests[number].header("x-km-correlation-id").to_owned();
    assert_eq!(sent(0), id.as_str());
    assert_eq!(sent(2), found.correlation_id().as_str());
    assert_eq!(found.exchange().attempts(), 3);
    for request in &requests {
        assert_eq!(request.json(), json!({"sequenceId": "BANK-1"}));
    }
}

#[tokio::test]
async fn each_attempt_is_encrypted_afresh() {
    let opened = encrypted_for_client(r#"{"response":{"code":"000_000"},"userId":1}"#);
    let server = Server::start_with(move |number| match number {
        0 | 1 => reply(503, &[], ""),
        _ => json_response(200, &opened),
    })
    .await;
    let client = client(&server.url)
        .clock(counting_clock().0)
        .build()
        .unwrap();
    let response = client
        .raw("find_member_by_ci", json!({"ci": "CI"}))
        .options(CallOptions::new().encrypt_request(true))
        .retry(quick())
        .send()
        .await
        .unwrap();
    assert_eq!(response.expose()["userId"], 1);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    are_signed_afresh(&requests);
    let bodies: HashSet<_> = requests.iter().map(|request| &request.body).collect();
    assert_eq!(bodies.len(), 3);
    for request in &requests {
        assert_eq!(request.plaintext(), json!({"ci": "CI"}));
    }
}

#[tokio::test]
async fn the_error_has_the_last_attempts_correlation_id() {
    let server = Server::start(Reply::Close).await;
    let error = read(&client(&server.url).build().unwrap(), Some(quick())).await;
    let requests = server.requests();
    let last = requests[2].header("x-km-correlation-id");
    assert_eq!(error.correlation_id().unwrap().as_str(), last);
    assert!(error.to_string().ends_with(", 3 attempts)"), "{error}");
}

#[tokio::test]
async fn a_retry_after_in_seconds_is_waited_for() {
    let server = Server::start_with(|number| match number {
        0 => reply(503, &[("retry-after", "1")], ""),
        _ => json_response(200, FOUND),
    })
    .await;
    let started = Instant::now();
    client(&server.url)
        .retry_reads(quick())
        .build()
        .unwrap()
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_retry_after_as_a_date_is_waited_for_by_the_clients_clock() {
    // The clock stands at 01:45:12.345Z.
    let server = Server::start_with(|number| match number {
        0 => reply(429, &[("retry-after", "Sun, 15 Mar 2026 01:45:13 GMT")], ""),
        _ => json_response(200, FOUND),
    })
    .await;
    let started = Instant::now();
    client(&server.url)
        .retry_reads(quick())
        .build()
        .unwrap()
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_millis(655));
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_ends_the_call_and_is_in_its_error() {
    let day = Duration::from_secs(86_400);
    let server = Server::start(reply(503, &[("retry-after", "86400")], "")).await;
    let client = client(&server.url).build().unwrap();
    let error = support::ends(read(&client, Some(quick()))).await;
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.retry_after(), Some(day));
    server.request();
    // Not only for retries: whoever repeats a call by hand can look at it.
    let error = pay(&client).await;
    assert_eq!(error.retry_after(), Some(day));
}

#[tokio::test]
async fn the_deadline_ends_attempts_and_cuts_a_read_short() {
    let silent = Server::start(Reply::Silence).await;
    let patient = builder(&silent.url)
        .timeout(Duration::from_secs(3_600))
        .build()
        .unwrap();
    let policy = quick().attempts(100).deadline(Duration::from_millis(300));
    let error = support::ends(read(&patient, Some(policy))).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.attempts(), 1);

    let closing = Server::start(Reply::Close).await;
    let policy = policy
        .base(Duration::from_millis(40))
        .cap(Duration::from_millis(40));
    let error = read(&client(&closing.url).build().unwrap(), Some(policy)).await;
    // The last attempt may be cut off before it has left.
    assert!(closing.requests().len() <= error.attempts() as usize);
    assert!(error.attempts() < 100, "{error}");
}

#[tokio::test]
async fn a_change_is_never_cut_short_for_a_deadline() {
    let server = Server::start(Reply::Silence).await;
    let client = builder(&server.url)
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let started = Instant::now();
    let error = change(&client, Some(quick().deadline(Duration::from_millis(10)))).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(started.elapsed() >= Duration::from_secs(2));
    server.request();
}

#[tokio::test]
async fn a_raw_call_is_repeated_only_if_the_description_says_that_it_reads() {
    let server = Server::start(reply(503, &[], "")).await;
    let client = client(&server.url).retry_reads(quick()).build().unwrap();
    for (target, attempts) in [
        ("get_bank_recharge_result", 3),
        ("/api/v1/recharges/by-bank-account/result/inquiry", 3),
        ("deregister_auto_recharge", 1),
        ("recharge_from_bank_account", 1),
        ("/api/v1/recharges/by-bank-accounts/no-hce", 1),
        ("/api/v9/not/known", 1),
    ] {
        let error = client.raw(target, json!({})).send().await.unwrap_err();
        assert_eq!(error.attempts(), attempts, "{target}");
    }
    let sent = server.requests().len();
    for target in [
        "deregister_auto_recharge",
        "recharge_from_bank_account",
        "/api/v9/x",
    ] {
        let call = client.raw(target, json!({})).retry(quick());
        let error = call.send().await.unwrap_err();
        assert_eq!(error.field(), Some("retry"), "{target}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(error.attempts(), 0);
    }
    assert_eq!(server.requests().len(), sent);
}

#[tokio::test]
async fn each_page_is_a_read_that_may_be_repeated() {
    let page = |number: u64| {
        json!({"response": {"code": "000_000"}, "transactionInfo": [{}],
            "pageResponse": {"page": number, "totalPages": 2, "numberOfElements": 2}})
        .to_string()
    };
    let server = Server::start_with(move |number| match number {
        1 => json_response(200, page(0)),
        3 => json_response(200, page(1)),
        _ => reply(502, &[], ""),
    })
    .await;
    let client = client(&server.url).build().unwrap();
    let mut pages = client
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
        .retry(quick())
        .pages();
    let mut attempts = Vec::new();
    while let Some(page) = pages.next().await {
        attempts.push(page.unwrap().exchange().attempts());
    }
    assert_eq!(attempts, [2, 2]);
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let server = Server::start(Reply::Close).await;
    let client = client(&server.url).build().unwrap();
    for error in [
        read(&client, Some(quick().attempts(0))).await,
        change(&client, Some(quick().attempts(101))).await,
    ] {
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some("retry.attempts"));
        assert_eq!(error.attempts(), 0);
    }
    assert!(server.requests().is_empty());
    let error = builder(&server.url)
        .retry_reads(quick().deadline(Duration::ZERO))
        .build()
        .unwrap_err();
    assert_eq!(error.field(), Some("retry_reads.deadline"));
}

#[tokio::test]
async fn a_fault_in_the_request_is_no_attempt() {
    let server = Server::start(Reply::Close).await;
    let client = client(&server.url).retry_reads(quick()).build().unwrap();
    let error = client.get_bank_recharge_result().send().await.unwrap_err();
    assert_eq!(error.field(), Some("sequenceId"));
    assert_eq!(error.attempts(), 0);
    let error = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .options(CallOptions::new().crypto_key_id("another"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("crypto_key"));
    assert_eq!(error.attempts(), 0);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_decline_of_a_repeated_read_is_the_response() {
    let server = Server::start_with(|number| match number {
        0 => Reply::Close,
        _ => json_response(400, r#"{"response":{"code":"007_009","description":"x"}}"#),
    })
    .await;
    let error = read(&client(&server.url).build().unwrap(), Some(quick())).await;
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    assert_eq!(error.delivery(), Delivery::Declined);
    assert_eq!(error.attempts(), 2);
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_not_asked_for_again() {
    let server = Server::start(json_response(200, r#"{"response":{"code":"000_000"}}"#)).await;
    let error = read(&client(&server.url).build().unwrap(), Some(quick())).await;
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
    assert_eq!(error.attempts(), 1);
    server.request();
}
