use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{ACCESS_KEY, SECRET, cases, run, run_with};

#[test]
fn the_known_answers_are_signed_and_verify() {
    let cases = cases("signing.json");
    assert!(cases.len() >= 60);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let body = BASE64.decode(text("body_base64")).unwrap();
        let millis = case["epoch_ms"].as_u64().unwrap();
        let time = format!("{}.{:03}", millis / 1000, millis % 1000);
        let form = if text("form") == "raw_body" {
            "raw"
        } else {
            "base64"
        };
        let secret = [("KONAPLATE_SECRET_KEY", text("secret"))];
        let options = [
            "--time",
            &time,
            "--zone",
            text("zone"),
            "--message-form",
            form,
        ];
        let signed = run_with(
            &secret,
            &[&["sign", "--token"], &options[..]].concat(),
            &body,
        );
        let name = text("name");
        if text("secret").trim() != text("secret") {
            // As everywhere in the project: what nobody sees is no part of a setting.
            assert_eq!(signed.code, 2, "{name}");
            continue;
        }
        assert_eq!(
            signed.text().trim_end(),
            text("token"),
            "{name}: {}",
            signed.err
        );
        let verify = [&["verify", text("token")], &options[..]].concat();
        let verified = run_with(&secret, &verify, &body);
        assert_eq!(verified.findings(), [""; 0], "{name}");
        assert_eq!(verified.code, 0, "{name}");
    }
}

#[test]
fn what_is_signed_is_right_with_its_headers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers");
    for zone in ["KST", "UTC"] {
        for form in ["raw", "base64"] {
            for output in ["text", "json"] {
                let sign = [
                    "sign",
                    "--zone",
                    zone,
                    "--message-form",
                    form,
                    "--output",
                    output,
                    "--expose",
                ];
                let signed = run(&sign, b"{\"amount\":1}");
                assert_eq!(signed.code, 0, "{}", signed.err);
                std::fs::write(&file, &signed.out).unwrap();
                let file = file.to_str().unwrap();
                let verify = ["verify", "--headers", file, "--message-form", form];
                let verified = run(&verify, b"{\"amount\":1}");
                assert_eq!(verified.findings(), [""; 0], "{zone} {form} {output}");
                assert_eq!(verified.code, 0);
            }
        }
    }
}

#[test]
fn id_and_time_are_those_that_were_asked_for() {
    let time = "2026-03-15T10:45:12.345+09:00";
    let sign = [
        "sign",
        "--time",
        time,
        "--correlation-id",
        "260315104512-0a1b2c3",
    ];
    let headers = run(&sign, b"{}").json();
    assert_eq!(headers["X-KM-Correlation-Id"], "260315104512-0a1b2c3");
    assert_eq!(headers["X-KM-Tran-Time"], "20260315104512");
    assert_eq!(headers["X-KM-Time-Zone"], "KST");
    let fresh = run(&["sign", "--time", time], b"{}").json();
    let id = fresh["X-KM-Correlation-Id"].as_str().unwrap();
    assert!(id.starts_with("260315104512-"), "{id}");
}

#[test]
fn the_access_key_is_shown_where_it_is_asked_for_only() {
    let masked = run(&["sign"], b"{}");
    assert_eq!(masked.json()["X-KM-Access-Key"], "[access-key]");
    let exposed = run(&["sign", "--expose"], b"{}");
    assert_eq!(exposed.json()["X-KM-Access-Key"], ACCESS_KEY);
    for ran in [masked, exposed] {
        assert!(!ran.text().contains(SECRET));
    }
}

#[test]
fn a_line_break_is_signed_and_said() {
    let sign = ["sign", "--token", "--time", "20260315104512345"];
    let with = run(&sign, b"{}\n");
    assert!(with.err.contains("ends with a line break"), "{}", with.err);
    let without = run(&sign, b"{}");
    assert_eq!(without.err, "");
    assert_ne!(with.out, without.out);
    for end in ["\n", "\r\n"] {
        let body = format!("{{}}{end}");
        let trimmed = run(&[&sign[..], &["--trim"]].concat(), body.as_bytes());
        assert_eq!(trimmed.out, without.out);
        assert_eq!(trimmed.err, "");
    }
    let twice = run(&[&sign[..], &["--trim"]].concat(), b"{}\n\n");
    assert_eq!(twice.out, with.out);
}

#[test]
fn a_key_that_is_missing_or_wrong_says_what_to_do() {
    for (variables, cause) in [
        (
            vec![("KONAPLATE_SECRET_KEY", "")],
            "KONAPLATE_SECRET_KEY is not set",
        ),
        (
            vec![("KONAPLATE_SECRET_KEY", "hunter2 ")],
            "KONAPLATE_SECRET_KEY: must not end with a blank",
        ),
        (
            vec![("KONAPLATE_SECRET_KEY_FILE", "README.md")],
            "KONAPLATE_SECRET_KEY is set twice",
        ),
        (
            vec![
                ("KONAPLATE_SECRET_KEY", ""),
                ("KONAPLATE_SECRET_KEY_FILE", "no-such-file"),
            ],
            "KONAPLATE_SECRET_KEY_FILE: cannot read no-such-file",
        ),
    ] {
        let ran = run_with(&variables, &["sign"], b"{}");
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(cause), "{}", ran.err);
        assert!(!ran.err.contains("hunter2"), "{}", ran.err);
        assert!(ran.err.lines().count() >= 2, "no next step: {}", ran.err);
        assert!(ran.out.is_empty());
    }
}

#[test]
fn a_secret_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let sign = ["sign", "--token", "--time", "20260315104512345"];
    let of_variable = run(&sign, b"{}");
    let option = [&sign[..], &["--secret-key-file", file.to_str().unwrap()]].concat();
    let of_file = run_with(&[("KONAPLATE_SECRET_KEY", "another")], &option, b"{}");
    assert_eq!(of_file.out, of_variable.out);
}
