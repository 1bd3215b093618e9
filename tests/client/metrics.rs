//! Promise: with the feature `metrics` a program sees how many calls there are, how long they take,
//! how they end and how often they are sent again, with OpenTelemetry's names, and nothing of what
//! is in them.

use std::time::Duration;

use crate::support::{NotListening, Reply, Server, builder, ends, json_response, recharge, reply};
use konaplate::{Client, RetryPolicy};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

const FOUND: &str = r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#;

fn failure(code: &str) -> String {
    format!(r#"{{"response":{{"code":"{code}","description":"x"}}}}"#)
}

/// What is recorded while something runs, with how often, sorted. All on one thread: the recorder is
/// this thread's.
async fn recorded(run: impl Future<Output = ()>) -> Vec<String> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let guard = metrics::set_default_local_recorder(&recorder);
    konaplate::metrics::describe();
    ends(run).await;
    drop(guard);
    let mut lines = Vec::new();
    for (key, unit, description, value) in snapshotter.snapshot().into_vec() {
        let name = key.key().name();
        assert!(
            unit.is_some() && description.is_some(),
            "{name} is not described"
        );
        let count = match value {
            DebugValue::Counter(count) => count,
            DebugValue::Histogram(values) => {
                assert!(
                    values.iter().all(|value| (0.0..600.0).contains(&value.0)),
                    "not seconds"
                );
                values.len() as u64
            }
            DebugValue::Gauge(_) => panic!("{name} is a gauge"),
        };
        let mut labels: Vec<_> = key
            .key()
            .labels()
            .map(|label| {
                let value = match label.key() {
                    "server.port" => "PORT",
                    _ => label.value(),
                };
                format!("{}={value}", label.key())
            })
            .collect();
        labels.sort();
        lines.push(format!("{count} {name} {}", labels.join(" ")));
    }
    lines.sort();
    lines
}

async fn read(client: &Client) {
    let _ = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await;
}

async fn pay(client: &Client) {
    let _ = recharge(client).send().await;
}

/// What is recorded of a call with this reply: the call, and the request.
async fn of(reply: Reply, call: impl AsyncFn(&Client)) -> Vec<String> {
    let server = Server::start(reply).await;
    let client = server.client();
    recorded(call(&client)).await
}

#[tokio::test]
async fn a_call_and_its_request() {
    assert_eq!(
        of(json_response(200, FOUND), read).await,
        [
            "1 http.client.request.duration http.request.method=POST \
             http.response.status_code=200 konaplate.delivery=success konaplate.effect=reads \
             konaplate.operation=get_bank_recharge_result server.address=127.0.0.1 \
             server.port=PORT url.template=/api/v1/recharges/by-bank-account/result/inquiry",
            "1 konaplate.client.call.duration konaplate.delivery=success \
             konaplate.effect=reads konaplate.operation=get_bank_recharge_result",
        ]
    );
}

/// How a call that moves money ends, as the metric of calls has it.
async fn end_of(reply: Reply) -> String {
    let lines = of(reply, pay).await;
    let [request, call] = lines.try_into().unwrap();
    assert!(
        request.starts_with("1 http.client.request.duration "),
        "{request}"
    );
    let rest = "konaplate.effect=moves_money konaplate.operation=recharge_from_bank_account";
    let call = call
        .strip_prefix("1 konaplate.client.call.duration ")
        .unwrap();
    call.strip_suffix(rest).unwrap().trim_end().to_owned()
}

#[tokio::test]
async fn how_it_ended() {
    for (reply, end) in [
        (
            json_response(400, failure("007_003")),
            "error.type=code konaplate.code=007_003 konaplate.delivery=declined",
        ),
        (
            json_response(400, failure("099_999")),
            "error.type=code konaplate.code=_OTHER konaplate.delivery=maybe_processed",
        ),
        (
            reply(502, &[], "<html>Bad gateway</html>"),
            "error.type=unexpected_response konaplate.delivery=maybe_processed",
        ),
        (
            Reply::Close,
            "error.type=transport konaplate.delivery=maybe_processed",
        ),
        (
            json_response(200, r#"{"response":{"code":"000_000"}}"#),
            "error.type=unreadable_response konaplate.delivery=processed_unreadable",
        ),
    ] {
        assert_eq!(end_of(reply).await, end);
    }
}

#[tokio::test]
async fn what_is_dropped_is_counted() {
    let server = Server::start(Reply::Silence).await;
    let client = server.client();
    let lines = recorded(async {
        tokio::select! {
            () = pay(&client) => panic!("nothing responds"),
            () = server.has_seen(1) => {}
        }
    })
    .await;
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(line.contains(" error.type=dropped "), "{line}");
        assert!(line.contains(" konaplate.delivery=dropped "), "{line}");
    }
}

#[tokio::test]
async fn attempts_and_retries() {
    let policy = RetryPolicy::new()
        .base(Duration::from_millis(1))
        .cap(Duration::from_millis(2));
    let port = NotListening::new();
    let client = builder(&port.url).retry_reads(policy).build().unwrap();
    let lines = recorded(read(&client)).await;
    let starts: Vec<_> = lines
        .iter()
        .map(|line| line.split(" k").next().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "1",
            "2",
            "3 http.client.request.duration error.type=connect http.request.method=POST",
        ],
        "{lines:?}"
    );
    assert!(lines[0].starts_with("1 konaplate.client.call.duration error.type=connect"));
    assert!(lines[1].starts_with("2 konaplate.client.call.retries error.type=connect"));
}

#[tokio::test]
async fn nothing_of_a_raw_call_becomes_an_attribute() {
    let lines = of(json_response(200, FOUND), async |client| {
        let body = serde_json::json!({"par": "SECRET"});
        let _ = client.raw("/api/v3/members/SECRET", body).send().await;
    })
    .await;
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(line.contains("konaplate.operation=_OTHER"), "{line}");
        assert!(!line.contains("SECRET"), "{line}");
    }
}
