//! Promise: a recovery gets on, whatever is in its way; what was given up before it was sent gives
//! its sequence id back; and a payment is taken back by a recovery only where both its caller and
//! the operator said so.

use std::time::Duration;

use konaplate::journal::Concluded;
use konaplate::{CallOptions, Delivery, ErrorKind, OutcomePolicy};
use konaplate_journal::{Entry, Filter, Journal, RecoverPolicy, SettledByHand, Settlement, State};
use konaplate_sandbox::{Fault, Sandbox, fixtures};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::support::{
    CARD, PAR, all, at_both, at_once, builder, client, client_through, journal_at, recharge,
    responses_get_lost, run,
};

/// So many recharges whose responses were lost.
async fn lose(journal: &Journal, sandbox: &Sandbox, number: usize) {
    let url = responses_get_lost(sandbox.address()).await;
    let lossy = client_through(sandbox, journal, &url);
    for n in 0..number {
        let sequence_id = format!("LOST-{n}");
        recharge(&lossy, sandbox, &sequence_id).await.unwrap_err();
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_stops_nothing() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        lose(&journal, &sandbox, 5).await;
        run(
            place,
            "UPDATE konaplate_calls SET request = 'no JSON' WHERE sequence_id = 'LOST-1'",
        )
        .await;
        run(
            place,
            "UPDATE konaplate_calls SET source = 'oracle' WHERE sequence_id = 'LOST-3'",
        )
        .await;
        let page = journal.open_entries().await.unwrap();
        assert_eq!((page.entries.len(), page.unreadable.len()), (3, 2));
        assert_eq!(page.unreadable[0].reason, "an entry is not JSON");
        assert!(page.unreadable[0].correlation_id.is_some());

        let client = client(&sandbox, &journal);
        let recovery = journal.recover(&client, at_once()).await.unwrap();
        assert_eq!(
            (recovery.completed.len(), recovery.unreadable.len()),
            (3, 2)
        );
        assert_eq!(
            journal
                .entries(State::Completed)
                .await
                .unwrap()
                .entries
                .len(),
            3
        );
    })
    .await;
}

#[tokio::test]
async fn lists_come_by_the_page_and_pruning_keeps_the_sequence_ids() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        for n in 0..7 {
            recharge(&client, &sandbox, &format!("PAGE-{n}"))
                .await
                .unwrap();
        }
        let first = journal.entries(Filter::all().at_most(3)).await.unwrap();
        assert_eq!(first.entries.len(), 3);
        let next = first.next.unwrap();
        // What comes meanwhile is on the last page.
        lose(&journal, &sandbox, 1).await;
        let filter = Filter::all().at_most(5).after(next);
        let second = journal.entries(filter).await.unwrap();
        assert_eq!((second.entries.len(), second.next), (5, None));
        assert_eq!(second.entries[0].sequence_id.as_deref(), Some("PAGE-3"));
        assert_eq!(all(&journal, State::Completed).await.len(), 7);

        assert_eq!(journal.prune(Duration::from_secs(3_600)).await.unwrap(), 0);
        journal.pass_time(Duration::from_secs(3_601)).await.unwrap();
        recharge(&client, &sandbox, "PAGE-7").await.unwrap();
        assert_eq!(journal.prune(Duration::from_secs(3_600)).await.unwrap(), 7);
        let left = journal.entries(Filter::all()).await.unwrap().entries;
        let left: Vec<_> = left.iter().map(|entry| entry.state).collect();
        assert_eq!(left, [State::Open, State::Completed]);
        let error = recharge(&client, &sandbox, "PAGE-0").await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::EarlierCall);
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_about_in_vain_waits_longer_each_time() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        lose(&journal, &sandbox, 1).await;
        let client = client(&sandbox, &journal);
        let mut policy = RecoverPolicy::default();
        policy.min_age = Duration::ZERO;
        policy.pause = Duration::from_secs(100);
        policy.longest_pause = Duration::from_secs(250);
        let asked = async || {
            let inquiry = "get_bank_recharge_result";
            sandbox
                .fault_operation(inquiry, Fault::CloseBefore)
                .unwrap();
            let recovery = journal.recover(&client, policy.clone()).await.unwrap();
            recovery.still_open.len()
        };
        for pause in [100, 200, 250, 250] {
            assert_eq!(asked().await, 1);
            journal
                .pass_time(Duration::from_secs(pause - 10))
                .await
                .unwrap();
            assert_eq!(asked().await, 0, "{pause}");
            journal.pass_time(Duration::from_secs(11)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_does_not_respond_is_not_asked_about_everything() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        lose(&journal, &sandbox, 8).await;
        // A port that nobody is given.
        let nowhere = client_through(&sandbox, &journal, "http://127.0.0.1:1");
        let mut policy = at_once();
        policy.at_once = 2;
        policy.give_up_after = 3;
        let recovery = journal.recover(&nowhere, policy.clone()).await.unwrap();
        assert!(recovery.is_cut_short);
        let asked = recovery.still_open.len();
        assert!((3..=5).contains(&asked), "{asked}");
        policy.give_up_after = 100;
        let client = client(&sandbox, &journal);
        // What was asked about in vain is due from the next millisecond on.
        journal.pass_time(Duration::from_secs(1)).await.unwrap();
        let recovery = journal.recover(&client, policy).await.unwrap();
        assert!(!recovery.is_cut_short);
        assert_eq!(recovery.completed.len(), 8);
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::sqlite(folder.path().join("journal.db"))
        .await
        .unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, &journal);
    for wrong in [
        |policy: &mut RecoverPolicy| policy.at_once = 0,
        |policy: &mut RecoverPolicy| policy.at_once = 65,
        |policy: &mut RecoverPolicy| policy.give_up_after = 0,
        |policy: &mut RecoverPolicy| policy.longest_pause = Duration::from_secs(1),
    ] {
        let mut policy = RecoverPolicy::default();
        wrong(&mut policy);
        journal.recover(&client, policy).await.unwrap_err();
    }
}

