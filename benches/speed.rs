//! What signing, encryption and the wrapper cost: `cargo bench`, or `cargo bench -- call` for the
//! rows with that word.
//!
//! Each figure has a floor: what the same work costs without this crate. The two take turns within
//! one run, a batch of each at a time, so that whatever else the machine does meets both. A ratio
//! is that of two batches side by side; the table has its median and quartiles.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use axum::body::Bytes;
use konaplate::Client;
use konaplate::protocol::{
    ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping, MessageForm, SigningKey,
    TranToken,
};
use tokio::runtime::Runtime;

const KEY_ID: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "a secret that was issued";
const RESULT: &str =
    r#"{"response":{"code":"000_000","description":"Success"},"result":"COMPLETED"}"#;
const CARD: &str = r#"{"cardNo":"9491339401250765"}"#;
const TOKEN: &str = r#"{"response":{"code":"000_000","description":"Success"},"oneTimeToken":"5297000000000013","dcvv":"471","expiryTime":1773539142345}"#;

/// How many pairs of batches a row has.
const PAIRS: usize = 201;

/// How long a batch takes, about. Longer than a scheduler's tick; short against what else changes
/// on a machine.
const BATCH: Duration = Duration::from_millis(12);

/// The rows that are asked for, measured one after the other.
struct Rows {
    /// Only rows with this text in their name.
    wanted: Option<String>,
    /// How many pairs a row has.
    pairs: usize,
    rows: Vec<Row>,
}

/// A figure beside its floor. Times are of one operation, in microseconds.
struct Row {
    figure: &'static str,
    floor: &'static str,
    figure_us: f64,
    floor_us: f64,
    /// First quartile, median and third quartile.
    ratio: [f64; 3],
}

impl Rows {
    /// From the arguments: `cargo bench` gives `--bench`, and what a person adds is a text to look
    /// for. Without `--bench` each row runs once, to see that it does.
    fn from_arguments() -> Self {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        let measures = arguments.iter().any(|argument| argument == "--bench");
        Self {
            wanted: arguments.into_iter().find(|a| !a.starts_with("--")),
            pairs: if measures { PAIRS } else { 1 },
            rows: Vec::new(),
        }
    }

    fn pair<F, B>(
        &mut self,
        figure: &'static str,
        floor: &'static str,
        mut run_figure: impl FnMut() -> F,
        mut run_floor: impl FnMut() -> B,
    ) {
        if let Some(wanted) = &self.wanted
            && !figure.contains(wanted.as_str())
        {
            return;
        }
        eprintln!("{figure}, {floor}");
        let figure_size = batch_size(&mut run_figure);
        let floor_size = batch_size(&mut run_floor);
        let mut figures = Vec::new();
        let mut floors = Vec::new();
        let mut ratios = Vec::new();
        for pair in 0..self.pairs {
            // Who goes first takes turns, too.
            let (of_figure, of_floor) = if pair % 2 == 0 {
                let of_figure = time(figure_size, &mut run_figure);
                (of_figure, time(floor_size, &mut run_floor))
            } else {
                let of_floor = time(floor_size, &mut run_floor);
                (time(figure_size, &mut run_figure), of_floor)
            };
            figures.push(of_figure);
            floors.push(of_floor);
            ratios.push(of_figure / of_floor);
        }
        self.rows.push(Row {
            figure,
            floor,
            figure_us: quartiles(figures)[1],
            floor_us: quartiles(floors)[1],
            ratio: quartiles(ratios),
        });
    }

    fn print(&self) {
        println!("\n| what | median, µs | floor | floor, µs | ratio | quartiles |");
        println!("|---|---:|---|---:|---:|---:|");
        for row in &self.rows {
            let [low, median, high] = row.ratio;
            println!(
                "| {} | {:.1} | {} | {:.1} | {median:.3} | {low:.3} to {high:.3} |",
                row.figure, row.figure_us, row.floor, row.floor_us
            );
        }
    }
}

/// Runs it so many times. The time of one, in microseconds.
fn time<R>(times: u32, run: &mut impl FnMut() -> R) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        black_box(run());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(times)
}

/// How many runs fill a batch. Warms up as well.
fn batch_size<R>(run: &mut impl FnMut() -> R) -> u32 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < BATCH * 4 {
        black_box(run());
        runs += 1;
    }
    (runs / 4).max(1)
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    [values[last / 4], values[last / 2], values[last * 3 / 4]]
}

fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/conformance/keys");
    std::fs::read(format!("{folder}/{file}")).expect("a test key")
}

/// JSON of that many bytes.
fn json_of(bytes: usize) -> Vec<u8> {
    let frame = r#"{"text":""}"#.len();
    format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes - frame)).into_bytes()
}

fn encryption_key() -> EncryptionKey {
    EncryptionKey::from_bytes(&key_file("client.spki.pem")).expect("a public key")
}

fn decryption_key() -> DecryptionKey {
    DecryptionKey::from_bytes(&key_file("client.pkcs8.pem")).expect("a private key")
}

fn signing(rows: &mut Rows) {
    let key = SigningKey::new(SECRET).expect("a secret");
    let timestamp = "20260315104512345".parse().expect("a timestamp");
    let body = json_of(300);
    let bare = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    rows.pair(
        "sign, 300 B",
        "HMAC-SHA256",
        || TranToken::sign(&key, timestamp, black_box(&body), MessageForm::RawBody),
        || hmac::sign(&bare, black_box(&body)),
    );
}

