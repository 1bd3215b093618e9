//! How a call that moves money ended, found out without sending it twice.
//!
//! Every call that moves money has a method `and_settle` beside `send`, and what it returns says
//! how much can be known. Where the description names an operation that tells the outcome by the
//! sequence id, it sends once, and then asks that operation until the money has moved or certainly
//! has not, or until the deadline. Nothing of it is kept anywhere: write the sequence id down
//! before the call, and a later
//! [`Client::settle_bank_recharge`](crate::Client#method.settle_bank_recharge) goes on where this
//! one stopped, or was stopped by a crash.
//!
//! ```no_run
//! use konaplate::{SettlePolicy, Settled};
//! # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
//! let settled = client
//!     .recharge_from_bank_account()
//!     .sequence_id("BANK-20260315-000001")
//!     .user_id(10_000_000_001_u64)
//!     .amount(20_000_u64)
//!     .one_time_token("5297000000000021")
//!     .dcvv("802")
//!     .merchant_id("410195430033901")
//!     .and_settle(SettlePolicy::new())
//!     .await?; // an error: it was not carried out
//! match &settled {
//!     Settled::Completed(_) => println!("the card has the money"),
//!     Settled::Failed(_) => println!("no money moved"),
//!     // Neither is a failure: the money may have moved, or may move yet.
//!     Settled::StillPending(open) | Settled::Unknown(open) => {
//!         println!("ask later: settle_bank_recharge({:?})", open.sequence_id());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What settles what
//!
//! | operations | what tells the outcome | method | ends in |
//! |---|---|---|---|
//! | `recharge_from_bank_account`, `cancel_bank_recharge` | `get_bank_recharge_result`, by the sequence id | `and_settle(policy)`, later `settle_bank_recharge` | [`Settled`] |
//! | `pay_with_token` | nothing; by its name `network_cancel_payment` takes it back | `and_settle_or_cancel(cancellation, policy)`, or `and_settle()` | [`Paid`], or [`Told`] |
//! | `create_credit_card_recharge`, `register_credit_card_auto_recharge`, `create_terminal_barcode` | nothing: no money moves before the member acts, with a window or a barcode that is in the response | `and_settle()` | [`Opened`] |
//! | all others: gifts, transfers, refunds, points, the cancellations of payments | nothing but the response | `and_settle()` | [`Told`] |
//!
//! The page of `create_credit_card_recharge` calls its sequence id the key for asking how it ended,
//! and that of `refund_card` does the same; no page of an operation that tells the outcome was
//! found for either.
//!
//! Nothing is sent again on suspicion, except the network cancellation, which by its name and its
//! codes is meant for that. Where nothing tells, the type says so: [`Unsettleable`] has what a
//! person can do and the ids that KONA finds the call by.
//!
//! ```no_run
//! use konaplate::Told;
//! # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
//! let moved = client
//!     .transfer_balance()
//!     .user_id(10_000_000_001_u64)
//!     .from_card_no("9491339401250765")
//!     .to_card_no("9491330000001014")
//!     .amount(1_000_u64)
//!     .and_settle()
//!     .await?; // an error: it was not carried out
//! if let Told::Unknown(open) = moved {
//!     println!("{} ({:?})", open.what_a_person_can_do(), open.correlation_id());
//! }
//! # Ok(())
//! # }
//! ```

mod payment;
mod told;

use std::time::Duration;

use tokio::time::Instant;

use crate::ErrorCode;
use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::Inquiry;
use crate::pipeline::Response;
use crate::protocol::CorrelationId;

pub use payment::{CancelPolicy, Paid, Payment};
pub use told::{Opened, Told, Unsettleable};

/// The longest time that a policy may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How often, and for how long, the outcome is asked for.
///
/// ```
/// use std::time::Duration;
/// use konaplate::SettlePolicy;
///
/// let policy = SettlePolicy::new().deadline(Duration::from_secs(10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a call"]
pub struct SettlePolicy {
    interval: Duration,
    deadline: Duration,
}

impl Default for SettlePolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl SettlePolicy {
    /// Every 2 seconds, for 60 seconds. The vendor names no interval; a public integration asks
    /// every 2 seconds. The platform itself asks the payment gateway every 5 minutes on the day of
    /// the request, so what is pending after a minute is best settled later.
    pub const fn new() -> Self {
        Self {
            interval: Duration::from_secs(2),
            deadline: Duration::from_secs(60),
        }
    }

    /// The pause before each inquiry, 1 millisecond to 24 hours. A response with `Retry-After`
    /// can make it longer.
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to go on asking, from the interval to 24 hours, counted from the end of the call
    /// that is to be settled. No inquiry is begun after it. One that is under way then is waited
    /// for, up to the time limit of a call: its response may be the outcome.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// An error that names the setting which breaks its rule.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |field: &'static str, rule: &str| {
            Err(Error::rule(ErrorKind::Configuration, field, rule))
        };
        if !(Duration::from_millis(1)..=LONGEST).contains(&self.interval) {
            return wrong("settle.interval", "must be 1 millisecond to 24 hours");
        }
        if !(self.interval..=LONGEST).contains(&self.deadline) {
            return wrong("settle.deadline", "must be from the interval to 24 hours");
        }
        Ok(())
    }
}