/// Somebody else's transaction holds the database, as long as the returned connection lives.
async fn lock(place: &str) -> Box<dyn std::any::Any + Send> {
    if place.starts_with("postgres:") {
        let mut connection = PgConnection::connect(place).await.unwrap();
        connection
            .execute("BEGIN; LOCK TABLE konaplate.konaplate_holds IN ACCESS EXCLUSIVE MODE")
            .await
            .unwrap();
        Box::new(connection)
    } else {
        let mut connection = SqliteConnection::connect(place).await.unwrap();
        connection.execute("BEGIN EXCLUSIVE").await.unwrap();
        Box::new(connection)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_intent_that_waited_too_long_or_was_dropped_gives_its_sequence_id_back() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let normal = client(&sandbox, &journal);
        // The journal knows the project: what hangs is the intent.
        recharge(&normal, &sandbox, "FIRST-1").await.unwrap();
        let hasty = builder(&sandbox, &journal)
            .timeout(Duration::from_millis(200))
            .build()
            .unwrap();
        let before = sandbox.card_balance(PAR);

        let locked = lock(place).await;
        let error = recharge(&hasty, &sandbox, "WAITED-1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Journal, "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        let dropped = recharge(&normal, &sandbox, "DROPPED-1");
        let dropped = tokio::time::timeout(Duration::from_millis(300), dropped).await;
        dropped.unwrap_err();
        drop(locked);

        // Whatever was written of them in the meantime is concluded in the background.
        let concluded = async {
            for sequence_id in ["WAITED-1", "DROPPED-1"] {
                while let Err(error) = recharge(&normal, &sandbox, sequence_id).await {
                    assert_eq!(error.delivery(), Delivery::EarlierCall, "{error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            while !journal.open_entries().await.unwrap().entries.is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let limit = Duration::from_secs(300);
        let concluded = tokio::time::timeout(limit, concluded).await;
        concluded.expect("it does not end");
        assert_eq!(sandbox.card_balance(PAR), before.map(|held| held + 40_000));
        for entry in all(&journal, State::NotSent).await {
            let given_up = entry.sequence_id.unwrap();
            assert!(["WAITED-1", "DROPPED-1"].contains(&given_up.as_str()));
        }
    })
    .await;
}

/// A payment whose response is lost, and whose process ends before it can cancel: with a durable
/// cancellation or without.
async fn pay_and_die(journal: &Journal, sandbox: &Sandbox, is_durable: bool) {
    let client = client(sandbox, journal);
    let token = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    sandbox.fault_next(Fault::CloseAfter).unwrap();
    // What cancels finds nobody; the process gives up at once.
    sandbox
        .fault_operation("network_cancel_payment", Fault::CloseBefore)
        .unwrap();
    let moment = Duration::from_millis(1);
    let policy = OutcomePolicy::new()
        .interval(moment)
        .deadline(moment)
        .durable_cancellation(is_durable);
    let outcome = client
        .pay_with_token()
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .amount(3_000_u64)
        .merchant_id(fixtures::MERCHANTS[0])
        .channel("OPENAPI")
        .transaction_id("PAY-1")
        .options(CallOptions::new().outcome(policy))
        .send_for_outcome_or_cancel(
            client
                .network_cancel_payment()
                .extra("transactionId", "PAY-1"),
        )
        .await
        .unwrap();
    assert!(
        matches!(outcome, konaplate::Outcome::Unknown(_)),
        "{outcome:?}"
    );
    sandbox.clear_faults();
}

#[tokio::test]
async fn a_payment_is_taken_back_where_caller_and_operator_said_so() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        for (is_durable, sends, cancelled) in [
            (true, true, true),
            (true, false, false),
            (false, true, false),
        ] {
            let sandbox = Sandbox::start().await.unwrap();
            let before = sandbox.card_balance(PAR).unwrap();
            pay_and_die(&journal, &sandbox, is_durable).await;
            assert_eq!(sandbox.card_balance(PAR), Some(before - 3_000));
            let client = client(&sandbox, &journal);
            let mut policy = at_once();
            policy.send_cancellations = sends;
            let recovery = journal.recover(&client, policy).await.unwrap();
            if cancelled {
                assert_eq!(recovery.cancelled.len(), 1, "{recovery:?}");
                assert_eq!(sandbox.card_balance(PAR), Some(before));
                let entry = &recovery.cancelled[0];
                let history = journal.history(entry).await.unwrap();
                let said: Vec<_> = history.iter().map(|said| said.state).collect();
                assert_eq!(said, [State::Open, State::Cancelling, State::Cancelled]);
            } else {
                let is_payment = |entry: &&Entry| entry.operation == "pay_with_token";
                let payments = recovery.needs_person.iter().filter(is_payment);
                assert_eq!(payments.count(), 1, "{recovery:?}");
                assert_eq!(sandbox.card_balance(PAR), Some(before - 3_000));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_success_that_comes_after_cancellations_without_response_is_not_handed_out() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let before = sandbox.card_balance(PAR);
        pay_and_die(&journal, &sandbox, true).await;
        let client = client(&sandbox, &journal);
        let mut policy = at_once();
        policy.send_cancellations = true;
        policy.cancellations = 1;
        sandbox
            .fault_operation("network_cancel_payment", Fault::CloseAfter)
            .unwrap();
        let recovery = journal.recover(&client, policy.clone()).await.unwrap();
        assert!(recovery.cancelled.is_empty(), "{recovery:?}");
        // What was asked about in vain is due from the next millisecond on.
        journal.pass_time(Duration::from_secs(1)).await.unwrap();
        journal.recover(&client, policy).await.unwrap();
        // It was carried out, and nobody knows.
        assert_eq!(sandbox.card_balance(PAR), before);
        let persons = all(&journal, State::NeedsPerson).await;
        let is_payment = |entry: &&Entry| entry.operation == "pay_with_token";
        let payment = persons.iter().find(is_payment).unwrap();

        // The payment's own response comes only now.
        let id = payment.correlation_id.parse().unwrap();
        let project = client.project();
        let intent = konaplate::journal::Intent::new(project.clone(), "pay_with_token", id);
        let success = konaplate::journal::Outcome::Completed(serde_json::Map::new());
        let late = async || {
            let conclusion = intent.clone().concluded(success.clone());
            konaplate::journal::Journal::conclude(&journal, conclusion)
                .await
                .unwrap()
        };
        assert_eq!(late().await, Concluded::BeingCancelled);
        let entry = journal.entry(&project, id).await.unwrap().unwrap();
        assert_eq!(entry.state, State::NeedsPerson);
        // Nor does it help that a person has settled it in the meantime.
        let said = Settlement::NotCarriedOut;
        let settled = journal.settle_by_hand(&project, id, said, "a test").await;
        // It was: the platform has said so.
        assert_eq!(settled.unwrap(), SettledByHand::Contradicts);
        assert_eq!(late().await, Concluded::BeingCancelled);
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_its_own_call_cancelled_is_recorded_so() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let token = client
            .issue_one_time_token()
            .card_no(CARD)
            .send()
            .await
            .unwrap();
        sandbox.fault_next(Fault::CloseAfter).unwrap();
        let outcome = client
            .pay_with_token()
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .amount(3_000_u64)
            .merchant_id(fixtures::MERCHANTS[0])
            .channel("OPENAPI")
            .transaction_id("PAY-2")
            .send_for_outcome_or_cancel(
                client
                    .network_cancel_payment()
                    .extra("transactionId", "PAY-2"),
            )
            .await
            .unwrap();
        let konaplate::Outcome::Cancelled(cancelled) = outcome else {
            panic!("{outcome:?}");
        };
        let id = cancelled.record().correlation_ids()[0];
        let entry = journal.entry(&client.project(), id).await.unwrap().unwrap();
        assert_eq!(entry.state, State::Cancelled);
    })
    .await;
}
