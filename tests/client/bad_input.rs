//! Promise: what breaks a rule is refused before anything is sent, by an error that names the field
//! and the rule and never the value.

use std::time::Duration;

use crate::support::{
    ACCESS_KEY, ASP_ID, KEY_ID, SECRET_KEY, Server, builder, json_response, key_file,
};
use konaplate::{CallOptions, Client, ClientBuilder, Delivery, Error, ErrorKind};
use serde_json::json;

/// Sends a call to a server that must not hear of it.
macro_rules! refused {
    ($client:ident, $($call:tt)+) => {{
        let server = Server::start(json_response(200, "{}")).await;
        let $client = server.client();
        let error = $($call)+.send().await.expect_err(stringify!($($call)+));
        assert!(server.requests().is_empty(), "{error}");
        error
    }};
}

#[track_caller]
fn check(error: &Error, operation: &str, field: &str, rule: &str) {
    assert_eq!(
        error.to_string(),
        format!("{operation}: invalid request: {field} {rule}")
    );
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.field(), Some(field));
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.correlation_id(), None);
}

const SIXTEEN: &str = "5297000000000013";
const LONG: &str = "0123456789012345678901234567890";

#[tokio::test]
async fn one_time_token() {
    let operation = "issue_one_time_token";
    for (error, field, rule) in [
        (
            refused!(c, c.issue_one_time_token()),
            "cardNo",
            "is required",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no("")),
            "cardNo",
            "must have exactly 16 characters, and has 0",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no("949133940125076")),
            "cardNo",
            "must have exactly 16 characters, and has 15",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no("94913394012507650")),
            "cardNo",
            "must have exactly 16 characters, and has 17",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no(SIXTEEN).type_("DEBIT")),
            "type",
            "must be one of ATM CREDIT",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no(SIXTEEN).type_("atm")),
            "type",
            "must be one of ATM CREDIT",
        ),
        (
            refused!(c, c.issue_one_time_token().card_no("1").type_("x")),
            "cardNo",
            "must have exactly 16 characters, and has 1",
        ),
    ] {
        check(&error, operation, field, rule);
    }
}

#[tokio::test]
async fn credit_card_recharge() {
    macro_rules! with {
        ($($change:tt)*) => {
            refused!(c, c.create_credit_card_recharge()
                .sequence_id("S").user_id(1_u64).amount(1).one_time_token(SIXTEEN).dcvv("471")
                .affiliate_id("000170000001000") $($change)*)
        };
    }
    for (error, field, rule) in [
        (
            with!(.sequence_id("")),
            "sequenceId",
            "must have 1 to 20 characters, and has 0",
        ),
        (
            with!(.sequence_id(&LONG[..21])),
            "sequenceId",
            "must have 1 to 20 characters, and has 21",
        ),
        (
            with!(.user_id(0)),
            "userId",
            "must be from 1 to 9999999999999999999, and is smaller",
        ),
        (
            with!(.user_id(-1)),
            "userId",
            "must be from 1 to 9999999999999999999, and is smaller",
        ),
        (
            with!(.user_id(10_000_000_000_000_000_000_u64)),
            "userId",
            "must be from 1 to 9999999999999999999, and is larger",
        ),
        (
            with!(.user_id(u128::MAX)),
            "userId",
            "must be from 1 to 9999999999999999999, and is larger",
        ),
        (
            with!(.amount(0)),
            "amount",
            "must be from 1 to 9999999999, and is smaller",
        ),
        (
            with!(.amount(10_000_000_000_u64)),
            "amount",
            "must be from 1 to 9999999999, and is larger",
        ),
        (
            with!(.amount(-5_i64)),
            "amount",
            "must be from 1 to 9999999999, and is smaller",
        ),
        (
            with!(.one_time_token("529700000000001")),
            "oneTimeToken",
            "must have exactly 16 characters, and has 15",
        ),
        (
            with!(.dcvv("47")),
            "dcvv",
            "must have exactly 3 characters, and has 2",
        ),
        (
            with!(.dcvv("4711")),
            "dcvv",
            "must have exactly 3 characters, and has 4",
        ),
        (
            with!(.affiliate_id("170000001000")),
            "affiliateId",
            "must have exactly 15 characters, and has 12",
        ),
        (
            with!(.project_id("")),
            "projectId",
            "must have 1 to 30 characters, and has 0",
        ),
        (
            with!(.project_id(LONG)),
            "projectId",
            "must have 1 to 30 characters, and has 31",
        ),
    ] {
        check(&error, "create_credit_card_recharge", field, rule);
    }
    for (error, field) in [
        (refused!(c, c.create_credit_card_recharge()), "sequenceId"),
        (
            refused!(c, c.create_credit_card_recharge().sequence_id("S")),
            "userId",
        ),
        (
            refused!(
                c,
                c.create_credit_card_recharge().sequence_id("S").user_id(1)
            ),
            "amount",
        ),
    ] {
        check(&error, "create_credit_card_recharge", field, "is required");
    }
}

