//! Promise: `konaplate sandbox` listens where it is told, has everything that it was given before it
//! accepts a connection, and ends well at a signal.

use std::path::Path;
use std::process::{Command, Output};

use konaplate::protocol::MessageForm;
use konaplate::{Client, ClientBuilder, CorrelationId, TimeZone};
use konaplate_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::program::Program;
use crate::support::{CARD, plain};

/// The command, on a free port.
fn sandbox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
    command.args(["sandbox", "--listen", "127.0.0.1:0"]);
    command
}

/// What a shell makes of a file of variables.
fn builder_of(variables: &Path) -> ClientBuilder {
    let shell = Command::new("sh")
        .args(["-c", "set -a; . \"$1\"; env", "sh"])
        .arg(variables)
        .output()
        .unwrap();
    let environment = String::from_utf8(shell.stdout).unwrap();
    let get = |name: &str| {
        let mut lines = environment.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    };
    ClientBuilder::from_vars(get)
        .unwrap()
        .http(reqwest::Client::builder().no_proxy())
        .shows_sandbox_messages()
}

pub(crate) fn client_of(variables: &Path) -> Client {
    builder_of(variables).build().unwrap()
}

/// The control API's response.
async fn control(url: &str, path: &str) -> Value {
    let call = plain().get(format!("{url}/__sandbox/{path}"));
    call.send().await.unwrap().json().await.unwrap()
}

async fn issues_a_token(client: &Client) -> Result<(), konaplate::Error> {
    let response = client.issue_one_time_token().card_no(CARD).send().await?;
    assert_eq!(response.dcvv.expose().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_shell_reads_the_variables_and_a_client_works_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let mut program = Program::start(sandbox().arg("--env-file").arg(&file));
    let listening = program.address();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(&format!("KONAPLATE_BASE_URL={listening}\n")));
    issues_a_token(&client_of(&file)).await.unwrap();
}

#[tokio::test]
async fn without_a_file_the_variables_are_printed() {
    let mut program = Program::start(&mut sandbox());
    let lines = program.until_listening();
    let file = tempfile::NamedTempFile::new().unwrap();
    let variables = lines.iter().filter(|line| line.starts_with("KONAPLATE_"));
    let variables: Vec<_> = variables.map(String::as_str).collect();
    assert_eq!(variables.len(), 7);
    std::fs::write(file.path(), variables.join("\n")).unwrap();
    issues_a_token(&client_of(file.path())).await.unwrap();
}

/// The file is a pipe that takes nothing: the program waits where it writes it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_file_is_written_before_the_port_accepts() {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    /// `O_NONBLOCK` of Linux.
    const NONBLOCK: i32 = 0o4000;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let made = Command::new("mkfifo")
        .args(["-m", "644"])
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    let mut pipe = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(NONBLOCK)
        .open(&file)
        .unwrap();
    let filled = fill(|| pipe.write(&[b'\n'; 4096]));
    // Holds a port that nobody else gets, though the program may bind it, too: neither listens.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.set_reuseaddr(true).unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = held.local_addr().unwrap();

    let mut program = Program::start(
        Command::new(env!("CARGO_BIN_EXE_konaplate"))
            .args(["sandbox", "--listen", &address.to_string(), "--env-file"])
            .arg(&file),
    );
    // It makes the file its owner's alone before it writes.
    while std::fs::metadata(&file).unwrap().permissions().mode() & 0o777 != 0o600 {
        assert!(program.runs());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);

    pipe.read_exact(&mut vec![0; filled]).unwrap();
    assert_eq!(program.address(), format!("http://{address}"));
    TcpStream::connect(address).await.unwrap();
    let mut written = [0; 8192];
    let length = pipe.read(&mut written).unwrap();
    let text = std::str::from_utf8(&written[..length]).unwrap();
    assert_eq!(text.matches("KONAPLATE_").count(), 7, "{text}");
}

/// How many bytes were written until no more fit.
#[cfg(target_os = "linux")]
fn fill(mut write: impl FnMut() -> std::io::Result<usize>) -> usize {
    let mut all = 0;
    loop {
        match write() {
            Ok(written) => all += written,
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                return all;
            }
        }
    }
}

