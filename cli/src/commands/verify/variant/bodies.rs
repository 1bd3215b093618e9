//! Other bodies than the one that is given.

use encoding_rs::EUC_KR;

use super::super::super::protocol::body::without_line_break;
use super::super::super::protocol::json::{Escapes, Spacing, escaped, sorted, spaced, unescaped};
use super::{Variant, Variants};
use crate::bilingual::Texts;

/// What else the body may have been when it was signed. `inner` is what else belongs to an envelope.
pub(in super::super) fn bodies(body: &[u8], inner: Vec<Variant>) -> Vec<Variant> {
    const SENT: Texts = (
        "write the body once, sign these bytes and send the same: many HTTP clients write it again",
        "본문을 한 번만 만들어, 그 바이트에 서명하고 같은 바이트를 보내십시오. 본문을 다시 만드는 HTTP 클라이언트가 많습니다.",
    );
    let mut bodies = Variants::new(body);
    for variant in inner {
        bodies.push(variant.bytes.to_vec(), variant.finding);
    }
    let without = without_line_break(body);
    bodies.add(
        "body-no-line-break",
        Some(without.to_vec()),
        (
            "the body that was signed has not the line break at the end of this one",
            "이 본문의 끝에 있는 줄바꿈이 서명한 본문에는 없습니다.",
        ),
        (
            "sign and send the same bytes; --trim takes a line break off that an editor put there",
            "서명하는 바이트와 같은 바이트를 보내십시오. 편집기가 붙인 줄바꿈은 --trim으로 제거합니다.",
        ),
    );
    for end in [&b"\n"[..], b"\r\n"] {
        bodies.add(
            "body-line-break",
            Some([body, end].concat()),
            (
                "the body that was signed has a line break at its end, and this one has not",
                "서명한 본문의 끝에는 줄바꿈이 있고 이 본문에는 없습니다.",
            ),
            (
                "sign the bytes that are sent; echo and println add a line break",
                "전송하는 바이트에 서명하십시오. echo와 println은 줄바꿈을 붙입니다.",
            ),
        );
    }
    let text = std::str::from_utf8(body).ok();
    bodies.add(
        "body-crlf",
        text.map(|text| text.replace("\r\n", "\n").replace('\n', "\r\n").into()),
        (
            "the body that was signed has line breaks as Windows writes them (CR LF), and this one has not",
            "서명한 본문의 줄바꿈은 Windows 방식(CR LF)이고 이 본문은 그렇지 않습니다.",
        ),
        SENT,
    );
    bodies.add(
        "body-lf",
        text.map(|text| text.replace("\r\n", "\n").into()),
        (
            "the body that was signed has line breaks without CR, and this one has CR LF",
            "서명한 본문의 줄바꿈에는 CR이 없고 이 본문의 줄바꿈은 CR LF입니다.",
        ),
        SENT,
    );
    bodies.add(
        "body-byte-order-mark",
        Some([b"\xef\xbb\xbf", body].concat()),
        (
            "the body that was signed begins with a byte order mark, and this one does not",
            "서명한 본문은 바이트 순서 표식(BOM)으로 시작하고 이 본문은 그렇지 않습니다.",
        ),
        (
            "write UTF-8 without a byte order mark",
            "바이트 순서 표식(BOM)이 없는 UTF-8로 쓰십시오.",
        ),
    );
    bodies.add(
        "body-no-byte-order-mark",
        body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
        (
            "this body begins with a byte order mark, and the one that was signed does not",
            "이 본문은 바이트 순서 표식(BOM)으로 시작하고 서명한 본문은 그렇지 않습니다.",
        ),
        (
            "write UTF-8 without a byte order mark",
            "바이트 순서 표식(BOM)이 없는 UTF-8로 쓰십시오.",
        ),
    );
    json_bodies(body, &mut bodies, SENT);
    encodings(body, text, &mut bodies);
    bodies.add(
        "body-trimmed",
        Some(body.trim_ascii().to_vec()),
        (
            "the body that was signed has no blanks around it, and this one has",
            "서명한 본문의 앞뒤에는 공백이 없고 이 본문에는 있습니다.",
        ),
        SENT,
    );
    bodies.add(
        "body-empty",
        Some(Vec::new()),
        (
            "the token signs an empty body",
            "토큰의 서명 대상이 빈 본문입니다.",
        ),
        (
            "sign when the body is there: a stream that was read before is empty",
            "본문이 준비된 뒤에 서명하십시오. 이미 읽은 스트림은 비어 있습니다.",
        ),
    );
    bodies.found
}

