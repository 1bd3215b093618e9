//! Promise: what nothing but a response tells is said to be unknown when the response was lost,
//! with what a person can do; and a payment whose response was lost is cancelled, and said to be
//! only where that is proved.

use std::time::{Duration, Instant};

use crate::support;
use crate::support::{NotListening, Reply, Server, builder, json_response, reply};
use konaplate::{
    CancelPolicy, Client, CorrelationId, Delivery, Error, ErrorKind, Opened, Operation, Paid, Told,
};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::json;

const PAY: &str = "/api/v1/payment/no-hce";
const CANCEL: &str = "/api/v1/payment/netcancel/no-hce";

/// Cancellations at short intervals, for longer than any of these tests takes.
fn quick() -> CancelPolicy {
    CancelPolicy::new()
        .interval(Duration::from_millis(10))
        .deadline(Duration::from_secs(120))
}

/// For outcomes that never come.
fn short() -> CancelPolicy {
    quick().deadline(Duration::from_secs(1))
}

fn client(url: &str) -> Client {
    builder(url)
        // Long enough for a busy machine: what is silent is silent for good.
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap()
}

async fn pay(client: &Client, policy: CancelPolicy) -> Result<Paid, Error> {
    let cancel = client.network_cancel_payment();
    client
        .pay_with_token()
        .one_time_token("5297000000000021")
        .dcvv("802")
        .amount(12_000_u64)
        .merchant_id("410195430033901")
        .channel("OPENAPI")
        .transaction_id("PAY-1")
        .and_settle_or_cancel(cancel.extra("transactionId", "PAY-1"), policy)
        .await
}

fn paid() -> Reply {
    json_response(
        200,
        r#"{"response":{"code":"000_000"},"cardNo":"9491339401250765","balance":38000,
            "approvalCode":"123456","nrNumber":"KMN260315000000001","approvalTime":"20260315104512345"}"#,
    )
}

fn cancelled() -> Reply {
    json_response(
        200,
        r#"{"response":{"code":"000_000"},"balance":50000,"approvalTime":"20260315104542871"}"#,
    )
}

fn refusal(code: &str) -> Reply {
    json_response(400, json!({"response": {"code": code}}).to_string())
}

const NO_ORIGINAL: &str = "006_030";
const TWICE: &str = "006_021";
const SYSTEM_ERROR: &str = "006_022";

/// Responses in this order, the last one for ever.
async fn playing(replies: impl Into<Vec<Reply>>) -> Server {
    let replies = replies.into();
    Server::start_with(move |number| replies[number.min(replies.len() - 1)].clone()).await
}

/// What was sent: one payment first, then cancellations of it, each with an id of its own.
#[track_caller]
fn paid_once(server: &Server, paid: &Paid) {
    let requests = server.requests();
    assert_eq!(requests[0].path, PAY);
    for cancel in &requests[1..] {
        assert_eq!(cancel.path, CANCEL, "the payment was sent twice");
        assert_eq!(cancel.json(), json!({"transactionId": "PAY-1"}));
    }
    let sent: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-km-correlation-id").to_owned())
        .collect();
    let known = paid.payment();
    let ids = known.correlation_ids();
    let told: Vec<_> = ids.iter().map(CorrelationId::to_string).collect();
    assert_eq!(told, sent);
    let mut distinct = told.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), told.len());
    assert_eq!(known.transaction_id(), Some("PAY-1"));
}

