//! Whatever is sent to the sandbox, in whatever order: it responds in its own form, no money comes
//! from nowhere, and what is refused moves none.
//!
//! An input is a few calls. Each starts as a good one: an operation's example with the sandbox's
//! own test data and what earlier responses named, signed and encrypted as it should be. The input
//! then changes fields, headers, the bytes of the body, the path or the method.
#![no_main]

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use konaplate::protocol::Timestamp;
use konaplate::protocol::headers::{
    ACCESS_KEY, ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
};
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{Encrypted, Operation, SUCCESS, TimeZone};
use konaplate_sandbox::{LoggedRequest, Sandbox, fixtures};
use konaplate_spec::Spec;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

const SERVER: &[u8] = include_bytes!("../../sandbox/keys/server.spki.pem");
const CLIENT: &[u8] = include_bytes!("../../sandbox/keys/client.pkcs8.pem");

/// The most calls of an input. More of them find nothing that these do not.
const CALLS: usize = 16;

#[derive(Debug, Arbitrary)]
struct Call<'a> {
    operation: u8,
    /// Whose card it is about.
    card: u8,
    amount: u16,
    encryption: Encryption,
    edits: Vec<Edit<'a>>,
    twist: Option<Twist<'a>>,
    /// Seconds that pass before.
    later: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
enum Encryption {
    AsDescribed,
    Plain,
    Encrypted,
}

/// A change of a field, by its place among all of the body.
#[derive(Debug, Arbitrary)]
enum Edit<'a> {
    Remove(u8),
    Set(u8, Content<'a>),
    Add(&'a str, Content<'a>),
}

#[derive(Debug, Arbitrary)]
enum Content<'a> {
    Null,
    Flag(bool),
    Number(u64),
    Negative(i64),
    Fraction(f64),
    Digits(u64),
    Text(&'a str),
    Long(char, u16),
    List,
    Object,
    /// A value that a response had.
    Named(u8),
}

