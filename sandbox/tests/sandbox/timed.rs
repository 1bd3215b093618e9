//! Promise: what takes time happens when its time has come, not before, and never makes or loses
//! money.

use std::time::{Duration, SystemTime};

use konaplate::{Client, Error, ErrorCode};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, LATE_CARD, LATE_PAR, LATE_USER, PAR, USER};

const INSTANT: Duration = Duration::from_millis(1);
const LATE: Duration = Duration::from_secs(300);

fn time(text: &str) -> SystemTime {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

struct Stage {
    sandbox: Sandbox,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        Self::at("2026-03-15T12:00:00+09:00").await
    }

    async fn at(now: &str) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.stop_clock_at(time(now));
        let client = sandbox.client();
        Self { sandbox, client }
    }

    async fn call(&self, operation: &str, body: Value) -> Result<Value, Error> {
        let response = self.client.raw(operation, body).send().await;
        assert_eq!(self.sandbox.ledger_total(), 0, "{operation}");
        Ok(response?.expose().clone())
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        let response = self.call(operation, body).await;
        response.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// Lets time pass.
    fn wait(&self, time: Duration) {
        self.sandbox.advance_clock(time);
        assert_eq!(self.sandbox.ledger_total(), 0);
    }

    fn wait_until(&self, now: &str) {
        self.sandbox.stop_clock_at(time(now));
        assert_eq!(self.sandbox.ledger_total(), 0);
    }

    async fn with_token(&self, card: &str, mut body: Value) -> Value {
        let token = self
            .ok("issue_one_time_token", json!({"cardNo": card}))
            .await;
        body["oneTimeToken"] = token["oneTimeToken"].clone();
        body["dcvv"] = token["dcvv"].clone();
        body
    }

    async fn pay(&self, card: &str, amount: u64) -> Value {
        let body = json!({"amount": amount, "merchantId": fixtures::MERCHANTS[0]});
        let body = self.with_token(card, body).await;
        self.ok("pay_with_token", body).await
    }

    async fn recharge(&self, user: u64, card: &str, amount: u64, sequence: &str) -> Value {
        let body = json!({"sequenceId": sequence, "userId": user, "amount": amount,
            "merchantId": fixtures::MERCHANTS[0]});
        let body = self.with_token(card, body).await;
        self.ok("recharge_from_bank_account", body).await
    }

    async fn cancel(&self, user: u64, card: &str, made: &Value, sequence: &str) -> Value {
        let body = json!({"sequenceId": sequence, "userId": user, "nrNumber": made["nrNumber"]});
        let body = self.with_token(card, body).await;
        self.ok("cancel_bank_recharge", body).await
    }

    async fn result(&self, sequence: &str) -> String {
        let body = json!({"sequenceId": sequence});
        let response = self.ok("get_bank_recharge_result", body).await;
        response["result"].as_str().unwrap().to_owned()
    }

    /// What card and bank account hold.
    fn of_user(&self) -> (u64, u64) {
        self.held(PAR, USER)
    }

    fn of_late_user(&self) -> (u64, u64) {
        self.held(LATE_PAR, LATE_USER)
    }

    fn held(&self, par: &str, user: u64) -> (u64, u64) {
        (
            self.sandbox.card_balance(par).unwrap(),
            self.sandbox.bank_balance(user).unwrap(),
        )
    }
}

