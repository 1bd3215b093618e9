//! Promise: what a callback says is read whole, by its kind, and acknowledged or rejected in its
//! form.

use super::*;

#[test]
fn a_plain_callback_is_read_and_acknowledged() {
    let request = signed();
    let callback = receive(&receiver(), &request).unwrap();
    assert_eq!(callback.kind(), CallbackKind::Transaction);
    assert!(!callback.encrypted());
    assert_eq!(callback.json().expose(), &transaction());
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
        read.par.unwrap().expose(),
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
    assert_eq!(read.card_no.unwrap().expose(), "9491339401250765");
    assert_eq!(
        (read.mti.as_deref(), read.response_code.as_deref()),
        (Some("0100"), Some("00"))
    );
    assert_eq!(read.url.unwrap().expose(), "https://example.com/x");
    assert_eq!(read.other.expose(), &json!({}));

    let response = ready(callback.acknowledge());
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(
        response.headers()[CORRELATION_ID],
        request.headers[CORRELATION_ID]
    );
    assert_eq!(
        body_of(&response),
        json!({"response": {"code": "000_000", "description": "Success"}})
    );
    let http: http::Response<Vec<u8>> = response.clone().into();
    assert_eq!(http.body(), response.body());
    assert_eq!(http.headers(), &response.headers());
}

#[test]
fn a_rejection_has_a_code_that_is_none_of_success() {
    let receiver = receiver();
    let callback = receive(&receiver, &signed()).unwrap();
    let response = ready(callback.reject("999_999", "not ours")).unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        body_of(&response),
        json!({"response": {"code": "999_999", "description": "not ours"}})
    );
    for code in ["000_000", "", "999999", "9999_999", "99a_999", "٩٩٩_999"] {
        // Rejected, it was forgotten: the same request comes through again and again.
        let callback = receive(&receiver, &signed()).unwrap();
        assert_eq!(
            ready(callback.reject(code, "x")).unwrap_err().to_string(),
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
        transaction.other.expose(),
        &json!({"cardNo": {"odd": 1}, "new": [1, 2]})
    );

    let json = json!({
        "cardApplyNo": "A", "userId": 1, "par": "Q", "physicalCardNo": "9491", "receiverName": "김코나",
        "receiveDay": 20260315, "url": "https://example.com",
    });
    let CallbackPayload::CardActivated(activated) = read(json, None) else {
        panic!("another kind");
    };
    assert_eq!(activated.receiver_name.unwrap().expose(), "김코나");
    assert_eq!(activated.receive_day.as_deref(), Some("20260315"));
    assert_eq!(activated.physical_card_no.unwrap().expose(), "9491");

    let json = json!({"userId": 1, "par": "Q", "digitalCardNo": "9491", "physicalCardNo": null});
    let CallbackPayload::MemberWithdrawn(withdrawn) = read(json, None) else {
        panic!("another kind");
    };
    assert_eq!(withdrawn.digital_card_no.unwrap().expose(), "9491");
    assert_eq!(withdrawn.physical_card_no, None);

    // Digits that JSON numbers cannot carry are not turned into other digits.
    let json = r#"{"userId":99999999999999999999,"trAmount":4500.0,"cardNo":-9491339401250765}"#;
    let json: Value = serde_json::from_str(json).unwrap();
    let CallbackPayload::Transaction(rounded) = read(json, Some(CallbackKind::Transaction)) else {
        panic!("another kind");
    };
    assert_eq!(rounded.user_id, None);
    assert!(rounded.other.expose()["userId"].is_f64());
    assert_eq!(rounded.tr_amount.unwrap().krw(), Some(4_500));
    assert_eq!(rounded.card_no.unwrap().expose(), "-9491339401250765");

    // A route says more than the fields.
    let json = json!({"cardApplyNo": "A", "state": "SHIPPED"});
    assert!(matches!(
        read(json.clone(), None),
        CallbackPayload::Unknown(all) if all.expose() == &json
    ));
    assert!(matches!(
        read(json.clone(), Some(CallbackKind::ShippingStatus)),
        CallbackPayload::ShippingStatus(all) if all.expose() == &json
    ));
    let CallbackPayload::CardActivated(activated) = read(json, Some(CallbackKind::CardActivated))
    else {
        panic!("another kind");
    };
    assert_eq!(activated.card_apply_no.as_deref(), Some("A"));
    assert_eq!(activated.other.expose(), &json!({"state": "SHIPPED"}));
}

#[test]
fn an_access_key_and_capital_hex_digits_do_no_harm() {
    let receiver = receiver();
    let request = with(signed(), CORRELATION_ID, "260315104512-0A1B2C3");
    let request = with(request, ACCESS_KEY, "whatever");
    let callback = receive(&receiver, &request).unwrap();
    assert_eq!(callback.correlation_id().as_str(), "260315104512-0a1b2c3");
    // The response repeats the id as it came.
    let response = ready(callback.acknowledge());
    assert_eq!(response.headers()[CORRELATION_ID], "260315104512-0A1B2C3");
}

#[test]
fn a_fingerprint_is_of_what_is_said_and_is_no_signature() {
    let fingerprint = |request: &SignedCallback, secret: &str| {
        let receiver = builder().secret_key(secret).build().unwrap();
        receive(&receiver, request)
            .unwrap()
            .fingerprint()
            .to_owned()
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
