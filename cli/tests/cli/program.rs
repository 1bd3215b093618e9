//! Promise: the program runs as the README says, and ends well at SIGTERM.
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A program that ends with the test.
pub(crate) struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Where it listens, by its own word.
    pub(crate) fn address(&mut self) -> String {
        let prefix = "listening on ";
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        let line = lines.find(|line| line.starts_with(prefix)).unwrap();
        line[prefix.len()..].to_owned()
    }

    /// Whether it ends well at SIGTERM.
    pub(crate) fn ends(mut self) -> bool {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        told.success() && self.child.wait().unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, or the test has failed.
        let _ = self.child.kill();
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
