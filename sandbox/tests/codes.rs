//! Promise: every documented code of every operation is reachable: through real state where the rule
//! is known, and on demand.

use std::collections::BTreeSet;
use std::time::Duration;

use konaplate::types::{IssueOneTimeTokenResponseBody, OneTimeTokenType};
use konaplate::{Client, Delivery, Error, ErrorCode, Operation, Response};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

/// Codes that no rule of the sandbox leads to: what does at KONA is not known, or needs more state
/// than these operations have.
const ON_DEMAND_ONLY: [(&str, &str); 30] = [
    ("accept_gifted_card", "005_058"),
    ("accept_gifted_card", "005_059"),
    ("accept_gifted_card", "005_061"),
    ("cancel_bank_recharge", "007_043"),
    ("cancel_payment", "006_005"),
    ("cancel_payment", "006_006"),
    ("cancel_payment", "006_010"),
    ("cancel_payment", "006_011"),
    ("get_bank_account_registration", "002_014"),
    ("get_bank_account_registration", "002_015"),
    ("get_bank_account_registration", "002_016"),
    ("get_bank_account_registration", "002_017"),
    ("get_deposit_balance", "000_002"),
    ("issue_one_time_token", "006_003"),
    ("issue_one_time_token", "006_031"),
    ("pay_with_token", "006_005"),
    ("pay_with_token", "006_006"),
    ("recharge_by_system", "007_002"),
    ("recharge_from_bank_account", "007_002"),
    ("register_credit_card_auto_recharge", "002_018"),
    ("register_member", "000_015"),
    ("register_monthly_auto_recharge", "007_002"),
    ("register_monthly_auto_recharge", "007_003"),
    ("register_monthly_auto_recharge", "007_004"),
    ("terminate_card", "001_061"),
    ("terminate_card", "001_062"),
    ("update_lower_limit_auto_recharge", "007_002"),
    ("update_lower_limit_auto_recharge", "007_006"),
    ("update_lower_limit_auto_recharge", "007_008"),
    ("verify_password", "001_080"),
];

async fn token(
    client: &Client,
    card: &str,
    kind: Option<OneTimeTokenType>,
) -> Response<IssueOneTimeTokenResponseBody> {
    let mut call = client.issue_one_time_token().card_no(card);
    if let Some(kind) = kind {
        call = call.type_(kind);
    }
    call.send().await.unwrap()
}

/// A credit-card recharge that would succeed, with these changes.
async fn card_recharge(client: &Client, card: &str, changes: Value) -> Result<Value, Error> {
    let token = token(client, card, Some(OneTimeTokenType::Credit)).await;
    let body = json!({
        "sequenceId": "CARD-1", "userId": USER, "amount": 50_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "affiliateId": fixtures::AFFILIATE_ID,
    });
    call(client, "create_credit_card_recharge", body, changes).await
}

async fn bank_recharge(
    client: &Client,
    user_id: u64,
    card: &str,
    changes: Value,
) -> Result<Value, Error> {
    let token = token(client, card, None).await;
    let body = json!({
        "sequenceId": "BANK-1", "userId": user_id, "amount": 20_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "merchantId": fixtures::MERCHANTS[0],
    });
    call(client, "recharge_from_bank_account", body, changes).await
}

async fn gift(client: &Client, card: &str, changes: Value) -> Result<Value, Error> {
    let token = token(client, card, None).await;
    let body = json!({
        "senderUserId": USER.to_string(), "receiverName": "김코코", "receiverPhone": "010-0000-0002",
        "serviceId": fixtures::GIFT_SERVICE_ID, "amount": 30_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "locale": "KO",
    });
    call(client, "gift_prepaid_card", body, changes).await
}

async fn auto_recharge(client: &Client, changes: Value) -> Result<Value, Error> {
    let body = json!({"userId": USER, "par": PAR, "amount": 30_000, "thresholdBalance": 10_000});
    call(client, "update_lower_limit_auto_recharge", body, changes).await
}

/// A raw call: the typed one would refuse some of the changes. `null` removes a field.
async fn call(
    client: &Client,
    operation: &str,
    mut body: Value,
    changes: Value,
) -> Result<Value, Error> {
    for (field, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(field);
        } else {
            body[field] = value.clone();
        }
    }
    client
        .raw(operation, body)
        .send()
        .await
        .map(|answer| answer.into_inner().into_inner())
}

#[track_caller]
fn refused(
    outcome: Result<Value, Error>,
    code: &str,
    seen: &mut BTreeSet<(String, String)>,
) -> Error {
    let error = outcome.expect_err(code);
    assert_eq!(error.code().map(ErrorCode::code), Some(code), "{error}");
    assert_eq!(error.delivery(), Delivery::Refused, "{error}");
    assert_eq!(error.http_status(), Some(400));
    // The sandbox says which rule it was.
    let answer = error.answer().unwrap().reveal();
    assert!(answer["sandbox"]["expected"].is_string(), "{answer}");
    seen.insert((error.operation().unwrap().to_owned(), code.to_owned()));
    error
}

