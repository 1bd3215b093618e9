//! Promise: a failed check says which one it was and what was expected, and never a secret.

use konaplate::protocol::Timestamp;
use konaplate::protocol::{ContentEncryption, EncryptionKey};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{CorrelationId, Operation, TimeZone};
use konaplate_sandbox::{Sandbox, SandboxBuilder, fixtures};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

use crate::support::now;

/// A sandbox whose clock stands at the time of the requests.
async fn started() -> Sandbox {
    at_that_time(Sandbox::builder()).await
}

async fn at_that_time(builder: SandboxBuilder) -> Sandbox {
    let sandbox = builder.start().await.unwrap();
    sandbox.stop_clock_at(now());
    sandbox
}

/// A sound request, to be spoilt in one place.
struct Attempt {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Sign again before sending: the spoilt thing is not the signature.
    sign: bool,
    time: SystemTime,
    zone: TimeZone,
}

impl Attempt {
    fn new(operation: &str, body: Vec<u8>) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            path: Operation::find(operation).unwrap().path().to_owned(),
            headers: vec![
                header("x-km-user-aspid", fixtures::ASP_ID),
                header(
                    "x-km-correlation-id",
                    CorrelationId::fresh(TimeZone::Kst).as_str(),
                ),
                header("x-km-access-key", fixtures::ACCESS_KEY),
                header("x-km-crypto-key-id", fixtures::CRYPTO_KEY_ID),
                header("x-km-time-zone", "KST"),
                header("content-type", "application/json"),
            ],
            body,
            sign: true,
            time: now(),
            zone: TimeZone::Kst,
        }
    }

    fn plain() -> Self {
        Self::new(
            "get_bank_recharge_result",
            br#"{"sequenceId":"S"}"#.to_vec(),
        )
    }

    fn encrypted(envelope: &Value) -> Self {
        Self::new("issue_one_time_token", envelope.to_string().into_bytes())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self
    }

    fn token(&self, secret: &str, form: MessageForm) -> TranToken {
        let key = SigningKey::new(secret).unwrap();
        TranToken::sign(&key, Timestamp::new(self.time, self.zone), &self.body, form)
    }

    fn signed_with(mut self, secret: &str, form: MessageForm) -> Self {
        let token = self.token(secret, form);
        self.sign = false;
        self.with("x-km-tran-time", token.timestamp().tran_time())
            .with("x-km-tran-token", token.as_str())
    }

    async fn send(self, sandbox: &Sandbox) -> (u16, Value) {
        let attempt = if self.sign {
            self.signed_with(fixtures::SECRET_KEY, MessageForm::RawBody)
        } else {
            self
        };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = http.post(format!("{}{}", sandbox.base_url(), attempt.path));
        for (name, value) in &attempt.headers {
            request = request.header(name, value);
        }
        let response = request.body(attempt.body).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert!(!text.contains(fixtures::SECRET_KEY), "{text}");
        assert!(!text.contains(fixtures::ACCESS_KEY), "{text}");
        (status, serde_json::from_str(&text).unwrap())
    }
}

fn encrypt(plaintext: &[u8]) -> Value {
    let key = EncryptionKey::from_bytes(include_bytes!("../../keys/server.spki.pem")).unwrap();
    json!({"encData": key.encrypt(ContentEncryption::A128Gcm, plaintext).unwrap()})
}

const CARD: &[u8] = br#"{"cardNo":"9491339401250765"}"#;

