//! Sends a call again: when, and after what pause. See [`RetryPolicy`].
//!
//! Each attempt is a call of its own, with its own timestamp, correlation id, encryption and
//! signature.

use tokio::time::Instant;
use tracing::Span;

use super::Pipeline;
use super::interpret::Success;
use super::plan::Plan;
use super::retry_policy::RetryPolicy;
use crate::error::{Delivery, Error, ErrorCode, ErrorKind};
use crate::operation::Effect;

/// A policy, and what it is to be used for.
#[derive(Debug, Clone, Copy)]
struct Retries {
    policy: RetryPolicy,
    reads: bool,
}

impl Plan {
    /// Whether and how this call may be sent again. The builders offer no more than is decided
    /// here; here it is decided.
    fn retries(&self, of_client: Option<RetryPolicy>) -> Option<Retries> {
        let (policy, reads) = match self.operation?.effect {
            Effect::Reads => (self.retry.or(of_client)?, true),
            Effect::Changes => (self.retry?, false),
            Effect::MovesMoney => return None,
        };
        Some(Retries { policy, reads })
    }
}

impl Retries {
    /// Whether to send a call again that failed so.
    fn covers(&self, error: &Error) -> bool {
        match error.kind() {
            // Nothing left this machine.
            ErrorKind::Connect => error.delivery() == Delivery::NotSent || self.reads,
            ErrorKind::Timeout | ErrorKind::Transport => self.reads,
            ErrorKind::Code | ErrorKind::UnexpectedResponse => {
                self.reads && is_passing_status(error) && !is_documented(error)
            }
            _ => false,
        }
    }
}

/// Trouble on the other side, or too many calls.
fn is_passing_status(error: &Error) -> bool {
    error
        .http_status()
        .is_some_and(|status| status >= 500 || status == 429)
}

/// A documented code is the platform's considered response: it would be the same again.
fn is_documented(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)))
}

impl Pipeline {
    /// Sends a call until it succeeds, or until its policy or its effect forbids another attempt.
    pub(crate) async fn call(
        &self,
        plan: &Plan,
        mut request: reqwest::Request,
        span: &Span,
    ) -> Result<Success, Error> {
        if let Some(policy) = &plan.retry {
            policy
                .check("retry")
                .map_err(|error| error.with_operation(plan.name()))?;
        }
        let Some(retries) = plan.retries(self.retry_reads) else {
            return self.attempt(plan, request, 1, span).await;
        };
        let policy = retries.policy;
        let started = Instant::now();
        let left = || policy.deadline.saturating_sub(started.elapsed());
        let mut attempt = 1;
        loop {
            // The body is in memory: this counts a reference.
            let again = request.try_clone();
            if retries.reads {
                *request.timeout_mut() = Some(left().min(self.timeout));
            }
            let error = match self.attempt(plan, request, attempt, span).await {
                Err(error) if retries.covers(&error) => error,
                result => return result,
            };
            let pause = policy.pause(attempt, error.retry_after(), left());
            let (Some(pause), Some(again)) = (pause, again) else {
                return Err(error);
            };
            #[cfg(feature = "metrics")]
            crate::metrics::sent_again(plan.called(), &error);
            tracing::debug!(
                attempt,
                pause_ms = pause.as_millis(),
                "sent again after a pause"
            );
            tokio::time::sleep(pause).await;
            request = again;
            attempt += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_makes_a_call_that_moves_money_repeatable() {
        let policy = Some(RetryPolicy::new());
        for operation in crate::Operation::all() {
            let mut plan = Plan::of(operation);
            let by_default = plan.retries(policy);
            assert_eq!(by_default.is_some(), operation.effect() == Effect::Reads);
            plan.retry = policy;
            let asked_for = plan.retries(policy);
            assert_eq!(
                asked_for.is_none(),
                operation.effect() == Effect::MovesMoney
            );
            if let Some(retries) = asked_for {
                assert_eq!(retries.reads, operation.effect() == Effect::Reads);
            }
        }
    }
}
