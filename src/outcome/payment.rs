//! A payment that ends in one of two ways: paid, or cancelled by the network cancellation.

use std::time::Duration;

use tokio::time::Instant;

use super::{LONGEST, is_our_mistake};
use crate::ErrorCode;
use crate::error::{Delivery, Error, ErrorKind};
use crate::payments::{NetworkCancelPayment, PayWithToken};
use crate::pipeline::Response;
use crate::protocol::CorrelationId;
use crate::types::{NetworkCancelPaymentResponseBody, PayWithTokenResponseBody};

/// What names a payment, by one public integration, and presumably in its network cancellation.
const TRANSACTION_ID: &str = "transactionId";

/// How a payment is cancelled after its response was lost, and what proves that it is.
///
/// ```
/// use std::time::Duration;
/// use konaplate::CancelPolicy;
///
/// let policy = CancelPolicy::new().deadline(Duration::from_secs(30));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a call"]
pub struct CancelPolicy {
    interval: Duration,
    deadline: Duration,
    believed_after: Option<Duration>,
}

impl Default for CancelPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl CancelPolicy {
    /// At once and then every 2 seconds, for 90 seconds, and only a success proves anything.
    pub const fn new() -> Self {
        Self {
            interval: Duration::from_secs(2),
            deadline: Duration::from_secs(90),
            believed_after: None,
        }
    }

    /// The pause before the cancellation is sent again, 1 millisecond to 24 hours. A response with
    /// `Retry-After` can make it longer.
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to go on, from the interval to 24 hours, counted from the end of the payment's
    /// call. No cancellation is sent after it.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Says that your cancellation is known to name payments rightly, because you have seen it
    /// cancel one. Then its refusals prove something, too:
    ///
    /// - 006_030, no such payment, if it was asked this long after the payment was sent, 1
    ///   millisecond to 24 hours, and shorter than the deadline. Before that the payment may still
    ///   be on its way. After the life of its one-time token, which is documented as 30 seconds (5
    ///   minutes for the types `ATM` and `CREDIT`), it can no longer arrive with a good one; twice
    ///   that leaves time for one that is being worked on.
    /// - 006_021, requested twice, after an earlier cancellation whose response was lost.
    ///
    /// Without this both leave the outcome [unknown](Paid::Unknown): a cancellation that names the
    /// payment wrongly finds none either.
    pub const fn request_verified(mut self, believed_after: Duration) -> Self {
        self.believed_after = Some(believed_after);
        self
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |field: &'static str, rule: &str| {
            Err(Error::rule(ErrorKind::Configuration, field, rule))
        };
        let millisecond = Duration::from_millis(1);
        if !(millisecond..=LONGEST).contains(&self.interval) {
            return wrong("cancel.interval", "must be 1 millisecond to 24 hours");
        }
        if !(self.interval..=LONGEST).contains(&self.deadline) {
            return wrong("cancel.deadline", "must be from the interval to 24 hours");
        }
        if let Some(after) = self.believed_after
            && !(millisecond..self.deadline).contains(&after)
        {
            return wrong(
                "cancel.request_verified",
                "must be 1 millisecond or more, and shorter than the deadline",
            );
        }
        Ok(())
    }
}

/// How a payment ended that is cancelled if its response is lost.
#[derive(Debug)]
#[must_use = "it says whether the member paid"]
pub enum Paid {
    /// The member paid: the platform said so. Where it said so in a response that cannot be read,
    /// [`Payment::response`] is none, and [`Payment::lost`] has what it said.
    Completed(Payment),
    /// The response was lost, and the payment was cancelled: the member has the money.
    Cancelled(Payment),
    /// The response was lost, and the platform knows no such payment: the member has the money.
    /// Only with [`CancelPolicy::request_verified`].
    Failed(Payment),
    /// The member may have paid. Do not pay again and do not treat it as paid: see
    /// [`Payment::what_a_person_can_do`].
    Unknown(Payment),
}

impl Paid {
    /// What is known about it, whatever the outcome.
    #[must_use]
    pub fn payment(&self) -> &Payment {
        match self {
            Self::Completed(known)
            | Self::Cancelled(known)
            | Self::Failed(known)
            | Self::Unknown(known) => known,
        }
    }
}

