//! Codes of points.

use std::time::Duration;

use konaplate_sandbox::fixtures;
use serde_json::json;

use super::{SUSPENDED, Seen, Stage};
use crate::support::{CARD, USER};

pub(crate) async fn points(seen: &mut Seen) {
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
