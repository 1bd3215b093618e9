//! No headers and no body make the receiver of callbacks panic, and nothing unsigned is taken.
#![no_main]

use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use konaplate::callback::{CallbackReceiver, CallbackSigner};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "fuzz";
const ASP_ID: &str = "000170000000000";

fn receiver() -> &'static CallbackReceiver {
    static RECEIVER: OnceLock<CallbackReceiver> = OnceLock::new();
    RECEIVER.get_or_init(|| {
        CallbackReceiver::builder()
            .secret_key(SECRET)
            .build()
            .unwrap()
    })
}

fuzz_target!(|input: (u8, Vec<u8>, Vec<u8>)| {
    let (which, value, body) = input;
    // The headers of a good callback over another body, one of them replaced.
    let signed = CallbackSigner::new(SECRET, ASP_ID)
        .unwrap()
        .sign("{}")
        .unwrap();
    let mut headers: HeaderMap = signed.headers;
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    if let Ok(value) = HeaderValue::from_bytes(&value) {
        headers.insert(names[usize::from(which) % names.len()].clone(), value);
    }
    let signed_body: &[u8] = &signed.body;
    if body != signed_body {
        assert!(receiver().receive(&headers, &body).is_err());
    }
});