#[tokio::test]
async fn bank_recharge_and_its_result() {
    macro_rules! with {
        ($($change:tt)*) => {
            refused!(c, c.recharge_from_bank_account()
                .sequence_id("S").user_id(1).amount(1).one_time_token(SIXTEEN).dcvv("471")
                .merchant_id("410195430033901") $($change)*)
        };
    }
    for (error, field, rule) in [
        (
            with!(.sequence_id(LONG)),
            "sequenceId",
            "must have 1 to 30 characters, and has 31",
        ),
        (
            with!(.merchant_id("")),
            "merchantId",
            "must have exactly 15 characters, and has 0",
        ),
        (
            with!(.extra("amount", 5)),
            "amount",
            "is described, and cannot be added as an extra field",
        ),
    ] {
        check(&error, "recharge_from_bank_account", field, rule);
    }
    let operation = "get_bank_recharge_result";
    for (error, rule) in [
        (refused!(c, c.get_bank_recharge_result()), "is required"),
        (
            refused!(c, c.get_bank_recharge_result().sequence_id("")),
            "must have 1 to 30 characters, and has 0",
        ),
        (
            refused!(c, c.get_bank_recharge_result().sequence_id("가".repeat(31))),
            "must have 1 to 30 characters, and has 31",
        ),
    ] {
        check(&error, operation, "sequenceId", rule);
    }
}

#[tokio::test]
async fn auto_recharge() {
    macro_rules! with {
        ($($change:tt)*) => {
            refused!(c, c.update_lower_limit_auto_recharge()
                .user_id(1).par("Q180BEA3B2F1BBD8410336D66A4").amount(1).threshold_balance(1) $($change)*)
        };
    }
    for (error, field, rule) in [
        (
            with!(.par("Q1")),
            "par",
            "must have exactly 27 characters, and has 2",
        ),
        (
            with!(.amount(0)),
            "amount",
            "must be from 1 to 9999999, and is smaller",
        ),
        (
            with!(.amount(10_000_000)),
            "amount",
            "must be from 1 to 9999999, and is larger",
        ),
        (
            with!(.threshold_balance(0)),
            "thresholdBalance",
            "must be from 1 to 9999999, and is smaller",
        ),
        (
            with!(.threshold_balance(10_000_000)),
            "thresholdBalance",
            "must be from 1 to 9999999, and is larger",
        ),
    ] {
        check(&error, "update_lower_limit_auto_recharge", field, rule);
    }
}

#[tokio::test]
async fn gift() {
    macro_rules! with {
        ($($change:tt)*) => {
            refused!(c, c.gift_prepaid_card()
                .sender_user_id("1").receiver_name("김코코").receiver_phone("01000000002")
                .service_id("000170000002000").amount(1).one_time_token(SIXTEEN).dcvv("471")
                .locale("KO") $($change)*)
        };
    }
    let digits = "must match ^[1-9][0-9]{0,18}$";
    for (error, field, rule) in [
        (with!(.sender_user_id("0")), "senderUserId", digits),
        (with!(.sender_user_id("12a")), "senderUserId", digits),
        (
            with!(.sender_user_id("1\n")),
            "senderUserId",
            "must not have a line break, and has one at character 2",
        ),
        (
            with!(.sender_user_id("")),
            "senderUserId",
            "must have 1 to 19 characters, and has 0",
        ),
        (
            with!(.sender_user_id("99999999999999999999")),
            "senderUserId",
            "must have 1 to 19 characters, and has 20",
        ),
        (
            with!(.sender_name("")),
            "senderName",
            "must have 1 to 256 characters, and has 0",
        ),
        (
            with!(.sender_phone("010-0000-0001-0000-01")),
            "senderPhone",
            "must have 1 to 20 characters, and has 21",
        ),
        (
            with!(.receiver_name("김".repeat(257))),
            "receiverName",
            "must have 1 to 256 characters, and has 257",
        ),
        (
            with!(.receiver_phone("")),
            "receiverPhone",
            "must have 1 to 20 characters, and has 0",
        ),
        (
            with!(.service_id("00017000000200")),
            "serviceId",
            "must have exactly 15 characters, and has 14",
        ),
        (
            with!(.amount(10_000_000_000_u64)),
            "amount",
            "must be from 1 to 9999999999, and is larger",
        ),
        (with!(.locale("JP")), "locale", "must be one of KO EN"),
        (with!(.locale("ko")), "locale", "must be one of KO EN"),
    ] {
        check(&error, "gift_prepaid_card", field, rule);
    }
}

