//! Promise: nobody else than this machine is served but with TLS, or the word that something else
//! encrypts, and with a token; and only by a name of the gateway's own.

use std::path::PathBuf;

use konaplate_cli::gateway::{Gateway, Settings, Tls, Tokens};
use konaplate_sandbox::{Sandbox, fixtures};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;

use crate::support::{CARD, Served, Stage, TOKEN, is_problem, settings};

const SECRET: &str = "cGxhY2Vob2xkZXItb2YtYS10b2tlbi1mb3ItdGVzdHM";

/// A folder with a file of tokens, a certificate for `localhost` and its key.
struct Files {
    folder: tempfile::TempDir,
    certificate: reqwest::Certificate,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for (file, text) in [
            ("token", format!("{SECRET}\n")),
            ("cert.pem", cert.pem()),
            ("key.pem", signing_key.serialize_pem()),
        ] {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let certificate = reqwest::Certificate::from_pem(cert.pem().as_bytes()).unwrap();
        Self {
            folder,
            certificate,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tls(&self) -> Tls {
        Tls::read(&self.at("cert.pem"), &self.at("key.pem")).unwrap()
    }

    fn tokens(&self) -> Tokens {
        Tokens::read(&self.at("token")).unwrap()
    }
}

fn refusal(settings: Settings) -> String {
    let client = konaplate::Client::builder()
        .base_url("http://127.0.0.1:1")
        .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, fixtures::SECRET_KEY)
        .build()
        .unwrap();
    Gateway::listen(settings, client).unwrap_err().to_string()
}

#[test]
fn an_address_that_others_can_reach_needs_tls_and_a_token() {
    let files = Files::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let reachable = || Settings::new(address.parse().unwrap());
        assert!(refusal(reachable()).contains("--tls-cert"));
        let mut insecure = reachable();
        insecure.insecure = true;
        assert!(refusal(insecure).contains("--token-file"));
        let mut with_tls = reachable();
        with_tls.tls = Some(files.tls());
        assert!(refusal(with_tls).contains("--token-file"));
        let mut only_token = reachable();
        only_token.tokens = Some(files.tokens());
        assert!(refusal(only_token).contains("--tls-cert"));
    }
    let mut unnamed = Settings::new("0.0.0.0:0".parse().unwrap());
    unnamed.tls = Some(files.tls());
    unnamed.tokens = Some(files.tokens());
    assert!(refusal(unnamed).contains("--host"));
}

#[tokio::test]
async fn with_tls_and_a_token_it_serves_on_every_interface() {
    let files = Files::new();
    let mut everywhere = Settings::new("0.0.0.0:0".parse().unwrap());
    everywhere.tls = Some(files.tls());
    everywhere.tokens = Some(files.tokens());
    everywhere.hosts = vec!["gateway.internal".to_owned()];
    let mut stage = Stage::set_up(everywhere).await;
    let trusting = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([files.certificate.clone()]);
    stage.gateway.http = trusting.build().unwrap();
    stage.gateway.url = format!("https://localhost:{}", stage.gateway.address.port());

    let body = json!({ "cardNo": CARD }).to_string();
    let with = |authorization: String| {
        let request = stage.gateway.request(TOKEN, body.clone());
        stage
            .gateway
            .send(request.header("authorization", authorization))
    };
    assert_eq!(with(format!("Bearer {SECRET}")).await.status, 200);
    let none = stage.gateway.post(TOKEN, body.clone()).await;
    is_problem(&none, 401, "token", "not-sent");
    for other in [
        SECRET.to_owned(),
        format!("Basic {SECRET}"),
        format!("Bearer {SECRET}x"),
        format!("Bearer {}", &SECRET[1..]),
        "Bearer ".to_owned(),
    ] {
        is_problem(&with(other).await, 401, "token", "not-sent");
    }
    let twice = stage.gateway.request(TOKEN, body.clone());
    let twice = twice.header("authorization", format!("Bearer {SECRET}"));
    let twice = twice.header("authorization", format!("Bearer {SECRET}"));
    is_problem(&stage.gateway.send(twice).await, 401, "token", "not-sent");
    assert_eq!(stage.sandbox.requests().len(), 1);

    // Whoever looks after it has no token, and may use an address.
    let health = stage
        .gateway
        .http
        .get(format!("{}/healthz", stage.gateway.url));
    let health = health.header("host", "10.0.0.1").send().await.unwrap();
    assert_eq!(health.text().await.unwrap(), "ok\n");
    // Plain HTTP is no call.
    let plain = format!("http://127.0.0.1:{}/healthz", stage.gateway.address.port());
    assert!(reqwest::get(plain).await.is_err());
}

#[tokio::test]
async fn it_is_called_by_its_own_names_only() {
    let mut named = settings();
    named.hosts = vec!["gateway.internal".to_owned()];
    let stage = Stage::set_up(named).await;
    let call = |host: &str| {
        let request = stage
            .gateway
            .request(TOKEN, json!({ "cardNo": CARD }).to_string());
        stage.gateway.send(request.header("host", host))
    };
    for host in ["localhost", "127.0.0.1:1", "gateway.internal:443"] {
        assert_eq!(call(host).await.status, 200, "{host}");
    }
    for host in [
        "example.com",
        "127.0.0.1.example.com",
        "10.0.0.1",
        "internal",
    ] {
        is_problem(&call(host).await, 421, "host", "not-sent");
    }
}

#[tokio::test]
async fn metrics_are_shown_to_those_with_a_token() {
    let files = Files::new();
    let recorder = konaplate_cli::gateway::recorder().unwrap();
    let mut measured = settings();
    measured.tokens = Some(files.tokens());
    measured.metrics = Some(recorder.handle());
    let sandbox = Sandbox::start().await.unwrap();
    let gateway = Served::with(measured, sandbox.client());
    let url = format!("{}/metrics", gateway.url);
    let refused = gateway.send(gateway.http.get(&url)).await;
    is_problem(&refused, 401, "token", "not-sent");
    let shown = gateway
        .http
        .get(&url)
        .bearer_auth(SECRET)
        .send()
        .await
        .unwrap();
    assert_eq!(shown.status(), 200);
}
