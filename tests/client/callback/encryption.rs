//! Promise: a callback is decrypted with the key that it names, and with no other.

use super::*;

#[test]
fn the_first_key_decrypts_and_another_does_not() {
    let request = encrypting("client.spki.pem")
        .sign(transaction().to_string())
        .unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    let callback = receive(&receiver(), &request).unwrap();
    assert!(callback.encrypted());
    assert_eq!(callback.kind(), CallbackKind::Transaction);
    assert_eq!(callback.json().expose(), &transaction());

    // Without the id of a key it is the first one.
    let mut unnamed = request.clone();
    unnamed.headers.remove(CRYPTO_KEY_ID);
    assert!(receive(&receiver(), &unnamed).is_ok());

    let encrypted_for_another = encrypting("other.spki.pem").sign("{}").unwrap();
    let error = refused(&receiver(), &encrypted_for_another);
    assert_eq!(error.kind(), CallbackErrorKind::Undecryptable);
    assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    assert!(error.source().is_none());
}

#[test]
fn the_second_key_decrypts_only_what_names_it() {
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
    // Whose id it is does not matter where one of the keys decrypts it.
    let renamed = with(request.clone(), CRYPTO_KEY_ID, SECOND_KEY_ID);
    assert!(receive(&receiver(), &renamed).is_ok());
    let foreign = encrypting("other.spki.pem").sign("{}").unwrap();
    for (receiver, request) in [
        (without, request),
        (receiver(), with(foreign, CRYPTO_KEY_ID, SECOND_KEY_ID)),
    ] {
        let error = refused(&receiver, &request);
        assert_eq!(error.kind(), CallbackErrorKind::NoCryptoKey);
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[test]
fn the_key_wrapping_is_the_strict_one_unless_it_is_said() {
    // RSA-OAEP with SHA-1, encrypted by another implementation.
    let vectors: Value = serde_json::from_str(include_str!(
        "../../../openapi/conformance/jwe_jwcrypto.json"
    ))
    .unwrap();
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