#[tokio::test]
async fn through_real_state() {
    let seen = &mut BTreeSet::new();

    // One-time tokens.
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let issue = |card: &str| {
        call(
            &client,
            "issue_one_time_token",
            json!({"cardNo": card}),
            json!({}),
        )
    };
    refused(issue("9491339401250766").await, "006_002", seen);
    refused(issue("949133940125076").await, "006_002", seen);
    refused(issue("9491330000009991").await, "006_001", seen);

    // Credit-card recharges.
    let error = refused(
        card_recharge(&client, CARD, json!({"userId": 5})).await,
        "000_002",
        seen,
    );
    assert!(
        error
            .to_string()
            .contains("Invalid input parameter. userId"),
        "{error}"
    );
    let error = refused(
        card_recharge(&client, CARD, json!({"sequenceId": null})).await,
        "000_003",
        seen,
    );
    assert!(
        error
            .to_string()
            .contains("Missing required values. sequenceId"),
        "{error}"
    );
    refused(
        card_recharge(&client, CARD, json!({"affiliateId": "000000000000000"})).await,
        "007_032",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"amount": 999})).await,
        "007_020",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"amount": 0})).await,
        "007_020",
        seen,
    );
    refused(
        card_recharge(&client, "9491330000001022", json!({})).await,
        "007_021",
        seen,
    );
    refused(
        card_recharge(&client, "9491330000001063", json!({})).await,
        "007_033",
        seen,
    );
    card_recharge(&client, CARD, json!({})).await.unwrap();
    refused(
        card_recharge(&client, CARD, json!({})).await,
        "007_008",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"sequenceId": "CARD-2"})).await,
        "007_025",
        seen,
    );

    // Bank recharges.
    refused(
        bank_recharge(&client, 10_000_000_011, "9491330000000115", json!({})).await,
        "007_001",
        seen,
    );
    refused(
        bank_recharge(&client, USER, "9491330000001063", json!({})).await,
        "007_003",
        seen,
    );
    refused(
        bank_recharge(&client, 10_000_000_004, "9491330000000040", json!({})).await,
        "007_004",
        seen,
    );
    let result = |id: &str| {
        call(
            &client,
            "get_bank_recharge_result",
            json!({"sequenceId": id}),
            json!({}),
        )
    };
    assert_eq!(result("BANK-1").await.unwrap()["result"], "FAILED");
    refused(result("never-sent").await, "007_009", seen);
    refused(result("CARD-1").await, "007_009", seen);
    refused(result("").await, "000_002", seen);
    refused(
        bank_recharge(&client, USER, CARD, json!({"merchantId": "1"})).await,
        "000_002",
        seen,
    );

    // Auto recharges.
    refused(
        auto_recharge(&client, json!({"userId": 5})).await,
        "000_002",
        seen,
    );
    refused(
        auto_recharge(&client, json!({"amount": 0})).await,
        "007_007",
        seen,
    );
    let of = |user: u64, par: &str, more: Value| {
        let mut changes = json!({"userId": user, "par": par, "thresholdBalance": 9_999_999});
        changes
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        changes
    };
    refused(
        auto_recharge(
            &client,
            of(10_000_000_011, "Q1000000000000000000000011A", json!({})),
        )
        .await,
        "007_001",
        seen,
    );
    refused(
        auto_recharge(
            &client,
            of(10_000_000_004, "Q1000000000000000000000004A", json!({})),
        )
        .await,
        "007_004",
        seen,
    );
    refused(
        auto_recharge(&client, of(USER, "Q1000000000000000000000106A", json!({}))).await,
        "007_003",
        seen,
    );

    // Gifts.
    let card = "9491330000001014";
    refused(
        gift(&client, card, json!({"locale": "JP"})).await,
        "000_002",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 0})).await,
        "005_022",
        seen,
    );
    refused(
        gift(&client, card, json!({"receiverPhone": "01000000001"})).await,
        "005_023",
        seen,
    );
    refused(
        gift(&client, "9491330000001030", json!({})).await,
        "005_024",
        seen,
    );
    refused(
        gift(&client, "9491330000001022", json!({})).await,
        "005_025",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 29_999})).await,
        "005_026",
        seen,
    );
    refused(
        gift(&client, "9491330000001055", json!({})).await,
        "005_027",
        seen,
    );
    refused(
        gift(&client, "9491330000001048", json!({})).await,
        "005_028",
        seen,
    );
    refused(
        gift(&client, CARD, json!({"amount": 100_000})).await,
        "005_029",
        seen,
    );

    cancelled_and_system_recharges(seen).await;
    payments(seen).await;
    auto_recharges(seen).await;
    refunds(seen).await;
    transfers_and_accepted_gifts(seen).await;
    members_and_bank_accounts(seen).await;
    cards(seen).await;
    points(seen).await;

    // What is left is on demand only, and nothing else is.
    let documented: BTreeSet<(String, String)> = Operation::all()
        .iter()
        .filter(|o| konaplate_sandbox::STATEFUL.contains(&o.id()))
        .flat_map(|o| {
            o.codes()
                .iter()
                .map(|code| (o.id().to_owned(), code.code().to_owned()))
        })
        .collect();
    let by_rule: BTreeSet<_> = seen.intersection(&documented).cloned().collect();
    let left: BTreeSet<_> = documented.difference(&by_rule).cloned().collect();
    let expected: BTreeSet<_> = ON_DEMAND_ONLY
        .iter()
        .map(|(operation, code)| ((*operation).to_owned(), (*code).to_owned()))
        .collect();
    assert_eq!(left, expected);
}

