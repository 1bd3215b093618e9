//! Promise: any HTTP client that posts plain JSON to the gateway makes signed and encrypted calls, and
//! is told whether a call that failed may have been carried out.

use std::net::SocketAddr;

use konaplate_cli::gateway::{Gateway, Stop};
use konaplate_sandbox::{Fault, HtmlStatus, Sandbox, fixtures};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const RECHARGE: &str = "/api/v1/recharges/by-bank-accounts/no-hce";
const TOKEN: &str = "/api/v2/payment/generate/onetimetoken";
const CARD: &str = "9491339401250765";
const USER: u64 = 10_000_000_001;

struct Stage {
    sandbox: Sandbox,
    url: String,
    http: reqwest::Client,
    stop: Stop,
    served: JoinHandle<anyhow::Result<()>>,
}

struct Received {
    status: u16,
    content_type: String,
    id: String,
    allow: String,
    body: Value,
}

fn plain() -> reqwest::Client {
    let builder = reqwest::Client::builder();
    builder.no_proxy().build().unwrap()
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client();
        Self::with(sandbox, client)
    }

    fn with(sandbox: Sandbox, client: konaplate::Client) -> Self {
        let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::listen(address, client).unwrap();
        let url = format!("http://{}", gateway.address());
        let stop = gateway.stop();
        Self {
            sandbox,
            url,
            http: plain(),
            stop,
            served: tokio::spawn(gateway.serve()),
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Received {
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
            body: response.json().await.unwrap(),
        }
    }

    async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Received {
        let url = format!("{}{path}", self.url);
        self.send(self.http.post(url).body(body)).await
    }

    async fn recharge(&self, sequence_id: &str) -> Received {
        let token = self
            .post(TOKEN, json!({ "cardNo": CARD }).to_string())
            .await;
        let body = json!({
            "sequenceId": sequence_id, "userId": USER, "amount": 20_000,
            "oneTimeToken": token.body["oneTimeToken"], "dcvv": token.body["dcvv"],
            "merchantId": fixtures::MERCHANTS[0],
        });
        self.post(RECHARGE, body.to_string()).await
    }
}

#[track_caller]
fn is_problem(received: &Received, status: u16, kind: &str, delivery: &str) {
    assert_eq!(received.status, status, "{}", received.body);
    assert_eq!(received.content_type, "application/problem+json");
    assert_eq!(
        received.body["type"],
        format!("urn:konaplate:problem:{kind}")
    );
    assert_eq!(received.body["status"], status);
    assert_eq!(received.body["delivery"], delivery);
}

#[tokio::test]
async fn plain_json_becomes_a_signed_and_encrypted_call() {
    let stage = Stage::new().await;
    let token = stage
        .post(TOKEN, json!({ "cardNo": CARD }).to_string())
        .await;
    assert_eq!(token.status, 200, "{}", token.body);
    assert_eq!(token.content_type, "application/json");
    // Encrypted on the wire, plain here; the id is that of the call.
    assert_eq!(token.body["oneTimeToken"].as_str().unwrap().len(), 16);
    let seen = stage.sandbox.requests();
    assert_eq!(seen[0].correlation_id.unwrap().as_str(), token.id);
    let recharged = stage.recharge("BANK-1").await;
    assert_eq!(recharged.status, 200, "{}", recharged.body);
    assert_eq!(recharged.body["isPending"], false);
    assert_eq!(stage.sandbox.postings(), 1);
}

#[tokio::test]
async fn the_platforms_failures_come_as_it_wrote_them() {
    let stage = Stage::new().await;
    stage.recharge("BANK-1").await;
    let again = stage.recharge("BANK-1").await;
    assert_eq!(again.status, 400);
    assert_eq!(again.content_type, "application/json");
    assert_eq!(again.body["response"]["code"], "007_008");
    assert_eq!(again.id.len(), 20);
    assert_eq!(stage.sandbox.postings(), 1);
}

