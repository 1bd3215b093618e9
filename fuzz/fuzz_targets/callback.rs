//! No headers and no body make the receiver of callbacks panic, and nothing unsigned is taken.
#![no_main]

use std::future::Future;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

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
        // The default store does not wait for anything, and neither does what comes before.
        let received = std::pin::pin!(receiver().receive(&headers, &body));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(received.poll(&mut context), Poll::Ready(Err(_))));
    }
});
