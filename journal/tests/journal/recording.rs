//! Promise: every call that moves money is in the journal before it is sent, and what a lost
//! response left open is settled by asking, once, and never by sending again.

use std::time::{Duration, SystemTime};

use crate::support::{
    CARD, PAR, Postgres, USER, always_responds, at_once, client, client_through, recharge_with,
    requests_get_lost, responses_get_lost, responses_wait,
};
use konaplate::Delivery;
use konaplate::journal::Recording;
use konaplate::types::OneTimeTokenType;
use konaplate_journal::{Filter, Journal, RecoverPolicy, SettledByHand, Settlement, Source, State};
use konaplate_sandbox::{Fault, Sandbox, fixtures};
use serde_json::json;

/// Runs a test on SQLite, and on PostgreSQL where it is installed.
async fn on_both<F: AsyncFn(Journal)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    test(
        Journal::sqlite(folder.path().join("journal.db"))
            .await
            .unwrap(),
    )
    .await;
    if let Some(postgres) = Postgres::start() {
        test(postgres.journal().await).await;
    }
}

#[tokio::test]
async fn a_call_that_moves_money_is_written_down_without_what_is_sensitive() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let journal = Journal::sqlite(&file).await.unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, &journal);
    let token = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    let response = client
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .user_id(USER)
        .amount(20_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .extra("note", "for 김코나")
        .send()
        .await
        .unwrap();

    let entry = journal
        .entry(&client.project(), response.correlation_id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(entry.state, State::Completed);
    assert_eq!(entry.operation, "recharge_from_bank_account");
    assert_eq!(entry.sequence_id.as_deref(), Some("BANK-1"));
    assert_eq!(
        serde_json::Value::Object(entry.request),
        json!({
            "sequenceId": "BANK-1", "userId": USER, "amount": 20_000,
            "merchantId": fixtures::MERCHANTS[0],
        })
    );
    assert_eq!(entry.response["nrNumber"], *response.nr_number);
    // The token call moves no money, so it is not there.
    assert_eq!(
        journal
            .entries(State::Completed)
            .await
            .unwrap()
            .entries
            .len(),
        1
    );

    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    for secret in [token.one_time_token.expose(), CARD, "김코나"] {
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "a secret is in the file");
    }
}

#[tokio::test]
async fn each_failure_is_recorded_as_what_it_proves() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        // Sent without the journal, so that it is the platform that knows the sequence id.
        let other = sandbox.client();
        recharge_with(&other, &other, "R-1").await.unwrap();
        recharge_with(&client, &client, "R-1").await.unwrap_err();
        // An earlier call has it: its outcome is asked for.
        let open = journal.open_entries().await.unwrap().entries;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].detail.as_deref(), Some("007_008"));
        let recovery = journal.recover(&client, at_once()).await.unwrap();
        assert_eq!(recovery.completed.len(), 1);

        for (request, state, code) in [
            (
                json!({"userId": USER, "par": PAR, "amount": 0}),
                State::NotCarriedOut,
                "007_007",
            ),
            (
                json!({"userId": USER, "par": PAR, "amount": 1_999_999}),
                State::Declined,
                "007_003",
            ),
        ] {
            let call = client.raw("recharge_by_system", request);
            call.send().await.unwrap_err();
            let entries = journal.entries(state).await.unwrap().entries;
            assert_eq!(entries.len(), 1, "{state}");
            assert_eq!(entries[0].detail.as_deref(), Some(code));
        }
        // A token that nobody issued looks like one that was used.
        let refund = json!({"sequenceId": "R-3", "userId": USER, "cardExpiry": "3108",
            "oneTimeToken": "5297000000000021", "dcvv": "802"});
        let call = client.raw("refund_card", refund);
        call.send().await.unwrap_err();
        let entries = journal.entries(State::EarlierCall).await.unwrap().entries;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].detail.as_deref(), Some("000_002"));

        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let elsewhere = client_through(&sandbox, &journal, &url);
        let error = recharge_with(&elsewhere, &client, "R-2").await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(
            journal.entries(State::NotSent).await.unwrap().entries.len(),
            1
        );
        assert!(journal.open_entries().await.unwrap().entries.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_lost_response_is_settled_by_asking() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let lossy = client_through(
            &sandbox,
            &journal,
            &responses_get_lost(sandbox.address()).await,
        );
        let before = sandbox.card_balance(PAR).unwrap();
        let error = recharge_with(&lossy, &client, "LOST-1").await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);
        assert_eq!(journal.open_entries().await.unwrap().entries.len(), 1);

        // Young entries are left alone: the call may still be under way.
        let recovery = journal
            .recover(&client, RecoverPolicy::default())
            .await
            .unwrap();
        assert_eq!(recovery, konaplate_journal::Recovery::default());

        let recovery = journal.recover(&client, at_once()).await.unwrap();
        assert_eq!(recovery.completed.len(), 1);
        assert_eq!(recovery.completed[0].sequence_id.as_deref(), Some("LOST-1"));
        assert!(journal.open_entries().await.unwrap().entries.is_empty());
        assert_eq!(
            sandbox.card_balance(PAR),
            Some(before + 20_000),
            "charged once"
        );
        assert_eq!(
            journal.recover(&client, at_once()).await.unwrap(),
            konaplate_journal::Recovery::default(),
            "there is nothing left to do"
        );
    })
    .await;
}