/// The status and the page that a browser gets from a window; it decides if it is told to.
async fn browse(window: &Value, decision: Option<&'static str>) -> (u16, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = window["redirectUrl"].as_str().unwrap();
    let request = match decision {
        Some(decision) => http.post(url).body(format!("decision={decision}")),
        None => http.get(url),
    };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_pending_recharge_completes_after_five_minutes() {
    let stage = Stage::new().await;
    let made = stage.recharge(LATE_USER, LATE_CARD, 20_000, "A").await;
    assert_eq!(made["isPending"], true);
    stage.wait(LATE - INSTANT);
    assert_eq!(stage.result("A").await, "PENDING");
    assert_eq!(stage.of_late_user(), (100_000, 1_000_000));
    stage.wait(INSTANT);
    assert_eq!(stage.result("A").await, "COMPLETED");
    assert_eq!(stage.of_late_user(), (120_000, 980_000));
    // Once.
    stage.wait(LATE);
    assert_eq!(stage.of_late_user(), (120_000, 980_000));
}

#[tokio::test]
async fn a_pending_recharge_fails_when_the_account_was_emptied_meanwhile() {
    let stage = Stage::new().await;
    stage.recharge(LATE_USER, LATE_CARD, 600_000, "A").await;
    stage.wait(INSTANT);
    stage.recharge(LATE_USER, LATE_CARD, 600_000, "B").await;
    stage.wait(LATE - INSTANT);
    assert_eq!(stage.result("A").await, "COMPLETED");
    assert_eq!(stage.result("B").await, "PENDING");
    stage.wait(INSTANT);
    assert_eq!(stage.result("B").await, "FAILED");
    assert_eq!(stage.of_late_user(), (700_000, 400_000));
}

#[tokio::test]
async fn a_pending_recharge_fails_when_its_card_was_suspended_meanwhile() {
    let stage = Stage::new().await;
    stage.recharge(LATE_USER, LATE_CARD, 20_000, "A").await;
    let suspend = json!({"userId": LATE_USER, "par": LATE_PAR, "status": "SUSPEND"});
    stage.ok("update_card_status", suspend).await;
    stage.wait(LATE);
    assert_eq!(stage.result("A").await, "FAILED");
    assert_eq!(stage.of_late_user(), (100_000, 1_000_000));
}

#[tokio::test]
async fn a_pending_cancellation_takes_the_amount_off_after_five_minutes_and_pays_it_out_next_day() {
    let stage = Stage::new().await;
    let made = stage.recharge(LATE_USER, LATE_CARD, 20_000, "A").await;
    stage.wait(LATE);
    let cancelled = stage.cancel(LATE_USER, LATE_CARD, &made, "B").await;
    assert_eq!(cancelled["isPending"], true);
    stage.wait(LATE - INSTANT);
    assert_eq!(stage.result("B").await, "PENDING");
    assert_eq!(stage.of_late_user(), (120_000, 980_000));
    stage.wait(INSTANT);
    assert_eq!(stage.result("B").await, "COMPLETED");
    // The recharge was one all the same.
    assert_eq!(stage.result("A").await, "COMPLETED");
    assert_eq!(stage.of_late_user(), (100_000, 980_000));
    stage.wait_until("2026-03-16T00:00:00+09:00");
    assert_eq!(stage.of_late_user(), (100_000, 1_000_000));
}

#[tokio::test]
async fn a_pending_cancellation_fails_when_the_amount_was_spent_meanwhile_and_may_be_repeated() {
    let stage = Stage::new().await;
    let made = stage.recharge(LATE_USER, LATE_CARD, 20_000, "A").await;
    stage.wait(LATE);
    stage.cancel(LATE_USER, LATE_CARD, &made, "B").await;
    let paid = stage.pay(LATE_CARD, 110_000).await;
    stage.wait(LATE);
    assert_eq!(stage.result("B").await, "FAILED");
    assert_eq!(stage.of_late_user(), (10_000, 980_000));
    // The money comes back, and the cancellation is asked for again.
    let body = json!({"nrNumber": paid["nrNumber"]});
    stage.ok("network_cancel_payment", body).await;
    stage.cancel(LATE_USER, LATE_CARD, &made, "C").await;
    stage.wait(LATE);
    assert_eq!(stage.result("C").await, "COMPLETED");
    stage.wait_until("2026-03-16T00:00:00+09:00");
    assert_eq!(stage.of_late_user(), (100_000, 1_000_000));
}

#[tokio::test]
async fn a_cancelled_recharge_is_paid_out_at_the_start_of_the_next_day() {
    let stage = Stage::new().await;
    let made = stage.recharge(USER, CARD, 20_000, "A").await;
    assert_eq!(made["isPending"], false);
    assert_eq!(stage.of_user(), (120_000, 980_000));
    let cancelled = stage.cancel(USER, CARD, &made, "B").await;
    assert_eq!(cancelled["isPending"], false);
    assert_eq!(stage.of_user(), (100_000, 980_000));
    stage.wait_until("2026-03-15T23:59:59.999+09:00");
    assert_eq!(stage.of_user(), (100_000, 980_000));
    stage.wait(INSTANT);
    assert_eq!(stage.of_user(), (100_000, 1_000_000));
}

#[tokio::test]
async fn a_refund_is_paid_out_less_its_fee_at_the_start_of_the_next_day() {
    let stage = Stage::new().await;
    stage.pay(CARD, 60_000).await;
    let body = json!({"sequenceId": "R", "userId": USER, "cardExpiry": "3108"});
    let body = stage.with_token(CARD, body).await;
    stage.ok("refund_card", body).await;
    assert_eq!(stage.of_user(), (0, 1_000_000));
    stage.wait_until("2026-03-15T23:59:59.999+09:00");
    assert_eq!(stage.of_user(), (0, 1_000_000));
    stage.wait(INSTANT);
    // 40,000 less 2 %.
    assert_eq!(stage.of_user(), (0, 1_039_200));
    stage.wait(Duration::from_secs(3 * 86_400));
    assert_eq!(stage.of_user(), (0, 1_039_200));
}

#[tokio::test]
async fn a_payout_waits_for_a_bank_account() {
    let stage = Stage::new().await;
    let made = stage.recharge(USER, CARD, 20_000, "A").await;
    stage.cancel(USER, CARD, &made, "B").await;
    stage
        .ok("delete_bank_account", json!({"userId": USER}))
        .await;
    stage.wait_until("2026-03-18T12:00:00+09:00");
    assert_eq!(stage.sandbox.bank_balance(USER), None);
    let body = json!({"userId": USER, "bankAccount": "333015555557", "bankCode": "003",
        "bankName": "IBK기업은행", "userName": fixtures::MEMBERS[0].name,
        "birthDate": fixtures::MEMBERS[0].birth_date});
    stage.ok("register_bank_account", body).await;
    stage.wait(Duration::from_secs(8));
    assert_eq!(stage.of_user(), (100_000, 980_000));
    stage.wait_until("2026-03-19T00:00:00+09:00");
    assert_eq!(stage.of_user(), (100_000, 1_000_000));
}

fn monthly(day: &str) -> Value {
    json!({"userId": USER, "par": PAR, "amount": 30_000, "reloadDate": day})
}

#[tokio::test]
async fn a_monthly_auto_recharge_is_made_on_its_day_until_it_is_deregistered() {
    let stage = Stage::new().await;
    stage
        .ok("register_monthly_auto_recharge", monthly("20"))
        .await;
    for (now, held) in [
        ("2026-03-19T23:59:59.999+09:00", (100_000, 1_000_000)),
        ("2026-03-20T00:00:00+09:00", (130_000, 970_000)),
        ("2026-04-19T23:59:59.999+09:00", (130_000, 970_000)),
        ("2026-04-20T00:00:00+09:00", (160_000, 940_000)),
        // Two at once, when the clock passes both days.
        ("2026-06-30T00:00:00+09:00", (220_000, 880_000)),
    ] {
        stage.wait_until(now);
        assert_eq!(stage.of_user(), held, "{now}");
    }
    let body = json!({"userId": USER, "par": PAR});
    stage.ok("deregister_auto_recharge", body).await;
    stage.wait_until("2026-09-30T00:00:00+09:00");
    assert_eq!(stage.of_user(), (220_000, 880_000));
}

#[tokio::test]
async fn the_31st_is_the_last_day_of_a_short_month() {
    let stage = Stage::at("2026-01-31T12:00:00+09:00").await;
    stage
        .ok("register_monthly_auto_recharge", monthly("31"))
        .await;
    for (now, held) in [
        ("2026-02-27T23:59:59.999+09:00", (100_000, 1_000_000)),
        ("2026-02-28T00:00:00+09:00", (130_000, 970_000)),
        ("2026-03-30T23:59:59.999+09:00", (130_000, 970_000)),
        ("2026-03-31T00:00:00+09:00", (160_000, 940_000)),
        ("2026-04-29T23:59:59.999+09:00", (160_000, 940_000)),
        ("2026-04-30T00:00:00+09:00", (190_000, 910_000)),
    ] {
        stage.wait_until(now);
        assert_eq!(stage.of_user(), held, "{now}");
    }
}

#[tokio::test]
async fn a_monthly_auto_recharge_that_the_account_cannot_pay_is_not_made_up_for() {
    let stage = Stage::new().await;
    let mut body = monthly("20");
    body["amount"] = json!(600_000);
    stage.ok("register_monthly_auto_recharge", body).await;
    stage.wait_until("2026-03-20T00:00:00+09:00");
    assert_eq!(stage.of_user(), (700_000, 400_000));
    stage.wait_until("2026-04-20T00:00:00+09:00");
    assert_eq!(stage.of_user(), (700_000, 400_000));
}

#[tokio::test]
async fn a_payment_that_reaches_the_lower_limit_sets_off_one_auto_recharge() {
    let stage = Stage::new().await;
    let body = json!({"userId": USER, "par": PAR, "amount": 50_000, "thresholdBalance": 10_000});
    stage.ok("update_lower_limit_auto_recharge", body).await;
    stage.pay(CARD, 89_999).await;
    assert_eq!(stage.of_user(), (10_001, 1_000_000));
    let paid = stage.pay(CARD, 1).await;
    // The response tells of the payment alone.
    assert_eq!(paid["balance"], 10_000);
    assert_eq!(stage.of_user(), (60_000, 950_000));
    // Time alone sets off nothing.
    stage.wait(Duration::from_secs(40 * 86_400));
    assert_eq!(stage.of_user(), (60_000, 950_000));
}

#[tokio::test]
async fn a_credit_card_auto_recharge_begins_with_its_approval() {
    let stage = Stage::new().await;
    let body = json!({"userId": USER, "par": PAR, "amount": 40_000, "thresholdBalance": 10_000});
    let declined = stage
        .ok("register_credit_card_auto_recharge", body.clone())
        .await;
    assert_eq!(browse(&declined, Some("decline")).await.0, 200);
    stage.pay(CARD, 90_000).await;
    assert_eq!(stage.of_user(), (10_000, 1_000_000));
    // The balance is at the limit: the approval recharges at once.
    let window = stage.ok("register_credit_card_auto_recharge", body).await;
    assert_eq!(stage.of_user(), (10_000, 1_000_000));
    assert_eq!(browse(&window, Some("approve")).await.0, 200);
    assert_eq!(stage.of_user(), (50_000, 1_000_000));
    stage.pay(CARD, 45_000).await;
    assert_eq!(stage.of_user(), (45_000, 1_000_000));
    let body = json!({"userId": USER, "par": PAR});
    stage.ok("deregister_credit_card_auto_recharge", body).await;
    stage.pay(CARD, 45_000).await;
    assert_eq!(stage.of_user(), (0, 1_000_000));
}

#[tokio::test]
async fn a_credit_card_recharges_on_a_day_of_the_month_too() {
    let stage = Stage::new().await;
    let window = stage
        .ok("register_credit_card_auto_recharge", monthly("31"))
        .await;
    assert_eq!(browse(&window, Some("approve")).await.0, 200);
    stage.wait_until("2026-03-30T23:59:59.999+09:00");
    assert_eq!(stage.of_user(), (100_000, 1_000_000));
    stage.wait(INSTANT);
    assert_eq!(stage.of_user(), (130_000, 1_000_000));
    stage.wait_until("2026-04-30T00:00:00+09:00");
    assert_eq!(stage.of_user(), (160_000, 1_000_000));
}

#[tokio::test]
async fn a_payment_takes_what_its_card_lacks_from_the_bank_account() {
    let stage = Stage::new().await;
    let body = json!({"amount": 130_000, "merchantId": fixtures::MERCHANTS[0]});
    let refused = stage.with_token(CARD, body).await;
    let error = stage.call("pay_with_token", refused).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::PaymentAmountInvalid));
    assert_eq!(stage.of_user(), (100_000, 1_000_000));

    let body = json!({"userId": USER, "par": PAR});
    stage.ok("register_payment_auto_recharge", body).await;
    let paid = stage.pay(CARD, 130_000).await;
    assert_eq!(paid["balance"], 0);
    assert_eq!(stage.of_user(), (0, 970_000));
    // What it added stays on the card.
    let undo = json!({"nrNumber": paid["nrNumber"]});
    stage.ok("network_cancel_payment", undo).await;
    assert_eq!(stage.of_user(), (130_000, 970_000));
    stage.pay(CARD, 130_000).await;
    assert_eq!(stage.of_user(), (0, 970_000));
}

