//! Other bodies than the one that is given.

use encoding_rs::EUC_KR;

use super::super::super::protocol::body::without_line_break;
use super::super::super::protocol::json::{Escapes, Spacing, escaped, sorted, spaced, unescaped};
use super::{Variant, Variants};

/// What else the body may have been when it was signed. `inner` is what else belongs to an envelope.
pub(in super::super) fn bodies(body: &[u8], inner: Vec<Variant>) -> Vec<Variant> {
    const SENT: &str =
        "write the body once, sign these bytes and send the same: many HTTP clients write it again";
    let mut bodies = Variants::new(body);
    for variant in inner {
        bodies.push(variant.bytes.to_vec(), variant.finding);
    }
    let without = without_line_break(body);
    bodies.add(
        "body-no-line-break",
        Some(without.to_vec()),
        "the body that was signed has not the line break at the end of this one",
        "sign and send the same bytes; --trim takes a line break off that an editor put there",
    );
    for end in [&b"\n"[..], b"\r\n"] {
        bodies.add(
            "body-line-break",
            Some([body, end].concat()),
            "the body that was signed has a line break at its end, and this one has not",
            "sign the bytes that are sent; echo and println add a line break",
        );
    }
    let text = std::str::from_utf8(body).ok();
    bodies.add(
        "body-crlf",
        text.map(|text| text.replace("\r\n", "\n").replace('\n', "\r\n").into()),
        "the body that was signed has line breaks as Windows writes them (CR LF), and this one has not",
        SENT,
    );
    bodies.add(
        "body-lf",
        text.map(|text| text.replace("\r\n", "\n").into()),
        "the body that was signed has line breaks without CR, and this one has CR LF",
        SENT,
    );
    bodies.add(
        "body-byte-order-mark",
        Some([b"\xef\xbb\xbf", body].concat()),
        "the body that was signed begins with a byte order mark, and this one does not",
        "write UTF-8 without a byte order mark",
    );
    bodies.add(
        "body-no-byte-order-mark",
        body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
        "this body begins with a byte order mark, and the one that was signed does not",
        "write UTF-8 without a byte order mark",
    );
    json_bodies(body, &mut bodies, SENT);
    encodings(body, text, &mut bodies);
    bodies.add(
        "body-trimmed",
        Some(body.trim_ascii().to_vec()),
        "the body that was signed has no blanks around it, and this one has",
        SENT,
    );
    bodies.add(
        "body-empty",
        Some(Vec::new()),
        "the token signs an empty body",
        "sign when the body is there: a stream that was read before is empty",
    );
    bodies.found
}

fn json_bodies(body: &[u8], bodies: &mut Variants, cure: &str) {
    bodies.add(
        "body-compact",
        spaced(body, Spacing::COMPACT),
        "the JSON that was signed has no blanks, and this one has",
        cure,
    );
    for spacing in Spacing::WIDER {
        bodies.add(
            "body-spaced",
            spaced(body, spacing),
            "the JSON that was signed has other blanks and line breaks than this one",
            cure,
        );
    }
    let none = Escapes {
        not_ascii: false,
        slash: false,
        html: "",
    };
    for escapes in [
        Escapes {
            not_ascii: true,
            ..none
        },
        Escapes {
            slash: true,
            ..none
        },
        Escapes {
            not_ascii: true,
            slash: true,
            ..none
        },
        Escapes {
            html: "<>&\u{2028}\u{2029}",
            ..none
        },
        Escapes {
            html: "<>&='\u{2028}\u{2029}",
            ..none
        },
    ] {
        bodies.add(
            "body-escaped",
            escaped(body, escapes),
            "the JSON that was signed writes some characters with a backslash, and this one as they are",
            cure,
        );
    }
    bodies.add(
        "body-unescaped",
        unescaped(body),
        "this JSON writes some characters with a backslash, and the one that was signed as they are",
        cure,
    );
    bodies.add(
        "body-sorted",
        sorted(body),
        "the JSON that was signed has its names in the order of the alphabet, and this one has not",
        cure,
    );
    let twice = std::str::from_utf8(body).ok();
    bodies.add(
        "body-as-string",
        twice.and_then(|text| serde_json::to_vec(text).ok()),
        "the body that was signed is a JSON string with this body in it",
        "do not write JSON as JSON once more",
    );
}

fn encodings(body: &[u8], text: Option<&str>, bodies: &mut Variants) {
    const CURE: &str =
        "name UTF-8 where text becomes bytes: the default of a system may be another";
    let Some(text) = text else {
        let (decoded, _, is_damaged) = EUC_KR.decode(body);
        bodies.add(
            "body-encoding",
            (!is_damaged).then(|| decoded.as_bytes().to_vec()),
            "the body that was signed is in UTF-8, and this one in CP949 (EUC-KR)",
            CURE,
        );
        return;
    };
    let (korean, _, is_damaged) = EUC_KR.encode(text);
    bodies.add(
        "body-encoding",
        (!is_damaged).then(|| korean.into_owned()),
        "the body that was signed is in CP949 (EUC-KR), and this one in UTF-8",
        CURE,
    );
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xff\xfe", &little[..]].concat(),
        [b"\xfe\xff", &big[..]].concat(),
        little,
        big,
    ] {
        bodies.add(
            "body-encoding",
            Some(bytes),
            "the body that was signed is in UTF-16, and this one in UTF-8",
            CURE,
        );
    }
    let latin: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    bodies.add(
        "body-encoding",
        latin,
        "the body that was signed is in ISO 8859-1, and this one in UTF-8",
        CURE,
    );
    let twice: String = body.iter().map(|byte| char::from(*byte)).collect();
    bodies.add(
        "body-encoding",
        Some(twice.into_bytes()),
        "the body that was signed was written as UTF-8 twice",
        CURE,
    );
    let marks: String = text
        .chars()
        .map(|c| if c.is_ascii() { c } else { '?' })
        .collect();
    bodies.add(
        "body-encoding",
        Some(marks.into_bytes()),
        "the body that was signed has question marks in the place of characters that are not ASCII",
        CURE,
    );
}
