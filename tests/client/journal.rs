//! Promise: a call that moves money is handed to the journal before a byte of it leaves, and its
//! outcome after; what the journal cannot take is not sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Reply, Server, builder, json_response, reply};
use konaplate::journal::{
    Concluded, Conclusion, Intent, Journal, JournalFuture, Outcome, Recording, SequenceIdUsed,
};
use konaplate::{
    CallOptions, Client, Delivery, Effect, Error, ErrorKind, OutcomePolicy, PaymentOutcome,
};
use serde_json::json;

/// Keeps what it is given, and how many requests the server had seen by then.
#[derive(Debug, Default)]
struct Kept {
    lines: Mutex<Vec<String>>,
    refuse_intents: bool,
    refuse_outcomes: bool,
    knows_sequence_id: bool,
    hang_on_intents: bool,
    hang_on_outcomes: bool,
    /// What became of a conclusion, where it is not recorded as usual.
    concluded: Option<Concluded>,
}

fn sorted(fields: serde_json::Map<String, serde_json::Value>) -> String {
    let fields: BTreeMap<_, _> = fields.into_iter().collect();
    serde_json::to_string(&fields).unwrap()
}

impl Kept {
    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    /// Waits until so many lines are there.
    async fn has_written(&self, lines: usize) {
        while self.lines().len() < lines {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Journal for Kept {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            if self.refuse_intents {
                return Err("the disk is full".into());
            }
            if self.knows_sequence_id {
                return Err(SequenceIdUsed.into());
            }
            let fields = sorted(intent.fields);
            let mut line = format!("intent {} {fields}", intent.name);
            if let Some(body) = intent.cancellation {
                line += &format!(" cancelled by {}", sorted(body));
            }
            self.lines.lock().unwrap().push(line);
            if self.hang_on_intents {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }

    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded> {
        Box::pin(async move {
            let line = match conclusion.outcome {
                Outcome::Completed(fields) => {
                    format!("completed {}", sorted(fields))
                }
                Outcome::AwaitingMember(fields) => {
                    format!("awaiting the member {}", sorted(fields))
                }
                other => format!("{other:?}"),
            };
            self.lines.lock().unwrap().push(line);
            if self.hang_on_outcomes {
                std::future::pending::<()>().await;
            }
            if self.refuse_outcomes {
                return Err("the disk is full".into());
            }
            Ok(self.concluded.unwrap_or(Concluded::Recorded))
        })
    }

    fn abandon(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            let line = format!("abandoned {}", intent.name);
            self.lines.lock().unwrap().push(line);
            Ok(())
        })
    }
}

fn client(server: &Server, journal: &Arc<Kept>) -> Client {
    let journal: Arc<dyn Journal> = Arc::clone(journal) as _;
    builder(&server.url).journal(journal).build().unwrap()
}

async fn recharge(client: &Client) -> Result<(), Error> {
    client
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .user_id(10_000_000_001_u64)
        .amount(20_000)
        .one_time_token("5297000000000013")
        .dcvv("471")
        .merchant_id("410195430033901")
        .extra("memo", "for 김코나")
        .send()
        .await
        .map(|_| ())
}

const SUCCESS: &str =
    r#"{"response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": false, "more": 1}"#;
const INTENT: &str = r#"intent recharge_from_bank_account {"amount":20000,"merchantId":"410195430033901","sequenceId":"BANK-1","userId":10000000001}"#;

#[tokio::test]
async fn what_is_written_down_holds_nothing_sensitive_and_nothing_undescribed() {
    let journal = Arc::new(Kept::default());
    let server = Server::start(json_response(200, SUCCESS)).await;
    recharge(&client(&server, &journal)).await.unwrap();
    assert_eq!(
        journal.lines(),
        [INTENT, r#"completed {"isPending":false,"nrNumber":"KMN1"}"#]
    );
}

#[tokio::test]
async fn each_end_of_a_call_is_recorded_by_itself() {
    for (reply, line) in [
        (
            json_response(
                400,
                r#"{"response": {"code": "007_008", "description": "x"}}"#,
            ),
            "EarlierCall(SequenceIdAlreadyUsed)",
        ),
        (reply(502, &[], "<html>"), "Unknown(MaybeProcessed)"),
        (Reply::Close, "Unknown(MaybeProcessed)"),
        // Success by its code, and not readable for a caller: for the journal the platform took it,
        // and did not say that nothing is pending.
        (
            json_response(200, r#"{"response": {"code": "000_000"}}"#),
            "Pending({})",
        ),
    ] {
        let journal = Arc::new(Kept::default());
        let server = Server::start(reply).await;
        recharge(&client(&server, &journal)).await.unwrap_err();
        assert_eq!(journal.lines(), [INTENT, line]);
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_written_down_is_not_sent() {
    let journal = Arc::new(Kept {
        refuse_intents: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    let error = recharge(&client(&server, &journal)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(server.requests().is_empty());
    // Whether it was written is not known: the reply to a commit can be lost.
    journal.has_written(1).await;
    assert_eq!(journal.lines(), ["abandoned recharge_from_bank_account"]);
}

#[tokio::test]
async fn an_intent_that_hangs_ends_with_the_time_limit_of_the_call_and_is_given_up() {
    let journal = Arc::new(Kept {
        hang_on_intents: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    let client = builder(&server.url)
        .journal(Arc::clone(&journal) as _)
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = recharge(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().contains("time limit"), "{error}");
    assert!(server.requests().is_empty());
    journal.has_written(2).await;
    assert_eq!(
        journal.lines(),
        [INTENT, "abandoned recharge_from_bank_account"]
    );
}

#[tokio::test]
async fn a_call_that_is_given_up_before_it_was_sent_ends_as_not_sent() {
    let journal = Arc::new(Kept {
        hang_on_intents: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    let client = client(&server, &journal);
    tokio::select! {
        outcome = recharge(&client) => panic!("{outcome:?}"),
        () = journal.has_written(1) => {}
    }
    journal.has_written(2).await;
    assert_eq!(
        journal.lines(),
        [INTENT, "abandoned recharge_from_bank_account"]
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_outcome_that_hangs_is_written_in_the_background_and_the_response_says_so() {
    let journal = Arc::new(Kept {
        hang_on_outcomes: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    let client = builder(&server.url)
        .journal(Arc::clone(&journal) as _)
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let token = client.raw(
        "recharge_from_bank_account",
        json!({"sequenceId": "BANK-1"}),
    );
    let options = CallOptions::new().encrypt_request(false);
    let response = token.options(options).send().await.unwrap();
    assert_eq!(response.exchange().recording(), Recording::NotYet);
    assert_eq!(journal.lines().len(), 2);
}

#[tokio::test]
async fn what_the_description_does_not_know_may_move_money_unless_the_caller_says_so() {
    let journal = Arc::new(Kept::default());
    let server = Server::start(json_response(
        200,
        r#"{"response": {"code": "000_000"}, "result": "COMPLETED"}"#,
    ))
    .await;
    let client = client(&server, &journal);
    let secret = json!({"cardNo": "9491339401250765"});
    // A path that is one of the description's but for its spelling is not known either.
    for (path, shown) in [
        ("/api/v9/money/move", "/api/v9/money/…"),
        ("/api/v1/BankRecharge/", "/api/v1/…/"),
    ] {
        let call = client.raw(path, secret.clone());
        call.clone().effect(Effect::Reads).send().await.unwrap();
        call.clone().effect(Effect::Changes).send().await.unwrap();
        assert!(journal.lines().is_empty());
        call.send().await.unwrap();
        // Nothing is known of its fields: any could be sensitive.
        assert_eq!(
            journal.take(),
            [format!("intent {shown} {{}}"), "completed {}".into()]
        );
    }
    let call = client.raw("refund_card", json!({})).effect(Effect::Reads);
    let error = call.send().await.unwrap_err();
    assert_eq!(error.field(), Some("effect"));
    assert!(journal.lines().is_empty());
}

/// A payment whose cancellation is to survive a crash.
async fn pay(client: &Client) -> Result<PaymentOutcome, Error> {
    let policy = OutcomePolicy::new().durable_cancellation(true);
    client
        .pay_with_token()
        .one_time_token("5297000000000021")
        .dcvv("802")
        .amount(12_000_u64)
        .merchant_id("410195430033901")
        .channel("OPENAPI")
        .transaction_id("PAY-1")
        .options(CallOptions::new().outcome(policy))
        .send_for_outcome_or_cancel(
            client
                .network_cancel_payment()
                .extra("transactionId", "PAY-1"),
        )
        .await
}

const PAYMENT: &str = concat!(
    r#"intent pay_with_token {"amount":12000,"channel":"OPENAPI","merchantId":"410195430033901","#,
    r#""transactionId":"PAY-1"} cancelled by {"transactionId":"PAY-1"}"#,
);
const PAID: &str = r#"{"response": {"code": "000_000"}, "nrNumber": "KMN1", "approvalNo": "1",
    "amount": "12000", "approvalTime": "20260315104512"}"#;

#[tokio::test]
async fn a_durable_cancellation_is_written_with_the_payment() {
    let journal = Arc::new(Kept::default());
    let server = Server::start(json_response(200, PAID)).await;
    let paid = pay(&client(&server, &journal)).await.unwrap();
    assert!(matches!(paid, konaplate::Outcome::Completed(_)), "{paid:?}");
    let lines = journal.lines();
    assert_eq!(lines[0], PAYMENT);
    assert!(lines[1].starts_with("completed"), "{lines:?}");

    let without = builder(&server.url).build().unwrap();
    let error = pay(&without).await.unwrap_err();
    assert_eq!(error.field(), Some("outcome.durable_cancellation"));
}

/// Somebody who recovers it sends its cancellation already, or may: such a success is not handed
/// out, and the payment is taken back.
#[tokio::test]
async fn a_success_that_is_not_recorded_or_comes_too_late_is_no_success() {
    for journal in [
        Kept {
            concluded: Some(Concluded::BeingCancelled),
            ..Kept::default()
        },
        Kept {
            refuse_outcomes: true,
            ..Kept::default()
        },
    ] {
        let journal = Arc::new(journal);
        let server = Server::start(json_response(200, PAID)).await;
        let outcome = pay(&client(&server, &journal)).await.unwrap();
        assert!(
            matches!(outcome, konaplate::Outcome::Cancelled(_)),
            "{outcome:?}"
        );
        assert_eq!(
            server.requests().len(),
            2,
            "the payment and its cancellation"
        );
        let cancelled = |line: &String| line.starts_with("Cancelled(");
        assert!(
            journal.lines().iter().any(cancelled),
            "{:?}",
            journal.lines()
        );
    }
}

#[tokio::test]
async fn a_sequence_id_that_the_journal_knows_is_a_field_that_breaks_its_rule() {
    let journal = Arc::new(Kept {
        knows_sequence_id: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    let error = recharge(&client(&server, &journal)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.field(), Some("sequenceId"));
    // The call that has it may have been carried out: this is no "not sent".
    assert_eq!(error.delivery(), Delivery::EarlierCall);
    assert_eq!(error.operation(), Some("recharge_from_bank_account"));
    assert!(!format!("{error} {error:?}").contains("BANK-1"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_response_with_which_the_member_pays_later_is_no_money_that_moved() {
    let success = |rest: serde_json::Value| {
        let mut response = json!({"response": {"code": "000_000"}});
        let more = rest.as_object().unwrap().clone();
        response.as_object_mut().unwrap().extend(more);
        json_response(200, response.to_string())
    };
    let window = "https://sandbox.konaplate.com/payment-window/1";
    for (operation, response, line) in [
        (
            "create_credit_card_recharge",
            json!({"transactionId": "T1", "redirectUrl": window}),
            "awaiting the member",
        ),
        // Even where it cannot be read: it was not paid with.
        (
            "create_credit_card_recharge",
            json!({}),
            "awaiting the member",
        ),
        (
            "create_terminal_barcode",
            json!({"barcodeSpec": "1"}),
            "awaiting the member",
        ),
        (
            "register_credit_card_auto_recharge",
            json!({"transactionId": "T1", "redirectUrl": window}),
            "awaiting the member",
        ),
        (
            "gift_card_v2",
            json!({"transferId": "G1", "paymentRedirectUrl": window}),
            "awaiting the member",
        ),
        ("gift_card_v2", json!({"transferId": "G1"}), "completed"),
        (
            "gift_card_v2",
            json!({"paymentRedirectUrl": null}),
            "completed",
        ),
    ] {
        let journal = Arc::new(Kept::default());
        let server = Server::start(success(response)).await;
        let options = CallOptions::new().encrypt_request(false);
        client(&server, &journal)
            .raw(operation, json!({}))
            .options(options)
            .send()
            .await
            .unwrap();
        let told = &journal.lines()[1];
        assert!(told.starts_with(line), "{operation}: {told}");
        assert!(!told.contains("barcodeSpec"), "{told}");
    }
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_down_does_not_cost_the_response() {
    let journal = Arc::new(Kept {
        refuse_outcomes: true,
        ..Kept::default()
    });
    let server = Server::start(json_response(200, SUCCESS)).await;
    recharge(&client(&server, &journal)).await.unwrap();
    assert_eq!(journal.lines().len(), 2);
    // It is tried again in the background.
    journal.has_written(3).await;
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_its_intent() {
    let journal = Arc::new(Kept::default());
    let server = Server::start(Reply::Silence).await;
    let client = client(&server, &journal);
    tokio::select! {
        outcome = recharge(&client) => panic!("{outcome:?}"),
        () = server.has_seen(1) => {}
    }
    assert_eq!(journal.lines(), [INTENT]);
}

#[tokio::test]
async fn only_what_moves_money_is_written_down_and_raw_calls_are_no_way_around() {
    let journal = Arc::new(Kept::default());
    let server = Server::start(json_response(
        200,
        r#"{"response": {"code": "000_000"}, "result": "COMPLETED"}"#,
    ))
    .await;
    let client = client(&server, &journal);
    let inquiry = client.get_bank_recharge_result().sequence_id("BANK-1");
    inquiry.send().await.unwrap();
    assert!(journal.lines().is_empty());
    client
        .raw("refund_card", json!({"sequenceId": "R-1", "dcvv": "471"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        journal.lines(),
        [r#"intent refund_card {"sequenceId":"R-1"}"#, "completed {}"]
    );
}
