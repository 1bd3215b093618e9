//! Traces: one call on its way through the sandbox, with all that came and went.
//!
//! A trace holds what the log of requests never does: headers, bodies and plaintexts, with whatever
//! tokens and card numbers are in them. Traces are kept in memory, where
//! [`SandboxBuilder::traces`](crate::SandboxBuilder::traces) asks for them, are not logged, and are
//! served to this machine only. No `Debug` here shows a value.

mod json;
mod recorder;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use konaplate::protocol::MessageForm;
use konaplate::{CorrelationId, Operation};

use crate::faults::Fault;
use crate::view::PostingView;

pub(crate) use recorder::{Recorder, Traces};

/// One delivery of a call: what came, what of it was checked, what was done, and what went out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// Correlation id of the request, or the one that the sandbox made for the response where the
    /// request has none in its form. None where there was no response, either.
    pub correlation_id: Option<CorrelationId>,
    /// Id of the operation; none for a path that the description does not have.
    pub operation: Option<&'static str>,
    /// What came.
    pub request: Received,
    /// Which checks it passed.
    pub verify: Verification,
    /// What was done.
    pub execute: Execution,
    /// What went out.
    pub render: Rendering,
}

/// A request as it came.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The sandbox's time when the request was there.
    pub time: SystemTime,
    /// The HTTP method.
    pub method: String,
    /// The path, with a query if it had one.
    pub path: String,
    /// The headers.
    pub headers: Vec<Header>,
    /// The body; none where it could not be read.
    pub body: Option<Text>,
}

/// Of a path only words of the description, as in the log.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        f.debug_struct("Received")
            .field("time", &self.time)
            .field("path", &Operation::shown_path(path))
            .field("headers", &self.headers.len())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// A header. Its name is in lower case; repeated ones stand together, where the first one came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Text,
}

/// Bytes that came or went: text, as a rule. Its `Debug` says how many bytes there are.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Arc<[u8]>);

impl Text {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The text; none where the bytes are no UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        str::from_utf8(&self.0).ok()
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

/// Which checks a request passed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// All checks, in the order in which they are made.
    pub checks: Vec<Checked>,
    /// What the token has to sign; none where no token was looked at.
    pub signed: Option<Signed>,
}

/// A check, and whether it was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// Its name, such as `signature`.
    pub name: &'static str,
    /// Whether it was passed; none where it was not made.
    pub passed: Option<bool>,
    /// What was expected, of the one that failed. Never a secret or a value.
    pub expected: Option<String>,
}

/// What the token has to sign: the whole message of the HMAC. Neither path nor headers nor the time
/// are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// What of the body it is.
    pub form: MessageForm,
    /// The message.
    pub message: Text,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Execution {
    /// The correlation id that the platform was given: another one than the request's in the second
    /// delivery of [`Fault::DuplicatedRequestNewId`]. None where the call did not come so far.
    pub correlation_id: Option<CorrelationId>,
    /// The plain body of the request, decrypted if it was encrypted. None where the call did not come
    /// so far.
    pub request: Option<Text>,
    /// Whether the request was encrypted. None where that was not found out.
    pub encrypted: Option<bool>,
    /// What was decided, as [`LoggedRequest::code`](crate::LoggedRequest::code) has it.
    pub code: Option<String>,
    /// Whether the call had its effect, as
    /// [`LoggedRequest::carried_out`](crate::LoggedRequest::carried_out) has it.
    pub carried_out: bool,
    /// The fault that it got.
    pub fault: Option<Fault>,
    /// The money that it moved. None where the call did not come so far.
    pub postings: Option<Posted>,
}

/// The money that a call moved, with what that set off at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// Numbers of the postings. It is empty where no money moved, and says where the ledger was then.
    pub numbers: Range<usize>,
    /// The postings.
    pub postings: Vec<PostingView>,
}

/// What went out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendering {
    /// The plain body of the response, with what a fault made of it. None where a fault came before, and
    /// of a request that is held.
    pub body: Option<Text>,
    /// Whether it was encrypted then. None where there is no body.
    pub encrypted: Option<bool>,
    /// What was sent; none where nothing was.
    pub sent: Option<Sent>,
}

/// A response as it went out, but for the headers that HTTP adds by itself, such as `Date`. One that a
/// fault cut or doubled is as it was made: what is beyond the head is the body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// The HTTP status; none where the response was cut before it.
    pub status: Option<u16>,
    /// The headers.
    pub headers: Vec<Header>,
    /// The body; none where the response was cut before it.
    pub body: Option<Text>,
}
