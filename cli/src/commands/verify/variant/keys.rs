//! Other keys than the secret's bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD as BASE64, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};

use super::super::token::hex;
use super::{Variant, Variants, hex_text};

/// What else the key may have been made of the secret, or have been taken for it.
pub(in super::super) fn keys(
    secret: &str,
    former: Option<&str>,
    access_key: Option<&str>,
) -> Vec<Variant> {
    const CURE: &str =
        "the key is the secret's own bytes (UTF-8), as it was issued: decode nothing, add nothing";
    let own = secret.as_bytes();
    let with = |end: &str| Some(format!("{secret}{end}").into_bytes());
    let mut keys = Variants::new(own);
    for end in ["\n", "\r\n"] {
        keys.add(
            "key-line-break",
            with(end),
            "the key was read with the line break at its end",
            "take the line break off where the key is read from a file",
        );
    }
    keys.add(
        "key-hex",
        hex(secret),
        "the secret was decoded as hex before it was used as a key",
        CURE,
    );
    for engine in [&BASE64, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        keys.add(
            "key-base64",
            engine.decode(secret).ok().filter(|key| !key.is_empty()),
            "the secret was decoded as base64 before it was used as a key",
            CURE,
        );
    }
    keys.add(
        "key-encoded",
        Some(BASE64.encode(own).into_bytes()),
        "the secret was written as base64 before it was used as a key",
        CURE,
    );
    keys.add(
        "key-encoded",
        Some(hex_text(own).into_bytes()),
        "the secret was written as hex before it was used as a key",
        CURE,
    );
    for quote in ['"', '\''] {
        keys.add(
            "key-quotes",
            Some(format!("{quote}{secret}{quote}").into_bytes()),
            "the key was read with quotes around it",
            "take the quotes off: Docker's --env-file and systemd keep them, shells do not",
        );
    }
    keys.add(
        "key-case",
        Some(secret.to_ascii_uppercase().into_bytes()),
        "the secret was written in capitals before it was used as a key",
        CURE,
    );
    keys.add(
        "key-case",
        Some(secret.to_ascii_lowercase().into_bytes()),
        "the secret was written in small letters before it was used as a key",
        CURE,
    );
    keys.add(
        "key-former",
        former.map(|key| key.as_bytes().to_vec()),
        "the token was made with the former secret key",
        "use the secret key that belongs to the access key of the call",
    );
    keys.add(
        "key-access-key",
        access_key.map(|key| key.as_bytes().to_vec()),
        "the token was made with the access key",
        "the access key says who calls; what signs is the secret key",
    );
    keys.found
}
