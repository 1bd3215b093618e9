//! Promise: any JSON object encrypts and decrypts back, and no input, however odd, makes the readers
//! panic.

use crate::support;
use konaplate::protocol::envelope::Document;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::types::{
    CardNumber, GetBankRechargeResultResponseBody, IssueOneTimeTokenResponseBody, SenderUserId,
    UserId,
};
use konaplate::{CorrelationId, Violation};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(".*", json(), 0..8)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

thread_local! {
    static KEYS: (EncryptionKey, DecryptionKey) = (
        EncryptionKey::from_bytes(&support::key_file("client.spki.pem")).unwrap(),
        DecryptionKey::from_bytes(&support::key_file("client.pkcs8.pem")).unwrap(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_object_encrypts_and_decrypts_back(value in object(), large: bool) {
        let enc = if large { ContentEncryption::A256Gcm } else { ContentEncryption::A128Gcm };
        let plaintext = serde_json::to_vec(&value).unwrap();
        let opened = KEYS.with(|(encryption, decryption)| {
            let jwe = encryption.encrypt(enc, &plaintext).unwrap();
            decryption.decrypt(&jwe, KeyWrapping::RsaOaep256).unwrap()
        });
        prop_assert_eq!(&opened, &plaintext);
        prop_assert_eq!(serde_json::from_slice::<Value>(&opened).unwrap(), value);
    }

    #[test]
    fn an_encrypted_message_with_one_character_changed_does_not_decrypt(position: prop::sample::Index, to in "[A-Za-z0-9_.-]") {
        KEYS.with(|(encryption, decryption)| {
            let jwe = encryption.encrypt(ContentEncryption::A128Gcm, b"{\"a\":1}").unwrap();
            let at = position.index(jwe.len());
            let mut changed = jwe.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != jwe);
            prop_assert!(decryption.decrypt(&changed, KeyWrapping::RsaOaep256OrSha1).is_err());
            Ok(())
        })?;
    }

    #[test]
    fn any_body_signs_and_verifies(secret in ".+", body: Vec<u8>, other: Vec<u8>, base64: bool) {
        let form = if base64 { MessageForm::Base64Body } else { MessageForm::RawBody };
        let key = SigningKey::new(&secret).unwrap();
        let token = TranToken::sign(&key, "20260315104512345".parse().unwrap(), &body, form);
        let again: TranToken = token.as_str().parse().unwrap();
        prop_assert!(again.verify(&key, &body, form));
        prop_assert_eq!(again.verify(&key, &other, form), other == body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn the_token_parser_does_not_panic(text in ".{0,80}") {
        let _ = text.parse::<TranToken>();
    }

    #[test]
    fn the_token_parser_reads_only_what_it_would_write(text in "KMV1:[0-9]{17}:[A-Za-z0-9+/=]{44}") {
        if let Ok(token) = text.parse::<TranToken>() {
            prop_assert_eq!(token.as_str(), text);
        }
    }

    #[test]
    fn the_opener_does_not_panic(text in "[A-Za-z0-9_.=-]{0,200}|.{0,100}") {
        KEYS.with(|(_, decryption)| {
            prop_assert!(decryption.decrypt(&text, KeyWrapping::RsaOaep256OrSha1).is_err());
            Ok(())
        })?;
    }

    #[test]
    fn ids_and_values_do_not_panic(text in ".{0,40}", number: u64) {
        let _ = text.parse::<CorrelationId>();
        let _: Result<CardNumber, Violation> = text.parse();
        let _: Result<SenderUserId, Violation> = text.as_str().try_into();
        let _ = UserId::try_from(number);
    }

    #[test]
    fn responses_of_any_shape_do_not_panic(value in json()) {
        let _ = serde_json::from_value::<IssueOneTimeTokenResponseBody>(value.clone());
        let _ = serde_json::from_value::<GetBankRechargeResultResponseBody>(value);
    }
}

proptest! {
    // A connection each.
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_response_decoder_does_not_panic(
        status in 200_u16..600,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            json().prop_map(|value| value.to_string().into_bytes()),
            (object(), "[0-9_]{0,8}").prop_map(|(mut value, code)| {
                value["response"] = serde_json::json!({"code": code});
                value.to_string().into_bytes()
            }),
            json().prop_map(|value| support::encrypted_for_client(&value.to_string()).into_bytes()),
        ],
    ) {
        // 1XX never end an exchange, 204 and 304 have no body.
        prop_assume!(!matches!(status, 204 | 304));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = support::Server::start(support::json_response(status, body)).await;
            let call = server.client();
            // Whatever comes back, it is a response or an error with an id.
            match call.get_bank_recharge_result().sequence_id("S").send().await {
                Ok(response) => prop_assert_eq!(response.exchange().http_status() / 100, 2),
                Err(error) => {
                    prop_assert!(error.correlation_id().is_some());
                    let printed = format!("{error} {error:?}");
                    prop_assert!(!printed.is_empty());
                }
            }
            Ok(())
        })?;
    }
}

proptest! {
    /// Tolerance changes nothing of what needs none.
    #[test]
    fn clean_json_is_read_as_it_is(value in object()) {
        let body = value.to_string();
        let (document, repairs) = Document::read(body.as_bytes()).unwrap();
        prop_assert!(repairs.is_empty(), "{repairs:?}");
        prop_assert_eq!(document.into_value(), value);
    }

    /// Whatever stands in a text, the values around it are what they are.
    #[test]
    fn a_damaged_text_costs_nothing_else(damage in prop::collection::vec(any::<u8>(), 0..20)) {
        let damage: Vec<u8> = damage.into_iter().filter(|byte| !b"\"\\".contains(byte)).collect();
        let body = [&br#"{"a":[1,{"x":""#[..], &damage, br#""}],"b":9007199254740993}"#].concat();
        let (document, repairs) = Document::read(&body).unwrap();
        prop_assert_eq!(&document.members()["a"][0], 1);
        prop_assert_eq!(&document.members()["b"], 9_007_199_254_740_993_u64);
        let is_clean = std::str::from_utf8(&damage).is_ok_and(|text| !text.contains(|c| c < ' '));
        prop_assert_eq!(repairs.is_empty(), is_clean);
    }

    /// Bytes are read, or are not.
    #[test]
    fn no_bytes_make_reading_fail_otherwise(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::read(&bytes);
    }
}