type Seen = BTreeSet<(String, String)>;

/// A sandbox, and calls of it that are refused with a code.
struct Stage {
    sandbox: Sandbox,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client();
        Self { sandbox, client }
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        let outcome = call(&self.client, operation, body, json!({})).await;
        outcome.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// Each body is refused with its code, and moves nothing.
    async fn refused<const N: usize>(
        &self,
        seen: &mut Seen,
        operation: &str,
        cases: [(&str, Value); N],
    ) {
        for (code, body) in cases {
            let before = self.sandbox.postings();
            refused(
                call(&self.client, operation, body, json!({})).await,
                code,
                seen,
            );
            assert_eq!(self.sandbox.postings(), before, "{operation} {code}");
        }
    }

    /// The fields with a fresh token for the card.
    async fn with_token(&self, card: &str, mut body: Value) -> Value {
        let token = token(&self.client, card, None).await;
        body["oneTimeToken"] = json!(token.one_time_token);
        body["dcvv"] = json!(token.dcvv);
        body
    }
}

const CARD_2: &str = "9491330000000024";
const PAR_2: &str = "Q1000000000000000000000002A";
const GIFT_CARD: &str = "9491330000001014";
const GIFT_PAR: &str = "Q1000000000000000000000101A";
const EXPIRED: &str = "9491330000001022";
const SUSPENDED: &str = "9491330000001030";
const FULL_PAR: &str = "Q1000000000000000000000106A";
const FULL: &str = "9491330000001063";

async fn cancelled_and_system_recharges(seen: &mut Seen) {
    let stage = Stage::new().await;
    let body = async |card: &str, nr_number: &str, user: u64| {
        let body = json!({"sequenceId": "C", "userId": user, "nrNumber": nr_number});
        stage.with_token(card, body).await
    };
    let made = stage
        .ok(
            "recharge_by_system",
            json!({"userId": USER, "par": PAR, "amount": 5_000}),
        )
        .await;
    let by_system = made["nrNumber"].as_str().unwrap();
    stage
        .refused(
            seen,
            "cancel_bank_recharge",
            [
                ("000_002", body(CARD, "KMN1", 5).await),
                ("007_001", body(CARD, "KMN1", 10_000_000_011).await),
                ("007_030", body(CARD, "KMN1", USER).await),
                ("007_040", body(CARD, by_system, USER).await),
            ],
        )
        .await;
    let system = |par: &str, amount: u64| json!({"userId": USER, "par": par, "amount": amount});
    stage
        .refused(
            seen,
            "recharge_by_system",
            [
                ("000_002", json!({"userId": USER, "amount": 1})),
                ("007_007", system(PAR, 0)),
                ("007_003", system(FULL_PAR, 10_001)),
            ],
        )
        .await;
    let other = json!({"rechargerId": "000000000000000"});
    stage
        .refused(seen, "get_deposit_balance", [("021_001", other)])
        .await;
}

