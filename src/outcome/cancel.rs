//! A payment that is cancelled when nobody knows whether it was made.

use tokio::time::Instant;

use super::record::{CallRecord, Concluded, Processed, was_not_tried};
use super::{Never, Outcome};
use crate::error::{Delivery, Error, ErrorClass, ErrorCode, ErrorKind};
use crate::operation::Operation;
use crate::payments::{NetworkCancelPayment, PayWithToken};
use crate::pipeline::OutcomePolicy;
use crate::protocol::CorrelationId;
use crate::types::{NetworkCancelPaymentResponseBody, PayWithTokenResponseBody};

/// What names a payment, by one public integration, and presumably in its network cancellation.
const TRANSACTION_ID: &str = "transactionId";

/// How a payment ends that is cancelled in doubt.
pub type PaymentOutcome = Outcome<
    Processed<PayWithTokenResponseBody>,
    Never,
    Processed<NetworkCancelPaymentResponseBody>,
>;

impl PayWithToken<'_> {
    /// Sends the payment once. **If nobody knows whether it was made, it is cancelled** with the
    /// network cancellation, so that the member does not pay for what nobody knows to be paid. It
    /// is never sent twice.
    ///
    /// `cancel` is your network cancellation of this payment. It goes out when the payment's
    /// response was lost, when the platform failed, and when the code is one that an earlier
    /// delivery of the payment could have caused; not when the payment was declined. It is sent
    /// again, with a fresh correlation id, until it succeeds or until the deadline of
    /// [`CallOptions::outcome`](crate::CallOptions::outcome). With a [journal](crate::journal), what
    /// became of it is recorded with the payment; and
    /// [`OutcomePolicy::durable_cancellation`](crate::OutcomePolicy::durable_cancellation) keeps
    /// the cancellation there, for a recovery to send after a crash.
    ///
    /// ```no_run
    /// use konaplate::Outcome;
    /// # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
    /// let payment = client
    ///     .pay_with_token()
    ///     .one_time_token("5297000000000021")
    ///     .dcvv("802")
    ///     .amount(12_000_u64)
    ///     .merchant_id("410195430033901")
    ///     .channel("OPENAPI")
    ///     .transaction_id("PAY-20260315-000001")
    ///     .send_for_outcome_or_cancel(
    ///         // Which field names the payment is assumed here: see your page of the operation.
    ///         client.network_cancel_payment().extra("transactionId", "PAY-20260315-000001"),
    ///     )
    ///     .await?; // an error: it was not even tried
    /// match payment {
    ///     Outcome::Completed(_) => println!("paid"),
    ///     Outcome::Cancelled(_) => println!("cancelled: a new payment is safe"),
    ///     Outcome::NotCarriedOut(_) => println!("not paid: a new payment is safe"),
    ///     Outcome::Declined(call) => println!("declined: {:?}", call.code()),
    ///     // The member may have paid. Neither ship nor pay again before a person knows.
    ///     Outcome::EarlierCall(call) | Outcome::Unknown(call) => println!("{}", call.hint()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What is known of the network cancellation
    /// - **Documented**: its response and all its codes: success, 006_021 (the same transaction
    ///   requested twice), 006_022 (system error), 006_030 (no original transaction).
    /// - **Inferred** from its name: that it is meant for payments whose response was lost.
    /// - **Not known**: its request. That a `transactionId` in it names the payment is a guess, so
    ///   it is not sent for you, and nothing but a success is taken for a proof: "no original
    ///   transaction" may mean that the payment is still on its way, or that the cancellation names
    ///   another one.
    ///
    /// # Errors
    /// The payment was not tried: a field, a setting or the journal is at fault. A cancellation
    /// without any field, or with a `transactionId` that is not the payment's, is an error before
    /// anything is sent.
    pub async fn send_for_outcome_or_cancel(
        mut self,
        mut cancel: NetworkCancelPayment<'_>,
    ) -> Result<PaymentOutcome, Error> {
        let policy = self.call.outcome_policy()?;
        cancel
            .checks
            .check()
            .map_err(|fault| cancel.call.invalid(fault))?;
        let own_id = self.transaction_id.as_deref().map(str::to_owned);
        let names_another = match (cancel.extra.get(TRANSACTION_ID), &own_id) {
            (Some(named), Some(own)) => named.expose().as_str() != Some(own),
            _ => false,
        };
        if names_another || cancel.extra.is_empty() {
            let rule = "of the cancellation must name this payment";
            return Err(Error::rule(ErrorKind::InvalidRequest, TRANSACTION_ID, rule));
        }
        cancel.call.fresh_correlation_ids();
        if policy.durable_cancellation {
            let body = cancel.extra.iter();
            let body = body.map(|(name, value)| (name.clone(), value.expose().clone()));
            self.call.keep_cancellation(body.collect())?;
        }

        let operation = Operation::find("pay_with_token").expect("this builder is of it");
        let record = CallRecord::new(operation, own_id);
        Ok(match record.conclude(self.send().await)? {
            Concluded::Processed(_, processed) => Outcome::Completed(processed),
            Concluded::NotCarriedOut(proven) => Outcome::NotCarriedOut(proven),
            Concluded::Declined(record) => Outcome::Declined(record),
            Concluded::EarlierCall(record) => {
                match cancelled(record, &cancel, policy, true).await {
                    Ok(cancelled) => Outcome::Cancelled(cancelled),
                    Err(record) => Outcome::EarlierCall(record),
                }
            }
            Concluded::Unknown(record) => match cancelled(record, &cancel, policy, false).await {
                Ok(cancelled) => Outcome::Cancelled(cancelled),
                Err(record) => Outcome::Unknown(record),
            },
        })
    }
}

