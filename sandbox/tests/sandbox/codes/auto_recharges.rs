//! Codes of auto recharges.

use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};

use super::{GIFT_PAR, Seen, Stage, refused};
use crate::support::{PAR, PAR_2, USER, auto_recharge};

pub(crate) async fn lower_limit(seen: &mut Seen) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
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
        "007_003",
        seen,
    );
    refused(
        auto_recharge(&client, of(USER, "Q1000000000000000000000106A", json!({}))).await,
        "007_003",
        seen,
    );
}

pub(crate) async fn auto_recharges(seen: &mut Seen) {
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

async fn approve(response: &Value) {
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = response["redirectUrl"].as_str().unwrap();
    let decided = browser.post(url).body("decision=approve").send().await;
    assert_eq!(decided.unwrap().status(), 200);
}