#[tokio::test]
async fn a_request_that_never_arrived_stays_open_until_it_cannot_arrive_any_more() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let url = requests_get_lost().await;
        let broken = client_through(&sandbox, &journal, &url);
        let error = recharge_with(&broken, &client, "GONE-1").await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);

        let mut policy = at_once();
        policy.claim = Duration::ZERO;
        let recovery = journal.recover(&client, policy.clone()).await.unwrap();
        assert_eq!(recovery.still_open.len(), 1, "it may still be on its way");
        tokio::time::sleep(Duration::from_millis(5)).await;
        policy.not_found_after = Duration::ZERO;
        let recovery = journal.recover(&client, policy).await.unwrap();
        // Also later: that the platform does not know it is no proof.
        assert_eq!(recovery.needs_person.len(), 1);
        assert!(recovery.failed.is_empty());
        assert!(journal.open_entries().await.unwrap().entries.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_no_operation_tells_of_is_for_a_person() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let lossy = client_through(&sandbox, &journal, &responses_get_lost(sandbox.address()).await);
        let error = lossy
            .raw(
                "transfer_balance",
                json!({"userId": USER, "fromCardNo": CARD, "toCardNo": "9491330000001014", "amount": 1_000}),
            )
            .send()
            .await
            .unwrap_err();
        let id = error.correlation_id().unwrap();
        let recovery = journal.recover(&client, at_once()).await.unwrap();
        assert_eq!(recovery.needs_person.len(), 1);
        assert_eq!(recovery.needs_person[0].correlation_id, id.as_str());
        for (settlement, state) in [
            (Settlement::Completed, State::Completed),
            // A person can correct a person.
            (Settlement::NotCarriedOut, State::Failed),
        ] {
            let project = &client.project();
            let settled = journal.settle_by_hand(project, id, settlement, "by phone");
            assert_eq!(settled.await.unwrap(), SettledByHand::Settled);
            let entry = journal.entry(&client.project(), id).await.unwrap().unwrap();
            assert_eq!((entry.state, entry.source), (state, Source::Person));
            assert_eq!(entry.detail.as_deref(), Some("by phone"));
            assert!(!entry.contradicted);
        }
        let unknown = konaplate::CorrelationId::fresh(konaplate::TimeZone::Kst);
        let project = &client.project();
        let settled = journal.settle_by_hand(project, unknown, Settlement::Completed, "");
        assert_eq!(settled.await.unwrap(), SettledByHand::NoEntry);
    })
    .await;
}

