//! No text but one that was sealed opens, and what was sealed opens to itself.
#![no_main]

use std::sync::OnceLock;

use konaplate::jwe::{ContentEncryption, KeyWrapping, OpeningKey, SealingKey};
use libfuzzer_sys::fuzz_target;

const PRIVATE: &[u8] = include_bytes!("../../tests/vectors/keys/client.pkcs8.pem");
const PUBLIC: &[u8] = include_bytes!("../../tests/vectors/keys/client.spki.pem");

fn keys() -> &'static (OpeningKey, SealingKey, String) {
    static KEYS: OnceLock<(OpeningKey, SealingKey, String)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let sealing = SealingKey::from_bytes(PUBLIC).unwrap();
        let sealed = sealing.seal(ContentEncryption::A128Gcm, b"{}").unwrap();
        (OpeningKey::from_bytes(PRIVATE).unwrap(), sealing, sealed)
    })
}

fuzz_target!(|data: &[u8]| {
    let (opening, sealing, sealed) = keys();
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(opening.open(text, KeyWrapping::RsaOaep256OrSha1).is_err());
        // A sealed message with one part taken from the input.
        let parts: Vec<&str> = sealed.split('.').collect();
        for replaced in 0..parts.len() {
            let mut parts = parts.clone();
            if parts[replaced] == text {
                continue;
            }
            parts[replaced] = text;
            assert!(
                opening
                    .open(&parts.join("."), KeyWrapping::RsaOaep256)
                    .is_err()
            );
        }
    }
    if data.is_empty() {
        // Five non-empty parts are demanded of a message, and no body is empty.
        return;
    }
    let again = sealing.seal(ContentEncryption::A256Gcm, data).unwrap();
    assert_eq!(opening.open(&again, KeyWrapping::RsaOaep256).unwrap(), data);
});
