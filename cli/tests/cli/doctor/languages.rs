//! Promise: `doctor` says the same in Korean as in English. Each check has its verdict, a finding and what
//! to do in the language that was asked for; subjects, verdicts and exit codes are for programs, and stay.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::Value;

use super::{Run, doctor, holds_no_value, variables};

const URL: &str = "KONAPLATE_BASE_URL";
const PUBLIC: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
const PRIVATE: &str = "KONAPLATE_CLIENT_PRIVATE_KEY";

type Variables = BTreeMap<String, String>;

fn is_korean(text: &str) -> bool {
    let is_hangul = |char| ('가'..='힣').contains(&char);
    text.chars().any(is_hangul)
}

/// Runs it in both languages, and compares them. Gives what was said in Korean.
async fn in_both(variables: &Variables, arguments: &[&str]) -> Run {
    let english = doctor(variables, &[arguments, &["--lang", "en"]].concat()).await;
    let korean = doctor(variables, &[arguments, &["--lang", "ko"]].concat()).await;
    assert_eq!(english.exit, korean.exit, "{}", korean.written);
    holds_no_value(&korean.written);
    let (english, said) = (checks(&english), checks(&korean));
    assert_eq!(english.len(), said.len(), "{english:#?}{said:#?}");
    for (english, korean) in english.iter().zip(&said) {
        assert_eq!(english["check"], korean["check"]);
        assert_eq!(english["verdict"], korean["verdict"], "{korean:#}");
        for member in ["finding", "next"] {
            match (&english[member], &korean[member]) {
                (Value::Null, Value::Null) if member == "next" => {}
                (Value::String(english), Value::String(korean)) => {
                    assert!(!is_korean(english), "{english}");
                    assert!(is_korean(korean), "{korean}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    korean
}

fn checks(run: &Run) -> Vec<Value> {
    run.json()["checks"].as_array().unwrap().clone()
}

/// What is found about a subject.
#[track_caller]
fn finding(run: &Run, subject: &str) -> String {
    let checks = checks(run);
    let check = checks.iter().find(|check| check["check"] == subject);
    let check = check.unwrap_or_else(|| panic!("{subject}: {checks:#?}"));
    check["finding"].as_str().unwrap().to_owned()
}

/// The variables with one that is another, or is not set.
fn with(variables: &Variables, name: &str, value: impl Into<String>) -> Variables {
    let mut variables = variables.clone();
    variables.insert(name.to_owned(), value.into());
    variables
}

#[tokio::test]
async fn good_settings() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = in_both(&variables(&sandbox), &[]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    for (subject, said) in [
        ("KONAPLATE_ASP_ID", "환경 변수에서 가져온 값입니다."),
        (
            PUBLIC,
            "환경 변수에서 가져온 값입니다. 2048비트 공개 키입니다.",
        ),
        (
            PRIVATE,
            "환경 변수에서 가져온 값입니다. 2048비트 개인 키입니다.",
        ),
        ("HTTP", "상태가 404인 응답이 있습니다."),
    ] {
        assert_eq!(finding(&run, subject), said);
    }
}

#[tokio::test]
async fn settings_that_are_missing_or_wrong() {
    let run = in_both(&Variables::new(), &[]).await;
    assert_eq!(run.exit, 2, "{}", run.written);
    let sandbox = Sandbox::start().await.unwrap();
    let good = variables(&sandbox);
    for (name, value) in [
        ("KONAPLATE_ASP_ID", "00017"),
        ("KONAPLATE_ACCESS_KEY", "short"),
        ("KONAPLATE_CRYPTO_KEY_ID", "0123"),
        ("KONAPLATE_SECRET_KEY_FILE", "set-twice"),
        ("KONAPLATE_FORMER_ACCESS_KEY", "short"),
        (PUBLIC, "nokey"),
        (PRIVATE, ""),
        (URL, "nothing"),
        (URL, "ftp://nobody.invalid"),
        (URL, "https://nobody.invalid/?a=b"),
        (URL, "http://nobody.invalid"),
    ] {
        let run = in_both(&with(&good, name, value), &[]).await;
        assert_eq!(run.exit, 2, "{name}={value}: {}", run.written);
        assert!(!run.written.contains("nokey"), "{}", run.written);
    }
    // What the client says stands inside of the sentence, as it is.
    let run = in_both(&with(&good, "KONAPLATE_ASP_ID", "00017"), &[]).await;
    assert_eq!(
        finding(&run, "KONAPLATE_ASP_ID"),
        "환경 변수에서 가져온 값입니다. 설정이 올바르지 않습니다: must have exactly 15 characters, and has 5"
    );
}

#[tokio::test]
async fn keys_of_the_wrong_side() {
    let sandbox = Sandbox::start().await.unwrap();
    let good = variables(&sandbox);
    let swapped = with(&with(&good, PUBLIC, &good[PRIVATE]), PRIVATE, &good[PUBLIC]);
    assert_eq!(in_both(&swapped, &[]).await.exit, 2);
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/keys");
    let client = keys.join("client.spki.pem");
    let own = std::fs::read_to_string(&client).unwrap();
    assert_eq!(in_both(&with(&good, PUBLIC, own), &[]).await.exit, 2);
    let no_key = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    for (file, exit) in [
        (client, 0),
        (keys.join("server.spki.pem"), 2),
        (keys.join("nothing.pem"), 2),
        (no_key, 2),
    ] {
        let run = in_both(&good, &["--client-public", file.to_str().unwrap()]).await;
        assert_eq!(run.exit, exit, "{}", run.written);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_of_settings() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::start().await.unwrap();
    let mut variables = variables(&sandbox);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let key = variables.remove(PRIVATE).unwrap();
    std::fs::write(&file, key).unwrap();
    variables.insert(format!("{PRIVATE}_FILE"), file.to_str().unwrap().to_owned());
    for (mode, said) in [
        (0o600, "파일을 가리킵니다. 2048비트"),
        (0o644, "읽을 수 있습니다. 2048비트"),
    ] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let run = in_both(&variables, &[]).await;
        assert_eq!(run.exit, 0, "{}", run.written);
        let finding = finding(&run, PRIVATE);
        assert!(finding.contains(said), "{finding}");
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(in_both(&variables, &[]).await.exit, 2);

    let file = folder.path().join("variables");
    std::fs::write(&file, format!("{URL}={}\n", sandbox.base_url())).unwrap();
    variables.remove(URL);
    let run = in_both(&variables, &["--dotenv", file.to_str().unwrap()]).await;
    let said = format!("파일 {}에서 가져온 값입니다.", file.display());
    assert_eq!(finding(&run, URL), said);
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached() {
    let sandbox = Sandbox::start().await.unwrap();
    let good = variables(&sandbox);
    let https = good[URL].replace("http://", "https://");
    let run = in_both(&with(&good, URL, https), &[]).await;
    assert_eq!((run.exit, run.verdict("TLS").as_str()), (5, "wrong"));
    let run = in_both(&with(&good, URL, "https://nobody.invalid"), &[]).await;
    assert_eq!(run.exit, 5, "{}", run.written);
    let proxied = with(&good, URL, "https://nobody.invalid");
    let proxied = with(&proxied, "HTTPS_PROXY", "http://127.0.0.1:1");
    let run = in_both(&proxied, &[]).await;
    assert_eq!(run.verdict("name and TCP"), "not checked");
    // An address of this machine that is not the loopback interface's.
    let plain = format!("http://0.0.0.0:{}", sandbox.address().port());
    let plain = with(&good, URL, plain);
    let run = in_both(&with(&plain, "KONAPLATE_ALLOW_PLAIN_HTTP", "true"), &[]).await;
    assert_eq!(run.verdict("URL"), "warning");
    sandbox.stop().await;
    assert_eq!(in_both(&good, &[]).await.exit, 5);
}

/// A server that gives every request the same bytes, with a `Date` that is so many seconds ahead.
fn server(head: &'static str, ahead: Option<i64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // A connection that brings no request was made to see whether the port takes any.
            if stream.read(&mut [0; 4096]).unwrap_or(0) == 0 {
                continue;
            }
            let date = ahead.map_or_else(String::new, |ahead| {
                let shift = Duration::from_secs(ahead.unsigned_abs());
                let now = SystemTime::now();
                let there = if ahead < 0 { now - shift } else { now + shift };
                format!("date: {}\r\n", httpdate::fmt_http_date(there))
            });
            let _ = write!(stream, "{head}{date}\r\n");
        }
    });
    url
}

#[tokio::test]
async fn the_clock() {
    const EMPTY: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n";
    let sandbox = Sandbox::start().await.unwrap();
    let good = variables(&sandbox);
    for (ahead, verdict, exit, said) in [
        (None, "not checked", 0, "응답에 Date 헤더가 없습니다."),
        (Some(-30), "warning", 0, "초 빠릅니다."),
        (Some(30), "warning", 0, "초 느립니다."),
        (Some(3600), "wrong", 2, "초 느립니다."),
    ] {
        let run = in_both(&with(&good, URL, server(EMPTY, ahead)), &[]).await;
        assert_eq!(run.exit, exit, "{}", run.written);
        assert_eq!(run.verdict("clock"), verdict);
        let finding = finding(&run, "clock");
        assert!(finding.ends_with(said), "{finding}");
    }
    let run = in_both(&with(&good, URL, server("no HTTP", None)), &[]).await;
    assert_eq!((run.exit, run.verdict("HTTP").as_str()), (5, "wrong"));
}

#[tokio::test]
async fn a_locale_says_the_language() {
    let korean = in_both(&Variables::new(), &[]).await;
    for name in ["LC_ALL", "LANG"] {
        let mut locale = with(&Variables::new(), "LC_ALL", "");
        locale.insert(name.to_owned(), "ko_KR.UTF-8".to_owned());
        assert_eq!(doctor(&locale, &[]).await.stdout, korean.stdout, "{name}");
    }
}

#[tokio::test]
async fn the_report_on_a_platform_is_in_english() {
    let sandbox = Sandbox::start().await.unwrap();
    let variables = variables(&sandbox);
    let run = doctor(&variables, &["--platform", "--lang", "ko"]).await;
    assert_eq!(run.exit, 0, "{}", run.written);
    assert!(!is_korean(run.report.as_deref().unwrap()));
    assert!(!is_korean(&run.stdout), "{}", run.stdout);
    assert!(run.written.contains("조회만 하는 API"), "{}", run.written);
    let arguments = ["--platform", "--lang", "ko", "--output", "text"];
    let run = doctor(&variables, &arguments).await;
    for said in [
        "확정     what the token signs: the body's bytes",
        "이에 맞는 클라이언트 설정:\n  .message_form(MessageForm::RawBody)",
        "보고서는 konaplate-doctor.md에 있습니다.",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    assert!(!run.written.contains(fixtures::ACCESS_KEY));
    assert!(!is_korean(run.report.as_deref().unwrap()));
}