fn encryption(rows: &mut Rows) {
    let public = PublicEncryptingKey::from_der(&key_file("client.spki.der"))
        .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(Into::into))
        .expect("a public key");
    let private = PrivateDecryptingKey::from_pkcs8(&key_file("client.pkcs8.der"))
        .and_then(|key| OaepPrivateDecryptingKey::new(key).map_err(Into::into))
        .expect("a private key");
    let content_key = [7_u8; 16];
    let mut wrapped = vec![0; public.ciphertext_size()];
    let mut unwrapped = vec![0; private.min_output_size()];
    let encryption = encryption_key();
    let decryption = decryption_key();
    for (bytes, encrypt, decrypt) in [
        (300, "encrypt, 300 B", "decrypt, 300 B"),
        (16 * 1024, "encrypt, 16 KiB", "decrypt, 16 KiB"),
    ] {
        let plaintext = json_of(bytes);
        rows.pair(
            encrypt,
            "RSA encrypt",
            || encryption.encrypt(ContentEncryption::A128Gcm, black_box(&plaintext)),
            || {
                public
                    .encrypt(
                        &OAEP_SHA256_MGF1SHA256,
                        black_box(&content_key),
                        &mut wrapped,
                        None,
                    )
                    .expect("encrypts")
                    .len()
            },
        );
        let jwe = encryption
            .encrypt(ContentEncryption::A128Gcm, &plaintext)
            .expect("encrypts");
        public
            .encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut wrapped, None)
            .expect("encrypts");
        rows.pair(
            decrypt,
            "RSA decrypt",
            || decryption.decrypt(black_box(&jwe), KeyWrapping::RsaOaep256),
            || {
                private
                    .decrypt(
                        &OAEP_SHA256_MGF1SHA256,
                        black_box(&wrapped),
                        &mut unwrapped,
                        None,
                    )
                    .expect("decrypts")
                    .len()
            },
        );
    }
}

/// A server on a thread of its own that responds without looking at what it was sent.
fn serve(response: String) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a port");
            sender
                .send(listener.local_addr().expect("an address"))
                .expect("listens");
            let router = axum::Router::new().fallback(move |_body: Bytes| {
                let response = response.clone();
                async move { ([("content-type", "application/json")], response) }
            });
            axum::serve(listener, router).await.expect("serves");
        });
    });
    receiver.recv().expect("started")
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

/// A POST with the headers that a call has, its response read to the end.
async fn post(http: &reqwest::Client, url: &str, body: Vec<u8>) -> usize {
    let response = http
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
        .expect("a response");
    response.bytes().await.expect("a body").len()
}

fn calls(rows: &mut Rows) {
    // One thread: with more, a call's time is mostly that of waking another one up.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let encryption = encryption_key();
    let decryption = decryption_key();
    let encrypt = |text: &str| {
        encryption
            .encrypt(ContentEncryption::A128Gcm, text.as_bytes())
            .expect("encrypts")
    };
    let envelope = |text: &str| serde_json::json!({ "encData": encrypt(text) }).to_string();

    let plain = serve(RESULT.to_owned());
    let url = format!("http://{plain}/api/v1/recharges/by-bank-account/result/inquiry");
    let body = br#"{"sequenceId":"BANK-20260315-000001"}"#.to_vec();
    let bare = || runtime.block_on(post(&http, &url, body.clone()));
    let plain = client(plain);
    let call = || {
        let call = plain
            .get_bank_recharge_result()
            .sequence_id("BANK-20260315-000001");
        runtime.block_on(call.send()).expect("a response")
    };
    rows.pair("call, plain", "bare POST", call, bare);
    rows.pair(
        "raw call, plain",
        "bare POST",
        || {
            let body = serde_json::json!({"sequenceId": "BANK-20260315-000001"});
            let call = plain.raw("get_bank_recharge_result", body);
            runtime.block_on(call.send()).expect("a response")
        },
        bare,
    );

    let encrypted = serve(envelope(TOKEN));
    let url = format!("http://{encrypted}/api/v2/payment/generate/onetimetoken");
    let body = envelope(CARD).into_bytes();
    let response = encrypt(TOKEN);
    let decrypt = || {
        decryption
            .decrypt(&response, KeyWrapping::RsaOaep256)
            .expect("decrypts")
    };
    let encrypted = client(encrypted);
    let encrypted_call = || {
        let call = encrypted.issue_one_time_token().card_no("9491339401250765");
        runtime.block_on(call.send()).expect("a response")
    };
    rows.pair(
        "call, encrypted",
        "bare POST between encrypt and decrypt",
        encrypted_call,
        || {
            black_box(encrypt(CARD));
            runtime.block_on(post(&http, &url, body.clone()));
            decrypt()
        },
    );
    rows.pair(
        "call, encrypted",
        "plain call between encrypt and decrypt",
        encrypted_call,
        || {
            black_box(encrypt(CARD));
            black_box(call());
            decrypt()
        },
    );
}

fn main() {
    let mut rows = Rows::from_arguments();
    signing(&mut rows);
    encryption(&mut rows);
    calls(&mut rows);
    rows.print();
}