async fn payments(seen: &mut Seen) {
    let stage = Stage::new().await;
    let shop = fixtures::MERCHANTS[0];
    let pay = async |card: &str, amount: u64, merchant: &str| {
        let body = json!({"amount": amount, "merchantId": merchant, "channel": "OPENAPI"});
        stage.with_token(card, body).await
    };
    let mut wrong_token = pay(CARD, 1, shop).await;
    wrong_token["oneTimeToken"] = json!("5297000000000000");
    stage
        .refused(
            seen,
            "pay_with_token",
            [
                ("006_007", pay(CARD, 0, shop).await),
                ("006_007", pay(CARD, 100_001, shop).await),
                ("006_008", wrong_token),
                ("006_009", json!({"amount": 1, "merchantId": shop})),
                ("006_010", pay(FULL, 1_000_001, shop).await),
                ("006_011", pay(EXPIRED, 1, shop).await),
                ("006_012", pay(SUSPENDED, 1, shop).await),
                ("006_012", pay(CARD, 1, "000000000000000").await),
            ],
        )
        .await;

    let paid = stage
        .ok("pay_with_token", pay(CARD, 12_000, shop).await)
        .await;
    let cancel = |changes: Value| {
        let mut body = json!({"cardNo": CARD, "amount": 12_000, "nrNumber": paid["nrNumber"],
            "merchantId": shop, "channel": "OPENAPI"});
        for (field, value) in changes.as_object().unwrap() {
            body[field] = value.clone();
        }
        body
    };
    stage
        .refused(
            seen,
            "cancel_payment",
            [
                ("006_007", cancel(json!({"amount": 11_999}))),
                ("006_008", cancel(json!({"cardNo": "9491330000009991"}))),
                ("006_009", json!({"cardNo": CARD})),
                ("006_012", cancel(json!({"nrNumber": "KMN1"}))),
                ("006_012", cancel(json!({"cardNo": CARD_2}))),
                ("006_013", cancel(json!({"merchantId": "000000000000000"}))),
            ],
        )
        .await;
    stage.ok("cancel_payment", cancel(json!({}))).await;

    // A card that was spent and ended takes nothing back.
    let mut body = pay(GIFT_CARD, 30_000, shop).await;
    body["transactionId"] = json!("PAY-1");
    stage.ok("pay_with_token", body).await;
    stage
        .ok("terminate_card", json!({"userId": USER, "par": GIFT_PAR}))
        .await;
    stage
        .refused(
            seen,
            "network_cancel_payment",
            [
                ("006_021", json!({"nrNumber": paid["nrNumber"]})),
                ("006_022", json!({"transactionId": "PAY-1"})),
                ("006_030", json!({"transactionId": "PAY-2"})),
            ],
        )
        .await;
}

async fn auto_recharges(seen: &mut Seen) {
    let stage = Stage::new().await;
    let of = |user: u64, par: &str| json!({"userId": user, "par": par, "amount": 10_000, "reloadDate": "15", "thresholdBalance": 1_000});
    // A recharge of 정푸루 is pending.
    let body = json!({"sequenceId": "LATE", "userId": 10_000_000_006_u64, "amount": 1_000,
        "merchantId": fixtures::MERCHANTS[0]});
    let body = stage.with_token("9491330000000065", body).await;
    stage.ok("recharge_from_bank_account", body).await;
    let (late, late_par) = (10_000_000_006, "Q1000000000000000000000006A");
    let mut update = of(late, late_par);
    update.as_object_mut().unwrap().remove("reloadDate");
    stage
        .refused(
            seen,
            "update_lower_limit_auto_recharge",
            [("007_005", update)],
        )
        .await;
    stage
        .ok("register_monthly_auto_recharge", of(USER, PAR))
        .await;
    let mut nothing = of(USER, PAR_2);
    nothing["amount"] = json!(0);
    stage
        .refused(
            seen,
            "register_monthly_auto_recharge",
            [
                ("000_002", json!({"userId": USER, "par": PAR, "amount": 1})),
                ("007_001", of(10_000_000_011, "Q1000000000000000000000011A")),
                ("007_005", of(late, late_par)),
                ("007_006", of(USER, PAR)),
                ("007_007", nothing),
            ],
        )
        .await;
    for operation in ["deregister_auto_recharge", "list_auto_recharge_plans"] {
        stage
            .refused(seen, operation, [("000_002", json!({}))])
            .await;
    }
    let window = stage
        .ok("register_credit_card_auto_recharge", of(USER, PAR))
        .await;
    approve(&window).await;
    stage
        .refused(
            seen,
            "register_credit_card_auto_recharge",
            [
                ("000_002", json!({"userId": USER, "par": PAR})),
                ("007_027", of(USER, PAR)),
                ("007_034", of(USER, GIFT_PAR)),
            ],
        )
        .await;
    stage
        .refused(
            seen,
            "update_credit_card_auto_recharge",
            [
                ("000_002", json!({"userId": USER, "par": PAR})),
                ("007_026", of(10_000_000_002, PAR_2)),
            ],
        )
        .await;
}

async fn approve(answer: &Value) {
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = answer["redirectUrl"].as_str().unwrap();
    let decided = browser.post(url).body("decision=approve").send().await;
    assert_eq!(decided.unwrap().status(), 200);
}