#[tokio::test]
async fn an_opened_window_is_no_recharge_yet_and_later_a_persons() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let token = client
            .issue_one_time_token()
            .card_no(CARD)
            .type_(OneTimeTokenType::Credit)
            .send()
            .await
            .unwrap();
        let window = client
            .create_credit_card_recharge()
            .sequence_id("CARD-1")
            .user_id(USER)
            .amount(20_000)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .affiliate_id(fixtures::AFFILIATE_ID)
            .send()
            .await
            .unwrap();
        let id = window.correlation_id();
        let entry = journal.entry(&client.project(), id).await.unwrap().unwrap();
        assert_eq!(entry.state, State::AwaitingMember);
        assert_eq!(entry.settled_at, None);
        assert_eq!(entry.response["transactionId"], *window.transaction_id);
        assert!(
            journal
                .entries(State::Completed)
                .await
                .unwrap()
                .entries
                .is_empty()
        );

        // As long as the window may be open, nobody is asked.
        let recovery = journal.recover(&client, at_once()).await.unwrap();
        assert_eq!(recovery, konaplate_journal::Recovery::default());
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mut policy = at_once();
        policy.window_closed_after = Duration::ZERO;
        let recovery = journal.recover(&client, policy).await.unwrap();
        assert_eq!(recovery.needs_person.len(), 1);
        let settlement = Settlement::NotCarriedOut;
        let project = &client.project();
        let settled = journal.settle_by_hand(project, id, settlement, "not paid");
        assert_eq!(settled.await.unwrap(), SettledByHand::Settled);
    })
    .await;
}

#[tokio::test]
async fn what_the_platform_calls_pending_stays_open() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let pends = always_responds(
            r#"{"response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": true}"#,
        );
        let client_of = client_through(&sandbox, &journal, &pends.await);
        recharge_with(&client_of, &sandbox.client(), "PENDING-1")
            .await
            .unwrap();
        let open = journal.open_entries().await.unwrap().entries;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].response["isPending"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_settle_the_same() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let lossy = client_through(
            &sandbox,
            &journal,
            &responses_get_lost(sandbox.address()).await,
        );
        for n in 0..40 {
            recharge_with(&lossy, &client, &format!("MANY-{n}"))
                .await
                .unwrap_err();
        }
        assert_eq!(journal.open_entries().await.unwrap().entries.len(), 40);
        let recoverers: Vec<_> = (0..6)
            .map(|_| {
                let (journal, client) = (journal.clone(), client.clone());
                tokio::spawn(async move { journal.recover(&client, at_once()).await.unwrap() })
            })
            .collect();
        let mut settled = Vec::new();
        for recoverer in recoverers {
            let recovery = recoverer.await.unwrap();
            assert!(recovery.still_open.is_empty());
            settled.extend(
                recovery
                    .completed
                    .into_iter()
                    .chain(recovery.failed)
                    .map(|entry| entry.correlation_id),
            );
        }
        assert_eq!(settled.len(), 40, "each once");
        settled.sort();
        settled.dedup();
        assert_eq!(settled.len(), 40, "and none twice");
    })
    .await;
}

/// Pending, and more than the bank account holds: such a recharge fails when the gateway has
/// responded.
#[tokio::test]
async fn a_success_that_does_not_say_whether_it_is_pending_is_asked_about() {
    let sandbox = Sandbox::start().await.unwrap();
    on_both(async |journal| {
        sandbox.reset();
        let tokens = sandbox.client();
        let token = tokens
            .issue_one_time_token()
            .card_no("9491330000000065")
            .send()
            .await
            .unwrap();
        sandbox.fault_next(Fault::MissingFields).unwrap();
        let error = client(&sandbox, &journal)
            .recharge_from_bank_account()
            .sequence_id("LATE-1")
            .user_id(10_000_000_006_u64)
            .amount(1_500_000_u64)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
        assert_eq!(journal.open_entries().await.unwrap().entries.len(), 1);

        sandbox.advance_clock(Duration::from_secs(301));
        let recovery = journal.recover(&tokens, at_once()).await.unwrap();
        assert_eq!(recovery.failed.len(), 1, "{recovery:?}");
    })
    .await;
}

/// The success is followed by what is no JSON: to the journal it is the success that it says.
#[tokio::test]
async fn a_success_that_is_cut_off_is_recorded_as_what_it_says() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        for (number, (body, state)) in [
            (
                r#"{"response":{"code":"000_000"},"nrNumber":"NR-1","isPending":false,"result":"COMP"#,
                State::Completed,
            ),
            // Whether it is pending is not in it.
            (r#"{"response":{"code":"000_000"},"nrNumber":"NR-1","isPe"#, State::Open),
        ]
        .into_iter()
        .enumerate()
        {
            let cut = client_through(&sandbox, &journal, &always_responds(body).await);
            let id = format!("CUT-{number}");
            let error = recharge_with(&cut, &sandbox.client(), &id).await.unwrap_err();
            assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
            let id = error.correlation_id().unwrap();
            let entry = journal.entry(&cut.project(), id).await.unwrap().unwrap();
            assert_eq!(entry.state, state);
        }
    })
    .await;
}

