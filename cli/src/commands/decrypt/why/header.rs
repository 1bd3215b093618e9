//! What a header says, and what of it is not taken.

use konaplate::protocol::KeyWrapping;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use super::super::super::protocol::finding::{Finding, quoted};
use super::super::unwrap::{PADDINGS, Padding};
use crate::bilingual::Texts;

const FORM: Texts = (
    r#"the header is {"enc":"A128GCM","alg":"RSA-OAEP-256"}"#,
    r#"헤더는 {"enc":"A128GCM","alg":"RSA-OAEP-256"}입니다."#,
);

/// What a header says.
pub(super) struct Header {
    pub(super) padding: Option<Padding>,
    /// Bytes of the key that `enc` takes.
    pub(super) key_length: Option<usize>,
}

/// Reads the header. None where there is no telling what it says.
pub(super) fn read(
    bytes: &[u8],
    wrapping: KeyWrapping,
    findings: &mut Vec<Finding>,
) -> Option<Header> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let says = ("the header is not UTF-8", "헤더가 UTF-8이 아닙니다.");
        findings.push(Finding::new("header-utf8", says, FORM));
        return None;
    };
    let Some(members) = members(text) else {
        let says = (
            "the header is no JSON object",
            "헤더가 JSON 객체가 아닙니다.",
        );
        findings.push(Finding::new("header-json", says, FORM));
        return None;
    };
    for (place, (name, _)) in members.iter().enumerate() {
        if members[..place].iter().any(|(other, _)| other == name) {
            findings.push(twice(name));
        }
        findings.extend(refused(name));
    }
    let mut text_of = |name: &str, id| {
        let value = members.iter().find(|(other, _)| other == name);
        let text = value.and_then(|(_, value)| value.as_str());
        if text.is_none() {
            let says = (
                format!("the header has no {name} that is text"),
                format!("헤더에 텍스트인 {name} 항목이 없습니다."),
            );
            findings.push(Finding::new(id, says, FORM));
        }
        text
    };
    let (alg, enc) = (text_of("alg", "header-alg"), text_of("enc", "header-enc"));
    findings.extend(alg.and_then(|alg| refused_alg(alg, wrapping)));
    let key_length = match enc {
        Some("A128GCM") => Some(16),
        Some("A256GCM") => Some(32),
        Some(enc) => {
            findings.push(refused_enc(enc));
            None
        }
        None => None,
    };
    Some(Header {
        padding: alg.and_then(|alg| PADDINGS.into_iter().find(|padding| padding.alg == alg)),
        key_length,
    })
}

fn twice(name: &str) -> Finding {
    let name = quoted(name);
    Finding::new(
        "header-twice",
        (
            format!("the header has {name} twice"),
            format!("헤더에 {name} 항목이 두 번 있습니다."),
        ),
        FORM,
    )
}

/// A member that is not taken.
fn refused(name: &str) -> Option<Finding> {
    let (id, cure) = match name {
        "zip" => (
            "header-zip",
            ("do not compress the plaintext", "평문을 압축하지 마십시오."),
        ),
        "crit" => (
            "header-crit",
            (
                "leave out extensions that have to be understood",
                "반드시 해석해야 하는 확장을 빼십시오.",
            ),
        ),
        _ => return None,
    };
    let says = (
        format!("the header has {name}, which is not taken"),
        format!("헤더에 {name} 항목이 있습니다. 허용하지 않는 항목입니다."),
    );
    Some(Finding::new(id, says, cure))
}

fn refused_alg(alg: &str, wrapping: KeyWrapping) -> Option<Finding> {
    match (alg, wrapping) {
        ("RSA-OAEP-256", _) | ("RSA-OAEP", KeyWrapping::RsaOaep256OrSha1) => None,
        ("RSA-OAEP", _) => Some(Finding::new(
            "alg-sha1",
            (
                "alg is RSA-OAEP, which uses SHA-1 and has to be allowed",
                "alg가 RSA-OAEP입니다. SHA-1을 사용하므로 허용해야 복호화할 수 있습니다.",
            ),
            (
                "use RSA-OAEP-256; --key-wrapping RSA-OAEP decrypts it here",
                "RSA-OAEP-256을 사용하십시오. 여기서는 --key-wrapping RSA-OAEP로 복호화합니다.",
            ),
        )),
        (alg, _) => {
            let alg = quoted(alg);
            Some(Finding::new(
                "alg",
                (
                    format!("alg is {alg}, which is not taken"),
                    format!("alg가 {alg}입니다. 허용하지 않는 값입니다."),
                ),
                ("use RSA-OAEP-256", "RSA-OAEP-256을 사용하십시오."),
            ))
        }
    }
}

fn refused_enc(enc: &str) -> Finding {
    let enc = quoted(enc);
    Finding::new(
        "enc",
        (
            format!("enc is {enc}, which is not taken"),
            format!("enc가 {enc}입니다. 허용하지 않는 값입니다."),
        ),
        ("use A128GCM", "A128GCM을 사용하십시오."),
    )
}

/// The members of a JSON object, also those that are there twice.
fn members(text: &str) -> Option<Vec<(String, Value)>> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, Value)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Members).ok()?;
    json.end().ok()?;
    Some(members)
}
