//! Promise: what nothing but a response says is unknown when the response was lost, with what a
//! person can do; and a payment of which nobody knows whether it was made is cancelled, and said to
//! be only where that is proven.

use std::time::Duration;

use crate::support;
use crate::support::{NotListening, Reply, Server, builder, json_response, quick, reply, short};
use konaplate::{
    CallOptions, Client, CorrelationId, Delivery, Error, ErrorCode, ErrorKind, Operation, Outcome,
    OutcomePolicy, PaymentOutcome, Processed, Proof,
};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::json;

const PAY: &str = "/api/v1/payment/no-hce";
const CANCEL: &str = "/api/v1/payment/netcancel/no-hce";

fn client(url: &str) -> Client {
    builder(url)
        // Long enough for a busy machine: what is silent is silent for good.
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap()
}

async fn pay(client: &Client, policy: OutcomePolicy) -> Result<PaymentOutcome, Error> {
    let cancel = client.network_cancel_payment();
    client
        .pay_with_token()
        .one_time_token("5297000000000021")
        .dcvv("802")
        .amount(12_000_u64)
        .merchant_id("410195430033901")
        .channel("OPENAPI")
        .transaction_id("PAY-1")
        .options(CallOptions::new().outcome(policy))
        .send_for_outcome_or_cancel(cancel.extra("transactionId", "PAY-1"))
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

/// What was sent: one payment first, then cancellations of it, each with an id of its own.
#[track_caller]
fn paid_once(server: &Server, paid: &PaymentOutcome) {
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
    let known = paid.record();
    let ids = known.correlation_ids();
    let told: Vec<_> = ids.iter().map(CorrelationId::to_string).collect();
    assert_eq!(told, sent);
    let mut distinct = told.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), told.len());
    assert_eq!(known.reference(), Some("PAY-1"));
}

