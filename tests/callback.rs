//! Promise: a callback is handed out only if it was signed with the secret key for these very bytes,
//! lately, and was not handled before; and none of it is printed.

mod support;

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use konaplate::callback::{
    AuthOrCancel, Callback, CallbackError, CallbackErrorKind, CallbackKind, CallbackPayload,
    CallbackReceiver, CallbackReceiverBuilder, CallbackSigner, MAX_BODY, SignedCallback,
    TransactionType,
};
use konaplate::headers::{
    ACCESS_KEY, ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
};
use konaplate::jwe::{ContentEncryption, KeyWrapping, SealingKey};
use konaplate::signing::{MessageForm, SigningKey, TranToken};
use konaplate::{ErrorKind, TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{KEY_ID, SECRET_KEY, key_file, now};

const SECOND_KEY_ID: &str = "ffffffffffffffffffffffffffffffff";
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn builder() -> CallbackReceiverBuilder {
    CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .asp_id(support::ASP_ID)
        .crypto_key(KEY_ID, key_file("client.pkcs8.pem"))
        .clock(now)
}

fn receiver() -> CallbackReceiver {
    builder().build().unwrap()
}

fn signer() -> CallbackSigner {
    CallbackSigner::new(SECRET_KEY, support::ASP_ID)
        .unwrap()
        .clock(now)
}

fn encrypting(public_key: &str) -> CallbackSigner {
    signer().encrypt_for(KEY_ID, key_file(public_key)).unwrap()
}

fn transaction() -> Value {
    json!({
        "userId": "10000000001", "par": "Q180BEA3B2F1BBD8410336D66A4",
        "trType": "00", "authCancelType": "AUTH",
        "orgAmount": "5000", "trAmount": "4500", "discountAmount": "500", "pointAmount": "0",
        "balanceAfter": "95500", "approvalDateTime": "20260315104512",
        "merchantName": "가게", "approvalCode": "123456", "cardNo": "9491339401250765",
        "mti": "0100", "responseCode": "00", "url": "https://example.com/x",
    })
}

fn signed() -> SignedCallback {
    signer().sign(transaction().to_string()).unwrap()
}

fn receive(
    receiver: &CallbackReceiver,
    request: &SignedCallback,
) -> Result<Callback, CallbackError> {
    receiver.receive(&request.headers, &request.body)
}

#[track_caller]
fn refused(receiver: &CallbackReceiver, request: &SignedCallback) -> CallbackError {
    receive(receiver, request).unwrap_err()
}

/// The request with a header changed.
fn with(mut request: SignedCallback, name: HeaderName, value: &str) -> SignedCallback {
    request
        .headers
        .insert(name, HeaderValue::from_str(value).unwrap());
    request
}

fn header(request: &SignedCallback, name: HeaderName) -> String {
    request.headers[name].to_str().unwrap().to_owned()
}

fn body_of(answer: &konaplate::callback::Acknowledgement) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

#[test]
fn a_plain_callback_is_read_and_acknowledged() {
    let request = signed();
    let callback = receive(&receiver(), &request).unwrap();
    assert_eq!(callback.kind(), CallbackKind::Transaction);
    assert!(!callback.encrypted());
    assert_eq!(callback.json().reveal(), &transaction());
    assert_eq!(callback.sent_at(), now());
    assert_eq!(
        callback.correlation_id().as_str(),
        header(&request, CORRELATION_ID)
    );
    let CallbackPayload::Transaction(read) = callback.payload() else {
        panic!("another kind");
    };
    assert_eq!(read.user_id.as_deref(), Some("10000000001"));
    assert_eq!(
        read.par.unwrap().reveal(),
        transaction()["par"].as_str().unwrap()
    );
    assert_eq!(read.tr_type, Some(TransactionType::Payment));
    assert_eq!(read.auth_cancel_type, Some(AuthOrCancel::Auth));
    let amounts = [
        read.org_amount,
        read.tr_amount,
        read.discount_amount,
        read.point_amount,
        read.balance_after,
    ]
    .map(|amount| amount.unwrap().krw().unwrap());
    assert_eq!(amounts, [5_000, 4_500, 500, 0, 95_500]);
    assert_eq!(
        read.approval_date_time.unwrap().to_datetime(),
        Some(jiff::civil::date(2026, 3, 15).at(10, 45, 12, 0))
    );
    assert_eq!(read.merchant_name.as_deref(), Some("가게"));
    assert_eq!(read.approval_code.as_deref(), Some("123456"));
    assert_eq!(read.card_no.unwrap().reveal(), "9491339401250765");
    assert_eq!(
        (read.mti.as_deref(), read.response_code.as_deref()),
        (Some("0100"), Some("00"))
    );
    assert_eq!(read.url.unwrap().reveal(), "https://example.com/x");
    assert_eq!(read.other.reveal(), &json!({}));

    let answer = callback.acknowledge();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(
        answer.headers()[CORRELATION_ID],
        request.headers[CORRELATION_ID]
    );
    assert_eq!(
        body_of(&answer),
        json!({"response": {"code": "000_000", "description": "Success"}})
    );
    let response: http::Response<Vec<u8>> = answer.clone().into();
    assert_eq!(response.body(), answer.body());
    assert_eq!(response.headers(), &answer.headers());
}

#[test]
fn a_rejection_has_a_code_that_is_none_of_success() {
    let receiver = receiver();
    let answer = receive(&receiver, &signed())
        .unwrap()
        .reject("999_999", "not ours")
        .unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        body_of(&answer),
        json!({"response": {"code": "999_999", "description": "not ours"}})
    );
    for code in ["000_000", "", "999999", "9999_999", "99a_999", "٩٩٩_999"] {
        // Rejected, it was forgotten: the same request comes through again and again.
        let callback = receive(&receiver, &signed()).unwrap();
        assert_eq!(
            callback.reject(code, "x").unwrap_err().to_string(),
            "code must be three digits, an underscore and three digits, and not 000_000",
            "{code}"
        );
    }
}

