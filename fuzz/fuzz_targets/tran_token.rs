//! Any text is a token or is refused, and a token reads back as itself.
#![no_main]

use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(token) = text.parse::<TranToken>() else {
        return;
    };
    assert_eq!(token.as_str(), text);
    let key = SigningKey::new("fuzz").unwrap();
    for form in [MessageForm::RawBody, MessageForm::Base64Body] {
        // Nobody finds an HMAC by guessing.
        assert!(!token.verify(&key, data, form));
    }
});
