//! One attempt: sent once, with the journal before and after.

use std::time::Instant;

use tracing::Span;

use super::Pipeline;
use super::interpret::Success;
use super::plan::Plan;
use super::prepare::Prepared;
use super::transport::exchange;
use crate::error::{Delivery, Error, ErrorKind};
#[cfg(feature = "metrics")]
use crate::metrics::Measured;
use crate::protocol::{CorrelationId, Timestamp};

impl Pipeline {
    /// Prepares a request whose body is plaintext, sends it, and interprets what comes back.
    ///
    /// It is sent once; `number` says which attempt of the call this is, from 1.
    pub(super) async fn attempt(
        &self,
        plan: &Plan,
        request: reqwest::Request,
        number: u32,
        span: &Span,
    ) -> Result<Success, Error> {
        let started = Instant::now();
        let timestamp = Timestamp::new((self.clock)(), self.zone);
        let id = plan
            .options
            .correlation_id
            .filter(|_| number == 1)
            .unwrap_or_else(|| CorrelationId::at(&timestamp));
        span.record("correlation_id", id.as_str());
        span.record("attempt", number);

        let caller = self.caller.get();
        let result = match self.prepare(plan, request, &caller, timestamp, id) {
            Ok(prepared) => self.recorded(plan, prepared, id, started, span).await,
            Err(error) => Err(error),
        };
        let elapsed = started.elapsed();
        span.record("duration_ms", elapsed.as_secs_f64() * 1_000.0);
        match result {
            Ok(mut success) => {
                success.exchange.elapsed = elapsed;
                success.exchange.attempts = number;
                tracing::debug!("succeeded");
                Ok(success)
            }
            Err(error) => {
                let tried = match error.kind() {
                    ErrorKind::Configuration | ErrorKind::InvalidRequest => 0,
                    _ => number,
                };
                let error = error
                    .with_operation(plan.name())
                    .with_correlation_id(id)
                    .with_attempts(tried);
                span.record("delivery", tracing::field::debug(error.delivery()));
                // A code is a response like any other; the rest is for somebody to look at.
                if matches!(
                    error.delivery(),
                    Delivery::Declined | Delivery::NotCarriedOut
                ) {
                    tracing::debug!(kind = ?error.kind(), delivery = ?error.delivery(), "declined");
                } else {
                    let cause = error.cause();
                    tracing::warn!(kind = ?error.kind(), delivery = ?error.delivery(), cause, "failed");
                }
                Err(error)
            }
        }
    }

    pub(super) async fn send(
        &self,
        plan: &Plan,
        prepared: Prepared<'_>,
        id: CorrelationId,
        span: &Span,
    ) -> Result<Success, Error> {
        #[cfg(feature = "metrics")]
        let measured = Measured::request(plan.called(), &prepared.request);
        let limit = prepared.request.timeout().copied();
        let limit = limit.unwrap_or(self.timeout);
        let result = exchange(&self.http, prepared.request, limit)
            .await
            .and_then(|response| {
                self.interpret(plan, response, prepared.caller, prepared.key, id, span)
            });
        #[cfg(feature = "metrics")]
        measured.end_of_request(result.as_ref().map(|success| success.exchange.http_status));
        result
    }
}
