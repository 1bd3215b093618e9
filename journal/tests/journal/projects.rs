//! Promise: what the journal knows of one project says nothing of another, whatever they have in
//! common; and a project stays one when its keys are replaced.

use std::sync::{Arc, Mutex};

use konaplate::credentials::Credentials;
use konaplate::journal::{Intent, Journal as _, KeyDigest, Outcome, Project, SequenceIdUsed};
use konaplate::{CallOptions, Client, CorrelationId, Delivery, TimeZone};
use konaplate_journal::{Filter, Journal, SettledByHand, Settlement, State};
use konaplate_sandbox::{Sandbox, fixtures};

use crate::support::{
    CARD, PAR, USER, at_both, at_once, client, client_through, journal_at, recharge,
    requests_get_lost, responses_get_lost,
};

/// A recharge with these ids.
async fn recharge_as(
    client: &Client,
    sandbox: &Sandbox,
    id: CorrelationId,
) -> Result<(), konaplate::Error> {
    let tokens = sandbox.client();
    let token = tokens.issue_one_time_token().card_no(CARD).send().await?;
    client
        .recharge_from_bank_account()
        .sequence_id("SAME-1")
        .user_id(USER)
        .amount(20_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .options(CallOptions::new().correlation_id(id))
        .send()
        .await
        .map(drop)
}

#[tokio::test]
async fn the_recovery_of_one_project_leaves_the_other_alone() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let (here, there) = (
            Sandbox::start().await.unwrap(),
            Sandbox::start().await.unwrap(),
        );
        let (a, b) = (client(&here, &journal), client(&there, &journal));
        let id = CorrelationId::fresh(TimeZone::Kst);

        // It moved the money at A, whose response was lost. B knows no such transaction.
        let before = here.card_balance(PAR).unwrap();
        let lossy = client_through(&here, &journal, &responses_get_lost(here.address()).await);
        let error = recharge_as(&lossy, &here, id).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);
        assert_eq!(here.card_balance(PAR), Some(before + 20_000));
        let mut policy = at_once();
        policy.not_found_after = std::time::Duration::ZERO;
        let recovery = journal.recover(&b, policy.clone()).await.unwrap();
        assert_eq!(recovery.left_to_other_projects, 1);
        assert!(recovery.failed.is_empty() && recovery.needs_person.is_empty());
        let entry = async |of: &Client| journal.entry(&of.project(), id).await.unwrap();
        assert_eq!(entry(&a).await.unwrap().state, State::Open);
        assert_eq!(entry(&b).await, None);
        let other = &b.project();
        let settled = journal.settle_by_hand(other, id, Settlement::Completed, "?");
        assert_eq!(settled.await.unwrap(), SettledByHand::NoEntry);

        // B's call with the same ids is another one.
        recharge_as(&b, &there, id).await.unwrap();
        assert_eq!(entry(&b).await.unwrap().state, State::Completed);
        assert_eq!(entry(&a).await.unwrap().state, State::Open);
        let recovery = journal.recover(&a, policy).await.unwrap();
        assert_eq!(recovery.completed.len(), 1);
        assert_eq!(recovery.left_to_other_projects, 0);
        for of in [&a, &b] {
            let page = journal
                .entries(Filter::all().of(&of.project()))
                .await
                .unwrap();
            assert_eq!(page.entries.len(), 1);
            assert_eq!(page.entries[0].base_url, of.project().base_url());
            assert_eq!(page.entries[0].asp_id, fixtures::ASP_ID);
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_that_never_reached_one_project_is_not_completed_by_the_other() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let (here, there) = (
            Sandbox::start().await.unwrap(),
            Sandbox::start().await.unwrap(),
        );
        let (a, b) = (client(&here, &journal), client(&there, &journal));
        let url = requests_get_lost().await;
        let broken = client_through(&here, &journal, &url);
        recharge(&broken, &here, "SAME-1").await.unwrap_err();
        recharge(&b, &there, "SAME-1").await.unwrap();

        let mut policy = at_once();
        policy.not_found_after = std::time::Duration::ZERO;
        journal.recover(&b, policy.clone()).await.unwrap();
        let recovery = journal.recover(&a, policy).await.unwrap();
        assert!(recovery.completed.is_empty());
        assert_eq!(recovery.needs_person.len(), 1);
        assert_eq!(recovery.needs_person[0].base_url, here.base_url());
    })
    .await;
}

