//! What became of a call that moves money: what is proven, what was said, what can be asked.
//!
//! Every call that moves money has a method `send_for_outcome` beside `send`. It sends the call
//! once, never twice, and returns an [`Outcome`]. Where the description names an operation that
//! returns the outcome, it asks that until the outcome is known, or until the deadline of
//! [`CallOptions::outcome`](crate::CallOptions::outcome).
//!
//! Nothing of it is kept anywhere: write the sequence id down before the call, and a later
//! [`Client::bank_recharge_outcome`](crate::Client#method.bank_recharge_outcome) goes on where this
//! one stopped, or was stopped by a crash. The crate `konaplate-journal` does both.
//!
//! ```no_run
//! use konaplate::Outcome;
//! use konaplate::types::SequenceId;
//! # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
//! let sequence_id = SequenceId::fresh("BNK-").expect("a valid prefix");
//! // Here you write the sequence id down.
//! let outcome = client
//!     .recharge_from_bank_account()
//!     .sequence_id(&sequence_id)
//!     .user_id(10_000_000_001_u64)
//!     .amount(20_000_u64)
//!     .one_time_token("5297000000000021")
//!     .dcvv("802")
//!     .merchant_id("410195430033901")
//!     .send_for_outcome()
//!     .await?; // an error: it was not even tried
//! match outcome {
//!     Outcome::Completed(_) => println!("the card has the money"),
//!     Outcome::NotCarriedOut(_) => println!("no money moved: a new recharge is safe"),
//!     Outcome::Declined(call) => println!("declined: {:?}", call.code()),
//!     // Neither is a failure: the money may have moved, or may move yet.
//!     Outcome::EarlierCall(_) | Outcome::Unknown(_) => {
//!         println!("ask later: bank_recharge_outcome({sequence_id})");
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Verdicts
//!
//! | verdict | means | what to do |
//! |---|---|---|
//! | [`Completed`](Outcome::Completed) | the platform carried it out: it said so | |
//! | [`AwaitingMember`](Outcome::AwaitingMember) | the response holds a payment window or a barcode, and only the member moves the money with it | watch the card's balance |
//! | [`Cancelled`](Outcome::Cancelled) | the payment was cancelled, by a success of the cancellation | a new payment is safe |
//! | [`NotCarriedOut`](Outcome::NotCarriedOut) | **proven**: nothing was carried out | a new call is safe |
//! | [`Declined`](Outcome::Declined) | **said**: the platform declined this delivery | tell the member. No proof about an earlier delivery of the same request, by a gateway that delivered it twice: where money matters more than time, look before a new call |
//! | [`EarlierCall`](Outcome::EarlierCall) | the same request may have been carried out before | find out how that one ended; do not send it again |
//! | [`Unknown`](Outcome::Unknown) | nobody said | ask later, where [`CallRecord::inquiry`] says how; else [`CallRecord::hint`] says what a person can do. Do not send it again |
//!
//! A verdict that nothing was carried out has a [`Proof`], and is made of nothing else: the call
//! failed before its first byte left this process; the platform responded, with HTTP status 400,
//! with a code of which the description says that it can only come when nothing was carried out
//! ([`Proves`](crate::Proves)); or the inquiry says that it failed. Whatever stands in front of the
//! platform (a gateway's 401, 403, 429 or 5XX, a page of HTML, a code without the platform's
//! envelope) proves nothing.
//!
//! # What an outcome can be
//!
//! | operations | outcome | asked by |
//! |---|---|---|
//! | `recharge_from_bank_account`, `cancel_bank_recharge` | `Outcome<Processed<T>>` | `get_bank_recharge_result`, by the sequence id; later [`bank_recharge_outcome`](crate::Client#method.bank_recharge_outcome) |
//! | `create_credit_card_recharge`, `register_credit_card_auto_recharge`, `create_terminal_barcode` | `Outcome<Never, Processed<T>>`: their own response cannot say that money moved | nothing |
//! | `gift_card_v2` | `Outcome<Processed<T>, Processed<T>>`: completed, or left to the member | nothing |
//! | `pay_with_token` | `Outcome<Processed<T>>`, or [`PaymentOutcome`] by `send_for_outcome_or_cancel` | nothing; the network cancellation takes it back |
//! | all others: gifts, transfers, refunds, points, the cancellations of payments | `Outcome<Processed<T>>` | nothing |
//!
//! A variant of [`Never`] cannot be made, and a `match` on the outcome by value leaves it out.
//!
//! The page of `create_credit_card_recharge` calls its sequence id the key for asking how it ended,
//! and that of `refund_card` does the same; no page of an operation that returns the outcome was
//! found for either.

mod cancel;
mod inquire;
mod record;

use crate::error::Error;
use crate::operation::Said;
use crate::pipeline::Response;

pub use cancel::PaymentOutcome;
pub(crate) use inquire::Inquirer;
pub use record::{CallRecord, NotCarriedOut, Processed, Proof};
#[cfg(feature = "test-util")]
pub(crate) use {cancel::taken_back, inquire::after_inquiry};