#[tokio::test]
async fn each_check_says_what_it_expected() {
    let sandbox = started().await;
    let mut elsewhere = Attempt::plain();
    elsewhere.path = "/api/v1/nowhere".to_owned();
    let mut late = Attempt::plain();
    late.time -= Duration::from_secs(301);
    let mut wrong_zone = Attempt::plain();
    wrong_zone.zone = TimeZone::Utc;
    let no_date = Attempt {
        sign: false,
        ..Attempt::plain()
    }
    .with("x-km-tran-time", "20261341000000")
    .with(
        "x-km-tran-token",
        TranToken::sign(
            &SigningKey::new(fixtures::SECRET_KEY).unwrap(),
            "20261341000000000".parse().unwrap(),
            br#"{"sequenceId":"S"}"#,
            MessageForm::RawBody,
        )
        .as_str(),
    );
    let body = |text: &str| Attempt::new("get_bank_recharge_result", text.as_bytes().to_vec());

    for (attempt, status, check, expected) in [
        (
            elsewhere,
            404,
            "path",
            "the description has no operation at this path",
        ),
        (
            Attempt::plain().without("x-km-correlation-id"),
            400,
            "correlation-id",
            "the header x-km-correlation-id must be there",
        ),
        (
            Attempt::plain().with("x-km-correlation-id", "2026031510451212345-1"),
            400,
            "correlation-id",
            "X-KM-Correlation-Id must be 12 digits, a hyphen and 7 lower-case hex digits",
        ),
        (
            Attempt::plain().with("x-km-user-aspid", "1"),
            401,
            "asp-id",
            "X-KM-User-AspId must be 000170000000000",
        ),
        (
            Attempt::plain().with("x-km-access-key", "1"),
            401,
            "access-key",
            "X-KM-Access-Key must be the sandbox's access key",
        ),
        (
            Attempt::plain().without("x-km-access-key"),
            400,
            "access-key",
            "the header x-km-access-key must be there",
        ),
        (
            Attempt::plain().with("x-km-time-zone", "JST"),
            400,
            "time-zone",
            "X-KM-Time-Zone must be KST or UTC",
        ),
        (
            Attempt {
                sign: false,
                ..Attempt::plain()
            },
            400,
            "tran-token",
            "the header x-km-tran-token must be there",
        ),
        (
            Attempt::plain()
                .signed_with(fixtures::SECRET_KEY, MessageForm::RawBody)
                .without("x-km-tran-time"),
            400,
            "tran-time",
            "the header x-km-tran-time must be there",
        ),
        (
            Attempt {
                sign: false,
                ..Attempt::plain()
            }
            .with("x-km-tran-time", "20260315104511"),
            400,
            "tran-token",
            "the header x-km-tran-token must be there",
        ),
        (
            Attempt {
                sign: false,
                ..Attempt::plain()
            }
            .with("x-km-tran-time", "20260315104511")
            .with("x-km-tran-token", "KMV1:"),
            400,
            "tran-token",
            "X-KM-Tran-Token must have exactly 67 ASCII characters",
        ),
        (
            Attempt::plain()
                .signed_with(fixtures::SECRET_KEY, MessageForm::RawBody)
                .with("x-km-tran-time", "20260315104510"),
            400,
            "tran-time",
            "X-KM-Tran-Time must be the first 14 digits of the token's timestamp, yyyyMMddHHmmss, or a \
             second before or after it",
        ),
        (
            Attempt::plain().signed_with("another", MessageForm::RawBody),
            401,
            "tran-token",
            "the token must be HMAC-SHA256 with the sandbox's secret key over the raw body, which has 18 bytes",
        ),
        (
            Attempt::plain().signed_with(fixtures::SECRET_KEY, MessageForm::Base64Body),
            401,
            "tran-token",
            "the token signs the base64 text of the body, and this sandbox expects it to sign the raw body",
        ),
        (
            no_date,
            400,
            "tran-time",
            "the token's timestamp must be a time that exists",
        ),
        (
            Attempt::plain().with("content-type", "text/plain"),
            400,
            "content-type",
            "Content-Type must be application/json",
        ),
        (
            body("[]"),
            400,
            "json",
            "the body must be a JSON object in UTF-8: it is another value",
        ),
        (
            body("{"),
            400,
            "json",
            "the body must be a JSON object in UTF-8: EOF while parsing an object at line 1 column 1",
        ),
        (
            Attempt::encrypted(&json!({"cardNo": "9491339401250765"})),
            400,
            "encryption",
            "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}",
        ),
        (
            body(&encrypt(b"{}").to_string()),
            400,
            "encryption",
            "the request of this operation must be plain JSON",
        ),
        (
            Attempt::encrypted(&json!({"encData": "a.b.c.d.e"})),
            400,
            "encryption",
            "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's public key",
        ),
        (
            Attempt::encrypted(&encrypt(b"[]")),
            400,
            "json",
            "the body must be a JSON object in UTF-8: it is another value",
        ),
        (
            Attempt::encrypted(&encrypt(CARD)).without("x-km-crypto-key-id"),
            400,
            "crypto-key-id",
            "the header x-km-crypto-key-id must be there",
        ),
        (
            Attempt::encrypted(&encrypt(CARD)).with("x-km-crypto-key-id", "1"),
            400,
            "crypto-key-id",
            "X-KM-Crypto-Key-Id must be 5a4db0c0000000000000000000000001",
        ),
        (
            body(r#"{"sequenceId":"S","more":1}"#),
            400,
            "schema",
            "more: no fields but the documented ones",
        ),
        (
            Attempt::plain().with("x-sandbox-response", "999_999"),
            400,
            "response",
            "X-Sandbox-Response must be a failure code that the description lists for this operation, or the name of one of its examples",
        ),
    ] {
        let (got, response) = attempt.send(&sandbox).await;
        assert_eq!(response["sandbox"]["check"], check, "{response}");
        assert_eq!(response["sandbox"]["expected"], expected);
        assert_eq!(got, status, "{check}");
        let code = response["response"]["code"].as_str().unwrap();
        assert!(
            code == format!("sandbox:{check}") || code == "000_002",
            "{code}"
        );
    }

    for (attempt, by) in [(late, 301), (wrong_zone, 32_400)] {
        let (status, response) = attempt.send(&sandbox).await;
        assert_eq!(status, 400);
        let expected = response["sandbox"]["expected"].as_str().unwrap();
        assert!(
            expected.contains("within 300 seconds of the sandbox's in the zone KST"),
            "{expected}"
        );
        assert!(
            expected.contains(&format!("is {by} seconds away")),
            "{expected}"
        );
    }
}

#[tokio::test]
async fn a_correlation_id_works_once() {
    let sandbox = started().await;
    let id = CorrelationId::fresh(TimeZone::Kst);
    let attempt = || Attempt::plain().with("x-km-correlation-id", id.as_str());
    let (_, first) = attempt().send(&sandbox).await;
    assert_eq!(first["response"]["code"], "007_009");
    let (status, second) = attempt().send(&sandbox).await;
    assert_eq!(status, 400);
    assert_eq!(
        second["sandbox"]["expected"],
        "X-KM-Correlation-Id must be fresh, and was used before"
    );
}

#[tokio::test]
async fn a_method_other_than_post_is_refused() {
    let sandbox = started().await;
    let path = Operation::find("issue_one_time_token").unwrap().path();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = http
        .get(format!("{}{path}", sandbox.base_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);

    // It is not known what it asks for, so no fault acts on what it says.
    for fault in ["unknown-code", "wrong-tag", "unknown-key-id"] {
        let rejected = http
            .get(format!("{}{path}", sandbox.base_url()))
            .header("x-sandbox-fault", fault)
            .send()
            .await
            .unwrap();
        assert_eq!(rejected.status(), 405, "{fault}");
        let body: Value = serde_json::from_str(&rejected.text().await.unwrap()).unwrap();
        assert_eq!(body["response"]["code"], "sandbox:method", "{fault}");
    }
}

#[tokio::test]
async fn the_other_message_form_can_be_expected() {
    let sandbox = Sandbox::builder()
        .message_form(MessageForm::Base64Body)
        .start()
        .await
        .unwrap();
    let raw = sandbox
        .client()
        .get_bank_recharge_result()
        .sequence_id("S")
        .send()
        .await;
    let error = raw.unwrap_err();
    assert_eq!(error.http_status(), Some(401));
    assert!(error.to_string().contains(
        "sandbox:tran-token the token signs the raw body, and this sandbox expects it to sign the base64 text of the body"
    ), "{error}");
    let client = sandbox
        .client_builder()
        .message_form(MessageForm::Base64Body)
        .build()
        .unwrap();
    let error = client
        .get_bank_recharge_result()
        .sequence_id("S")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code().unwrap().code(), "007_009");
}

#[tokio::test]
async fn the_variables_make_a_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let variables = sandbox.variables();
    let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "KONAPLATE_BASE_URL",
            "KONAPLATE_ASP_ID",
            "KONAPLATE_ACCESS_KEY",
            "KONAPLATE_SECRET_KEY",
            "KONAPLATE_CRYPTO_KEY_ID",
            "KONAPLATE_SERVER_PUBLIC_KEY",
            "KONAPLATE_CLIENT_PRIVATE_KEY",
        ]
    );
    assert!(variables.iter().all(|(_, value)| !value.contains('\n')));
    let client = konaplate::ClientBuilder::from_vars(|name| {
        variables
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.clone())
    })
    .unwrap()
    .http(reqwest::Client::builder().no_proxy())
    .build()
    .unwrap();
    let response = client
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    assert!(response.exchange().response_encrypted());
}