/// A person gives a call up that is under way: the success that follows counts, and the
/// contradiction is there to see until a person ends it.
#[tokio::test]
async fn that_money_moved_wins_over_a_persons_word_that_it_did_not() {
    on_both(async |journal| {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, &journal);
        let project = &client.project();
        let id = konaplate::CorrelationId::fresh(konaplate::TimeZone::Kst);
        let token = client.issue_one_time_token().card_no(CARD).send();
        let token = token.await.unwrap();
        // The response comes after the journal was changed.
        let (url, go_on) = responses_wait(sandbox.address()).await;
        // With a clock that is two hours behind, which makes no difference.
        let behind = SystemTime::now() - Duration::from_secs(7_200);
        sandbox.stop_clock_at(behind);
        let slow = client_through(&sandbox, &journal, &url);
        let call = async {
            slow.recharge_from_bank_account()
                .sequence_id("SLOW-1")
                .user_id(USER)
                .amount(1_000_u64)
                .one_time_token(&token.one_time_token)
                .dcvv(&token.dcvv)
                .merchant_id(fixtures::MERCHANTS[0])
                .options(konaplate::CallOptions::new().correlation_id(id))
                .send()
                .await
        };
        let by_hand = async |settlement, reason| {
            let settled = journal.settle_by_hand(project, id, settlement, reason);
            settled.await.unwrap()
        };
        let meanwhile = async {
            while journal.entry(project, id).await.unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // A recovery leaves a call alone that may be under way, whatever its policy.
            let recovery = journal.recover(&client, at_once()).await.unwrap();
            assert_eq!(recovery, konaplate_journal::Recovery::default());
            let settled = by_hand(Settlement::NotCarriedOut, "given up").await;
            assert_eq!(settled, SettledByHand::Settled);
            go_on.notify_one();
        };
        let (response, ()) = tokio::join!(call, meanwhile);
        assert_eq!(
            response.unwrap().exchange().recording(),
            Recording::Recorded
        );
        let entry = journal.entry(project, id).await.unwrap().unwrap();
        assert_eq!(
            (entry.state, entry.source),
            (State::Completed, Source::Call)
        );
        assert!(entry.contradicted);
        let contradicted = async || journal.entries(Filter::contradicted()).await.unwrap();
        assert_eq!(contradicted().await.entries, std::slice::from_ref(&entry));

        let settled = by_hand(Settlement::NotCarriedOut, "it did not arrive").await;
        assert_eq!(settled, SettledByHand::Contradicts);
        let settled = by_hand(Settlement::Completed, "KONA says so").await;
        assert_eq!(settled, SettledByHand::Settled);
        assert!(contradicted().await.entries.is_empty());
        let history = journal.history(&entry).await.unwrap();
        let said: Vec<_> = history
            .iter()
            .map(|said| (said.source.as_str(), said.state.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("person", "failed"),
                ("call", "completed"),
                ("person", "failed"),
                ("person", "completed"),
            ]
        );
        assert_eq!(history[0].detail.as_deref(), Some("given up"));
        // It was taken back later, says a person: that does not contradict that it moved.
        let settled = by_hand(Settlement::TakenBack, "refunded").await;
        assert_eq!(settled, SettledByHand::Settled);
        let entry = journal.entry(project, id).await.unwrap().unwrap();
        assert_eq!((entry.state, entry.contradicted), (State::Cancelled, false));
    })
    .await;
}

#[tokio::test]
async fn a_journal_is_a_file_of_its_owner_that_survives() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["".as_ref(), ":memory:".as_ref(), folder.path()] {
        let error = Journal::sqlite(wrong).await.unwrap_err();
        let text = error.to_string();
        let expected = "the journal could not be opened: a journal is a file";
        assert!(text.starts_with(expected), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let sandbox = Sandbox::start().await.unwrap();
        let journal = Journal::sqlite(folder.path().join("journal.db"))
            .await
            .unwrap();
        let client = client(&sandbox, &journal);
        recharge_with(&client, &client, "MODE-1").await.unwrap();
        let mut files = 0;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            files += 1;
        }
        assert!(files > 1, "the log is there, too");
    }
}
