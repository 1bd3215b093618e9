//! The form of a token: `KMV1:`, 17 digits, a colon, and 32 bytes as base64.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::super::protocol::finding::{Finding, quoted};
use crate::bilingual::Texts;

const PREFIX: &str = "KMV1:";
const FORM: Texts = (
    "a token is KMV1:, the time as 17 digits (yyyyMMddHHmmssSSS), a colon, and the signature as 44 \
     characters of base64: 67 in all",
    "토큰은 KMV1:, 숫자 17자리의 타임스탬프(yyyyMMddHHmmssSSS), 콜론(:), base64 44자의 서명을 이은 67자입니다.",
);

/// The parts of a token, as far as there are any.
pub(super) struct Parts<'a> {
    pub(super) timestamp: Option<&'a str>,
    pub(super) signature: Option<Vec<u8>>,
}

/// Takes a token apart.
pub(super) fn parts<'a>(token: &'a str, findings: &mut Vec<Finding>) -> Parts<'a> {
    let token = unwrapped(token, findings);
    let rest = without_prefix(token, findings);
    // A time with colons has them before the last one.
    let Some((timestamp, signature)) = rest.rsplit_once(':') else {
        findings.push(Finding::new(
            "token-structure",
            (
                "the token has no time and no signature with a colon between them",
                "토큰에 콜론(:)으로 구분된 타임스탬프와 서명이 없습니다.",
            ),
            FORM,
        ));
        return Parts {
            timestamp: None,
            signature: None,
        };
    };
    Parts {
        timestamp: Some(timestamp),
        signature: signature_bytes(signature, findings),
    }
}

/// The token without what was copied with it.
fn unwrapped<'a>(token: &'a str, findings: &mut Vec<Finding>) -> &'a str {
    let trimmed = token.trim();
    if trimmed.len() != token.len() {
        findings.push(Finding::new(
            "token-blanks",
            (
                "the token has blanks or line breaks around it",
                "토큰의 앞이나 뒤에 공백 또는 줄바꿈이 있습니다.",
            ),
            (
                "take them off; base64 encoders for e-mail (MIME) write a line break at the end",
                "공백과 줄바꿈을 제거하십시오. 이메일용(MIME) base64 인코더는 끝에 줄바꿈을 붙입니다.",
            ),
        ));
    }
    let name = "x-km-tran-token";
    let mut token = trimmed;
    if token.is_char_boundary(name.len())
        && token.len() > name.len()
        && token[..name.len()].eq_ignore_ascii_case(name)
    {
        findings.push(Finding::new(
            "token-header-name",
            (
                "the name of the header is part of the token",
                "토큰에 헤더의 이름이 포함되어 있습니다.",
            ),
            (
                "the value of the header begins with KMV1:",
                "헤더의 값은 KMV1:로 시작합니다.",
            ),
        ));
        token = token[name.len()..].trim_start_matches([':', ' ']);
    }
    let unquoted = token.trim_matches(['"', '\'']);
    if unquoted.len() != token.len() {
        findings.push(Finding::new(
            "token-quotes",
            (
                "the token stands in quotes",
                "토큰이 따옴표로 묶여 있습니다.",
            ),
            ("send it without them", "따옴표 없이 보내십시오."),
        ));
    }
    let token = unquoted;
    if let Some(without) = token.strip_suffix(['.', ',', ';']) {
        findings.push(Finding::new(
            "token-full-stop",
            (
                "the token ends with a punctuation mark",
                "토큰이 문장 부호로 끝납니다.",
            ),
            (
                "leave it off: in the vendor's sample it is the end of a sentence",
                "문장 부호를 빼십시오. KONA 문서의 예시에서는 문장의 끝에 붙은 것입니다.",
            ),
        ));
        return without;
    }
    token
}