async fn points(seen: &mut Seen) {
    let stage = Stage::new().await;
    let first: jiff::Timestamp = "2026-03-01T12:00:00+09:00".parse().unwrap();
    stage.sandbox.stop_clock_at(first.into());
    let reserve = |count: u64| json!({"cardNo": CARD, "pointAmount": count});
    let grant = json!({"adminPointMessageInfo": {"reason": "test"}, "pointRewardInfoList": [
        {"pointType": "USER", "userId": USER, "pointAmount": 700_000}]});
    stage
        .refused(seen, "reserve_points", [("006_023", reserve(1))])
        .await;
    stage.ok("grant_points", grant).await;
    let unknown = json!({"cardNo": "9491330000009991", "pointAmount": 1});
    stage
        .refused(
            seen,
            "reserve_points",
            [
                ("000_002", json!({})),
                ("000_002", reserve(0)),
                ("000_002", json!({"cardNo": SUSPENDED, "pointAmount": 1})),
                (
                    "000_002",
                    json!({"cardNo": CARD, "pointAmount": 1, "type": "CANCEL"}),
                ),
                ("006_024", reserve(100_001)),
                ("006_029", unknown),
            ],
        )
        .await;
    // Two payments of 100,000 points a day, five a month.
    for place in 0..5 {
        if place == 2 {
            stage
                .refused(seen, "reserve_points", [("006_025", reserve(1))])
                .await;
        }
        if place % 2 == 0 {
            stage.sandbox.advance_clock(Duration::from_secs(86_400));
        }
        stage.ok("reserve_points", reserve(100_000)).await;
        let pay = json!({"amount": 100_000, "merchantId": fixtures::MERCHANTS[0]});
        let pay = stage.with_token(CARD, pay).await;
        stage.ok("pay_with_token", pay).await;
    }
    stage.sandbox.advance_clock(Duration::from_secs(86_400));
    stage
        .refused(seen, "reserve_points", [("006_026", reserve(1))])
        .await;
}

async fn refunds(seen: &mut Seen) {
    let stage = Stage::new().await;
    let refund = async |user: u64, card: &str, sequence: &str| {
        let body = json!({"sequenceId": sequence, "userId": user, "cardExpiry": "3108"});
        stage.with_token(card, body).await
    };
    // Uses a card up to what is left.
    let spend = async |card: &str, amount: u64| {
        let body = json!({"amount": amount, "merchantId": fixtures::MERCHANTS[0]});
        let body = stage.with_token(card, body).await;
        stage.ok("pay_with_token", body).await;
    };
    let mut wrong_expiry = refund(USER, CARD, "R").await;
    wrong_expiry["cardExpiry"] = json!("3107");
    stage
        .refused(
            seen,
            "refund_card",
            [
                ("000_002", wrong_expiry),
                (
                    "009_001",
                    refund(10_000_000_011, "9491330000000115", "R").await,
                ),
                ("009_004", refund(USER, CARD, "R").await),
            ],
        )
        .await;
    // Three refunds of 10,000 in a month, and no fourth.
    let recharge = async |par: &str, user: u64, amount: u64| {
        let body = json!({"userId": user, "par": par, "amount": amount});
        stage.ok("recharge_by_system", body).await;
    };
    for place in 0..4 {
        spend(CARD_2, 90_000).await;
        let body = refund(10_000_000_002, CARD_2, &format!("R{place}")).await;
        if place < 3 {
            stage.ok("refund_card", body).await;
            recharge(PAR_2, 10_000_000_002, 100_000).await;
        } else {
            stage
                .refused(seen, "refund_card", [("009_003", body)])
                .await;
        }
    }
    // Refunds of 40,000 are too much with the third.
    let (card, par, user) = (
        "9491330000000032",
        "Q1000000000000000000000003A",
        10_000_000_003,
    );
    for place in 0..3 {
        spend(card, 60_000).await;
        let body = refund(user, card, &format!("Q{place}")).await;
        if place < 2 {
            stage.ok("refund_card", body).await;
            recharge(par, user, 100_000).await;
        } else {
            stage
                .refused(seen, "refund_card", [("009_002", body)])
                .await;
        }
    }
}

