//! Promise: `doctor` names what is wrong on this machine and on the way, and `doctor --platform` how a
//! platform does what is not certain; neither says a value of a key, an id or a person.

mod languages;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use konaplate::TimeZone;
use konaplate::protocol::{ContentEncryption, MessageForm, OaepHash};
use konaplate_sandbox::{
    Deviations, Fault, GatewayStatus, OnWrong, ResponseIds, Sandbox, UnknownFields,
    UnknownResponses, fixtures,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::USER;

/// What a run of the program left.
struct Run {
    exit: i32,
    stdout: String,
    /// All that it wrote, the report included.
    written: String,
    report: Option<String>,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.written))
    }

    /// What is settled, by the names of the findings; empty where it is not.
    fn settled(&self) -> BTreeMap<String, String> {
        let json = self.json();
        let findings = json["findings"]
            .as_array()
            .unwrap_or_else(|| panic!("{json:#}"));
        let pair = |finding: &Value| {
            let name = finding["name"].as_str().unwrap().to_owned();
            (
                name,
                finding["settled"].as_str().unwrap_or_default().to_owned(),
            )
        };
        findings.iter().map(pair).collect()
    }

    /// The verdict of a check.
    #[track_caller]
    fn verdict(&self, subject: &str) -> String {
        let json = self.json();
        let checks = json["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == subject);
        let check = check.unwrap_or_else(|| panic!("{subject}: {json:#}"));
        check["verdict"].as_str().unwrap().to_owned()
    }
}

fn variables(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let variables = sandbox.variables();
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Runs `konaplate doctor` in a folder of its own.
async fn doctor(variables: &BTreeMap<String, String>, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), variables, arguments);
    // The sandbox runs in this thread.
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    run(&folder, &output)
}

fn command(folder: &Path, variables: &BTreeMap<String, String>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KONAPLATE_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("LC_ALL", "C")
        .envs(variables)
        .arg("doctor")
        .args(arguments);
    if !arguments.contains(&"--output") {
        command.args(["--output", "json"]);
    }
    command
}

fn run(folder: &TempDir, output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let report = std::fs::read_to_string(folder.path().join("konaplate-doctor.md")).ok();
    let stdout = text(&output.stdout);
    let written = format!(
        "{stdout}{}{}",
        text(&output.stderr),
        report.as_deref().unwrap_or_default()
    );
    Run {
        exit: output.status.code().unwrap(),
        stdout,
        written,
        report,
    }
}

/// What `doctor --platform` says of a sandbox that differs so.
async fn platform(form: MessageForm, deviations: Deviations, arguments: &[&str]) -> Run {
    let sandbox = Sandbox::builder()
        .message_form(form)
        .deviations(deviations)
        .start()
        .await
        .unwrap();
    let mut all = vec!["--platform"];
    all.extend(arguments);
    let run = doctor(&variables(&sandbox), &all).await;
    holds_no_value(&run.written);
    assert!(sandbox.requests().len() <= 41, "40, and one for the clock");
    assert_eq!(sandbox.postings(), 0);
    run
}

