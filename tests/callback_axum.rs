//! Promise: over real HTTP, the extractor takes what the receiver takes, refuses what it refuses, and
//! reads no more of a body than the receiver looks at.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use konaplate::callback::{
    CallbackReceiver, CallbackSigner, MAX_BODY, ReceivedCallback, SignedCallback,
};
use konaplate::headers::CORRELATION_ID;
use serde_json::{Value, json};
use support::{KEY_ID, SECRET_KEY, key_file, now};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

struct Endpoint {
    address: std::net::SocketAddr,
    handled: Arc<AtomicUsize>,
    hanging: Arc<Notify>,
}

impl Endpoint {
    async fn start() -> Self {
        let receiver = CallbackReceiver::builder()
            .secret_key(SECRET_KEY)
            .crypto_key(KEY_ID, key_file("client.pkcs8.pem"))
            .clock(now)
            .build()
            .unwrap();
        let handled = Arc::<AtomicUsize>::default();
        let hanging = Arc::<Notify>::default();
        let (counter, entered) = (Arc::clone(&handled), Arc::clone(&hanging));
        let acknowledge = async move |ReceivedCallback(callback): ReceivedCallback| {
            counter.fetch_add(1, Ordering::SeqCst);
            callback.acknowledge()
        };
        let hang = async move |ReceivedCallback(callback): ReceivedCallback| {
            entered.notify_one();
            tokio::time::sleep(Duration::from_secs(600)).await;
            callback.acknowledge()
        };
        let app = Router::new()
            .route("/callback", post(acknowledge))
            .route("/hang", post(hang))
            // The limit is the extractor's, whatever else the application allows.
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(receiver));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            handled,
            hanging,
        }
    }

    async fn post(&self, request: &SignedCallback) -> (u16, Value) {
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("http://{}/callback", self.address))
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(
            answer.headers().get(CORRELATION_ID),
            request.headers.get(CORRELATION_ID)
        );
        (
            status,
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap(),
        )
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }
}

fn signer() -> CallbackSigner {
    CallbackSigner::new(SECRET_KEY, support::ASP_ID)
        .unwrap()
        .clock(now)
}

fn envelope(code: &str, description: &str) -> Value {
    json!({"response": {"code": code, "description": description}})
}

#[tokio::test]
async fn good_callbacks_reach_the_handler_once_and_bad_ones_never() {
    let endpoint = Endpoint::start().await;
    let success = (200, envelope("000_000", "Success"));

    let plain = signer().sign(r#"{"n":1}"#).unwrap();
    assert_eq!(endpoint.post(&plain).await, success);
    let encrypted = signer()
        .encrypt_for(KEY_ID, key_file("client.cert.pem"))
        .unwrap()
        .sign(r#"{"n":2}"#)
        .unwrap();
    assert_eq!(endpoint.post(&encrypted).await, success);
    assert_eq!(endpoint.handled(), 2);

    // Again: acknowledged, and not handled.
    assert_eq!(endpoint.post(&plain).await, success);
    assert_eq!(endpoint.post(&encrypted).await, success);
    assert_eq!(endpoint.handled(), 2);

    let mut changed = signer().sign(r#"{"n":3}"#).unwrap();
    changed.body = br#"{"n":4}"#.to_vec();
    assert_eq!(
        endpoint.post(&changed).await,
        (
            401,
            envelope("999_999", "the signature does not fit the body")
        )
    );
    let mut without = signer().sign(r#"{"n":3}"#).unwrap();
    without.headers.remove("x-km-tran-token");
    assert_eq!(
        endpoint.post(&without).await,
        (400, envelope("999_999", "a header is missing"))
    );
    assert_eq!(endpoint.handled(), 2);
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let endpoint = Endpoint::start().await;
    let padded = |length: usize| {
        let mut body = b"{}".to_vec();
        body.resize(length, b' ');
        signer().sign(body).unwrap()
    };
    assert_eq!(endpoint.post(&padded(MAX_BODY)).await.0, 200);
    assert_eq!(endpoint.handled(), 1);

    // Far more is announced, at once or in chunks: answered as soon as it is too much.
    let spaces = vec![b' '; MAX_BODY + 1];
    let head = "POST /callback HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n";
    let answer = exchange(&endpoint, head, &spaces).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let head = format!(
        "POST /callback HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
        MAX_BODY * 1_000
    );
    let answer = exchange(&endpoint, &head, &spaces).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(endpoint.handled(), 1);
}

/// Sends these bytes and leaves the connection open; what is answered first.
async fn exchange(endpoint: &Endpoint, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(endpoint.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The other side may stop reading in the middle.
    let _ = stream.write_all(body).await;
    let mut answer = vec![0; 64];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer));
    let length = read.await.expect("an answer in time").unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn a_request_that_was_cut_off_in_the_handler_can_come_again() {
    let endpoint = Endpoint::start().await;
    let request = signer().sign(r#"{"n":1}"#).unwrap();
    let mut head = format!(
        "POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n",
        request.body.len()
    );
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(endpoint.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();

    // While it hangs there, the same is told to come later.
    let in_progress = (409, envelope("999_999", "it is being handled"));
    tokio::time::timeout(Duration::from_secs(10), endpoint.hanging.notified())
        .await
        .expect("the handler is reached");
    assert_eq!(endpoint.post(&request).await, in_progress);

    // Cut off, it is forgotten.
    drop(stream);
    let mut status = 409;
    for _ in 0..500 {
        status = endpoint.post(&request).await.0;
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status, 200);
}
