//! Promise: a charge that is settled is sent once, and what is said about it is what is known.

use std::time::{Duration, Instant};

use crate::support::{
    NotListening, Reply, Server, builder, json_response, losing_the_first_response, reply,
};
use konaplate::types::{
    BankRechargeResult, GetBankRechargeResultResponseBody, RechargeFromBankAccountResponseBody,
};
use konaplate::{
    CallOptions, Client, CorrelationId, Delivery, Error, ErrorCode, ErrorKind, RetryPolicy,
    SettlePolicy, Settled, TimeZone,
};
use konaplate_sandbox::Sandbox;
use serde_json::json;

const CHARGE: &str = "/api/v1/recharges/by-bank-accounts/no-hce";
const CANCEL: &str = "/api/v1/recharges/by-bank-accounts/no-hce/cancel";
const RESULT: &str = "/api/v1/recharges/by-bank-account/result/inquiry";

type Recharged = Settled<RechargeFromBankAccountResponseBody, GetBankRechargeResultResponseBody>;

/// Questions at short intervals, for longer than any of these tests takes.
fn quick() -> SettlePolicy {
    SettlePolicy::new()
        .interval(Duration::from_millis(10))
        .deadline(Duration::from_secs(120))
}

/// For outcomes that never come.
fn short() -> SettlePolicy {
    quick().deadline(Duration::from_secs(1))
}

fn client(url: &str) -> Client {
    builder(url)
        // Long enough for a busy machine: what is silent is silent for good.
        .timeout(Duration::from_secs(2))
        // A default for reads must not multiply the questions.
        .retry_reads(RetryPolicy::new().base(Duration::from_millis(1)))
        .build()
        .unwrap()
}

async fn charge(url: &str, policy: SettlePolicy) -> Result<Recharged, Error> {
    client(url)
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .user_id(10_000_000_001_u64)
        .amount(20_000_u64)
        .one_time_token("5297000000000021")
        .dcvv("802")
        .merchant_id("410195430033901")
        .and_settle(policy)
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

/// Responses in this order, the last one for ever.
async fn playing(replies: impl Into<Vec<Reply>>) -> Server {
    let replies = replies.into();
    Server::start_with(move |number| replies[number.min(replies.len() - 1)].clone()).await
}

/// What was sent: one charge first, then questions with its sequence id and nothing else.
#[track_caller]
fn sent_once(server: &Server, settled: &Recharged) {
    let requests = server.requests();
    let charges = requests.iter().filter(|request| request.path == CHARGE);
    assert_eq!(charges.count(), 1, "the charge was not sent once");
    assert_eq!(requests[0].path, CHARGE);
    for question in &requests[1..] {
        assert_eq!(question.path, RESULT);
        assert_eq!(question.json(), json!({"sequenceId": "BANK-1"}));
    }
    let settlement = settled.settlement();
    assert_eq!(settlement.sequence_id(), "BANK-1");
    let sent: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-km-correlation-id"))
        .collect();
    let told: Vec<_> = settlement
        .correlation_ids()
        .iter()
        .map(CorrelationId::as_str)
        .collect();
    assert_eq!(told, sent);
}

#[tokio::test]
async fn a_response_that_says_done_is_believed() {
    let server = playing([done(), result("FAILED")]).await;
    let settled = charge(&server.url, quick()).await.unwrap();
    let Settled::Completed(known) = &settled else {
        panic!("{settled:?}");
    };
    assert_eq!(known.response().unwrap().nr_number.as_str(), "KMN1");
    assert!(known.result().is_none() && known.lost().is_none());
    assert!(settled.is_final());
    assert_eq!(server.requests().len(), 1);
    sent_once(&server, &settled);
}

#[tokio::test]
async fn what_is_pending_is_asked_for_until_it_is_completed() {
    let server = playing([
        pending(),
        result("PENDING"),
        result("PENDING"),
        result("COMPLETED"),
    ])
    .await;
    let settled = charge(&server.url, quick()).await.unwrap();
    let Settled::Completed(known) = &settled else {
        panic!("{settled:?}");
    };
    assert!(known.response().unwrap().is_pending);
    assert_eq!(
        known.result().unwrap().result,
        BankRechargeResult::Completed
    );
    assert_eq!(server.requests().len(), 4);
    sent_once(&server, &settled);
}

#[tokio::test]
async fn what_is_pending_may_fail() {
    let server = playing([pending(), result("FAILED")]).await;
    let settled = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(settled, Settled::Failed(_)), "{settled:?}");
    assert!(settled.is_final());
    sent_once(&server, &settled);
}

