//! What the generated call builders have in common.

use serde_json::{Map, Value};

use super::Client;
use super::checks::Fault;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::pipeline::{CallOptions, OutcomePolicy, Plan, RetryPolicy, Sending};

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
        /// Sends the call again when a fault that may pass makes it fail: no connection, no
        /// response in time, a broken connection, 5XX or 429 without a documented code. See
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
        /// Sends the call again when no connection could be made, so that it certainly was not
        /// sent. After any other failure it may have been carried out, and is not repeated. See
        /// [`RetryPolicy`](crate::RetryPolicy).
        pub fn retry_unsent(mut self, policy: $crate::RetryPolicy) -> Self {
            self.call.set_retry(policy);
            self
        }
    };
}
pub(crate) use retry_unsent;

/// A call in the making: what every call builder has inside.
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
        self.plan.fresh_correlation_ids();
    }

    /// How the outcome is to be asked for. An error where the policy makes no sense.
    pub(crate) fn outcome_policy(&self) -> Result<OutcomePolicy, Error> {
        let policy = self.plan.options.outcome.unwrap_or_default();
        policy
            .check()
            .map_err(|error| error.with_operation(self.plan.name()))?;
        Ok(policy)
    }

    /// Has the journal keep this body of a cancellation with the call.
    pub(crate) fn keep_cancellation(&mut self, body: Map<String, Value>) -> Result<(), Error> {
        if self.client.pipeline.journal.is_none() {
            let rule = "wants a client with a journal";
            let error = Error::rule(
                ErrorKind::Configuration,
                "outcome.durable_cancellation",
                rule,
            );
            return Err(error.with_operation(self.plan.name()));
        }
        self.plan.cancellation = Some(body);
        Ok(())
    }

    /// The error of a field that breaks its rule.
    pub(crate) fn invalid(&self, (field, violation): Fault) -> Error {
        Error::rule(ErrorKind::InvalidRequest, field, violation).with_operation(self.plan.name())
    }

    /// The call on its way through progenitor's client.
    pub(crate) fn sending(self) -> Sending {
        Sending::new(&self.client.pipeline, self.plan)
    }
}
