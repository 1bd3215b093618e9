//! Promise: a gateway with a journal says what became of a call by its sequence id, to whoever may call,
//! and never more than is known.

use std::sync::Arc;

use konaplate_cli::gateway::{Settings, Tokens};
use konaplate_journal::{Journal, RecoverPolicy, Settlement};
use konaplate_sandbox::{Fault, Sandbox};
use serde_json::json;

use crate::support::{Received, Served, TOKEN, is_problem, settings};

struct Stage {
    sandbox: Sandbox,
    journal: Journal,
    gateway: Served,
    _folder: tempfile::TempDir,
}

async fn stage(mut settings: Settings) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::sqlite(folder.path().join("journal.db"));
    let journal = journal.await.unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client_builder().journal(Arc::new(journal.clone()));
    settings.journal = Some(journal.clone());
    Stage {
        gateway: Served::with(settings, client.build().unwrap()),
        sandbox,
        journal,
        _folder: folder,
    }
}

async fn outcome(gateway: &Served, sequence_id: &str) -> Received {
    let url = format!("{}/outcomes/{sequence_id}", gateway.url);
    gateway.send(gateway.http.get(url)).await
}

#[tokio::test]
async fn what_is_known_of_a_call_is_said_by_its_sequence_id() {
    let stage = stage(settings()).await;
    let gateway = &stage.gateway;
    let sent = gateway.recharge("BANK-1").await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let requests = stage.sandbox.requests().len();
    let known = outcome(gateway, "BANK-1").await;
    assert_eq!(
        (known.status, known.content_type.as_str()),
        (200, "application/json")
    );
    let mut body = known.body;
    let since = body["since"].take();
    assert!(since.as_str().unwrap().ends_with('Z'), "{since}");
    assert_eq!(
        body,
        json!({
            "sequenceId": "BANK-1", "outcome": "completed", "state": "completed", "source": "call",
            "since": null, "contradicted": false, "operation": "recharge_from_bank_account",
            "correlationId": sent.id, "correlationIds": [sent.id],
        })
    );
    // Nothing was asked of the platform.
    assert_eq!(stage.sandbox.requests().len(), requests);
}

#[tokio::test]
async fn a_lost_response_is_open_until_it_is_settled_and_a_contradiction_is_shown() {
    let stage = stage(settings()).await;
    let gateway = &stage.gateway;
    let body = gateway.recharge_of("BANK/가 2").await;
    stage.sandbox.fault_next(Fault::CloseAfter).unwrap();
    let lost = gateway.post(crate::support::RECHARGE, body).await;
    assert_eq!(lost.delivery, "maybe-processed");
    // A sequence id can have characters that stand for something in a URL.
    let id = "BANK%2F%EA%B0%80%202";
    let open = outcome(gateway, id).await.body;
    assert_eq!(
        (&open["outcome"], &open["source"]),
        (&json!("open"), &json!("call"))
    );
    assert_eq!(open["sequenceId"], "BANK/가 2");

    let client = stage.sandbox.client();
    let mut policy = RecoverPolicy::default();
    policy.min_age = std::time::Duration::ZERO;
    stage.journal.recover(&client, policy).await.unwrap();
    let settled = outcome(gateway, id).await.body;
    assert_eq!(
        (
            &settled["outcome"],
            &settled["source"],
            &settled["contradicted"]
        ),
        (&json!("completed"), &json!("inquiry"), &json!(false))
    );
    let call = settled["correlationId"].as_str().unwrap().parse().unwrap();
    let said = Settlement::NotCarriedOut;
    let project = client.project();
    stage
        .journal
        .settle_by_hand(&project, call, said, "a test")
        .await
        .unwrap();
    let denied = outcome(gateway, id).await.body;
    assert_eq!(
        (&denied["outcome"], &denied["contradicted"]),
        (&json!("completed"), &json!(true))
    );
}

#[tokio::test]
async fn a_sequence_id_that_is_not_known_proves_nothing() {
    let stage = stage(settings()).await;
    // Of another project with the same journal.
    let other = Sandbox::start().await.unwrap();
    let client = other
        .client_builder()
        .journal(Arc::new(stage.journal.clone()));
    let other = Served::with(settings(), client.build().unwrap());
    assert_eq!(other.recharge("BANK-1").await.status, 200);
    for id in ["BANK-1", "NONE"] {
        let none = outcome(&stage.gateway, id).await;
        is_problem(&none, 404, "no-outcome", "maybe-processed");
        let detail = none.body["detail"].as_str().unwrap();
        assert!(detail.contains("proves nothing"), "{detail}");
        assert!(!detail.contains(id), "{detail}");
    }
}

#[tokio::test]
async fn without_a_journal_it_is_a_path_as_any_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let gateway = Served::with(settings(), sandbox.client());
    let got = outcome(&gateway, "BANK-1").await;
    is_problem(&got, 405, "method", "not-sent");
    assert_eq!(got.allow, "POST");
}

#[tokio::test]
async fn it_is_only_read_and_only_by_those_who_may_call() {
    let folder = tempfile::tempdir().unwrap();
    let (file, token) = (folder.path().join("token"), "t".repeat(32));
    std::fs::write(&file, &token).unwrap();
    let mut settings = settings();
    settings.tokens = Some(Tokens::read(&file).unwrap());
    let stage = stage(settings).await;
    let gateway = &stage.gateway;
    let url = format!("{}/outcomes/BANK-1", gateway.url);
    is_problem(&outcome(gateway, "BANK-1").await, 401, "token", "not-sent");
    let http = &gateway.http;
    let other = http
        .get(&url)
        .bearer_auth(&token)
        .header("host", "example.com");
    is_problem(&gateway.send(other).await, 421, "host", "not-sent");
    let page = http
        .get(&url)
        .bearer_auth(&token)
        .header("origin", "http://localhost");
    is_problem(&gateway.send(page).await, 403, "origin", "not-sent");
    let mine = http.get(&url).bearer_auth(&token);
    is_problem(
        &gateway.send(mine).await,
        404,
        "no-outcome",
        "maybe-processed",
    );
    let requests = stage.sandbox.requests().len();
    let posted = http.post(&url).bearer_auth(&token).json(&json!({}));
    let posted = gateway.send(posted).await;
    is_problem(&posted, 405, "method", "not-sent");
    assert!(posted.allow.starts_with("GET"), "{}", posted.allow);
    assert_eq!(stage.sandbox.requests().len(), requests);
    let token_call = http
        .post(format!("{}{TOKEN}", gateway.url))
        .bearer_auth(&token);
    let sent = gateway.send(token_call.json(&json!({"cardNo": crate::support::CARD})));
    assert_eq!(sent.await.status, 200);
}
