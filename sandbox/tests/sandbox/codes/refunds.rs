//! Codes of refunds.

use konaplate_sandbox::fixtures;
use serde_json::json;

use super::{Seen, Stage};
use crate::support::{CARD, CARD_2, PAR_2, USER};

pub(crate) async fn refunds(seen: &mut Seen) {
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
