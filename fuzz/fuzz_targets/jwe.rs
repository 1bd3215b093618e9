//! Only what was encrypted here decrypts, and it decrypts to itself.
#![no_main]

use std::sync::OnceLock;

use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use libfuzzer_sys::fuzz_target;

const PRIVATE: &[u8] = include_bytes!("../../openapi/conformance/keys/client.pkcs8.pem");
const PUBLIC: &[u8] = include_bytes!("../../openapi/conformance/keys/client.spki.pem");

fn keys() -> &'static (DecryptionKey, EncryptionKey, String) {
    static KEYS: OnceLock<(DecryptionKey, EncryptionKey, String)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let encryption = EncryptionKey::from_bytes(PUBLIC).unwrap();
        let encrypted = encryption
            .encrypt(ContentEncryption::A128Gcm, b"{}")
            .unwrap();
        (
            DecryptionKey::from_bytes(PRIVATE).unwrap(),
            encryption,
            encrypted,
        )
    })
}

fuzz_target!(|data: &[u8]| {
    let (decryption, encryption, encrypted) = keys();
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(
            decryption
                .decrypt(text, KeyWrapping::RsaOaep256OrSha1)
                .is_err()
        );
        // An encrypted message with one part taken from the input.
        let parts: Vec<&str> = encrypted.split('.').collect();
        for replaced in 0..parts.len() {
            let mut parts = parts.clone();
            if parts[replaced] == text {
                continue;
            }
            parts[replaced] = text;
            assert!(
                decryption
                    .decrypt(&parts.join("."), KeyWrapping::RsaOaep256)
                    .is_err()
            );
        }
    }
    if data.is_empty() {
        // Five non-empty parts are demanded of a message, and no body is empty.
        return;
    }
    let again = encryption
        .encrypt(ContentEncryption::A256Gcm, data)
        .unwrap();
    assert_eq!(
        decryption.decrypt(&again, KeyWrapping::RsaOaep256).unwrap(),
        data
    );
});
