//! Promise: a recharge whose outcome is asked for is sent once, and what is said about it is what is
//! known.

use std::time::{Duration, Instant};

use crate::support::{
    NotListening, Reply, Server, builder, json_response, losing_the_first_response, quick,
    recharge, reply, short,
};
use konaplate::types::{BankRechargeResult, RechargeFromBankAccountResponseBody};
use konaplate::{
    CallOptions, Client, CorrelationId, Delivery, Error, ErrorCode, ErrorKind, Outcome,
    OutcomePolicy, Processed, Proof, RetryPolicy, TimeZone,
};
use konaplate_sandbox::Sandbox;
use serde_json::json;

const CHARGE: &str = "/api/v1/recharges/by-bank-accounts/no-hce";
const CANCEL: &str = "/api/v1/recharges/by-bank-accounts/no-hce/cancel";
const RESULT: &str = "/api/v1/recharges/by-bank-account/result/inquiry";

type Recharged = Outcome<Processed<RechargeFromBankAccountResponseBody>>;

fn client(url: &str) -> Client {
    builder(url)
        // Long enough for a busy machine: what is silent is silent for good.
        .timeout(Duration::from_secs(2))
        // A default for reads must not multiply the questions.
        .retry_reads(RetryPolicy::new().base(Duration::from_millis(1)))
        .build()
        .unwrap()
}

async fn charge(url: &str, policy: OutcomePolicy) -> Result<Recharged, Error> {
    recharge(&client(url))
        .options(CallOptions::new().outcome(policy))
        .send_for_outcome()
        .await
}

fn done() -> Reply {
    json_response(
        200,
        r#"{"response":{"code":"000_000"},"nrNumber":"KMN1","isPending":false}"#,
    )
}

fn pending() -> Reply {
    json_response(
        200,
        r#"{"response":{"code":"000_000"},"nrNumber":"KMN1","isPending":true}"#,
    )
}

fn result(word: &str) -> Reply {
    json_response(
        200,
        json!({"response": {"code": "000_000"}, "result": word}).to_string(),
    )
}

fn not_found() -> Reply {
    json_response(
        400,
        r#"{"response":{"code":"007_009","description":"Previous transaction not found."}}"#,
    )
}

/// What was sent: one charge first, then questions with its sequence id and nothing else.
#[track_caller]
fn sent_once(server: &Server, outcome: &Recharged) {
    let requests = server.requests();
    let charges = requests.iter().filter(|request| request.path == CHARGE);
    assert_eq!(charges.count(), 1, "the charge was not sent once");
    assert_eq!(requests[0].path, CHARGE);
    for question in &requests[1..] {
        assert_eq!(question.path, RESULT);
        assert_eq!(question.json(), json!({"sequenceId": "BANK-1"}));
    }
    let record = outcome.record();
    assert_eq!(record.reference(), Some("BANK-1"));
    let sent: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-km-correlation-id"))
        .collect();
    let told: Vec<_> = record
        .correlation_ids()
        .iter()
        .map(CorrelationId::as_str)
        .collect();
    assert_eq!(told, sent);
}

