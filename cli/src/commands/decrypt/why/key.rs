//! The key of the content, and how it is wrapped.

use super::super::super::protocol::finding::Finding;
use super::super::unwrap::{Key, Opener, PADDINGS};
use super::header::Header;

/// The key of the content, where it is one. Says what is wrong with how it is wrapped.
pub(super) fn unwrapped(
    header: &Header,
    wrapped: &[u8],
    openers: &[Opener],
    findings: &mut Vec<Finding>,
) -> Option<Key> {
    if !openers.is_empty()
        && openers
            .iter()
            .all(|opener| opener.length() != wrapped.len())
    {
        findings.push(other_length(wrapped.len(), openers[0].length()));
        return None;
    }
    let declared = header.padding;
    let order = declared.into_iter().chain(
        PADDINGS
            .into_iter()
            .filter(|padding| Some(padding.alg) != declared.map(|declared| declared.alg)),
    );
    let found = order
        .flat_map(|padding| openers.iter().map(move |opener| (padding, opener)))
        .find_map(|(padding, opener)| Some((padding, opener.unwrap(padding, wrapped)?)));
    let Some((padding, key)) = found else {
        findings.push(does_not_unwrap());
        return None;
    };
    if let Some(declared) = declared.filter(|declared| declared.alg != padding.alg) {
        findings.push(other_padding(declared.alg, padding.alg));
    }
    if let Some(wanted) = header.key_length
        && key.len() != wanted
    {
        findings.push(other_key_length(key.len(), wanted));
        return None;
    }
    Some(key)
}

fn other_length(has: usize, modulus: usize) -> Finding {
    Finding::new(
        "wrapped-key-length",
        (
            format!("the wrapped key has {has} bytes, and the private key's modulus {modulus}"),
            format!(
                "암호화된 키(wrapped key)는 {has}바이트이고 개인 키의 모듈러스는 {modulus}바이트입니다."
            ),
        ),
        (
            "encrypt with the public key that belongs to this private key, and keep leading zeros",
            "이 개인 키와 짝을 이루는 공개 키로 암호화하고, 맨 앞의 0을 유지하십시오.",
        ),
    )
}

fn does_not_unwrap() -> Finding {
    Finding::new(
        "key-does-not-unwrap",
        (
            "the wrapped key does not unwrap: it is for another key pair, or padded otherwise",
            "암호화된 키(wrapped key)를 복호화할 수 없습니다. 다른 키 쌍으로 암호화했거나 패딩 방식이 다릅니다.",
        ),
        (
            "encrypt with the certificate that belongs to this private key (konaplate doctor compares the halves); \
             in Java, OAEPWithSHA-256AndMGF1Padding takes SHA-1 for MGF1 unless an OAEPParameterSpec says SHA-256",
            "이 개인 키와 짝을 이루는 인증서로 암호화하십시오(konaplate doctor가 키 쌍을 비교합니다). \
             Java의 OAEPWithSHA-256AndMGF1Padding은 OAEPParameterSpec에 SHA-256을 지정하지 않으면 MGF1에 SHA-1을 사용합니다.",
        ),
    )
}

fn other_padding(declared: &str, used: &str) -> Finding {
    Finding::new(
        "key-padding",
        (
            format!("the header says {declared}, and the key is wrapped with {used}"),
            format!("헤더에 표시된 방식은 {declared}이고 키를 암호화한 방식은 {used}입니다."),
        ),
        (
            "wrap the key with OAEP and SHA-256, for the hash and for MGF1",
            "키를 OAEP로 암호화하고, 해시와 MGF1에 모두 SHA-256을 사용하십시오.",
        ),
    )
}

fn other_key_length(has: usize, wanted: usize) -> Finding {
    Finding::new(
        "content-key-length",
        (
            format!("the key in it has {has} bytes, and enc takes {wanted}"),
            format!("복호화한 키는 {has}바이트이고 enc에 필요한 키는 {wanted}바이트입니다."),
        ),
        (
            "make a fresh key of the length that enc takes, and wrap its bytes",
            "enc에 필요한 길이의 키를 새로 만들어 그 바이트를 암호화하십시오.",
        ),
    )
}
