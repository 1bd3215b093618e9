//! Promise: every example of `--help` works as it is printed, in a folder with the variables of a sandbox
//! and the files that the examples name.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use konaplate_sandbox::{Sandbox, fixtures};

const COMMANDS: [&str; 20] = [
    "",
    "sandbox",
    "gateway",
    "call",
    "operations",
    "show",
    "explain",
    "sign",
    "verify",
    "encrypt",
    "decrypt",
    "doctor",
    "journal",
    "journal open",
    "journal history",
    "journal contradictions",
    "journal backlog",
    "journal recover",
    "journal settle",
    "completions",
];

/// The call of the examples of `journal`.
const CALL: &str = "260315104512-5b76c99";

/// What is no example to run here, and why.
const LEFT_OUT: [(&str, &str); 9] = [
    (
        "konaplate sandbox",
        "serves: the tests of the program start it",
    ),
    (
        "konaplate gateway",
        "serves: the tests of the program start it",
    ),
    ("curl ", "another program"),
    ("*/5", "a line of a crontab"),
    ("export ", "the variable is set for all of them"),
    ("| jq ", "another program, which not every machine has"),
    ("KMV1:", "a token that the reader has"),
    ("--profile ", "a profile that the reader has"),
    (
        "--key-wrapping RSA-OAEP ",
        "a response that only an older platform sends",
    ),
];

/// How an example ends: a response that gets lost, and a call that was lost a moment ago and is not due, are
/// open; and there is no terminal to ask on.
fn expected(example: &str) -> i32 {
    let is_open = ["X-Sandbox-Fault: close-after", "konaplate journal recover"];
    if is_open.iter().any(|part| example.contains(part)) {
        4
    } else if example.contains("journal settle") && !example.contains("--yes") {
        2
    } else {
        0
    }
}

#[tokio::test]
async fn every_example_works_as_printed() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), &sandbox).await;
    let mut examples = BTreeSet::new();
    for command in COMMANDS {
        let help = run(folder.path(), &format!("konaplate {command} --help")).await;
        assert_eq!(help.code, 0, "{command}: {help:?}");
        examples.extend(of_help(&help.out));
    }
    let (mut ran, mut used) = (0, BTreeSet::new());
    for example in examples {
        let left_out = LEFT_OUT.iter().find(|(part, _)| example.contains(part));
        if let Some((part, _)) = left_out {
            used.insert(*part);
            continue;
        }
        if example.starts_with("konaplate journal") {
            lose_a_call(folder.path(), &sandbox).await;
        }
        if example.contains("sent.txt") {
            // Another example has encrypted the body anew.
            let sign = "konaplate sign --expose --output text sent.json > sent.txt";
            assert_eq!(run(folder.path(), sign).await.code, 0);
        }
        let ended = run(folder.path(), &example).await;
        assert_eq!(ended.code, expected(&example), "{example}\n{ended:?}");
        ran += 1;
    }
    assert!(ran > 40, "{ran}");
    assert_eq!(
        used.len(),
        LEFT_OUT.len(),
        "only these are left out: {used:?}"
    );
}

#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    #[expect(dead_code, reason = "shown where a test fails")]
    err: String,
}

/// Runs a line as a shell does, in the folder.
async fn run(folder: &Path, line: &str) -> Ended {
    let program = Path::new(env!("CARGO_BIN_EXE_konaplate"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(program.parent().unwrap().to_owned());
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(line)
        .current_dir(folder)
        .env("PATH", path)
        .env("LC_ALL", "C")
        .env("HOME", folder)
        .env("KONAPLATE_JOURNAL", "konaplate-journal.db")
        .env_remove("RUST_LOG");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The lines below "Examples", without what is said of them.
fn of_help(help: &str) -> Vec<String> {
    let mut lines = help
        .lines()
        .skip_while(|line| !line.starts_with("Examples"));
    lines.next();
    lines
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.split("  #").next().unwrap_or(line))
        .map(|line| line.split(" # ").next().unwrap_or(line))
        .map(|line| line.trim().trim_end_matches('&').trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// The files that the examples name.
async fn prepare(folder: &Path, sandbox: &Sandbox) {
    sandbox.write_variables(folder.join(".env")).unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text).unwrap();
    write("body.json", br#"{"userId":10000000001}"#);
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/keys");
    let key = |name: &str| std::fs::read(keys.join(name)).unwrap();
    write("client.pem", &key("client.spki.pem"));
    write("client.key", &key("client.pkcs8.pem"));
    write("client.cert.pem", &key("client.spki.pem"));
    for home in [
        ".local/share/bash-completion/completions",
        ".zfunc",
        ".config/fish/completions",
    ] {
        std::fs::create_dir_all(folder.join(home)).unwrap();
    }
    write(
        "response.json",
        br#"{"response":{"code":"000_000","description":"Success"},"userId":1}"#,
    );
    for line in [
        "konaplate encrypt --key-file client.pem response.json > encrypted && mv encrypted response.json",
        "konaplate encrypt body.json > sent.json",
        "konaplate sign --expose --output text body.json > request.txt",
    ] {
        let ended = run(folder, line).await;
        assert_eq!(ended.code, 0, "{line}\n{ended:?}");
    }
}

/// A recharge whose response is lost, so that the journal has something that is open.
async fn lose_a_call(folder: &Path, sandbox: &Sandbox) {
    let journal = folder.join("konaplate-journal.db");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file
            .to_string_lossy()
            .starts_with(&*journal.to_string_lossy())
        {
            std::fs::remove_file(file).unwrap();
        }
    }
    sandbox.reset();
    let call = format!(
        "konaplate call recharge_by_system par={} amount=1 \
         --correlation-id {CALL} --header 'X-Sandbox-Fault: close-after'",
        fixtures::CARDS[0].par
    );
    let ended = run(folder, &call).await;
    assert_eq!(ended.code, 4, "{ended:?}");
}
