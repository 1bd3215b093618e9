//! Codes of cards.

use std::time::Duration;

use konaplate_sandbox::fixtures;
use serde_json::{Value, json};

use super::{FULL_PAR, GIFT_CARD, GIFT_PAR, Seen, Stage};
use crate::support::{CARD_2, PAR, PAR_2, USER, gift, now};

/// Five years after the time at which the clock stands, as a card that is made then has it.
const EXPIRY: &str = "3103";

pub(crate) async fn cards(seen: &mut Seen) {
    let stage = Stage::new().await;
    stage.sandbox.stop_clock_at(now());
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
        json!({"userId": USER, "cardApplyNo": number, "physicalCardCVC": fixtures::CVC, "physicalCardExpDate": EXPIRY,
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
