//! Promise: points come out of the deposit, are set aside for one payment, and are never lost.

use std::time::Duration;

use konaplate::{Client, Error};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, PAR, USER};

struct Stage {
    sandbox: Sandbox,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let noon: jiff::Timestamp = "2026-03-15T12:00:00+09:00".parse().unwrap();
        sandbox.stop_clock_at(noon.into());
        let client = sandbox.client();
        Self { sandbox, client }
    }

    async fn call(&self, operation: &str, body: Value) -> Result<Value, Error> {
        let response = self.client.raw(operation, body).send().await?;
        assert_eq!(self.sandbox.ledger_total(), 0);
        Ok(response.expose().clone())
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        let response = self.call(operation, body).await;
        response.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn grant(&self, grants: Value) -> Result<Value, Error> {
        let body = json!({"adminPointMessageInfo": {"reason": "spring"},
            "pointRewardInfoList": grants});
        self.call("grant_points", body).await
    }

    /// 5,000 points of the member.
    async fn granted() -> Self {
        let stage = Self::new().await;
        let grant = json!([{"pointType": "USER", "userId": USER, "pointAmount": 5_000}]);
        stage.grant(grant).await.unwrap();
        stage
    }

    async fn reserve(&self, count: u64) -> Value {
        let body = json!({"cardNo": CARD, "pointAmount": count});
        self.ok("reserve_points", body).await
    }

    async fn pay(&self, amount: u64) -> Value {
        let token = self
            .ok("issue_one_time_token", json!({"cardNo": CARD}))
            .await;
        let body = json!({"amount": amount, "merchantId": fixtures::MERCHANTS[0],
            "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"]});
        self.ok("pay_with_token", body).await
    }

    async fn cancel(&self, paid: &Value, amount: u64) {
        let body = json!({"cardNo": CARD, "amount": amount, "nrNumber": paid["nrNumber"],
            "merchantId": fixtures::MERCHANTS[0]});
        self.ok("cancel_payment", body).await;
    }

    /// Points of the member, and money of the card.
    fn held(&self) -> (u64, u64) {
        (
            self.sandbox.point_balance(USER),
            self.sandbox.card_balance(PAR).unwrap(),
        )
    }
}

#[tokio::test]
async fn a_grant_is_paid_by_the_deposit_as_a_whole_or_not_at_all() {
    let stage = Stage::new().await;
    let deposit = async || {
        let response = stage.ok("get_deposit_balance", json!({})).await;
        response["depositBalance"].as_u64().unwrap()
    };
    let before = deposit().await;
    let one = json!({"pointType": "USER", "userId": USER, "pointAmount": 3_000});
    let other = json!({"pointType": "USER", "userId": USER + 1, "pointAmount": 500});
    stage.grant(json!([one, one, other])).await.unwrap();
    assert_eq!(stage.sandbox.point_balance(USER), 6_000);
    assert_eq!(stage.sandbox.point_balance(USER + 1), 500);
    assert_eq!(deposit().await, before - 6_500);

    let postings = stage.sandbox.postings();
    for bad in [
        json!([]),
        json!([one, {"pointType": "USER", "userId": 5, "pointAmount": 1}]),
        json!([one, {"pointType": "USER", "userId": USER}]),
        json!([one, {"pointType": "USER", "userId": USER, "pointAmount": 0}]),
        json!([one, {"pointType": "CARD", "userId": USER, "pointAmount": 1}]),
        json!([one, {"pointType": "CARD", "userId": USER + 1, "par": PAR, "pointAmount": 1}]),
        // With the flag an affiliate is needed.
        json!([{"pointType": "CARD", "userId": USER, "par": PAR, "pointAmount": 1,
            "isRewardByToken": true}]),
        json!([{"pointType": "USER", "userId": USER, "pointAmount": before - 6_500}]),
    ] {
        stage.grant(bad).await.unwrap_err();
    }
    assert_eq!(stage.sandbox.postings(), postings);
    assert_eq!(stage.sandbox.point_balance(USER), 6_000);
}

#[tokio::test]
async fn a_reservation_is_used_by_the_next_payment_and_what_is_left_goes_back() {
    let stage = Stage::granted().await;
    let response = stage.reserve(3_000).await;
    assert_eq!(response["remainTime"], 600_000);
    assert_eq!(response["userId"], USER);
    assert_eq!(response["pointAmount"], 3_000);
    assert_eq!(stage.held(), (2_000, 100_000));

    // More than the points: the card pays the rest.
    let paid = stage.pay(10_000).await;
    assert_eq!(paid["balance"], 93_000);
    assert_eq!(stage.held(), (2_000, 93_000));
    stage.cancel(&paid, 10_000).await;
    assert_eq!(stage.held(), (5_000, 100_000));

    // Less than the points: the card pays nothing.
    stage.reserve(5_000).await;
    let paid = stage.pay(1_200).await;
    assert_eq!(stage.held(), (3_800, 100_000));
    let listed = stage
        .ok(
            "list_card_transactions",
            json!({"par": PAR, "startDate": "20260315", "endDate": "20260315",
                "pageRequest": {"page": 0, "pageSize": 10}}),
        )
        .await;
    let last = listed["transactionInfo"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    let amounts = ["orgAmount", "trAmount", "usedPointAmount"].map(|name| last[name].as_u64());
    assert_eq!(amounts, [Some(1_200), Some(0), Some(1_200)]);
    stage.cancel(&paid, 1_200).await;
    assert_eq!(stage.held(), (5_000, 100_000));

    // The payment after that has none.
    stage.pay(1_000).await;
    assert_eq!(stage.held(), (5_000, 99_000));
}

#[tokio::test]
async fn a_reservation_lapses_and_can_be_taken_back() {
    let stage = Stage::granted().await;
    stage.reserve(3_000).await;
    stage.sandbox.advance_clock(Duration::from_millis(599_999));
    assert_eq!(stage.held().0, 2_000);
    stage.sandbox.advance_clock(Duration::from_millis(1));
    assert_eq!(stage.held().0, 5_000);
    stage.pay(1_000).await;
    assert_eq!(stage.held(), (5_000, 99_000));

    stage.reserve(4_000).await;
    let second = json!({"cardNo": CARD, "pointAmount": 1});
    stage.call("reserve_points", second).await.unwrap_err();
    let back = |count: u64| json!({"cardNo": CARD, "pointAmount": count, "type": "CANCEL"});
    stage.call("reserve_points", back(3_999)).await.unwrap_err();
    assert_eq!(stage.held().0, 1_000);
    let response = stage.ok("reserve_points", back(4_000)).await;
    assert_eq!(response["remainTime"], 0);
    assert_eq!(stage.held().0, 5_000);
    stage.call("reserve_points", back(4_000)).await.unwrap_err();
    // Its time passes, and nothing more goes back.
    stage.sandbox.advance_clock(Duration::from_secs(3_600));
    assert_eq!(stage.held().0, 5_000);
}

#[tokio::test]
async fn points_of_a_card_are_used_first_and_go_back_to_it() {
    let stage = Stage::granted().await;
    let grant = json!([{"pointType": "CARD", "userId": USER, "par": PAR, "pointAmount": 2_000}]);
    stage.grant(grant).await.unwrap();
    stage.reserve(3_000).await;
    assert_eq!(stage.held().0, 4_000);
    let paid = stage.pay(2_500).await;
    // 2,000 of the card, 500 of the member.
    assert_eq!(stage.held().0, 4_500);
    stage.cancel(&paid, 2_500).await;
    assert_eq!(stage.held().0, 5_000);
    stage.reserve(7_000).await;
    assert_eq!(stage.held().0, 0);
}
