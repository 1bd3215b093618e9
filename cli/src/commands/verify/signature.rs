//! Which way of signing makes a signature.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::hmac;

use super::super::protocol::finding::Finding;
use super::variant::{Message, Variant};
use crate::bilingual::Texts;

/// How many things may be wrong at once. More would be found by chance no likelier, and take long.
const MOST: usize = 2;
/// Of a longer body only one thing is tried at a time.
const LONG: usize = 256 * 1024;

/// A way from key and message to a signature.
struct Method {
    finding: Option<Finding>,
    length: usize,
    sign: fn(&[u8], &[u8]) -> Vec<u8>,
}

/// What is wrong with a signature: nothing, what is found by trying, or None.
pub(super) fn search(
    signature: &[u8],
    keys: &[Variant],
    messages: &[Message],
    bodies: &[Variant],
) -> Option<Vec<Finding>> {
    let methods = methods();
    let is_long = bodies.first().is_some_and(|body| body.bytes.len() > LONG);
    let most = if is_long { 1 } else { MOST };
    (0..=most).find_map(|wrong| {
        for message in messages {
            for body in bodies {
                let by_message = [&message.finding, &body.finding].map(Option::is_some);
                let by_message = by_message.into_iter().filter(|is| *is).count();
                if by_message > wrong {
                    continue;
                }
                let bytes = message.of(&body.bytes);
                for method in methods.iter().filter(|m| m.length == signature.len()) {
                    for key in keys {
                        let findings: Vec<_> = [
                            &method.finding,
                            &key.finding,
                            &message.finding,
                            &body.finding,
                        ]
                        .into_iter()
                        .flatten()
                        .cloned()
                        .collect();
                        if findings.len() != wrong {
                            continue;
                        }
                        let made = (method.sign)(&key.bytes, &bytes);
                        if verify_slices_are_equal(&made, signature).is_ok() {
                            return Some(findings);
                        }
                    }
                }
            }
        }
        None
    })
}

/// Whether a signature is the beginning of the right one.
pub(super) fn is_cut_off(
    signature: &[u8],
    keys: &[Variant],
    messages: &[Message],
    bodies: &[Variant],
) -> bool {
    let (Some(key), Some(message), Some(body)) = (keys.first(), messages.first(), bodies.first())
    else {
        return false;
    };
    let right = hmac_256(&key.bytes, &message.of(&body.bytes));
    (8..right.len()).contains(&signature.len())
        && verify_slices_are_equal(&right[..signature.len()], signature).is_ok()
}

fn methods() -> Vec<Method> {
    const CURE: Texts = ("sign with HMAC-SHA256", "HMAC-SHA256으로 서명하십시오.");
    let of = |id: &'static str, says: Texts, length, sign| Method {
        finding: Some(Finding::new(id, says, CURE)),
        length,
        sign,
    };
    vec![
        Method {
            finding: None,
            length: 32,
            sign: hmac_256,
        },
        of(
            "hash-swapped",
            (
                "key and message of the HMAC are the wrong way round",
                "HMAC의 키와 메시지가 서로 바뀌었습니다.",
            ),
            32,
            |key, message| hmac_256(message, key),
        ),
        of(
            "hash-plain",
            (
                "the signature is SHA-256 of the key and the message, not an HMAC",
                "서명이 HMAC이 아니라 키와 메시지를 차례로 이은 값의 SHA-256입니다.",
            ),
            32,
            |key, message| plain(&[key, message]),
        ),
        of(
            "hash-plain",
            (
                "the signature is SHA-256 of the message and the key, not an HMAC",
                "서명이 HMAC이 아니라 메시지와 키를 차례로 이은 값의 SHA-256입니다.",
            ),
            32,
            |key, message| plain(&[message, key]),
        ),
        of(
            "hash-plain",
            (
                "the signature is SHA-256 of the message, without a key",
                "서명이 키 없이 계산한 메시지의 SHA-256입니다.",
            ),
            32,
            |_, message| plain(&[message]),
        ),
        of(
            "hash-sha1",
            (
                "the signature is made with HMAC-SHA1",
                "서명이 HMAC-SHA1로 만들어졌습니다.",
            ),
            20,
            |key, message| by(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, message),
        ),
        of(
            "hash-sha224",
            (
                "the signature is made with HMAC-SHA224",
                "서명이 HMAC-SHA224로 만들어졌습니다.",
            ),
            28,
            |key, message| by(hmac::HMAC_SHA224, key, message),
        ),
        of(
            "hash-sha384",
            (
                "the signature is made with HMAC-SHA384",
                "서명이 HMAC-SHA384로 만들어졌습니다.",
            ),
            48,
            |key, message| by(hmac::HMAC_SHA384, key, message),
        ),
        of(
            "hash-sha512",
            (
                "the signature is made with HMAC-SHA512",
                "서명이 HMAC-SHA512로 만들어졌습니다.",
            ),
            64,
            |key, message| by(hmac::HMAC_SHA512, key, message),
        ),
        of(
            "hash-sha512",
            (
                "the signature is the first half of an HMAC-SHA512",
                "서명이 HMAC-SHA512의 앞쪽 절반입니다.",
            ),
            32,
            |key, message| by(hmac::HMAC_SHA512, key, message)[..32].to_vec(),
        ),
    ]
}

fn hmac_256(key: &[u8], message: &[u8]) -> Vec<u8> {
    by(hmac::HMAC_SHA256, key, message)
}

fn by(algorithm: hmac::Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message)
        .as_ref()
        .to_vec()
}

fn plain(parts: &[&[u8]]) -> Vec<u8> {
    digest(&digest::SHA256, &parts.concat()).as_ref().to_vec()
}