async fn open_window(stage: &Stage, sequence: &str) -> Result<Value, Error> {
    let token = json!({"cardNo": CARD, "type": "CREDIT"});
    let token = stage.ok("issue_one_time_token", token).await;
    let body = json!({"sequenceId": sequence, "userId": USER, "amount": 50_000,
        "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"],
        "affiliateId": fixtures::AFFILIATE_ID});
    stage.call("create_credit_card_recharge", body).await
}

#[tokio::test]
async fn a_payment_window_closes_by_itself_after_five_minutes() {
    let stage = Stage::new().await;
    let window = open_window(&stage, "A").await.unwrap();
    stage.wait(LATE - INSTANT);
    let (status, page) = browse(&window, None).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("50,000 KRW") && page.contains("Approve"),
        "{page}"
    );
    let error = open_window(&stage, "B").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::CreditCardRechargeInProgress));

    stage.wait(INSTANT);
    let (status, page) = browse(&window, None).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("has closed") && !page.contains("Approve"),
        "{page}"
    );
    assert_eq!(browse(&window, Some("approve")).await.0, 409);
    assert_eq!(stage.of_user(), (100_000, 1_000_000));
    // It is in nobody's way any more.
    open_window(&stage, "B").await.unwrap();
}

#[tokio::test]
async fn a_payment_window_is_approved_or_declined_once() {
    let stage = Stage::new().await;
    for (sequence, decision, word, after) in [
        ("A", "decline", "Declined", 100_000),
        ("B", "approve", "Approved", 150_000),
        ("C", "approve", "Approved", 200_000),
    ] {
        let window = open_window(&stage, sequence).await.unwrap();
        let (status, page) = browse(&window, Some(decision)).await;
        assert_eq!(status, 200);
        assert!(page.contains(word), "{page}");
        for again in ["approve", "decline"] {
            assert_eq!(browse(&window, Some(again)).await.0, 409);
        }
        // Its time passes, and that changes nothing.
        stage.wait(LATE);
        assert!(browse(&window, None).await.1.contains(word));
        assert_eq!(stage.of_user(), (after, 1_000_000));
    }
    let nowhere = open_window(&stage, "D").await.unwrap();
    assert_eq!(browse(&nowhere, Some("perhaps")).await.0, 400);
    let mut unknown = nowhere.clone();
    let url = nowhere["redirectUrl"].as_str().unwrap();
    unknown["redirectUrl"] = json!(format!("{url}0"));
    assert_eq!(browse(&unknown, Some("approve")).await.0, 404);
}

