//! Why a message cannot be decrypted, from its form to its tag.
//!
//! For the owner of the key, at the owner's machine. What answers messages of others says nothing of
//! this: `konaplate` has one error for all of it.

mod header;
mod key;
mod part;
mod tag;

use konaplate::protocol::KeyWrapping;

use self::part::PARTS;
use super::super::protocol::finding::Finding;
use super::super::protocol::keys::PrivateKey;
use super::unwrap::Opener;
use crate::bilingual::{Bilingual, Texts};

const FORM: Texts = (
    "a JWE is header, wrapped key, nonce, ciphertext and tag, each as base64url without padding, \
     with full stops between them",
    "JWE는 헤더, 암호화된 키(wrapped key), 논스(nonce), 암호문, 태그를 각각 패딩 없는 base64url로 쓰고 \
     마침표(.)로 이은 것입니다.",
);

/// Why it is not decrypted by these keys.
pub(super) fn not_decrypted(jwe: &str, keys: &[PrivateKey], wrapping: KeyWrapping) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parts: Vec<&str> = jwe.split('.').collect();
    let Ok(parts) = <[&str; 5]>::try_from(parts) else {
        let says = number_of_parts(jwe.split('.').count());
        return vec![Finding::new("parts", says, FORM)];
    };
    let decoded: Vec<_> = PARTS
        .iter()
        .zip(parts)
        .map(|(part, text)| part.decode(text, &mut findings))
        .collect();
    let header = decoded[0]
        .as_deref()
        .and_then(|bytes| header::read(bytes, wrapping, &mut findings));
    if let (Some(header), [_, Some(wrapped), Some(nonce), Some(content), Some(tag)]) =
        (header, &decoded[..])
    {
        let nonce = tag::sizes(nonce, tag, &mut findings);
        let openers: Vec<_> = keys
            .iter()
            .filter_map(|key| Opener::new(&key.bytes))
            .collect();
        if let Some(key) = key::unwrapped(&header, wrapped, &openers, &mut findings)
            && let Some(nonce) = nonce
            && header.key_length.is_some()
        {
            tag::check(&key, nonce, parts[0], content, tag, &mut findings);
        }
    }
    findings
}

/// What a message of that many parts is, where these are not five.
fn number_of_parts(has: usize) -> Bilingual {
    match has {
        1 => Bilingual::new(
            "the message has no full stop: it is no JWE",
            "메시지에 마침표(.)가 없으므로 JWE가 아닙니다.",
        ),
        3 => Bilingual::new(
            "the message has three parts: it is a signed one (JWS)",
            "메시지가 세 부분이므로 서명된 메시지(JWS)입니다.",
        ),
        _ => Bilingual::new(
            format!("the message has {has} parts, and a JWE has 5"),
            format!("메시지의 부분이 {has}개입니다. JWE는 5개입니다."),
        ),
    }
}
