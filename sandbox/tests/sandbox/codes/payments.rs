//! Codes of payments and their cancellations.

use konaplate_sandbox::fixtures;
use serde_json::{Value, json};

use super::{EXPIRED, FULL, GIFT_CARD, GIFT_PAR, SUSPENDED, Seen, Stage};
use crate::support::{CARD, CARD_2, USER};

pub(crate) async fn payments(seen: &mut Seen) {
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
