//! What signing, encryption and the wrapper cost: `cargo bench`.
//!
//! Criterion measures; at the end one table puts each against its floor, all from this one run: the
//! seal against the bare RSA operation of the same library, the call against a bare POST of the same
//! bytes to the same server.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Duration;

use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use axum::body::Bytes;
use criterion::{BenchmarkId, Criterion};
use konaplate::Client;
use konaplate::jwe::{ContentEncryption, KeyWrapping, OpeningKey, SealingKey};
use konaplate::signing::{MessageForm, SigningKey, TranToken};
use serde_json::Value;
use tokio::runtime::Runtime;

const KEY_ID: &str = "0123456789abcdef0123456789abcdef";
const RESULT: &str =
    r#"{"response":{"code":"000_000","description":"Success"},"result":"COMPLETED"}"#;
const CARD: &str = r#"{"cardNo":"9491339401250765"}"#;
const TOKEN: &str = r#"{"response":{"code":"000_000","description":"Success"},"oneTimeToken":"5297000000000013","dcvv":"471","expiryTime":1773539142345}"#;

fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys");
    std::fs::read(format!("{folder}/{file}")).expect("a test key")
}

/// JSON of that many bytes.
fn json_of(bytes: usize) -> Vec<u8> {
    let frame = r#"{"text":""}"#.len();
    format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes - frame)).into_bytes()
}

fn crypto(c: &mut Criterion) {
    let signing = SigningKey::new("a secret that was issued").expect("a secret");
    let timestamp = "20260315104512345".parse().expect("a timestamp");
    let body = json_of(300);
    c.bench_function("sign_300 B", |b| {
        b.iter(|| TranToken::sign(&signing, timestamp, black_box(&body), MessageForm::RawBody));
    });

    let public = PublicEncryptingKey::from_der(&key_file("client.spki.der"))
        .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(Into::into))
        .expect("a public key");
    let private = PrivateDecryptingKey::from_pkcs8(&key_file("client.pkcs8.der"))
        .and_then(|key| OaepPrivateDecryptingKey::new(key).map_err(Into::into))
        .expect("a private key");
    let content_key = [7_u8; 16];
    let mut wrapped = vec![0; public.ciphertext_size()];
    c.bench_function("rsa_encrypt", |b| {
        b.iter(|| {
            public
                .encrypt(
                    &OAEP_SHA256_MGF1SHA256,
                    black_box(&content_key),
                    &mut wrapped,
                    None,
                )
                .expect("encrypts")
                .len()
        });
    });
    let mut unwrapped = vec![0; private.min_output_size()];
    c.bench_function("rsa_decrypt", |b| {
        b.iter(|| {
            private
                .decrypt(
                    &OAEP_SHA256_MGF1SHA256,
                    black_box(&wrapped),
                    &mut unwrapped,
                    None,
                )
                .expect("decrypts")
                .len()
        });
    });

    let sealing = SealingKey::from_bytes(&key_file("client.spki.pem")).expect("a public key");
    let opening = OpeningKey::from_bytes(&key_file("client.pkcs8.pem")).expect("a private key");
    for (name, bytes) in [("300 B", 300), ("16 KiB", 16 * 1024)] {
        let plaintext = json_of(bytes);
        c.bench_with_input(
            BenchmarkId::new("seal", name),
            &plaintext,
            |b, plaintext| {
                b.iter(|| sealing.seal(ContentEncryption::A128Gcm, black_box(plaintext)));
            },
        );
        let jwe = sealing
            .seal(ContentEncryption::A128Gcm, &plaintext)
            .expect("seals");
        c.bench_with_input(BenchmarkId::new("open", name), &jwe, |b, jwe| {
            b.iter(|| opening.open(black_box(jwe), KeyWrapping::RsaOaep256));
        });
    }
}

/// A server on a thread of its own that answers without looking at what it was sent.
fn serve(answer: String) -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a port");
            tell.send(listener.local_addr().expect("an address"))
                .expect("listens");
            let router = axum::Router::new().fallback(move |_body: Bytes| {
                let answer = answer.clone();
                async move { ([("content-type", "application/json")], answer) }
            });
            axum::serve(listener, router).await.expect("serves");
        });
    });
    told.recv().expect("started")
}

fn client(address: SocketAddr) -> Client {
    Client::builder()
        .base_url(format!("http://{address}"))
        .project_keys(
            "000170000000000",
            "0a1b2c3-0123456789abcdef0123456789abcdef",
            "secret",
        )
        .crypto_key(
            KEY_ID,
            key_file("client.spki.pem"),
            key_file("client.pkcs8.pem"),
        )
        .http(reqwest::Client::builder().no_proxy())
        .build()
        .expect("a client")
}

fn bare() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}