/// What is known about a payment, and all that is needed to go on later.
#[derive(Debug, Default)]
pub struct Payment {
    transaction_id: Option<String>,
    correlation_ids: Vec<CorrelationId>,
    response: Option<Response<PayWithTokenResponseBody>>,
    lost: Option<Error>,
    cancellation: Option<Response<NetworkCancelPaymentResponseBody>>,
    cancel_error: Option<Error>,
}

impl Payment {
    /// The caller's own `transactionId` of the payment, if it was given one.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        self.transaction_id.as_deref()
    }

    /// The correlation ids of everything that was sent, in order: the payment first. They are what
    /// KONA finds the calls by.
    #[must_use]
    pub fn correlation_ids(&self) -> &[CorrelationId] {
        &self.correlation_ids
    }

    /// The response of the payment, unless it was lost.
    #[must_use]
    pub fn response(&self) -> Option<&Response<PayWithTokenResponseBody>> {
        self.response.as_ref()
    }

    /// Why the response of the payment was lost.
    #[must_use]
    pub fn lost(&self) -> Option<&Error> {
        self.lost.as_ref()
    }

    /// The success of the cancellation, where there was one that can be read.
    #[must_use]
    pub fn cancellation(&self) -> Option<&Response<NetworkCancelPaymentResponseBody>> {
        self.cancellation.as_ref()
    }

    /// How the last cancellation failed.
    #[must_use]
    pub fn cancel_error(&self) -> Option<&Error> {
        self.cancel_error.as_ref()
    }

    /// What a person can do about a payment that is [unknown](Paid::Unknown).
    #[must_use]
    pub fn what_a_person_can_do(&self) -> &'static str {
        crate::Operation::find("pay_with_token")
            .and_then(crate::Operation::outcome)
            .map_or("", crate::Outcome::hint)
    }
}

impl PayWithToken<'_> {
    /// Sends the payment once. **If its response is lost, the payment is cancelled** with the
    /// network cancellation, so that the member does not pay for what nobody knows to be paid. It
    /// is never sent twice.
    ///
    /// `cancel` is your network cancellation of this payment. It is not sent if the payment is
    /// responded to. It is sent again, with a fresh correlation id, until the deadline: while its
    /// own responses are lost, after a system error, and while the platform knows no such payment,
    /// which may still be on its way.
    ///
    /// ```no_run
    /// use konaplate::{CancelPolicy, Paid};
    /// # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
    /// let paid = client
    ///     .pay_with_token()
    ///     .one_time_token("5297000000000021")
    ///     .dcvv("802")
    ///     .amount(12_000_u64)
    ///     .merchant_id("410195430033901")
    ///     .channel("OPENAPI")
    ///     .transaction_id("PAY-20260315-000001")
    ///     .and_settle_or_cancel(
    ///         // Which field names the payment is assumed here: see your page of the operation.
    ///         client.network_cancel_payment().extra("transactionId", "PAY-20260315-000001"),
    ///         CancelPolicy::new(),
    ///     )
    ///     .await?; // an error: it was not carried out
    /// match paid {
    ///     Paid::Completed(_) => println!("paid"),
    ///     Paid::Cancelled(_) | Paid::Failed(_) => println!("not paid; a new payment is safe"),
    ///     Paid::Unknown(open) => println!("{}", open.what_a_person_can_do()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What is known of the network cancellation
    /// - **Documented**: its response and all its codes: success, 006_021 (the same transaction
    ///   requested twice), 006_022 (system error), 006_030 (no original transaction); and that a
    ///   one-time token lives 30 seconds.
    /// - **Inferred** from its name: that it is meant for payments whose response was lost. From
    ///   006_021: that a second one does nothing.
    /// - **Not known**: its request. That a `transactionId` in it names the payment is a guess, so
    ///   it is not sent for you, and by default nothing but a success is taken for a proof. Try
    ///   your request with a payment of your own project, and then say so with
    ///   [`CancelPolicy::request_verified`].
    /// - **Assumed**: that a payment which the platform does not know after the life of its token
    ///   will not be made any more.
    ///
    /// # Errors
    /// The payment was not carried out: it was not sent, or it was refused, and no cancellation was
    /// sent. A cancellation without any field, or with a `transactionId` that is not the payment's,
    /// is an error before anything is sent. Every other failure is part of what is [`Paid`].
    pub async fn and_settle_or_cancel(
        self,
        mut cancel: NetworkCancelPayment<'_>,
        policy: CancelPolicy,
    ) -> Result<Paid, Error> {
        policy.check()?;
        cancel
            .checks
            .check()
            .map_err(|fault| cancel.call.invalid(fault))?;
        let mut known = Payment {
            transaction_id: self.transaction_id.as_deref().map(str::to_owned),
            ..Payment::default()
        };
        let names_another = match (cancel.extra.get(TRANSACTION_ID), &known.transaction_id) {
            (Some(named), Some(ours)) => named.expose().as_str() != Some(ours),
            _ => false,
        };
        if names_another || cancel.extra.is_empty() {
            let rule = "of the cancellation must name this payment";
            return Err(Error::rule(ErrorKind::InvalidRequest, TRANSACTION_ID, rule));
        }
        cancel.call.fresh_correlation_ids();

        let sent_at = Instant::now();
        match self.send().await {
            Ok(response) => {
                known.correlation_ids.push(response.correlation_id());
                known.response = Some(response);
                return Ok(Paid::Completed(known));
            }
            Err(error) => {
                let delivery = error.delivery();
                if matches!(delivery, Delivery::NotSent | Delivery::Refused) {
                    return Err(error);
                }
                known.correlation_ids.extend(error.correlation_id());
                known.lost = Some(error);
                if delivery == Delivery::ProcessedUnreadable {
                    return Ok(Paid::Completed(known));
                }
            }
        }
        tracing::warn!("the response of a payment was lost: it is cancelled");
        Ok(cancelled(known, &cancel, policy, sent_at).await)
    }
}