async fn settled(deviations: Deviations) -> BTreeMap<String, String> {
    let run = platform(MessageForm::RawBody, deviations, &[]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    run.settled()
}

/// Nothing of the sandbox's keys, members and cards is in it.
#[track_caller]
fn holds_no_value(text: &str) {
    let keys = [
        fixtures::ASP_ID,
        fixtures::ACCESS_KEY,
        fixtures::SECRET_KEY,
        fixtures::CRYPTO_KEY_ID,
        "MIIBIjAN",
        "MIIEv",
        "BEGIN",
        "nobody.invalid",
        "127.0.0.1",
    ];
    for value in keys {
        assert!(!text.contains(value), "{value}: {text}");
    }
    for member in fixtures::MEMBERS {
        let id = member.user_id.to_string();
        for value in [member.name, member.phone, member.birth_date, &id] {
            assert!(!text.contains(value), "{value}: {text}");
        }
        if let Some((_, account, _)) = member.bank {
            assert!(!text.contains(account), "{account}: {text}");
        }
    }
    for card in fixtures::CARDS {
        for value in [card.card_no, card.par] {
            assert!(!text.contains(value), "{value}: {text}");
        }
    }
    for value in fixtures::MERCHANTS {
        assert!(!text.contains(value), "{value}: {text}");
    }
}

/// What is said of the usual sandbox.
const USUAL: [(&str, &str); 16] = [
    ("message-form", "the body's bytes"),
    ("wrong-token", "status 401, code sandbox:tran-token"),
    (
        "request-oaep-hash",
        "RSA-OAEP-256 is accepted, RSA-OAEP is refused",
    ),
    ("request-content", "A128GCM and A256GCM are accepted"),
    ("response-oaep-hash", "RSA-OAEP-256"),
    ("response-content", "A128GCM"),
    ("time-zone", "KST and UTC are accepted"),
    ("clock-behind", "240 s are accepted, 450 s are refused"),
    ("clock-ahead", "240 s are accepted, 450 s are refused"),
    ("wrong-access-key", "status 401, code sandbox:access-key"),
    ("unknown-field", "nothing: the request is accepted with it"),
    ("response-id", "every response has the request's"),
    (
        "unknown-encryption",
        "check_registration_id: encrypted, list_terms: plain",
    ),
    ("token-length", "67 characters"),
    ("decryption-key", "the client's"),
    ("failure-status", "400, 401"),
];

/// The usual, but for these.
#[track_caller]
fn differs(settled: &BTreeMap<String, String>, differences: &[(&str, &str)]) {
    let mut expected = BTreeMap::from(USUAL);
    expected.extend(differences.iter().copied());
    let settled: BTreeMap<_, _> = settled
        .iter()
        .map(|(name, what)| (name.as_str(), what.as_str()))
        .collect();
    assert_eq!(settled, expected);
}

#[tokio::test]
async fn the_usual_sandbox_is_named_and_the_report_says_what_goes_into_settings_and_readme() {
    let run = platform(MessageForm::RawBody, Deviations::default(), &[]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    differs(&run.settled(), &[]);
    let report = run.report.unwrap();
    for line in [
        ".message_form(MessageForm::RawBody)",
        ".time_zone(TimeZone::Kst)",
        ".key_wrapping(KeyWrapping::RsaOaep256)",
        "what the token signs: the body's bytes",
        "x-km-tran-token: KMV1:<17 digits>:<44 characters>",
        "x-km-access-key: <40 characters>",
        "encrypted: RSA-OAEP-256, A128GCM, decrypted",
        "\"termsList\": [",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    // The points of the README, in its words.
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, lines) = report.split_once("that it settles\n").unwrap();
    let (lines, _) = lines.split_once("\n## ").unwrap();
    let points = lines.lines().filter(|line| line.starts_with("| "));
    let points: Vec<_> = points.skip(1).collect();
    assert_eq!(points.len(), 8, "{lines}");
    for line in points {
        let point = line.split(" | ").next().unwrap();
        assert!(readme.contains(&format!("\n{point} | ")), "{point}");
    }
}

#[tokio::test]
async fn a_named_member_is_asked_about_and_nothing_of_them_is_written() {
    let user = USER.to_string();
    let arguments = ["--user-id", &user, "--sequence-id", "BANK-1"];
    let run = platform(MessageForm::RawBody, Deviations::default(), &arguments).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    let readiness = "get_auto_recharge_readiness: plain, list_terms: plain";
    differs(&run.settled(), &[("unknown-encryption", readiness)]);
    let report = run.report.unwrap();
    assert!(report.contains("\"userName\": \"string\""), "{report}");
    assert!(!report.contains("BANK-1"), "{report}");
}

#[tokio::test]
async fn a_token_over_base64_text_is_named() {
    let run = platform(MessageForm::Base64Body, Deviations::default(), &[]).await;
    differs(
        &run.settled(),
        &[("message-form", "the base64 text of the body")],
    );
    let report = run.report.unwrap();
    assert!(report.contains(".message_form(MessageForm::Base64Body)"));
}

#[tokio::test]
async fn the_only_zone_is_named() {
    for (zone, what) in [
        (TimeZone::Kst, "KST is accepted, UTC is refused"),
        (TimeZone::Utc, "UTC is accepted, KST is refused"),
    ] {
        let deviations = Deviations {
            time_zone: Some(zone),
            ..Deviations::default()
        };
        differs(&settled(deviations).await, &[("time-zone", what)]);
    }
}

#[tokio::test]
async fn sha_1_is_named_in_either_direction() {
    let requests = Deviations {
        request_hashes: vec![OaepHash::Sha1],
        ..Deviations::default()
    };
    let what = "RSA-OAEP is accepted, RSA-OAEP-256 is refused";
    differs(&settled(requests).await, &[("request-oaep-hash", what)]);
    let both = Deviations {
        request_hashes: vec![OaepHash::Sha1, OaepHash::Sha256],
        response_hash: OaepHash::Sha1,
        ..Deviations::default()
    };
    let run = platform(MessageForm::RawBody, both, &[]).await;
    let differences = [
        (
            "request-oaep-hash",
            "RSA-OAEP-256 and RSA-OAEP are accepted",
        ),
        ("response-oaep-hash", "RSA-OAEP"),
    ];
    differs(&run.settled(), &differences);
    let report = run.report.unwrap();
    assert!(report.contains(".key_wrapping(KeyWrapping::RsaOaep256OrSha1)"));
}

#[tokio::test]
async fn the_content_encryption_is_named_in_either_direction() {
    let deviations = Deviations {
        request_contents: vec![ContentEncryption::A256Gcm],
        response_content: ContentEncryption::A256Gcm,
        ..Deviations::default()
    };
    let differences = [
        ("request-content", "A256GCM is accepted, A128GCM is refused"),
        ("response-content", "A256GCM"),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn the_tolerance_is_named_on_either_side() {
    let deviations = Deviations {
        behind: Duration::from_secs(30),
        ahead: Duration::from_secs(600),
        ..Deviations::default()
    };
    let differences = [
        ("clock-behind", "20 s are accepted, 45 s are refused"),
        ("clock-ahead", "450 s are accepted, 1200 s are refused"),
    ];
    differs(&settled(deviations).await, &differences);
    let deviations = Deviations {
        behind: Duration::MAX,
        ahead: Duration::from_secs(7200),
        ..Deviations::default()
    };
    let differences = [
        (
            "clock-behind",
            "a day or more: the time is not looked at, or hardly",
        ),
        ("clock-ahead", "5400 s are accepted, 86400 s are refused"),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn what_a_wrong_token_and_a_wrong_key_get_is_named() {
    let deviations = Deviations {
        wrong_token: OnWrong::Respond {
            status: 403,
            code: None,
        },
        wrong_access_key: OnWrong::Respond {
            status: 400,
            code: Some("000_002".to_owned()),
        },
        ..Deviations::default()
    };
    let differences = [
        ("wrong-token", "status 403, JSON without a code"),
        ("wrong-access-key", "status 400, code 000_002"),
        ("failure-status", "400, 403"),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn where_tokens_are_not_verified_the_message_form_is_not_guessed() {
    let deviations = Deviations {
        wrong_token: OnWrong::Accept,
        wrong_access_key: OnWrong::Accept,
        ..Deviations::default()
    };
    let differences = [
        ("message-form", ""),
        ("wrong-token", "success: it is not looked at"),
        ("token-length", ""),
        ("wrong-access-key", "success: it is not looked at"),
        ("failure-status", "400"),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn where_a_wrong_token_gets_a_fault_of_the_server_the_message_form_is_not_guessed() {
    let deviations = Deviations {
        wrong_token: OnWrong::Respond {
            status: 500,
            code: Some("006_022".to_owned()),
        },
        ..Deviations::default()
    };
    let differences = [
        ("message-form", ""),
        ("token-length", ""),
        ("wrong-token", "status 500, code 006_022"),
        ("failure-status", "400, 401, 500"),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn what_an_unknown_field_gets_is_named() {
    for (unknown_fields, what) in [
        (UnknownFields::Refused, "status 400, code sandbox:schema"),
        (
            UnknownFields::Ignored,
            "nothing: the request is accepted with it",
        ),
    ] {
        let deviations = Deviations {
            unknown_fields,
            ..Deviations::default()
        };
        differs(&settled(deviations).await, &[("unknown-field", what)]);
    }
}

#[tokio::test]
async fn ids_and_encryption_of_responses_are_named() {
    let deviations = Deviations {
        response_ids: ResponseIds::Missing,
        unknown_responses: UnknownResponses::Encrypted,
        ..Deviations::default()
    };
    let differences = [
        ("response-id", "every response has none"),
        (
            "unknown-encryption",
            "check_registration_id: encrypted, list_terms: encrypted",
        ),
    ];
    differs(&settled(deviations).await, &differences);
    let deviations = Deviations {
        response_ids: ResponseIds::Other,
        unknown_responses: UnknownResponses::Plain,
        ..Deviations::default()
    };
    let differences = [
        ("response-id", "every response has another one"),
        ("response-oaep-hash", ""),
        ("response-content", ""),
        ("decryption-key", ""),
        (
            "unknown-encryption",
            "check_registration_id: plain, list_terms: plain",
        ),
    ];
    differs(&settled(deviations).await, &differences);
}

#[tokio::test]
async fn a_platform_that_differs_in_everything_is_named() {
    let deviations = Deviations {
        time_zone: Some(TimeZone::Utc),
        behind: Duration::from_secs(60),
        ahead: Duration::from_secs(60),
        request_hashes: vec![OaepHash::Sha1],
        request_contents: vec![ContentEncryption::A256Gcm],
        response_hash: OaepHash::Sha1,
        response_content: ContentEncryption::A256Gcm,
        unknown_responses: UnknownResponses::Encrypted,
        wrong_token: OnWrong::Respond {
            status: 401,
            code: Some("000_099".to_owned()),
        },
        wrong_access_key: OnWrong::Respond {
            status: 403,
            code: None,
        },
        unknown_fields: UnknownFields::Refused,
        response_ids: ResponseIds::Other,
    };
    let run = platform(MessageForm::Base64Body, deviations, &[]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    let differences = [
        ("message-form", "the base64 text of the body"),
        ("wrong-token", "status 401, code 000_099"),
        (
            "request-oaep-hash",
            "RSA-OAEP is accepted, RSA-OAEP-256 is refused",
        ),
        ("request-content", "A256GCM is accepted, A128GCM is refused"),
        ("response-oaep-hash", "RSA-OAEP"),
        ("response-content", "A256GCM"),
        ("time-zone", "UTC is accepted, KST is refused"),
        ("clock-behind", "45 s are accepted, 90 s are refused"),
        ("clock-ahead", "45 s are accepted, 90 s are refused"),
        ("wrong-access-key", "status 403, JSON without a code"),
        ("failure-status", "400, 401, 403"),
        ("unknown-field", "status 400, code sandbox:schema"),
        ("response-id", "every response has another one"),
        (
            "unknown-encryption",
            "check_registration_id: encrypted, list_terms: encrypted",
        ),
    ];
    differs(&run.settled(), &differences);
}

#[tokio::test]
async fn nothing_is_sent_after_a_sign_of_trouble() {
    let sandbox = Sandbox::start().await.unwrap();
    let limit = Fault::Gateway {
        status: GatewayStatus::TooManyRequests,
        carried_out: false,
    };
    sandbox
        .fault_operation("check_registration_id", limit)
        .unwrap();
    let run = doctor(&variables(&sandbox), &["--platform"]).await;
    assert_eq!(run.exit, 3, "{}", run.written);
    let json = run.json();
    assert_eq!(json["calls"], 2, "{json:#}");
    assert_eq!(
        json["stopped"],
        "the platform asks for a pause (status 429)"
    );
    let settled = run.settled();
    assert_eq!(settled["message-form"], "");
    assert_eq!(settled["request-oaep-hash"], "");
    assert_eq!(settled["clock-behind"], "");
    let log = sandbox.requests();
    let calls = log.iter().filter(|request| request.operation.is_some());
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
async fn a_key_that_is_not_the_projects_settles_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut variables = variables(&sandbox);
    variables.insert("KONAPLATE_SECRET_KEY".to_owned(), "another".to_owned());
    let run = doctor(&variables, &["--platform"]).await;
    assert_eq!(run.exit, 3, "{}", run.written);
    let settled = run.settled();
    let open = settled.iter().filter(|(_, what)| !what.is_empty());
    let open: Vec<_> = open.map(|(name, _)| name.as_str()).collect();
    assert_eq!(open, ["failure-status", "response-id"], "{settled:?}");
    assert_eq!(run.json()["calls"], 4);
}

#[tokio::test]
async fn good_settings_before_a_platform_are_good() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = doctor(&variables(&sandbox), &[]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    holds_no_value(&run.written);
    for subject in [
        "KONAPLATE_SECRET_KEY",
        "KONAPLATE_CRYPTO_KEY_ID",
        "KONAPLATE_SERVER_PUBLIC_KEY and KONAPLATE_CLIENT_PRIVATE_KEY",
        "URL",
        "TCP",
        "HTTP",
        "clock",
    ] {
        assert_eq!(run.verdict(subject), "ok", "{subject}");
    }
}

#[tokio::test]
async fn keys_of_the_wrong_side_are_named() {
    const PUBLIC: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
    const PRIVATE: &str = "KONAPLATE_CLIENT_PRIVATE_KEY";
    let sandbox = Sandbox::start().await.unwrap();
    let good = variables(&sandbox);

    let mut swapped = good.clone();
    swapped.insert(PUBLIC.to_owned(), good[PRIVATE].clone());
    swapped.insert(PRIVATE.to_owned(), good[PUBLIC].clone());
    let run = doctor(&swapped, &[]).await;
    assert_eq!(run.exit, 2);
    assert!(run.written.contains("they are swapped"), "{}", run.written);
    holds_no_value(&run.written);

    // Both of one pair: the client's public half stands where the platform's belongs.
    let folder = tempfile::tempdir().unwrap();
    let half = folder.path().join("public.pem");
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../sandbox/keys");
    let own = std::fs::read_to_string(Path::new(keys).join("client.spki.pem")).unwrap();
    std::fs::write(&half, &own).unwrap();
    let mut same = good.clone();
    same.insert(PUBLIC.to_owned(), own);
    let run = doctor(&same, &[]).await;
    assert_eq!(run.exit, 2);
    let subject = format!("{PUBLIC} and {PRIVATE}");
    assert_eq!(run.verdict(&subject), "wrong");

    let half = half.to_str().unwrap();
    let run = doctor(&good, &["--client-public", half]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    let subject = format!("{PRIVATE} and --client-public");
    assert_eq!(run.verdict(&subject), "ok");
    let server = Path::new(keys).join("server.spki.pem");
    let run = doctor(&good, &["--client-public", server.to_str().unwrap()]).await;
    assert_eq!(run.exit, 2);
    assert_eq!(run.verdict(&subject), "wrong");
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_file_that_others_can_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::start().await.unwrap();
    let mut variables = variables(&sandbox);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let secret = variables.remove("KONAPLATE_SECRET_KEY").unwrap();
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    variables.insert(
        "KONAPLATE_SECRET_KEY_FILE".to_owned(),
        file.to_str().unwrap().to_owned(),
    );
    for (mode, verdict) in [(0o644, "warning"), (0o600, "ok")] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let run = doctor(&variables, &[]).await;
        assert_eq!(run.exit, 0, "{}", run.written);
        assert_eq!(run.verdict("KONAPLATE_SECRET_KEY"), verdict);
    }
    std::fs::remove_file(&file).unwrap();
    let run = doctor(&variables, &[]).await;
    assert_eq!(run.exit, 2);
    assert_eq!(run.verdict("KONAPLATE_SECRET_KEY"), "wrong");
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_is_exit_5() {
    let sandbox = Sandbox::start().await.unwrap();
    let variables = variables(&sandbox);
    sandbox.stop().await;
    for arguments in [&[][..], &["--platform"]] {
        let run = doctor(&variables, arguments).await;
        assert_eq!(run.exit, 5, "{}", run.written);
        assert_eq!(run.verdict("TCP"), "wrong");
        assert!(run.report.is_none());
    }
}

#[tokio::test]
async fn calls_to_another_machine_need_a_confirmation() {
    let sandbox = Sandbox::builder()
        .listen("0.0.0.0:0".parse().unwrap())
        .start()
        .await
        .unwrap();
    // An address of this machine that is not the loopback interface's.
    let address = format!("http://0.0.0.0:{}", sandbox.address().port());
    let mut variables = variables(&sandbox);
    variables.insert("KONAPLATE_BASE_URL".to_owned(), address);
    variables.insert("KONAPLATE_ALLOW_PLAIN_HTTP".to_owned(), "true".to_owned());
    let run = doctor(&variables, &["--platform"]).await;
    assert_eq!(run.exit, 2, "{}", run.written);
    assert!(run.written.contains("--yes"), "{}", run.written);
    let log = sandbox.requests();
    assert!(log.iter().all(|request| request.operation.is_none()));
    let run = doctor(&variables, &["--platform", "--yes"]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
}

#[test]
fn sessions_are_as_recorded() {
    let cases = trycmd::TestCases::new();
    cases
        .default_bin_name("konaplate")
        .env("LANG", "C")
        .env("LC_ALL", "C")
        .case("tests/sessions/doctor/*.trycmd");
}
