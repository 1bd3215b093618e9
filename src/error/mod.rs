//! What went wrong, and what may have happened.

mod code;
mod excerpt;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::protocol::CorrelationId;
use crate::value::{MaskedBytes, MaskedJson};

pub use code::{ErrorClass, ErrorCode, SANDBOX_PREFIX, UnknownCode, is_sandbox_code};
pub(crate) use excerpt::masked_excerpt;

/// Why a call, or the making of a client, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or wrong, or an operation needs a crypto key and there is
    /// none. [`Error::field`] names the setting.
    Configuration,
    /// A field of the request is missing or breaks its rule. [`Error::field`] names it.
    InvalidRequest,
    /// No connection to the platform could be made.
    Connect,
    /// The platform was reached and did not respond in time.
    Timeout,
    /// The connection broke, or the response was cut off.
    Transport,
    /// The platform responded with a failure code. [`Error::code`] has it.
    Code,
    /// What came is not a response of the platform: a redirect, HTML of a gateway, an empty body,
    /// JSON without a code.
    UnexpectedResponse,
    /// The response is encrypted and cannot be decrypted.
    Decryption,
    /// The platform says success, but a field of the response cannot be read.
    /// [`Error::response`] has the whole of it.
    UnreadableResponse,
    /// The journal could not take the intent of a call that moves money, so it was not sent.
    Journal,
}

impl ErrorKind {
    fn words(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid request",
            Self::Connect => "no connection",
            Self::Timeout => "no response in time",
            Self::Transport => "the connection broke",
            Self::Code => "failure code",
            Self::UnexpectedResponse => "unexpected response",
            Self::Decryption => "response not decrypted",
            Self::UnreadableResponse => "response not readable",
            Self::Journal => "not recorded",
        }
    }
}

/// Whether the platform may have carried out a call that failed: what is proven, and what was said.
///
/// Only [`NotSent`](Self::NotSent) and [`NotCarriedOut`](Self::NotCarriedOut) are proof that no
/// money moved. What a code proves is said in the description, for each operation:
/// [`Operation::proves`](crate::Operation::proves).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Not a byte of the request left this process. Nothing was carried out.
    NotSent,
    /// The platform responded with a code that can only come when nothing was carried out, by this
    /// delivery of the request or by an earlier one of the same bytes.
    NotCarriedOut,
    /// The platform declined this delivery. An earlier one of the same bytes, by a gateway that
    /// delivered it twice, may have been carried out.
    Declined,
    /// The same request may have been carried out before: its sequence id was used, by the
    /// platform's word or the journal's, or its code is one that an earlier delivery could cause.
    /// Ask for the outcome of the earlier call; do not send this one again.
    EarlierCall,
    /// The request may have reached the platform, and it may have carried it out.
    MaybeProcessed,
    /// The platform said that it carried the request out, but not all it said can be read.
    ProcessedUnreadable,
}

