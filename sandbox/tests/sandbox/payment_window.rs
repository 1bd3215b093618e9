//! Promise: a payment window approves or declines its recharge, once and in its time.

use std::time::Duration;

use konaplate_sandbox::Sandbox;
use serde_json::json;

use crate::support::{CARD, PAR, card_recharge};

#[tokio::test]
async fn the_payment_window_approves_and_declines() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let open = async |sequence: &str| {
        let response = card_recharge(&client, CARD, json!({"sequenceId": sequence}))
            .await
            .unwrap();
        response["redirectUrl"].as_str().unwrap().to_owned()
    };
    let decide = async |url: &str, decision: &str| {
        let body = format!("decision={decision}");
        let response = browser.post(url).body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
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
