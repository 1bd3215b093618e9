//! What came of a call, with no value in it.

use std::fmt;

use konaplate::SUCCESS;
use konaplate::protocol::{ContentEncryption, OaepHash};
use konaplate_spec::Operation;
use serde_json::Value;

use super::variant::Variant;

/// A call, and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) operation: &'static Operation,
    pub(super) variant: Variant,
    /// Whether the request was encrypted.
    pub(super) is_encrypted: bool,
    pub(super) request_headers: Vec<(String, String)>,
    pub(super) came: Came,
}

/// What came of a call.
#[derive(Debug, Clone)]
pub(super) enum Came {
    Response(Box<Response>),
    /// No response, and why.
    Nothing(String),
}

/// A response.
#[derive(Debug, Clone)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) id: ResponseId,
    pub(super) has_retry_after: bool,
    /// None for a plain one.
    pub(super) encryption: Option<Encryption>,
    /// The code of the envelope.
    pub(super) code: Option<String>,
    /// The types of its fields, where it is a JSON object that could be read.
    pub(super) types: Option<Value>,
    pub(super) length: usize,
}

/// Which correlation id a response has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseId {
    OfRequest,
    Other,
    Missing,
}

/// What a response says of its encryption. None where it says something that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encryption {
    pub(super) hash: Option<OaepHash>,
    pub(super) content: Option<ContentEncryption>,
    /// Whether the client's private key decrypted it.
    pub(super) is_decrypted: bool,
}

/// What a call tells of how it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It was taken: status 200 and the code of success.
    Accepted,
    /// It was not, and the response says so by a status of its caller's fault.
    Refused,
    /// Nothing: there is no response, or one of a fault of the server.
    Nothing,
}

impl Observation {
    pub(super) fn not_sent(operation: &'static Operation, variant: Variant, why: String) -> Self {
        Self {
            operation,
            variant,
            is_encrypted: false,
            request_headers: Vec::new(),
            came: Came::Nothing(why),
        }
    }

    pub(super) fn response(&self) -> Option<&Response> {
        match &self.came {
            Came::Response(response) => Some(response),
            Came::Nothing(_) => None,
        }
    }

    /// What it tells. Nothing but success is acceptance: which codes come before a token is
    /// verified nobody knows.
    pub(super) fn told(&self) -> Told {
        match self.response() {
            Some(response) if response.is_success() => Told::Accepted,
            // Encrypted for somebody else, so that what it says is not known.
            Some(response) if response.is_unreadable() => Told::Nothing,
            Some(response) if (400..500).contains(&response.status) => Told::Refused,
            Some(response) if response.status == 200 && response.code.is_some() => Told::Refused,
            _ => Told::Nothing,
        }
    }

    /// Why nothing more is to be sent, if that is so.
    pub(super) fn trouble(&self) -> Option<String> {
        match &self.came {
            Came::Nothing(why) => Some(format!("there was no response: {why}")),
            Came::Response(response) => {
                let is_limit = matches!(response.status, 423 | 429 | 503);
                (is_limit || response.has_retry_after)
                    .then(|| format!("the platform asks for a pause (status {})", response.status))
            }
        }
    }
}

impl Response {
    fn is_success(&self) -> bool {
        self.status == 200 && self.code.as_deref() == Some(SUCCESS)
    }

    fn is_unreadable(&self) -> bool {
        self.encryption.is_some_and(|it| !it.is_decrypted)
    }
}

impl fmt::Display for Observation {
    /// What came, in a few words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(response) = self.response() else {
            return f.write_str("no response");
        };
        write!(f, "status {}", response.status)?;
        match (&response.code, &response.types) {
            (Some(code), _) => write!(f, ", code {code}")?,
            (None, Some(_)) => f.write_str(", JSON without a code")?,
            (None, None) if response.is_unreadable() => f.write_str(", which is not decrypted")?,
            (None, None) => f.write_str(", no JSON object")?,
        }
        if response.encryption.is_some() {
            f.write_str(", encrypted")?;
        }
        Ok(())
    }
}
