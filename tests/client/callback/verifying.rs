//! Promise: only what was signed with our secret, in time, for us, is handed out, and a rejection
//! names the header and the rule.

use super::*;

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
                    assert_eq!(callback.json().expose(), &transaction());
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
            format!("callback rejected: a header is missing: {name} must be there")
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
    assert_eq!(callback.json().expose(), &json!({"encData": null}));
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
    // The same as in openapi/conformance/signing.json: made by Python and OpenSSL, not by this crate.
    let vectors: Value =
        serde_json::from_str(include_str!("../../../openapi/conformance/signing.json")).unwrap();
    let mut taken = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let body = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            text("body_base64"),
        )
        .unwrap();
        let is_object = serde_json::from_slice::<Value>(&body).is_ok_and(|json| json.is_object());
        // A receiver takes no secret with something at its ends that nobody sees.
        let is_secret = konaplate::value::check_setting(text("secret")).is_ok();
        if text("form") != "raw_body" || !is_object || !is_secret {
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
        match ready(receiver.receive(&headers, &body)) {
            Ok(callback) => assert_eq!(callback.json().expose(), &json),
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
fn the_system_clock_is_the_clock_of_both_sides_unless_it_is_said() {
    let receiver = CallbackReceiver::builder()
        .secret_key(SECRET_KEY)
        .build()
        .unwrap();
    let before = SystemTime::now();
    let request = CallbackSigner::new(SECRET_KEY, support::ASP_ID)
        .unwrap()
        .sign("{}")
        .unwrap();
    let after = SystemTime::now();
    let sent_at = receive(&receiver, &request).unwrap().sent_at();
    // Callbacks have milliseconds.
    let before = before - Duration::from_millis(1);
    assert!(
        (before..=after).contains(&sent_at),
        "{before:?} {sent_at:?} {after:?}"
    );
    // The signing key of the client makes the same token.
    let key = SigningKey::new(SECRET_KEY).unwrap();
    let token: TranToken = header(&request, TRAN_TOKEN).parse().unwrap();
    assert!(token.verify(&key, b"{}", MessageForm::RawBody));
}
