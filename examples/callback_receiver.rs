//! An endpoint for callbacks with axum, and what it does with good and bad ones:
//! `cargo run --example callback_receiver`.
//!
//! The signer stands in for the platform. What of this is documented and what is assumed stands in
//! the documentation of `konaplate::callback`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use konaplate::callback::{
    Acknowledgement, AuthOrCancel, Callback, CallbackKind, CallbackPayload, CallbackReceiver,
    CallbackSigner, ReceivedCallback, SignedCallback,
};
use konaplate_sandbox::fixtures;
use tokio::net::TcpListener;

const CLIENT_PRIVATE_KEY: &str = include_str!("../sandbox/keys/client.pkcs8.pem");
const CLIENT_PUBLIC_KEY: &str = include_str!("../sandbox/keys/client.spki.pem");

type AnyError = Box<dyn std::error::Error>;

/// Stands for a database. The fingerprint would be under a unique index, written in the same
/// transaction as the amount.
#[derive(Default)]
struct Books(Mutex<HashMap<String, i64>>);

/// One path for each kind tells them apart better than their fields do.
async fn transaction(callback: Callback, books: &Books) -> Acknowledgement {
    let CallbackPayload::Transaction(transaction) = callback.payload_as(CallbackKind::Transaction)
    else {
        return callback.acknowledge().await;
    };
    println!("    received: {transaction:?}");
    let amount = transaction.tr_amount.and_then(|amount| amount.krw());
    let amount = match (transaction.auth_cancel_type, amount) {
        (Some(AuthOrCancel::Auth), Some(amount)) => amount,
        (Some(AuthOrCancel::Cancel), Some(amount)) => -amount,
        _ => {
            // Not remembered as handled: it may come again, and somebody should look at it.
            let response = callback.reject("999_999", "authCancelType or trAmount is not known");
            return response.await.expect("the code has its form");
        }
    };
    let fingerprint = callback.fingerprint().to_owned();
    books
        .0
        .lock()
        .expect("no writer panics")
        .insert(fingerprint, amount);
    callback.acknowledge().await
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let receiver = CallbackReceiver::builder()
        .secret_key(fixtures::SECRET_KEY)
        .asp_id(fixtures::ASP_ID)
        .crypto_key(fixtures::CRYPTO_KEY_ID, CLIENT_PRIVATE_KEY)
        .build()?;
    let books = Arc::<Books>::default();
    let books_of_app = Arc::clone(&books);
    let on_transaction = async move |ReceivedCallback(callback): ReceivedCallback| {
        transaction(callback, &books_of_app).await
    };
    let app = Router::new()
        .route("/kona/transaction", post(on_transaction))
        .with_state(Arc::new(receiver));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/kona/transaction", listener.local_addr()?);
    println!("receiving on {url}\n");
    tokio::spawn(async move { axum::serve(listener, app).await });

    let plain = CallbackSigner::new(fixtures::SECRET_KEY, fixtures::ASP_ID)?;
    let encrypted = CallbackSigner::new(fixtures::SECRET_KEY, fixtures::ASP_ID)?
        .encrypt_for(fixtures::CRYPTO_KEY_ID, CLIENT_PUBLIC_KEY)?;
    let stranger = CallbackSigner::new("another secret", fixtures::ASP_ID)?;

    let first = plain.sign(payment(4_500, "AUTH"))?;
    send(&url, "a payment", &first).await?;
    send(&url, "the same again", &first).await?;
    let cancel = encrypted.sign(payment(4_500, "CANCEL"))?;
    send(&url, "its cancellation, encrypted", &cancel).await?;
    let forged = stranger.sign(payment(1_000_000, "AUTH"))?;
    send(&url, "a payment that somebody else signed", &forged).await?;
    let mut changed = plain.sign(payment(1_000, "AUTH"))?;
    changed.body = payment(9_000, "AUTH").into_bytes();
    send(&url, "a payment whose amount was changed", &changed).await?;

    let booked: Vec<i64> = books
        .0
        .lock()
        .expect("no writer panics")
        .values()
        .copied()
        .collect();
    println!(
        "booked: {} entries, {} KRW in all",
        booked.len(),
        booked.iter().sum::<i64>()
    );
    Ok(())
}

fn payment(amount: i64, auth_or_cancel: &str) -> String {
    serde_json::json!({
        "userId": "10000000001", "par": "Q180BEA3B2F1BBD8410336D66A4",
        "trType": "00", "authCancelType": auth_or_cancel, "trAmount": amount.to_string(),
        "approvalDateTime": "20260315104512", "approvalCode": "123456",
    })
    .to_string()
}

async fn send(url: &str, what: &str, callback: &SignedCallback) -> Result<(), AnyError> {
    println!("{what}");
    let response = reqwest::Client::new()
        .post(url)
        .headers(callback.headers.clone())
        .body(callback.body.clone())
        .send()
        .await?;
    println!(
        "    response: {} {}\n",
        response.status(),
        response.text().await?
    );
    Ok(())
}
