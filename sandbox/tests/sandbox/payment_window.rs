//! Promise: a payment window approves or declines its recharge, once and in its time.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
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
    assert!(page.contains("50,000 KRW"));
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

#[tokio::test]
async fn the_page_allows_nothing_but_its_own_style() {
    let sandbox = Sandbox::start().await.unwrap();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let opened = card_recharge(&sandbox.client(), CARD, json!({})).await;
    let opened = opened.unwrap();
    let url = opened["redirectUrl"].as_str().unwrap();
    for url in [url.to_owned(), url.replace("window/", "window/9")] {
        let response = browser.get(&url).send().await.unwrap();
        let headers = response.headers().clone();
        let page = response.text().await.unwrap();
        let style = page.split("<style>").nth(1).unwrap();
        let style = style.split("</style>").next().unwrap();
        let hash = BASE64.encode(digest(&SHA256, style.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        for (name, value) in [
            ("content-security-policy", policy.as_str()),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(headers[name], value);
        }
        for part in ["<html lang=\"en\">", "name=\"viewport\"", "<main>", "<h1>"] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<script") && !page.contains(" style="));
    }
}

#[tokio::test]
async fn no_other_page_decides() {
    let sandbox = Sandbox::start().await.unwrap();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let opened = card_recharge(&sandbox.client(), CARD, json!({})).await;
    let opened = opened.unwrap();
    let url = opened["redirectUrl"].as_str().unwrap();
    let own = sandbox.base_url();
    for (origin, status) in [("https://example.com", 403), ("null", 403), (own, 200)] {
        let decision = browser
            .post(url)
            .header("origin", origin)
            .body("decision=approve");
        let response = decision.send().await.unwrap();
        assert_eq!(response.status(), status, "{origin}");
        let moved = if status == 200 { 1 } else { 0 };
        assert_eq!(sandbox.postings(), moved, "{origin}");
    }
}