#[tokio::test]
async fn what_is_pending_at_the_deadline_is_still_pending() {
    let server = playing([pending(), result("PENDING")]).await;
    let settled = charge(&server.url, short()).await.unwrap();
    let Settled::StillPending(known) = &settled else {
        panic!("{settled:?}");
    };
    assert!(!settled.is_final());
    assert_eq!(known.response().unwrap().nr_number.as_str(), "KMN1");
    assert!(server.requests().len() > 2);
    sent_once(&server, &settled);
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
                playing([reply.clone(), not_found(), result("PENDING"), result(word)]).await;
            let settled = charge(&server.url, quick()).await.unwrap();
            let known = match &settled {
                Settled::Completed(known) if completed => known,
                Settled::Failed(known) if !completed => known,
                other => panic!("{fault}: {other:?}"),
            };
            assert!(known.response().is_none());
            let lost = known.lost().unwrap();
            assert_ne!(lost.delivery(), Delivery::NotSent, "{fault}");
            assert_ne!(lost.delivery(), Delivery::Refused, "{fault}");
            assert_eq!(server.requests().len(), 4, "{fault}");
            sent_once(&server, &settled);
        }
    }
}

#[tokio::test]
async fn after_a_lost_response_not_found_is_unknown_and_no_proof_of_anything() {
    for (fault, reply) in lost() {
        let server = playing([reply, not_found()]).await;
        let settled = charge(&server.url, short()).await.unwrap();
        let Settled::Unknown(known) = &settled else {
            panic!("{fault}: {settled:?}");
        };
        let error = known.inquiry_error().unwrap();
        assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
        assert!(known.result().is_none() && known.lost().is_some());
        assert!(server.requests().len() > 2, "{fault}: it asked once only");
        sent_once(&server, &settled);
    }
}

#[tokio::test]
async fn a_late_charge_is_found_though_it_was_not_found_before() {
    let server = playing([
        Reply::Close,
        not_found(),
        not_found(),
        not_found(),
        result("COMPLETED"),
    ])
    .await;
    let settled = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(settled, Settled::Completed(_)), "{settled:?}");
    sent_once(&server, &settled);
}

#[tokio::test]
async fn a_question_that_fails_is_asked_again() {
    let server = playing([
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
    let settled = charge(&server.url, quick()).await.unwrap();
    let Settled::Completed(known) = &settled else {
        panic!("{settled:?}");
    };
    assert!(known.inquiry_error().is_none());
    // Each question once: the default of the client for reads does not multiply them.
    assert_eq!(server.requests().len(), 9);
    sent_once(&server, &settled);
}

#[tokio::test]
async fn without_a_response_to_any_question_the_last_word_of_the_platform_counts() {
    let server = playing([pending(), Reply::Close]).await;
    let settled = charge(&server.url, short()).await.unwrap();
    let Settled::StillPending(known) = &settled else {
        panic!("{settled:?}");
    };
    assert_eq!(known.inquiry_error().unwrap().kind(), ErrorKind::Transport);
    sent_once(&server, &settled);

    let server = playing([Reply::Close]).await;
    let settled = charge(&server.url, short()).await.unwrap();
    assert!(matches!(settled, Settled::Unknown(_)), "{settled:?}");
    sent_once(&server, &settled);
}

#[tokio::test]
async fn what_contradicts_or_is_not_understood_is_never_an_outcome() {
    // The platform had it and has it no more; a word that nobody described.
    for last in [not_found(), result("A_NEW_WORD")] {
        let server = playing([pending(), result("PENDING"), last]).await;
        let settled = charge(&server.url, short()).await.unwrap();
        assert!(matches!(settled, Settled::Unknown(_)), "{settled:?}");
        sent_once(&server, &settled);
    }
    // The response says success and failure at once: it is asked about.
    let body = json!({"response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": false,
        "result": "FAILED"});
    let server = playing([json_response(200, body.to_string()), result("COMPLETED")]).await;
    let settled = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(settled, Settled::Completed(_)), "{settled:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_an_error_and_nothing_is_asked() {
    let body = r#"{"response":{"code":"007_004","description":"Withdraw failure from PG."}}"#;
    let server = playing([json_response(400, body), result("COMPLETED")]).await;
    let error = charge(&server.url, quick()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::PgWithdrawalFailed));
    assert_eq!(error.delivery(), Delivery::Refused);
    server.request();
}

#[tokio::test]
async fn what_was_not_sent_is_an_error_and_nothing_is_asked() {
    let port = NotListening::new();
    let error = charge(&port.url, quick()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts(), 1);

    let server = playing([done()]).await;
    let call = client(&server.url).clone();
    let error = call
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .and_settle(quick())
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("userId"));
    let error = call
        .recharge_from_bank_account()
        .and_settle(quick())
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("sequenceId"));
    let error = charge(&server.url, quick().interval(Duration::ZERO))
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("settle.interval"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_retry_after_makes_the_pause_longer() {
    let server = playing([
        Reply::Close,
        reply(503, &[("retry-after", "1")], ""),
        result("COMPLETED"),
    ])
    .await;
    let started = Instant::now();
    let settled = charge(&server.url, quick()).await.unwrap();
    assert!(matches!(settled, Settled::Completed(_)), "{settled:?}");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn it_is_asked_at_least_once_and_not_before_the_interval_is_over() {
    let server = playing([Reply::Close, result("COMPLETED")]).await;
    let once = SettlePolicy::new()
        .interval(Duration::from_millis(300))
        .deadline(Duration::from_millis(300));
    let started = Instant::now();
    let settled = charge(&server.url, once).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(matches!(settled, Settled::Completed(_)), "{settled:?}");

    let server = playing([Reply::Close, result("PENDING")]).await;
    let settled = charge(&server.url, once).await.unwrap();
    assert!(matches!(settled, Settled::StillPending(_)), "{settled:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_cancellation_is_settled_in_the_same_way() {
    let server = playing([Reply::Close, result("PENDING"), result("COMPLETED")]).await;
    let id = CorrelationId::fresh(TimeZone::Kst);
    let settled = client(&server.url)
        .cancel_bank_recharge()
        .sequence_id("CANCEL-1")
        .user_id(10_000_000_001_u64)
        .nr_number("KMN1")
        .one_time_token("5297000000000021")
        .options(CallOptions::new().correlation_id(id))
        .and_settle(quick())
        .await
        .unwrap();
    assert!(matches!(settled, Settled::Completed(_)), "{settled:?}");
    let requests = server.requests();
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths, [CANCEL, RESULT, RESULT]);
    assert_eq!(requests[2].json(), json!({"sequenceId": "CANCEL-1"}));
    assert_eq!(settled.settlement().sequence_id(), "CANCEL-1");
    let ids = settled.settlement().correlation_ids();
    assert_eq!(ids[0], id);
    assert!(!ids[1..].contains(&id), "a question took the charge's id");
}

#[tokio::test]
async fn an_earlier_call_is_settled_by_its_sequence_id_and_nothing_is_sent_but_questions() {
    let server = playing([Reply::Close, result("PENDING"), result("COMPLETED")]).await;
    let settled = client(&server.url)
        .settle_bank_recharge("BANK-1", quick())
        .await
        .unwrap();
    let Settled::Completed(known) = &settled else {
        panic!("{settled:?}");
    };
    assert!(known.response().is_none() && known.lost().is_none());
    assert_eq!(known.sequence_id(), "BANK-1");
    assert_eq!(known.correlation_ids().len(), 3);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.path == RESULT));

    let server = playing([not_found()]).await;
    let settled = client(&server.url)
        .settle_bank_recharge("BANK-1", short())
        .await
        .unwrap();
    assert!(matches!(settled, Settled::Unknown(_)), "{settled:?}");
}

