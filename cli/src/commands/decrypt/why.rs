//! Why a message cannot be decrypted, from its form to its tag.
//!
//! For the owner of the key, at the owner's machine. What answers messages of others says nothing of
//! this: `konaplate` has one error for all of it.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD as BASE64URL,
};
use konaplate::protocol::KeyWrapping;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use super::super::protocol::finding::{Finding, quoted};
use super::super::protocol::keys::PrivateKey;
use super::unwrap::{Opener, PADDINGS, Padding, opens};

const FORM: &str = "a JWE is header, wrapped key, nonce, ciphertext and tag, each as base64url without padding, \
                    with full stops between them";
const NAMES: [&str; 5] = ["header", "wrapped key", "nonce", "ciphertext", "tag"];

/// What a header says.
struct Header {
    padding: Option<Padding>,
    /// Bytes of the key that `enc` takes.
    key_length: Option<usize>,
}

/// Why it is not decrypted by these keys.
pub(super) fn not_decrypted(jwe: &str, keys: &[PrivateKey], wrapping: KeyWrapping) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parts: Vec<&str> = jwe.split('.').collect();
    let Ok(parts) = <[&str; 5]>::try_from(parts) else {
        let has = jwe.split('.').count();
        let says = match has {
            1 => "the message has no full stop: it is no JWE".to_owned(),
            3 => "the message has three parts: it is a signed one (JWS)".to_owned(),
            _ => format!("the message has {has} parts, and a JWE has 5"),
        };
        return vec![Finding::new("parts", says, FORM)];
    };
    let decoded: Vec<_> = NAMES
        .into_iter()
        .zip(parts)
        .map(|(name, part)| decode(name, part, &mut findings))
        .collect();
    let header = decoded[0]
        .as_deref()
        .and_then(|bytes| header(bytes, wrapping, &mut findings));
    if let (Some(header), [_, Some(wrapped), Some(nonce), Some(content), Some(tag)]) =
        (header, &decoded[..])
    {
        let sizes = sizes(nonce, tag, &mut findings);
        let openers: Vec<_> = keys
            .iter()
            .filter_map(|key| Opener::new(&key.bytes))
            .collect();
        if let Some(key) = unwrapped(&header, wrapped, &openers, &mut findings)
            && let Some(nonce) = sizes
            && header.key_length.is_some()
        {
            check_tag(&key, nonce, parts[0], content, tag, &mut findings);
        }
    }
    findings
}