#[tokio::test]
async fn a_payment_with_a_response_is_not_cancelled() {
    let server = Server::playing([paid(), cancelled()]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(known.response().unwrap().approval_code.as_str(), "123456");
    assert_eq!(server.requests().len(), 1);
    paid_once(&server, &outcome);

    // Success is success, even where the rest of it cannot be read.
    let server = Server::playing([json_response(
        200,
        r#"{"response":{"code":"000_000"},"balance":7}"#,
    )])
    .await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    let Outcome::Completed(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(known.response().is_none());
    let response = known.record().response().unwrap();
    assert_eq!(response.expose()["balance"], 7);
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn a_payment_that_was_declined_or_not_sent_is_not_cancelled() {
    let server = Server::playing([refusal("006_007"), cancelled()]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    let Outcome::Declined(record) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(record.code(), Some(&ErrorCode::PaymentAmountInvalid));
    assert_eq!(server.requests().len(), 1);

    let nobody = NotListening::new();
    let outcome = pay(&client(&nobody.url), quick()).await.unwrap();
    let Outcome::NotCarriedOut(proven) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(proven.proof(), Proof::NotSent);
}

/// The codes of a second delivery: the first one was carried out.
#[tokio::test]
async fn a_payment_that_may_have_been_made_by_an_earlier_delivery_is_cancelled() {
    for code in ["006_021", "006_008"] {
        let server = Server::playing([refusal(code), cancelled()]).await;
        let outcome = pay(&client(&server.url), quick()).await.unwrap();
        assert!(matches!(outcome, Outcome::Cancelled(_)), "{outcome:?}");
        assert_eq!(server.requests().len(), 2);
        paid_once(&server, &outcome);

        // It was not made, as far as the cancellation says: that is reported, and proves nothing.
        let server = Server::playing([refusal(code), refusal(NO_ORIGINAL)]).await;
        let outcome = pay(&client(&server.url), quick()).await.unwrap();
        let Outcome::EarlierCall(record) = &outcome else {
            panic!("{outcome:?}");
        };
        let error = record.follow_up_error().unwrap();
        assert_eq!(error.code(), Some(&ErrorCode::PaymentOriginalNotFound));
        assert_eq!(server.requests().len(), 2);
        paid_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_payment_whose_response_was_lost_is_cancelled() {
    for lost in [
        Reply::Close,
        Reply::Silence,
        reply(502, &[], "<html>"),
        json_response(400, r#"{"response":{"code":"099_999"}}"#),
        refusal(SYSTEM_ERROR),
        json_response(200, r#"{"encData":"a.b.c.d.e"}"#),
    ] {
        let server = Server::playing([
            lost,
            refusal(NO_ORIGINAL),
            Reply::Close,
            refusal(SYSTEM_ERROR),
            cancelled(),
        ])
        .await;
        let outcome = pay(&client(&server.url), quick()).await.unwrap();
        let Outcome::Cancelled(known) = &outcome else {
            panic!("{outcome:?}");
        };
        let record = known.record();
        assert_eq!(record.error().unwrap().delivery(), Delivery::MaybeProcessed);
        assert_eq!(known.response().unwrap().balance.get(), 50_000);
        assert!(record.follow_up_error().is_none());
        assert_eq!(server.requests().len(), 5);
        paid_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_success_of_the_cancellation_that_cannot_be_read_is_one() {
    let server = Server::playing([
        Reply::Close,
        json_response(200, r#"{"response":{"code":"000_000"}}"#),
    ])
    .await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Cancelled(_)), "{outcome:?}");
    assert!(outcome.record().follow_up_error().is_some());
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn refusals_of_the_cancellation_prove_nothing() {
    // The payment may yet arrive, and the cancellation may name another one: it is sent again.
    let server = Server::playing([Reply::Close, refusal(NO_ORIGINAL)]).await;
    let outcome = pay(&client(&server.url), short()).await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert!(outcome.needs_person());
    assert!(server.requests().len() > 3, "it was sent once only");
    paid_once(&server, &outcome);

    // Requested before: whether it was carried out is not said.
    for cancellations in [
        vec![refusal(TWICE)],
        vec![Reply::Close, refusal(TWICE)],
        vec![refusal(SYSTEM_ERROR), refusal(TWICE)],
    ] {
        let mut replies = vec![Reply::Close];
        replies.extend(cancellations);
        let count = replies.len();
        let server = Server::playing(replies).await;
        let outcome = pay(&client(&server.url), quick()).await.unwrap();
        let Outcome::Unknown(record) = &outcome else {
            panic!("{outcome:?}");
        };
        let error = record.follow_up_error().unwrap();
        assert_eq!(error.code(), Some(&ErrorCode::PaymentAlreadyRequested));
        assert!(record.hint().contains("list_card_transactions"));
        assert_eq!(server.requests().len(), count);
        paid_once(&server, &outcome);
    }
}

#[tokio::test]
async fn a_payment_that_arrives_late_is_cancelled() {
    let server = Server::playing([
        Reply::Close,
        refusal(NO_ORIGINAL),
        refusal(NO_ORIGINAL),
        cancelled(),
    ])
    .await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Cancelled(_)), "{outcome:?}");
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn a_cancellation_that_is_wrong_is_not_sent_again() {
    let server = Server::playing([Reply::Close, refusal("000_002")]).await;
    let outcome = pay(&client(&server.url), quick()).await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(server.requests().len(), 2);
    paid_once(&server, &outcome);
}

#[tokio::test]
async fn a_cancellation_that_does_not_name_the_payment_keeps_it_from_being_sent() {
    let server = Server::playing([paid()]).await;
    let client = client(&server.url);
    let cancel = || client.network_cancel_payment();
    for wrong in [
        cancel(),
        cancel().extra("transactionId", "PAY-2"),
        cancel().extra("transactionId", 1),
    ] {
        let call = client.pay_with_token().transaction_id("PAY-1");
        let error = call.send_for_outcome_or_cancel(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.field(), Some("transactionId"));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(!error.to_string().contains("PAY-"), "{error}");
    }
    for (policy, field) in [
        (quick().interval(Duration::ZERO), "outcome.interval"),
        (quick().deadline(Duration::ZERO), "outcome.deadline"),
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
        .options(CallOptions::new().outcome(quick()))
        .send_for_outcome_or_cancel(cancel.extra("transactionId", "PAY-1"))
        .await
        .unwrap();
    let Outcome::Cancelled(known) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(known.response().unwrap().balance.get(), before);
    assert_eq!(sandbox.card_balance(par), Some(before));
}

/// A gift whose response is this.
async fn gift(
    server: &Server,
) -> Result<Outcome<Processed<konaplate::types::GiftPrepaidCardResponseBody>>, Error> {
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
        .send_for_outcome()
        .await
}

#[tokio::test]
async fn of_a_gift_whose_response_was_lost_it_says_what_a_person_can_do() {
    let server = Server::playing([Reply::Close]).await;
    let outcome = gift(&server).await.unwrap();
    assert!(outcome.needs_person());
    let Outcome::Unknown(open) = outcome else {
        panic!("it knows");
    };
    let operation = open.operation().unwrap();
    assert_eq!(operation.id(), "gift_prepaid_card");
    assert_eq!(open.error().unwrap().delivery(), Delivery::MaybeProcessed);
    assert_eq!(
        open.correlation_ids()[0].as_str(),
        server.request().header("x-km-correlation-id")
    );
    assert_eq!(open.reference(), None);
    let described = operation.outcome().unwrap();
    assert_eq!(open.hint(), described.hint());
    assert!(described.hint().contains("correlation id"));
    assert!(!format!("{open:?}").contains("김코코"));
}

#[tokio::test]
async fn of_a_gift_each_code_is_what_the_description_says_it_proves() {
    for (code, verdict) in [
        ("005_022", "not carried out"),
        ("000_002", "earlier call"),
        ("005_024", "earlier call"),
        ("005_025", "declined"),
        // Of other operations, or of none.
        ("007_003", "unknown"),
        ("000_003", "unknown"),
        ("099_999", "unknown"),
    ] {
        let server = Server::playing([refusal(code)]).await;
        let outcome = gift(&server).await.unwrap();
        let found = match &outcome {
            Outcome::NotCarriedOut(proven) => {
                assert_eq!(proven.proof(), Proof::Code);
                "not carried out"
            }
            Outcome::EarlierCall(_) => "earlier call",
            Outcome::Declined(_) => "declined",
            Outcome::Unknown(_) => "unknown",
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(found, verdict, "{code}");
    }
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
            .send_for_outcome()
            .await
    };
    let window = r#"{"response":{"code":"000_000"},"transactionId":"20260315104512000001",
        "redirectUrl":"https://sandbox.konaplate.com/payment-window/20260315104512000001"}"#;
    let server = Server::playing([json_response(200, window)]).await;
    // By type there is no other success: no arm for Completed.
    let window = match open(&server).await.unwrap() {
        Outcome::AwaitingMember(opened) => opened.into_response().unwrap(),
        Outcome::NotCarriedOut(proven) => panic!("{proven:?}"),
        Outcome::Declined(call) | Outcome::EarlierCall(call) | Outcome::Unknown(call) => {
            panic!("{call:?}")
        }
    };
    assert_eq!(window.transaction_id.as_str(), "20260315104512000001");
    assert!(window.redirect_url.as_str().ends_with("12000001"));

    let server = Server::playing([Reply::Close]).await;
    let Outcome::Unknown(lost) = open(&server).await.unwrap() else {
        panic!("it knows");
    };
    assert_eq!(lost.reference(), Some("CARD-1"));
    assert!(lost.hint().contains("sequence id"));

    let server = Server::playing([refusal("007_025")]).await;
    let outcome = open(&server).await.unwrap();
    assert!(matches!(outcome, Outcome::EarlierCall(_)), "{outcome:?}");

    // A window that cannot be read is one.
    let server = Server::playing([json_response(200, r#"{"response":{"code":"000_000"}}"#)]).await;
    let outcome = open(&server).await.unwrap();
    let Outcome::AwaitingMember(opened) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(opened.response().is_none());
}

#[tokio::test]
async fn a_gift_that_is_paid_in_a_window_is_not_made_yet() {
    for (url, opens) in [(Some("https://example.com/pay"), true), (None, false)] {
        let mut body =
            json!({"response": {"code": "000_000"}, "transferId": "20260315104512000001"});
        if let Some(url) = url {
            body["paymentRedirectUrl"] = url.into();
        }
        let server = Server::playing([json_response(200, body.to_string())]).await;
        let told = client(&server.url)
            .gift_card_v2()
            .send_for_outcome()
            .await
            .unwrap();
        match told {
            Outcome::AwaitingMember(_) if opens => {}
            Outcome::Completed(_) if !opens => {}
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