#[tokio::test]
async fn raw_calls() {
    let path_rule = "must be the id of an operation, or a path that starts with / and has only letters, \
                     digits and / _ - .";
    for target in [
        "",
        "no_such_operation",
        "api/v1/x",
        "https://elsewhere/x",
        "/a/../b",
        "/a?b",
        "/a b",
        "/a\nb",
        "//김",
    ] {
        let error = refused!(c, c.raw(target, json!({})));
        assert_eq!(
            error.to_string(),
            format!("invalid request: operation_or_path {path_rule}"),
            "{target}"
        );
        assert_eq!(error.field(), Some("operation_or_path"));
    }
    for body in [json!(null), json!([1]), json!("x"), json!(1)] {
        let error = refused!(c, c.raw("/api/v1/x", body));
        assert_eq!(
            error.to_string(),
            "/api/v1/…: invalid request: body must be a JSON object"
        );
    }
}

#[tokio::test]
async fn an_encrypted_operation_needs_a_crypto_key() {
    let server = Server::start(json_response(200, "{}")).await;
    let client = Client::builder()
        .base_url(&server.url)
        .project_keys(ASP_ID, ACCESS_KEY, SECRET_KEY)
        .build()
        .unwrap();
    let missing = client
        .issue_one_time_token()
        .card_no(SIXTEEN)
        .send()
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Configuration);
    assert_eq!(missing.field(), Some("crypto_key"));
    assert_eq!(missing.delivery(), Delivery::NotSent);
    assert!(
        missing
            .to_string()
            .contains("configuration: crypto_key is missing, and the request has to be encrypted")
    );
    let response = client
        .issue_one_time_token()
        .card_no(SIXTEEN)
        .options(CallOptions::new().encrypt_request(false))
        .send()
        .await
        .unwrap_err();
    assert!(
        response
            .to_string()
            .contains("crypto_key is missing, and the response comes encrypted")
    );
    let unknown = builder(&server.url)
        .build()
        .unwrap()
        .get_bank_recharge_result()
        .sequence_id("S")
        .options(CallOptions::new().crypto_key_id("another"))
        .send()
        .await
        .unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("crypto_key with the id of the call's options is not configured")
    );
    assert!(server.requests().is_empty());
}

fn complete() -> ClientBuilder {
    builder("http://127.0.0.1:1")
}

