//! Promise: keys are replaced without a restart, and a journal knows the project by all of them.

use std::sync::{Arc, Mutex};

use konaplate::credentials::Credentials;
use konaplate::journal::KeyDigest;
use konaplate::protocol::KeyWrapping;
use konaplate::{Client, Error, ErrorKind};

use crate::support;
use crate::support::{Server, json_response};

const NEW_ACCESS_KEY: &str = "0a1b2c3-ffffffffffffffffffffffffffffffff";
const OTHER_ASP_ID: &str = "000170000000099";
const RESULT: &str = r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#;

/// What a provider has: ASP id, access key and secret key, or nothing.
type Provided = Arc<Mutex<Option<[&'static str; 3]>>>;

const BEFORE: [&str; 3] = [support::ASP_ID, support::ACCESS_KEY, support::SECRET_KEY];
const AFTER: [&str; 3] = [support::ASP_ID, NEW_ACCESS_KEY, "another secret"];

fn client(url: &str, provided: &Provided) -> Client {
    let provided = Arc::clone(provided);
    let provider = move || {
        let keys = *provided.lock().unwrap();
        let [asp_id, access_key, secret] = keys.ok_or_else(unreadable)?;
        Ok(Credentials::new().project_keys(asp_id, access_key, secret))
    };
    Client::builder()
        .base_url(url)
        .http(reqwest::Client::builder().no_proxy())
        .credentials_provider(provider)
        .build()
        .unwrap()
}

/// Some error of a provider: that of a file that is not there.
fn unreadable() -> Error {
    Credentials::from_vars(|name| (name == "KONAPLATE_SECRET_KEY_FILE").then(|| "/none".to_owned()))
        .unwrap_err()
}

#[tokio::test]
async fn the_next_call_uses_what_the_provider_has_and_an_error_changes_nothing() {
    let server = Server::start(json_response(200, RESULT)).await;
    let provided: Provided = Arc::new(Mutex::new(Some(BEFORE)));
    let client = client(&server.url, &provided);
    let called_with = async |keys: [&str; 3]| {
        let call = client.get_bank_recharge_result().sequence_id("BANK-1");
        call.send().await.unwrap();
        let request = server.requests().pop().unwrap();
        let key = konaplate::protocol::SigningKey::new(keys[2]).unwrap();
        let token: konaplate::protocol::TranToken =
            request.header("x-km-tran-token").parse().unwrap();
        request.header("x-km-access-key") == keys[1]
            && token.verify(&key, &request.body, Default::default())
    };
    assert!(called_with(BEFORE).await);
    *provided.lock().unwrap() = Some(AFTER);
    assert!(called_with(BEFORE).await, "nobody asked again");
    // A clone is the same client.
    client.clone().refresh_credentials().unwrap();
    assert!(called_with(AFTER).await);

    let [asp_id, access_key, secret] = AFTER;
    for (wrong, field) in [
        (None, "KONAPLATE_SECRET_KEY"),
        (Some([asp_id, "short", secret]), "access_key"),
        (Some([OTHER_ASP_ID, access_key, secret]), "asp_id"),
    ] {
        *provided.lock().unwrap() = wrong;
        let error = client.refresh_credentials().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
        assert!(called_with(AFTER).await, "{field}");
    }
}

#[test]
fn a_project_is_known_by_each_access_key_that_it_had() {
    let provided: Provided = Arc::new(Mutex::new(Some(BEFORE)));
    let client = client("https://example.com/open-api", &provided);
    *provided.lock().unwrap() = Some(AFTER);
    for _ in 0..2 {
        client.refresh_credentials().unwrap();
        let digest = |key| KeyDigest::of(support::ASP_ID, key);
        let expected = [NEW_ACCESS_KEY, support::ACCESS_KEY].map(digest);
        assert_eq!(client.project().keys(), expected);
    }
    let shown = format!("{client:?}");
    assert!(
        !shown.contains("fffffff") && !shown.contains("another secret"),
        "{shown}"
    );
}

#[test]
fn without_a_provider_there_is_nobody_to_ask() {
    let client = support::builder("https://example.com/open-api")
        .build()
        .unwrap();
    let error = client.refresh_credentials().unwrap_err();
    assert_eq!(error.field(), Some("credentials_provider"));
}

/// How keys may be wrapped is a setting of the client, and not of its credentials.
#[tokio::test]
async fn the_setting_for_key_wrapping_outlives_a_refresh() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../openapi/conformance/jwe_jose.json")).unwrap();
    let case = vectors["cases"].as_array().unwrap().iter().find(|case| {
        case["needs_rsa_oaep_sha1"] == true && case["private_key"] == "client.pkcs8.pem"
    });
    let body = serde_json::json!({ "encData": case.unwrap()["jwe"] });
    let server = Server::start(json_response(200, body.to_string())).await;
    for (wrapping, decrypts) in [
        (KeyWrapping::RsaOaep256, false),
        (KeyWrapping::RsaOaep256OrSha1, true),
    ] {
        let provider = || {
            let [asp_id, access_key, secret] = BEFORE;
            let public = support::key_file("server.spki.pem");
            let private = support::key_file("client.pkcs8.pem");
            Ok(Credentials::new()
                .project_keys(asp_id, access_key, secret)
                .crypto_key(support::KEY_ID, public, private))
        };
        let client = Client::builder()
            .base_url(&server.url)
            .http(reqwest::Client::builder().no_proxy())
            .key_wrapping(wrapping)
            .credentials_provider(provider)
            .build()
            .unwrap();
        for _ in 0..2 {
            let call = client.get_bank_recharge_result().sequence_id("BANK-1");
            let error = call.send().await.unwrap_err();
            let is_read = error.kind() != ErrorKind::Decryption;
            assert_eq!(is_read, decrypts, "{wrapping:?}: {error}");
            client.refresh_credentials().unwrap();
        }
    }
}
