//! Promise: a setting that was pasted with something that nobody sees is refused when it is set, by
//! a sentence that says what, and that shows nothing of the value.

use std::error::Error as _;

use crate::support;
use crate::support::{ACCESS_KEY, ASP_ID, KEY_ID, SECRET_KEY, builder, key_file};
use konaplate::callback::{CallbackReceiver, CallbackSigner};
use konaplate::credentials::Credentials;
use konaplate::{ClientBuilder, Error, ErrorKind};

const URL: &str = "https://example.com/open-api";

/// A value with each kind of thing that nobody sees, and the rule that it breaks.
fn unseen(value: &str) -> [(String, &'static str); 6] {
    [
        (format!(" {value}"), "must not begin with a blank"),
        (format!("{value}\u{3000}"), "must not end with a blank"),
        (format!("{value}\r\n"), "must not end with a line break"),
        (
            format!("\u{feff}{value}"),
            "must not begin with a byte order mark",
        ),
        (
            format!("{value}\u{200b}"),
            "must not end with a character without width",
        ),
        (
            format!("{}\u{7}{}", &value[..4], &value[4..]),
            "must not have a control character",
        ),
    ]
}

#[track_caller]
fn check(error: &Error, field: &str, rule: &str, value: &str) {
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert_eq!(error.field(), Some(field), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(rule), "{rule}: {shown}");
    assert!(!shown.contains(value), "{shown}");
}

#[test]
fn every_setting_of_a_client() {
    type With = fn(&str) -> ClientBuilder;
    let settings: [(&str, &str, With); 7] = [
        ("base_url", URL, |value| builder(value)),
        ("asp_id", ASP_ID, |value| {
            builder(URL).project_keys(value, ACCESS_KEY, SECRET_KEY)
        }),
        ("access_key", ACCESS_KEY, |value| {
            builder(URL).project_keys(ASP_ID, value, SECRET_KEY)
        }),
        ("secret_key", SECRET_KEY, |value| {
            builder(URL).project_keys(ASP_ID, ACCESS_KEY, value)
        }),
        ("former_access_key", ACCESS_KEY, |value| {
            builder(URL).former_access_key(value)
        }),
        ("crypto_key_id", KEY_ID, |value| {
            let client = konaplate::Client::builder().base_url(URL);
            let client = client.project_keys(ASP_ID, ACCESS_KEY, SECRET_KEY);
            client.crypto_key(
                value,
                key_file("server.spki.pem"),
                key_file("client.pkcs8.pem"),
            )
        }),
        ("former_secret_key", SECRET_KEY, |value| {
            let value = value.to_owned();
            let provider = move || {
                let keys = Credentials::new().project_keys(ASP_ID, ACCESS_KEY, SECRET_KEY);
                Ok(keys.former_secret_key(&value))
            };
            konaplate::Client::builder()
                .base_url(URL)
                .credentials_provider(provider)
        }),
    ];
    for (field, value, with) in settings {
        for (pasted, rule) in unseen(value) {
            check(&with(&pasted).build().unwrap_err(), field, rule, value);
        }
        with(value).build().unwrap();
    }
}

#[test]
fn variables_and_the_files_that_they_name() {
    let folder = std::env::temp_dir().join(format!("konaplate-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (number, (pasted, rule)) in unseen(SECRET_KEY).into_iter().enumerate() {
        let get = |name: &str| (name == "KONAPLATE_SECRET_KEY").then(|| pasted.clone());
        let error = Credentials::from_vars(get).and_then(|credentials| {
            ClientBuilder::from_vars(|name| get(name).or_else(|| other(name)))?.build()?;
            Ok(credentials)
        });
        check(
            &error.unwrap_err(),
            "KONAPLATE_SECRET_KEY",
            rule,
            SECRET_KEY,
        );

        // An editor ends a file with a line break: that is no part of the value.
        let file = folder.join(number.to_string());
        std::fs::write(&file, format!("{pasted}\n")).unwrap();
        let named = file.to_str().unwrap().to_owned();
        let get = |name: &str| match name {
            "KONAPLATE_SECRET_KEY_FILE" => Some(named.clone()),
            name => other(name),
        };
        let built = ClientBuilder::from_vars(get).and_then(ClientBuilder::build);
        if rule.contains("line break") && !rule.contains("control") {
            built.unwrap();
        } else {
            check(
                &built.unwrap_err(),
                "KONAPLATE_SECRET_KEY",
                rule,
                SECRET_KEY,
            );
        }

        let get = |name: &str| match name {
            "KONAPLATE_SECRET_KEY_FILE" => Some(format!("{named}\n")),
            name => other(name),
        };
        let error = ClientBuilder::from_vars(get)
            .and_then(ClientBuilder::build)
            .unwrap_err();
        check(
            &error,
            "KONAPLATE_SECRET_KEY",
            "must not end with a line break",
            &named,
        );
        assert!(error.source().is_none(), "it was not looked for");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn other(name: &str) -> Option<String> {
    let value = match name {
        "KONAPLATE_BASE_URL" => URL,
        "KONAPLATE_ASP_ID" => ASP_ID,
        "KONAPLATE_ACCESS_KEY" => ACCESS_KEY,
        _ => return None,
    };
    Some(value.to_owned())
}

#[test]
fn those_of_callbacks() {
    for (pasted, rule) in unseen(SECRET_KEY) {
        let error = CallbackReceiver::builder()
            .secret_key(&pasted)
            .build()
            .unwrap_err();
        check(&error, "secret_key", rule, SECRET_KEY);
        let former = CallbackReceiver::builder()
            .secret_key(SECRET_KEY)
            .former_secret_key(&pasted);
        check(
            &former.build().unwrap_err(),
            "former_secret_key",
            rule,
            SECRET_KEY,
        );
        let error = CallbackSigner::new(&pasted, support::ASP_ID).unwrap_err();
        check(&error, "secret_key", rule, SECRET_KEY);
    }
}

/// Key files are bytes: DER and PKCS#12 have no lines.
#[test]
fn a_key_file_may_be_der() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/conformance/keys");
    let with = |private: &str| {
        let get = |name: &str| match name {
            "KONAPLATE_CRYPTO_KEY_ID" => Some("0123456789abcdef0123456789abcdef".to_owned()),
            "KONAPLATE_SERVER_PUBLIC_KEY_FILE" => Some(format!("{keys}/server.cert.der")),
            "KONAPLATE_CLIENT_PRIVATE_KEY_FILE" => Some(format!("{keys}/{private}")),
            _ => None,
        };
        Credentials::from_vars(get)
    };
    assert!(with("client.pkcs8.der").is_ok());
    let error = with("other-forms/client.p12").unwrap_err();
    assert_eq!(error.field(), Some("KONAPLATE_CLIENT_PRIVATE_KEY"));
    assert!(
        error.to_string().contains("is a PKCS#12 file; run: "),
        "{error}"
    );
}