#[test]
fn every_kind_is_read_from_numbers_and_text_and_keeps_what_is_new() {
    let receiver = receiver();
    let read = |json: Value, kind: Option<CallbackKind>| {
        let request = signer().sign(json.to_string()).unwrap();
        let callback = receive(&receiver, &request).unwrap();
        kind.map_or_else(|| callback.payload(), |kind| callback.payload_as(kind))
    };

    let json = json!({
        "userId": 9_999_999_999_999_999_999_u64, "par": "Q", "trType": "77", "authCancelType": "CANCEL",
        "trAmount": -4500, "balanceAfter": null, "cardNo": {"odd": 1}, "pointAmount": "many",
        "new": [1, 2],
    });
    let CallbackPayload::Transaction(transaction) = read(json, None) else {
        panic!("another kind");
    };
    assert_eq!(transaction.user_id.as_deref(), Some("9999999999999999999"));
    assert_eq!(transaction.tr_type.unwrap().as_str(), "77");
    assert_eq!(transaction.auth_cancel_type, Some(AuthOrCancel::Cancel));
    assert_eq!(transaction.tr_amount.unwrap().krw(), Some(-4_500));
    assert_eq!(transaction.balance_after, None);
    let points = transaction.point_amount.unwrap();
    assert_eq!((points.as_str(), points.krw()), ("many", None));
    assert_eq!(transaction.card_no, None);
    assert_eq!(
        transaction.other.reveal(),
        &json!({"cardNo": {"odd": 1}, "new": [1, 2]})
    );

    let json = json!({
        "cardApplyNo": "A", "userId": 1, "par": "Q", "physicalCardNo": "9491", "receiverName": "김코나",
        "receiveDay": 20260315, "url": "https://example.com",
    });
    let CallbackPayload::CardActivated(activated) = read(json, None) else {
        panic!("another kind");
    };
    assert_eq!(activated.receiver_name.unwrap().reveal(), "김코나");
    assert_eq!(activated.receive_day.as_deref(), Some("20260315"));
    assert_eq!(activated.physical_card_no.unwrap().reveal(), "9491");

    let json = json!({"userId": 1, "par": "Q", "digitalCardNo": "9491", "physicalCardNo": null});
    let CallbackPayload::MemberWithdrawn(withdrawn) = read(json, None) else {
        panic!("another kind");
    };
    assert_eq!(withdrawn.digital_card_no.unwrap().reveal(), "9491");
    assert_eq!(withdrawn.physical_card_no, None);

    // Digits that JSON numbers cannot carry are not turned into other digits.
    let json = r#"{"userId":99999999999999999999,"trAmount":4500.0,"cardNo":-9491339401250765}"#;
    let json: Value = serde_json::from_str(json).unwrap();
    let CallbackPayload::Transaction(rounded) = read(json, Some(CallbackKind::Transaction)) else {
        panic!("another kind");
    };
    assert_eq!(rounded.user_id, None);
    assert!(rounded.other.reveal()["userId"].is_f64());
    assert_eq!(rounded.tr_amount.unwrap().krw(), Some(4_500));
    assert_eq!(rounded.card_no.unwrap().reveal(), "-9491339401250765");

    // A route says more than the fields.
    let json = json!({"cardApplyNo": "A", "state": "SHIPPED"});
    assert!(matches!(
        read(json.clone(), None),
        CallbackPayload::Unknown(all) if all.reveal() == &json
    ));
    assert!(matches!(
        read(json.clone(), Some(CallbackKind::ShippingStatus)),
        CallbackPayload::ShippingStatus(all) if all.reveal() == &json
    ));
    let CallbackPayload::CardActivated(activated) = read(json, Some(CallbackKind::CardActivated))
    else {
        panic!("another kind");
    };
    assert_eq!(activated.card_apply_no.as_deref(), Some("A"));
    assert_eq!(activated.other.reveal(), &json!({"state": "SHIPPED"}));
}

#[test]
fn the_signature_of_another_secret_is_refused() {
    let receiver = receiver();
    let other = CallbackSigner::new("another secret", support::ASP_ID)
        .unwrap()
        .clock(now);
    let request = other.sign(transaction().to_string()).unwrap();
    let error = refused(&receiver, &request);
    assert_eq!(error.kind(), CallbackErrorKind::BadSignature);
    assert_eq!(error.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        body_of(&error.acknowledgement()),
        json!({"response": {"code": "999_999", "description": "the signature does not fit the body"}})
    );
    assert_eq!(
        error.correlation_id(),
        Some(header(&request, CORRELATION_ID).as_str())
    );
    // It left no trace: the true one with the same id comes through.
    let request = with(signed(), CORRELATION_ID, &header(&request, CORRELATION_ID));
    assert!(receive(&receiver, &request).is_ok());
}

