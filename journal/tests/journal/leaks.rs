//! Promise: whatever a server writes into a response, and whatever a call carries, nothing of it is
//! in the journal's file, in what the journal prints, or in its errors.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use konaplate::Error;
use konaplate_journal::{Journal, State};
use konaplate_sandbox::Sandbox;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::support::{all, at_once, client_through, read_message};

/// What must not turn up: one word for each place.
const SECRETS: [&str; 6] = [
    "CANARYONETIMETOK",
    "CANARY-OF-A-CODE",
    "CanaryOfAMessage",
    "CanaryOfAFieldNobodyKnows",
    "CanaryOfANameNobodyKnows",
    "CanaryOfAHeader",
];

/// Gives each request the next of these responses.
async fn responds(bodies: Vec<(u16, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for (status, body) in bodies.into_iter().cycle() {
            let (mut client, _) = listener.accept().await.unwrap();
            read_message(&mut client).await;
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\
                 x-km-correlation-id: CanaryOfAHeader\r\nretry-after: CanaryOfAHeader\r\n\r\n",
                body.len()
            );
            let response = [head.as_bytes(), &body].concat();
            client.write_all(&response).await.unwrap();
        }
    });
    url
}

#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn debug(&self, value: &impl Debug) {
        let text = format!("{value:?}\n{value:#?}\n");
        self.0.lock().unwrap().extend(text.into_bytes());
    }

    fn error(&self, error: &Error) {
        self.debug(error);
        self.0
            .lock()
            .unwrap()
            .extend(error.to_string().into_bytes());
    }
}

impl std::io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[track_caller]
fn holds_none(bytes: &[u8], what: &str) {
    for secret in SECRETS {
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in {what}");
    }
}

/// In a process of its own: the journal writes on other threads, and what they print goes to the
/// subscriber of the process.
#[tokio::test]
async fn nothing_of_calls_and_responses_is_written_down_or_printed() {
    const ALONE: &str = "KONAPLATE_TEST_IS_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let test = "leaks::nothing_of_calls_and_responses_is_written_down_or_printed";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env(ALONE, test)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("test result: ok. 1 passed"), "{said}");
        return;
    }
    let printed = Printed::default();
    let writer = printed.clone();
    tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .init();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    let journal = Journal::sqlite(&file).await.unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let of = |code: &str| {
        json!({
            "response": {"code": code, "description": "CanaryOfAMessage"},
            "CanaryOfANameNobodyKnows": "CanaryOfAFieldNobodyKnows",
            "nrNumber": "NR-1", "isPending": false,
        })
        .to_string()
    };
    let mut damaged = of("000_000").into_bytes();
    damaged.truncate(damaged.len() - 5);
    let url = responds(vec![
        (200, of("000_000").into_bytes()),
        (400, of("007_008").into_bytes()),
        (400, of("CANARY-OF-A-CODE").into_bytes()),
        (500, of("999_999").into_bytes()),
        (200, damaged),
        (
            502,
            b"<html>CanaryOfAMessage CANARYONETIMETOK</html>".to_vec(),
        ),
    ])
    .await;
    let client = client_through(&sandbox, &journal, &url);
    for number in 0..6 {
        let sent = client
            .recharge_from_bank_account()
            .sequence_id(format!("LEAK-{number}"))
            .user_id(10_000_000_001_u64)
            .amount(20_000_u64)
            .one_time_token("CANARYONETIMETOK")
            .dcvv("802")
            .merchant_id("410195430033901")
            .extra("CanaryOfANameNobodyKnows", "CanaryOfAFieldNobodyKnows")
            .send()
            .await;
        match sent {
            Ok(response) => printed.debug(&response),
            Err(error) => printed.error(&error),
        }
        let raw = client
            .raw(
                "/api/v9/pay/CANARYONETIMETOK",
                json!({"CanaryOfANameNobodyKnows": 1}),
            )
            .send()
            .await;
        match raw {
            Ok(response) => printed.debug(&response),
            Err(error) => printed.error(&error),
        }
    }
    printed.debug(&journal.recover(&client, at_once()).await.unwrap());
    printed.debug(&journal);
    let mut entries = 0;
    for state in [
        State::Open,
        State::NotSent,
        State::NotCarriedOut,
        State::Declined,
        State::EarlierCall,
        State::Completed,
        State::Failed,
        State::NeedsPerson,
    ] {
        for entry in all(&journal, state).await {
            entries += 1;
            printed.debug(&entry);
            printed.debug(&journal.history(&entry).await.unwrap());
        }
    }
    assert!(entries >= 12, "{entries} entries");
    journal.close().await;
    holds_none(&printed.0.lock().unwrap(), "what was printed");
    assert!(printed.0.lock().unwrap().len() > 50_000);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        holds_none(&std::fs::read(&path).unwrap(), "a file of the journal");
    }
}
