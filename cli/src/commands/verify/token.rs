//! The form of a token: `KMV1:`, 17 digits, a colon, and 32 bytes as base64.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::super::protocol::finding::{Finding, quoted};

const PREFIX: &str = "KMV1:";
const FORM: &str = "a token is KMV1:, the time as 17 digits (yyyyMMddHHmmssSSS), a colon, and the signature as 44 \
     characters of base64: 67 in all";

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
            "the token has no time and no signature with a colon between them",
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
            "the token has blanks or line breaks around it",
            "take them off; base64 encoders for e-mail (MIME) write a line break at the end",
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
            "the name of the header is part of the token",
            "the value of the header begins with KMV1:",
        ));
        token = token[name.len()..].trim_start_matches([':', ' ']);
    }
    let unquoted = token.trim_matches(['"', '\'']);
    if unquoted.len() != token.len() {
        findings.push(Finding::new(
            "token-quotes",
            "the token stands in quotes",
            "send it without them",
        ));
    }
    let token = unquoted;
    if let Some(without) = token.strip_suffix(['.', ',', ';']) {
        findings.push(Finding::new(
            "token-full-stop",
            "the token ends with a punctuation mark",
            "leave it off: in the vendor's sample it is the end of a sentence",
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
            findings.push(Finding::new(
                "token-prefix",
                format!("the token begins with {}, not with KMV1", quoted(version)),
                "begin it with KMV1: in capitals",
            ));
            rest
        }
        _ => {
            findings.push(Finding::new(
                "token-prefix",
                "the token does not begin with KMV1:",
                FORM,
            ));
            token
        }
    }
}

/// The bytes of a signature, in whichever way they are written.
fn signature_bytes(text: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let has = text.len();
    let cure = "write the 32 bytes of the signature as base64 with the standard alphabet and its padding: 44 characters";
    if is_hex(text) {
        findings.push(Finding::new(
            "signature-hex",
            format!("the signature is written as {has} hex digits"),
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
            "the signature is base64 of its hex digits",
            "take the bytes that the HMAC returns, not their hex text, and write them as base64",
        ));
        return Some(bytes);
    }
    if is_url_safe {
        findings.push(Finding::new(
            "signature-url-safe",
            "the signature is written with the URL-safe alphabet of base64 (- and _)",
            "use the standard alphabet (+ and /)",
        ));
    }
    if !has.is_multiple_of(4) {
        findings.push(Finding::new(
            "signature-padding",
            "the signature has no padding (=) at its end",
            "keep the padding: the token has 67 characters, although the vendor's pages say 66",
        ));
    } else if !is_url_safe && strict(&bytes) != text {
        findings.push(Finding::new(
            "signature-unused-bits",
            "the last character of the signature has bits that no byte has",
            cure,
        ));
    }
    Some(bytes)
}

fn unreadable(cure: &str) -> Finding {
    Finding::new(
        "signature-unreadable",
        "the signature is neither base64 nor hex",
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
