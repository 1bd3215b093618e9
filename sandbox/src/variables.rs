//! The variables of the environment that clients read.

use std::io::{self, Write as _};
use std::path::Path;

use crate::{fixtures, private_file};

/// Each with its value. Keys are base64 of their DER.
pub(crate) fn variables(base_url: &str) -> [(&'static str, String); 7] {
    let base64 = |pem: &str| {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        lines.collect::<String>()
    };
    [
        ("KONAPLATE_BASE_URL", base_url.to_owned()),
        ("KONAPLATE_ASP_ID", fixtures::ASP_ID.to_owned()),
        ("KONAPLATE_ACCESS_KEY", fixtures::ACCESS_KEY.to_owned()),
        ("KONAPLATE_SECRET_KEY", fixtures::SECRET_KEY.to_owned()),
        (
            "KONAPLATE_CRYPTO_KEY_ID",
            fixtures::CRYPTO_KEY_ID.to_owned(),
        ),
        (
            "KONAPLATE_SERVER_PUBLIC_KEY",
            base64(fixtures::SERVER_PUBLIC_KEY),
        ),
        (
            "KONAPLATE_CLIENT_PRIVATE_KEY",
            base64(fixtures::CLIENT_PRIVATE_KEY),
        ),
    ]
}

/// A line each.
pub(crate) fn lines(base_url: &str) -> String {
    variables(base_url)
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect()
}

/// Writes the lines to a file, for its owner alone.
pub(crate) fn write(base_url: &str, file: &Path) -> io::Result<()> {
    private_file::create(file)?.write_all(lines(base_url).as_bytes())
}
