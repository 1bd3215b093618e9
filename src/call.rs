//! Between a call builder and the exchange: options, checks, and progenitor's hooks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::ResponseBuilderExt as _;
use serde::de::DeserializeOwned;
use tracing::{Instrument as _, Span};

use crate::checks::Fault;
use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind};
use crate::exchange::{Answer, Core, Plan, masked_json};
use crate::generated;
use crate::headers::CorrelationId;
use crate::operation::Operation;
use crate::response::{Exchange, Response};
use crate::retry::RetryPolicy;

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

    /// The correlation id to send. Use one for one call only. Where a call is retried, it goes with
    /// the first attempt.
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

/// The setters that call builders share, as macros: each builder is a type of its own.
macro_rules! options {
    () => {
        /// Options of this one call: its correlation id, its encryption.
        pub fn options(mut self, options: $crate::CallOptions) -> Self {
            self.call.set_options(options);
            self
        }
    };
}
pub(crate) use options;

macro_rules! retry {
    () => {
        /// Sends the call again when a fault that may pass makes it fail: no connection, no response
        /// in time, a broken connection, 5XX or 429 without a documented code. See
        /// [`RetryPolicy`](crate::RetryPolicy).
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.call.set_retry(policy);
            self
        }
    };
}
pub(crate) use retry;

macro_rules! retry_unsent {
    () => {
        /// Sends the call again when no connection could be made, so that it certainly was not sent.
        /// After any other failure it may have been carried out, and is not repeated. See
        /// [`RetryPolicy`](crate::RetryPolicy).
        pub fn retry_unsent(mut self, policy: $crate::RetryPolicy) -> Self {
            self.call.set_retry(policy);
            self
        }
    };
}
pub(crate) use retry_unsent;

/// A call in the making: what all call builders have inside.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    client: &'a Client,
    plan: Plan,
}

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation) -> Self {
        Self {
            client,
            plan: Plan::of(operation),
        }
    }

    pub(crate) fn set_options(&mut self, options: CallOptions) {
        self.plan.options = options;
    }

    pub(crate) fn set_retry(&mut self, policy: RetryPolicy) {
        self.plan.retry = Some(policy);
    }

    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// Forgets the correlation id of the options: it would name several calls.
    pub(crate) fn fresh_correlation_ids(&mut self) {
        self.plan.options.correlation_id = None;
    }

    /// The error of a field that breaks its rule.
    pub(crate) fn invalid(&self, (field, violation): Fault) -> Error {
        Error::rule(ErrorKind::InvalidRequest, field, violation).with_operation(self.plan.name())
    }

    /// progenitor's client for this one call, whose hooks are below.
    pub(crate) fn open(self) -> Sending {
        let session = Session {
            core: Arc::clone(self.client.core()),
            span: self.plan.span(),
            plan: self.plan,
            outcome: Arc::default(),
        };
        let client = generated::Client::new_with_client(
            &session.core.base_url,
            session.core.http.clone(),
            session.clone(),
        );
        Sending { client, session }
    }
}

/// A call that goes out.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) client: generated::Client,
    session: Session,
}

impl Sending {
    /// Waits for progenitor's call, and makes its result one of ours.
    pub(crate) async fn conclude<T, F>(&self, call: F) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let result = call.instrument(self.session.span.clone()).await;
        self.session.conclude(result)
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
            .call(&session.plan, request, &session.span)
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
                    .with_attempts(exchange.attempts)
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
