//! Promise: `sign`, `verify`, `encrypt` and `decrypt` are the protocol, name what differs from it in
//! English and Korean, and print no key.

mod decrypting;
mod korean;
mod sessions;
mod signing;
mod verifying;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const SECRET: &str = "konaplate-invented-secret-1";
const ACCESS_KEY: &str = "0a1b2c3-0123456789abcdef0123456789abcdef";
const ASP_ID: &str = "000170000000000";
const CRYPTO_KEY_ID: &str = "0123456789abcdef0123456789abcdef";

/// What a command did.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Ran {
    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The ids of what `verify` found.
    fn findings(&self) -> Vec<String> {
        let report = self.json();
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| finding["finding"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The program with the settings of a project, and a body at its standard input.
fn run(arguments: &[&str], body: &[u8]) -> Ran {
    run_with(&[], arguments, body)
}

/// Whatever is found is found in Korean, too.
fn run_with(variables: &[(&str, &str)], arguments: &[&str], body: &[u8]) -> Ran {
    let ran = run_once(variables, arguments, body);
    if ran.code == 2 && matches!(arguments, ["verify" | "decrypt", ..]) {
        let korean = [arguments, &["--lang", "ko"]].concat();
        korean::is_the_same(&ran, &run_once(variables, &korean, body));
    }
    ran
}

fn run_once(variables: &[(&str, &str)], arguments: &[&str], body: &[u8]) -> Ran {
    let mut child = command(variables)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it reads.
    let _ = child.stdin.take().unwrap().write_all(body);
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: output.stdout,
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KONAPLATE_") {
            command.env_remove(name);
        }
    }
    command
        .env("LANG", "C")
        .env_remove("LC_ALL")
        .env("KONAPLATE_SECRET_KEY", SECRET)
        .env("KONAPLATE_ACCESS_KEY", ACCESS_KEY)
        .env("KONAPLATE_ASP_ID", ASP_ID)
        .env("KONAPLATE_CRYPTO_KEY_ID", CRYPTO_KEY_ID)
        .env("KONAPLATE_SERVER_PUBLIC_KEY_FILE", key("server.spki.pem"))
        .env("KONAPLATE_CLIENT_PRIVATE_KEY_FILE", key("client.pkcs8.pem"))
        .envs(variables.iter().copied())
        // Where there is no .env file.
        .current_dir(conformance());
    command
}

fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/conformance")
}

fn key(name: &str) -> PathBuf {
    conformance().join("keys").join(name)
}

fn cases(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(conformance().join(file)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}
