//! Codes of transfers, and of gifts that are accepted.

use serde_json::{Value, json};

use super::{EXPIRED, FULL, GIFT_CARD, SUSPENDED, Seen, Stage};
use crate::support::{CARD, USER, gift};

pub(crate) async fn transfers_and_accepted_gifts(seen: &mut Seen) {
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
                ("005_009", send(CARD, "01000000003", 1).await),
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
