//! Other messages than the bytes of the body.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD as BASE64, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};

use super::super::super::protocol::finding::Finding;
use super::hex_text;
use crate::bilingual::Texts;

/// How a message is made of a body.
pub(in super::super) struct Message {
    pub(in super::super) finding: Option<Finding>,
    make: Make,
}

type Make = Box<dyn Fn(&[u8]) -> Vec<u8>>;
/// A finding's id, what it says, and its cure.
type Wrong = (&'static str, Texts, Texts);

impl Message {
    pub(in super::super) fn of(&self, body: &[u8]) -> Vec<u8> {
        (self.make)(body)
    }
}

/// The messages, the right one first: the body, or its base64 text.
pub(in super::super) fn messages(
    is_base64: bool,
    timestamp: Option<&str>,
    access_key: Option<&str>,
) -> Vec<Message> {
    const BYTES: Texts = (
        "sign the bytes of the body as they are sent, and nothing else",
        "전송할 본문의 바이트에만 그대로 서명하십시오.",
    );
    let mut messages = Vec::new();
    let mut add = |wrong: Option<Wrong>, make: Make| {
        let finding = wrong.map(|(id, says, cure)| Finding::new(id, says, cure));
        messages.push(Message { finding, make });
    };
    let raw: Make = Box::new(<[u8]>::to_vec);
    let base64: Make = Box::new(|body| BASE64.encode(body).into_bytes());
    if is_base64 {
        add(None, base64);
        add(
            Some((
                "message-raw",
                (
                    "the token signs the bytes of the body, and its base64 text was asked for",
                    "토큰의 서명 대상은 본문의 바이트이고, 지정한 대상은 본문의 base64 텍스트입니다.",
                ),
                (
                    "which of the two the platform takes is not documented: try both (--message-form raw)",
                    "플랫폼이 둘 중 어느 것을 받는지는 문서에 없습니다. 둘 다 시도해 보십시오(--message-form raw).",
                ),
            )),
            raw,
        );
    } else {
        add(None, raw);
        add(
            Some((
                "message-base64",
                (
                    "the token signs the base64 text of the body, and the bytes of the body were asked for",
                    "토큰의 서명 대상은 본문의 base64 텍스트이고, 지정한 대상은 본문의 바이트입니다.",
                ),
                (
                    "which of the two the platform takes is not documented: try both (--message-form base64)",
                    "플랫폼이 둘 중 어느 것을 받는지는 문서에 없습니다. 둘 다 시도해 보십시오(--message-form base64).",
                ),
            )),
            base64,
        );
    }
    let other_base64 = (
        "the token signs the body in another form of base64",
        "토큰의 서명 대상이 다른 형식의 base64로 인코딩한 본문입니다.",
    );
    add(
        Some(("message-base64-other", other_base64, BYTES)),
        Box::new(|body| URL_SAFE.encode(body).into_bytes()),
    );
    add(
        Some(("message-base64-other", other_base64, BYTES)),
        Box::new(|body| STANDARD_NO_PAD.encode(body).into_bytes()),
    );
    add(
        Some(("message-base64-other", other_base64, BYTES)),
        Box::new(|body| URL_SAFE_NO_PAD.encode(body).into_bytes()),
    );
    for (end, last) in [("\r\n", ""), ("\n", "\n")] {
        add(
            Some((
                "message-base64-lines",
                (
                    "the token signs the body as base64 in lines of 76 characters",
                    "토큰의 서명 대상이 한 줄에 76자인 base64로 인코딩한 본문입니다.",
                ),
                BYTES,
            )),
            Box::new(move |body| mime(body, end, last)),
        );
    }
    add(
        Some((
            "message-hex",
            (
                "the token signs the body as hex digits",
                "토큰의 서명 대상이 16진수로 표기한 본문입니다.",
            ),
            BYTES,
        )),
        Box::new(|body| hex_text(body).into_bytes()),
    );
    add(
        Some((
            "message-digest",
            (
                "the token signs the SHA-256 of the body as hex digits",
                "토큰의 서명 대상이 본문의 SHA-256을 16진수로 표기한 값입니다.",
            ),
            BYTES,
        )),
        Box::new(|body| hex_text(sha256(body).as_ref()).into_bytes()),
    );
    add(
        Some((
            "message-digest",
            (
                "the token signs the SHA-256 of the body",
                "토큰의 서명 대상이 본문의 SHA-256입니다.",
            ),
            BYTES,
        )),
        Box::new(|body| sha256(body).as_ref().to_vec()),
    );
    if let Some(time) = timestamp {
        let signs = (
            "the token signs its time together with the body",
            "토큰의 서명 대상에 본문과 함께 타임스탬프가 들어 있습니다.",
        );
        for (before, after) in [
            (time.to_owned(), String::new()),
            (format!("{time}:"), String::new()),
            (format!("{time}."), String::new()),
            (format!("{time}\n"), String::new()),
            (format!("KMV1:{time}:"), String::new()),
            (String::new(), time.to_owned()),
            (String::new(), format!(":{time}")),
        ] {
            add(
                Some(("message-time", signs, BYTES)),
                Box::new(move |body| [before.as_bytes(), body, after.as_bytes()].concat()),
            );
        }
        if let Some(access_key) = access_key {
            for message in [
                format!("{access_key}{time}"),
                format!("{access_key}:{time}"),
            ] {
                add(
                    Some((
                        "message-access-key",
                        (
                            "the token signs the access key and the time, and nothing of the body",
                            "토큰의 서명 대상이 액세스 키와 타임스탬프이며, 본문은 들어 있지 않습니다.",
                        ),
                        BYTES,
                    )),
                    Box::new(move |_| message.clone().into_bytes()),
                );
            }
        }
    }
    messages
}

fn sha256(bytes: &[u8]) -> aws_lc_rs::digest::Digest {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
}

/// Base64 in lines, as for e-mail.
fn mime(body: &[u8], end: &str, last: &str) -> Vec<u8> {
    let text = BASE64.encode(body);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!("{}{last}", lines.join(end)).into_bytes()
}