#[tokio::test]
async fn the_registration_of_a_bank_account_passes_its_states_in_order() {
    let stage = Stage::new().await;
    let member = &fixtures::MEMBERS[10];
    let user = member.user_id;
    let body = |name: &str| {
        json!({"userId": user, "bankAccount": "1234567890", "bankCode": "003",
            "bankName": "IBK기업은행", "userName": name, "birthDate": member.birth_date})
    };
    let begin = async |name: &str| {
        let response = stage.ok("register_bank_account", body(name)).await;
        json!({"regNo": response["bankAccRegNo"]})
    };
    let state = async |number: &Value| {
        let response = stage
            .ok("get_bank_account_registration", number.clone())
            .await;
        response["status"].as_str().unwrap().to_owned()
    };
    // Somebody else's account is called about, and then not registered.
    for (name, end) in [
        ("김코나", "BANK_ACC_REG_FAILED"),
        (member.name, "BANK_ACC_REGISTERED"),
    ] {
        let number = begin(name).await;
        assert_eq!(state(&number).await, "ARS_AUTH_IN_PROGRESS");
        stage.wait(Duration::from_millis(3_999));
        assert_eq!(state(&number).await, "ARS_AUTH_IN_PROGRESS");
        stage.wait(INSTANT);
        assert_eq!(state(&number).await, "ARS_AUTH_DONE");
        stage.wait(Duration::from_millis(3_999));
        assert_eq!(state(&number).await, "ARS_AUTH_DONE");
        assert_eq!(stage.sandbox.bank_balance(user), None);
        stage.wait(INSTANT);
        assert_eq!(state(&number).await, end);
        stage.wait(Duration::from_secs(3_600));
        assert_eq!(state(&number).await, end);
    }
    assert_eq!(stage.sandbox.bank_balance(user), Some(1_000_000));
    stage.recharge(user, "9491330000000115", 10_000, "A").await;
    assert_eq!(stage.sandbox.bank_balance(user), Some(990_000));
}