/// The bytes of a part, in whichever alphabet they are written.
fn decode(name: &str, part: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let mut add = |id, says: &str, cure| {
        findings.push(Finding::new(id, format!("the {name} {says}"), cure));
    };
    if part.is_empty() {
        let cure = match name {
            "wrapped key" => "wrap a fresh key with RSA-OAEP-256; dir is not taken",
            "ciphertext" => "encrypt at least {}: an empty body is not taken",
            _ => FORM,
        };
        add("part-empty", "is empty", cure);
        return None;
    }
    if let Ok(bytes) = BASE64URL.decode(part) {
        return Some(bytes);
    }
    let compact: String = part.chars().filter(|c| !c.is_whitespace()).collect();
    let mut is_named = false;
    if compact.len() != part.len() {
        add("part-blanks", "has blanks or line breaks in it", FORM);
        is_named = true;
    }
    let is_standard = compact.contains(['+', '/']);
    if is_standard {
        add(
            "part-alphabet",
            "is written with the standard alphabet of base64 (+ and /)",
            "use the URL-safe alphabet (- and _)",
        );
        is_named = true;
    }
    if compact.ends_with('=') {
        add("part-padding", "has padding (=)", "leave the padding off");
        is_named = true;
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if is_standard { &STANDARD } else { &URL_SAFE };
    let bytes = GeneralPurpose::new(alphabet, config).decode(&compact).ok();
    match &bytes {
        None if !is_named => add("part-base64", "is not base64url", FORM),
        Some(_) if !is_named => add(
            "part-unused-bits",
            "ends with a character that has bits which no byte has",
            "encode the bytes once more: each has one way to be written",
        ),
        _ => {}
    }
    bytes
}

/// Reads the header. None where there is no telling what it says.
fn header(bytes: &[u8], wrapping: KeyWrapping, findings: &mut Vec<Finding>) -> Option<Header> {
    const CURE: &str = r#"the header is {"enc":"A128GCM","alg":"RSA-OAEP-256"}"#;
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.push(Finding::new("header-utf8", "the header is not UTF-8", CURE));
        return None;
    };
    let Some(members) = members(text) else {
        findings.push(Finding::new(
            "header-json",
            "the header is no JSON object",
            CURE,
        ));
        return None;
    };
    for (place, (name, _)) in members.iter().enumerate() {
        let is_again = members[..place].iter().any(|(other, _)| other == name);
        if is_again {
            findings.push(Finding::new(
                "header-twice",
                format!("the header has {} twice", quoted(name)),
                CURE,
            ));
        }
        let refused = match name.as_str() {
            "zip" => Some(("header-zip", "do not compress the plaintext")),
            "crit" => Some((
                "header-crit",
                "leave out extensions that have to be understood",
            )),
            _ => None,
        };
        if let Some((id, cure)) = refused {
            findings.push(Finding::new(
                id,
                format!("the header has {name}, which is not taken"),
                cure,
            ));
        }
    }
    let mut text_of = |name: &str, id| {
        let value = members.iter().find(|(other, _)| other == name);
        let text = value.and_then(|(_, value)| value.as_str());
        if text.is_none() {
            let says = format!("the header has no {name} that is text");
            findings.push(Finding::new(id, says, CURE));
        }
        text
    };
    let (alg, enc) = (text_of("alg", "header-alg"), text_of("enc", "header-enc"));
    let padding = alg.and_then(|alg| PADDINGS.into_iter().find(|padding| padding.alg == alg));
    match (alg, wrapping) {
        (None | Some("RSA-OAEP-256"), _) | (Some("RSA-OAEP"), KeyWrapping::RsaOaep256OrSha1) => {}
        (Some("RSA-OAEP"), _) => findings.push(Finding::new(
            "alg-sha1",
            "alg is RSA-OAEP, which uses SHA-1 and has to be allowed",
            "use RSA-OAEP-256; --key-wrapping RSA-OAEP decrypts it here",
        )),
        (Some(alg), _) => findings.push(Finding::new(
            "alg",
            format!("alg is {}, which is not taken", quoted(alg)),
            "use RSA-OAEP-256",
        )),
    }
    let key_length = match enc {
        Some("A128GCM") => Some(16),
        Some("A256GCM") => Some(32),
        Some(enc) => {
            findings.push(Finding::new(
                "enc",
                format!("enc is {}, which is not taken", quoted(enc)),
                "use A128GCM",
            ));
            None
        }
        None => None,
    };
    Some(Header {
        padding,
        key_length,
    })
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

/// The nonce, where nonce and tag have the lengths that they have with AES-GCM.
fn sizes(nonce: &[u8], tag: &[u8], findings: &mut Vec<Finding>) -> Option<[u8; 12]> {
    let of_12 = <[u8; 12]>::try_from(nonce).ok();
    if of_12.is_none() {
        findings.push(Finding::new(
            "nonce-length",
            format!("the nonce has {} bytes", nonce.len()),
            "take a fresh nonce of 12 bytes",
        ));
    }
    if tag.len() != 16 {
        findings.push(Finding::new(
            "tag-length",
            format!("the tag has {} bytes", tag.len()),
            "keep the whole tag, 16 bytes; Java's Cipher appends it to the ciphertext",
        ));
        return None;
    }
    of_12
}

/// The key of the content, where it is one. Says what is wrong with how it is wrapped.
fn unwrapped(
    header: &Header,
    wrapped: &[u8],
    openers: &[Opener],
    findings: &mut Vec<Finding>,
) -> Option<super::unwrap::Key> {
    if !openers.is_empty()
        && openers
            .iter()
            .all(|opener| opener.length() != wrapped.len())
    {
        findings.push(Finding::new(
            "wrapped-key-length",
            format!(
                "the wrapped key has {} bytes, and the private key's modulus {}",
                wrapped.len(),
                openers[0].length()
            ),
            "encrypt with the public key that belongs to this private key, and keep leading zeros",
        ));
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
        findings.push(Finding::new(
            "key-does-not-unwrap",
            "the wrapped key does not unwrap: it is for another key pair, or padded otherwise",
            "encrypt with the certificate that belongs to this private key (konaplate doctor compares the halves); \
             in Java, OAEPWithSHA-256AndMGF1Padding takes SHA-1 for MGF1 unless an OAEPParameterSpec says SHA-256",
        ));
        return None;
    };
    if let Some(declared) = declared.filter(|declared| declared.alg != padding.alg) {
        findings.push(Finding::new(
            "key-padding",
            format!(
                "the header says {}, and the key is wrapped with {}",
                declared.alg, padding.alg
            ),
            "wrap the key with OAEP and SHA-256, for the hash and for MGF1",
        ));
    }
    if let Some(wanted) = header.key_length
        && key.len() != wanted
    {
        findings.push(Finding::new(
            "content-key-length",
            format!(
                "the key in it has {} bytes, and enc takes {wanted}",
                key.len()
            ),
            "make a fresh key of the length that enc takes, and wrap its bytes",
        ));
        return None;
    }
    Some(key)
}

/// Says what is wrong where content and tag do not belong together.
fn check_tag(
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
        (&[][..], "the tag does not cover the header"),
        (
            &header[..],
            "the tag covers the JSON of the header, not its base64url text",
        ),
    ];
    for (additional, says) in others {
        if opens(key, nonce, additional, content, tag) {
            findings.push(Finding::new(
                "additional-data",
                says,
                "give the header's base64url text to AES-GCM as additional authenticated data",
            ));
            return;
        }
    }
    findings.push(Finding::new(
        "tag",
        "the tag does not match: header, nonce, ciphertext or tag were altered, or are of two messages",
        "compare the message with the one that was sent, byte by byte",
    ));
}
