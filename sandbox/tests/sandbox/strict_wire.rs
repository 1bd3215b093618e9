//! Promise: what HTTP, JSON and the platform's headers leave no choice about is held to, and what they
//! leave open is taken.

use konaplate::protocol::{ContentEncryption, EncryptionKey};
use konaplate_sandbox::Sandbox;

use crate::raw::{PLAIN, PLAIN_BODY, Parts, Raw, started};

const ENCRYPTED: &str = "issue_one_time_token";
const CARD: &str = r#"{"cardNo":"9491339401250765"}"#;

fn jwe(plaintext: &str) -> String {
    let key = EncryptionKey::from_bytes(include_bytes!("../../keys/server.spki.pem")).unwrap();
    key.encrypt(ContentEncryption::A128Gcm, plaintext.as_bytes())
        .unwrap()
}

/// It passes all checks.
async fn taken(sandbox: &Sandbox, request: Parts) {
    let id = request.id();
    let reply = request.send(sandbox).await;
    let code = reply.json()["response"]["code"].clone();
    let taken = code == "007_009" || reply.header("x-km-crypto-key-id").is_some();
    assert!(taken, "{}", reply.body);
    assert_eq!(reply.id(), id);
}

/// It fails this check, with this rule.
async fn refused(sandbox: &Sandbox, request: Parts, check: &str, rule: &str) {
    let reply = request.send(sandbox).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.refusal(), (check.to_owned(), rule.to_owned()));
    assert!(!sandbox.requests().last().unwrap().carried_out);
}

#[tokio::test]
async fn the_media_type_is_json_in_utf_8() {
    let sandbox = started().await;
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
        "application/json; version=1",
        "application/json;",
    ] {
        taken(&sandbox, Parts::plain().with("content-type", good)).await;
    }
    let kind = "Content-Type must be application/json";
    let charset = "Content-Type must be application/json, with the charset utf-8 or none";
    let form = "Content-Type must have parameters of the form name=value";
    for (bad, rule) in [
        ("application/jsonx", kind),
        ("application/json-patch+json", kind),
        ("application/vnd.kona+json", kind),
        ("text/json", kind),
        ("application/x-www-form-urlencoded", kind),
        ("application/json, application/json", kind),
        ("", kind),
        ("application/json; charset=euc-kr", charset),
        ("application/json; charset=utf-16", charset),
        ("application/json; charset=utf8", charset),
        ("application/json; charset=\"euc-kr\"", charset),
        ("application/json; charset", form),
        ("application/json; charset = utf-8", form),
        ("application/json; charset=\"utf-8", form),
        (
            "application/json; charset=utf-8; charset=UTF-8",
            "Content-Type must have one charset",
        ),
    ] {
        let request = Parts::plain().with("content-type", bad);
        refused(&sandbox, request, "content-type", rule).await;
    }
    refused(
        &sandbox,
        Parts::plain().without("content-type"),
        "content-type",
        kind,
    )
    .await;
}

#[tokio::test]
async fn a_body_comes_as_it_is_and_not_compressed() {
    let sandbox = started().await;
    taken(&sandbox, Parts::plain().and("content-encoding", "Identity")).await;
    for coding in ["gzip", "br", "identity, gzip", ""] {
        let request = Parts::plain().and("content-encoding", coding);
        let rule = "Content-Encoding must not be there";
        refused(&sandbox, request, "content-type", rule).await;
    }
}