/// An error of this crate: one word wide, and safe to print.
///
/// Neither `Debug` nor `Display` shows anything of a request, a key, or the plaintext of a
/// response. Text from outside is shown only where the description knows it; the rest is masked
/// word by word.
///
/// ```
/// use konaplate::{Client, Delivery, ErrorKind};
///
/// let error = Client::builder()
///     .base_url("http://127.0.0.1:8787")
///     .project_keys("00017000000000", "0a1b2c3-0123456789abcdef0123456789abcdef", "secret")
///     .build()
///     .unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert_eq!(error.field(), Some("asp_id"));
/// assert_eq!(error.delivery(), Delivery::NotSent);
/// assert_eq!(
///     error.to_string(),
///     "configuration: asp_id must have exactly 15 characters, and has 14",
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    delivery: Delivery,
    message: String,
    field: Option<Cow<'static, str>>,
    operation: Option<Cow<'static, str>>,
    correlation_id: Option<CorrelationId>,
    http_status: Option<u16>,
    attempts: u32,
    retry_after: Option<Duration>,
    code: Option<ErrorCode>,
    response: Option<MaskedJson>,
    bytes: Option<MaskedBytes>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, delivery: Delivery, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery,
            message: message.into(),
            field: None,
            operation: None,
            correlation_id: None,
            http_status: None,
            attempts: 0,
            retry_after: None,
            code: None,
            response: None,
            bytes: None,
            source: None,
        }))
    }

    /// A setting or a field that breaks its rule; `rule` reads on after the name.
    pub(crate) fn rule(
        kind: ErrorKind,
        field: impl Into<Cow<'static, str>>,
        rule: impl fmt::Display,
    ) -> Self {
        let field = field.into();
        let mut error = Self::new(kind, Delivery::NotSent, format!("{field} {rule}"));
        error.0.field = Some(field);
        error
    }

    pub(crate) fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    pub(crate) fn with_operation(mut self, operation: Cow<'static, str>) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_correlation_id(mut self, id: CorrelationId) -> Self {
        self.0.correlation_id = Some(id);
        self
    }

    pub(crate) fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = Some(code);
        self
    }

    pub(crate) fn with_response(mut self, response: Option<MaskedJson>) -> Self {
        self.0.response = response;
        self
    }

    pub(crate) fn with_bytes(mut self, bytes: MaskedBytes) -> Self {
        self.0.bytes = Some(bytes);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What stands behind the failure, from the nearest cause to the farthest: words of the HTTP
    /// client or the journal, none of the request or the response.
    pub(crate) fn cause(&self) -> Option<String> {
        let causes: Vec<_> = self.causes().map(ToString::to_string).collect();
        (!causes.is_empty()).then(|| causes.join(": "))
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
        std::iter::successors(std::error::Error::source(self), |error| error.source())
    }

    /// The farthest cause, in one line, where it says more than the message: a refused connection, a
    /// certificate that is not good, a database that is full.
    fn root_cause(&self) -> Option<String> {
        let says_more = matches!(
            self.kind(),
            ErrorKind::Connect | ErrorKind::Transport | ErrorKind::Journal
        );
        let source = std::error::Error::source(self).filter(|_| says_more)?;
        Some(root_cause(source))
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the platform may have carried the call out.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The platform's failure code, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// Status of the HTTP response, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How often the call was sent, or tried to: 1 unless a [`RetryPolicy`](crate::RetryPolicy)
    /// allowed more, and 0 where it was not even tried, for a setting or a field that is wrong.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the response asked to wait before another call (`Retry-After`), where it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The id that the call carried, or its last attempt where there were several. It is what KONA
    /// finds the call by.
    #[must_use]
    pub fn correlation_id(&self) -> Option<CorrelationId> {
        self.0.correlation_id
    }

    /// The operation that was called: its id, or the path of a raw call.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The field of the request (by its name on the wire), or the setting of the client, that is
    /// wrong.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The decrypted JSON of the response, where there was one. Nothing of a response about money
    /// that moved is lost, even when a part of it cannot be read.
    #[must_use]
    pub fn response(&self) -> Option<&MaskedJson> {
        self.0.response.as_ref()
    }

    /// The response byte for byte, where one came that cannot be read: decrypted if it was encrypted
    /// and that much could be done.
    #[must_use]
    pub fn response_bytes(&self) -> Option<&MaskedBytes> {
        self.0.bytes.as_ref()
    }
}

/// The text of an error's farthest cause, or its own where it has none, in one line however many it
/// has.
///
/// ```
/// use konaplate::error::root_cause;
///
/// let error = std::io::Error::other("no space\n  left on the disk");
/// assert_eq!(root_cause(&error), "no space left on the disk");
/// ```
#[must_use]
pub fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words = causes.last().unwrap_or(error).to_string();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            delivery,
            message,
            operation,
            correlation_id,
            http_status,
            attempts,
            ..
        } = &*self.0;
        if let Some(operation) = operation {
            write!(f, "{operation}: ")?;
        }
        let what = match (kind, delivery) {
            (ErrorKind::Code, Delivery::NotCarriedOut) => "not carried out",
            (ErrorKind::Code, Delivery::Declined) => "declined",
            (ErrorKind::Code, Delivery::EarlierCall) => "an earlier call may exist",
            _ => kind.words(),
        };
        write!(f, "{what}: {message}")?;
        if let Some(root) = self.root_cause() {
            write!(f, ": {root}")?;
        }
        let mut separator = " (";
        if let Some(status) = http_status {
            write!(f, "{separator}HTTP {status}")?;
            separator = ", ";
        }
        if let Some(id) = correlation_id {
            write!(f, "{separator}correlation id {id}")?;
            separator = ", ";
        }
        if *attempts > 1 {
            write!(f, "{separator}{attempts} attempts")?;
            separator = ", ";
        }
        if separator == ", " {
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("delivery", &self.0.delivery)
            .field("message", &self.0.message)
            .field("operation", &self.0.operation)
            .field("correlation_id", &self.0.correlation_id)
            .field("http_status", &self.0.http_status)
            .field("attempts", &self.0.attempts)
            .field("retry_after", &self.0.retry_after)
            .field("code", &self.0.code)
            .field("field", &self.0.field)
            .field("response", &self.0.response)
            .field("bytes", &self.0.bytes)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