async fn transfers_and_accepted_gifts(seen: &mut Seen) {
    let stage = Stage::new().await;
    let send = async |card: &str, phone: &str, amount: u64| {
        let body = json!({"senderUserId": USER, "receiverPhone": phone, "amount": amount});
        stage.with_token(card, body).await
    };
    let phone = "01000000002";
    stage
        .ok(
            "recharge_by_system",
            json!({"userId": 10_000_000_003_u64, "par": "Q1000000000000000000000003A", "amount": 1_900_000}),
        )
        .await;
    stage
        .refused(
            seen,
            "transfer_to_card",
            [
                ("000_002", json!({"senderUserId": USER})),
                ("005_003", send(CARD, "01000000001", 1).await),
                ("005_004", send(SUSPENDED, phone, 1).await),
                ("005_005", send(EXPIRED, phone, 1).await),
                ("005_006", send(CARD, "01099999999", 1).await),
                ("005_007", send(CARD, phone, 0).await),
                ("005_008", send(CARD, phone, 100_001).await),
                ("005_009", send(FULL, phone, 500_001).await),
                ("005_012", send(CARD, "01000000003", 1).await),
            ],
        )
        .await;

    let given = gift(&stage.client, GIFT_CARD, json!({})).await.unwrap();
    let accept = |user: u64, id: &Value| json!({"userId": user, "transferId": id});
    stage
        .refused(
            seen,
            "accept_gifted_card",
            [
                ("000_002", json!({"transferId": given["transferId"]})),
                ("005_006", accept(5, &given["transferId"])),
                ("005_006", accept(10_000_000_002, &json!("none"))),
                ("005_060", accept(10_000_000_003, &given["transferId"])),
            ],
        )
        .await;
}

async fn members_and_bank_accounts(seen: &mut Seen) {
    let stage = Stage::new().await;
    let member = json!({"loginId": "new@sandbox.example", "loginPassword": "246813", "birthDate": "19900101",
        "nationality": "Korean", "gender": "Female", "userName": "김코나", "mobileNumber": "01000000099"});
    let with = |field: &str, value: Value| {
        let mut body = member.clone();
        body[field] = value;
        body
    };
    let mut incomplete = member.clone();
    incomplete.as_object_mut().unwrap().remove("loginId");
    stage
        .refused(
            seen,
            "register_member",
            [
                ("000_002", with("loginPassword", json!("24681x"))),
                ("000_003", incomplete),
                (
                    "001_001",
                    with("loginId", json!("10000000001@sandbox.example")),
                ),
            ],
        )
        .await;
    let new = stage.ok("register_member", member.clone()).await;
    let login = |id: &str, password: &str| json!({"loginId": id, "loginPassword": password});
    let own = "new@sandbox.example";
    stage
        .refused(
            seen,
            "verify_password",
            [
                ("001_006", login("nobody@sandbox.example", "246813")),
                ("001_045", login(own, "000000")),
            ],
        )
        .await;
    stage.ok("verify_password", login(own, "246813")).await;
    for _ in 0..5 {
        let outcome = call(&stage.client, "verify_password", login(own, "0"), json!({})).await;
        assert_eq!(
            outcome.unwrap_err().code().unwrap().code(),
            "sandbox:schema"
        );
        let wrong = [("001_045", login(own, "000000"))];
        stage.refused(seen, "verify_password", wrong).await;
    }
    let locked = [("001_069", login(own, "246813"))];
    stage.refused(seen, "verify_password", locked).await;
    stage
        .ok("cancel_membership", json!({"userId": new["userId"]}))
        .await;
    let gone = [("001_068", login(own, "246813"))];
    stage.refused(seen, "verify_password", gone).await;

    let account = json!({"userId": 10_000_000_011_u64, "bankAccount": "1234567890", "bankCode": "003",
        "bankName": "IBK기업은행", "userName": "홍길동", "birthDate": "19900101"});
    stage.ok("register_bank_account", account.clone()).await;
    let again = [("002_013", account)];
    stage.refused(seen, "register_bank_account", again).await;
    let unknown = [("002_019", json!({"regNo": "2026031510451200000001"}))];
    stage
        .refused(seen, "get_bank_account_registration", unknown)
        .await;
}