#[tokio::test]
async fn large_ids_arrive_as_they_were_written_or_not_at_all() {
    let stage = Stage::new().await;
    let largest = format!(r#"{{"userId":{},"new":"x"}}"#, u64::MAX);
    stage.post("/api/v1/user/info", largest).await;
    let seen = stage.sandbox.requests();
    assert_eq!(seen.last().unwrap().status, Some(400), "it arrived");
    for body in [
        r#"{"userId":99999999999999999999}"#,
        r#"{"amount":1e400}"#,
        r#"{"amount":0.12345678901234567890}"#,
    ] {
        let refused = stage.post("/api/v1/user/info", body).await;
        is_problem(&refused, 400, "json", "not-sent");
    }
    assert_eq!(stage.sandbox.requests().len(), seen.len());
}

#[tokio::test]
async fn what_is_no_call_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    for (body, kind) in [
        (&b""[..], "json"),
        (b"[]", "json"),
        (b"{\"a\":1", "json"),
        (b"{\"a\":\"\xB0\xA1\"}", "json"),
        (b"\xEF\xBB\xBF{}", "json"),
        (br#"{"encData":"a.b.c.d.e"}"#, "encrypted"),
    ] {
        let refused = stage.post(RECHARGE, body.to_vec()).await;
        is_problem(&refused, 400, kind, "not-sent");
    }
    let large = stage.post(RECHARGE, vec![b' '; 1024 * 1024 + 1]).await;
    is_problem(&large, 413, "body-size", "not-sent");
    let query = stage.post("/api/v1/user/info?a=1", "{}").await;
    is_problem(&query, 400, "query", "not-sent");
    let path = stage.post("/api/v1/user/%41", "{}").await;
    is_problem(&path, 400, "invalid-request", "not-sent");
    let url = format!("{}/api/v1/user/info", stage.url);
    let got = stage.send(stage.http.get(&url)).await;
    is_problem(&got, 405, "method", "not-sent");
    assert_eq!(got.allow, "POST");
    let root = stage.post("/", "{}").await;
    is_problem(&root, 404, "no-path", "not-sent");
    for host in ["example.com", "127.0.0.1.example.com", "10.0.0.1"] {
        let elsewhere = stage.http.post(&url).header("host", host).body("{}");
        is_problem(&stage.send(elsewhere).await, 421, "host", "not-sent");
    }
    assert!(stage.sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_failure_on_the_way_says_whether_the_call_may_have_been_carried_out() {
    let sandbox = Sandbox::start().await.unwrap();
    // Taken and given back: nobody listens there now.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let client = sandbox.client_builder().base_url(nowhere).build().unwrap();
    let stage = Stage::with(sandbox, client);
    let refused = stage.post("/api/v1/user/info", "{}").await;
    is_problem(&refused, 502, "no-connection", "not-sent");
    assert_eq!(refused.body["correlationId"], refused.id);

    let stage = Stage::new().await;
    let html = Fault::Html {
        status: HtmlStatus::BadGateway,
        carried_out: true,
    };
    for (fault, kind) in [
        (Fault::CloseBefore, "unexpected-response"),
        (Fault::CloseAfter, "unexpected-response"),
        (html, "unexpected-response"),
    ] {
        let token = stage
            .post(TOKEN, json!({ "cardNo": CARD }).to_string())
            .await;
        stage.sandbox.fault_next(fault).unwrap();
        let body = json!({
            "sequenceId": "BANK-1", "userId": USER, "amount": 20_000,
            "oneTimeToken": token.body["oneTimeToken"], "dcvv": token.body["dcvv"],
            "merchantId": fixtures::MERCHANTS[0],
        });
        let lost = stage.post(RECHARGE, body.to_string()).await;
        is_problem(&lost, 502, kind, "maybe-processed");
        assert_eq!(lost.body["correlationId"], lost.id);
        assert!(
            !lost
                .body
                .to_string()
                .contains(token.body["oneTimeToken"].as_str().unwrap())
        );
    }
}

#[tokio::test]
async fn it_ends_when_the_calls_under_way_have_ended() {
    let stage = Stage::new().await;
    let health = stage.http.get(format!("{}/healthz", stage.url));
    assert_eq!(health.send().await.unwrap().text().await.unwrap(), "ok\n");
    let recharged = stage.recharge("BANK-1").await;
    assert_eq!(recharged.status, 200);
    stage.stop.gracefully();
    // Its connection that is kept alive ends, too.
    stage.served.await.unwrap().unwrap();
}

#[test]
fn it_listens_on_this_machine_alone() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let client = konaplate::Client::builder()
            .base_url("http://127.0.0.1:1")
            .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, fixtures::SECRET_KEY)
            .build()
            .unwrap();
        let error = Gateway::listen(address, client).unwrap_err();
        assert!(error.to_string().starts_with("listen: "), "{error}");
    }
}
