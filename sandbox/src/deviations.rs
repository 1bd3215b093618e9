//! Where a sandbox does otherwise than the usual one: what of the platform is not certain.
//!
//! What the vendor's pages leave open could be so or otherwise. A program that finds out how a platform
//! does it, such as `konaplate doctor --platform`, is tested on sandboxes that differ in it. The
//! message form of the token is [`SandboxBuilder::message_form`](crate::SandboxBuilder::message_form).

use std::time::Duration;

use axum::http::StatusCode;
use konaplate::protocol::{
    ContentEncryption, EncryptionKey, KeyWrapping, OaepHash, TimeZone, envelope,
};
use konaplate::{CorrelationId, Encrypted};
use serde_json::{Value, json};

/// How a platform does what the vendor's pages leave open. By default as the usual sandbox does it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use konaplate_sandbox::{Deviations, OnWrong, Sandbox};
///
/// let deviations = Deviations {
///     wrong_token: OnWrong::Respond { status: 403, code: None },
///     ..Deviations::default()
/// };
/// let sandbox = Sandbox::builder().deviations(deviations).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviations {
    /// The only zone that timestamps may be in. Default: none; any that the client knows.
    pub time_zone: Option<TimeZone>,
    /// How far the time of a call may be behind the sandbox's. Default: 300 s.
    pub behind: Duration,
    /// How far it may be ahead. Default: 300 s.
    pub ahead: Duration,
    /// The hashes that the key of an encrypted request may be wrapped with. Default: SHA-256.
    pub request_hashes: Vec<OaepHash>,
    /// The content encryptions that an encrypted request may have. Default: both.
    pub request_contents: Vec<ContentEncryption>,
    /// The hash that the key of a response is wrapped with. Default: SHA-256.
    pub response_hash: OaepHash,
    /// The content encryption of responses. Default: AES-128-GCM.
    pub response_content: ContentEncryption,
    /// Which responses are encrypted where the description does not know. Default: those to
    /// encrypted requests.
    pub unknown_responses: UnknownResponses,
    /// What a token gets that is not the request's.
    pub wrong_token: OnWrong,
    /// What another access key gets.
    pub wrong_access_key: OnWrong,
    /// What a field gets that nobody described.
    pub unknown_fields: UnknownFields,
    /// Which correlation id a response carries.
    pub response_ids: ResponseIds,
}

/// What a wrong token or a wrong key gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnWrong {
    /// 401, with the sandbox's own code and what was expected.
    #[default]
    Explain,
    /// Nothing: it is not looked at.
    Accept,
    /// This.
    Respond {
        /// The HTTP status, from 200 to 599.
        status: u16,
        /// The code in the envelope; none for a body without an envelope.
        code: Option<String>,
    },
}

/// What a field gets that nobody described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownFields {
    /// Refused where the description has the whole request.
    #[default]
    AsDescribed,
    /// Refused everywhere.
    Refused,
    /// Nothing: they are left out.
    Ignored,
}

/// Which responses are encrypted where the description does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownResponses {
    /// Those to encrypted requests.
    #[default]
    AsRequest,
    /// All.
    Encrypted,
    /// None.
    Plain,
}

/// Which correlation id a response carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ResponseIds {
    /// The request's.
    #[default]
    OfRequest,
    /// One of its own.
    Other,
    /// None.
    Missing,
}

/// How far the time of a call may be from the sandbox's. Assumed: the vendor documents no
/// tolerance. It is there to find clocks in the wrong zone.
const TOLERANCE: Duration = Duration::from_secs(300);

impl Default for Deviations {
    fn default() -> Self {
        Self {
            time_zone: None,
            behind: TOLERANCE,
            ahead: TOLERANCE,
            request_hashes: vec![OaepHash::Sha256],
            request_contents: vec![ContentEncryption::A128Gcm, ContentEncryption::A256Gcm],
            response_hash: OaepHash::default(),
            response_content: ContentEncryption::default(),
            unknown_responses: UnknownResponses::default(),
            wrong_token: OnWrong::default(),
            wrong_access_key: OnWrong::default(),
            unknown_fields: UnknownFields::default(),
            response_ids: ResponseIds::default(),
        }
    }
}