fn project(keys: &[&str]) -> Project {
    let digest = |key: &&str| KeyDigest::of(fixtures::ASP_ID, key);
    let keys = keys.iter().map(digest).collect();
    Project::new("https://example.com/open-api", fixtures::ASP_ID, keys)
}

async fn intend(journal: &Journal, project: Project, sequence_id: &str) -> Result<Intent, bool> {
    let id = CorrelationId::fresh(TimeZone::Kst);
    let mut intent = Intent::new(project, "refund_card", id);
    intent
        .fields
        .insert("sequenceId".to_owned(), sequence_id.into());
    match journal.intend(intent.clone()).await {
        Ok(()) => Ok(intent),
        Err(error) => Err(error.is::<SequenceIdUsed>()),
    }
}

#[tokio::test]
async fn a_project_stays_one_when_its_keys_are_replaced() {
    let (old, new, other) = (
        "0a1b2c3-0123456789abcdef0123456789abcdef",
        "1a1b2c3-0123456789abcdef0123456789abcdef",
        "2a1b2c3-0123456789abcdef0123456789abcdef",
    );
    at_both(async |place| {
        let journal = journal_at(place).await;
        let before = intend(&journal, project(&[old]), "KEY-1").await.unwrap();
        // A key that nobody has said to be of the project is of another one.
        intend(&journal, project(&[other]), "KEY-1").await.unwrap();
        let rotated = project(&[new, old]);
        let used = intend(&journal, rotated.clone(), "KEY-1").await;
        assert!(used.unwrap_err());
        intend(&journal, rotated, "KEY-2").await.unwrap();

        // From then on the new key alone will do, also for another program.
        let journal = journal_at(place).await;
        let now = project(&[new]);
        for used in ["KEY-1", "KEY-2"] {
            assert!(intend(&journal, now.clone(), used).await.unwrap_err());
        }
        let entry = journal.entry(&now, before.correlation_id).await.unwrap();
        assert_eq!(entry.unwrap().state, State::Open);
        let mut conclusion = before.concluded(Outcome::NotSent);
        conclusion.project = now.clone();
        journal.conclude(conclusion).await.unwrap();
        intend(&journal, now.clone(), "KEY-1").await.unwrap();
        let page = journal.entries(Filter::all().of(&now)).await.unwrap();
        assert_eq!(page.entries.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_client_has_the_project_of_its_settings() {
    let build = |former: Option<&str>| {
        let builder = Client::builder()
            .base_url("https://example.com/open-api/")
            .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, fixtures::SECRET_KEY);
        match former {
            Some(key) => builder.former_access_key(key).build(),
            None => builder.build(),
        }
    };
    let client = build(None).unwrap();
    assert_eq!(client.project(), project(&[fixtures::ACCESS_KEY]));
    let former = "0a1b2c3-0123456789abcdef0123456789abcdef";
    let client = build(Some(former)).unwrap();
    assert_eq!(client.project(), project(&[fixtures::ACCESS_KEY, former]));
    let shown = format!("{client:?} {:?}", client.project());
    assert!(!shown.contains(former) && !shown.contains(fixtures::ACCESS_KEY));
    let error = build(Some("short")).unwrap_err();
    assert_eq!(error.field(), Some("former_access_key"));
}

#[tokio::test]
async fn a_sequence_id_stays_used_when_the_keys_are_replaced_without_a_restart() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let access_key = Arc::new(Mutex::new(fixtures::ACCESS_KEY));
        let provided = Arc::clone(&access_key);
        let keys = move || {
            let key = *provided.lock().unwrap();
            Ok(Credentials::new().project_keys(fixtures::ASP_ID, key, fixtures::SECRET_KEY))
        };
        let client = Client::builder()
            .base_url("https://example.com/open-api")
            .credentials_provider(keys)
            .build()
            .unwrap();
        let before = client.project();
        intend(&journal, before, "KEY-1").await.unwrap();
        *access_key.lock().unwrap() = "5a4db0c-ffffffffffffffffffffffffffffffff";
        client.refresh_credentials().unwrap();
        assert!(
            intend(&journal, client.project(), "KEY-1")
                .await
                .unwrap_err()
        );
        intend(&journal, client.project(), "KEY-2").await.unwrap();
        // A program that starts with the new key alone is the same project by now.
        let restarted = project(&["5a4db0c-ffffffffffffffffffffffffffffffff"]);
        assert!(intend(&journal, restarted, "KEY-1").await.unwrap_err());
    })
    .await;
}