async fn cards(seen: &mut Seen) {
    let stage = Stage::new().await;
    let status = |changes: Value| {
        let mut body = json!({"userId": USER, "status": "SUSPEND"});
        body.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        body
    };
    // An empty second card of the product that is issued in advance.
    let apply = json!({"userInfo": {"userId": USER}, "serviceId": fixtures::SERVICE_ID,
        "addressInfo": {"address": "a", "addressDetail": "b", "zipCode": "04799"}, "isDeliveryRequired": true});
    let first = stage.ok("apply_for_prepaid_card", apply.clone()).await;
    let second = stage.ok("apply_for_prepaid_card", apply.clone()).await;
    let ended = first["mobileCardPar"].as_str().unwrap();
    stage
        .ok("terminate_card", json!({"userId": USER, "par": ended}))
        .await;
    stage
        .refused(
            seen,
            "update_card_status",
            [
                ("000_002", status(json!({}))),
                ("001_006", status(json!({"userId": 5, "par": PAR}))),
                ("003_001", status(json!({"cardNo": CARD_2}))),
                ("003_021", status(json!({"par": PAR_2}))),
                ("003_022", status(json!({"par": ended}))),
            ],
        )
        .await;
    let terminate = |user: u64, par: &str| json!({"userId": user, "par": par});
    // A gift that was not accepted holds its card.
    let given = gift(&stage.client, GIFT_CARD, json!({})).await;
    given.unwrap();
    stage
        .refused(
            seen,
            "terminate_card",
            [
                ("001_006", terminate(5, PAR)),
                ("001_047", terminate(USER, PAR_2)),
                ("001_047", terminate(USER, GIFT_PAR)),
                ("001_052", terminate(USER, FULL_PAR)),
                ("001_059", terminate(USER, PAR)),
                ("000_002", json!({"userId": USER, "par": "short"})),
            ],
        )
        .await;

    let apply_with = |changes: Value| {
        let mut body = apply.clone();
        body.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        body
    };
    stage
        .refused(
            seen,
            "apply_for_prepaid_card",
            [
                ("000_002", apply_with(json!({"serviceId": "000000000000000"}))),
                ("001_006", apply_with(json!({"userInfo": {"userId": 5}}))),
                (
                    "003_024",
                    apply_with(json!({"serviceId": fixtures::DELIVERED_SERVICE_ID, "isDeliveryRequired": false})),
                ),
            ],
        )
        .await;
    let delivered = json!({"serviceId": fixtures::DELIVERED_SERVICE_ID});
    let third = stage
        .ok("apply_for_prepaid_card", apply_with(delivered))
        .await;
    let physical = |number: &Value| {
        json!({"userId": USER, "cardApplyNo": number, "physicalCardCVC": fixtures::CVC, "physicalCardExpDate": expiry(),
            "physicalCardNo": fixtures::physical_card_no(number.as_str().unwrap())})
    };
    stage
        .refused(
            seen,
            "register_physical_card",
            [
                ("003_012", physical(&second["cardApplyNo"])),
                ("003_013", physical(&json!("2026031510451299999999"))),
                ("003_001", {
                    let mut wrong = physical(&second["cardApplyNo"]);
                    wrong["physicalCardCVC"] = json!("000");
                    wrong
                }),
            ],
        )
        .await;
    stage
        .refused(
            seen,
            "get_card_delivery",
            [
                ("000_002", json!({"userId": USER})),
                (
                    "001_006",
                    json!({"userId": 5, "cardApplyNo": third["cardApplyNo"]}),
                ),
                (
                    "003_001",
                    json!({"userId": USER, "cardApplyNo": "2026031510451299999999"}),
                ),
            ],
        )
        .await;
    stage.sandbox.advance_clock(Duration::from_secs(3 * 86_400));
    let of_ended_card = [("003_014", physical(&first["cardApplyNo"]))];
    stage
        .refused(seen, "register_physical_card", of_ended_card)
        .await;
    for application in [&second, &third] {
        let card = stage
            .ok(
                "register_physical_card",
                physical(&application["cardApplyNo"]),
            )
            .await;
        assert_eq!(card["par"].as_str().unwrap().len(), 27);
    }
}

/// Five years from now, as a card that is made today has it.
fn expiry() -> String {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let now = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap();
    let korea = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let date = now.to_zoned(korea).date();
    format!("{:02}{:02}", (date.year() + 5) % 100, date.month())
}

#[tokio::test]
async fn on_demand() {
    let sandbox = Sandbox::start().await.unwrap();
    for operation in Operation::all() {
        for code in operation.codes() {
            let headers = [(
                "x-sandbox-answer".parse().unwrap(),
                code.code().parse().unwrap(),
            )];
            let client = sandbox
                .client_builder()
                .http(
                    reqwest::Client::builder()
                        .no_proxy()
                        .default_headers(headers.into_iter().collect()),
                )
                .build()
                .unwrap();
            let error = client
                .raw(operation.id(), json!({}))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.code(), Some(code), "{}", operation.id());
            assert_eq!(error.delivery(), Delivery::Refused);
            assert!(
                code.messages()
                    .iter()
                    .any(|message| error.to_string().contains(message))
            );
        }
    }
}

#[tokio::test]
async fn on_demand_by_the_name_of_an_example_and_never_undocumented() {
    let sandbox = Sandbox::start().await.unwrap();
    let ask = async |wanted: &str| {
        let headers = [("x-sandbox-answer".parse().unwrap(), wanted.parse().unwrap())];
        let http = reqwest::Client::builder()
            .no_proxy()
            .default_headers(headers.into_iter().collect());
        let client = sandbox.client_builder().http(http).build().unwrap();
        let call = client.get_bank_recharge_result().sequence_id("S");
        call.send().await.unwrap_err()
    };
    let error = ask("PreviousTransactionNotFoundBadParameter").await;
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    let error = ask("006_001").await;
    assert_eq!(error.code().unwrap().code(), "sandbox:answer");
}

