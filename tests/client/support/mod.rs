//! A server that plays back what a test wants, byte for byte, and keeps what it was sent.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use konaplate::recharges::RechargeFromBankAccount;
use konaplate::{Client, ClientBuilder, OutcomePolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

pub(crate) const ASP_ID: &str = "000170000000000";
pub(crate) const ACCESS_KEY: &str = "0a1b2c3-0123456789abcdef0123456789abcdef";
pub(crate) const SECRET_KEY: &str = "a secret that was issued";
pub(crate) const KEY_ID: &str = "0123456789abcdef0123456789abcdef";

/// 2026-03-15T10:45:12.345 in Korea.
pub(crate) const NOW_MILLIS: u64 = 1_773_539_112_345;

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(NOW_MILLIS)
}

pub(crate) fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/conformance/keys");
    std::fs::read(format!("{folder}/{file}")).unwrap()
}

/// A builder with every setting that a call needs and a clock that stands still.
pub(crate) fn builder(base_url: &str) -> ClientBuilder {
    Client::builder()
        .base_url(base_url)
        .project_keys(ASP_ID, ACCESS_KEY, SECRET_KEY)
        .crypto_key(
            KEY_ID,
            key_file("server.spki.pem"),
            key_file("client.pkcs8.pem"),
        )
        .http(reqwest::Client::builder().no_proxy())
        .clock(now)
}

/// What the server got.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The plaintext, with the server's private key where it is encrypted.
    pub(crate) fn plaintext(&self) -> serde_json::Value {
        let json = self.json();
        match json["encData"].as_str() {
            Some(jwe) => serde_json::from_slice(&open_as_server(jwe)).unwrap(),
            None => json,
        }
    }
}

pub(crate) fn open_as_server(jwe: &str) -> Vec<u8> {
    DecryptionKey::from_bytes(&key_file("server.pkcs8.pem"))
        .unwrap()
        .decrypt(jwe, KeyWrapping::RsaOaep256)
        .unwrap()
}

/// An envelope that only the client can open.
pub(crate) fn encrypted_for_client(plaintext: &str) -> String {
    encrypted_for("client.spki.pem", plaintext)
}

pub(crate) fn encrypted_for(public_key: &str, plaintext: &str) -> String {
    let jwe = EncryptionKey::from_bytes(&key_file(public_key))
        .unwrap()
        .encrypt(ContentEncryption::A128Gcm, plaintext.as_bytes())
        .unwrap();
    serde_json::json!({ "encData": jwe }).to_string()
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These very bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing: the connection is closed.
    Close,
    /// Nothing, and the connection stays open.
    Silence,
    /// These bytes, and the connection stays open.
    Stall(Vec<u8>),
}

/// A recharge of 20,000 KRW, which moves money.
pub(crate) fn recharge(client: &Client) -> RechargeFromBankAccount<'_> {
    client
        .recharge_from_bank_account()
        .sequence_id("BANK-1")
        .user_id(10_000_000_001_u64)
        .amount(20_000_u64)
        .one_time_token("5297000000000021")
        .dcvv("802")
        .merchant_id("410195430033901")
}

/// Inquiries at short intervals, for longer than any test takes.
pub(crate) fn quick() -> OutcomePolicy {
    OutcomePolicy::new()
        .interval(Duration::from_millis(10))
        .deadline(Duration::from_secs(120))
}

/// For outcomes that never come.
pub(crate) fn short() -> OutcomePolicy {
    quick().deadline(Duration::from_secs(1))
}

/// What has to come to an end. How long it takes says nothing about it: this is for what never does.
pub(crate) async fn ends<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(300);
    let ended = tokio::time::timeout(limit, future).await;
    ended.expect("it does not end")
}

/// Whether the test that calls it, by its name, is in a process of its own. If it is not, it is run in
/// one, with these variables, and has to pass there.
#[track_caller]
pub(crate) fn is_alone(test: &str, variables: &[(&str, &str)]) -> bool {
    const ALONE: &str = "KONAPLATE_TEST_IS_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--test-threads=1"])
        .env(ALONE, test)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("test result: ok. 1 passed"), "{said}");
    false
}

