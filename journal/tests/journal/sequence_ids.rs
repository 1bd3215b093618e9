//! Promise: a sequence id that a call may have been sent with is not sent again, by no process that
//! shares the journal.

use std::error::Error as _;
use std::sync::Arc;

use crate::support::{
    CARD, PAR, USER, at_both, at_once, client, client_through, journal_at, recharge,
    responses_get_lost,
};
use konaplate::journal::SequenceIdUsed;
use konaplate::{Delivery, Error, ErrorKind};
use konaplate_journal::{Filter, Journal, Settlement, State};
use konaplate_sandbox::Sandbox;
use serde_json::json;

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
        let client = client(&sandbox, &journal);
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
        assert_eq!(
            journal
                .entries(State::Completed)
                .await
                .unwrap()
                .entries
                .len(),
            1
        );
        assert!(journal.open_entries().await.unwrap().entries.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_lost_response_and_a_refusal_hold_the_id_and_a_call_that_never_left_does_not() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
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
        let unconnected = client_through(&sandbox, &journal, &url);
        for _ in 0..2 {
            let error = recharge(&unconnected, &sandbox, "UNSENT-7041")
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connect);
        }
        recharge(&client, &sandbox, "UNSENT-7041").await.unwrap();
        assert_eq!(
            journal.entries(State::NotSent).await.unwrap().entries.len(),
            2
        );

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
                        let client = client(&sandbox, &journal);
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

/// A caller that names the correlation id itself, and uses it again: the second call is not sent, and
/// that says nothing of the first.
#[tokio::test]
async fn a_correlation_id_that_is_used_again_leaves_the_first_call_as_it_is() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let normal = client(&sandbox, &journal);
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
        let id = konaplate::CorrelationId::fresh(konaplate::TimeZone::Kst);
        let transfer = json!({"userId": USER, "fromCardNo": CARD, "toCardNo": CARD, "amount": 1});
        let refund = json!({"sequenceId": "TWICE-1", "userId": USER});
        for (operation, body) in [("refund_card", refund), ("transfer_balance", transfer)] {
            let id = match operation {
                "refund_card" => id,
                _ => konaplate::CorrelationId::fresh(konaplate::TimeZone::Kst),
            };
            let options = konaplate::CallOptions::new().correlation_id(id);
            let lost = lossy.raw(operation, body.clone()).options(options.clone());
            assert_eq!(
                lost.send().await.unwrap_err().delivery(),
                Delivery::MaybeProcessed
            );
            // The same call again, with the same sequence id or with another one.
            let mut other = body.clone();
            other["sequenceId"] = "TWICE-2".into();
            for again in [body, other] {
                let again = normal.raw(operation, again).options(options.clone());
                let error = again.send().await.unwrap_err();
                assert_ne!(error.delivery(), Delivery::MaybeProcessed, "it was sent");
            }
            // What is given up in the background has been by now.
            for _ in 0..20 {
                let inquiry = normal.get_bank_recharge_result().sequence_id("NONE");
                inquiry.send().await.unwrap_err();
            }
            let entry = journal.entry(&normal.project(), id).await.unwrap().unwrap();
            assert_eq!(entry.state, State::Open, "nobody says that it was not sent");
            assert_eq!(journal.history(&entry).await.unwrap().len(), 1);
        }
        // And its sequence id stays used; that of the call that was not sent is free.
        let error = recharge(&normal, &sandbox, "TWICE-1").await.unwrap_err();
        used_before(&error, "TWICE-1");
        recharge(&normal, &sandbox, "TWICE-2").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_by_sequence_id_and_by_correlation_id() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let other = Sandbox::start().await.unwrap();
        let (client, others) = (client(&sandbox, &journal), client(&other, &journal));
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let unconnected = client_through(&sandbox, &journal, &url);
        recharge(&client, &sandbox, "OTHER").await.unwrap();
        recharge(&unconnected, &sandbox, "FOUND").await.unwrap_err();
        recharge(&others, &other, "FOUND").await.unwrap();
        recharge(&lossy, &sandbox, "FOUND").await.unwrap_err();

        let by_sequence_id = Filter::all().sequence_id("FOUND");
        let states = async |filter: Filter| {
            let entries = journal.entries(filter).await.unwrap().entries;
            entries.iter().map(|entry| entry.state).collect::<Vec<_>>()
        };
        assert_eq!(
            states(by_sequence_id.clone()).await,
            [State::NotSent, State::Completed, State::Open]
        );
        assert_eq!(
            states(by_sequence_id.clone().of(&client.project())).await,
            [State::NotSent, State::Open]
        );
        assert!(states(Filter::all().sequence_id("NONE")).await.is_empty());
        // By the page, whose place can be handed on.
        let first = journal.entries(by_sequence_id.clone().at_most(1)).await;
        let next = first.unwrap().next.unwrap().to_string().parse().unwrap();
        assert_eq!(
            states(by_sequence_id.after(next)).await,
            [State::Completed, State::Open]
        );

        let of_others = Filter::from([State::Completed, State::NotSent]).of(&others.project());
        let entry = &journal.entries(of_others).await.unwrap().entries[0];
        let id = entry.correlation_id.parse().unwrap();
        let by_id = Filter::all().correlation_id(id);
        let found = journal.entries(by_id.clone()).await.unwrap().entries;
        assert_eq!(found, std::slice::from_ref(entry));
        assert!(states(by_id.of(&client.project())).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_for_a_person_is_listed_together() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        recharge(&client, &sandbox, "SETTLED").await.unwrap();
        recharge(&client, &sandbox, "DENIED").await.unwrap();
        let denied = journal.entries(Filter::all().sequence_id("DENIED")).await;
        let denied = denied.unwrap().entries[0].correlation_id.parse().unwrap();
        let said = Settlement::NotCarriedOut;
        journal
            .settle_by_hand(&client.project(), denied, said, "a test")
            .await
            .unwrap();
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
        let body = json!({"userId": USER, "fromCardNo": CARD, "toCardNo": CARD, "amount": 1});
        lossy
            .raw("transfer_balance", body)
            .send()
            .await
            .unwrap_err();
        journal.recover(&client, at_once()).await.unwrap();

        let entries = journal.entries(Filter::for_a_person()).await.unwrap();
        let listed: Vec<_> = entries
            .entries
            .iter()
            .map(|entry| (entry.state, entry.contradicted))
            .collect();
        assert_eq!(
            listed,
            [(State::Completed, true), (State::NeedsPerson, false)]
        );
    })
    .await;
}
