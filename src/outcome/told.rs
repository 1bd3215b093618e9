//! Calls that move money whose outcome nothing but their response tells.

use crate::error::{Delivery, Error};
use crate::operation::Operation;
use crate::pipeline::Response;
use crate::protocol::CorrelationId;

/// How a call ended whose outcome no operation tells: as its response says, or nobody knows.
///
/// `T` is the response. A call that was certainly not carried out is an [`Error`] instead.
#[derive(Debug)]
#[must_use = "it says whether money moved"]
pub enum Told<T> {
    /// It was carried out.
    Completed(Response<T>),
    /// The response opens a payment window, and no money moves before the member pays there. Of the
    /// operations that end in a `Told` only `gift_card_v2` has such responses.
    AwaitingMember(Response<T>),
    /// It may have been carried out. No operation tells.
    Unknown(Unsettleable),
}

/// How a call ended with which the member moves the money later: with the payment window or the
/// barcode in the response.
///
/// No operation tells what the member did, by the sequence id or any other. The transactions of a
/// card (`list_card_transactions`) show a recharge by its number (`nrNumber`) and its kind, and
/// nothing in them is known to be the transaction id of a payment window, so they prove neither.
/// The balance changes when the member has paid.
#[derive(Debug)]
#[must_use = "it says whether the member can pay"]
pub enum Opened<T> {
    /// The member can pay now, and has not by this call: no money has moved yet.
    AwaitingMember(Response<T>),
    /// The response was lost, and what the member would have paid with was in it. No money is known
    /// to move without it; but no operation tells. A new call needs a sequence id of its own.
    Unknown(Unsettleable),
}

/// A call that moves money, whose response was lost, and for which no operation tells how it ended.
///
/// Only a person can settle it. Neither `Debug` nor anything else here shows what is sensitive.
#[derive(Debug)]
pub struct Unsettleable {
    operation: &'static Operation,
    sequence_id: Option<String>,
    lost: Error,
}

impl Unsettleable {
    /// What a failed call leaves to a person; the error back where it was not carried out.
    pub(crate) fn new(
        operation: &'static Operation,
        sequence_id: Option<String>,
        lost: Error,
    ) -> Result<Self, Error> {
        match lost.delivery() {
            Delivery::NotSent | Delivery::Refused => Err(lost),
            Delivery::MaybeProcessed | Delivery::ProcessedUnreadable => Ok(Self {
                operation,
                sequence_id,
                lost,
            }),
        }
    }

    /// What was called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Why the response was lost. [`Error::delivery`] is
    /// [`ProcessedUnreadable`](Delivery::ProcessedUnreadable) where the platform said that it
    /// carried the call out, and [`Error::response`] then has what it said.
    #[must_use]
    pub fn lost(&self) -> &Error {
        &self.lost
    }

    /// What KONA finds the call by.
    #[must_use]
    pub fn correlation_id(&self) -> Option<CorrelationId> {
        self.lost.correlation_id()
    }

    /// The sequence id of the call, where the operation has one.
    #[must_use]
    pub fn sequence_id(&self) -> Option<&str> {
        self.sequence_id.as_deref()
    }

    /// What a person can do about it, in plain English: the words of
    /// [`Outcome::hint`](crate::Outcome::hint).
    #[must_use]
    pub fn what_a_person_can_do(&self) -> &'static str {
        self.operation.outcome().map_or("", crate::Outcome::hint)
    }
}