#[tokio::test]
async fn a_response_that_says_done_is_believed() {
    let server = Server::playing([done(), result("FAILED")]).await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(known.response().unwrap().nr_number.as_str(), "KMN1");
    assert!(known.record().error().is_none());
    assert!(outcome.is_proven());
    assert_eq!(server.requests().len(), 1);
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn what_is_pending_is_asked_for_until_it_is_completed() {
    let server = Server::playing([
        pending(),
        result("PENDING"),
        result("PENDING"),
        result("COMPLETED"),
    ])
    .await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(known.response().unwrap().is_pending);
    assert!(!known.record().is_pending());
    assert_eq!(server.requests().len(), 4);
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn what_is_pending_may_fail() {
    let server = Server::playing([pending(), result("FAILED")]).await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    let Outcome::NotCarriedOut(proven) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(proven.proof(), Proof::Inquiry);
    assert!(outcome.is_proven());
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn what_is_pending_at_the_deadline_is_still_pending() {
    let server = Server::playing([pending(), result("PENDING")]).await;
    let outcome = charge(&server.url, short()).await.unwrap();
    let Outcome::Unknown(record) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(record.is_pending() && !outcome.is_proven() && !outcome.needs_person());
    assert_eq!(record.response().unwrap().expose()["nrNumber"], "KMN1");
    assert!(server.requests().len() > 2);
    sent_once(&server, &outcome);
}

/// Everything after which nobody knows whether the charge was made.
fn lost() -> Vec<(&'static str, Reply)> {
    vec![
        ("closed", Reply::Close),
        ("no response in time", Reply::Silence),
        ("502 of a gateway", reply(502, &[], "<html>")),
        (
            "an unknown code",
            json_response(400, r#"{"response":{"code":"099_999"}}"#),
        ),
        (
            "a success that cannot be read",
            json_response(200, r#"{"response":{"code":"000_000"}}"#),
        ),
        (
            "a success that cannot be decrypted",
            json_response(200, r#"{"encData":"a.b.c.d.e"}"#),
        ),
    ]
}

#[tokio::test]
async fn after_a_lost_response_the_outcome_is_found() {
    for (fault, reply) in lost() {
        for (word, completed) in [("COMPLETED", true), ("FAILED", false)] {
            let server =
                Server::playing([reply.clone(), not_found(), result("PENDING"), result(word)])
                    .await;
            let outcome = charge(&server.url, quick()).await.unwrap();
            match &outcome {
                Outcome::Completed(known) if completed => assert!(known.response().is_none()),
                Outcome::NotCarriedOut(proven) if !completed => {
                    assert_eq!(proven.proof(), Proof::Inquiry);
                }
                other => panic!("{fault}: {other:?}"),
            }
            let delivery = outcome.record().error().unwrap().delivery();
            assert!(
                matches!(
                    delivery,
                    Delivery::MaybeProcessed | Delivery::ProcessedUnreadable
                ),
                "{fault}"
            );
            assert_eq!(server.requests().len(), 4, "{fault}");
            sent_once(&server, &outcome);
        }
    }
}

#[tokio::test]
async fn after_a_lost_response_not_found_is_unknown_and_no_proof_of_anything() {
    for (fault, reply) in lost() {
        let server = Server::playing([reply, not_found()]).await;
        let outcome = charge(&server.url, short()).await.unwrap();
        let Outcome::Unknown(record) = &outcome else {
            panic!("{fault}: {outcome:?}");
        };
        let error = record.follow_up_error().unwrap();
        assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
        assert!(!record.is_pending() && record.error().is_some());
        assert_eq!(
            record.inquiry().unwrap().operation().id(),
            "get_bank_recharge_result"
        );
        assert!(server.requests().len() > 2, "{fault}: it asked once only");
        sent_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_late_charge_is_found_though_it_was_not_found_before() {
    let server = Server::playing([
        Reply::Close,
        not_found(),
        not_found(),
        not_found(),
        result("COMPLETED"),
    ])
    .await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn a_question_that_fails_is_asked_again() {
    let server = Server::playing([
        pending(),
        Reply::Close,
        reply(503, &[], "<html>"),
        Reply::Silence,
        json_response(200, r#"{"response":{"code":"000_000"}}"#),
        json_response(200, r#"{"encData":"a.b.c.d.e"}"#),
        reply(401, &[], ""),
        result("A_NEW_WORD"),
        result("COMPLETED"),
    ])
    .await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(known.record().follow_up_error().is_none());
    // Each question once: the default of the client for reads does not multiply them.
    assert_eq!(server.requests().len(), 9);
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn without_a_response_to_any_question_the_last_word_of_the_platform_counts() {
    let server = Server::playing([pending(), Reply::Close]).await;
    let outcome = charge(&server.url, short()).await.unwrap();
    let Outcome::Unknown(record) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(record.is_pending());
    let error = record.follow_up_error().unwrap();
    assert_eq!(error.kind(), ErrorKind::Transport);
    sent_once(&server, &outcome);

    let server = Server::playing([Reply::Close]).await;
    let outcome = charge(&server.url, short()).await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    sent_once(&server, &outcome);
}

#[tokio::test]
async fn what_contradicts_or_is_not_understood_is_never_an_outcome() {
    // The platform had it and has it no more; a word that nobody described.
    for last in [not_found(), result("A_NEW_WORD")] {
        let server = Server::playing([pending(), result("PENDING"), last]).await;
        let outcome = charge(&server.url, short()).await.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        sent_once(&server, &outcome);
    }
    // The response says success and failure at once: it is asked about.
    let body = json!({"response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": false,
        "result": "FAILED"});
    let server = Server::playing([json_response(200, body.to_string()), result("COMPLETED")]).await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);
}

/// A failure with this code.
fn failure(code: &str) -> Reply {
    let body = json!({"response": {"code": code, "description": "x"}});
    json_response(400, body.to_string())
}

#[tokio::test]
async fn a_decline_is_asked_about_once_and_stays_one_if_nothing_is_known() {
    let server = Server::playing([failure("007_003"), not_found()]).await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    let Outcome::Declined(record) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(record.code(), Some(&ErrorCode::CreditLimitExceeded));
    let error = record.follow_up_error().unwrap();
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    assert!(!outcome.is_proven() && !outcome.needs_person());
    assert_eq!(server.requests().len(), 2);
    sent_once(&server, &outcome);
}

/// What the platform says to a second delivery of a request whose first it carried out.
#[tokio::test]
async fn a_code_that_comes_after_the_money_moved_does_not_hide_it() {
    for code in ["007_008", "000_002", "007_003", "007_004", "007_001"] {
        let server = Server::playing([failure(code), result("COMPLETED")]).await;
        let outcome = charge(&server.url, quick()).await.unwrap();
        assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
        sent_once(&server, &outcome);

        let server = Server::playing([failure(code), result("FAILED")]).await;
        let outcome = charge(&server.url, quick()).await.unwrap();
        assert!(matches!(outcome, Outcome::NotCarriedOut(_)), "{outcome:?}");
        sent_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_second_use_of_a_sequence_id_is_its_own_verdict() {
    // Nobody knows an outcome: the inquiry ends with the first word about it.
    let server = Server::playing([failure("007_008"), not_found()]).await;
    let outcome = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::EarlierCall(_)), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);

    let server = Server::playing([failure("007_008"), result("PENDING")]).await;
    let outcome = charge(&server.url, short()).await.unwrap();
    let Outcome::Unknown(record) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(record.is_pending());
}

#[tokio::test]
async fn a_failure_of_the_platform_is_unknown_until_the_inquiry_tells() {
    for code in ["007_004", "006_022", "099_999"] {
        let server = Server::playing([failure(code), not_found()]).await;
        let outcome = charge(&server.url, short()).await.unwrap();
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        assert!(server.requests().len() > 2, "{code}: it asked once only");
    }
}

#[tokio::test]
async fn what_was_not_sent_is_proven_and_nothing_is_asked() {
    let port = NotListening::new();
    let outcome = charge(&port.url, quick()).await.unwrap();
    let Outcome::NotCarriedOut(proven) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(proven.proof(), Proof::NotSent);
    let error = proven.record().error().unwrap();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.attempts(), 1);

    let server = Server::playing([done()]).await;
    let client = client(&server.url);
    let call = || client.recharge_from_bank_account();
    let error = call()
        .sequence_id("BANK-1")
        .send_for_outcome()
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("userId"));
    let error = call().send_for_outcome().await.unwrap_err();
    assert_eq!(error.field(), Some("sequenceId"));
    let error = charge(&server.url, quick().interval(Duration::ZERO))
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("outcome.interval"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_retry_after_makes_the_pause_longer() {
    let server = Server::playing([
        Reply::Close,
        reply(503, &[("retry-after", "1")], ""),
        result("COMPLETED"),
    ])
    .await;
    let started = Instant::now();
    let outcome = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn it_is_asked_at_least_once_and_not_before_the_interval_is_over() {
    let server = Server::playing([Reply::Close, result("COMPLETED")]).await;
    let once = OutcomePolicy::new()
        .interval(Duration::from_millis(300))
        .deadline(Duration::from_millis(300));
    let started = Instant::now();
    let outcome = charge(&server.url, once).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");

    let server = Server::playing([Reply::Close, result("PENDING")]).await;
    let outcome = charge(&server.url, once).await.unwrap();
    assert!(outcome.record().is_pending(), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_cancellation_is_asked_about_in_the_same_way() {
    let server = Server::playing([Reply::Close, result("PENDING"), result("COMPLETED")]).await;
    let id = CorrelationId::fresh(TimeZone::Kst);
    let outcome = client(&server.url)
        .cancel_bank_recharge()
        .sequence_id("CANCEL-1")
        .user_id(10_000_000_001_u64)
        .nr_number("KMN1")
        .one_time_token("5297000000000021")
        .options(CallOptions::new().correlation_id(id).outcome(quick()))
        .send_for_outcome()
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
    let requests = server.requests();
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths, [CANCEL, RESULT, RESULT]);
    assert_eq!(requests[2].json(), json!({"sequenceId": "CANCEL-1"}));
    assert_eq!(outcome.record().reference(), Some("CANCEL-1"));
    let ids = outcome.record().correlation_ids();
    assert_eq!(ids[0], id);
    assert!(!ids[1..].contains(&id), "a question took the charge's id");
}

#[tokio::test]
async fn an_earlier_call_is_asked_about_by_its_sequence_id_and_nothing_else_is_sent() {
    let server = Server::playing([Reply::Close, result("PENDING"), result("COMPLETED")]).await;
    let outcome = client(&server.url)
        .bank_recharge_outcome("BANK-1", quick())
        .await
        .unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    let response = known.response().unwrap();
    assert_eq!(response.result, BankRechargeResult::Completed);
    let record = known.record();
    assert!(record.operation().is_none() && record.error().is_none());
    assert_eq!(record.reference(), Some("BANK-1"));
    assert_eq!(record.correlation_ids().len(), 3);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.path == RESULT));

    let server = Server::playing([not_found()]).await;
    let outcome = client(&server.url)
        .bank_recharge_outcome("BANK-1", short())
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}

#[tokio::test]
async fn an_earlier_call_is_not_asked_for_by_a_wrong_sequence_id() {
    let server = Server::playing([result("COMPLETED")]).await;
    let client = client(&server.url);
    for wrong in ["", "a sequence id of more than thirty characters"] {
        let error = client
            .bank_recharge_outcome(wrong, quick())
            .await
            .unwrap_err();
        assert_eq!(error.field(), Some("sequenceId"));
    }
    let hasty = quick().deadline(Duration::ZERO);
    let error = client
        .bank_recharge_outcome("BANK-1", hasty)
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("outcome.deadline"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn asking_can_be_spawned() {
    let server = Server::playing([done()]).await;
    let url = server.url.clone();
    let task = tokio::spawn(async move { charge(&url, quick()).await });
    assert!(task.await.unwrap().unwrap().is_proven());
    let client = client(&server.url);
    let task = tokio::spawn(async move { client.bank_recharge_outcome("BANK-1", short()).await });
    // The response is not one of the result operation: it lacks `result`.
    assert!(!task.await.unwrap().unwrap().is_proven());
}

/// A card of member 10000000001.
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

async fn charge_in(
    sandbox: &Sandbox,
    client: &Client,
    user_id: u64,
    card: &str,
    amount: u64,
) -> Result<Recharged, Error> {
    let token = sandbox
        .client()
        .issue_one_time_token()
        .card_no(card)
        .send()
        .await
        .unwrap();
    client
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .user_id(user_id)
        .amount(amount)
        .one_time_token(token.one_time_token.expose())
        .dcvv(token.dcvv.expose())
        .merchant_id("410195430033901")
        .options(CallOptions::new().outcome(quick()))
        .send_for_outcome()
        .await
}

#[tokio::test]
async fn in_the_sandbox_a_lost_response_is_found_and_the_money_moves_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = losing_the_first_response(&sandbox).await;
    let client = sandbox.client_builder().base_url(url).build().unwrap();
    let (card, bank) = (
        sandbox.card_balance(PAR).unwrap(),
        sandbox.bank_balance(10_000_000_001).unwrap(),
    );
    let outcome = charge_in(
        &sandbox,
        &client,
        10_000_000_001,
        "9491339401250765",
        20_000,
    )
    .await
    .unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    let lost = known.record().error().unwrap();
    assert_eq!(lost.delivery(), Delivery::MaybeProcessed);
    assert_eq!(sandbox.card_balance(PAR), Some(card + 20_000));
    assert_eq!(sandbox.bank_balance(10_000_000_001), Some(bank - 20_000));

    let again = sandbox
        .client()
        .bank_recharge_outcome("BANK-1", quick())
        .await;
    assert!(matches!(again, Ok(Outcome::Completed(_))), "{again:?}");
    assert_eq!(sandbox.card_balance(PAR), Some(card + 20_000));
}

#[tokio::test]
async fn in_the_sandbox_a_lost_refusal_is_found_to_have_failed() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = losing_the_first_response(&sandbox).await;
    let client = sandbox.client_builder().base_url(url).build().unwrap();
    let card = sandbox.card_balance(PAR).unwrap();
    // More than the bank account holds, and less than the card takes.
    let outcome = charge_in(
        &sandbox,
        &client,
        10_000_000_001,
        "9491339401250765",
        1_500_000,
    )
    .await
    .unwrap();
    assert!(matches!(outcome, Outcome::NotCarriedOut(_)), "{outcome:?}");
    assert_eq!(sandbox.card_balance(PAR), Some(card));
}

#[tokio::test]
async fn in_the_sandbox_a_sequence_id_that_was_never_sent_is_unknown() {
    let sandbox = Sandbox::start().await.unwrap();
    let outcome = sandbox
        .client()
        .bank_recharge_outcome("NEVER-SENT", short())
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}
