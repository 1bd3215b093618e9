//! The parts of a message: their names, and how they are written.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD as BASE64URL,
};

use super::super::super::protocol::finding::Finding;
use super::FORM;
use crate::bilingual::Texts;

/// One of the five.
pub(super) struct Part {
    english: &'static str,
    korean: &'static str,
    /// The Korean name as a subject.
    subject: &'static str,
    /// What to do where it is empty.
    where_empty: Texts,
}

/// All of them, in their order.
pub(super) const PARTS: [Part; 5] = [
    Part {
        english: "header",
        korean: "헤더",
        subject: "헤더가",
        where_empty: FORM,
    },
    Part {
        english: "wrapped key",
        korean: "암호화된 키(wrapped key)",
        subject: "암호화된 키(wrapped key)가",
        where_empty: (
            "wrap a fresh key with RSA-OAEP-256; dir is not taken",
            "새로 만든 키를 RSA-OAEP-256으로 암호화하십시오. dir은 허용하지 않습니다.",
        ),
    },
    Part {
        english: "nonce",
        korean: "논스(nonce)",
        subject: "논스(nonce)가",
        where_empty: FORM,
    },
    Part {
        english: "ciphertext",
        korean: "암호문",
        subject: "암호문이",
        where_empty: (
            "encrypt at least {}: an empty body is not taken",
            "적어도 {}를 암호화하십시오. 빈 본문은 허용하지 않습니다.",
        ),
    },
    Part {
        english: "tag",
        korean: "태그",
        subject: "태그가",
        where_empty: FORM,
    },
];

impl Part {
    /// Its bytes, in whichever alphabet they are written.
    pub(super) fn decode(&self, text: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
        if text.is_empty() {
            findings.push(self.empty());
            return None;
        }
        if let Ok(bytes) = BASE64URL.decode(text) {
            return Some(bytes);
        }
        let before = findings.len();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if compact.len() != text.len() {
            findings.push(self.blanks());
        }
        let is_standard = compact.contains(['+', '/']);
        if is_standard {
            findings.push(self.alphabet());
        }
        if compact.ends_with('=') {
            findings.push(self.padding());
        }
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let alphabet = if is_standard { &STANDARD } else { &URL_SAFE };
        let bytes = GeneralPurpose::new(alphabet, config).decode(&compact).ok();
        if findings.len() == before {
            findings.push(match bytes {
                Some(_) => self.unused_bits(),
                None => self.not_base64(),
            });
        }
        bytes
    }

    fn empty(&self) -> Finding {
        let says = (
            format!("the {} is empty", self.english),
            format!("{} 비어 있습니다.", self.subject),
        );
        Finding::new("part-empty", says, self.where_empty)
    }

    fn blanks(&self) -> Finding {
        let says = (
            format!("the {} has blanks or line breaks in it", self.english),
            format!("{}에 공백이나 줄바꿈이 있습니다.", self.korean),
        );
        Finding::new("part-blanks", says, FORM)
    }

    fn alphabet(&self) -> Finding {
        Finding::new(
            "part-alphabet",
            (
                format!(
                    "the {} is written with the standard alphabet of base64 (+ and /)",
                    self.english
                ),
                format!(
                    "{} base64의 표준 문자 집합(+와 /)으로 표기되어 있습니다.",
                    self.subject
                ),
            ),
            (
                "use the URL-safe alphabet (- and _)",
                "URL-safe 문자 집합(-와 _)을 사용하십시오.",
            ),
        )
    }

    fn padding(&self) -> Finding {
        let says = (
            format!("the {} has padding (=)", self.english),
            format!("{}에 패딩(=)이 있습니다.", self.korean),
        );
        Finding::new(
            "part-padding",
            says,
            ("leave the padding off", "패딩을 빼십시오."),
        )
    }

    fn not_base64(&self) -> Finding {
        let says = (
            format!("the {} is not base64url", self.english),
            format!("{} base64url이 아닙니다.", self.subject),
        );
        Finding::new("part-base64", says, FORM)
    }

    fn unused_bits(&self) -> Finding {
        Finding::new(
            "part-unused-bits",
            (
                format!(
                    "the {} ends with a character that has bits which no byte has",
                    self.english
                ),
                format!(
                    "{}의 마지막 문자에 어느 바이트에도 속하지 않는 비트가 있습니다.",
                    self.korean
                ),
            ),
            (
                "encode the bytes once more: each has one way to be written",
                "바이트를 다시 인코딩하십시오. 같은 바이트를 쓰는 방법은 하나뿐입니다.",
            ),
        )
    }
}