/// What a failed cancellation says.
enum Said {
    Cancelled,
    NoSuchPayment,
    /// Nothing that asking again would change.
    Nothing,
    /// It may be different next time.
    NotYet,
}

/// What the cancellations so far leave open.
#[derive(Default)]
struct Doubts {
    /// One may have been carried out without our knowing.
    lost: bool,
    /// One failed in a way after which "requested twice" proves nothing.
    failed: bool,
}

impl Doubts {
    /// `believed` says whether "no such payment" was asked late enough; none if refusals prove
    /// nothing.
    fn hear(&mut self, error: &Error, believed: Option<bool>) -> Said {
        match (error.delivery(), error.code()) {
            (Delivery::ProcessedUnreadable, _) => Said::Cancelled,
            (_, Some(ErrorCode::PlatformSystemError)) => {
                self.failed = true;
                Said::NotYet
            }
            (Delivery::MaybeProcessed, _) => {
                self.lost = true;
                Said::NotYet
            }
            (Delivery::Refused, Some(ErrorCode::PaymentOriginalNotFound)) => {
                if believed == Some(true) {
                    Said::NoSuchPayment
                } else {
                    Said::NotYet
                }
            }
            (Delivery::Refused, Some(ErrorCode::PaymentAlreadyRequested))
                if believed.is_some() && self.lost && !self.failed =>
            {
                Said::Cancelled
            }
            (Delivery::NotSent, _) if !is_our_mistake(error) => Said::NotYet,
            _ => Said::Nothing,
        }
    }
}

/// Sends the cancellation until it is known to be done, or the deadline.
async fn cancelled(
    mut known: Payment,
    cancel: &NetworkCancelPayment<'_>,
    policy: CancelPolicy,
    sent_at: Instant,
) -> Paid {
    let started = Instant::now();
    let mut doubts = Doubts::default();
    loop {
        let believed = policy
            .believed_after
            .map(|after| sent_at.elapsed() >= after);
        let error = match cancel.clone().send().await {
            Ok(done) => {
                known.correlation_ids.push(done.correlation_id());
                known.cancellation = Some(done);
                known.cancel_error = None;
                return Paid::Cancelled(known);
            }
            Err(error) => error,
        };
        if error.attempts() > 0 {
            known.correlation_ids.extend(error.correlation_id());
        }
        let pause = policy.interval.max(error.retry_after().unwrap_or_default());
        let said = doubts.hear(&error, believed);
        known.cancel_error = Some(error);
        let left = policy.deadline.saturating_sub(started.elapsed());
        match said {
            Said::Cancelled => return Paid::Cancelled(known),
            Said::NoSuchPayment => return Paid::Failed(known),
            Said::NotYet if pause < left => tokio::time::sleep(pause).await,
            Said::NotYet | Said::Nothing => return Paid::Unknown(known),
        }
    }
}
