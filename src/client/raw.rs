//! Calls that the description does not know.

use std::fmt;

use serde_json::Value;
use tracing::Instrument as _;

use super::Client;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "metrics")]
use crate::metrics::Measured;
use crate::operation::{Effect, Operation};
use crate::pipeline::{CallOptions, Plan, Response, RetryPolicy, Success};
use crate::value::MaskedJson;

/// A raw call: see [`Client::raw`].
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct RawCall<'a> {
    client: &'a Client,
    target: String,
    body: MaskedJson,
    options: CallOptions,
    effect: Option<Effect>,
    retry: Option<RetryPolicy>,
}

impl<'a> RawCall<'a> {
    pub(crate) fn new(client: &'a Client, target: String, body: Value) -> Self {
        Self {
            client,
            target,
            body: MaskedJson::from(body),
            options: CallOptions::default(),
            effect: None,
            retry: None,
        }
    }

    /// Options of this one call: its correlation id, its encryption.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// What the call does, for a path that the description does not know. Default: it may move
    /// money, so that a [journal](crate::journal) records it. Of an operation that the description
    /// knows, it has the effect, and another one here is an error.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// Sends the call again when a fault that may pass makes it fail: for operations only of which
    /// the description says that they read.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends the call and waits for the response.
    ///
    /// # Errors
    /// As for typed calls; the body has to be an object, and a path has to be one.
    pub async fn send(self) -> Result<Response<MaskedJson>, Error> {
        let mut plan = match Operation::find(&self.target) {
            Some(operation) => Plan::of(operation),
            None => Plan::of_path(checked_path(self.target)?),
        };
        plan.options = self.options;
        let invalid = |field: &'static str, rule: &str| {
            Error::rule(ErrorKind::InvalidRequest, field, rule).with_operation(plan.name())
        };
        if self.retry.is_some() && plan.operation.map(Operation::effect) != Some(Effect::Reads) {
            return Err(invalid(
                "retry",
                "is for operations only that are known to read",
            ));
        }
        if let (Some(known), Some(said)) = (plan.operation.map(Operation::effect), self.effect)
            && known != said
        {
            return Err(invalid("effect", "must be that of the description"));
        }
        if !self.body.expose().is_object() {
            return Err(invalid("body", "must be a JSON object"));
        }
        let plaintext = serde_json::to_vec(&self.body)
            .map_err(|_| invalid("body", "cannot be written as JSON"))?;
        plan.effect = self.effect;
        plan.retry = self.retry;
        let pipeline = &self.client.pipeline;
        let span = plan.span();
        let request = pipeline.request(&plan, plaintext)?;
        #[cfg(feature = "metrics")]
        let measured = Measured::call(plan.called());
        let result = pipeline
            .call(&plan, request, &span)
            .instrument(span.clone())
            .await
            .and_then(|success| success.whole(&plan));
        #[cfg(feature = "metrics")]
        measured.end(result.as_ref());
        let Success {
            body,
            exchange,
            came,
            ..
        } = result?;
        Ok(Response::new(Value::Object(body).into(), exchange, came))
    }
}

/// Shows of a path only what the description has.
impl fmt::Debug for RawCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = match Operation::find(&self.target) {
            Some(operation) => operation.id().to_owned(),
            None => Operation::shown_path(&self.target),
        };
        f.debug_struct("RawCall")
            .field("client", &self.client)
            .field("target", &target)
            .field("body", &self.body)
            .field("options", &self.options)
            .field("effect", &self.effect)
            .field("retry", &self.retry)
            .finish()
    }
}

fn checked_path(path: String) -> Result<String, Error> {
    let is_path = path.starts_with('/')
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_-.".contains(&b))
        && !path.split('/').any(|part| part == "." || part == "..");
    if is_path {
        return Ok(path);
    }
    Err(Error::rule(
        ErrorKind::InvalidRequest,
        "operation_or_path",
        "must be the id of an operation, or a path that starts with / and has only letters, digits \
         and / _ - .",
    ))
}
