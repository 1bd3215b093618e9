//! Promise: `konaplate journal` shows and settles what a journal has, and shows nothing of a body.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use konaplate::Client;
use konaplate_journal::Journal;
use konaplate_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use crate::support::{CARD, USER};

/// A sandbox, and a journal of calls of its project.
struct Stage {
    sandbox: Sandbox,
    client: Client,
    file: PathBuf,
    folder: tempfile::TempDir,
}

/// What a command printed.
struct Printed {
    code: i32,
    out: String,
    err: String,
}

impl Printed {
    #[track_caller]
    fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.db");
        let journal = Journal::sqlite(&file).await.unwrap();
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client_builder().journal(Arc::new(journal));
        Self {
            client: client.build().unwrap(),
            sandbox,
            file,
            folder,
        }
    }

    /// A recharge. Its correlation id.
    async fn recharge(&self, sequence_id: &str, fault: Option<Fault>) -> String {
        let token = self.sandbox.client();
        let token = token.issue_one_time_token().card_no(CARD).send();
        let token = token.await.unwrap();
        if let Some(fault) = fault {
            self.sandbox.fault_next(fault).unwrap();
        }
        let body = json!({
            "sequenceId": sequence_id, "userId": USER, "amount": 20_000,
            "oneTimeToken": token.one_time_token, "dcvv": token.dcvv,
            "merchantId": konaplate_sandbox::fixtures::MERCHANTS[0],
        });
        self.call("recharge_from_bank_account", body).await
    }

    async fn call(&self, operation: &str, body: Value) -> String {
        match self.client.raw(operation, body).send().await {
            Ok(response) => response.correlation_id().as_str().to_owned(),
            Err(error) => error.correlation_id().unwrap().as_str().to_owned(),
        }
    }

    fn journal(&self, arguments: &[&str]) -> Printed {
        run(self.command(&self.file), arguments)
    }

    /// The command, with the keys of the sandbox.
    fn command(&self, file: &Path) -> Command {
        let mut command = bare(self.folder.path());
        command
            .env("KONAPLATE_JOURNAL", file)
            .envs(self.sandbox.variables());
        command
    }
}

/// The command without keys, in an empty folder.
fn bare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
    command
        .current_dir(folder)
        .env("LC_ALL", "C")
        .arg("journal");
    command
}

fn run(mut command: Command, arguments: &[&str]) -> Printed {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let printed = Printed {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    };
    for secret in [CARD, &USER.to_string(), "20000", "s3cr3t"] {
        assert!(!printed.out.contains(secret), "{}", printed.out);
        assert!(!printed.err.contains(secret), "{}", printed.err);
    }
    printed
}