#[tokio::test]
async fn callbacks_go_where_the_program_sends_them_and_nowhere_else() {
    let to = |url: &'static str| {
        let mut command = sandbox();
        command.args(["--encrypt-callbacks", "--callbacks", url]);
        command
    };
    let mut program = Program::start(&mut to("http://127.0.0.1:9/kona"));
    let response = control(&program.address(), "callbacks").await;
    assert_eq!(response["url"], "http://127.0.0.1:9/kona");
    assert_eq!(response["encrypted"], true);

    let refused = to("http://192.0.2.1/kona").output().unwrap();
    let why = failed(&refused, 2);
    assert!(why.contains("callbacks must be on this machine"), "{why}");
}

/// What it says, once it failed with that code and never listened.
#[track_caller]
fn failed(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn the_message_form_is_what_tokens_have_to_sign() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    for (option, form, other) in [
        ("raw", MessageForm::RawBody, MessageForm::Base64Body),
        ("base64", MessageForm::Base64Body, MessageForm::RawBody),
    ] {
        let arguments = ["--message-form", option, "--env-file"];
        let mut program = Program::start(sandbox().args(arguments).arg(&file));
        program.address();
        let client = |form| builder_of(&file).message_form(form).build().unwrap();
        issues_a_token(&client(form)).await.unwrap();
        let refused = issues_a_token(&client(other)).await.unwrap_err();
        let code = refused.code().map(ToString::to_string);
        assert_eq!(code.as_deref(), Some("sandbox:tran-token"));
    }
}

#[tokio::test]
async fn it_starts_with_a_state_and_faults_and_a_reset_goes_back_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let recharge = json!({
        "userId": 10_000_000_001_u64, "par": "Q180BEA3B2F1BBD8410336D66A4", "amount": 5_000,
    });
    let made = Sandbox::start().await.unwrap();
    let client = made.client();
    let call = client.raw("recharge_by_system", recharge);
    call.send().await.unwrap();
    std::fs::write(file("state.json"), made.snapshot().to_json()).unwrap();
    let plan = "- fault: close-before\n- operation: get_member\n  fault: delay:1\n";
    std::fs::write(file("plan.yaml"), plan).unwrap();

    let mut program = Program::start(
        sandbox()
            .arg("--state")
            .arg(file("state.json"))
            .arg("--fault-plan")
            .arg(file("plan.yaml"))
            .arg("--data")
            .arg(file("sandbox.db"))
            .arg("--env-file")
            .arg(file("sandbox.env")),
    );
    let url = program.address();
    let faults =
        json!({"next": ["close-before"], "operations": {"get_member": "delay:1"}, "rate": null});
    let client = client_of(&file("sandbox.env"));
    for round in 0..2 {
        assert_eq!(control(&url, "faults").await, faults, "{round}");
        assert_eq!(postings(&control(&url, "ledger").await), 2, "{round}");
        issues_a_token(&client).await.unwrap_err();
        issues_a_token(&client).await.unwrap();
        let call = client.raw(
            "recharge_by_system",
            json!({
                "userId": 10_000_000_001_u64, "par": "Q180BEA3B2F1BBD8410336D66A4", "amount": 1_000,
            }),
        );
        call.send().await.unwrap();
        assert_eq!(postings(&control(&url, "ledger").await), 3, "{round}");
        let reset = plain()
            .post(format!("{url}/__sandbox/reset"))
            .json(&json!({}));
        assert_eq!(reset.send().await.unwrap().status(), 200);
    }
    assert!(program.ends());
    // The file of the state has it, too.
    let kept = Sandbox::builder()
        .data(file("sandbox.db"))
        .start()
        .await
        .unwrap();
    assert_eq!(kept.ledger(), made.ledger());
}

