//! Promise: no input makes the receiver panic, and no JSON object is changed.

use super::*;

thread_local! {
    static SHARED: CallbackReceiver = receiver();
    static KEY: EncryptionKey = EncryptionKey::from_bytes(&key_file("client.spki.pem")).unwrap();
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
    fn whatever_is_signed_never_panics(body in prop::collection::vec(any::<u8>(), 1..400), encrypted: bool) {
        let body = if encrypted {
            let jwe = KEY.with(|key| key.encrypt(ContentEncryption::A256Gcm, &body)).unwrap();
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
        prop_assert_eq!(callback.json().expose(), &json);
        for kind in [CallbackKind::Transaction, CallbackKind::CardActivated, CallbackKind::MemberWithdrawn] {
            // Neither reading it as something else nor printing it panics.
            let _ = format!("{:?}", callback.payload_as(kind));
        }
        prop_assert_eq!(ready(callback.acknowledge()).status(), StatusCode::OK);
    }
}