/// A whole HTTP response with these headers and this body.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str("connection: close\r\n\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    Reply::Bytes(bytes)
}

/// A JSON response.
pub(crate) fn json_response(status: u16, body: impl AsRef<[u8]>) -> Reply {
    reply(status, &[("content-type", "application/json")], body)
}

pub(crate) struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Responses every request with the same reply.
    pub(crate) async fn start(reply: Reply) -> Self {
        Self::start_with(move |_| reply.clone()).await
    }

    /// Responses the requests with what this makes of their number, from 0.
    pub(crate) async fn start_with(reply: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        NotListening::new().listen(reply)
    }

    /// Responds with these in this order, and with the last one for ever.
    pub(crate) async fn playing(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = replies.into();
        Self::start_with(move |number| replies[number.min(replies.len() - 1)].clone()).await
    }

    fn serve_on(
        listener: TcpListener,
        url: String,
        reply: impl Fn(usize) -> Reply + Send + 'static,
    ) -> Self {
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply(number), Arc::clone(&seen)));
                number += 1;
            }
        });
        Self { url, requests }
    }

    pub(crate) fn client(&self) -> Client {
        builder(&self.url).build().unwrap()
    }

    /// What was sent so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until so many requests were sent, however long a busy machine takes.
    pub(crate) async fn has_seen(&self, number: usize) {
        ends(async {
            while self.requests.lock().unwrap().len() < number {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }

    /// The one request that was sent.
    pub(crate) fn request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.into_iter().next().unwrap()
    }
}

/// A port that is taken and refuses connections.
pub(crate) struct NotListening {
    socket: TcpSocket,
    pub url: String,
}

impl NotListening {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        Self { socket, url }
    }

    /// Accepts connections from now on.
    pub(crate) fn listen(self, reply: impl Fn(usize) -> Reply + Send + 'static) -> Server {
        let listener = self.socket.listen(1024).unwrap();
        Server::serve_on(listener, self.url, reply)
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: Arc<Mutex<Vec<Request>>>) {
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    seen.lock().unwrap().push(request);
    let (bytes, stays_open) = match reply {
        Reply::Bytes(bytes) => (bytes, false),
        Reply::Close => (Vec::new(), false),
        Reply::Silence => (Vec::new(), true),
        Reply::Stall(bytes) => (bytes, true),
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.flush().await;
    if stays_open {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let _ = stream.shutdown().await;
}

/// Stands between client and sandbox; loses the first response after the sandbox has given it.
pub(crate) async fn losing_the_first_response(sandbox: &konaplate_sandbox::Sandbox) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let platform = sandbox.address();
    let is_first = Arc::new(AtomicBool::new(true));
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let is_first = Arc::clone(&is_first);
            tokio::spawn(async move {
                let mut far = TcpStream::connect(platform).await.unwrap();
                let (mut request, mut reply) = ([0; 16_384], [0; 16_384]);
                loop {
                    tokio::select! {
                        read = near.read(&mut request) => match read {
                            Ok(n) if n > 0 => far.write_all(&request[..n]).await.unwrap(),
                            _ => return,
                        },
                        read = far.read(&mut reply) => match read {
                            Ok(n) if n > 0 => {
                                if is_first.swap(false, Ordering::SeqCst) {
                                    return;
                                }
                                near.write_all(&reply[..n]).await.unwrap();
                            }
                            _ => return,
                        },
                    }
                }
            });
        }
    });
    url
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => body.extend_from_slice(&chunk[..n]),
        }
    }
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// The output of a future that waits for nothing.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

/// Snapshots lie in `tests/snapshots`, whichever module makes them.
pub(crate) fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings
}

/// Makes sure that a subscriber of one thread sees its events, however many threads run. While there
/// is one dispatcher only, tracing asks that of the thread which comes by first whether anybody wants
/// an event, and keeps the reply for all threads.
pub(crate) fn several_dispatchers() {
    static SECOND: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));
    LazyLock::force(&SECOND);
}