/// A POST with the headers that a call has, and its answer read to the end.
async fn post(http: &reqwest::Client, url: &str, body: Vec<u8>) -> usize {
    let answer = http
        .post(url)
        .header("x-km-user-aspid", "000170000000000")
        .header("x-km-correlation-id", "260315104512-0a1b2c3")
        .header(
            "x-km-access-key",
            "0a1b2c3-0123456789abcdef0123456789abcdef",
        )
        .header(
            "x-km-tran-token",
            "KMV1:20260315104512345:bnVTkF3gQRvZLMCLfEbVuFSQtOnF2KE3EzeiH2lGhPo=",
        )
        .header("x-km-tran-time", "20260315104512")
        .header("x-km-time-zone", "KST")
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .expect("an answer");
    answer.bytes().await.expect("a body").len()
}

fn calls(c: &mut Criterion) {
    // One thread: with more, a call's time is mostly that of waking another one up.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let sealing = SealingKey::from_bytes(&key_file("client.spki.pem")).expect("a public key");
    let seal = |text: &str| {
        let jwe = sealing
            .seal(ContentEncryption::A128Gcm, text.as_bytes())
            .expect("seals");
        serde_json::json!({ "encData": jwe }).to_string()
    };

    let plain = serve(RESULT.to_owned());
    let encrypted = serve(seal(TOKEN));
    let http = bare();
    let mut group = c.benchmark_group("call");
    group.measurement_time(Duration::from_secs(12));

    let url = format!("http://{plain}/api/v1/recharges/by-bank-account/result/inquiry");
    let body = br#"{"sequenceId":"BANK-20260315-000001"}"#.to_vec();
    group.bench_function("bare POST, plain", |b| {
        b.to_async(&runtime)
            .iter(|| post(&http, &url, body.clone()));
    });
    let typed = client(plain);
    group.bench_function("typed, plain", |b| {
        b.to_async(&runtime).iter(|| {
            typed
                .get_bank_recharge_result()
                .sequence_id("BANK-20260315-000001")
                .send()
        });
    });

    group.bench_function("raw, plain", |b| {
        b.to_async(&runtime).iter(|| {
            let body = serde_json::json!({"sequenceId": "BANK-20260315-000001"});
            typed.raw("get_bank_recharge_result", body).send()
        });
    });

    let url = format!("http://{encrypted}/api/v2/payment/generate/onetimetoken");
    let body = seal(CARD).into_bytes();
    let answer = sealing
        .seal(ContentEncryption::A128Gcm, TOKEN.as_bytes())
        .expect("seals");
    let opening = OpeningKey::from_bytes(&key_file("client.pkcs8.pem")).expect("a private key");
    group.bench_function("bare POST, encrypted", |b| {
        b.to_async(&runtime).iter(async || {
            let sealed = sealing.seal(ContentEncryption::A128Gcm, CARD.as_bytes());
            black_box(sealed).expect("seals");
            post(&http, &url, body.clone()).await;
            opening
                .open(&answer, KeyWrapping::RsaOaep256)
                .expect("opens")
        });
    });
    let typed = client(encrypted);
    group.bench_function("typed, encrypted", |b| {
        b.to_async(&runtime).iter(|| {
            typed
                .issue_one_time_token()
                .card_no("9491339401250765")
                .send()
        });
    });
    group.finish();
}

/// The median that criterion kept, in microseconds.
fn median(id: &str) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let path = std::path::Path::new(&target)
        .join("criterion")
        .join(id)
        .join("new/estimates.json");
    let estimates: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? / 1_000.0)
}

fn table() {
    let us = |id: &str| median(id).unwrap_or(f64::NAN);
    let crypto = us("seal/300 B") + us("open/300 B");
    let rows = [
        ("sign, 300 B", us("sign_300 B"), "", f64::NAN),
        (
            "seal, 300 B",
            us("seal/300 B"),
            "RSA encrypt",
            us("rsa_encrypt"),
        ),
        (
            "seal, 16 KiB",
            us("seal/16 KiB"),
            "RSA encrypt",
            us("rsa_encrypt"),
        ),
        (
            "open, 300 B",
            us("open/300 B"),
            "RSA decrypt",
            us("rsa_decrypt"),
        ),
        (
            "open, 16 KiB",
            us("open/16 KiB"),
            "RSA decrypt",
            us("rsa_decrypt"),
        ),
        (
            "call, plain",
            us("call/typed, plain"),
            "bare POST",
            us("call/bare POST, plain"),
        ),
        (
            "raw call, plain",
            us("call/raw, plain"),
            "bare POST",
            us("call/bare POST, plain"),
        ),
        (
            "call, encrypted",
            us("call/typed, encrypted"),
            "bare POST between a seal and an open",
            us("call/bare POST, encrypted"),
        ),
        (
            "call, encrypted",
            us("call/typed, encrypted"),
            "plain call + seal + open",
            us("call/typed, plain") + crypto,
        ),
    ];
    println!("\n| what | median, µs | floor | floor, µs | ratio |\n|---|---:|---|---:|---:|");
    for (what, time, floor, floor_time) in rows {
        if floor.is_empty() {
            println!("| {what} | {time:.1} | | | |");
        } else {
            println!(
                "| {what} | {time:.1} | {floor} | {floor_time:.1} | {:.2} |",
                time / floor_time
            );
        }
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    crypto(&mut criterion);
    calls(&mut criterion);
    criterion.final_summary();
    table();
}