/// A change of the request that is no field.
#[derive(Debug, Arbitrary)]
enum Twist<'a> {
    Body(&'a [u8]),
    /// Not the plaintext is changed, but the encrypted message.
    Message(&'a str),
    Path(&'a str),
    Method(u8),
    Header(u8, &'a [u8]),
    SecondHeader(u8, &'a [u8]),
    NoHeader(u8),
    Unsigned(&'a [u8]),
    AnotherTime(i32),
    Reply(&'a str),
    Failure(u8),
    Fault(u8, u16),
    Again,
    /// Not a call of an operation.
    Control(u8, &'a [u8]),
    Window(bool),
}

/// Faults by name; those with a colon get a number.
const FAULTS: [&str; 16] = [
    "close-before",
    "close-after",
    "delay:",
    "cut-response:",
    "length-too-large",
    "length-too-small",
    "html-after:50",
    "retry-after:",
    "wrong-tag",
    "unknown-key-id",
    "plain-response",
    "unknown-enum-value",
    "unknown-code",
    "extra-fields",
    "duplicated-response",
    "stale-response",
];

const CONTROL: [(Method, &str); 10] = [
    (Method::GET, "faults"),
    (Method::DELETE, "faults"),
    (Method::POST, "faults/next"),
    (Method::POST, "faults/operation"),
    (Method::POST, "faults/rate"),
    (Method::GET, "clock"),
    (Method::POST, "clock/advance"),
    (Method::POST, "responses"),
    (Method::GET, "requests"),
    (Method::POST, "reset"),
];

/// What is made once.
struct Stage {
    runtime: Runtime,
    sandbox: Sandbox,
    operations: Vec<Described>,
    signing: SigningKey,
    encryption: EncryptionKey,
    decryption: DecryptionKey,
}

/// An operation with an example of its request.
struct Described {
    operation: &'static Operation,
    example: Map<String, Value>,
    /// Whether it takes fields that the description does not name.
    is_open: bool,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        // Time that a task waits for passes at once.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let sandbox = runtime.block_on(Sandbox::start()).unwrap();
        let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
        let operations = Operation::all().iter().map(|operation| {
            let request = &spec.operation(operation.id()).unwrap().request;
            let example = request.examples.first();
            let example = example
                .and_then(|example| example.value.as_object())
                .cloned();
            Described {
                operation,
                example: example.unwrap_or_default(),
                is_open: spec.schema(&request.schema).is_incomplete(),
            }
        });
        Stage {
            operations: operations.collect(),
            runtime,
            sandbox,
            signing: SigningKey::new(fixtures::SECRET_KEY).unwrap(),
            encryption: EncryptionKey::from_bytes(SERVER).unwrap(),
            decryption: DecryptionKey::from_bytes(CLIENT).unwrap(),
        }
    })
}

/// A request before it is signed.
struct Draft {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The calls of one input.
struct Story {
    now: SystemTime,
    /// Texts that responses had, by the names of their fields; the last one of a name.
    named: HashMap<String, Value>,
    /// All of them, in their order.
    all: Vec<Value>,
    calls: usize,
    last: Option<(Draft, HeaderMap)>,
    /// Whether the control API was used: responses may be anything from then on.
    steered: bool,
}

impl Story {
    fn new() -> Self {
        Self {
            // 2026-03-15, 10:45:12 in Korea.
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112),
            named: HashMap::new(),
            all: Vec::new(),
            calls: 0,
            last: None,
            steered: false,
        }
    }

    fn tell(&mut self, call: &Call<'_>) {
        let Stage { sandbox, .. } = stage();
        self.calls += 1;
        if let Some(seconds) = call.later {
            let by = Duration::from_secs((seconds % 3_000_000).into());
            self.now += by;
            sandbox.advance_clock(by);
        }
        match call.twist {
            Some(Twist::Control(route, body)) => self.control(route, body),
            Some(Twist::Window(approve)) => self.decide(approve),
            _ => self.call(call),
        }
        assert_eq!(sandbox.ledger_total(), 0);
    }

    fn call(&mut self, call: &Call<'_>) {
        let Stage { operations, .. } = stage();
        let described = &operations[usize::from(call.operation) % operations.len()];
        let mut fields = self.fields(described, call);
        for edit in call.edits.iter().take(8) {
            self.edit(&mut fields, edit);
        }
        let plaintext = match call.twist {
            Some(Twist::Body(bytes)) => bytes.to_vec(),
            _ => fields.to_string().into_bytes(),
        };
        let encrypted = match call.encryption {
            Encryption::AsDescribed => described.operation.request_encrypted() == Encrypted::Yes,
            Encryption::Plain => false,
            Encryption::Encrypted => true,
        };
        let mut draft = Draft {
            method: Method::POST,
            path: described.operation.path().to_owned(),
            headers: HeaderMap::new(),
            body: plaintext,
        };
        if encrypted {
            let message = match call.twist {
                Some(Twist::Message(text)) => text.to_owned(),
                _ if draft.body.is_empty() => String::new(),
                _ => stage()
                    .encryption
                    .encrypt(ContentEncryption::A128Gcm, &draft.body)
                    .unwrap(),
            };
            draft.body = json!({"encData": message}).to_string().into_bytes();
        }
        let mut wanted = None;
        self.sign(&mut draft);
        match call.twist {
            Some(Twist::Path(path)) => draft.path = format!("/{path}"),
            Some(Twist::Method(which)) => {
                draft.method = [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS]
                    [usize::from(which) % 4]
                    .clone();
            }
            Some(Twist::Header(which, value)) => {
                if let Some((name, value)) = header(&draft.headers, which, value) {
                    draft.headers.insert(name, value);
                }
            }
            Some(Twist::SecondHeader(which, value)) => {
                if let Some((name, value)) = header(&draft.headers, which, value) {
                    draft.headers.append(name, value);
                }
            }
            Some(Twist::NoHeader(which)) => {
                if let Some((name, _)) = header(&draft.headers, which, b"") {
                    draft.headers.remove(name);
                }
            }
            Some(Twist::Unsigned(bytes)) => draft.body = bytes.to_vec(),
            Some(Twist::AnotherTime(seconds)) => {
                let by = Duration::from_secs(seconds.unsigned_abs().into());
                let there = if seconds < 0 {
                    self.now.checked_sub(by)
                } else {
                    self.now.checked_add(by)
                };
                sign(&mut draft, there.unwrap_or(self.now));
            }
            Some(Twist::Reply(text)) => wanted = Some(("x-sandbox-response", text.to_owned())),
            Some(Twist::Failure(which)) => {
                let codes = described.operation.codes();
                if !codes.is_empty() {
                    let code = codes[usize::from(which) % codes.len()].code();
                    wanted = Some(("x-sandbox-response", code.to_owned()));
                }
            }
            Some(Twist::Fault(which, number)) => {
                let name = FAULTS[usize::from(which) % FAULTS.len()];
                let fault = match name {
                    "html-after:50" => format!("{name}{}", number % 8),
                    _ if name.ends_with(':') => format!("{name}{number}"),
                    _ => name.to_owned(),
                };
                wanted = Some(("x-sandbox-fault", fault));
            }
            Some(Twist::Again) => {
                // The same once more, with the same correlation id.
                if let Some((last, headers)) = self.last.take() {
                    draft = last;
                    draft.headers = headers;
                }
            }
            _ => {}
        }
        if let Some((name, value)) = wanted
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            draft.headers.insert(name, value);
        }
        self.send(draft);
    }

    /// The example of an operation, with test data in the place of its own where that has the name.
    fn fields(&self, described: &Described, call: &Call<'_>) -> Value {
        let card = &fixtures::CARDS[usize::from(call.card) % fixtures::CARDS.len()];
        let holder = fixtures::MEMBERS
            .iter()
            .find(|member| member.user_id == card.user_id)
            .unwrap();
        let other = &fixtures::MEMBERS[usize::from(call.card / 17) % fixtures::MEMBERS.len()];
        let amount = u64::from(call.amount) * 10;
        let sequence = match described.operation.id() {
            "get_bank_recharge_result" => self.calls.saturating_sub(1),
            _ => self.calls,
        };
        let usual = [
            ("userId", json!(card.user_id)),
            ("senderUserId", json!(card.user_id.to_string())),
            ("cardNo", json!(card.card_no)),
            ("fromCardNo", json!(card.card_no)),
            (
                "toCardNo",
                json!(fixtures::CARDS[usize::from(call.card / 17) % 17].card_no),
            ),
            ("oldCardNo", json!(card.card_no)),
            ("par", json!(card.par)),
            ("cardExpiry", json!(card.expiry)),
            ("serviceId", json!(card.service_id)),
            ("loginId", json!(holder.login_id())),
            ("loginPassword", json!(fixtures::LOGIN_PASSWORD)),
            ("ci", json!(holder.ci())),
            ("userName", json!(holder.name)),
            ("birthDate", json!(holder.birth_date)),
            ("receiverName", json!(other.name)),
            ("receiverPhone", json!(other.phone)),
            ("merchantId", json!(fixtures::MERCHANTS[0])),
            ("affiliateId", json!(fixtures::AFFILIATE_ID)),
            ("amount", json!(amount)),
            ("thresholdBalance", json!(amount / 2)),
            ("reloadDate", json!((call.amount % 40).to_string())),
            ("sequenceId", json!(format!("S{sequence}"))),
            ("physicalCardCVC", json!(fixtures::CVC)),
            ("oneTimeToken", json!("5297000000000013")),
            ("dcvv", json!("471")),
            ("nrNumber", json!("KMN260315000000001")),
            ("transferId", json!("20260315104512000001")),
        ];
        let mut fields = Value::Object(described.example.clone());
        for (name, usual) in usual {
            let value = self.named.get(name).filter(|_| {
                // Of these, what a response named is the point; of the others it is the card.
                ["oneTimeToken", "dcvv", "nrNumber", "transferId"].contains(&name)
            });
            let value = value.cloned().unwrap_or(usual);
            if described.is_open && fields.get(name).is_none() {
                fields[name] = value;
            } else {
                replace(&mut fields, name, &value);
            }
        }
        for name in ["cardApplyNo", "regNo"] {
            if let Some(value) = self.named.get(name) {
                replace(&mut fields, name, value);
            }
        }
        if let Some(number) = self.named.get("cardApplyNo").and_then(Value::as_str) {
            let card_no = fixtures::physical_card_no(number);
            replace(&mut fields, "physicalCardNo", &json!(card_no));
        }
        fields
    }

    fn edit(&self, fields: &mut Value, edit: &Edit<'_>) {
        let mut places = Vec::new();
        pointers(fields, String::new(), &mut places);
        let place = |which: u8| {
            (!places.is_empty()).then(|| places[usize::from(which) % places.len()].clone())
        };
        match edit {
            Edit::Remove(which) => {
                if let Some((parent, name)) = place(*which)
                    && let Some(parent) = fields.pointer_mut(&parent).and_then(Value::as_object_mut)
                {
                    parent.remove(&name);
                }
            }
            Edit::Set(which, content) => {
                if let Some((parent, name)) = place(*which)
                    && let Some(parent) = fields.pointer_mut(&parent).and_then(Value::as_object_mut)
                {
                    parent.insert(name, self.content(content));
                }
            }
            Edit::Add(name, content) => fields[*name] = self.content(content),
        }
    }

    fn content(&self, content: &Content<'_>) -> Value {
        match *content {
            Content::Null => Value::Null,
            Content::Flag(flag) => json!(flag),
            Content::Number(number) => json!(number),
            Content::Negative(number) => json!(number),
            Content::Fraction(number) => json!(number),
            Content::Digits(number) => json!(number.to_string()),
            Content::Text(text) => json!(text),
            Content::Long(letter, length) => {
                json!(String::from(letter).repeat((length % 2_000).into()))
            }
            Content::List => json!([{}]),
            Content::Object => json!({}),
            Content::Named(which) => match self.all.len() {
                0 => json!("S1"),
                count => self.all[usize::from(which) % count].clone(),
            },
        }
    }

    /// Adds the headers of a call that is made now.
    fn sign(&self, draft: &mut Draft) {
        let id = format!("260315104512-{:07x}", self.calls);
        for (name, value) in [
            (ASP_ID, fixtures::ASP_ID),
            (ACCESS_KEY, fixtures::ACCESS_KEY),
            (CRYPTO_KEY_ID, fixtures::CRYPTO_KEY_ID),
            (TIME_ZONE, TimeZone::Kst.as_str()),
            (CORRELATION_ID, &id),
            (http::header::CONTENT_TYPE, "application/json"),
        ] {
            draft
                .headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        sign(draft, self.now);
    }

    fn send(&mut self, draft: Draft) {
        let Stage {
            runtime, sandbox, ..
        } = stage();
        let Ok(request) = request(&draft) else {
            return;
        };
        let is_control = request.uri().path().starts_with("/__sandbox/");
        self.steered |= is_control;
        let before = sandbox.postings();
        let asked = sandbox.requests().len();
        let response = runtime.block_on(sandbox.respond(request));
        let log = sandbox.requests();
        if is_control || log.len() != asked + 1 {
            assert!(self.steered);
            return;
        }
        let logged = log.last().unwrap();
        if !logged.carried_out {
            assert_eq!(
                sandbox.postings(),
                before,
                "refused, and money moved: {logged:?}"
            );
        }
        if logged.fault.is_none() && !self.steered {
            self.read(response.status(), response.body(), logged);
        }
        let headers = draft.headers.clone();
        self.last = Some((draft, headers));
    }

    /// Reads a response that nothing went wrong with.
    fn read(&mut self, status: StatusCode, body: &[u8], logged: &LoggedRequest) {
        assert!(status.as_u16() < 500, "{logged:?}");
        for secret in [fixtures::SECRET_KEY, fixtures::ACCESS_KEY] {
            assert!(!String::from_utf8_lossy(body).contains(secret));
        }
        let mut response: Value = serde_json::from_slice(body).unwrap();
        if let Some(message) = response["encData"].as_str() {
            let plaintext = stage().decryption.decrypt(message, KeyWrapping::RsaOaep256);
            response = serde_json::from_slice(&plaintext.unwrap()).unwrap();
        }
        let code = response["response"]["code"].as_str().unwrap();
        assert!(response["response"]["description"].is_string());
        assert_eq!(logged.code.as_deref(), Some(code));
        assert_eq!(status == StatusCode::OK, code == SUCCESS, "{logged:?}");
        if logged.carried_out {
            assert_eq!(code, SUCCESS);
            self.remember(&response);
        }
    }

    fn remember(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    if value.is_string() || value.is_number() {
                        self.named.insert(name.clone(), value.clone());
                        self.all.push(value.clone());
                    }
                    self.remember(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.remember(item)),
            _ => {}
        }
    }

    fn control(&mut self, route: u8, body: &[u8]) {
        let (method, path) = &CONTROL[usize::from(route) % CONTROL.len()];
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        self.send(Draft {
            method: method.clone(),
            path: format!("/__sandbox/{path}"),
            headers,
            body: body.to_vec(),
        });
    }

    /// Approves or declines in the payment window that was opened last.
    fn decide(&mut self, approve: bool) {
        let steered = self.steered;
        let id = match self.named.get("transactionId") {
            Some(Value::String(id)) => id.clone(),
            _ => "none".to_owned(),
        };
        let decision = if approve { "approve" } else { "decline" };
        self.send(Draft {
            method: Method::POST,
            path: format!("/__sandbox/payment-window/{id}"),
            headers: HeaderMap::new(),
            body: format!("decision={decision}").into_bytes(),
        });
        self.steered = steered;
    }
}

fn sign(draft: &mut Draft, at: SystemTime) {
    let at = Timestamp::new(at, TimeZone::Kst);
    let token = TranToken::sign(&stage().signing, at, &draft.body, MessageForm::RawBody);
    for (name, value) in [(TRAN_TIME, at.tran_time()), (TRAN_TOKEN, token.as_str())] {
        draft
            .headers
            .insert(name, HeaderValue::from_str(value).unwrap());
    }
}

/// One of the headers that are there, with another value.
fn header(headers: &HeaderMap, which: u8, value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let names: Vec<_> = headers.keys().collect();
    let name = names.get(usize::from(which) % names.len().max(1))?;
    Some(((*name).clone(), HeaderValue::from_bytes(value).ok()?))
}

fn request(draft: &Draft) -> http::Result<Request<Vec<u8>>> {
    let mut request = Request::builder()
        .method(draft.method.clone())
        .uri(&draft.path)
        .body(draft.body.clone())?;
    *request.headers_mut() = draft.headers.clone();
    Ok(request)
}

/// Gives every field of that name another value.
fn replace(value: &mut Value, name: &str, with: &Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == name {
                    *value = with.clone();
                } else {
                    replace(value, name, with);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, with)),
        _ => {}
    }
}

/// Where each field stands: the JSON pointer of its object, and its name.
fn pointers(value: &Value, at: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                found.push((at.clone(), name.clone()));
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(value, format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{place}"), found);
            }
        }
        _ => {}
    }
}

fuzz_target!(|calls: Vec<Call<'_>>| {
    let mut story = Story::new();
    let Stage { sandbox, .. } = stage();
    sandbox.reset();
    sandbox.stop_clock_at(story.now);
    for call in calls.iter().take(CALLS) {
        story.tell(call);
    }
});