#[tokio::test]
async fn a_header_that_decides_is_there_once_and_in_ascii() {
    let sandbox = started().await;
    for (name, value, check) in [
        ("content-type", "application/json", "content-type"),
        (
            "x-km-correlation-id",
            "260315104512-0a1b2c3",
            "correlation-id",
        ),
        ("x-km-user-aspid", "000170000000000", "asp-id"),
        ("x-km-time-zone", "KST", "time-zone"),
        ("x-km-tran-time", "20260315104512", "tran-time"),
    ] {
        let reply = Parts::plain().and(name, value).send(&sandbox).await;
        let (found, expected) = reply.refusal();
        assert_eq!(found, check);
        assert!(expected.ends_with("must be there once"), "{expected}");
    }
    let encrypted = Parts::new(ENCRYPTED, format!("{{\"encData\":\"{}\"}}", jwe(CARD)));
    let id = konaplate_sandbox::fixtures::CRYPTO_KEY_ID;
    refused(
        &sandbox,
        encrypted.and("x-km-crypto-key-id", id),
        "crypto-key-id",
        "the header x-km-crypto-key-id must be there once",
    )
    .await;
    // As text of another kind it is there, and says so.
    refused(
        &sandbox,
        Parts::plain().with("x-km-time-zone", "한국"),
        "time-zone",
        "the header x-km-time-zone must have visible ASCII characters only",
    )
    .await;
    for name in ["x-sandbox-response", "x-sandbox-fault"] {
        let request = Parts::plain().and(name, "007_009").and(name, "007_009");
        let check = name.trim_start_matches("x-sandbox-");
        let rule = format!("the header {name} must be there once");
        refused(&sandbox, request, check, &rule).await;
    }
}

