//! Promise: the token is what other implementations make of the same secret and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    secret: String,
    timestamp: String,
    form: String,
    body_base64: String,
    token: String,
}

fn cases() -> Vec<Case> {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../openapi/conformance/signing.json")).unwrap();
    assert!(vectors.cases.len() >= 14);
    vectors.cases
}

fn form(case: &Case) -> MessageForm {
    match case.form.as_str() {
        "raw_body" => MessageForm::RawBody,
        "base64_body" => MessageForm::Base64Body,
        other => panic!("{}: form {other}", case.name),
    }
}

#[test]
fn tokens_are_those_of_python_and_openssl() {
    for case in cases() {
        let key = SigningKey::new(&case.secret).unwrap();
        let body = BASE64.decode(&case.body_base64).unwrap();
        let timestamp = case.timestamp.parse().unwrap();
        let token = TranToken::sign(&key, timestamp, &body, form(&case));
        assert_eq!(token.as_str(), case.token, "{}", case.name);
    }
}

#[test]
fn their_tokens_verify_here_and_only_for_their_body() {
    for case in cases() {
        let key = SigningKey::new(&case.secret).unwrap();
        let mut body = BASE64.decode(&case.body_base64).unwrap();
        let token: TranToken = case.token.parse().unwrap();
        assert!(token.verify(&key, &body, form(&case)), "{}", case.name);
        body.push(b' ');
        assert!(!token.verify(&key, &body, form(&case)), "{}", case.name);
    }
}

#[test]
fn the_recipe_in_the_description_makes_the_token_that_it_prints() {
    let key = SigningKey::new("a secret that was issued").unwrap();
    let body = br#"{"sequenceId":"BANK-20260315-000001"}"#;
    let timestamp = "20260315104512345".parse().unwrap();
    let token = TranToken::sign(&key, timestamp, body, MessageForm::RawBody);
    let printed = format!("`{}`", token.as_str());
    assert!(konaplate::DESCRIPTION.contains(&printed));
}
