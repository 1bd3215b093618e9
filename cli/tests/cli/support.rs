//! A sandbox, a gateway before it, and an HTTP client that knows nothing of either.

use std::net::SocketAddr;

use konaplate_cli::gateway::{Gateway, Settings, Stop};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

pub(crate) const RECHARGE: &str = "/api/v1/recharges/by-bank-accounts/no-hce";
pub(crate) const TOKEN: &str = "/api/v2/payment/generate/onetimetoken";
pub(crate) const CARD: &str = "9491339401250765";
pub(crate) const USER: u64 = 10_000_000_001;

/// Settings of a gateway for this machine, on a free port.
pub(crate) fn settings() -> Settings {
    Settings::new("127.0.0.1:0".parse().unwrap())
}

pub(crate) fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A gateway that serves until the test ends.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) stop: Stop,
    pub(crate) served: JoinHandle<anyhow::Result<()>>,
}

/// The same with a sandbox behind it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) gateway: Served,
}

/// A response, read.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) id: String,
    pub(crate) allow: String,
    pub(crate) delivery: String,
    pub(crate) body: Value,
}

impl Served {
    pub(crate) fn with(settings: Settings, client: konaplate::Client) -> Self {
        let gateway = Gateway::listen(settings, client).unwrap();
        Self {
            address: gateway.address(),
            url: gateway.url(),
            http: plain(),
            stop: gateway.stop(),
            served: tokio::spawn(gateway.serve()),
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Received {
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        Received {
            status: response.status().as_u16(),
            content_type: header("content-type"),
            id: header("x-km-correlation-id"),
            allow: header("allow"),
            delivery: header("konaplate-delivery"),
            body: response.json().await.unwrap(),
        }
    }

    /// A POST of JSON to a path.
    pub(crate) fn request(
        &self,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.url));
        request
            .header("content-type", "application/json")
            .body(body)
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Received {
        self.send(self.request(path, body)).await
    }

    /// A recharge with a fresh token.
    pub(crate) async fn recharge_of(&self, sequence_id: &str) -> String {
        let token = self.post(TOKEN, json!({ "cardNo": CARD }).to_string());
        let token = token.await.body;
        json!({
            "sequenceId": sequence_id, "userId": USER, "amount": 20_000,
            "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"],
            "merchantId": fixtures::MERCHANTS[0],
        })
        .to_string()
    }

    pub(crate) async fn recharge(&self, sequence_id: &str) -> Received {
        let body = self.recharge_of(sequence_id).await;
        self.post(RECHARGE, body).await
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::set_up(settings()).await
    }

    pub(crate) async fn set_up(settings: Settings) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client();
        Self {
            gateway: Served::with(settings, client),
            sandbox,
        }
    }
}

#[track_caller]
pub(crate) fn is_problem(received: &Received, status: u16, kind: &str, delivery: &str) {
    assert_eq!(received.status, status, "{}", received.body);
    assert_eq!(received.content_type, "application/problem+json");
    assert_eq!(received.delivery, delivery);
    let body = &received.body;
    assert_eq!(body["type"], format!("urn:konaplate:problem:{kind}"));
    assert_eq!(body["status"], status);
    assert_eq!(body["delivery"], delivery);
}
