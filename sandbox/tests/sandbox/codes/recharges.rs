//! Codes of one-time tokens, recharges and their cancellations.

use konaplate_sandbox::Sandbox;
use serde_json::json;

use super::{FULL_PAR, Seen, Stage, refused};
use crate::support::{CARD, PAR, USER, bank_recharge, call, card_recharge};

pub(crate) async fn tokens_and_recharges(seen: &mut Seen) {
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
}

pub(crate) async fn cancelled_and_system_recharges(seen: &mut Seen) {
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
    // As the description has it, without a member.
    let described = json!({"par": PAR, "amount": 5_000});
    stage.ok("recharge_by_system", described).await;
    let system = |par: &str, amount: u64| json!({"userId": USER, "par": par, "amount": amount});
    stage
        .refused(
            seen,
            "recharge_by_system",
            [
                ("000_002", json!({"userId": USER, "amount": 1})),
                (
                    "000_002",
                    json!({"par": "Q000000000000000000000000000", "amount": 1}),
                ),
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