/// How a call that moves money ended, as far as can be known.
///
/// `T` is the response of the call, `R` that of the operation which tells the outcome.
#[derive(Debug)]
#[must_use = "it says whether money moved"]
pub enum Settled<T, R> {
    /// It was carried out.
    Completed(Settlement<T, R>),
    /// It failed, and no money moved.
    Failed(Settlement<T, R>),
    /// The platform has it and does not know the outcome itself yet. Settle it again later by its
    /// sequence id; do not send it again.
    StillPending(Settlement<T, R>),
    /// Nobody said how it ended. Settle it again later by its sequence id; do not send it again.
    ///
    /// That the platform does not know the sequence id (007_009) belongs here, and is no proof that
    /// the call did not arrive: a request whose response was lost may still wait at a gateway, or
    /// be worked on, and be carried out after the inquiry was responded to. The page also lists
    /// that code with the cause "a parameter is not correct". What is unknown at the end of the day
    /// is a inquiry with KONA, with the [correlation ids](Settlement::correlation_ids).
    Unknown(Settlement<T, R>),
}

impl<T, R> Settled<T, R> {
    /// What is known about it, whatever the outcome.
    #[must_use]
    pub fn settlement(&self) -> &Settlement<T, R> {
        match self {
            Self::Completed(known)
            | Self::Failed(known)
            | Self::StillPending(known)
            | Self::Unknown(known) => known,
        }
    }

    /// Whether the outcome is known: completed or failed. What is not has to be settled later.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_))
    }
}

/// What is known about a call that was settled, and all that is needed to go on later.
#[derive(Debug)]
pub struct Settlement<T, R> {
    sequence_id: String,
    correlation_ids: Vec<CorrelationId>,
    response: Option<Response<T>>,
    lost: Option<Error>,
    result: Option<Response<R>>,
    inquiry_error: Option<Error>,
}

impl<T, R> Settlement<T, R> {
    /// The sequence id of the call: what its outcome is asked by.
    #[must_use]
    pub fn sequence_id(&self) -> &str {
        &self.sequence_id
    }

    /// The correlation ids of everything that was sent, in order: the call itself first, unless
    /// only its outcome was asked for. They are what KONA finds the calls by.
    #[must_use]
    pub fn correlation_ids(&self) -> &[CorrelationId] {
        &self.correlation_ids
    }

    /// The response of the call, unless it was lost.
    #[must_use]
    pub fn response(&self) -> Option<&Response<T>> {
        self.response.as_ref()
    }

    /// Why the response of the call was lost.
    #[must_use]
    pub fn lost(&self) -> Option<&Error> {
        self.lost.as_ref()
    }

    /// The last response to an inquiry. None where the call's own response told it, or
    /// no inquiry succeeded.
    #[must_use]
    pub fn result(&self) -> Option<&Response<R>> {
        self.result.as_ref()
    }

    /// Why the last inquiry failed.
    #[must_use]
    pub fn inquiry_error(&self) -> Option<&Error> {
        self.inquiry_error.as_ref()
    }
}

/// What a response says about the outcome.
///
/// ```
/// use konaplate::Operation;
/// use konaplate::outcome::Verdict;
///
/// let charge = Operation::find("recharge_from_bank_account").unwrap();
/// let inquiry = charge.outcome().unwrap().inquiry().unwrap();
/// assert_eq!(Verdict::of_result(inquiry, "COMPLETED"), Verdict::Completed);
/// assert_eq!(Verdict::of_result(inquiry, "DONE"), Verdict::Unclear);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It was carried out.
    Completed,
    /// It failed, and no money moved.
    Failed,
    /// The platform does not know yet.
    Pending,
    /// A word that nobody described, or two that contradict each other.
    Unclear,
}

impl Verdict {
    /// What the result of an inquiry says, by the words that the description has for it.
    #[must_use]
    pub fn of_result(inquiry: &Inquiry, result: &str) -> Self {
        if inquiry.completed.contains(&result) {
            Self::Completed
        } else if inquiry.failed.contains(&result) {
            Self::Failed
        } else if inquiry.pending.contains(&result) {
            Self::Pending
        } else {
            Self::Unclear
        }
    }

    /// The verdict of the call's own success. Anything but a plain "done" is asked about: that a
    /// success has a result, too, is known from public code of somebody else only.
    pub(crate) fn of_response(inquiry: &Inquiry, is_pending: bool, result: Option<&str>) -> Self {
        match result.map(|result| Self::of_result(inquiry, result)) {
            None | Some(Self::Completed) if !is_pending => Self::Completed,
            None | Some(Self::Pending) => Self::Pending,
            Some(_) => Self::Unclear,
        }
    }
}

/// What a call came to, and how to ask for its outcome.
pub(crate) struct Case<A, V> {
    pub(crate) sequence_id: String,
    pub(crate) policy: SettlePolicy,
    /// Sends the inquiry. Each is sent once: asking again is done here.
    pub(crate) ask: A,
    /// What its response says.
    pub(crate) verdict: V,
}

