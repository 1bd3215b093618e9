//! Promise: no TLS where there is none. The sandbox and any `http://` of this machine need no
//! certificate store; where one is needed and missing, the error says what to install.

use crate::support::{builder, is_alone};
use konaplate::ErrorKind;
use konaplate_sandbox::Sandbox;

/// Whether a test of this file is on a machine without a certificate store; else it is run on one.
fn is_without_a_store(test: &str) -> bool {
    let variables = [
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/dev/null/none"),
    ];
    is_alone(&format!("no_tls_for_http::{test}"), &variables)
}

#[tokio::test]
async fn the_sandbox_needs_no_store() {
    if !is_without_a_store("the_sandbox_needs_no_store") {
        return;
    }
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .client()
        .get_member()
        .user_id(10_000_000_001_u64)
        .send()
        .await
        .unwrap();
    sandbox
        .send_callbacks_to("http://127.0.0.1:9/callbacks")
        .unwrap();
    sandbox.deliver_callbacks().await;
}

#[test]
fn loopback_needs_no_store() {
    if !is_without_a_store("loopback_needs_no_store") {
        return;
    }
    for url in [
        "http://127.0.0.1:8787",
        "http://localhost:8787",
        "http://[::1]:8787",
    ] {
        builder(url).build().unwrap();
        builder(url)
            .http(reqwest::Client::builder())
            .build()
            .unwrap();
    }
}

#[test]
fn a_missing_store_is_an_error_that_says_what_to_install() {
    if !is_without_a_store("a_missing_store_is_an_error_that_says_what_to_install") {
        return;
    }
    let error = builder("https://platform.example.com").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.field(), Some("http"));
    let text = error.to_string();
    assert!(text.contains("ca-certificates"), "{text}");
    assert!(text.contains("SSL_CERT_FILE"), "{text}");
}