fn json_bodies(body: &[u8], bodies: &mut Variants, cure: Texts) {
    bodies.add(
        "body-compact",
        spaced(body, Spacing::COMPACT),
        (
            "the JSON that was signed has no blanks, and this one has",
            "서명한 JSON에는 공백이 없고 이 JSON에는 있습니다.",
        ),
        cure,
    );
    for spacing in Spacing::WIDER {
        bodies.add(
            "body-spaced",
            spaced(body, spacing),
            (
                "the JSON that was signed has other blanks and line breaks than this one",
                "서명한 JSON의 공백과 줄바꿈이 이 JSON과 다릅니다.",
            ),
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
            (
                "the JSON that was signed writes some characters with a backslash, and this one as they are",
                "서명한 JSON은 일부 문자를 백슬래시로 이스케이프하고 이 JSON은 그대로 씁니다.",
            ),
            cure,
        );
    }
    bodies.add(
        "body-unescaped",
        unescaped(body),
        (
            "this JSON writes some characters with a backslash, and the one that was signed as they are",
            "이 JSON은 일부 문자를 백슬래시로 이스케이프하고 서명한 JSON은 그대로 씁니다.",
        ),
        cure,
    );
    bodies.add(
        "body-sorted",
        sorted(body),
        (
            "the JSON that was signed has its names in the order of the alphabet, and this one has not",
            "서명한 JSON은 이름이 알파벳순이고 이 JSON은 그렇지 않습니다.",
        ),
        cure,
    );
    let twice = std::str::from_utf8(body).ok();
    bodies.add(
        "body-as-string",
        twice.and_then(|text| serde_json::to_vec(text).ok()),
        (
            "the body that was signed is a JSON string with this body in it",
            "서명한 본문은 이 본문을 담은 JSON 문자열입니다.",
        ),
        (
            "do not write JSON as JSON once more",
            "JSON을 다시 JSON으로 직렬화하지 마십시오.",
        ),
    );
}

fn encodings(body: &[u8], text: Option<&str>, bodies: &mut Variants) {
    const CURE: Texts = (
        "name UTF-8 where text becomes bytes: the default of a system may be another",
        "텍스트를 바이트로 바꾸는 곳에서 UTF-8을 지정하십시오. 시스템의 기본 인코딩은 다를 수 있습니다.",
    );
    let Some(text) = text else {
        let (decoded, _, is_damaged) = EUC_KR.decode(body);
        bodies.add(
            "body-encoding",
            (!is_damaged).then(|| decoded.as_bytes().to_vec()),
            (
                "the body that was signed is in UTF-8, and this one in CP949 (EUC-KR)",
                "서명한 본문은 UTF-8이고 이 본문은 CP949(EUC-KR)입니다.",
            ),
            CURE,
        );
        return;
    };
    let (korean, _, is_damaged) = EUC_KR.encode(text);
    bodies.add(
        "body-encoding",
        (!is_damaged).then(|| korean.into_owned()),
        (
            "the body that was signed is in CP949 (EUC-KR), and this one in UTF-8",
            "서명한 본문은 CP949(EUC-KR)이고 이 본문은 UTF-8입니다.",
        ),
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
            (
                "the body that was signed is in UTF-16, and this one in UTF-8",
                "서명한 본문은 UTF-16이고 이 본문은 UTF-8입니다.",
            ),
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
        (
            "the body that was signed is in ISO 8859-1, and this one in UTF-8",
            "서명한 본문은 ISO 8859-1이고 이 본문은 UTF-8입니다.",
        ),
        CURE,
    );
    let twice: String = body.iter().map(|byte| char::from(*byte)).collect();
    bodies.add(
        "body-encoding",
        Some(twice.into_bytes()),
        (
            "the body that was signed was written as UTF-8 twice",
            "서명한 본문이 UTF-8로 두 번 인코딩되었습니다.",
        ),
        CURE,
    );
    let marks: String = text
        .chars()
        .map(|c| if c.is_ascii() { c } else { '?' })
        .collect();
    bodies.add(
        "body-encoding",
        Some(marks.into_bytes()),
        (
            "the body that was signed has question marks in the place of characters that are not ASCII",
            "서명한 본문에는 ASCII가 아닌 문자 대신 물음표가 있습니다.",
        ),
        CURE,
    );
}