impl<A, V> Case<A, V> {
    /// Settles a call that was just sent, by its own response if that tells the outcome.
    pub(crate) async fn after_call<T, R, F>(
        self,
        sent: Result<Response<T>, Error>,
        of_response: impl FnOnce(&T) -> Verdict,
    ) -> Result<Settled<T, R>, Error>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        V: Fn(&R) -> Verdict,
    {
        let mut known = Settlement::new(&self.sequence_id);
        let mut is_pending = false;
        match sent {
            Ok(response) => {
                known.correlation_ids.push(response.correlation_id());
                let verdict = of_response(&response);
                known.response = Some(response);
                if verdict == Verdict::Completed {
                    return Ok(Settled::Completed(known));
                }
                is_pending = verdict == Verdict::Pending;
            }
            // It was not carried out: there is nothing to settle.
            Err(error) if matches!(error.delivery(), Delivery::NotSent | Delivery::Refused) => {
                return Err(error);
            }
            Err(error) => {
                known.correlation_ids.extend(error.correlation_id());
                known.lost = Some(error);
            }
        }
        tracing::debug!("the outcome is to be asked for");
        let started = Instant::now();
        tokio::time::sleep(self.policy.interval).await;
        Ok(self.ask_until_known(known, is_pending, started).await)
    }

    /// Settles a call that was sent some time ago.
    pub(crate) async fn of_earlier_call<T, R, F>(self) -> Result<Settled<T, R>, Error>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        V: Fn(&R) -> Verdict,
    {
        let known = Settlement::new(&self.sequence_id);
        match self.ask_until_known(known, false, Instant::now()).await {
            // Nothing was asked: the sequence id or a setting is wrong.
            Settled::Unknown(Settlement {
                inquiry_error: Some(error),
                ..
            }) if is_our_mistake(&error) => Err(error),
            settled => Ok(settled),
        }
    }

    async fn ask_until_known<T, R, F>(
        self,
        mut known: Settlement<T, R>,
        mut is_pending: bool,
        started: Instant,
    ) -> Settled<T, R>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        V: Fn(&R) -> Verdict,
    {
        loop {
            let mut pause = self.policy.interval;
            match (self.ask)().await {
                Ok(result) => {
                    let verdict = (self.verdict)(&result);
                    known.correlation_ids.push(result.correlation_id());
                    known.inquiry_error = None;
                    known.result = Some(result);
                    match verdict {
                        Verdict::Completed => return Settled::Completed(known),
                        Verdict::Failed => return Settled::Failed(known),
                        Verdict::Pending => is_pending = true,
                        Verdict::Unclear => is_pending = false,
                    }
                }
                Err(error) => {
                    if error.attempts() > 0 {
                        known.correlation_ids.extend(error.correlation_id());
                    }
                    // Of all failures only this one says something about the call.
                    if error.code() == Some(&ErrorCode::PreviousTransactionNotFound) {
                        is_pending = false;
                    }
                    pause = pause.max(error.retry_after().unwrap_or_default());
                    let in_vain = is_our_mistake(&error);
                    known.inquiry_error = Some(error);
                    if in_vain {
                        break;
                    }
                }
            }
            let left = self.policy.deadline.saturating_sub(started.elapsed());
            if pause >= left {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        if is_pending {
            Settled::StillPending(known)
        } else {
            Settled::Unknown(known)
        }
    }
}

/// An error that asking again does not cure.
fn is_our_mistake(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Configuration | ErrorKind::InvalidRequest
    )
}

impl<T, R> Settlement<T, R> {
    fn new(sequence_id: &str) -> Self {
        Self {
            sequence_id: sequence_id.to_owned(),
            correlation_ids: Vec::new(),
            response: None,
            lost: None,
            result: None,
            inquiry_error: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_done_is_believed_without_asking() {
        use Verdict::{Completed, Pending, Unclear};
        let inquiry = crate::Operation::find("recharge_from_bank_account")
            .unwrap()
            .inquiry();
        for (is_pending, result, verdict) in [
            (false, None, Completed),
            (false, Some("COMPLETED"), Completed),
            (false, Some("PENDING"), Pending),
            (false, Some("FAILED"), Unclear),
            (false, Some("CANCELED"), Unclear),
            (true, None, Pending),
            (true, Some("PENDING"), Pending),
            (true, Some("COMPLETED"), Unclear),
            (true, Some("FAILED"), Unclear),
        ] {
            assert_eq!(
                Verdict::of_response(inquiry, is_pending, result),
                verdict,
                "{is_pending} {result:?}"
            );
        }
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused_by_name() {
        let policy = SettlePolicy::new();
        let (zero, second) = (Duration::ZERO, Duration::from_secs(1));
        for (policy, field) in [
            (policy.interval(zero), "settle.interval"),
            (policy.interval(LONGEST + second), "settle.interval"),
            (policy.deadline(second), "settle.deadline"),
            (policy.deadline(LONGEST + second), "settle.deadline"),
        ] {
            assert_eq!(policy.check().unwrap_err().field(), Some(field));
        }
        policy.check().unwrap();
    }
}