#[tokio::test]
async fn a_token_is_good_for_its_time_and_no_longer() {
    let stage = Stage::new().await;
    for (kind, seconds) in [(None, 30), (Some("CREDIT"), 300)] {
        let lifetime = Duration::from_secs(seconds);
        for (waited, is_good) in [(lifetime - INSTANT, true), (lifetime, false)] {
            let mut request = json!({"cardNo": CARD});
            if let Some(kind) = kind {
                request["type"] = json!(kind);
            }
            let token = stage.ok("issue_one_time_token", request).await;
            stage.wait(waited);
            let mut body = json!({"sequenceId": format!("{seconds} {is_good}"), "userId": USER,
                "amount": 1_000, "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"]});
            let operation = if kind.is_none() {
                body["merchantId"] = json!(fixtures::MERCHANTS[0]);
                "recharge_from_bank_account"
            } else {
                body["affiliateId"] = json!(fixtures::AFFILIATE_ID);
                "create_credit_card_recharge"
            };
            let postings = stage.sandbox.postings();
            let outcome = stage.call(operation, body).await;
            assert_eq!(outcome.is_ok(), is_good, "{operation}: {outcome:?}");
            if let Err(error) = outcome {
                assert_eq!(error.code(), Some(&ErrorCode::InvalidInputParameter));
                let response = error.response().unwrap().expose();
                assert_eq!(response["sandbox"]["expected"], "the token has expired");
                assert_eq!(stage.sandbox.postings(), postings);
            }
            // Its window, if it opened one, closes.
            stage.wait(LATE);
        }
    }
}
