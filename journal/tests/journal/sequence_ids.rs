//! Promise: a sequence id that a call may have been sent with is not sent again, by no process that
//! shares the journal; and journals of the first version are taken over.

use std::error::Error as _;
use std::sync::Arc;

use crate::support::{at_both, journal_at, responses_get_lost};
use konaplate::journal::SequenceIdUsed;
use konaplate::{Client, Delivery, Error, ErrorKind};
use konaplate_journal::{Journal, State};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::json;
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

fn client_at(sandbox: &Sandbox, journal: &Journal, url: &str) -> Client {
    sandbox
        .client_builder()
        .base_url(url)
        .journal(Arc::new(journal.clone()))
        .build()
        .unwrap()
}

/// A recharge of 20,000 KRW with this sequence id, which the caller is sure of.
async fn recharge(client: &Client, sandbox: &Sandbox, sequence_id: &str) -> Result<(), Error> {
    let tokens = sandbox.client();
    let token = tokens.issue_one_time_token().card_no(CARD).send().await?;
    client
        .recharge_from_bank_account()
        .sequence_id(sequence_id)
        .user_id(USER)
        .amount(20_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await
        .map(|_| ())
}

#[track_caller]
fn used_before(error: &Error, sequence_id: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    // Not "safe to send again": the earlier call may have been carried out.
    assert_eq!(error.delivery(), Delivery::EarlierCall);
    assert_eq!(error.field(), Some("sequenceId"));
    assert!(error.source().unwrap().is::<SequenceIdUsed>());
    let printed = format!("{error} {error:?}");
    assert!(printed.contains("must be a new one"), "{printed}");
    assert!(!printed.contains(sequence_id), "{printed}");
}

#[tokio::test]
async fn what_was_sent_once_is_not_sent_again_by_whatever_operation() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client_at(&sandbox, &journal, sandbox.base_url());
        let before = sandbox.card_balance(PAR).unwrap();
        recharge(&client, &sandbox, "ONCE-7041").await.unwrap();
        let error = recharge(&client, &sandbox, "ONCE-7041").await.unwrap_err();
        used_before(&error, "ONCE-7041");
        assert_eq!(sandbox.card_balance(PAR), Some(before + 20_000));
        // One name space: the vendor says of none of the operations that it has one of its own.
        for operation in [
            "cancel_bank_recharge",
            "refund_card",
            "create_credit_card_recharge",
        ] {
            let body = json!({"sequenceId": "ONCE-7041", "userId": USER});
            let error = client.raw(operation, body).send().await.unwrap_err();
            used_before(&error, "ONCE-7041");
        }
        // The refused calls left nothing behind.
        assert_eq!(journal.entries(State::Completed).await.unwrap().len(), 1);
        assert!(journal.open_entries().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_lost_response_and_a_refusal_hold_the_id_and_a_call_that_never_left_does_not() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client_at(&sandbox, &journal, sandbox.base_url());
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_at(&sandbox, &journal, &lossy);
        recharge(&lossy, &sandbox, "LOST-7041").await.unwrap_err();
        let error = recharge(&client, &sandbox, "LOST-7041").await.unwrap_err();
        used_before(&error, "LOST-7041");

        // The digits of a number are the same sequence id. They are more than a correlation id, which
        // is part of an error's text, has in a row.
        let other = json!({"sequenceId": 7_041_704_170_417_041_u64, "userId": USER});
        let unread = client.raw("refund_card", other).send().await.unwrap_err();
        assert_eq!(unread.delivery(), Delivery::EarlierCall);
        let error = recharge(&client, &sandbox, "7041704170417041")
            .await
            .unwrap_err();
        used_before(&error, "7041704170417041");

        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let unconnected = client_at(&sandbox, &journal, &url);
        for _ in 0..2 {
            let error = recharge(&unconnected, &sandbox, "UNSENT-7041")
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connect);
        }
        recharge(&client, &sandbox, "UNSENT-7041").await.unwrap();
        assert_eq!(journal.entries(State::NotSent).await.unwrap().len(), 2);

        // Calls without a sequence id have nothing to hold.
        for _ in 0..2 {
            let body = json!({"userId": USER, "fromCardNo": CARD, "toCardNo": CARD, "amount": 1});
            let error = client
                .raw("transfer_balance", body)
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.delivery(), Delivery::MaybeProcessed);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_processes_with_one_id_one_sends_it() {
    at_both(async |place| {
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let before = sandbox.card_balance(PAR).unwrap();
        for round in 0..5 {
            let sequence_id = format!("RACE-704{round}");
            let racers: Vec<_> = (0..6)
                .map(|_| {
                    let (sandbox, place) = (Arc::clone(&sandbox), place.to_owned());
                    let sequence_id = sequence_id.clone();
                    // A journal of its own, as in a process of its own; the first ones make the
                    // tables.
                    tokio::spawn(async move {
                        let journal = journal_at(&place).await;
                        let client = client_at(&sandbox, &journal, sandbox.base_url());
                        recharge(&client, &sandbox, &sequence_id).await
                    })
                })
                .collect();
            let mut sent = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    Ok(()) => sent += 1,
                    Err(error) => used_before(&error, &sequence_id),
                }
            }
            assert_eq!(sent, 1);
        }
        assert_eq!(sandbox.card_balance(PAR), Some(before + 5 * 20_000));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..40 {
        let file = folder.path().join(format!("{round}.db"));
        let openers: Vec<_> = (0..6)
            .map(|_| tokio::spawn(Journal::sqlite(file.clone())))
            .collect();
        for opener in openers {
            opener.await.unwrap().unwrap();
        }
    }
}

/// A journal as the first version wrote it, with these entries.
async fn first_version<C: Migrate>(connection: &mut C)
where
    for<'c> &'c mut C: sqlx::Executor<'c>,
{
    let first = Migration::new(
        1,
        "entries".into(),
        MigrationType::Simple,
        include_str!("../../migrations/0001_entries.sql").into(),
        false,
    );
    let migrator = Migrator {
        migrations: vec![first].into(),
        ..Migrator::DEFAULT
    };
    migrator.run_direct(connection).await.unwrap();
    sqlx::Executor::execute(
        connection,
        "INSERT INTO konaplate_journal \
           (correlation_id, operation, sequence_id, intended_at, request, state) VALUES \
         ('260315104512-0000001', 'refund_card', 'OLD-1', 5, '{}', 'not_sent'), \
         ('260315104512-0000002', 'refund_card', 'OLD-1', 6, '{}', 'completed'), \
         ('260315104512-0000003', 'refund_card', 'OLD-1', 6, '{}', 'refused'), \
         ('260315104512-0000004', 'refund_card', 'OLD-2', 7, '{}', 'not_sent'), \
         ('260315104512-0000005', 'refund_card', 'OLD-3', 8, '{}', 'open'), \
         ('260315104512-0000006', 'transfer_balance', NULL, 9, '{}', 'needs_person'), \
         ('260315104512-0000007', 'transfer_balance', NULL, 9, '{}', 'completed')",
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_journal_of_the_first_version_keeps_its_entries_and_holds_their_ids() {
    at_both(async |place| {
        if place.starts_with("postgres:") {
            first_version(&mut PgConnection::connect(place).await.unwrap()).await;
        } else {
            let url = format!("sqlite:{place}?mode=rwc");
            first_version(&mut SqliteConnection::connect(&url).await.unwrap()).await;
        }
        let journal = journal_at(place).await;
        for (state, count) in [
            (State::NotSent, 2),
            (State::Completed, 2),
            (State::Declined, 1),
            (State::Open, 1),
            (State::NeedsPerson, 1),
        ] {
            assert_eq!(
                journal.entries(state).await.unwrap().len(),
                count,
                "{state}"
            );
        }
        let sandbox = Sandbox::start().await.unwrap();
        let client = client_at(&sandbox, &journal, sandbox.base_url());
        for held in ["OLD-1", "OLD-3"] {
            let error = recharge(&client, &sandbox, held).await.unwrap_err();
            used_before(&error, held);
        }
        recharge(&client, &sandbox, "OLD-2").await.unwrap();
    })
    .await;
}
