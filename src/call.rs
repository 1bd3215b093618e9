//! Between a call builder and the exchange: options, checks, and progenitor's hooks.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::ResponseBuilderExt as _;
use serde::de::DeserializeOwned;
use tracing::{Instrument as _, Span};

use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind};
use crate::exchange::{Answer, Core, Plan, masked_json};
use crate::generated;
use crate::headers::CorrelationId;
use crate::operation::Operation;
use crate::response::{Exchange, Response};
use crate::scalar::{Checked, Violation};

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
    pub(crate) correlation_id: Option<CorrelationId>,
    pub(crate) encrypt_request: Option<bool>,
    pub(crate) crypto_key_id: Option<String>,
}

impl CallOptions {
    /// No options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The correlation id to send. Use one for one call only.
    #[must_use]
    pub fn correlation_id(mut self, id: CorrelationId) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Whether to encrypt the request, against what the description says. For operations whose
    /// encryption was not seen, and for raw calls to paths that the description does not know.
    #[must_use]
    pub fn encrypt_request(mut self, encrypt: bool) -> Self {
        self.encrypt_request = Some(encrypt);
        self
    }

    /// Id of the crypto key to use. Without this it is the first that the client was given.
    #[must_use]
    pub fn crypto_key_id(mut self, id: impl Into<String>) -> Self {
        self.crypto_key_id = Some(id.into());
        self
    }
}

/// A call in the making: what all call builders have inside.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    plan: Plan,
    /// The first field that was given a value against its rule.
    invalid: Option<(Cow<'static, str>, Violation)>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation) -> Self {
        Self {
            client,
            plan: Plan::of(operation),
            invalid: None,
        }
    }

    pub(crate) fn set_options(&mut self, options: CallOptions) {
        self.plan.options = options;
    }

    /// Takes the value of a field if it follows the field's rule, and remembers if it does not.
    pub(crate) fn accept<T, V>(&mut self, field: &'static str, value: V) -> Option<T>
    where
        T: Checked,
        V: TryInto<T>,
        V::Error: Into<Violation>,
    {
        let checked = value
            .try_into()
            .map_err(Into::into)
            .and_then(|value| value.check().map(|()| value));
        match checked {
            Ok(value) => Some(value),
            Err(violation) => {
                self.invalid.get_or_insert((field.into(), violation));
                None
            }
        }
    }

    /// Whether an extra field may be added: a described one would stand in the JSON twice.
    #[allow(dead_code, reason = "the groups with an open request may all be off")]
    pub(crate) fn accept_extra(&mut self, name: &str) -> bool {
        let described = self
            .plan
            .operation
            .is_some_and(|operation| operation.fields.contains(&name));
        if described {
            self.invalid.get_or_insert_with(|| {
                let rule = Violation::new("is described, and cannot be added as an extra field");
                (name.to_owned().into(), rule)
            });
        }
        !described
    }

    /// An error if a field was given a value against its rule.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.invalid {
            Some((field, violation)) => Err(self.invalid_field(field.clone(), violation)),
            None => Ok(()),
        }
    }

    /// An error if a required field was not given.
    pub(crate) fn required<T>(&self, field: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.invalid_field(field.into(), "is required"))
    }

    fn invalid_field(&self, field: Cow<'static, str>, rule: impl fmt::Display) -> Error {
        Error::rule(ErrorKind::InvalidRequest, field, rule).with_operation(self.plan.name())
    }

    /// Runs progenitor's call through the hooks below and makes its result one of ours.
    pub(crate) async fn run<T, F, S>(self, send: F) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
        F: FnOnce(generated::Client) -> S,
        S: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let session = Session {
            core: Arc::clone(self.client.core()),
            span: self.plan.span(),
            plan: self.plan,
            outcome: Arc::default(),
        };
        let inner = generated::Client::new_with_client(
            &session.core.base_url,
            session.core.http.clone(),
            session.clone(),
        );
        let result = send(inner).instrument(session.span.clone()).await;
        session.conclude(result)
    }
}

/// What one typed call carries through progenitor's client: how to send, and where to leave what
/// its result has no place for.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    core: Arc<Core>,
    plan: Plan,
    span: Span,
    outcome: Arc<Mutex<Outcome>>,
}

/// What became of a call.
#[derive(Debug, Default)]
enum Outcome {
    #[default]
    NotSent,
    Answered(Exchange),
    Failed(Error),
}

/// Stands in for an answer when the call failed; the error itself is in the session. Anything but 200
/// would do.
const FAILED: StatusCode = StatusCode::BAD_GATEWAY;

impl ClientHooks<Session> for generated::Client {
    /// Takes the request that progenitor made, with its plaintext, to be signed and sent, and hands
    /// the plaintext of the answer back.
    async fn exec(
        &self,
        request: reqwest::Request,
        _info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let session = self.inner();
        let url = request.url().clone();
        let (status, body, outcome) = match session
            .core
            .exchange(&session.plan, request, &session.span)
            .await
        {
            Ok(Answer {
                plaintext,
                exchange,
            }) => (StatusCode::OK, plaintext, Outcome::Answered(exchange)),
            Err(error) => (FAILED, Vec::new(), Outcome::Failed(error)),
        };
        *session.outcome() = outcome;
        // reqwest wants to know where a response came from, and would make up a URL.
        let response = http::Response::builder()
            .status(status)
            .url(url)
            .body(body)
            .unwrap_or_default();
        Ok(response.into())
    }
}

impl Session {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes progenitor's result one of ours. Its errors are dropped: some of them print bodies.
    fn conclude<T: DeserializeOwned>(
        &self,
        result: Result<ResponseValue<T>, progenitor_client::Error<()>>,
    ) -> Result<Response<T>, Error> {
        let outcome = std::mem::take(&mut *self.outcome());
        match (outcome, result) {
            (Outcome::Answered(exchange), Ok(value)) => {
                Ok(Response::new(value.into_inner(), exchange))
            }
            (Outcome::Failed(error), _) => Err(error),
            (Outcome::Answered(exchange), Err(error)) => {
                let body = match error {
                    progenitor_client::Error::InvalidResponsePayload(body, _) => body,
                    _ => bytes::Bytes::new(),
                };
                Err(unreadable::<T>(&body)
                    .with_operation(self.plan.name())
                    .with_correlation_id(exchange.correlation_id)
                    .with_http_status(exchange.http_status))
            }
            (Outcome::NotSent, _) => Err(Error::new(
                ErrorKind::InvalidRequest,
                Delivery::NotSent,
                "the request could not be built",
            )
            .with_operation(self.plan.name())),
        }
    }
}

/// The platform said success, but a field is missing or of another kind. Says which one, and keeps
/// the answer.
fn unreadable<T: DeserializeOwned>(body: &[u8]) -> Error {
    let deserializer = &mut serde_json::Deserializer::from_slice(body);
    let message = match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Err(error) => {
            let path = error.path().to_string();
            let inner = error.inner().to_string();
            // Of serde's own words only these hold no value: the name is one of the description's.
            match inner
                .strip_prefix("missing field `")
                .and_then(|rest| rest.split_once('`'))
            {
                Some((name, _)) => format!("its field {name} is missing"),
                None if path == "." => "it is not the documented object".to_owned(),
                None => format!("its field {path} is of another kind than documented"),
            }
        }
        Ok(_) => "it is not the documented object".to_owned(),
    };
    Error::new(
        ErrorKind::UnreadableAnswer,
        Delivery::ProcessedUnreadable,
        format!("the platform says success, but {message}"),
    )
    .with_answer(masked_json(body))
}
