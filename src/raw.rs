//! Calls that the description does not know.

use std::borrow::Cow;

use serde_json::Value;
use tracing::Instrument as _;

use crate::call::CallOptions;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Plan, masked_json};
use crate::operation::{Effect, Operation};
use crate::response::Response;
use crate::retry::RetryPolicy;
use crate::sensitive::MaskedJson;

/// A raw call: see [`Client::raw`].
#[derive(Debug, Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct RawCall<'a> {
    client: &'a Client,
    target: String,
    body: MaskedJson,
    options: CallOptions,
    retry: Option<RetryPolicy>,
}

impl<'a> RawCall<'a> {
    pub(crate) fn new(client: &'a Client, target: String, body: Value) -> Self {
        Self {
            client,
            target,
            body: MaskedJson::from(body),
            options: CallOptions::default(),
            retry: None,
        }
    }

    /// Options of this one call: its correlation id, its encryption.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends the call again when a fault that may pass makes it fail: for operations only of which
    /// the description says that they read.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends the call and waits for the answer.
    ///
    /// # Errors
    /// As for typed calls; the body has to be an object, and a path has to be one.
    pub async fn send(self) -> Result<Response<MaskedJson>, Error> {
        let mut plan = match Operation::find(&self.target) {
            Some(operation) => Plan::of(operation),
            None => unknown_path(self.target)?,
        };
        plan.options = self.options;
        if self.retry.is_some() && plan.operation.map(Operation::effect) != Some(Effect::Reads) {
            return Err(Error::rule(
                ErrorKind::InvalidRequest,
                "retry",
                "is for operations only that are known to read",
            )
            .with_operation(plan.name()));
        }
        plan.retry = self.retry;
        if !self.body.reveal().is_object() {
            return Err(
                Error::rule(ErrorKind::InvalidRequest, "body", "must be a JSON object")
                    .with_operation(plan.name()),
            );
        }
        let plaintext = serde_json::to_vec(&self.body).map_err(|_| {
            Error::rule(
                ErrorKind::InvalidRequest,
                "body",
                "cannot be written as JSON",
            )
        })?;
        let core = self.client.core();
        let span = plan.span();
        let request = core.request(&plan, plaintext)?;
        let Answer {
            plaintext,
            exchange,
        } = core
            .call(&plan, request, &span)
            .instrument(span.clone())
            .await?;
        let json = masked_json(&plaintext).unwrap_or_else(|| MaskedJson::from(()));
        Ok(Response::new(json, exchange))
    }
}

fn unknown_path(path: String) -> Result<Plan, Error> {
    let is_path = path.starts_with('/')
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_-.".contains(&b))
        && !path.split('/').any(|part| part == "." || part == "..");
    if !is_path {
        return Err(Error::rule(
            ErrorKind::InvalidRequest,
            "operation_or_path",
            "must be the id of an operation, or a path that starts with / and has only letters, \
             digits and / _ - .",
        ));
    }
    Ok(Plan {
        path: Cow::Owned(path),
        operation: None,
        options: CallOptions::default(),
        retry: None,
    })
}
