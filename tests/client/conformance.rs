//! Promise: what `openapi/conformance` expects of every implementation, this client does. Its signatures
//! and messages are in `signing_vectors` and `jwe_vectors`.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::Timestamp;
use konaplate::protocol::envelope::Document;
use konaplate::{Client, CorrelationId, Delivery, Error, ErrorKind, SUCCESS, TimeZone};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Server, builder, json_response, reply};

#[derive(Deserialize)]
struct Cases<C> {
    cases: Vec<C>,
}

/// The cases of a file, which has so many at least.
fn cases<C: DeserializeOwned>(file: &str, least: usize) -> Vec<C> {
    let cases: Cases<C> = serde_json::from_str(file).unwrap();
    assert!(cases.cases.len() >= least);
    cases.cases
}

fn bytes(base64: &str) -> Vec<u8> {
    BASE64.decode(base64).unwrap()
}

fn at(epoch_ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(epoch_ms)
}

#[derive(Deserialize)]
struct Instant {
    name: String,
    epoch_ms: u64,
    zone: String,
    timestamp: String,
    tran_time: String,
}

#[test]
fn an_instant_is_written_in_its_zone() {
    for case in cases::<Instant>(include_str!("../../openapi/conformance/signing.json"), 60) {
        let zone: TimeZone = case.zone.parse().unwrap();
        let timestamp = Timestamp::new(at(case.epoch_ms), zone);
        assert_eq!(timestamp.as_str(), case.timestamp, "{}", case.name);
        assert_eq!(timestamp.tran_time(), case.tran_time, "{}", case.name);
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Id {
    Make {
        name: String,
        epoch_ms: u64,
        zone: String,
        hex: String,
        id: String,
    },
    Check {
        name: String,
        id: String,
        valid: bool,
        why: String,
    },
}

/// The client draws the hex digits itself: of an id that is to be made, what is sent has the rest.
#[tokio::test]
async fn correlation_ids_have_the_time_of_the_call_and_their_form() {
    let file = include_str!("../../openapi/conformance/correlation_ids.json");
    let server = Server::start(json_response(200, r#"{"response":{"code":"000_000"}}"#)).await;
    for case in cases::<Id>(file, 40) {
        match case {
            Id::Make {
                name,
                epoch_ms,
                zone,
                hex,
                id,
            } => {
                let client = builder(&server.url)
                    .clock(move || at(epoch_ms))
                    .time_zone(zone.parse().unwrap())
                    .build()
                    .unwrap();
                client
                    .raw("get_bank_recharge_result", json!({}))
                    .send()
                    .await
                    .unwrap();
                let request = server.requests().pop().unwrap();
                let sent = request.header("x-km-correlation-id");
                assert_eq!(format!("{}{hex}", &sent[..13]), id, "{name}");
                assert!(sent.parse::<CorrelationId>().is_ok(), "{name}");
                assert_eq!(id.parse::<CorrelationId>().unwrap().as_str(), id);
            }
            Id::Check {
                name,
                id,
                valid,
                why,
            } => {
                assert_eq!(id.parse::<CorrelationId>().is_ok(), valid, "{name}: {why}");
            }
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    name: String,
    body_base64: String,
    enc_data: Option<String>,
    code: Option<String>,
}

#[test]
fn an_envelope_says_what_it_says_and_nothing_where_it_contradicts_itself() {
    for case in cases::<Envelope>(include_str!("../../openapi/conformance/envelopes.json"), 60) {
        let document = Document::parse(&bytes(&case.body_base64));
        let enc_data = document.as_ref().and_then(Document::enc_data);
        let code = document.as_ref().and_then(Document::status);
        assert_eq!(enc_data, case.enc_data.as_deref(), "{}", case.name);
        let code = code.map(|status| status.code);
        assert_eq!(code, case.code.as_deref(), "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Response {
    name: String,
    why: String,
    path: String,
    private_key: String,
    status: u16,
    headers: serde_json::Map<String, Value>,
    body_base64: String,
    expect: Expect,
    or: Option<Expect>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Expect {
    Success {
        plaintext_base64: String,
    },
    Failure {
        code: String,
        status: u16,
        delivery: String,
    },
    Problem {
        delivery: String,
    },
}

#[tokio::test]
async fn a_response_is_a_success_a_failure_of_the_platform_or_nothing_that_proves_anything() {
    let file = include_str!("../../openapi/conformance/responses.json");
    for case in cases::<Response>(file, 200) {
        let headers: Vec<_> = case
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let server = Server::start(reply(case.status, &headers, bytes(&case.body_base64))).await;
        let key = case.private_key.as_str();
        assert_eq!(key, "client.pkcs8.pem", "the key of the client here");
        let got = called(&server.client(), &case.path, &case.expect).await;
        assert!(
            got == case.expect || Some(&got) == case.or.as_ref(),
            "{}: {}: {got:?}",
            case.name,
            case.why
        );
        server.request();
    }
}

/// What a caller is told. A success with the expected body is the expected success.
async fn called(client: &Client, path: &str, expected: &Expect) -> Expect {
    let error = match client.raw(path, json!({})).send().await {
        Ok(response) => {
            let same = matches!(expected, Expect::Success { plaintext_base64 }
                if parsed(&bytes(plaintext_base64)) == *response.expose());
            let body = response.expose().to_string();
            let plaintext_base64 = match expected {
                Expect::Success { plaintext_base64 } if same => plaintext_base64.clone(),
                _ => BASE64.encode(body),
            };
            return Expect::Success { plaintext_base64 };
        }
        Err(error) => error,
    };
    let delivery = word(&error);
    match error.code() {
        Some(code) if error.kind() == ErrorKind::Code => Expect::Failure {
            code: code.code().to_owned(),
            status: error.http_status().unwrap(),
            delivery,
        },
        _ => Expect::Problem { delivery },
    }
}

fn parsed(body: &[u8]) -> Value {
    let value: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(value["response"]["code"], SUCCESS);
    value
}

fn word(error: &Error) -> String {
    let word = match error.delivery() {
        Delivery::NotCarriedOut => "not-carried-out",
        Delivery::EarlierCall => "earlier-call",
        Delivery::Declined => "declined",
        Delivery::MaybeProcessed => "maybe-processed",
        Delivery::ProcessedUnreadable => "processed-unreadable",
        other => panic!("no delivery of a response: {other:?}"),
    };
    word.to_owned()
}

#[derive(Deserialize)]
struct Verdict {
    name: String,
    path: String,
    operation: Option<String>,
    status: u16,
    code: String,
    delivery: String,
}

#[tokio::test]
async fn a_code_proves_what_the_description_says_and_only_with_status_400() {
    let cases: Vec<Verdict> = cases(
        include_str!("../../openapi/conformance/verdicts.json"),
        1_000,
    );
    let replies: Vec<_> = cases
        .iter()
        .map(|case| {
            let body = json!({"response": {"code": case.code, "description": ""}});
            json_response(case.status, body.to_string())
        })
        .collect();
    let server = Server::playing(replies).await;
    let client = server.client();
    for case in &cases {
        let error = client.raw(&case.path, json!({})).send().await.unwrap_err();
        assert_eq!(word(&error), case.delivery, "{}", case.name);
        assert_eq!(error.code().unwrap().code(), case.code, "{}", case.name);
        if let Some(operation) = &case.operation {
            assert_eq!(error.operation(), Some(operation.as_str()), "{}", case.name);
        }
    }
    assert_eq!(
        server.requests().len(),
        cases.len(),
        "nothing was sent again"
    );
}