#[tokio::test]
async fn a_payment_with_a_response_is_not_cancelled() {
    let server = playing([paid(), cancelled()]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    let Paid::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(known.response().unwrap().approval_code.as_str(), "123456");
    assert_eq!(server.requests().len(), 1);
    paid_once(&server, &outcome);

    // Success is success, even where the rest of it cannot be read.
    let server = playing([json_response(
        200,
        r#"{"response":{"code":"000_000"},"balance":7}"#,
    )])
    .await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    let Paid::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(known.response().is_none());
    let lost = known.lost().unwrap();
    assert_eq!(lost.response().unwrap().expose()["balance"], 7);
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn a_payment_that_was_not_made_is_an_error_and_not_cancelled() {
    let server = playing([refusal("006_007"), cancelled()]).await;
    let error = pay(&client(&server.url), quick()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Refused);
    assert_eq!(server.requests().len(), 1);

    let nobody = NotListening::new();
    let error = pay(&client(&nobody.url), quick()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_payment_whose_response_was_lost_is_cancelled() {
    for lost in [
        Reply::Close,
        Reply::Silence,
        reply(502, &[], "<html>"),
        json_response(400, r#"{"response":{"code":"099_999"}}"#),
        json_response(200, r#"{"encData":"a.b.c.d.e"}"#),
    ] {
        let server = playing([
            lost,
            refusal(NO_ORIGINAL),
            Reply::Close,
            refusal(SYSTEM_ERROR),
            cancelled(),
        ])
        .await;
        let outcome = pay(&client(&server.url), quick()).await.unwrap();
        let Paid::Cancelled(known) = &outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(known.lost().unwrap().delivery(), Delivery::MaybeProcessed);
        assert_eq!(known.cancellation().unwrap().balance.get(), 50_000);
        assert!(known.response().is_none() && known.cancel_error().is_none());
        assert_eq!(server.requests().len(), 5);
        paid_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_success_of_the_cancellation_that_cannot_be_read_is_one() {
    let server = playing([
        Reply::Close,
        json_response(200, r#"{"response":{"code":"000_000"}}"#),
    ])
    .await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Paid::Cancelled(_)), "{outcome:?}");
    assert!(outcome.payment().cancel_error().is_some());
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn refusals_of_a_cancellation_that_nobody_tried_prove_nothing() {
    // The cancellation may name another payment, or none.
    let server = playing([Reply::Close, refusal(NO_ORIGINAL)]).await;
    let outcome = pay(&client(&server.url), short()).await.unwrap();
    assert!(matches!(outcome, Paid::Unknown(_)), "{outcome:?}");
    assert!(server.requests().len() > 3, "the payment may yet arrive");
    paid_once(&server, &outcome);

    let server = playing([Reply::Close, Reply::Close, refusal(TWICE)]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Paid::Unknown(_)), "{outcome:?}");
    let todo = outcome.payment().what_a_person_can_do();
    assert!(todo.contains("list_card_transactions"), "{todo}");
    assert_eq!(server.requests().len(), 3);
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn no_such_payment_is_believed_of_a_verified_request_and_only_after_the_tokens_life() {
    let life = Duration::from_secs(1);
    let server = playing([Reply::Close, refusal(NO_ORIGINAL)]).await;
    let started = Instant::now();
    let outcome = pay(&client(&server.url), quick().request_verified(life))
        .await
        .unwrap();
    assert!(matches!(outcome, Paid::Failed(_)), "{outcome:?}");
    assert!(started.elapsed() >= life);
    assert!(server.requests().len() > 3);
    paid_once(&server, &outcome);

    // It arrived after the first questions, and is cancelled.
    let server = playing([
        Reply::Close,
        refusal(NO_ORIGINAL),
        refusal(NO_ORIGINAL),
        cancelled(),
    ])
    .await;
    let outcome = pay(
        &client(&server.url),
        quick().request_verified(Duration::from_secs(60)),
    )
    .await
    .unwrap();
    assert!(matches!(outcome, Paid::Cancelled(_)), "{outcome:?}");
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn requested_twice_is_believed_only_where_a_response_was_lost_and_nothing_failed() {
    let verified = quick().request_verified(Duration::from_secs(60));
    for (cancellations, is_cancelled) in [
        (vec![Reply::Close, refusal(TWICE)], true),
        (
            vec![refusal(NO_ORIGINAL), Reply::Close, refusal(TWICE)],
            true,
        ),
        // Somebody else's, or the code means something else.
        (vec![refusal(TWICE)], false),
        // Requested before, and it failed.
        (vec![refusal(SYSTEM_ERROR), refusal(TWICE)], false),
        (
            vec![Reply::Close, refusal(SYSTEM_ERROR), refusal(TWICE)],
            false,
        ),
    ] {
        let mut replies = vec![Reply::Close];
        replies.extend(cancellations);
        let count = replies.len();
        let server = playing(replies).await;
        let outcome = pay(&client(&server.url), verified).await.unwrap();
        match &outcome {
            Paid::Cancelled(_) if is_cancelled => {}
            Paid::Unknown(_) if !is_cancelled => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(server.requests().len(), count);
        paid_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_cancellation_that_is_wrong_is_not_sent_again() {
    let server = playing([Reply::Close, refusal("000_002")]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Paid::Unknown(_)), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn a_cancellation_that_does_not_name_the_payment_keeps_it_from_being_sent() {
    let server = playing([paid()]).await;
    let client = client(&server.url);
    let cancel = || client.network_cancel_payment();
    for wrong in [
        cancel(),
        cancel().extra("transactionId", "PAY-2"),
        cancel().extra("transactionId", 1),
    ] {
        let call = client.pay_with_token().transaction_id("PAY-1");
        let error = call.and_settle_or_cancel(wrong, quick()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.field(), Some("transactionId"));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(!error.to_string().contains("PAY-"), "{error}");
    }
    let second = Duration::from_secs(1);
    for (policy, field) in [
        (quick().interval(Duration::ZERO), "cancel.interval"),
        (quick().deadline(Duration::ZERO), "cancel.deadline"),
        (
            CancelPolicy::new().request_verified(Duration::ZERO),
            "cancel.request_verified",
        ),
        (
            quick().deadline(second).request_verified(second),
            "cancel.request_verified",
        ),
    ] {
        let error = pay(&client, policy).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn in_the_sandbox_a_payment_whose_response_is_lost_costs_the_member_nothing() {
    let par = "Q180BEA3B2F1BBD8410336D66A4";
    let sandbox = Sandbox::start().await.unwrap();
    let url = support::losing_the_first_response(&sandbox).await;
    let client = sandbox.client_builder().base_url(url).build().unwrap();
    let before = sandbox.card_balance(par).unwrap();
    let tokens = sandbox.client();
    let token = tokens.issue_one_time_token().card_no("9491339401250765");
    let token = token.send().await.unwrap();
    let cancel = client.network_cancel_payment();
    let outcome = client
        .pay_with_token()
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .amount(1_000_u64)
        .merchant_id(fixtures::MERCHANTS[0])
        .channel("OPENAPI")
        .transaction_id("PAY-1")
        .and_settle_or_cancel(cancel.extra("transactionId", "PAY-1"), quick())
        .await
        .unwrap();
    let Paid::Cancelled(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(known.cancellation().unwrap().balance.get(), before);
    assert_eq!(sandbox.card_balance(par), Some(before));
}

/// A gift whose response is this.
async fn gift(
    server: &Server,
) -> Result<Told<konaplate::types::GiftPrepaidCardResponseBody>, Error> {
    client(&server.url)
        .gift_prepaid_card()
        .sender_user_id("10000000001")
        .receiver_name("김코코")
        .receiver_phone("01012345678")
        .service_id("000170000002000")
        .amount(10_000_u64)
        .one_time_token("5297000000000021")
        .dcvv("802")
        .locale("KO")
        .and_settle()
        .await
}

#[tokio::test]
async fn of_a_gift_whose_response_was_lost_a_person_is_told_what_to_do() {
    let server = playing([Reply::Close]).await;
    let Told::Unknown(open) = gift(&server).await.unwrap() else {
        panic!("it knows");
    };
    assert_eq!(open.operation().id(), "gift_prepaid_card");
    assert_eq!(open.lost().delivery(), Delivery::MaybeProcessed);
    assert_eq!(
        open.correlation_id().unwrap().as_str(),
        server.request().header("x-km-correlation-id")
    );
    assert_eq!(open.sequence_id(), None);
    let outcome = open.operation().outcome().unwrap();
    assert_eq!(open.what_a_person_can_do(), outcome.hint());
    assert!(outcome.hint().contains("correlation id"));
    assert!(!format!("{open:?}").contains("김코코"));

    let server = playing([refusal("000_002")]).await;
    assert_eq!(
        gift(&server).await.unwrap_err().delivery(),
        Delivery::Refused
    );
}

#[tokio::test]
async fn a_credit_card_recharge_ends_in_a_window_and_never_in_money() {
    let open = async |server: &Server| {
        client(&server.url)
            .create_credit_card_recharge()
            .sequence_id("CARD-1")
            .user_id(10_000_000_001_u64)
            .amount(20_000_u64)
            .one_time_token("5297000000000021")
            .dcvv("802")
            .affiliate_id("000170000000001")
            .and_settle()
            .await
    };
    let window = r#"{"response":{"code":"000_000"},"transactionId":"20260315104512000001",
        "redirectUrl":"https://sandbox.konaplate.com/payment-window/20260315104512000001"}"#;
    let server = playing([json_response(200, window)]).await;
    let Opened::AwaitingMember(window) = open(&server).await.unwrap() else {
        panic!("it was lost");
    };
    assert_eq!(window.transaction_id.as_str(), "20260315104512000001");
    assert!(window.redirect_url.as_str().ends_with("12000001"));

    let server = playing([Reply::Close]).await;
    let Opened::Unknown(lost) = open(&server).await.unwrap() else {
        panic!("it knows");
    };
    assert_eq!(lost.sequence_id(), Some("CARD-1"));
    assert!(lost.what_a_person_can_do().contains("sequence id"));

    let server = playing([refusal("007_025")]).await;
    let error = open(&server).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Refused);
}

#[tokio::test]
async fn a_gift_that_is_paid_in_a_window_is_not_made_yet() {
    for (url, opens) in [(Some("https://example.com/pay"), true), (None, false)] {
        let mut body =
            json!({"response": {"code": "000_000"}, "transferId": "20260315104512000001"});
        if let Some(url) = url {
            body["paymentRedirectUrl"] = url.into();
        }
        let server = playing([json_response(200, body.to_string())]).await;
        let told = client(&server.url)
            .gift_card_v2()
            .and_settle()
            .await
            .unwrap();
        match told {
            Told::AwaitingMember(_) if opens => {}
            Told::Completed(_) if !opens => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn every_operation_that_moves_money_says_what_a_person_can_do() {
    for operation in Operation::all() {
        let outcome = operation.outcome();
        let moves = operation.effect() == konaplate::Effect::MovesMoney;
        assert_eq!(outcome.is_some(), moves, "{}", operation.id());
        if let Some(outcome) = outcome {
            let hint = outcome.hint();
            assert!(hint.starts_with("Do not send it again."), "{hint}");
            assert!(hint.contains("KONA"), "{hint}");
            let is_korean = |c: char| ('가'..='힣').contains(&c);
            assert!(
                outcome.hint_ko().chars().any(is_korean),
                "{}",
                operation.id()
            );
            for hint in [hint, outcome.hint_ko()] {
                assert!(!hint.contains('`') && !hint.contains('\n'), "{hint}");
            }
        }
    }
}