#[test]
fn settings() {
    let keys = || Client::builder().base_url("http://127.0.0.1:1");
    let url = |url: &str| complete().base_url(url);
    let public = key_file("server.spki.pem");
    let private = key_file("client.pkcs8.pem");
    let cases: Vec<(ClientBuilder, &str, &str)> = vec![
        (Client::builder(), "base_url", "is missing"),
        (keys(), "project_keys", "are missing"),
        (
            keys().project_keys("00017000000000", ACCESS_KEY, SECRET_KEY),
            "asp_id",
            "must have exactly 15 characters, and has 14",
        ),
        (
            keys().project_keys("0001700000000000", ACCESS_KEY, SECRET_KEY),
            "asp_id",
            "must have exactly 15 characters, and has 16",
        ),
        (
            keys().project_keys("0001700 0000000", ACCESS_KEY, SECRET_KEY),
            "asp_id",
            "must be visible ASCII characters without spaces",
        ),
        (
            keys().project_keys(ASP_ID, "short", SECRET_KEY),
            "access_key",
            "must have exactly 40 characters, and has 5",
        ),
        (
            keys().project_keys(ASP_ID, ACCESS_KEY, ""),
            "secret_key",
            "must not be empty",
        ),
        (
            complete().crypto_key("short", &public, &private),
            "crypto_key_id",
            "must have exactly 32 characters, and has 5",
        ),
        (
            complete().crypto_key(KEY_ID, &private, &private),
            "server_public_key",
            "must be a public key or certificate, and is a private key; of a pair, the public half is \
             made by: openssl pkey -in FILE -pubout -out public.pem",
        ),
        (
            complete().crypto_key(KEY_ID, &public, &public),
            "client_private_key",
            "must be a private key, and is a public key; the private key is with whoever made the pair, \
             and cannot be made of it",
        ),
        (
            complete().crypto_key(KEY_ID, "", &private),
            "server_public_key",
            "must not be empty",
        ),
        (
            complete().crypto_key(KEY_ID, key_file("ec.spki.pem"), &private),
            "server_public_key",
            "must be an RSA key, and is of another kind; a pair is made by: openssl genpkey -algorithm \
             RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        ),
        (
            complete().crypto_key(KEY_ID, &public, key_file("rsa1024.pkcs8.pem")),
            "client_private_key",
            "must have at least 2048 bits, and has 1024; a pair is made by: openssl genpkey -algorithm \
             RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        ),
        (
            complete().crypto_key(KEY_ID, &public, key_file("encrypted.pkcs8.pem")),
            "client_private_key",
            "is a private key protected by a passphrase; run: openssl pkey -in FILE -out key.pem",
        ),
        (
            complete().crypto_key(KEY_ID, &public, key_file("truncated.pkcs8.pem")),
            "client_private_key",
            "is a private key that is damaged",
        ),
        (
            complete().crypto_key(KEY_ID, &public, &private),
            "crypto_key",
            "was given twice with one id",
        ),
        (
            complete()
                .crypto_key("11111111111111111111111111111111", &public, &private)
                .crypto_key("22222222222222222222222222222222", &public, &private),
            "crypto_key",
            "was given more than twice; a project has at most two",
        ),
        (url(""), "base_url", "is not an absolute URL"),
        (
            url("sandbox.konaplate.com"),
            "base_url",
            "is not an absolute URL",
        ),
        (
            url("ftp://127.0.0.1"),
            "base_url",
            "must start with https:// or http://",
        ),
        (
            url("http://sandbox.konaplate.com/open-api"),
            "base_url",
            "must start with https://: over plain HTTP keys, tokens and plain bodies can be read on \
             the way (allow_plain_http allows it)",
        ),
        (
            url("https://user:pass@127.0.0.1"),
            "base_url",
            "must not hold a user or a password",
        ),
        (
            url("https://127.0.0.1/?a=b"),
            "base_url",
            "must end with its path, without ? or #",
        ),
        (
            url("https://127.0.0.1/#a"),
            "base_url",
            "must end with its path, without ? or #",
        ),
        (
            complete().timeout(Duration::ZERO),
            "timeout",
            "must be longer than zero",
        ),
        (
            complete().connect_timeout(Duration::ZERO),
            "connect_timeout",
            "must be longer than zero",
        ),
    ];
    for (builder, field, rule) in cases {
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), format!("configuration: {field} {rule}"));
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}

#[test]
fn variables() {
    let good = |name: &str| match name {
        "KONAPLATE_BASE_URL" => Some("http://127.0.0.1:1".to_owned()),
        "KONAPLATE_ASP_ID" => Some(ASP_ID.to_owned()),
        "KONAPLATE_ACCESS_KEY" => Some(ACCESS_KEY.to_owned()),
        "KONAPLATE_SECRET_KEY" => Some(SECRET_KEY.to_owned()),
        "KONAPLATE_CRYPTO_KEY_ID" => Some(KEY_ID.to_owned()),
        "KONAPLATE_SERVER_PUBLIC_KEY" => Some(
            String::from_utf8(key_file("server.cert.pem"))
                .unwrap()
                .replace('\n', "\\n"),
        ),
        "KONAPLATE_CLIENT_PRIVATE_KEY" => {
            Some(String::from_utf8(key_file("client.pkcs1.pem")).unwrap())
        }
        "KONAPLATE_ALLOW_PLAIN_HTTP"
        | "KONAPLATE_FORMER_ACCESS_KEY"
        | "KONAPLATE_FORMER_SECRET_KEY" => None,
        other if other.ends_with("_2") || other.ends_with("_FILE") => None,
        other => panic!("{other} is read"),
    };
    let with = |name: &'static str, value: Option<&'static str>| {
        ClientBuilder::from_vars(move |asked| {
            if asked == name {
                value.map(str::to_owned)
            } else {
                good(asked)
            }
        })
        .and_then(ClientBuilder::build)
    };
    assert!(with("KONAPLATE_NONE", None).is_ok());
    for (name, value, rule) in [
        ("KONAPLATE_BASE_URL", None, "is not set"),
        ("KONAPLATE_ASP_ID", None, "is not set"),
        ("KONAPLATE_ACCESS_KEY", Some(""), "is not set"),
        ("KONAPLATE_SECRET_KEY", None, "is not set"),
        ("KONAPLATE_CRYPTO_KEY_ID", None, "is not set"),
        ("KONAPLATE_SERVER_PUBLIC_KEY", None, "is not set"),
        ("KONAPLATE_CLIENT_PRIVATE_KEY", None, "is not set"),
        (
            "KONAPLATE_ASP_ID",
            Some("1"),
            "must have exactly 15 characters, and has 1",
        ),
        (
            "KONAPLATE_ACCESS_KEY",
            Some("1"),
            "must have exactly 40 characters, and has 1",
        ),
        (
            "KONAPLATE_CRYPTO_KEY_ID",
            Some("1"),
            "must have exactly 32 characters, and has 1",
        ),
        (
            "KONAPLATE_SERVER_PUBLIC_KEY",
            Some("nonsense"),
            "is neither PEM nor DER nor base64 of a key or certificate",
        ),
        (
            "KONAPLATE_CLIENT_PRIVATE_KEY",
            Some("nonsense"),
            "is neither PEM nor DER nor base64 of a key or certificate",
        ),
    ] {
        let error = with(name, value).unwrap_err();
        assert_eq!(error.to_string(), format!("configuration: {name} {rule}"));
        assert_eq!(error.field(), Some(name));
    }
    for (name, rule) in [
        ("KONAPLATE_SERVER_PUBLIC_KEY_2", "is not set"),
        ("KONAPLATE_CLIENT_PRIVATE_KEY_2", "is not set"),
    ] {
        let error = ClientBuilder::from_vars(|asked| match asked {
            asked if asked == name => None,
            "KONAPLATE_CRYPTO_KEY_ID_2" => Some("f".repeat(32)),
            asked => good(asked.trim_end_matches("_2")),
        });
        let error = error.unwrap_err();
        assert_eq!(error.to_string(), format!("configuration: {name} {rule}"));
    }
    let second = ClientBuilder::from_vars(|asked| match asked {
        "KONAPLATE_CRYPTO_KEY_ID_2" => Some("1".to_owned()),
        asked => good(asked.trim_end_matches("_2")),
    });
    let error = second.unwrap_err();
    assert_eq!(error.field(), Some("KONAPLATE_CRYPTO_KEY_ID_2"));
    let two = ClientBuilder::from_vars(|asked| match asked {
        "KONAPLATE_CRYPTO_KEY_ID_2" => Some("f".repeat(32)),
        asked => good(asked.trim_end_matches("_2")),
    });
    two.and_then(ClientBuilder::build).unwrap();
    // Without any of the three there is simply no encryption.
    let plain = ClientBuilder::from_vars(|name| {
        if name.contains("_KEY_ID") || name.contains("PUBLIC") || name.contains("PRIVATE") {
            None
        } else {
            good(name)
        }
    });
    assert!(plain.and_then(ClientBuilder::build).is_ok());

    // As a file, with the line end that editors leave.
    let folder = std::env::temp_dir().join(format!("konaplate-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("secret");
    std::fs::write(&file, format!("{SECRET_KEY}\n")).unwrap();
    let from_file = |also: Option<&str>, file: &std::path::Path| {
        ClientBuilder::from_vars(|asked| match asked {
            "KONAPLATE_SECRET_KEY" => also.map(str::to_owned),
            "KONAPLATE_SECRET_KEY_FILE" => Some(file.to_str().unwrap().to_owned()),
            asked => good(asked),
        })
    };
    assert!(
        from_file(None, &file)
            .and_then(ClientBuilder::build)
            .is_ok()
    );
    let error = from_file(Some(SECRET_KEY), &file).unwrap_err();
    assert!(error.to_string().contains("is set twice"), "{error}");
    let error = from_file(None, &folder.join("none")).unwrap_err();
    assert_eq!(error.field(), Some("KONAPLATE_SECRET_KEY"));
    assert!(error.to_string().contains("cannot be read"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