const RECOVER: &[&str] = &["recover", "--min-age", "0s"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_is_shown_and_recovered() {
    let stage = Stage::new().await;
    stage.recharge("DONE-1", None).await;
    let lost = stage.recharge("LOST-1", Some(Fault::CloseAfter)).await;

    let open = stage.journal(&["open"]).json(0);
    assert_eq!(open["entries"].as_array().unwrap().len(), 1);
    let entry = &open["entries"][0];
    assert_eq!(entry["correlationId"], lost);
    assert_eq!(entry["operation"], "recharge_from_bank_account");
    assert_eq!(entry["sequenceId"], "LOST-1");
    assert_eq!(
        (&entry["state"], &entry["source"]),
        (&json!("open"), &json!("call"))
    );
    assert!(entry["since"].as_str().unwrap().ends_with('Z'));
    let text = stage.journal(&["open", "--output", "text"]);
    assert!(
        text.out.contains(&lost) && text.out.contains("LOST-1"),
        "{}",
        text.out
    );
    assert!(!text.out.contains("DONE-1"), "{}", text.out);

    let backlog = stage.journal(&["backlog"]).json(0);
    assert_eq!(backlog[0]["waiting"]["open"]["count"], 1);
    assert_eq!(backlog[0]["waiting"]["open"]["byAge"]["<1m"], 1);
    let text = stage.journal(&["backlog", "--output", "text"]);
    assert!(text.out.contains("contradicted: 0"), "{}", text.out);

    // Too young by the default.
    let young = stage.journal(&["recover"]).json(4);
    assert_eq!(young["left"]["open"], 1);
    let recovered = stage.journal(RECOVER).json(0);
    assert_eq!(recovered["completed"][0]["correlationId"], lost);
    assert_eq!(recovered["completed"][0]["source"], "inquiry");
    assert_eq!(recovered["left"]["open"], 0);

    let said = stage.journal(&["history", &lost]).json(0);
    let said: Vec<_> = said[0]["said"].as_array().unwrap().iter().collect();
    let words: Vec<_> = said
        .iter()
        .map(|said| {
            (
                said["source"].as_str().unwrap(),
                said["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(words, [("call", "open"), ("inquiry", "completed")]);
    let text = stage.journal(&["history", &lost, "--output", "text"]);
    assert!(text.out.contains("inquiry"), "{}", text.out);
    let empty = stage.journal(&["open", "--output", "text"]);
    assert_eq!((empty.code, empty.out.as_str()), (0, "nothing is open\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_operation_tells_is_settled_by_hand() {
    let stage = Stage::new().await;
    let transfer = json!({"userId": USER, "fromCardNo": CARD, "toCardNo": CARD, "amount": 20_000});
    stage.sandbox.fault_next(Fault::CloseBefore).unwrap();
    let id = stage.call("transfer_balance", transfer).await;

    let recovered = stage.journal(RECOVER).json(4);
    assert_eq!(recovered["needsPerson"][0]["correlationId"], id);
    assert_eq!(recovered["left"]["needsPerson"], 1);
    // It is not due again, and still needs a person.
    assert_eq!(stage.journal(RECOVER).json(4)["needsPerson"], json!([]));
    let listed = stage.journal(&["contradictions"]).json(0);
    assert_eq!(listed["entries"][0]["state"], "needs_person");
    let hint = stage.journal(&["history", &id, "--output", "text", "--lang", "ko"]);
    assert!(hint.out.contains("KONA에"), "{}", hint.out);

    let word = ["settle", &id, "not-carried-out"];
    let unsaid = stage.journal(&word);
    assert_eq!(unsaid.code, 2, "{}", unsaid.err);
    assert!(unsaid.err.contains("--reason"), "{}", unsaid.err);
    let with = |reason: &'static str, more: &[&'static str]| {
        let arguments = [&word[..], &["--reason", reason], more].concat();
        stage.journal(&arguments)
    };
    let blank = with(" ", &["--yes"]);
    assert_eq!(blank.code, 2);
    assert!(blank.err.contains("reason: "), "{}", blank.err);
    let unasked = with("KONA says so", &[]);
    assert_eq!(unasked.code, 2);
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    assert_eq!(
        stage.journal(&["contradictions"]).json(0)["entries"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let settled = with("KONA says so", &["--yes"]).json(0);
    assert_eq!(
        (&settled["result"], &settled["state"]),
        (&json!("settled"), &json!("failed"))
    );
    assert_eq!(
        (&settled["source"], &settled["detail"]),
        (&json!("person"), &json!("KONA says so"))
    );
    let again = with("again", &["--yes", "--output", "text"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(again.out.contains("was not open"), "{}", again.out);
    let corrected = [
        "settle",
        &id,
        "carried-out",
        "--yes",
        "--reason",
        "a mistake",
    ];
    assert_eq!(stage.journal(&corrected).json(0)["result"], "corrected");
    assert_eq!(stage.journal(RECOVER).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_against_the_platforms_is_recorded_and_changes_nothing() {
    let stage = Stage::new().await;
    let id = stage.recharge("DONE-1", None).await;
    let word = [
        "settle",
        &id,
        "not-carried-out",
        "--yes",
        "--reason",
        "KONA, by phone",
    ];
    let denied = stage.journal(&word).json(4);
    assert_eq!(
        (&denied["result"], &denied["state"]),
        (&json!("contradicts"), &json!("completed"))
    );
    let text = stage.journal(&[&word[..], &["--output", "text"]].concat());
    assert!(
        text.out.contains("is proof: it stays completed"),
        "{}",
        text.out
    );

    let listed = stage.journal(&["contradictions"]).json(0);
    let said = listed["entries"][0]["said"].as_array().unwrap();
    assert_eq!(
        (&said[0]["source"], &said[1]["source"]),
        (&json!("call"), &json!("person"))
    );
    assert_eq!(said[1]["detail"], "KONA, by phone");
    let text = stage.journal(&["contradictions", "--output", "text"]);
    assert!(
        text.out.contains(&format!("{id} is contradicted:")),
        "{}",
        text.out
    );
    assert_eq!(stage.journal(RECOVER).json(4)["left"]["contradicted"], 1);

    let agreed = [
        "settle",
        &id,
        "carried-out",
        "--yes",
        "--reason",
        "looked again",
    ];
    assert_eq!(stage.journal(&agreed).json(0)["contradicted"], false);
    assert_eq!(
        stage.journal(&["contradictions"]).json(0)["entries"],
        json!([])
    );
    assert_eq!(stage.journal(RECOVER).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_show_every_project_and_go_on_where_they_ended() {
    let stage = Stage::new().await;
    for number in 0..3 {
        let lost = format!("LOST-{number}");
        stage.recharge(&lost, Some(Fault::CloseAfter)).await;
    }
    // Without any key.
    let of = |arguments: &[&str]| {
        let mut command = bare(stage.folder.path());
        command.env("KONAPLATE_JOURNAL", &stage.file);
        run(command, arguments).json(0)
    };
    let first = of(&["open", "--at-most", "2"]);
    assert_eq!(first["entries"][1]["sequenceId"], "LOST-1");
    let rest = of(&["open", "--after", first["next"].as_str().unwrap()]);
    assert_eq!(rest["entries"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&rest["entries"][0]["sequenceId"], &rest["next"]),
        (&json!("LOST-2"), &json!(null))
    );

    // Another project with the same journal recovers and settles its own calls.
    let other = Sandbox::start().await.unwrap();
    let others = |arguments: &[&str]| {
        let mut command = bare(stage.folder.path());
        command
            .env("KONAPLATE_JOURNAL", &stage.file)
            .envs(other.variables());
        run(command, arguments)
    };
    let left = others(RECOVER).json(0);
    assert_eq!(left["leftToOtherProjects"], 3);
    let id = rest["entries"][0]["correlationId"].as_str().unwrap();
    let refused = others(&["settle", id, "carried-out", "--yes", "--reason", "no"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("a call of another project"),
        "{}",
        refused.err
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_the_description_does_not_know_is_not_shown() {
    let stage = Stage::new().await;
    stage.sandbox.fault_next(Fault::CloseBefore).unwrap();
    let id = stage
        .call(&format!("/api/v9/{CARD}"), json!({"a": 1}))
        .await;
    assert_eq!(
        stage.journal(&["open"]).json(0)["entries"][0]["operation"],
        json!(null)
    );
    for arguments in [&["open"][..], &["history", &id]] {
        let text = stage.journal(&[arguments, &["--output", "text"]].concat());
        assert!(text.out.contains("does not know"), "{}", text.out);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_not_there_is_not_made() {
    let stage = Stage::new().await;
    let missing = stage.folder.path().join("jurnal.db");
    let printed = run(stage.command(&missing), &["open"]);
    assert_eq!(printed.code, 2);
    assert!(printed.err.contains("there is no file"), "{}", printed.err);
    assert!(!missing.exists());
    for url in [
        "postgres://user:s3cr3t@127.0.0.1:1/none",
        "mysql://user:s3cr3t@host/none",
    ] {
        let printed = run(stage.command(Path::new(url)), &["backlog"]);
        assert!(matches!(printed.code, 1 | 2), "{}", printed.err);
    }
    let unnamed = run(bare(stage.folder.path()), &["open"]);
    assert_eq!(unnamed.code, 2);
    assert!(unnamed.err.contains("KONAPLATE_JOURNAL"), "{}", unnamed.err);
    // Recovering and settling want the keys of a project.
    let mut keyless = bare(stage.folder.path());
    keyless.env("KONAPLATE_JOURNAL", &stage.file);
    let keyless = run(keyless, &["recover"]);
    assert_eq!(keyless.code, 2);
    assert!(
        keyless.err.contains("KONAPLATE_BASE_URL"),
        "{}",
        keyless.err
    );
}

#[test]
fn sessions_at_a_terminal() {
    trycmd::TestCases::new()
        .default_bin_name("konaplate")
        .env("LC_ALL", "C")
        .case("tests/sessions/journal/*.trycmd");
}
