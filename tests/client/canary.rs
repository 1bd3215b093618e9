//! Promise: no secret gets out. Every sensitive field, every key and every place of a response
//! where something unexpected may stand is planted with a word that must not turn up in any
//! `Debug`, `Display`, error, tracing event or panic message.

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support;
use crate::support::{Reply, Server, builder, encrypted_for_client, json_response, reply};
use konaplate::types::{
    CardNumber, GiftPrepaidCardResponseBody, IssueOneTimeTokenResponseBody, MaskedJson,
};
use konaplate::{CallOptions, Client, Error, OutcomePolicy, RetryPolicy};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

const CARD: &str = "CANARYCARDNUMBER";
const TOKEN: &str = "CANARYONETIMETOK";
const DCVV: &str = "CVQ";
const PAR: &str = "CANARYPAYMENTACCOUNTREFEREN";
const NAME: &str = "CanaryName카나리아";
const PHONE: &str = "CanaryPhone01000";
const SECRET: &str = "CanarySecretKeyOfTheProject";
const ACCESS: &str = "CanaryAccessKey-0123456789abcdef01234567";
const UNKNOWN: &str = "CanaryOfAnUnknownPlace";
/// In the letters that a code of the sandbox has.
const IN_CODE: &str = "canary-in-a-code";

/// Everything that must not turn up. The word for the dynamic CVV is three letters that occur in
/// no text of ours.
const CANARIES: [&str; 10] = [
    CARD, TOKEN, DCVV, PAR, NAME, PHONE, SECRET, ACCESS, UNKNOWN, IN_CODE,
];

/// Collects everything that is printed.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<String>>);

impl Ledger {
    fn debug(&self, value: &impl Debug) {
        let mut text = self.0.lock().unwrap();
        writeln!(text, "{value:?}\n{value:#?}").unwrap();
    }

    fn error(&self, error: &Error) {
        self.debug(error);
        let mut text = self.0.lock().unwrap();
        writeln!(text, "{error}").unwrap();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            writeln!(text, "{cause}\n{cause:?}").unwrap();
            source = cause.source();
        }
    }

    #[track_caller]
    fn assert_clean(&self, at_least: usize) {
        let text = self.0.lock().unwrap();
        for canary in CANARIES {
            if let Some(at) = text.find(canary) {
                let around = &text[at.saturating_sub(120)..(at + canary.len()).min(text.len())];
                panic!("{canary} turned up: {around}");
            }
        }
        assert!(
            text.len() >= at_least,
            "only {} bytes were printed",
            text.len()
        );
    }
}

