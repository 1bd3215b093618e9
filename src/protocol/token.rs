//! `X-KM-Tran-Token`: sign, parse, verify.
//!
//! A token is `KMV1:` + timestamp + `:` + base64(HMAC-SHA256(secret key, message)), 67 characters
//! (vendor's guide "X-KM-Tran-Token"; HMAC: RFC 2104). The message is the body as it goes over the
//! wire, and nothing else: neither path nor headers nor the timestamp are signed.
//!
//! Two points of the vendor's text are open, and this is how they are settled here:
//! the length is 67 although every page prints 66, because the guide's own sample has 67; and the
//! message is the raw body, with the other reading one switch away ([`MessageForm`]).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::timestamp::Timestamp;
use crate::value::{Violation, check_setting};

/// What a fingerprint starts from. Neither JSON nor base64 starts like this, so that a fingerprint
/// is never the signature of a body.
const FINGERPRINT: &[u8] = b"konaplate fingerprint\0";

const PREFIX: &str = "KMV1:";
const LENGTH: usize = 67;
/// Where the timestamp ends and the colon before the signature stands.
const COLON: usize = PREFIX.len() + 17;

/// What is signed of a body.
///
/// The guide says that the body is turned into a string and signed. One integration signs the bytes
/// that it sends; another first writes them as base64 and signs that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MessageForm {
    /// The bytes of the body as they are sent.
    #[default]
    RawBody,
    /// The base64 text (standard alphabet, padded) of those bytes.
    Base64Body,
}

/// The secret key of a project, ready to sign with. It is wiped when it is dropped.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Takes the secret as it was issued. Its own bytes are the key: it is decoded neither as hex
    /// nor as base64, whatever it looks like.
    ///
    /// # Errors
    /// The secret is empty.
    pub fn new(secret: &str) -> Result<Self, Violation> {
        if secret.is_empty() {
            return Err(Violation::new("must not be empty"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// The key with a secret that somebody set.
    pub(crate) fn of_setting(secret: &str) -> Result<Self, Violation> {
        check_setting(secret)?;
        Self::new(secret)
    }

    /// A digest that stands for a message without telling anything of it to whoever does not have
    /// the key, and that is no signature.
    pub(crate) fn fingerprint(&self, message: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(FINGERPRINT);
        context.update(message);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(context.sign().as_ref());
        fingerprint
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret-key]")
    }
}

/// A token: when a call was made, and the proof that its body was signed with the secret key.
///
/// ```
/// use konaplate::protocol::{MessageForm, SigningKey, TranToken};
///
/// let key = SigningKey::new("a secret that was issued")?;
/// let body = br#"{"sequenceId":"BANK-20260315-000001"}"#;
/// let token = TranToken::sign(&key, "20260315104512345".parse()?, body, MessageForm::RawBody);
/// assert_eq!(token.as_str().len(), 67);
/// assert!(token.verify(&key, body, MessageForm::RawBody));
/// assert!(!token.verify(&key, b"{}", MessageForm::RawBody));
/// # Ok::<(), konaplate::Violation>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TranToken {
    text: String,
    timestamp: Timestamp,
    signature: [u8; 32],
}

impl TranToken {
    /// Signs a body.
    #[must_use]
    pub fn sign(key: &SigningKey, timestamp: Timestamp, body: &[u8], form: MessageForm) -> Self {
        let tag = match form {
            MessageForm::RawBody => hmac::sign(&key.0, body),
            MessageForm::Base64Body => hmac::sign(&key.0, BASE64.encode(body).as_bytes()),
        };
        let mut signature = [0; 32];
        signature.copy_from_slice(tag.as_ref());
        let mut text = String::with_capacity(LENGTH);
        text.push_str(PREFIX);
        text.push_str(timestamp.as_str());
        text.push(':');
        BASE64.encode_string(signature, &mut text);
        Self {
            text,
            timestamp,
            signature,
        }
    }

    /// Whether this token was made with that key for that body. The time taken does not tell how
    /// much of the signature was right.
    #[must_use]
    pub fn verify(&self, key: &SigningKey, body: &[u8], form: MessageForm) -> bool {
        let verified = match form {
            MessageForm::RawBody => hmac::verify(&key.0, body, &self.signature),
            MessageForm::Base64Body => {
                hmac::verify(&key.0, BASE64.encode(body).as_bytes(), &self.signature)
            }
        };
        verified.is_ok()
    }

    /// When the call was made, in the zone that `X-KM-Time-Zone` names.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The 67 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for TranToken {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        if text.len() != LENGTH || !text.is_ascii() {
            return Err(Violation::new("must have exactly 67 ASCII characters"));
        }
        let rest = text
            .strip_prefix(PREFIX)
            .ok_or_else(|| Violation::new("must start with KMV1:"))?;
        let (timestamp, signature) = rest
            .split_at(COLON - PREFIX.len())
            .0
            .parse()
            .map(|timestamp| (timestamp, &text[COLON..]))
            .map_err(|_| Violation::new("must have 17 digits (yyyyMMddHHmmssSSS) after KMV1:"))?;
        let signature = signature
            .strip_prefix(':')
            .and_then(|base64| BASE64.decode(base64).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| {
                Violation::new("must end with a colon and 32 bytes as padded standard base64")
            })?;
        Ok(Self {
            text: text.to_owned(),
            timestamp,
            signature,
        })
    }
}

impl fmt::Debug for TranToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[tran-token of {}]", self.timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> TranToken {
        let key = SigningKey::new("secret").unwrap();
        TranToken::sign(
            &key,
            "20260315104512345".parse().unwrap(),
            b"{}",
            MessageForm::RawBody,
        )
    }

    #[test]
    fn a_token_reads_back() {
        let token = token();
        let again: TranToken = token.as_str().parse().unwrap();
        assert_eq!(again, token);
        assert_eq!(again.timestamp().tran_time(), "20260315104512");
    }

    #[test]
    fn what_is_not_a_token_says_why() {
        let good = token().as_str().to_owned();
        for (text, rule) in [
            (String::new(), "must have exactly 67 ASCII characters"),
            (
                good[..66].to_owned(),
                "must have exactly 67 ASCII characters",
            ),
            (format!("{good}."), "must have exactly 67 ASCII characters"),
            (good.replace("KMV1", "KMV2"), "must start with KMV1:"),
            (
                good.replace("20260315104512345", "2026031510451234x"),
                "must have 17 digits (yyyyMMddHHmmssSSS) after KMV1:",
            ),
            (
                good.replacen("345:", "345.", 1),
                "must end with a colon and 32 bytes as padded standard base64",
            ),
            (
                good.replace('=', "A"),
                "must end with a colon and 32 bytes as padded standard base64",
            ),
        ] {
            assert_eq!(
                text.parse::<TranToken>().unwrap_err().to_string(),
                rule,
                "{text}"
            );
        }
    }

    #[test]
    fn the_forms_differ() {
        let key = SigningKey::new("secret").unwrap();
        let token = token();
        assert!(token.verify(&key, b"{}", MessageForm::RawBody));
        assert!(!token.verify(&key, b"{}", MessageForm::Base64Body));
        assert!(!token.verify(
            &SigningKey::new("other").unwrap(),
            b"{}",
            MessageForm::RawBody
        ));
    }

    #[test]
    fn neither_key_nor_token_is_printed() {
        let printed = format!("{:?} {:?}", SigningKey::new("hunter2").unwrap(), token());
        assert_eq!(printed, "[secret-key] [tran-token of 20260315104512345]");
    }
}