#[tokio::test]
async fn a_sandbox_that_is_dropped_stops() {
    let sandbox = started().await;
    let client = sandbox.client();
    drop(sandbox);
    loop {
        let call = client.get_bank_recharge_result().sequence_id("S");
        let refused = call.send().await.err();
        if refused.is_some_and(|error| error.kind() == konaplate::ErrorKind::Connect) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_sandbox_does_not_print_what_it_knows() {
    let sandbox = started().await;
    let token = sandbox
        .client()
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    let printed = format!("{sandbox:?} {:#?}", sandbox.snapshot());
    assert!(printed.len() < 20_000, "{}", printed.len());
    for secret in [
        "949133",
        "Q180BEA3B2F1",
        "김코나",
        "01000000001",
        "333015555557",
        konaplate_sandbox::fixtures::SECRET_KEY,
        token.one_time_token.expose(),
    ] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_tran_time_may_be_a_second_from_the_tokens_and_not_two() {
    let sandbox = started().await;
    let second = Duration::from_secs(1);
    for (time, code) in [
        (now(), "007_009"),
        (now() - second, "007_009"),
        (now() + second, "007_009"),
        (now() - 2 * second, "sandbox:tran-time"),
        (now() + 2 * second, "sandbox:tran-time"),
    ] {
        let time = Timestamp::new(time, TimeZone::Kst);
        let attempt = Attempt::plain()
            .signed_with(fixtures::SECRET_KEY, MessageForm::RawBody)
            .with("x-km-tran-time", time.tran_time());
        let (_, body) = attempt.send(&sandbox).await;
        assert_eq!(body["response"]["code"], code);
    }
    for wrong in ["2026031510451", "20261341000000", "yyyyMMddHHmmss"] {
        let attempt = Attempt::plain()
            .signed_with(fixtures::SECRET_KEY, MessageForm::RawBody)
            .with("x-km-tran-time", wrong);
        let (_, body) = attempt.send(&sandbox).await;
        assert_eq!(body["response"]["code"], "sandbox:tran-time", "{wrong}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_told_why() {
    let sandbox = started().await;
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (body, why) in [
        (b"{\"a\":\"\xff\"}".to_vec(), "it is not UTF-8"),
        ("\u{feff}{}".into(), "it begins with a byte order mark"),
        (b"{\"a\":1e400}".to_vec(), "number out of range"),
        (b"{\"a\":\"\0\"}".to_vec(), "control character"),
        (format!("{{\"a\":{deep}}}").into_bytes(), "recursion limit"),
        (b"{\"a\":1,}".to_vec(), "trailing comma"),
        (b"{\"a\":".to_vec(), "EOF"),
        (b"[]".to_vec(), "it is another value"),
        (
            b"{\"encData\":\"a\",\"encData\":\"b\"}".to_vec(),
            "is there twice",
        ),
    ] {
        let attempt = Attempt::new("get_bank_recharge_result", body);
        let (status, response) = attempt.send(&sandbox).await;
        assert_eq!(
            (status, &response["response"]["code"]),
            (400, &"sandbox:json".into())
        );
        let message = response["response"]["description"].as_str().unwrap();
        assert!(message.contains(why), "{why}: {message}");
    }
}