#[test]
fn no_flipped_bit_of_body_or_signature_is_taken() {
    let receiver = receiver();
    let good = signed();
    for bit in 0..good.body.len() * 8 {
        let mut request = good.clone();
        request.body[bit / 8] ^= 1 << (bit % 8);
        let error = refused(&receiver, &request);
        assert_eq!(error.kind(), CallbackErrorKind::BadSignature, "bit {bit}");
    }
    let token = header(&good, TRAN_TOKEN);
    let signature = "KMV1:20260315104512345:".len();
    for bit in signature * 8..token.len() * 8 {
        let mut bytes = token.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut request = good.clone();
        let Ok(value) = HeaderValue::from_bytes(&bytes) else {
            continue;
        };
        request.headers.insert(TRAN_TOKEN, value);
        let kind = refused(&receiver, &request).kind();
        assert!(
            matches!(
                kind,
                CallbackErrorKind::BadSignature | CallbackErrorKind::MalformedHeader
            ),
            "bit {bit}: {kind:?}"
        );
    }
    assert!(receive(&receiver, &good).is_ok());
}

#[test]
fn a_flipped_bit_of_what_is_not_signed_is_refused_or_changes_nothing_that_is_said() {
    let good = signed();
    let mut refusals = 0;
    for name in [CORRELATION_ID, ASP_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN] {
        let value = header(&good, name.clone());
        for bit in 0..value.len() * 8 {
            let mut bytes = value.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(flipped) = HeaderValue::from_bytes(&bytes) else {
                continue;
            };
            let mut request = good.clone();
            request.headers.insert(name.clone(), flipped);
            match receive(&receiver(), &request) {
                Ok(callback) => {
                    assert_eq!(callback.json().reveal(), &transaction());
                    let apart = callback
                        .sent_at()
                        .duration_since(now())
                        .unwrap_or_else(|before| before.duration());
                    assert!(apart <= FIVE_MINUTES);
                    assert!(name != ASP_ID && name != TIME_ZONE, "{name} bit {bit}");
                }
                Err(_) => refusals += 1,
            }
        }
    }
    assert!(refusals > 500, "{refusals} refused");
}

#[test]
fn a_missing_header_is_named() {
    let receiver = receiver();
    for name in [ASP_ID, CORRELATION_ID, TRAN_TOKEN, TRAN_TIME, TIME_ZONE] {
        let mut request = signed();
        request.headers.remove(&name);
        let error = refused(&receiver, &request);
        assert_eq!(error.kind(), CallbackErrorKind::MissingHeader);
        assert_eq!(error.header(), Some(&name));
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            error.to_string().split(" (").next().unwrap(),
            format!("callback not taken: a header is missing: {name} must be there")
        );
    }
}

#[test]
fn a_header_that_is_there_twice_is_refused_even_if_both_are_equal() {
    let receiver = receiver();
    let encrypted = encrypting("client.spki.pem");
    for name in [
        ASP_ID,
        CORRELATION_ID,
        TRAN_TOKEN,
        TRAN_TIME,
        TIME_ZONE,
        CRYPTO_KEY_ID,
    ] {
        let mut request = encrypted.sign("{}").unwrap();
        let value = request.headers[&name].clone();
        request.headers.append(&name, value);
        let error = refused(&receiver, &request);
        assert_eq!(error.kind(), CallbackErrorKind::MalformedHeader, "{name}");
        assert_eq!(error.header(), Some(&name));
        assert!(error.to_string().contains("must be there once"), "{error}");
    }
}

#[test]
fn a_malformed_header_is_named_with_its_rule_and_without_its_value() {
    let receiver = receiver();
    for (name, value, rule) in [
        (
            ASP_ID,
            "CANARY",
            "must have exactly 15 characters, and has 6",
        ),
        (
            CORRELATION_ID,
            "CANARY260315104512-0a1b2c3",
            "must be 12 digits, a hyphen and 7 hex digits",
        ),
        (TIME_ZONE, "CANARY", "must be KST or UTC"),
        (
            TRAN_TOKEN,
            "CANARY",
            "must have exactly 67 ASCII characters",
        ),
        (
            TRAN_TIME,
            "CANARY20260315104512",
            "must be 14 digits, yyyyMMddHHmmss",
        ),
        (
            TRAN_TIME,
            "20260315104514",
            "must be the first 14 digits of the token's time",
        ),
        (
            TRAN_TIME,
            "20260230104512",
            "must be a date and time that exist",
        ),
    ] {
        let error = refused(&receiver, &with(signed(), name.clone(), value));
        assert_eq!(error.kind(), CallbackErrorKind::MalformedHeader);
        assert_eq!(error.header(), Some(&name));
        let text = format!("{error} {error:?}");
        assert!(text.contains(rule), "{text}");
        assert!(!text.contains("CANARY"), "{text}");
    }
    let request = signed();
    let token = header(&request, TRAN_TOKEN).replace("20260315", "20261315");
    let error = refused(&receiver, &with(request, TRAN_TOKEN, &token));
    assert_eq!(error.header(), Some(&TRAN_TOKEN));
    assert_eq!(error.kind(), CallbackErrorKind::MalformedHeader);
    // Bytes that are no text at all.
    let mut request = signed();
    request
        .headers
        .insert(ASP_ID, HeaderValue::from_bytes(&[0xff; 15]).unwrap());
    assert_eq!(refused(&receiver, &request).header(), Some(&ASP_ID));
}