#[tokio::test]
async fn an_earlier_call_is_not_asked_for_by_a_wrong_sequence_id() {
    let server = playing([result("COMPLETED")]).await;
    let client = client(&server.url);
    for wrong in ["", "a sequence id of more than thirty characters"] {
        let error = client
            .settle_bank_recharge(wrong, quick())
            .await
            .unwrap_err();
        assert_eq!(error.field(), Some("sequenceId"));
    }
    let hasty = quick().deadline(Duration::ZERO);
    let error = client
        .settle_bank_recharge("BANK-1", hasty)
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("settle.deadline"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn settling_can_be_spawned() {
    let server = playing([done()]).await;
    let url = server.url.clone();
    let task = tokio::spawn(async move { charge(&url, quick()).await });
    assert!(task.await.unwrap().unwrap().is_final());
    let client = client(&server.url);
    let task = tokio::spawn(async move { client.settle_bank_recharge("BANK-1", short()).await });
    // The response is not one of the result operation: it lacks `result`.
    assert!(!task.await.unwrap().unwrap().is_final());
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
        .and_settle(quick())
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
    let settled = charge_in(
        &sandbox,
        &client,
        10_000_000_001,
        "9491339401250765",
        20_000,
    )
    .await
    .unwrap();
    let Settled::Completed(known) = &settled else {
        panic!("{settled:?}");
    };
    assert_eq!(known.lost().unwrap().delivery(), Delivery::MaybeProcessed);
    assert_eq!(sandbox.card_balance(PAR), Some(card + 20_000));
    assert_eq!(sandbox.bank_balance(10_000_000_001), Some(bank - 20_000));

    let again = sandbox
        .client()
        .settle_bank_recharge("BANK-1", quick())
        .await;
    assert!(matches!(again, Ok(Settled::Completed(_))), "{again:?}");
    assert_eq!(sandbox.card_balance(PAR), Some(card + 20_000));
}

#[tokio::test]
async fn in_the_sandbox_a_lost_refusal_is_found_to_have_failed() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = losing_the_first_response(&sandbox).await;
    let client = sandbox.client_builder().base_url(url).build().unwrap();
    let card = sandbox.card_balance(PAR).unwrap();
    // More than the bank account holds, and less than the card takes.
    let settled = charge_in(
        &sandbox,
        &client,
        10_000_000_001,
        "9491339401250765",
        1_500_000,
    )
    .await
    .unwrap();
    assert!(matches!(settled, Settled::Failed(_)), "{settled:?}");
    assert_eq!(sandbox.card_balance(PAR), Some(card));
}

#[tokio::test]
async fn in_the_sandbox_a_sequence_id_that_was_never_sent_is_unknown() {
    let sandbox = Sandbox::start().await.unwrap();
    let settled = sandbox
        .client()
        .settle_bank_recharge("NEVER-SENT", short())
        .await
        .unwrap();
    assert!(matches!(settled, Settled::Unknown(_)), "{settled:?}");
}
