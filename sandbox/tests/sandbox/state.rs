//! Promise: a call moves what its response says, once.

use konaplate_sandbox::Sandbox;
use serde_json::json;

use crate::support::{CARD, PAR, USER, auto_recharge, bank_recharge, gift};

#[tokio::test]
async fn a_call_moves_what_its_response_says_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));

    // A bank recharge moves its amount, and its result says so.
    let response = bank_recharge(&client, USER, CARD, json!({})).await.unwrap();
    assert_eq!(response["isPending"], false);
    assert_eq!(response["nrNumber"].as_str().unwrap().len(), 18);
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
