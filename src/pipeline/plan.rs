//! Everything about a call but its body.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use tracing::Span;

use super::outcome_policy::OutcomePolicy;
use super::retry_policy::RetryPolicy;
use crate::operation::{Effect, Encrypted, Operation};
use crate::protocol::CorrelationId;

/// Options of one call.
///
/// ```
/// use konaplate::{CallOptions, CorrelationId, TimeZone};
///
/// let id = CorrelationId::fresh(TimeZone::Kst);
/// // ... write the id down, then send the call with it
/// let options = CallOptions::new().correlation_id(id);
/// ```
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    pub(super) correlation_id: Option<CorrelationId>,
    pub(super) encrypt_request: Option<bool>,
    pub(super) crypto_key_id: Option<String>,
    pub(crate) outcome: Option<OutcomePolicy>,
    /// Sensitive, every one: nothing is known of them. Boxed, since few calls have any, and options move
    /// with each call.
    pub(super) headers: Option<Box<HeaderMap>>,
}

impl CallOptions {
    /// No options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The correlation id to send. Default: a fresh one. Use an id for one call only. Where a call
    /// is retried, it goes with the first attempt.
    #[must_use]
    pub fn correlation_id(mut self, id: CorrelationId) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Whether to encrypt the request. Default: what the description says. For operations whose
    /// encryption was not seen, and for raw calls to paths that the description does not know.
    #[must_use]
    pub fn encrypt_request(mut self, encrypt: bool) -> Self {
        self.encrypt_request = Some(encrypt);
        self
    }

    /// Id of the crypto key to use. Default: the first that the client was given.
    #[must_use]
    pub fn crypto_key_id(mut self, id: impl Into<String>) -> Self {
        self.crypto_key_id = Some(id.into());
        self
    }

    /// A header to send beside those of the protocol, such as `traceparent`, or `X-Sandbox-Fault` to
    /// the sandbox. It is not signed. A name that the protocol or the connection uses makes the call
    /// an error before anything is sent.
    ///
    /// ```
    /// use http::{HeaderName, HeaderValue};
    /// use konaplate::CallOptions;
    ///
    /// let fault = HeaderName::from_static("x-sandbox-fault");
    /// let options = CallOptions::new().header(fault, HeaderValue::from_static("unknown-code"));
    /// ```
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// How often, and for how long, `send_for_outcome` asks for the outcome of a call that moves
    /// money, or sends its cancellation. Default: every 2 s, for 60 s.
    #[must_use]
    pub fn outcome(mut self, policy: OutcomePolicy) -> Self {
        self.outcome = Some(policy);
        self
    }
}

/// A call, its body aside.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) path: Cow<'static, str>,
    name: Cow<'static, str>,
    /// None for a path that the description does not know.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) options: CallOptions,
    /// What the caller says that the call does, where the description does not know it.
    pub(crate) effect: Option<Effect>,
    /// The body of the cancellation that a journal keeps with the payment.
    pub(crate) cancellation: Option<Map<String, Value>>,
    /// What the caller asked for; [`retry`](super::retry) decides what of it is allowed.
    pub(crate) retry: Option<RetryPolicy>,
}

impl Plan {
    pub(crate) fn of(operation: &'static Operation) -> Self {
        Self {
            path: operation.path.into(),
            name: operation.id.into(),
            operation: Some(operation),
            options: CallOptions::default(),
            effect: None,
            cancellation: None,
            retry: None,
        }
    }

    pub(crate) fn of_path(path: String) -> Self {
        Self {
            name: Operation::shown_path(&path).into(),
            path: path.into(),
            operation: None,
            options: CallOptions::default(),
            effect: None,
            cancellation: None,
            retry: None,
        }
    }

    /// Id of the operation, or what can be shown of the path of a raw call.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    /// What the call does. Of what the description does not know, and of which the caller says
    /// nothing, it may move money.
    pub(crate) fn effect(&self) -> Effect {
        self.operation
            .map(Operation::effect)
            .or(self.effect)
            .unwrap_or(Effect::MovesMoney)
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn called(&self) -> crate::metrics::Called {
        crate::metrics::Called {
            operation: self.operation,
            effect: self.effect(),
        }
    }

    /// Forgets the correlation id of the options, for what becomes several calls.
    pub(crate) fn fresh_correlation_ids(&mut self) {
        self.options.correlation_id = None;
    }

    /// The span of the call. What is known later is filled in by the attempt.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!(
            "konaplate",
            operation = %self.name(),
            correlation_id = tracing::field::Empty,
            effect = ?self.effect(),
            attempt = tracing::field::Empty,
            delivery = tracing::field::Empty,
            status = tracing::field::Empty,
            code = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        )
    }

    pub(super) fn encrypts_request(&self) -> bool {
        self.options.encrypt_request.unwrap_or_else(|| {
            self.operation
                .is_some_and(|operation| operation.request_encrypted == Encrypted::Yes)
        })
    }

    pub(super) fn response_encrypted(&self) -> Encrypted {
        self.operation
            .map_or(Encrypted::Unknown, |operation| operation.response_encrypted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_path_that_is_not_known_only_known_words_are_shown() {
        for (path, expected) in [
            ("/api/v1/recharges/9491339401250765", "/api/v1/recharges/…"),
            ("/api/v1/recharges/", "/api/v1/recharges/"),
            ("/api/v9/kim-kona", "/api/v9/…"),
            ("/api/v9491339401250765", "/api/…"),
        ] {
            assert_eq!(Plan::of_path(path.to_owned()).name(), expected);
        }
    }
}
