//! Nonce and tag, and whether they belong to the content.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::super::super::protocol::finding::Finding;
use super::super::unwrap::opens;

/// The nonce, where nonce and tag have the lengths that they have with AES-GCM.
pub(super) fn sizes(nonce: &[u8], tag: &[u8], findings: &mut Vec<Finding>) -> Option<[u8; 12]> {
    let of_12 = <[u8; 12]>::try_from(nonce).ok();
    if of_12.is_none() {
        let has = nonce.len();
        findings.push(Finding::new(
            "nonce-length",
            (
                format!("the nonce has {has} bytes"),
                format!("논스(nonce)가 {has}바이트입니다."),
            ),
            (
                "take a fresh nonce of 12 bytes",
                "12바이트의 논스(nonce)를 새로 만들어 사용하십시오.",
            ),
        ));
    }
    if tag.len() != 16 {
        let has = tag.len();
        findings.push(Finding::new(
            "tag-length",
            (
                format!("the tag has {has} bytes"),
                format!("태그가 {has}바이트입니다."),
            ),
            (
                "keep the whole tag, 16 bytes; Java's Cipher appends it to the ciphertext",
                "태그 16바이트를 모두 유지하십시오. Java의 Cipher는 태그를 암호문 뒤에 붙입니다.",
            ),
        ));
        return None;
    }
    of_12
}

/// Says what is wrong where content and tag do not belong together.
pub(super) fn check(
    key: &[u8],
    nonce: [u8; 12],
    protected: &str,
    content: &[u8],
    tag: &[u8],
    findings: &mut Vec<Finding>,
) {
    if opens(key, nonce, protected.as_bytes(), content, tag) {
        return;
    }
    let header = BASE64URL.decode(protected).unwrap_or_default();
    let others = [
        (
            &[][..],
            (
                "the tag does not cover the header",
                "태그가 헤더를 인증하지 않습니다.",
            ),
        ),
        (
            &header[..],
            (
                "the tag covers the JSON of the header, not its base64url text",
                "태그가 헤더의 base64url 텍스트가 아니라 헤더의 JSON을 인증합니다.",
            ),
        ),
    ];
    for (additional, says) in others {
        if opens(key, nonce, additional, content, tag) {
            findings.push(Finding::new(
                "additional-data",
                says,
                (
                    "give the header's base64url text to AES-GCM as additional authenticated data",
                    "헤더의 base64url 텍스트를 AES-GCM의 추가 인증 데이터(AAD)로 지정하십시오.",
                ),
            ));
            return;
        }
    }
    findings.push(Finding::new(
        "tag",
        (
            "the tag does not match: header, nonce, ciphertext or tag were altered, or are of two messages",
            "태그가 일치하지 않습니다. 헤더, 논스(nonce), 암호문, 태그 중 일부가 변경되었거나 두 메시지의 것이 섞였습니다.",
        ),
        (
            "compare the message with the one that was sent, byte by byte",
            "이 메시지를 전송된 메시지와 바이트 단위로 비교하십시오.",
        ),
    ));
}