#[tokio::test]
async fn state_is_true() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));

    // A bank recharge moves its amount, and its result says so.
    let answer = bank_recharge(&client, USER, CARD, json!({})).await.unwrap();
    assert_eq!(answer["isPending"], false);
    assert_eq!(answer["nrNumber"].as_str().unwrap().len(), 18);
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));
    assert_eq!(sandbox.bank_balance(USER), Some(980_000));
    let result = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert_eq!(result.result.as_str(), "COMPLETED");

    // The same again moves nothing.
    bank_recharge(&client, USER, CARD, json!({}))
        .await
        .unwrap_err();
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));

    // An update above the balance changes the setting only; one below it fires at once.
    auto_recharge(&client, json!({"thresholdBalance": 119_999}))
        .await
        .unwrap();
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));
    auto_recharge(&client, json!({"thresholdBalance": 120_000}))
        .await
        .unwrap();
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(sandbox.bank_balance(USER), Some(950_000));

    // A gift takes the amount off the sender's card, once.
    let gift_par = "Q1000000000000000000000101A";
    let given = gift(
        &client,
        "9491330000001014",
        json!({"senderPhone": "01000000001"}),
    )
    .await
    .unwrap();
    assert_eq!(given["transferId"].as_str().unwrap().len(), 20);
    assert_eq!(sandbox.card_balance(gift_par), Some(0));
    gift(&client, "9491330000001014", json!({}))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn a_token_works_once_for_its_card_its_type_and_its_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let recharge =
        |token: &IssueOneTimeTokenResponseBody, dcvv: &str, sequence: &str, user: u64| {
            client
                .recharge_from_bank_account()
                .sequence_id(sequence)
                .user_id(user)
                .amount(1)
                .one_time_token(&token.one_time_token)
                .dcvv(dcvv)
                .merchant_id(fixtures::MERCHANTS[0])
                .send()
        };
    let expected = |error: Error| {
        assert_eq!(
            error.code(),
            Some(&ErrorCode::InvalidInputParameter),
            "{error}"
        );
        error.answer().unwrap().reveal()["sandbox"]["expected"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ordinary = token(&client, CARD, None).await;
    recharge(&ordinary, ordinary.dcvv.reveal(), "1", USER)
        .await
        .unwrap();
    let error = recharge(&ordinary, ordinary.dcvv.reveal(), "2", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "no such token, or it was used before");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let error = recharge(&credit, credit.dcvv.reveal(), "3", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "a token without a type is needed");

    let other_card = token(&client, "9491330000000024", None).await;
    let error = recharge(&other_card, other_card.dcvv.reveal(), "4", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token is for a card of another member");

    let ordinary = token(&client, CARD, None).await;
    let wrong = if ordinary.dcvv.reveal() == "000" {
        "001"
    } else {
        "000"
    };
    let error = recharge(&ordinary, wrong, "5", USER).await.unwrap_err();
    assert_eq!(expected(error), "it is not the one issued with the token");

    let ordinary = token(&client, CARD, None).await;
    sandbox.advance_clock(Duration::from_secs(31));
    let error = recharge(&ordinary, ordinary.dcvv.reveal(), "6", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token has expired");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let lives = credit.expiry_time.get() - ordinary.expiry_time.get();
    assert!((270_000..310_000).contains(&lives), "{lives} ms");
}

#[tokio::test]
async fn the_payment_window_approves_and_declines() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let open = async |sequence: &str| {
        let answer = card_recharge(&client, CARD, json!({"sequenceId": sequence}))
            .await
            .unwrap();
        answer["redirectUrl"].as_str().unwrap().to_owned()
    };
    let decide = async |url: &str, decision: &str| {
        let body = format!("decision={decision}");
        let answer = browser.post(url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };

    let url = open("CARD-1").await;
    assert!(url.len() <= 200);
    let page = browser
        .get(&url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("50000 KRW"));
    assert_eq!(decide(&url, "nonsense").await.0, 400);
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));
    let (status, page) = decide(&url, "approve").await;
    assert_eq!(status, 200);
    assert!(page.contains("Approved"));
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(decide(&url, "approve").await.0, 409);
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));

    let url = open("CARD-2").await;
    assert!(decide(&url, "decline").await.1.contains("Declined"));
    let url = open("CARD-3").await;
    sandbox.advance_clock(Duration::from_secs(301));
    assert_eq!(decide(&url, "approve").await.0, 409);
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(
        decide(&url.replace("window/", "window/9"), "approve")
            .await
            .0,
        404
    );
}
