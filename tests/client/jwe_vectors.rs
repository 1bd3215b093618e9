//! Promise: what Node's `jose` and Python's `jwcrypto` encrypt is decrypted here, and what breaks
//! one rule is not, whichever rule it is.
//!
//! The other direction, that they decrypt what is encrypted here, is `cargo xtask vectors --check`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::{
    ContentEncryption, DecryptError, DecryptionKey, EncryptionKey, KeyWrapping,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors<C> {
    cases: Vec<C>,
}

#[derive(Deserialize)]
struct Good {
    name: String,
    private_key: String,
    plaintext_base64: String,
    jwe: String,
    needs_rsa_oaep_sha1: bool,
}

#[derive(Deserialize)]
struct Bad {
    name: String,
    why: String,
    private_key: String,
    jwe: String,
    accepts_with_rsa_oaep_sha1: bool,
}

fn decryption_key(file: &str) -> DecryptionKey {
    DecryptionKey::from_bytes(&key_file(file)).unwrap()
}

fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/conformance/keys");
    std::fs::read(format!("{folder}/{file}")).unwrap()
}

fn opens(json: &str) {
    let vectors: Vectors<Good> = serde_json::from_str(json).unwrap();
    assert!(vectors.cases.len() >= 20);
    for case in vectors.cases {
        let key = decryption_key(&case.private_key);
        let plaintext = BASE64.decode(&case.plaintext_base64).unwrap();
        let strict = key.decrypt(&case.jwe, KeyWrapping::RsaOaep256);
        if case.needs_rsa_oaep_sha1 {
            assert_eq!(strict, Err(DecryptError), "{}", case.name);
        } else {
            assert_eq!(strict.as_ref(), Ok(&plaintext), "{}", case.name);
        }
        let lenient = key.decrypt(&case.jwe, KeyWrapping::RsaOaep256OrSha1);
        assert_eq!(lenient, Ok(plaintext), "{}", case.name);
    }
}

#[test]
fn messages_of_node_jose_decrypt() {
    opens(include_str!("../../openapi/conformance/jwe_jose.json"));
}

#[test]
fn messages_of_python_jwcrypto_decrypt() {
    opens(include_str!("../../openapi/conformance/jwe_jwcrypto.json"));
}

#[test]
fn kept_messages_of_this_client_decrypt() {
    opens(include_str!("../../openapi/conformance/jwe_konaplate.json"));
}

#[test]
fn a_message_that_breaks_one_rule_does_not_decrypt() {
    let vectors: Vectors<Bad> =
        serde_json::from_str(include_str!("../../openapi/conformance/jwe_negative.json")).unwrap();
    assert!(vectors.cases.len() >= 100);
    for case in vectors.cases {
        let key = decryption_key(&case.private_key);
        let strict = key.decrypt(&case.jwe, KeyWrapping::RsaOaep256);
        assert_eq!(strict, Err(DecryptError), "{}: {}", case.name, case.why);
        let lenient = key.decrypt(&case.jwe, KeyWrapping::RsaOaep256OrSha1);
        assert_eq!(
            lenient.is_ok(),
            case.accepts_with_rsa_oaep_sha1,
            "{}: {}",
            case.name,
            case.why
        );
    }
}

#[test]
fn what_is_encrypted_here_decrypts_here_and_looks_as_documented() {
    let encryption = EncryptionKey::from_bytes(&key_file("server.spki.pem")).unwrap();
    let decryption = decryption_key("server.pkcs8.pem");
    for enc in [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm] {
        let jwe = encryption
            .encrypt(enc, "{\"이름\":\"김코나 🎁\"}".as_bytes())
            .unwrap();
        let plaintext = decryption.decrypt(&jwe, KeyWrapping::RsaOaep256).unwrap();
        assert_eq!(plaintext, "{\"이름\":\"김코나 🎁\"}".as_bytes());
    }
    let jwe = encryption
        .encrypt(ContentEncryption::A128Gcm, b"{}")
        .unwrap();
    // {"enc":"A128GCM","alg":"RSA-OAEP-256"}
    let header = "eyJlbmMiOiJBMTI4R0NNIiwiYWxnIjoiUlNBLU9BRVAtMjU2In0";
    let parts: Vec<&str> = jwe.split('.').collect();
    assert_eq!(parts[0], header);
    assert_eq!(parts[1].len(), 342);
    assert_eq!(parts[2].len(), 16);
    assert_eq!(parts[4].len(), 22);
    assert!(encryption.encrypt(ContentEncryption::A128Gcm, b"").is_err());
    // Key and nonce are fresh each time.
    let again = encryption
        .encrypt(ContentEncryption::A128Gcm, b"{}")
        .unwrap();
    let again: Vec<&str> = again.split('.').collect();
    assert_ne!(again[2], parts[2]);
    assert_ne!(again[3], parts[3]);
}