#[tokio::test]
async fn a_name_stands_once_in_an_object_at_any_depth() {
    let sandbox = started().await;
    for (body, name) in [
        (r#"{"sequenceId":"S","sequenceId":"S"}"#, "sequenceId"),
        (r#"{"sequenceId":"S","\u0073equenceId":"T"}"#, "sequenceId"),
        (
            r#"{"sequenceId":"S","more":{"amount":1,"amount":2}}"#,
            "amount",
        ),
        (
            r#"{"sequenceId":"S","more":[[{"a":{}},{"a":1,"a":1}]]}"#,
            "a",
        ),
        (r#"{"encData":"a","encData":"b"}"#, "encData"),
        (r#"{"9491339401250765":1,"9491339401250765":2}"#, "…"),
    ] {
        let reply = Parts::new(PLAIN, body).send(&sandbox).await;
        let (check, expected) = reply.refusal();
        assert_eq!(check, "json");
        let rule =
            format!("the body must be a JSON object in UTF-8: {name} is there twice at line 1");
        assert!(expected.starts_with(&rule), "{expected}");
    }
    // In what was encrypted, too; and two envelopes in one.
    let twice = r#"{"cardNo":"9491339401250765","cardNo":"9491330000000024"}"#;
    let jwe_of_card = jwe(CARD);
    for body in [
        format!("{{\"encData\":\"{}\"}}", jwe(twice)),
        format!("{{\"encData\":\"{jwe_of_card}\",\"encData\":\"{jwe_of_card}\"}}"),
    ] {
        let reply = Parts::new(ENCRYPTED, body).send(&sandbox).await;
        assert_eq!(reply.refusal().0, "json");
        assert!(reply.refusal().1.contains("is there twice"));
        assert!(!reply.body.contains("9491"));
    }
    // The same name in two objects is none twice.
    let reply = Parts::new(PLAIN, r#"{"sequenceId":"S","a":{"b":1},"c":{"b":1}}"#)
        .send(&sandbox)
        .await;
    assert_eq!(reply.json()["sandbox"]["check"], "schema");
    // The control API changes what it is told to, once.
    let mut raw = Raw::open(&sandbox).await;
    let body = r#"{"seconds":1,"seconds":86400}"#;
    raw.send(format!(
        "POST /__sandbox/clock/advance HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    let reply = raw.reply().await;
    assert_eq!(
        (reply.status, &reply.json()["error"]["field"]),
        (400, &"body".into())
    );
}

#[tokio::test]
async fn an_envelope_holds_the_encrypted_message_and_nothing_else() {
    let sandbox = started().await;
    let jwe = jwe(CARD);
    taken(
        &sandbox,
        Parts::new(ENCRYPTED, format!(" {{ \"encData\" : \"{jwe}\" }}\r\n")),
    )
    .await;
    let beside = "nothing may stand beside encData, which is the whole body";
    for body in [
        format!("{{\"encData\":\"{jwe}\",\"cardNo\":\"9491339401250765\"}}"),
        format!("{{\"response\":null,\"encData\":\"{jwe}\"}}"),
        format!("{{\"encData\":\"{jwe}\",\"\":0}}"),
        "{\"encData\":null,\"cardNo\":\"9491339401250765\"}".to_owned(),
    ] {
        refused(&sandbox, Parts::new(ENCRYPTED, body), "encryption", beside).await;
    }
    for body in ["null", "1", "[]", "{}", "true"] {
        let request = Parts::new(ENCRYPTED, format!("{{\"encData\":{body}}}"));
        refused(&sandbox, request, "encryption", "encData must be text").await;
    }
    let rule =
        "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's public key";
    for body in [
        String::new(),
        format!("{jwe} "),
        format!("{jwe}."),
        jwe.to_lowercase(),
    ] {
        let request = Parts::new(ENCRYPTED, format!("{{\"encData\":\"{body}\"}}"));
        refused(&sandbox, request, "encryption", rule).await;
    }
    // Another spelling is another member.
    let rule = "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}";
    for name in ["encdata", "encData "] {
        let request = Parts::new(ENCRYPTED, format!("{{\"{name}\":\"{jwe}\"}}"));
        let reply = request.send(&sandbox).await;
        let body = reply.json();
        assert_eq!(body["sandbox"]["expected"], rule);
    }
}

#[tokio::test]
async fn a_correlation_id_begins_with_a_time_that_exists() {
    let sandbox = started().await;
    for good in [
        "240229235959-0000000",
        "000101000000-abcdef0",
        "991231235959-fffffff",
    ] {
        taken(&sandbox, Parts::plain().with("x-km-correlation-id", good)).await;
    }
    let time = "X-KM-Correlation-Id must begin with a time that exists, yyMMddHHmmss";
    let form = "X-KM-Correlation-Id must be 12 digits, a hyphen and 7 lower-case hex digits";
    for (bad, rule) in [
        ("260230104512-0a1b2c3", time),
        ("260229104512-0a1b2c3", time),
        ("261301104512-0a1b2c3", time),
        ("260001104512-0a1b2c3", time),
        ("260300104512-0a1b2c3", time),
        ("260431104512-0a1b2c3", time),
        ("260315240000-0a1b2c3", time),
        ("260315250000-0a1b2c3", time),
        ("260315106012-0a1b2c3", time),
        ("260315104560-0a1b2c3", time),
        ("000000000000-0000000", time),
        ("260315104512-0A1B2C3", form),
        ("260315104512_0a1b2c3", form),
        ("20260315104512-0a1b2", form),
        ("+60315104512-0a1b2c3", form),
    ] {
        let request = Parts::plain().with("x-km-correlation-id", bad);
        refused(&sandbox, request, "correlation-id", rule).await;
    }
}

#[tokio::test]
async fn json_is_taken_in_every_spelling_that_it_has() {
    let sandbox = started().await;
    for body in [
        PLAIN_BODY.to_owned(),
        " \t\r\n{ \"sequenceId\" : \"S\" }\n".to_owned(),
        r#"{"\u0073equenceId":"\u0053"}"#.to_owned(),
    ] {
        taken(&sandbox, Parts::new(PLAIN, body)).await;
    }
    for (body, why) in [
        ("{\"sequenceId\":\"S\"}x", "trailing characters"),
        ("{\"sequenceId\":\"S\"}{}", "trailing characters"),
        ("{'sequenceId':'S'}", "key must be a string"),
        ("{sequenceId:\"S\"}", "key must be a string"),
        ("{\"sequenceId\":NaN}", "expected value"),
        ("{\"sequenceId\":01}", "invalid number"),
        ("{\"sequenceId\":\"\\ud800\"}", "hex escape"),
        ("{\"sequenceId\":\"S\"/**/}", "expected `,` or `}`"),
        ("\u{a0}{\"sequenceId\":\"S\"}", "expected value"),
    ] {
        let reply = Parts::new(PLAIN, body).send(&sandbox).await;
        let (check, expected) = reply.refusal();
        assert_eq!(check, "json");
        assert!(expected.contains(why), "{why}: {expected}");
    }
}
