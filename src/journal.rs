//! The port through which calls that move money are recorded before they are sent.
//!
//! The client knows when a call is about to leave and what became of it; where that is kept is not
//! its concern. The crate `konaplate-journal` keeps it in SQLite or PostgreSQL and settles what was
//! left open by a crash.
//!
//! What is recorded holds nothing sensitive: of a request and its response only the fields that the
//! description gives a named value without `x-konaplate-sensitive`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::error::{Delivery, Error, ErrorCode, ErrorKind};
use crate::operation::{Effect, Operation, Said};
use crate::protocol::CorrelationId;

/// A call that is about to be sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Intent {
    /// The operation. Its effect is [`Effect::MovesMoney`].
    pub operation: &'static Operation,
    /// The id that the call carries; no other call has it.
    pub correlation_id: CorrelationId,
    /// When, by the client's clock.
    pub time: SystemTime,
    /// Fields of the request that are not sensitive, such as `sequenceId` and `amount`.
    pub fields: Map<String, Value>,
}

/// What became of a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome {
    /// It was not sent: proof that nothing was carried out.
    NotSent,
    /// The platform responded with this code, which is proof that nothing was carried out.
    NotCarriedOut(ErrorCode),
    /// The platform declined this delivery with this code. No proof about an earlier delivery of
    /// the same request.
    Declined(ErrorCode),
    /// The platform responded with this code, which an earlier delivery of the same request could
    /// have caused: that one may have been carried out.
    EarlierCall(ErrorCode),
    /// The platform says success. With the fields of the response that are not sensitive.
    Completed(Map<String, Value>),
    /// The platform says success, and only the member can move the money now: in the payment
    /// window, or with the barcode, that the response holds. With the fields of the response that
    /// are not sensitive.
    AwaitingMember(Map<String, Value>),
    /// The platform says success, and not that nothing is pending, where its response should say
    /// so: the operation that tells the outcome has to be asked. With the fields of the response
    /// that are not sensitive.
    Pending(Map<String, Value>),
    /// No response that tells. It may have been carried out.
    Unknown(Delivery),
}

/// Why something could not be written down. [`SequenceIdUsed`] is the one that the client tells
/// apart.
pub type JournalError = Box<dyn std::error::Error + Send + Sync>;

/// The end of writing something down.
pub type JournalFuture<'a> = Pin<Box<dyn Future<Output = Result<(), JournalError>> + Send + 'a>>;

/// Another call with this sequence id is in the journal, and may have been sent.
///
/// A journal's [`intend`](Journal::intend) fails with this to keep a sequence id from being sent
/// twice. The client's error is then [`ErrorKind::InvalidRequest`] with the name of its field, and
/// its delivery [`Delivery::EarlierCall`]: ask for the outcome of the earlier call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceIdUsed;

impl fmt::Display for SequenceIdUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a new one for each call: by the journal, another call that may have been sent \
             has it",
        )
    }
}

impl std::error::Error for SequenceIdUsed {}

/// Keeps intents and outcomes. [`ClientBuilder::journal`](crate::ClientBuilder::journal) takes one.
///
/// It is called for operations that move money, and for no others.
pub trait Journal: fmt::Debug + Send + Sync + 'static {
    /// Writes an intent down. When this ends without an error the intent survives a crash; the call
    /// is sent after that, and not at all if there is an error. [`SequenceIdUsed`] says that the
    /// call must not be sent, because another one that was may have its sequence id.
    fn intend(&self, intent: Intent) -> JournalFuture<'_>;

    /// Writes down what became of a call. If this fails the entry stays open, as after a crash, and
    /// the caller gets the response all the same.
    fn conclude(&self, correlation_id: CorrelationId, outcome: Outcome) -> JournalFuture<'_>;
}

impl Intent {
    /// The intent of a call, if it is one to write down. `plaintext` is the request before
    /// encryption.
    pub(crate) fn of(
        operation: Option<&'static Operation>,
        correlation_id: CorrelationId,
        time: SystemTime,
        plaintext: &[u8],
    ) -> Option<Self> {
        let operation = operation.filter(|known| known.effect == Effect::MovesMoney)?;
        let body: Map<_, _> = serde_json::from_slice(plaintext).unwrap_or_default();
        Some(Self {
            operation,
            correlation_id,
            time,
            fields: plain_fields(&body, operation.plain_request),
        })
    }

    /// The error of a call whose intent could not be written down.
    pub(crate) fn not_recorded(operation: &Operation, error: JournalError) -> Error {
        if error.is::<SequenceIdUsed>() {
            let field = operation.outcome().and_then(|outcome| outcome.reference());
            let field = field.unwrap_or("sequence id");
            return Error::rule(ErrorKind::InvalidRequest, field, SequenceIdUsed)
                .with_delivery(Delivery::EarlierCall)
                .with_source(error);
        }
        Error::new(
            ErrorKind::Journal,
            Delivery::NotSent,
            "the journal could not record the call's intent, so the call was not sent",
        )
        .with_source(error)
    }
}

impl Outcome {
    /// The outcome of a call by its result.
    pub(crate) fn of(
        operation: &Operation,
        result: Result<(&Map<String, Value>, Said), &Error>,
    ) -> Self {
        let error = match result {
            Ok((body, said)) => {
                let fields = plain_fields(body, operation.plain_response);
                return match said {
                    Said::Completed => Self::Completed(fields),
                    Said::AwaitingMember => Self::AwaitingMember(fields),
                    Said::Pending | Said::Unclear => Self::Pending(fields),
                };
            }
            Err(error) => error,
        };
        match (error.delivery(), error.code()) {
            (Delivery::NotSent, _) => Self::NotSent,
            (Delivery::NotCarriedOut, Some(code)) => Self::NotCarriedOut(code.clone()),
            (Delivery::Declined, Some(code)) => Self::Declined(code.clone()),
            (Delivery::EarlierCall, Some(code)) => Self::EarlierCall(code.clone()),
            (delivery, _) => Self::Unknown(delivery),
        }
    }
}

/// The members that are listed, as far as they are single values.
fn plain_fields(body: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    body.iter()
        .filter(|(name, value)| {
            names.contains(&name.as_str()) && !value.is_object() && !value.is_array()
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
