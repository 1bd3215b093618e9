//! Why a callback was rejected, and the response to it.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderName, HeaderValue, StatusCode};

use super::acknowledgement::{Acknowledgement, REFUSED};

/// Why a callback was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallbackErrorKind {
    /// A header is not there. [`CallbackError::header`] names it. Status 400.
    MissingHeader,
    /// A header has another form, is there more than once, or contradicts another one.
    /// [`CallbackError::header`] names it. Status 400.
    MalformedHeader,
    /// The body is larger than [`MAX_BODY`](super::MAX_BODY). Status 413.
    TooLarge,
    /// The body could not be read to its end (only by the extractor). Status 400.
    Unreadable,
    /// The callback is meant for another service provider. Status 401.
    WrongAspId,
    /// The token was not made with this secret key for this body. Status 401.
    BadSignature,
    /// The time of the callback is further from ours than the tolerance, before or after. Status
    /// 401.
    Stale,
    /// The body, or what was encrypted in it, is not a JSON object. Status 400.
    NotJson,
    /// The callback is encrypted for a crypto key that the receiver does not have. The sender is
    /// right and the receiver is set up wrong, so this is ours to mend. Status 500.
    NoCryptoKey,
    /// The callback is encrypted and cannot be decrypted. Status 400.
    Undecryptable,
    /// The same body was acknowledged before, within twice the tolerance. Status 200, with the
    /// acknowledgement of a success: the platform presumably sends again what it got no response
    /// to, and this was handled.
    ///
    /// Two events whose bodies are equal byte for byte cannot be told from one that was sent twice.
    Replayed,
    /// The same body is being handled at this moment, and how that ends is not known yet. Status
    /// 409.
    InProgress,
    /// Another body came with the same correlation id, within twice the tolerance. This one was not
    /// handled. Status 409.
    ReusedCorrelationId,
    /// The replay store could not be asked whether it came before, so it was not handed out. Status
    /// 503.
    ReplayStore,
}

impl CallbackErrorKind {
    fn words(self) -> &'static str {
        match self {
            Self::MissingHeader => "a header is missing",
            Self::MalformedHeader => "a header is malformed",
            Self::TooLarge => "the body is too large",
            Self::Unreadable => "the body could not be read",
            Self::WrongAspId => "it is for another service provider",
            Self::BadSignature => "the signature does not fit the body",
            Self::Stale => "its time is too far from ours",
            Self::NotJson => "it is not a JSON object",
            Self::NoCryptoKey => "it is encrypted for a key that is not configured",
            Self::Undecryptable => "it could not be decrypted",
            Self::Replayed => "it was acknowledged before",
            Self::InProgress => "it is being handled",
            Self::ReusedCorrelationId => "its correlation id was used by another",
            Self::ReplayStore => "it could not be recorded",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongAspId | Self::BadSignature | Self::Stale => StatusCode::UNAUTHORIZED,
            Self::NoCryptoKey => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ReplayStore => StatusCode::SERVICE_UNAVAILABLE,
            Self::Replayed => StatusCode::OK,
            Self::InProgress | Self::ReusedCorrelationId => StatusCode::CONFLICT,
            Self::MissingHeader
            | Self::MalformedHeader
            | Self::Unreadable
            | Self::NotJson
            | Self::Undecryptable => StatusCode::BAD_REQUEST,
        }
    }
}

/// A callback was rejected. It is safe to print: it names headers and rules, never a value.
///
/// ```
/// use konaplate::callback::{CallbackErrorKind, CallbackReceiver};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), konaplate::Error> {
/// let receiver = CallbackReceiver::builder().secret_key("the secret key").build()?;
/// let error = receiver.receive(&http::HeaderMap::new(), b"{}").await.unwrap_err();
/// assert_eq!(error.kind(), CallbackErrorKind::MissingHeader);
/// assert_eq!(error.header().map(|name| name.as_str()), Some("x-km-correlation-id"));
/// assert_eq!(error.status(), 400);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CallbackError {
    kind: CallbackErrorKind,
    header: Option<HeaderName>,
    rule: Option<Cow<'static, str>>,
    /// Set once its form is checked.
    correlation_id: Option<HeaderValue>,
}

impl CallbackError {
    pub(super) fn new(kind: CallbackErrorKind) -> Self {
        Self {
            kind,
            header: None,
            rule: None,
            correlation_id: None,
        }
    }

    /// A header that is missing or breaks a rule; `rule` reads on after the name.
    pub(super) fn header_rule(
        kind: CallbackErrorKind,
        header: HeaderName,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            header: Some(header),
            ..Self::new(kind).with_rule(rule)
        }
    }

    pub(super) fn with_rule(mut self, rule: impl Into<Cow<'static, str>>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    pub(super) fn with_correlation_id(mut self, id: Option<HeaderValue>) -> Self {
        self.correlation_id = id;
        self
    }

    /// Why it was rejected.
    #[must_use]
    pub fn kind(&self) -> CallbackErrorKind {
        self.kind
    }

    /// The header that is missing, malformed or wrong.
    #[must_use]
    pub fn header(&self) -> Option<&HeaderName> {
        self.header.as_ref()
    }

    /// The id that the callback carried, if it had the form of one. Nobody signed it.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_ref()?.to_str().ok()
    }

    /// The HTTP status to respond with: see the kinds. All of them are assumed.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The response: code `999_999` and the kind in words, or success for what was
    /// [acknowledged before](CallbackErrorKind::Replayed).
    #[must_use]
    pub fn acknowledgement(&self) -> Acknowledgement {
        let id = self.correlation_id.clone();
        if self.kind == CallbackErrorKind::Replayed {
            return Acknowledgement::success(id);
        }
        Acknowledgement::new(self.status(), id, REFUSED, self.kind.words())
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "callback rejected: {}", self.kind.words())?;
        match (&self.header, &self.rule) {
            (Some(header), Some(rule)) => write!(f, ": {header} {rule}"),
            (Some(header), None) => write!(f, ": {header}"),
            (None, Some(rule)) => write!(f, ": {rule}"),
            (None, None) => Ok(()),
        }?;
        match self.correlation_id() {
            Some(id) => write!(f, " (correlation id {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackError")
            .field("kind", &self.kind)
            .field("header", &self.header)
            .field("rule", &self.rule)
            .field("correlation_id", &self.correlation_id())
            .finish()
    }
}

impl std::error::Error for CallbackError {}