fn without_prefix<'a>(token: &'a str, findings: &mut Vec<Finding>) -> &'a str {
    if let Some(rest) = token.strip_prefix(PREFIX) {
        return rest;
    }
    let is_version = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.starts_with("km") && text.len() <= 5
    };
    match token.split_once(':') {
        Some((version, rest)) if is_version(version) => {
            let version = quoted(version);
            findings.push(Finding::new(
                "token-prefix",
                (
                    format!("the token begins with {version}, not with KMV1"),
                    format!("토큰의 시작이 KMV1이 아니라 {version}입니다."),
                ),
                (
                    "begin it with KMV1: in capitals",
                    "대문자 KMV1:로 시작하도록 하십시오.",
                ),
            ));
            rest
        }
        _ => {
            findings.push(Finding::new(
                "token-prefix",
                (
                    "the token does not begin with KMV1:",
                    "토큰이 KMV1:로 시작하지 않습니다.",
                ),
                FORM,
            ));
            token
        }
    }
}

/// The bytes of a signature, in whichever way they are written.
fn signature_bytes(text: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let has = text.len();
    let cure = (
        "write the 32 bytes of the signature as base64 with the standard alphabet and its padding: 44 characters",
        "서명 32바이트를 표준 문자 집합의 base64로, 패딩을 포함하여 44자로 쓰십시오.",
    );
    if is_hex(text) {
        findings.push(Finding::new(
            "signature-hex",
            (
                format!("the signature is written as {has} hex digits"),
                format!("서명이 16진수 {has}자리로 표기되어 있습니다."),
            ),
            cure,
        ));
        return hex(text);
    }
    let is_url_safe = text.contains(['-', '_']);
    if is_url_safe && text.contains(['+', '/']) {
        findings.push(unreadable(cure));
        return None;
    }
    let Some(bytes) = lenient(is_url_safe).decode(text).ok() else {
        findings.push(unreadable(cure));
        return None;
    };
    if let Some(bytes) = std::str::from_utf8(&bytes)
        .ok()
        .filter(|text| is_hex(text))
        .and_then(hex)
    {
        findings.push(Finding::new(
            "signature-hex-in-base64",
            (
                "the signature is base64 of its hex digits",
                "서명이 16진수 텍스트를 base64로 인코딩한 값입니다.",
            ),
            (
                "take the bytes that the HMAC returns, not their hex text, and write them as base64",
                "HMAC이 반환하는 바이트를 16진수 텍스트로 바꾸지 말고 base64로 인코딩하십시오.",
            ),
        ));
        return Some(bytes);
    }
    if is_url_safe {
        findings.push(Finding::new(
            "signature-url-safe",
            (
                "the signature is written with the URL-safe alphabet of base64 (- and _)",
                "서명이 base64의 URL-safe 문자 집합(-와 _)으로 표기되어 있습니다.",
            ),
            (
                "use the standard alphabet (+ and /)",
                "표준 문자 집합(+와 /)을 사용하십시오.",
            ),
        ));
    }
    if !has.is_multiple_of(4) {
        findings.push(Finding::new(
            "signature-padding",
            (
                "the signature has no padding (=) at its end",
                "서명의 끝에 패딩(=)이 없습니다.",
            ),
            (
                "keep the padding: the token has 67 characters, although the vendor's pages say 66",
                "패딩을 유지하십시오. KONA 문서에는 66자라고 되어 있으나 토큰은 67자입니다.",
            ),
        ));
    } else if !is_url_safe && strict(&bytes) != text {
        findings.push(Finding::new(
            "signature-unused-bits",
            (
                "the last character of the signature has bits that no byte has",
                "서명의 마지막 문자에 어느 바이트에도 속하지 않는 비트가 있습니다.",
            ),
            cure,
        ));
    }
    Some(bytes)
}

fn unreadable(cure: Texts) -> Finding {
    Finding::new(
        "signature-unreadable",
        (
            "the signature is neither base64 nor hex",
            "서명이 base64도 16진수도 아닙니다.",
        ),
        cure,
    )
}

fn strict(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn lenient(is_url_safe: bool) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(if is_url_safe { &URL_SAFE } else { &STANDARD }, config)
}

/// Whether it is hex of a hash. 44 characters of base64 are none of these lengths.
fn is_hex(text: &str) -> bool {
    matches!(text.len(), 40 | 56 | 64 | 96 | 128)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The bytes that hex digits mean.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.is_empty() || !text.len().is_multiple_of(2) || !is_hex {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&text[place..place + 2], 16).ok())
        .collect()
}
