//! Other keys than the secret's bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD as BASE64, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};

use super::super::token::hex;
use super::{Variant, Variants, hex_text};
use crate::bilingual::Texts;

/// What else the key may have been made of the secret, or have been taken for it.
pub(in super::super) fn keys(
    secret: &str,
    former: Option<&str>,
    access_key: Option<&str>,
) -> Vec<Variant> {
    const CURE: Texts = (
        "the key is the secret's own bytes (UTF-8), as it was issued: decode nothing, add nothing",
        "키는 발급된 시크릿 키의 바이트(UTF-8) 그대로입니다. 디코딩하지도 덧붙이지도 마십시오.",
    );
    let own = secret.as_bytes();
    let with = |end: &str| Some(format!("{secret}{end}").into_bytes());
    let mut keys = Variants::new(own);
    for end in ["\n", "\r\n"] {
        keys.add(
            "key-line-break",
            with(end),
            (
                "the key was read with the line break at its end",
                "키 끝의 줄바꿈까지 키로 읽었습니다.",
            ),
            (
                "take the line break off where the key is read from a file",
                "파일에서 키를 읽을 때 줄바꿈을 제거하십시오.",
            ),
        );
    }
    keys.add(
        "key-hex",
        hex(secret),
        (
            "the secret was decoded as hex before it was used as a key",
            "시크릿 키를 16진수로 디코딩하여 키로 사용했습니다.",
        ),
        CURE,
    );
    for engine in [&BASE64, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        keys.add(
            "key-base64",
            engine.decode(secret).ok().filter(|key| !key.is_empty()),
            (
                "the secret was decoded as base64 before it was used as a key",
                "시크릿 키를 base64로 디코딩하여 키로 사용했습니다.",
            ),
            CURE,
        );
    }
    keys.add(
        "key-encoded",
        Some(BASE64.encode(own).into_bytes()),
        (
            "the secret was written as base64 before it was used as a key",
            "시크릿 키를 base64로 인코딩하여 키로 사용했습니다.",
        ),
        CURE,
    );
    keys.add(
        "key-encoded",
        Some(hex_text(own).into_bytes()),
        (
            "the secret was written as hex before it was used as a key",
            "시크릿 키를 16진수로 인코딩하여 키로 사용했습니다.",
        ),
        CURE,
    );
    for quote in ['"', '\''] {
        keys.add(
            "key-quotes",
            Some(format!("{quote}{secret}{quote}").into_bytes()),
            (
                "the key was read with quotes around it",
                "키를 감싼 따옴표까지 키로 읽었습니다.",
            ),
            (
                "take the quotes off: Docker's --env-file and systemd keep them, shells do not",
                "따옴표를 제거하십시오. Docker의 --env-file과 systemd는 따옴표를 그대로 두고, 셸은 제거합니다.",
            ),
        );
    }
    keys.add(
        "key-case",
        Some(secret.to_ascii_uppercase().into_bytes()),
        (
            "the secret was written in capitals before it was used as a key",
            "시크릿 키를 대문자로 바꾸어 키로 사용했습니다.",
        ),
        CURE,
    );
    keys.add(
        "key-case",
        Some(secret.to_ascii_lowercase().into_bytes()),
        (
            "the secret was written in small letters before it was used as a key",
            "시크릿 키를 소문자로 바꾸어 키로 사용했습니다.",
        ),
        CURE,
    );
    keys.add(
        "key-former",
        former.map(|key| key.as_bytes().to_vec()),
        (
            "the token was made with the former secret key",
            "토큰을 이전 시크릿 키로 만들었습니다.",
        ),
        (
            "use the secret key that belongs to the access key of the call",
            "호출의 액세스 키에 해당하는 시크릿 키를 사용하십시오.",
        ),
    );
    keys.add(
        "key-access-key",
        access_key.map(|key| key.as_bytes().to_vec()),
        (
            "the token was made with the access key",
            "토큰을 액세스 키로 만들었습니다.",
        ),
        (
            "the access key says who calls; what signs is the secret key",
            "액세스 키는 호출하는 쪽을 나타내며, 서명에는 시크릿 키를 사용합니다.",
        ),
    );
    keys.found
}