#[test]
fn an_access_key_and_capital_hex_digits_do_no_harm() {
    let receiver = receiver();
    let request = with(signed(), CORRELATION_ID, "260315104512-0A1B2C3");
    let request = with(request, ACCESS_KEY, "whatever");
    let callback = receive(&receiver, &request).unwrap();
    assert_eq!(callback.correlation_id().as_str(), "260315104512-0a1b2c3");
    // The answer repeats the id as it came.
    let answer = callback.acknowledge();
    assert_eq!(answer.headers()[CORRELATION_ID], "260315104512-0A1B2C3");
}

#[test]
fn the_asp_id_of_another_is_refused_where_one_is_expected() {
    let request = with(signed(), ASP_ID, "000170000000001");
    let error = refused(&receiver(), &request);
    assert_eq!(error.kind(), CallbackErrorKind::WrongAspId);
    assert_eq!(error.header(), Some(&ASP_ID));
    assert_eq!(error.status(), StatusCode::UNAUTHORIZED);

    let any = CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .clock(now)
        .build()
        .unwrap();
    assert!(receive(&any, &request).is_ok());
}

#[test]
fn the_tolerance_holds_to_the_millisecond_in_both_directions() {
    let millisecond = Duration::from_millis(1);
    for (offset, taken) in [
        (FIVE_MINUTES, true),
        (FIVE_MINUTES + millisecond, false),
        (Duration::from_secs(9 * 3600), false),
    ] {
        for (sent_at, side) in [(now() - offset, "before"), (now() + offset, "after")] {
            let signer = signer().clock(move || sent_at);
            let request = signer.sign(transaction().to_string()).unwrap();
            let result = receive(&receiver(), &request);
            match result {
                Ok(callback) => {
                    assert!(taken, "{offset:?} {side}");
                    assert_eq!(callback.sent_at(), sent_at);
                }
                Err(error) => {
                    assert!(!taken, "{offset:?} {side}: {error}");
                    assert_eq!(error.kind(), CallbackErrorKind::Stale);
                    assert_eq!(error.status(), StatusCode::UNAUTHORIZED);
                    assert!(error.to_string().contains(side), "{error}");
                }
            }
        }
    }
}

#[test]
fn the_zone_decides_what_time_it_was() {
    let utc = signer().time_zone(TimeZone::Utc);
    let request = utc.sign(transaction().to_string()).unwrap();
    assert_eq!(header(&request, TRAN_TIME), "20260315014512");
    assert_eq!(receive(&receiver(), &request).unwrap().sent_at(), now());
    let error = refused(&receiver(), &with(request, TIME_ZONE, "KST"));
    assert_eq!(error.kind(), CallbackErrorKind::Stale);
    assert!(error.to_string().contains("32400 s before"), "{error}");
}

#[test]
fn what_was_acknowledged_is_not_handed_out_again_whatever_its_headers() {
    let receiver = receiver();
    let first = signed();
    receive(&receiver, &first).unwrap().acknowledge();

    let error = refused(&receiver, &first);
    assert_eq!(error.kind(), CallbackErrorKind::Replayed);
    // It was handled, so the platform gets what it presumably missed.
    let answer = error.acknowledgement();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(body_of(&answer)["response"]["code"], "000_000");

    // Time and id are not signed: anybody can change them.
    let later = signer().clock(|| now() + Duration::from_secs(60));
    let mut again = later.sign("{}").unwrap();
    again.body.clone_from(&first.body);
    let token = header(&again, TRAN_TOKEN);
    let token = format!("{}{}", &token[..23], &header(&first, TRAN_TOKEN)[23..]);
    let again = with(again, TRAN_TOKEN, &token);
    assert_eq!(
        refused(&receiver, &again).kind(),
        CallbackErrorKind::Replayed
    );
    // Encrypting it does not make it another, either.
    let encrypted = encrypting("client.spki.pem")
        .sign(transaction().to_string())
        .unwrap();
    assert_eq!(
        refused(&receiver, &encrypted).kind(),
        CallbackErrorKind::Replayed
    );
}

#[test]
fn a_correlation_id_that_comes_with_another_body_is_refused_and_not_acknowledged() {
    let receiver = receiver();
    let first = signed();
    receive(&receiver, &first).unwrap().acknowledge();
    let second = signer().sign(r#"{"other":1}"#).unwrap();
    let id = header(&first, CORRELATION_ID).to_ascii_uppercase();
    let error = refused(&receiver, &with(second.clone(), CORRELATION_ID, &id));
    assert_eq!(error.kind(), CallbackErrorKind::ReusedCorrelationId);
    assert_eq!(error.status(), StatusCode::CONFLICT);
    assert_eq!(
        body_of(&error.acknowledgement())["response"]["code"],
        "999_999"
    );
    assert!(receive(&receiver, &second).is_ok());
}

#[test]
fn what_was_not_acknowledged_comes_through_again() {
    let receiver = receiver();
    let request = signed();
    drop(receive(&receiver, &request).unwrap());
    let _ = receive(&receiver, &request)
        .unwrap()
        .reject("999_999", "later");
    let panicking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _callback = receive(&receiver, &request).unwrap();
        panic!("the handler failed");
    }));
    assert!(panicking.is_err());

    let callback = receive(&receiver, &request).unwrap();
    let error = refused(&receiver, &request);
    assert_eq!(error.kind(), CallbackErrorKind::InProgress);
    assert_eq!(error.status(), StatusCode::CONFLICT);
    callback.acknowledge();
    assert_eq!(
        refused(&receiver, &request).kind(),
        CallbackErrorKind::Replayed
    );
}

