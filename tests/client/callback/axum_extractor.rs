//! Promise: over real HTTP, the extractor takes what the receiver takes, refuses what it refuses,
//! and reads no more of a body than the receiver looks at.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support;
use crate::support::{KEY_ID, SECRET_KEY, key_file, now};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use konaplate::callback::{
    CallbackClaim, CallbackReceiver, CallbackReceiverBuilder, CallbackSigner, Claimed, MAX_BODY,
    ReceivedCallback, ReplayFuture, ReplayStore, SignedCallback,
};
use konaplate::protocol::headers::CORRELATION_ID;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A store that outlives receivers.
#[derive(Debug, Default)]
struct Kept {
    /// By what a callback says: whose it is, or none if it was handled.
    callbacks: Mutex<HashMap<String, Option<String>>>,
    fails: AtomicBool,
}

impl ReplayStore for Kept {
    fn claim(&self, claim: CallbackClaim) -> ReplayFuture<'_, Claimed> {
        Box::pin(async move {
            if self.fails.load(Ordering::SeqCst) {
                return Err("the disk is full".into());
            }
            let mut callbacks = self.callbacks.lock().unwrap();
            Ok(match callbacks.get(&claim.fingerprint) {
                Some(None) => Claimed::Replayed,
                Some(Some(_)) => Claimed::InProgress,
                None => {
                    callbacks.insert(claim.fingerprint, Some(claim.by));
                    Claimed::New
                }
            })
        })
    }

    fn handled(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            let mut callbacks = self.callbacks.lock().unwrap();
            callbacks.insert(claim.fingerprint, None);
            Ok(())
        })
    }

    fn release(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            let mut callbacks = self.callbacks.lock().unwrap();
            if callbacks.get(&claim.fingerprint) == Some(&Some(claim.by)) {
                callbacks.remove(&claim.fingerprint);
            }
            Ok(())
        })
    }
}

struct Endpoint {
    address: std::net::SocketAddr,
    handled: Arc<AtomicUsize>,
    hanging: Arc<Notify>,
}

impl Endpoint {
    async fn start() -> Self {
        Self::of(CallbackReceiver::builder()).await
    }

    /// The same, with a receiver that remembers callbacks in a store of ours.
    async fn storing(store: &Arc<Kept>) -> Self {
        let store: Arc<dyn ReplayStore> = Arc::clone(store) as _;
        Self::of(CallbackReceiver::builder().replay_store(store)).await
    }

    async fn of(builder: CallbackReceiverBuilder) -> Self {
        let receiver = builder
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
            callback.acknowledge().await
        };
        let hang = async move |ReceivedCallback(callback): ReceivedCallback| {
            entered.notify_one();
            std::future::pending::<()>().await;
            callback.acknowledge().await
        };
        let app = Router::new()
            .route("/callback", post(acknowledge))
            .route("/hang", post(hang))
            // The limit is the extractor's, whatever else the application allows.
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(receiver));
        Self::serve(app, handled, hanging).await
    }

    async fn serve(app: Router, handled: Arc<AtomicUsize>, hanging: Arc<Notify>) -> Self {
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
        let response = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("http://{}/callback", self.address))
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            response.headers().get(CORRELATION_ID),
            request.headers.get(CORRELATION_ID)
        );
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
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
async fn a_store_of_ours_is_asked_before_the_handler_and_updated_after_it() {
    let store = Arc::<Kept>::default();
    let request = signer().sign(r#"{"n":1}"#).unwrap();
    let endpoint = Endpoint::storing(&store).await;
    let success = (200, envelope("000_000", "Success"));
    assert_eq!(endpoint.post(&request).await, success);
    // What handled it is gone; the store is not.
    let restarted = Endpoint::storing(&store).await;
    assert_eq!(restarted.post(&request).await, success);
    assert_eq!((endpoint.handled(), restarted.handled()), (1, 0));

    store.fails.store(true, Ordering::SeqCst);
    let other = signer().sign(r#"{"n":2}"#).unwrap();
    assert_eq!(
        endpoint.post(&other).await,
        (503, envelope("999_999", "it could not be recorded"))
    );
    assert_eq!(endpoint.handled(), 1);
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

    // Far more is announced, at once or in chunks: rejected as soon as it is too much.
    let spaces = vec![b' '; MAX_BODY + 1];
    let head = "POST /callback HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n";
    let response = exchange(&endpoint, head, &spaces).await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    let head = format!(
        "POST /callback HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
        MAX_BODY * 1_000
    );
    let response = exchange(&endpoint, &head, &spaces).await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    assert_eq!(endpoint.handled(), 1);
}

/// Sends these bytes and leaves the connection open; the first of the response.
async fn exchange(endpoint: &Endpoint, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(endpoint.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The other side may stop reading in the middle.
    let _ = stream.write_all(body).await;
    let mut response = vec![0; 64];
    let length = stream.read(&mut response).await.unwrap();
    String::from_utf8_lossy(&response[..length]).into_owned()
}

#[tokio::test]
async fn a_request_that_was_cut_off_in_the_handler_can_come_again() {
    comes_again(Endpoint::start().await).await;
    comes_again(Endpoint::storing(&Arc::default()).await).await;
}

/// Cuts a request off in the handler, and sends it again until it is handled.
async fn comes_again(endpoint: Endpoint) {
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
    endpoint.hanging.notified().await;
    assert_eq!(endpoint.post(&request).await, in_progress);

    // Cut off, it is forgotten.
    drop(stream);
    while endpoint.post(&request).await == in_progress {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let replayed = endpoint.post(&request).await;
    assert_eq!(replayed, (200, envelope("000_000", "Success")));
    assert_eq!(endpoint.handled(), 1, "by the second delivery");
}
