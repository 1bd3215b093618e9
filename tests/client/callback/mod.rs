//! Promise: what the platform sends is verified, decrypted, read, and handed out once.

mod arbitrary_input;
mod axum_extractor;
mod encryption;
mod leaks;
mod reading;
mod replays;
mod rotation;
mod settings;
mod verifying;

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, SystemTime};

use crate::support;
use crate::support::{KEY_ID, SECRET_KEY, key_file, now, ready};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use konaplate::callback::{
    AuthOrCancel, Callback, CallbackError, CallbackErrorKind, CallbackKind, CallbackPayload,
    CallbackReceiver, CallbackReceiverBuilder, CallbackSigner, MAX_BODY, SignedCallback,
    TransactionType,
};
use konaplate::protocol::headers::{
    ACCESS_KEY, ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
};
use konaplate::protocol::{ContentEncryption, EncryptionKey, KeyWrapping};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{ErrorKind, TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};

const SECOND_KEY_ID: &str = "ffffffffffffffffffffffffffffffff";
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn builder() -> CallbackReceiverBuilder {
    CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .asp_id(support::ASP_ID)
        .crypto_key(KEY_ID, key_file("client.pkcs8.pem"))
        .clock(now)
}

fn receiver() -> CallbackReceiver {
    builder().build().unwrap()
}

fn signer() -> CallbackSigner {
    CallbackSigner::new(SECRET_KEY, support::ASP_ID)
        .unwrap()
        .clock(now)
}

fn encrypting(public_key: &str) -> CallbackSigner {
    signer().encrypt_for(KEY_ID, key_file(public_key)).unwrap()
}

pub(crate) fn transaction() -> Value {
    json!({
        "userId": "10000000001", "par": "Q180BEA3B2F1BBD8410336D66A4",
        "trType": "00", "authCancelType": "AUTH",
        "orgAmount": "5000", "trAmount": "4500", "discountAmount": "500", "pointAmount": "0",
        "balanceAfter": "95500", "approvalDateTime": "20260315104512",
        "merchantName": "가게", "approvalCode": "123456", "cardNo": "9491339401250765",
        "mti": "0100", "responseCode": "00", "url": "https://example.com/x",
    })
}

fn signed() -> SignedCallback {
    signer().sign(transaction().to_string()).unwrap()
}

fn receive(
    receiver: &CallbackReceiver,
    request: &SignedCallback,
) -> Result<Callback, CallbackError> {
    ready(receiver.receive(&request.headers, &request.body))
}

#[track_caller]
fn refused(receiver: &CallbackReceiver, request: &SignedCallback) -> CallbackError {
    receive(receiver, request).unwrap_err()
}

/// The request with a header changed.
fn with(mut request: SignedCallback, name: HeaderName, value: &str) -> SignedCallback {
    request
        .headers
        .insert(name, HeaderValue::from_str(value).unwrap());
    request
}

fn header(request: &SignedCallback, name: HeaderName) -> String {
    request.headers[name].to_str().unwrap().to_owned()
}

fn body_of(response: &konaplate::callback::Acknowledgement) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// A callback with these bytes, signed rightly, as it is received.
pub(crate) fn receive_bytes(body: &[u8]) -> Result<Callback, CallbackError> {
    receive(&receiver(), &signed_bytes(body))
}

/// What is signed rightly, whatever it is.
fn signed_bytes(body: &[u8]) -> SignedCallback {
    signer().sign(body).unwrap()
}