#[test]
fn of_many_threads_with_one_callback_one_gets_it() {
    const THREADS: usize = 16;
    let receiver = Arc::new(receiver());
    for round in 0..50 {
        let request = signer().sign(json!({"round": round}).to_string()).unwrap();
        let barrier = Barrier::new(THREADS);
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        match receive(&receiver, &request) {
                            Ok(callback) => {
                                callback.acknowledge();
                                1
                            }
                            Err(error) => {
                                assert!(matches!(
                                    error.kind(),
                                    CallbackErrorKind::Replayed | CallbackErrorKind::InProgress
                                ));
                                0
                            }
                        }
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(taken, 1, "round {round}");
    }
}

#[test]
fn the_memory_forgets_the_oldest_and_what_is_older_than_twice_the_tolerance() {
    let seconds = Arc::new(AtomicU64::new(0));
    let time = {
        let seconds = Arc::clone(&seconds);
        move || now() + Duration::from_secs(seconds.load(Ordering::Relaxed))
    };
    let receiver = builder()
        .replay_memory(2)
        .tolerance(Duration::from_secs(10))
        .clock(time.clone())
        .build()
        .unwrap();
    let signer = signer().clock(time);
    let taken = |body: &str| {
        let request = signer.sign(body).unwrap();
        match receive(&receiver, &request) {
            Ok(callback) => {
                callback.acknowledge();
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), CallbackErrorKind::Replayed);
                false
            }
        }
    };
    assert!(taken(r#"{"n":1}"#) && taken(r#"{"n":2}"#));
    assert!(!taken(r#"{"n":1}"#) && !taken(r#"{"n":2}"#));
    assert!(taken(r#"{"n":3}"#)); // Pushes 1 out.
    assert!(!taken(r#"{"n":2}"#) && taken(r#"{"n":1}"#));
    seconds.store(20, Ordering::Relaxed);
    assert!(!taken(r#"{"n":1}"#));
    seconds.store(21, Ordering::Relaxed);
    assert!(taken(r#"{"n":1}"#));
}

#[test]
fn the_first_key_opens_and_another_does_not() {
    let request = encrypting("client.spki.pem")
        .sign(transaction().to_string())
        .unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    let callback = receive(&receiver(), &request).unwrap();
    assert!(callback.encrypted());
    assert_eq!(callback.kind(), CallbackKind::Transaction);
    assert_eq!(callback.json().reveal(), &transaction());

    // Without the id of a key it is the first one.
    let mut unnamed = request.clone();
    unnamed.headers.remove(CRYPTO_KEY_ID);
    assert!(receive(&receiver(), &unnamed).is_ok());

    let sealed_for_another = encrypting("other.spki.pem").sign("{}").unwrap();
    let error = refused(&receiver(), &sealed_for_another);
    assert_eq!(error.kind(), CallbackErrorKind::Undecryptable);
    assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    assert!(error.source().is_none());
}

#[test]
fn the_second_key_opens_only_what_names_it() {
    let receiver = || {
        builder()
            .crypto_key(SECOND_KEY_ID, key_file("other.pkcs8.pem"))
            .build()
            .unwrap()
    };
    let mut request = signer()
        .encrypt_for(SECOND_KEY_ID, key_file("other.spki.pem"))
        .unwrap()
        .sign("{}")
        .unwrap();
    assert!(receive(&receiver(), &request).is_ok());
    request.headers.remove(CRYPTO_KEY_ID);
    assert_eq!(
        refused(&receiver(), &request).kind(),
        CallbackErrorKind::Undecryptable
    );
}

#[test]
fn a_key_that_is_not_configured_is_our_fault() {
    let request = encrypting("client.spki.pem").sign("{}").unwrap();
    let without = CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .clock(now)
        .build()
        .unwrap();
    for (receiver, request) in [
        (without, request.clone()),
        (receiver(), with(request, CRYPTO_KEY_ID, SECOND_KEY_ID)),
    ] {
        let error = refused(&receiver, &request);
        assert_eq!(error.kind(), CallbackErrorKind::NoCryptoKey);
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

/// What is signed rightly, whatever it is.
fn signed_bytes(body: &[u8]) -> SignedCallback {
    signer().sign(body).unwrap()
}

#[test]
fn what_is_not_a_json_object_is_refused_encrypted_or_not() {
    let deep = "[".repeat(100_000);
    for body in [
        &b""[..],
        b"[]",
        b"null",
        b"\"text\"",
        b"{",
        b"{} {}",
        b"\xff\xfe",
        deep.as_bytes(),
    ] {
        assert_eq!(
            refused(&receiver(), &signed_bytes(body)).kind(),
            CallbackErrorKind::NotJson
        );
        if !body.is_empty() {
            let request = encrypting("client.spki.pem").sign(body).unwrap();
            assert_eq!(
                refused(&receiver(), &request).kind(),
                CallbackErrorKind::NotJson
            );
        }
    }
    for jwe in ["", "....", "a.b.c.d.e", "encData"] {
        let body = json!({ "encData": jwe }).to_string();
        assert_eq!(
            refused(&receiver(), &signed_bytes(body.as_bytes())).kind(),
            CallbackErrorKind::Undecryptable
        );
    }
    // An encData that is not text is a field like others.
    let request = signed_bytes(br#"{"encData":null}"#);
    let callback = receive(&receiver(), &request).unwrap();
    assert!(!callback.encrypted());
    assert_eq!(callback.json().reveal(), &json!({"encData": null}));
}

#[test]
fn a_refused_callback_leaves_nothing_in_the_memory() {
    let receiver = receiver();
    let request = encrypting("other.spki.pem").sign("{}").unwrap();
    for _ in 0..3 {
        assert_eq!(
            refused(&receiver, &request).kind(),
            CallbackErrorKind::Undecryptable
        );
    }
}

#[test]
fn a_huge_body_is_refused_before_it_is_looked_at() {
    let largest = {
        let mut body = br#"{"a":""#.to_vec();
        body.resize(MAX_BODY - 2, b'x');
        body.extend_from_slice(b"\"}");
        body
    };
    assert!(receive(&receiver(), &signed_bytes(&largest)).is_ok());
    let mut larger = largest;
    larger.push(b' ');
    let mut request = signed_bytes(&larger);
    assert_eq!(
        refused(&receiver(), &request).kind(),
        CallbackErrorKind::TooLarge
    );
    request.body = vec![b' '; 64 * 1024 * 1024];
    let error = refused(&receiver(), &request);
    assert_eq!(error.kind(), CallbackErrorKind::TooLarge);
    assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn the_form_of_the_message_is_one_and_not_the_other() {
    let of_base64 = || signer().message_form(MessageForm::Base64Body);
    let request = of_base64().sign(transaction().to_string()).unwrap();
    assert_eq!(
        refused(&receiver(), &request).kind(),
        CallbackErrorKind::BadSignature
    );
    let receiver = builder()
        .message_form(MessageForm::Base64Body)
        .build()
        .unwrap();
    assert!(receive(&receiver, &request).is_ok());
    assert_eq!(
        refused(&receiver, &signed()).kind(),
        CallbackErrorKind::BadSignature
    );
}

#[test]
fn a_token_that_was_not_made_by_the_signer_is_taken() {
    // The same as in tests/vectors/signing.json: made by Python and OpenSSL, not by this crate.
    let vectors: Value = serde_json::from_str(include_str!("vectors/signing.json")).unwrap();
    let mut taken = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let body = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            text("body_base64"),
        )
        .unwrap();
        let is_object = serde_json::from_slice::<Value>(&body).is_ok_and(|json| json.is_object());
        if text("form") != "raw_body" || !is_object {
            continue;
        }
        let token: TranToken = text("token").parse().unwrap();
        let Some(at) = token.timestamp().instant(TimeZone::Kst) else {
            continue;
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (ASP_ID, support::ASP_ID),
            (CORRELATION_ID, "260315104512-0a1b2c3"),
            (TIME_ZONE, "KST"),
            (TRAN_TIME, token.timestamp().tran_time()),
            (TRAN_TOKEN, token.as_str()),
        ] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let receiver = CallbackReceiver::builder()
            .secret_key(text("secret"))
            .clock(move || at)
            .build()
            .unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        match receiver.receive(&headers, &body) {
            Ok(callback) => assert_eq!(callback.json().reveal(), &json),
            // An encrypted one: the signature was right, and there is no key here.
            Err(error) => assert_eq!(
                (error.kind(), json["encData"].is_string()),
                (CallbackErrorKind::NoCryptoKey, true)
            ),
        }
        taken += 1;
    }
    assert!(taken >= 3, "{taken} vectors were taken");
}

#[test]
fn a_fingerprint_is_of_what_is_said_and_is_no_signature() {
    let fingerprint = |request: &SignedCallback, secret: &str| {
        let receiver = builder().secret_key(secret).build().unwrap();
        receive(&receiver, request).unwrap().fingerprint()
    };
    let plain = fingerprint(&signed(), SECRET_KEY);
    assert_eq!(plain.len(), 64);
    assert!(plain.bytes().all(|c| c.is_ascii_hexdigit()));
    let encrypted = encrypting("client.spki.pem")
        .sign(transaction().to_string())
        .unwrap();
    assert_eq!(fingerprint(&encrypted, SECRET_KEY), plain);
    assert_ne!(
        fingerprint(&signer().sign("{}").unwrap(), SECRET_KEY),
        plain
    );
    let others = CallbackSigner::new("another secret", support::ASP_ID)
        .unwrap()
        .clock(now)
        .sign(transaction().to_string())
        .unwrap();
    assert_ne!(fingerprint(&others, "another secret"), plain);
    // Nobody can make a token of it.
    let signature = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        &header(&signed(), TRAN_TOKEN)[23..],
    )
    .unwrap();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_ne!(hex, plain);
}

#[test]
fn a_setting_that_is_wrong_is_named() {
    let key = || key_file("client.pkcs8.pem");
    let day = Duration::from_secs(24 * 3600);
    for (builder, field, rule) in [
        (CallbackReceiver::builder(), "secret_key", "is missing"),
        (builder().secret_key(""), "secret_key", "must not be empty"),
        (
            builder().asp_id("00017000000000"),
            "asp_id",
            "must have exactly 15 characters, and has 14",
        ),
        (
            builder().crypto_key("short", key()),
            "crypto_key_id",
            "must have exactly 32 characters, and has 5",
        ),
        (
            builder().crypto_key(SECOND_KEY_ID, key_file("client.spki.pem")),
            "client_private_key",
            "",
        ),
        (
            builder().crypto_key(KEY_ID, key()),
            "crypto_key",
            "was given twice with one id",
        ),
        (
            builder()
                .crypto_key(SECOND_KEY_ID, key())
                .crypto_key(&"e".repeat(32), key()),
            "crypto_key",
            "was given more than twice; a project has at most two",
        ),
        (
            builder().tolerance(Duration::from_millis(999)),
            "tolerance",
            "must be from 1 second to 24 hours",
        ),
        (
            builder().tolerance(day + Duration::from_nanos(1)),
            "tolerance",
            "must be from 1 second to 24 hours",
        ),
        (
            builder().replay_memory(0),
            "replay_memory",
            "must be at least 1",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
        assert!(error.to_string().contains(rule), "{error}");
    }
    for (error, field) in [
        (CallbackSigner::new("", support::ASP_ID), "secret_key"),
        (CallbackSigner::new("s", "1"), "asp_id"),
        (signer().encrypt_for("1", key()), "crypto_key_id"),
        (signer().encrypt_for(KEY_ID, "no key"), "client_public_key"),
    ]
    .map(|(result, field)| (result.unwrap_err(), field))
    {
        assert_eq!(error.field(), Some(field), "{error}");
    }
}

/// Collects everything that is printed.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<String>>);

impl io::Write for Ledger {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.lock().unwrap().push_str(&text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_of_a_callback_or_a_key_is_printed() {
    const SECRET: &str = "CANARYSECRET";
    let said = json!({
        "userId": "1", "par": "CANARYPAR", "trType": "CANARYWORD", "authCancelType": "CANARYTYPE",
        "cardNo": "CANARYCARD", "url": "https://CANARYURL", "new": {"CANARYNEW": "CANARYNEW"},
    });
    let activated = json!({
        "userId": "1", "cardApplyNo": "1", "physicalCardNo": "CANARYCARD",
        "receiverName": "CANARYNAME", "url": "CANARYURL", "par": "CANARYPAR",
    });
    let withdrawn =
        json!({"userId": "1", "digitalCardNo": "CANARYCARD", "physicalCardNo": "CANARYCARD"});
    let ledger = Ledger::default();
    let writer = ledger.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    let mut printed = String::new();
    tracing::subscriber::with_default(subscriber, || {
        let builder = builder().secret_key(SECRET);
        write!(printed, "{builder:?}").unwrap();
        let receiver = builder.build().unwrap();
        let plain = CallbackSigner::new(SECRET, support::ASP_ID)
            .unwrap()
            .clock(now);
        let encrypted = CallbackSigner::new(SECRET, support::ASP_ID)
            .unwrap()
            .clock(now)
            .encrypt_for(KEY_ID, key_file("client.spki.pem"))
            .unwrap();
        write!(printed, "{receiver:?} {plain:?} {encrypted:?}").unwrap();
        for json in [said, activated, withdrawn, json!({"CANARY": "CANARY"})] {
            for signer in [&plain, &encrypted] {
                let request = signer.sign(json.to_string()).unwrap();
                write!(printed, "{request:?} {:?}", request.headers).unwrap();
                let callback = receive(&receiver, &request).unwrap();
                write!(
                    printed,
                    "{callback:?} {callback:#?} {:?}",
                    callback.payload()
                )
                .unwrap();
                for kind in [
                    CallbackKind::Transaction,
                    CallbackKind::CardActivated,
                    CallbackKind::MemberWithdrawn,
                    CallbackKind::ShippingStatus,
                    CallbackKind::Unknown,
                ] {
                    write!(printed, "{:?}", callback.payload_as(kind)).unwrap();
                }
            }
        }
        let odd = [
            with(signed(), TRAN_TOKEN, "CANARY"),
            with(signed(), CORRELATION_ID, "CANARY"),
            with(signed(), ASP_ID, "CANARY"),
            with(signed(), TIME_ZONE, "CANARY"),
            with(signed(), TRAN_TIME, "CANARY"),
            with(signed(), ACCESS_KEY, "CANARY"),
            with(plain.sign("{}").unwrap(), ASP_ID, "CANARYASPID0000"),
            plain.sign("CANARY").unwrap(),
            plain.sign(r#"{"encData":"CANARY.C.C.C.C"}"#).unwrap(),
            with(
                encrypted.sign("{}").unwrap(),
                CRYPTO_KEY_ID,
                "CANARYCANARYCANARYCANARYCANARYCA",
            ),
        ];
        for request in odd {
            let error = refused(&receiver, &request);
            let answer = error.acknowledgement();
            write!(
                printed,
                "{error} {error:?} {error:#?} {answer:?} {}",
                String::from_utf8_lossy(answer.body())
            )
            .unwrap();
        }
    });
    printed.push_str(&ledger.0.lock().unwrap());
    assert!(printed.contains("callback received") && printed.contains("callback not taken"));
    if let Some(at) = printed.find("CANARY") {
        panic!(
            "a canary turned up: {}",
            &printed[at.saturating_sub(200)..at + 20]
        );
    }
    // Of tokens and key files nothing either.
    assert!(!printed.contains("KMV1:"));
    let key = String::from_utf8(key_file("client.pkcs8.pem")).unwrap();
    for line in key.lines() {
        assert!(!printed.contains(line), "{line}");
    }
}

thread_local! {
    static SHARED: CallbackReceiver = receiver();
    static SEALING: SealingKey = SealingKey::from_bytes(&key_file("client.spki.pem")).unwrap();
}

fn header_name() -> impl Strategy<Value = HeaderName> {
    prop::sample::select(vec![
        ASP_ID,
        CORRELATION_ID,
        TRAN_TOKEN,
        TRAN_TIME,
        TIME_ZONE,
        CRYPTO_KEY_ID,
        ACCESS_KEY,
    ])
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        "[0-9]{14}".prop_map(String::into_bytes),
        "[0-9]{12}-[0-9a-fA-F]{7}".prop_map(String::into_bytes),
        "KMV1:[0-9]{17}:[A-Za-z0-9+/]{43}=".prop_map(String::into_bytes),
        Just(b"KST".to_vec()),
    ]
}

proptest! {
    #[test]
    fn random_headers_and_bytes_never_panic_and_are_never_taken(
        changes in prop::collection::vec((header_name(), header_value(), any::<bool>()), 0..8),
        body in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut request = signed();
        // The signature is of another body, whatever becomes of the headers.
        request.body = body;
        for (name, value, append) in changes {
            let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
            if append {
                request.headers.append(name, value);
            } else {
                request.headers.insert(name, value);
            }
        }
        SHARED.with(|receiver| {
            let error = receive(receiver, &request).unwrap_err();
            let _ = format!("{error} {error:?} {:?}", error.acknowledgement());
        });
    }

    #[test]
    fn whatever_is_signed_never_panics(body in prop::collection::vec(any::<u8>(), 1..400), sealed: bool) {
        let body = if sealed {
            let jwe = SEALING.with(|key| key.seal(ContentEncryption::A256Gcm, &body)).unwrap();
            json!({ "encData": jwe }).to_string().into_bytes()
        } else {
            body
        };
        let _ = SHARED.with(|receiver| receive(receiver, &signed_bytes(&body)).map(drop));
    }

    #[test]
    fn any_json_object_is_handed_out_as_it_came(
        fields in prop::collection::btree_map(
            prop_oneof![
                Just("userId".to_owned()), Just("par".to_owned()), Just("trType".to_owned()),
                Just("authCancelType".to_owned()), Just("trAmount".to_owned()),
                Just("cardApplyNo".to_owned()), Just("digitalCardNo".to_owned()), "[a-d]{1,3}",
            ],
            prop_oneof![
                Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from),
                ".*".prop_map(Value::from), Just(json!([1])), Just(json!({"a": 1})),
            ],
            0..8,
        ),
    ) {
        let json = Value::Object(fields.into_iter().collect());
        let request = signed_bytes(json.to_string().as_bytes());
        let callback = receive(&receiver(), &request).unwrap();
        prop_assert_eq!(callback.json().reveal(), &json);
        for kind in [CallbackKind::Transaction, CallbackKind::CardActivated, CallbackKind::MemberWithdrawn] {
            // Neither reading it as something else nor printing it panics.
            let _ = format!("{:?}", callback.payload_as(kind));
        }
        prop_assert_eq!(callback.acknowledge().status(), StatusCode::OK);
    }
}

#[test]
fn the_key_wrapping_is_the_strict_one_unless_it_is_said() {
    // RSA-OAEP with SHA-1, sealed by another implementation.
    let vectors: Value = serde_json::from_str(include_str!("vectors/jwe_jwcrypto.json")).unwrap();
    let case = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| {
            case["needs_rsa_oaep_sha1"] == true
                && base64::Engine::decode(
                    &base64::engine::general_purpose::STANDARD,
                    case["plaintext_base64"].as_str().unwrap(),
                )
                .is_ok_and(|text| {
                    serde_json::from_slice::<Value>(&text).is_ok_and(|json| json.is_object())
                })
        })
        .unwrap();
    let key = key_file(case["private_key"].as_str().unwrap());
    let body = json!({"encData": case["jwe"]}).to_string();
    let request = signed_bytes(body.as_bytes());
    let build = |wrapping| {
        CallbackReceiver::builder()
            .secret_key(SECRET_KEY)
            .crypto_key(KEY_ID, &key)
            .key_wrapping(wrapping)
            .clock(now)
            .build()
            .unwrap()
    };
    let strict = build(KeyWrapping::default());
    assert_eq!(
        refused(&strict, &request).kind(),
        CallbackErrorKind::Undecryptable
    );
    assert!(receive(&build(KeyWrapping::RsaOaep256OrSha1), &request).is_ok());
}

#[test]
fn the_system_clock_is_the_clock_of_both_sides_unless_it_is_said() {
    let receiver = CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .build()
        .unwrap();
    let request = CallbackSigner::new(SECRET_KEY, support::ASP_ID)
        .unwrap()
        .sign("{}")
        .unwrap();
    let before = SystemTime::now();
    let sent_at = receive(&receiver, &request).unwrap().sent_at();
    assert!(before.duration_since(sent_at).unwrap() < Duration::from_secs(5));
    // The signing key of the client makes the same token.
    let key = SigningKey::new(SECRET_KEY).unwrap();
    let token: TranToken = header(&request, TRAN_TOKEN).parse().unwrap();
    assert!(token.verify(&key, b"{}", MessageForm::RawBody));
}