use self::record::Concluded;

/// What cannot be.
pub type Never = std::convert::Infallible;

/// What became of a call that moves money.
///
/// `D` is what a completed call has, `A` one that only the member completes, and `C` one that was
/// cancelled in doubt; each is [`Never`] where the operation has no such outcome. See the
/// [module](self) for what each verdict means and what to do.
#[derive(Debug)]
#[must_use = "it says whether money moved"]
pub enum Outcome<D, A = Never, C = Never> {
    /// The platform carried it out.
    Completed(D),
    /// The member can move the money now, with what the response holds. No money moved by this
    /// call.
    AwaitingMember(A),
    /// It was taken back by its cancellation.
    Cancelled(C),
    /// Proven: nothing was carried out. A new call is safe.
    NotCarriedOut(NotCarriedOut),
    /// Said: the platform declined this delivery. No proof about an earlier one of the same bytes.
    Declined(CallRecord),
    /// The same request may have been carried out before. Ask how that call ended, by its
    /// [reference](CallRecord::reference); do not send this one again.
    ///
    /// Where an inquiry returns the outcome of the call with this sequence id, the verdict is that
    /// one: it is the outcome of *another* call only if a sequence id was used for two.
    EarlierCall(CallRecord),
    /// It may have been carried out. Ask later, or let a person find out; do not send it again.
    ///
    /// That the platform does not know the sequence id (007_009) belongs here, and is no proof that
    /// the call did not arrive: a request whose response was lost may still wait at a gateway, or
    /// be worked on. The page also lists that code with the cause "a parameter is not correct".
    Unknown(CallRecord),
}

/// What an outcome says of a call beside its verdict: sealed, [`Processed`] and [`Never`] have it.
pub trait HasRecord: sealed::Sealed {
    /// What is known about the call.
    fn record(&self) -> &CallRecord;
}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::Processed<T> {}
    impl Sealed for super::Never {}
}

impl<T> HasRecord for Processed<T> {
    fn record(&self) -> &CallRecord {
        self.record()
    }
}

impl HasRecord for Never {
    fn record(&self) -> &CallRecord {
        match *self {}
    }
}

impl<D: HasRecord, A: HasRecord, C: HasRecord> Outcome<D, A, C> {
    /// What is known about the call, whatever became of it.
    #[must_use]
    pub fn record(&self) -> &CallRecord {
        match self {
            Self::Completed(done) => done.record(),
            Self::AwaitingMember(open) => open.record(),
            Self::Cancelled(cancelled) => cancelled.record(),
            Self::NotCarriedOut(proven) => proven.record(),
            Self::Declined(call) | Self::EarlierCall(call) | Self::Unknown(call) => call,
        }
    }
}

impl<D, A, C> Outcome<D, A, C> {
    /// Whether it is proven where the money is: completed, cancelled, or not carried out.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(
            self,
            Self::Completed(_) | Self::Cancelled(_) | Self::NotCarriedOut(_)
        )
    }

    /// Whether only a person can find out: it is unknown, and no operation returns the outcome.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::Unknown(call) if call.inquiry().is_none())
    }
}

/// The outcome of a call that the platform completes, by its own response.
pub(crate) fn of_platform<T>(
    record: CallRecord,
    sent: Result<Response<T>, Error>,
) -> Result<Outcome<Processed<T>>, Error> {
    conclude(record, sent, |_, processed| Outcome::Completed(processed))
}

/// The outcome of a call that the member completes.
pub(crate) fn of_member<T>(
    record: CallRecord,
    sent: Result<Response<T>, Error>,
) -> Result<Outcome<Never, Processed<T>>, Error> {
    conclude(record, sent, |_, processed| {
        Outcome::AwaitingMember(processed)
    })
}

/// The outcome of a call that the one or the other completes, as its response says.
pub(crate) fn of_either<T>(
    record: CallRecord,
    sent: Result<Response<T>, Error>,
) -> Result<Outcome<Processed<T>, Processed<T>>, Error> {
    conclude(record, sent, |said, processed| match said {
        Said::AwaitingMember => Outcome::AwaitingMember(processed),
        Said::Completed | Said::Pending | Said::Unclear => Outcome::Completed(processed),
    })
}

fn conclude<T, D, A, C>(
    record: CallRecord,
    sent: Result<Response<T>, Error>,
    success: impl FnOnce(Said, Processed<T>) -> Outcome<D, A, C>,
) -> Result<Outcome<D, A, C>, Error> {
    Ok(match record.conclude(sent)? {
        Concluded::Processed(said, processed) => success(said, processed),
        Concluded::NotCarriedOut(proven) => Outcome::NotCarriedOut(proven),
        Concluded::Declined(record) => Outcome::Declined(record),
        Concluded::EarlierCall(record) => Outcome::EarlierCall(record),
        Concluded::Unknown(record) => Outcome::Unknown(record),
    })
}