/// Sends the cancellation until it succeeds, or the deadline. `is_settled` says that the payment
/// cannot be on its way any more: "no such payment" then ends it.
async fn cancelled(
    mut record: CallRecord,
    cancel: &NetworkCancelPayment<'_>,
    policy: OutcomePolicy,
    is_settled: bool,
) -> Result<Processed<NetworkCancelPaymentResponseBody>, CallRecord> {
    tracing::warn!("nobody knows whether a payment was made: it is cancelled");
    let started = Instant::now();
    loop {
        let error = match cancel.clone().send().await {
            Ok(done) => {
                written_down(&record, cancel, Some(done.correlation_id())).await;
                record.add_correlation_id(done.correlation_id());
                record.set_follow_up(None);
                let response = Some(done);
                return Ok(Processed { record, response });
            }
            Err(error) => error,
        };
        let pause = policy.interval.max(error.retry_after().unwrap_or_default());
        let (delivery, code) = (error.delivery(), error.code().cloned());
        let goes_on = match delivery {
            Delivery::NotSent => !was_not_tried(&error),
            // What is wrong with the cancellation itself is wrong every time.
            Delivery::MaybeProcessed => {
                code.as_ref().map(ErrorCode::class) != Some(ErrorClass::CallerMistake)
            }
            Delivery::Declined => code == Some(ErrorCode::PaymentOriginalNotFound) && !is_settled,
            _ => false,
        };
        if delivery == Delivery::ProcessedUnreadable {
            written_down(&record, cancel, error.correlation_id()).await;
        }
        record.set_follow_up(Some(error));
        if delivery == Delivery::ProcessedUnreadable {
            let response = None;
            return Ok(Processed { record, response });
        }
        let left = policy.deadline.saturating_sub(started.elapsed());
        if !goes_on || pause >= left {
            return Err(record);
        }
        tokio::time::sleep(pause).await;
    }
}

/// Has the journal know that the payment of the record was taken back.
async fn written_down(
    record: &CallRecord,
    cancel: &NetworkCancelPayment<'_>,
    by: Option<CorrelationId>,
) {
    if let (Some(&payment), Some(by)) = (record.correlation_ids().first(), by) {
        let client = cancel.call.client();
        client.pipeline.record_cancelled(payment, by).await;
    }
}

/// A payment that failed so, and was cancelled.
#[cfg(feature = "test-util")]
pub(crate) fn taken_back(
    record: CallRecord,
    payment: Error,
    cancellation: crate::Response<NetworkCancelPaymentResponseBody>,
) -> Result<PaymentOutcome, Error> {
    let mut record = match super::of_platform::<PayWithTokenResponseBody>(record, Err(payment))? {
        Outcome::EarlierCall(record) | Outcome::Unknown(record) => record,
        other => panic!("such a payment is not cancelled: {other:?}"),
    };
    record.add_correlation_id(cancellation.correlation_id());
    let response = Some(cancellation);
    Ok(Outcome::Cancelled(Processed { record, response }))
}
