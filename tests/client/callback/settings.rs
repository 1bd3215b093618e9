//! Promise: a setting that is wrong is named before anything is received.

use super::*;

#[test]
fn a_setting_that_is_wrong_is_named() {
    let key = || key_file("client.pkcs8.pem");
    let day = Duration::from_secs(24 * 3600);
    for (builder, field, rule) in [
        (CallbackReceiver::builder(), "secret_key", "is missing"),
        (builder().secret_key(""), "secret_key", "must not be empty"),
        (
            builder().asp_id("00017000000000"),
            "asp_id",
            "must have exactly 15 characters, and has 14",
        ),
        (
            builder().crypto_key("short", key()),
            "crypto_key_id",
            "must have exactly 32 characters, and has 5",
        ),
        (
            builder().crypto_key(SECOND_KEY_ID, key_file("client.spki.pem")),
            "client_private_key",
            "",
        ),
        (
            builder().crypto_key(KEY_ID, key()),
            "crypto_key",
            "was given twice with one id",
        ),
        (
            builder()
                .crypto_key(SECOND_KEY_ID, key())
                .crypto_key(&"e".repeat(32), key()),
            "crypto_key",
            "was given more than twice; a project has at most two",
        ),
        (
            builder().tolerance(Duration::from_millis(999)),
            "tolerance",
            "must be from 1 second to 24 hours",
        ),
        (
            builder().tolerance(day + Duration::from_nanos(1)),
            "tolerance",
            "must be from 1 second to 24 hours",
        ),
        (
            builder().former_secret_key(""),
            "former_secret_key",
            "must not be empty",
        ),
        (
            builder().fingerprint_key("15 bytes, no mo"),
            "fingerprint_key",
            "must have at least 16 bytes",
        ),
        (
            builder().replay_memory(0),
            "replay_memory",
            "must be at least 1",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
        assert!(error.to_string().contains(rule), "{error}");
    }
    for (error, field) in [
        (CallbackSigner::new("", support::ASP_ID), "secret_key"),
        (CallbackSigner::new("s", "1"), "asp_id"),
        (signer().encrypt_for("1", key()), "crypto_key_id"),
        (signer().encrypt_for(KEY_ID, "no key"), "client_public_key"),
    ]
    .map(|(result, field)| (result.unwrap_err(), field))
    {
        assert_eq!(error.field(), Some(field), "{error}");
    }
}
