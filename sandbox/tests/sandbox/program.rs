//! Promise: the program listens where it is told, and writes variables that a shell reads.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_shell_reads_the_variables_and_a_client_works_with_them() {
    let folder = std::env::temp_dir().join(format!("konaplate-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sandbox.env");
    let mut program = Program(
        Command::new(env!("CARGO_BIN_EXE_konaplate-sandbox"))
            .args(["--listen", "127.0.0.1:0", "--env-file"])
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let listening = lines
        .find_map(|line| {
            line.unwrap()
                .strip_prefix("listening on ")
                .map(str::to_owned)
        })
        .unwrap();

    // What a shell makes of the file.
    let shell = Command::new("sh")
        .args(["-c", "set -a; . \"$1\"; env", "sh"])
        .arg(&file)
        .output()
        .unwrap();
    let environment = String::from_utf8(shell.stdout).unwrap();
    let get = |name: &str| {
        environment.lines().find_map(|line| {
            line.strip_prefix(name)?
                .strip_prefix('=')
                .map(str::to_owned)
        })
    };
    assert_eq!(
        get("KONAPLATE_BASE_URL").as_deref(),
        Some(listening.as_str())
    );
    let client = konaplate::ClientBuilder::from_vars(get)
        .unwrap()
        .http(reqwest::Client::builder().no_proxy())
        .build()
        .unwrap();
    let response = client
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    assert_eq!(response.dcvv.expose().len(), 3);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn callbacks_go_where_the_program_sends_them_and_nowhere_else() {
    let start = |url: &str| {
        Command::new(env!("CARGO_BIN_EXE_konaplate-sandbox"))
            .args([
                "--listen",
                "127.0.0.1:0",
                "--encrypt-callbacks",
                "--callbacks",
                url,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut program = Program(start("http://127.0.0.1:9/kona"));
    let listening = BufReader::new(program.0.stdout.take().unwrap())
        .lines()
        .find_map(|line| {
            line.unwrap()
                .strip_prefix("listening on ")
                .map(str::to_owned)
        })
        .unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = http.get(format!("{listening}/__sandbox/callbacks")).send();
    let response = response.await.unwrap().text().await.unwrap();
    let response: serde_json::Value = serde_json::from_str(&response).unwrap();
    assert_eq!(response["url"], "http://127.0.0.1:9/kona");
    assert_eq!(response["encrypted"], true);

    let refused = start("http://192.0.2.1/kona").wait_with_output().unwrap();
    assert!(!refused.status.success());
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("must be on this machine"), "{why}");
}