fn postings(ledger: &Value) -> usize {
    ledger["postings"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_port_that_is_taken_is_a_fault_of_the_machine_with_a_way_on() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_konaplate"))
        .args(["sandbox", "--listen", &address])
        .output()
        .unwrap();
    let why = failed(&output, 1);
    assert!(
        why.contains(&format!("cannot listen on {address}")),
        "{why}"
    );
    assert!(why.contains("--listen 127.0.0.1:0"), "{why}");
}

/// A connection, seen byte by byte.
struct Raw(TcpStream);

impl Raw {
    async fn connect(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap();
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Calls an operation without the sandbox's keys, with more headers.
    async fn call(&mut self, id: &CorrelationId, more: &str) {
        let request = format!(
            "POST /api/v1/user/info HTTP/1.1\r\nhost: localhost\r\nx-km-correlation-id: {id}\r\n\
             x-km-user-aspid: 1\r\n{more}content-length: 2\r\n\r\n{{}}"
        );
        self.send(&request).await;
    }

    /// Head and body of one response.
    async fn reply(&mut self) -> (String, Value) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        (head, serde_json::from_slice(&body).unwrap())
    }

    /// What comes until the other side closes.
    async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that is closed with something unread is reset.
        let _ = self.0.read_to_end(&mut bytes).await;
        bytes
    }
}

/// What such a call gets, whole.
#[track_caller]
fn is_refused(head: &str, body: &Value, id: &CorrelationId) {
    assert!(head.starts_with("http/1.1 401 "), "{head}");
    let header = format!("x-km-correlation-id: {id}\r\n").to_ascii_lowercase();
    assert!(head.contains(&header), "{head}");
    assert_eq!(body["sandbox"]["check"], "asp-id");
}

/// In a process of its own, so that each end has its own files: many systems give it 1,024.
#[tokio::test]
async fn where_there_is_no_room_the_connection_that_waited_longest_is_closed() {
    let mut program = Program::start(&mut sandbox());
    let url = program.address();
    let mut first = Raw::connect(&url).await;
    let mut more = Vec::new();
    for _ in 0..800 {
        more.push(Raw::connect(&url).await);
    }
    // The last one is served, and the first one is gone, without a response.
    let last = more.last_mut().unwrap();
    let id = CorrelationId::fresh(TimeZone::Kst);
    last.call(&id, "").await;
    let (head, body) = last.reply().await;
    is_refused(&head, &body, &id);
    assert_eq!(first.rest().await, b"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_well_at_a_signal_with_nothing_and_with_anything_open() {
    let folder = tempfile::tempdir().unwrap();
    let ended = async |program: Program| {
        let ended = tokio::task::spawn_blocking(move || program.ended());
        ended.await.unwrap().code()
    };
    for signal in ["TERM", "INT"] {
        let file = folder.path().join(format!("{signal}.db"));
        let start = || Program::start(sandbox().arg("--data").arg(&file));
        let mut program = start();
        program.address();
        program.signal(signal);
        assert_eq!(ended(program).await, Some(0), "{signal}");

        let mut program = start();
        let url = program.address();
        let mut idle = Raw::connect(&url).await;
        let mut half = Raw::connect(&url).await;
        half.send("POST / HTTP/1.1\r\n").await;
        // It is not the sandbox's client: what it gets is late, and whole.
        let mut called = Raw::connect(&url).await;
        let id = CorrelationId::fresh(TimeZone::Kst);
        called.call(&id, "x-sandbox-fault: delay:1500\r\n").await;
        let mut open = Raw::connect(&url).await;
        let is_there = async |open: &mut Raw| {
            let log = "GET /__sandbox/requests HTTP/1.1\r\nhost: localhost\r\n\r\n";
            open.send(log).await;
            let (_, log) = open.reply().await;
            !log["requests"].as_array().unwrap().is_empty()
        };
        while !is_there(&mut open).await {}
        program.signal(signal);
        let (head, body) = called.reply().await;
        is_refused(&head, &body, &id);
        assert_eq!(ended(program).await, Some(0), "{signal}");
        for raw in [&mut idle, &mut half, &mut open] {
            assert_eq!(raw.rest().await, b"");
        }
        // The file is whole and free.
        Sandbox::builder().data(&file).start().await.unwrap();
    }
}

#[tokio::test]
async fn once_it_ended_it_accepts_nobody() {
    let mut program = Program::start(&mut sandbox());
    let url = program.address();
    assert!(program.ends());
    let address = url.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[test]
fn sessions() {
    trycmd::TestCases::new()
        .default_bin_name("konaplate")
        .env("LANG", "C")
        .case("tests/sessions/sandbox/*.trycmd");
}
