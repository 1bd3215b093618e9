//! The settings of whoever runs the cases: those of a project that does not exist, and the kit's keys.

use anyhow::{Context, Result};

use super::cases::key;

/// The key that the responses of the kit are encrypted for.
pub(super) const RECEIVER: &str = "client.pkcs8.pem";

/// The key that requests are encrypted for.
const PLATFORM: &str = "server.spki.pem";

/// The variables that every implementation reads, and their values.
pub(super) fn variables(base_url: &str) -> Result<[(&'static str, String); 7]> {
    let pem = |file| String::from_utf8(key(file)?).context(file);
    let text = str::to_owned;
    Ok([
        ("KONAPLATE_BASE_URL", text(base_url)),
        ("KONAPLATE_ASP_ID", text("000170000000000")),
        (
            "KONAPLATE_ACCESS_KEY",
            text("0a1b2c3-0123456789abcdef0123456789abcdef"),
        ),
        ("KONAPLATE_SECRET_KEY", text("a secret that was issued")),
        (
            "KONAPLATE_CRYPTO_KEY_ID",
            text("0123456789abcdef0123456789abcdef"),
        ),
        ("KONAPLATE_SERVER_PUBLIC_KEY", pem(PLATFORM)?),
        ("KONAPLATE_CLIENT_PRIVATE_KEY", pem(RECEIVER)?),
    ])
}