impl Deviations {
    /// Whether a request may be encrypted in that way, by its JOSE header.
    pub(crate) fn takes(&self, jwe: &str) -> bool {
        let alg = |hash: &OaepHash| is_said(jwe, "alg", hash.algorithm());
        let enc = |content: &ContentEncryption| is_said(jwe, "enc", content.name());
        self.request_hashes.iter().any(alg) && self.request_contents.iter().any(enc)
    }

    /// What requests are decrypted with.
    pub(crate) fn wrapping(&self) -> KeyWrapping {
        if self.request_hashes.contains(&OaepHash::Sha1) {
            KeyWrapping::RsaOaep256OrSha1
        } else {
            KeyWrapping::RsaOaep256
        }
    }

    /// The body that holds this plaintext encrypted.
    pub(crate) fn encrypt(
        &self,
        key: &EncryptionKey,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, konaplate::protocol::EncryptError> {
        let jwe = key.encrypt_with(self.response_hash, self.response_content, plaintext)?;
        Ok(envelope::encrypted(&jwe))
    }

    /// Whether a response is encrypted.
    pub(crate) fn is_encrypted(&self, described: Encrypted, request: bool) -> bool {
        match (described, self.unknown_responses) {
            (Encrypted::Yes, _) => true,
            (Encrypted::No, _) => false,
            // Nobody knows: an encrypted request gets an encrypted response.
            (Encrypted::Unknown, UnknownResponses::AsRequest) => request,
            (Encrypted::Unknown, UnknownResponses::Encrypted) => true,
            (Encrypted::Unknown, UnknownResponses::Plain) => false,
        }
    }

    /// A request without the fields that nobody described, or the rule that it breaks.
    pub(crate) fn known_fields(
        &self,
        plaintext: Value,
        described: &[String],
    ) -> Result<Value, &'static str> {
        let Value::Object(mut members) = plaintext else {
            return Ok(plaintext);
        };
        let is_known = |name: &String| described.contains(name);
        match self.unknown_fields {
            UnknownFields::AsDescribed => {}
            UnknownFields::Ignored => members.retain(|name, _| is_known(name)),
            UnknownFields::Refused if members.keys().all(is_known) => {}
            UnknownFields::Refused => {
                return Err("this sandbox refuses every field that is not described");
            }
        }
        Ok(members.into())
    }

    /// The response to a check that failed with this status, where it is not the usual one.
    pub(crate) fn refusal(&self, check: &str, usual: StatusCode) -> Option<(StatusCode, Value)> {
        let on_wrong = match check {
            "tran-token" if usual == StatusCode::UNAUTHORIZED => &self.wrong_token,
            "access-key" if usual == StatusCode::UNAUTHORIZED => &self.wrong_access_key,
            _ => &OnWrong::Explain,
        };
        let OnWrong::Respond { status, code } = on_wrong else {
            return None;
        };
        let status = StatusCode::from_u16(*status).unwrap_or(usual);
        let body = match code {
            Some(code) => json!({"response": {"code": code, "description": "not accepted"}}),
            None => json!({"reason": "not accepted"}),
        };
        Some((status, body))
    }

    /// The correlation id of a response.
    pub(crate) fn response_id(&self, id: Option<CorrelationId>) -> Option<CorrelationId> {
        match self.response_ids {
            ResponseIds::OfRequest => id,
            ResponseIds::Other => Some(CorrelationId::fresh(TimeZone::Kst)),
            ResponseIds::Missing => None,
        }
    }
}

/// Whether the JOSE header of a message says that.
fn is_said(jwe: &str, member: &str, word: &str) -> bool {
    let header = konaplate::protocol::jose_header(jwe);
    header.is_some_and(|header| header.get(member).and_then(Value::as_str) == Some(word))
}
