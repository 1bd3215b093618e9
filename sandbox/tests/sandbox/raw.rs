//! A connection, seen byte by byte, and requests as bytes.

use konaplate::protocol::{MessageForm, SigningKey, Timestamp, TranToken, headers};
use konaplate::{CorrelationId, Operation, TimeZone};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::now;

/// The path of an operation with a plain request, and a body that passes all checks.
pub(crate) const PLAIN: &str = "get_bank_recharge_result";
pub(crate) const PLAIN_BODY: &str = r#"{"sequenceId":"S"}"#;

pub(crate) struct Raw(TcpStream);

/// A response as it came.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) async fn open(sandbox: &Sandbox) -> Self {
        Self(TcpStream::connect(sandbox.address()).await.unwrap())
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends all that the other side takes.
    pub(crate) async fn send_what_goes(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Says that nothing more comes.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// One response with its body.
    pub(crate) async fn reply(&mut self) -> Reply {
        let mut reply = self.head().await;
        let length = reply.header("content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        reply.body = String::from_utf8(body).unwrap();
        reply
    }

    /// The head of a response.
    pub(crate) async fn head(&mut self) -> Reply {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(bytes).unwrap();
        // Of the version that the request had.
        assert!(head.starts_with("HTTP/1.1 ") || head.starts_with("HTTP/1.0 "));
        Reply {
            status: head[9..12].parse().unwrap(),
            head,
            body: String::new(),
        }
    }

    /// What comes until the other side closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that is closed with something unread is reset.
        let _ = self.0.read_to_end(&mut bytes).await;
        bytes
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.body).unwrap()
    }

    /// The check that failed and what it expected: of an envelope, whose parts agree.
    pub(crate) fn refusal(&self) -> (String, String) {
        let body = self.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let check = text(&body["sandbox"]["check"]);
        let expected = text(&body["sandbox"]["expected"]);
        assert_eq!(body["response"]["code"], format!("sandbox:{check}"));
        assert_eq!(body["response"]["description"], expected);
        for of_debug in ["Some(", "Err(", "Error {", "kind:", "\\\""] {
            assert!(!expected.contains(of_debug), "{expected}");
        }
        (check, expected)
    }

    /// The id that it names its call by, which is always there and in its form.
    pub(crate) fn id(&self) -> CorrelationId {
        self.header("x-km-correlation-id").unwrap().parse().unwrap()
    }
}

/// A request that a sandbox whose clock stands at [`now`] takes, in the parts that tests change.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Parts {
    pub(crate) fn new(operation: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref().to_vec();
        let time = Timestamp::new(now(), TimeZone::Kst);
        let key = SigningKey::new(fixtures::SECRET_KEY).unwrap();
        let token = TranToken::sign(&key, time, &body, MessageForm::RawBody);
        let id = CorrelationId::fresh(TimeZone::Kst);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let path = Operation::find(operation).unwrap().path();
        Self {
            line: format!("POST {path} HTTP/1.1"),
            headers: vec![
                header("host", "sandbox"),
                header(headers::ASP_ID.as_str(), fixtures::ASP_ID),
                header(headers::ACCESS_KEY.as_str(), fixtures::ACCESS_KEY),
                header(headers::CRYPTO_KEY_ID.as_str(), fixtures::CRYPTO_KEY_ID),
                header(headers::CORRELATION_ID.as_str(), id.as_str()),
                header(headers::TIME_ZONE.as_str(), "KST"),
                header(headers::TRAN_TIME.as_str(), time.tran_time()),
                header(headers::TRAN_TOKEN.as_str(), token.as_str()),
                header("content-type", "application/json"),
            ],
            body,
        }
    }

    pub(crate) fn plain() -> Self {
        Self::new(PLAIN, PLAIN_BODY)
    }

    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.line = line.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// With this header and no other of its name.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more header.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn id(&self) -> CorrelationId {
        let (_, id) = self
            .headers
            .iter()
            .find(|(name, _)| *name == headers::CORRELATION_ID.as_str())
            .unwrap();
        id.parse().unwrap()
    }

    /// First line and headers, without the empty line at the end.
    pub(crate) fn head(&self) -> String {
        let headers = self.headers.iter();
        let lines = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}", self.line, lines.collect::<String>())
    }

    /// The whole request, with the length of its body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head = format!("{}content-length: {}\r\n\r\n", self.head(), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends it on a connection of its own.
    pub(crate) async fn send(&self, sandbox: &Sandbox) -> Reply {
        let mut raw = Raw::open(sandbox).await;
        raw.send(self.bytes()).await;
        raw.reply().await
    }
}

/// A sandbox whose clock stands at the time of these requests.
pub(crate) async fn started() -> Sandbox {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.stop_clock_at(now());
    sandbox
}