impl io::Write for Ledger {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap()
            .push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Ledger {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn client(url: &str) -> Client {
    builder(url)
        .project_keys(support::ASP_ID, ACCESS, SECRET)
        .build()
        .unwrap()
}

/// Makes every call with a canary in every sensitive field, and prints all there is to print.
async fn call_everything(ledger: &Ledger, client: &Client) {
    ledger.debug(client);
    macro_rules! go {
        ($call:expr) => {{
            let call = $call;
            ledger.debug(&call);
            match call.send().await {
                Ok(response) => {
                    ledger.debug(&response);
                    ledger.debug(&(response.repairs(), response.unread(), response.bytes()));
                }
                Err(error) => ledger.error(&error),
            }
        }};
    }
    go!(client.issue_one_time_token().card_no(CARD));
    go!(client
        .create_credit_card_recharge()
        .sequence_id("S")
        .user_id(1)
        .amount(1)
        .one_time_token(TOKEN)
        .dcvv(DCVV)
        .affiliate_id("000170000001000"));
    go!(client
        .recharge_from_bank_account()
        .sequence_id("S")
        .user_id(1)
        .amount(1)
        .one_time_token(TOKEN)
        .dcvv(DCVV)
        .merchant_id("410195430033901")
        .extra("more", UNKNOWN));
    go!(client.get_bank_recharge_result().sequence_id("S"));
    go!(client
        .update_lower_limit_auto_recharge()
        .user_id(1)
        .par(PAR)
        .amount(1)
        .threshold_balance(1));
    go!(client
        .gift_prepaid_card()
        .sender_user_id("1")
        .sender_name(NAME)
        .sender_phone(PHONE)
        .receiver_name(NAME)
        .receiver_phone(PHONE)
        .service_id("000170000002000")
        .amount(1)
        .one_time_token(TOKEN)
        .dcvv(DCVV)
        .locale("KO"));
    go!(client.raw("/api/v9/new", json!({"cardNo": CARD, "new": UNKNOWN})));
    go!(client.raw(format!("/api/v1/cards/{CARD}/{UNKNOWN}"), json!({})));
    go!(client.raw(format!("/api/v1/cards/{CARD} {UNKNOWN}"), json!({})));
    // What is kept of a charge that is settled, and of attempts that failed.
    let charge = client
        .recharge_from_bank_account()
        .sequence_id("S")
        .user_id(1)
        .amount(1)
        .one_time_token(TOKEN)
        .dcvv(DCVV)
        .merchant_id("410195430033901")
        .extra("more", UNKNOWN);
    let moment = Duration::from_millis(1);
    let briefly = OutcomePolicy::new().interval(moment).deadline(moment);
    let charge = charge.options(CallOptions::new().outcome(briefly));
    match charge.send_for_outcome().await {
        Ok(outcome) => ledger.debug(&outcome),
        Err(error) => ledger.error(&error),
    }
    let twice = RetryPolicy::new().attempts(2).base(moment).cap(moment);
    go!(client
        .get_bank_recharge_result()
        .sequence_id("S")
        .retry(twice));
    // Values against their rules, too.
    go!(client
        .issue_one_time_token()
        .card_no(format!("{CARD}{CARD}")));
    go!(client.issue_one_time_token().card_no(CARD).type_(UNKNOWN));
    go!(client.gift_prepaid_card().sender_user_id(UNKNOWN));
    go!(client.raw("/api/v9/new", json!(UNKNOWN)));
}

/// Responses that carry canaries in every place.
fn replies() -> Vec<Reply> {
    let all = json!({
        "cardNo": CARD, "oneTimeToken": TOKEN, "dcvv": DCVV, "par": PAR, "name": NAME, "phone": PHONE,
        "unknown": UNKNOWN,
    });
    let success = json!({
        "response": {"code": "000_000", "description": "Success", "more": UNKNOWN},
        "oneTimeToken": TOKEN, "dcvv": DCVV, "expiryTime": 1, "result": UNKNOWN, "transferId": "T",
        "transactionId": "T", "redirectUrl": "U", "nrNumber": "N", "isPending": true, "new": all,
    });
    let unreadable = json!({
        "response": {"code": "000_000"},
        "oneTimeToken": [TOKEN], "dcvv": {"of": DCVV}, "expiryTime": UNKNOWN, "result": [UNKNOWN],
        "transferId": {UNKNOWN: 1}, "transactionId": [UNKNOWN], "isPending": UNKNOWN, "nrNumber": "N",
    });
    let failure = |code: &str, status| {
        let body = json!({"response": {"code": code, "description": format!("Invalid input parameter. {all}")}, "all": all});
        json_response(status, body.to_string())
    };
    let html = format!("<html><head><title>{CARD} {NAME}</title></head><body>{all}</body></html>");
    let mut told = success.clone();
    told["response"]["description"] = format!("{CARD} {NAME}").into();
    // Every header that is read, and others.
    let headers = |status| {
        let key_id = format!("{UNKNOWN}0123456789");
        let headers = [
            ("content-type", "application/json"),
            ("x-km-correlation-id", CARD),
            ("x-km-crypto-key-id", key_id.as_str()),
            ("retry-after", TOKEN),
            ("server", UNKNOWN),
            ("set-cookie", SECRET),
        ];
        reply(status, &headers, success.to_string())
    };
    // With bytes of another charset where & is.
    let damaged = json!({
        "response": {"code": "000_000", "description": format!("& {CARD}")},
        "oneTimeToken": format!("{TOKEN}&"), "dcvv": "&", "nrNumber": "&1",
        format!("{UNKNOWN}&"): [{UNKNOWN: format!("{PHONE}&")}], "transactionId": format!("&{PAR}"),
        "result": "&", "isPending": false, "new": all,
    })
    .to_string();
    let broken = |text: &str| -> Vec<u8> {
        let byte = |byte| if byte == b'&' { 0xB0 } else { byte };
        text.bytes().map(byte).collect()
    };
    vec![
        headers(200),
        headers(503),
        json_response(200, told.to_string()),
        failure("sandbox:tran-token", 400),
        failure(&format!("sandbox:{IN_CODE}"), 400),
        failure(&format!("sandbox:{UNKNOWN}"), 400),
        json_response(200, success.to_string()),
        json_response(200, encrypted_for_client(&success.to_string())),
        json_response(200, unreadable.to_string()),
        json_response(200, encrypted_for_client(&unreadable.to_string())),
        json_response(200, all.to_string()),
        json_response(200, Value::String(UNKNOWN.to_owned()).to_string()),
        failure("000_002", 400),
        failure("999_999", 400),
        failure(UNKNOWN, 400),
        failure("006_001", 500),
        json_response(
            500,
            json!({"message": format!("Duplicate entry '{CARD}' {NAME} {PHONE} {DCVV}")})
                .to_string(),
        ),
        reply(502, &[("content-type", "text/html")], html),
        reply(
            302,
            &[("location", &format!("http://127.0.0.1/{CARD}"))],
            CARD,
        ),
        json_response(
            200,
            json!({"encData": format!("{CARD}.{TOKEN}.{DCVV}.{PAR}.{NAME}")}).to_string(),
        ),
        reply(200, &[], damaged.replace("&", "\u{1}")),
        reply(200, &[], broken(&damaged)),
        reply(400, &[], broken(&damaged.replace("000_000", "000_002"))),
        reply(200, &[], &damaged[..damaged.len() - 40]),
        reply(200, &[], damaged.replace("&", &"[".repeat(200))),
        reply(200, &[], damaged.replace("\"&\"", "1e400")),
        Reply::Bytes(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{all}").into_bytes()),
        Reply::Bytes(format!("HTTP/1.1 2{CARD}\r\n\r\n").into_bytes()),
        Reply::Close,
    ]
}

/// In a process of its own: connections are on other threads, and what they print goes to the
/// subscriber of the process.
#[tokio::test(flavor = "current_thread")]
async fn calls_responses_and_events_give_nothing_away() {
    if !support::is_alone("canary::calls_responses_and_events_give_nothing_away", &[]) {
        return;
    }
    let ledger = Ledger::default();
    tracing_subscriber::fmt()
        .with_writer(ledger.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .init();
    for reply in replies() {
        let server = Server::start(reply).await;
        call_everything(&ledger, &client(&server.url)).await;
    }
    call_everything(&ledger, &client("http://127.0.0.1:1")).await;
    ledger.assert_clean(500_000);
    let text = ledger.0.lock().unwrap();
    // The spans did get there, with what they are for.
    for expected in [
        "operation=issue_one_time_token",
        "correlation_id=\"260315104512-",
        "status=200",
        "code=\"000_000\"",
        "code=000_002",
        "duration_ms=",
        // What speaks HTTP was heard, too. hyper itself says nothing, unless it is built with an
        // unstable flag of its own.
        "hyper_util::",
        "reqwest::",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
}

#[test]
fn settings_give_nothing_away() {
    let ledger = Ledger::default();
    let key = |name: &str| support::key_file(name);
    let builders = [
        builder("http://127.0.0.1:1").project_keys(support::ASP_ID, ACCESS, SECRET),
        builder("http://127.0.0.1:1").project_keys(UNKNOWN, ACCESS, SECRET),
        builder("http://127.0.0.1:1").project_keys(
            support::ASP_ID,
            &format!("{ACCESS}{ACCESS}"),
            SECRET,
        ),
        builder("http://127.0.0.1:1").crypto_key(
            UNKNOWN,
            key("server.spki.pem"),
            key("client.pkcs8.pem"),
        ),
        builder("http://127.0.0.1:1").crypto_key(support::KEY_ID, UNKNOWN, UNKNOWN),
        builder(&format!("http://{UNKNOWN}:{SECRET}@127.0.0.1:1")),
        builder(UNKNOWN),
    ];
    for builder in builders {
        ledger.debug(&builder);
        match builder.build() {
            Ok(client) => ledger.debug(&client),
            Err(error) => ledger.error(&error),
        }
    }
    ledger.assert_clean(1_000);
    // Of the key files nothing either: not a single line of their base64.
    let text = ledger.0.lock().unwrap();
    for line in String::from_utf8(key("client.pkcs8.pem")).unwrap().lines() {
        assert!(!text.contains(line), "{line}");
    }
}

#[test]
fn panics_give_nothing_away() {
    let ledger = Ledger::default();
    let hook = ledger.clone();
    let previous = Arc::new(std::panic::take_hook());
    let others = Arc::clone(&previous);
    let own_thread = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() != own_thread {
            // Another test's: it is shown as always.
            return others(panic);
        }
        let mut text = hook.0.lock().unwrap();
        writeln!(text, "{panic}").unwrap();
    }));
    let unwraps: [fn(); 4] = [
        || drop(CardNumber::try_from(format!("{CARD}1")).unwrap()),
        || {
            let response: Result<IssueOneTimeTokenResponseBody, _> = serde_json::from_value(
                json!({"response": {"code": "000_000"}, "oneTimeToken": TOKEN}),
            );
            // serde's own error, as a caller of serde would see it.
            drop(response.unwrap());
        },
        || {
            let response: GiftPrepaidCardResponseBody = serde_json::from_value(
                json!({"response": {"code": "000_000"}, "transferId": "T", "name": NAME}),
            )
            .unwrap();
            panic!("{response:?}");
        },
        || {
            let json = MaskedJson::from(json!({"cardNo": CARD, "list": [TOKEN]}));
            panic!("{json:?} {:?}", Some(&json));
        },
    ];
    let outcomes: Vec<_> = unwraps.into_iter().map(std::panic::catch_unwind).collect();
    std::panic::set_hook(Box::new(move |panic| previous(panic)));
    assert!(outcomes.iter().all(Result::is_err));
    ledger.assert_clean(200);
}
