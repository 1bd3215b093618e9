//! Promise: the program runs as the README says, and ends well at SIGTERM.
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};

const LISTENING: &str = "listening on ";

/// A program that ends with the test.
pub(crate) struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::logging(command, Stdio::null())
    }

    /// Starts it with its log there.
    fn logging(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Where it listens, by its own word.
    pub(crate) fn address(&mut self) -> String {
        let line = self.until_listening().pop().unwrap();
        line.strip_prefix(LISTENING).unwrap().to_owned()
    }

    /// What it prints until it says where it listens, which is the last of these lines.
    pub(crate) fn until_listening(&mut self) -> Vec<String> {
        let mut printed = Vec::new();
        while !printed
            .last()
            .is_some_and(|line: &String| line.starts_with(LISTENING))
        {
            printed.push(self.lines.next().expect("it ended").unwrap());
        }
        printed
    }

    /// Whether it ends well at SIGTERM.
    pub(crate) fn ends(self) -> bool {
        self.signal("TERM");
        self.ended().success()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let told = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(told.unwrap().success());
    }

    /// How it ended; waits for that.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, or the test has failed. SIGKILL on Unix: nothing of it runs any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_readmes_commands_make_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let konaplate = env!("CARGO_BIN_EXE_konaplate");
    let mut sandbox = Program::start(
        Command::new(konaplate)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--env-file"])
            .arg(&file),
    );
    let platform = sandbox.address();
    let variables = std::fs::read_to_string(&file).unwrap();
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let mut gateway = Program::start(
        Command::new(konaplate)
            .args([
                "gateway",
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                &platform,
            ])
            .envs(variables.filter(|(name, _)| *name != "KONAPLATE_BASE_URL")),
    );
    let url = format!("{}/api/v2/payment/generate/onetimetoken", gateway.address());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = http.post(url).json(&json!({"cardNo": "9491339401250765"}));
    let token: Value = call.send().await.unwrap().json().await.unwrap();
    assert_eq!(token["dcvv"].as_str().unwrap().len(), 3);
    drop(http);
    assert!(gateway.ends());
    assert!(sandbox.ends());
}

#[tokio::test]
async fn the_log_and_the_metrics_hold_nothing_of_a_body_a_header_or_an_unknown_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let (key, card) = ("c2VjcmV0LXRva2VuLW9mLWEtdGVzdC0xMjM0NQ", "9491339401250765");
    std::fs::write(folder.path().join("token"), key).unwrap();
    let mut gateway = Program::logging(
        Command::new(env!("CARGO_BIN_EXE_konaplate"))
            .args([
                "gateway",
                "--sandbox",
                "--listen",
                "127.0.0.1:0",
                "--token-file",
            ])
            .arg(folder.path().join("token"))
            .env("RUST_LOG", "debug"),
        std::fs::File::create(&file).unwrap(),
    );
    let url = gateway.address();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |path: &str, body: Value| {
        let call = http
            .post(format!("{url}{path}"))
            .bearer_auth(key)
            .json(&body);
        let response = call.send().await.unwrap();
        response.json::<Value>().await.unwrap()
    };
    let token = post(
        "/api/v2/payment/generate/onetimetoken",
        json!({ "cardNo": card }),
    )
    .await;
    let one_time = token["oneTimeToken"].as_str().unwrap().to_owned();
    let recharge = json!({
        "sequenceId": "BANK-1", "userId": 10_000_000_001_u64, "amount": 20_000,
        "oneTimeToken": one_time, "dcvv": token["dcvv"], "merchantId": "410195430033901",
    });
    for _ in 0..2 {
        post(
            "/api/v1/recharges/by-bank-accounts/no-hce",
            recharge.clone(),
        )
        .await;
    }
    let member = post("/api/v1/user/info", json!({"userId": 10_000_000_001_u64})).await;
    assert_eq!(member["response"]["code"], "000_000");
    post(&format!("/api/v9/{card}"), json!({ "cardNo": card })).await;
    post("/api/v1/user/info", json!({ card: card })).await;
    let metrics = http.get(format!("{url}/metrics")).bearer_auth(key);
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("konaplate_gateway_responses"));
    drop(http);
    assert!(gateway.ends());
    let seen = std::fs::read_to_string(&file).unwrap() + &metrics;
    assert!(seen.contains("recharge_from_bank_account"), "{seen}");
    for secret in [
        key,
        card,
        one_time.as_str(),
        "김코나",
        "01000000001",
        "sandbox-secret-key",
    ] {
        assert!(!seen.contains(secret), "{secret}: {seen}");
    }
}

#[tokio::test]
async fn a_journal_is_a_file_that_the_next_gateway_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let recharge = |token: &Value| {
        json!({
            "sequenceId": "BANK-1", "userId": 10_000_000_001_u64, "amount": 20_000,
            "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"],
            "merchantId": "410195430033901",
        })
    };
    // One platform for both gateways.
    let variables = folder.path().join("sandbox.env");
    let mut sandbox = Program::start(
        Command::new(env!("CARGO_BIN_EXE_konaplate"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--env-file"])
            .arg(&variables),
    );
    sandbox.address();
    let text = std::fs::read_to_string(&variables).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut deliveries = Vec::new();
    for _ in 0..2 {
        let variables = text.lines().filter_map(|line| line.split_once('='));
        let mut gateway = Program::start(
            Command::new(env!("CARGO_BIN_EXE_konaplate"))
                .args(["gateway", "--listen", "127.0.0.1:0", "--journal"])
                .arg(&file)
                .envs(variables),
        );
        let url = gateway.address();
        let token = format!("{url}/api/v2/payment/generate/onetimetoken");
        let token = http
            .post(token)
            .json(&json!({"cardNo": "9491339401250765"}));
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let call = format!("{url}/api/v1/recharges/by-bank-accounts/no-hce");
        let call = http.post(call).json(&recharge(&token));
        let response = call.send().await.unwrap();
        let delivery = response.headers().get("konaplate-delivery");
        deliveries.push(delivery.map(|word| word.to_str().unwrap().to_owned()));
        assert!(gateway.ends());
    }
    assert_eq!(deliveries, [None, Some("earlier-call".to_owned())]);
    assert!(sandbox.ends());
}
