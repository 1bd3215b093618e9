//! What is known about a call, whatever became of it.

use std::fmt;

use crate::error::{Delivery, Error, ErrorCode, ErrorKind};
use crate::operation::{DescribedOutcome, Inquiry, Operation, Said};
use crate::pipeline::Response;
use crate::protocol::CorrelationId;
use crate::value::MaskedJson;

/// What is known about a call that moves money, and all that is needed to go on later: its ids, why
/// it has no success, and what can be asked.
///
/// Neither `Debug` nor anything else here shows what is sensitive.
pub struct CallRecord {
    operation: Option<&'static Operation>,
    described: &'static DescribedOutcome,
    reference: Option<String>,
    correlation_ids: Vec<CorrelationId>,
    error: Option<Error>,
    undecided: Option<MaskedJson>,
    pending: bool,
    follow_up_error: Option<Error>,
}

impl fmt::Debug for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRecord")
            .field("operation", &self.operation.map(Operation::id))
            .field("reference", &self.reference)
            .field("correlation_ids", &self.correlation_ids)
            .field("error", &self.error)
            .field("pending", &self.pending)
            .field("follow_up_error", &self.follow_up_error)
            .finish_non_exhaustive()
    }
}

impl CallRecord {
    /// Of a call of that operation, which moves money.
    pub(crate) fn new(operation: &'static Operation, reference: Option<String>) -> Self {
        Self {
            operation: Some(operation),
            described: operation
                .outcome()
                .expect("an operation that moves money has an outcome"),
            reference,
            correlation_ids: Vec::new(),
            error: None,
            undecided: None,
            pending: false,
            follow_up_error: None,
        }
    }

    /// Of an earlier call of that operation, or of another one with the same inquiry.
    pub(crate) fn of_earlier_call(operation: &'static Operation, reference: &str) -> Self {
        Self {
            operation: None,
            ..Self::new(operation, Some(reference.to_owned()))
        }
    }

    /// What was called. None where only the outcome of an earlier call was asked for: the inquiry
    /// is that of several operations.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// What the call is asked by, where the operation has such a field: its `sequenceId`, or the
    /// `transactionId` of a payment.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// The correlation ids of everything that was sent, in order: the call itself first, unless
    /// only its outcome was asked for. They are what KONA finds the calls by.
    #[must_use]
    pub fn correlation_ids(&self) -> &[CorrelationId] {
        &self.correlation_ids
    }

    /// Why the call itself has no success that can be read.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The failure code that the call itself was responded to with.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.error.as_ref().and_then(Error::code)
    }

    /// The JSON of the call's response, where it has one that does not make a typed response
    /// available: a failure, or a success that leaves the outcome open or cannot be read.
    #[must_use]
    pub fn response(&self) -> Option<&MaskedJson> {
        self.undecided
            .as_ref()
            .or_else(|| self.error.as_ref().and_then(Error::response))
    }

    /// Whether the platform has the call and does not know its outcome itself yet, by the last that
    /// it said. Ask again later.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending
    }

    /// Why the last inquiry, or the last cancellation, failed. None where none was sent or the last
    /// one succeeded.
    #[must_use]
    pub fn follow_up_error(&self) -> Option<&Error> {
        self.follow_up_error.as_ref()
    }

    /// How the outcome can be asked, by the [reference](Self::reference). None where no operation
    /// returns it.
    #[must_use]
    pub fn inquiry(&self) -> Option<&'static Inquiry> {
        self.described.inquiry()
    }

    /// What a person can do, and whom to ask, in plain English: the words of
    /// [`DescribedOutcome::hint`](crate::DescribedOutcome::hint).
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.described.hint()
    }

    pub(super) fn add_correlation_id(&mut self, id: CorrelationId) {
        self.correlation_ids.push(id);
    }

    pub(super) fn set_pending(&mut self, pending: bool) {
        self.pending = pending;
    }

    pub(super) fn take_follow_up_if(&mut self, is: impl FnOnce(&Error) -> bool) -> Option<Error> {
        match &self.follow_up_error {
            Some(error) if is(error) => self.follow_up_error.take(),
            _ => None,
        }
    }

    pub(super) fn set_follow_up(&mut self, error: Option<Error>) {
        if let Some(error) = error.as_ref().filter(|error| error.attempts() > 0) {
            self.correlation_ids.extend(error.correlation_id());
        }
        self.follow_up_error = error;
    }
}

/// A call that the platform carried out, or opened for the member: its response.
#[derive(Debug)]
pub struct Processed<T> {
    pub(super) record: CallRecord,
    pub(super) response: Option<Response<T>>,
}

impl<T> Processed<T> {
    /// The response. None where it was lost and another one has the outcome, or where it says
    /// success and cannot be read: [`CallRecord::response`] then has its JSON.
    #[must_use]
    pub fn response(&self) -> Option<&Response<T>> {
        self.response.as_ref()
    }

    /// The response, by value.
    #[must_use]
    pub fn into_response(self) -> Option<Response<T>> {
        self.response
    }

    /// What else is known about the call.
    #[must_use]
    pub fn record(&self) -> &CallRecord {
        &self.record
    }
}

/// A call that was not carried out, and the proof of it. A new call is safe.
#[derive(Debug)]
pub struct NotCarriedOut {
    pub(super) record: CallRecord,
    pub(super) proof: Proof,
}

/// Why it is certain that nothing was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// Not a byte of the request left this process.
    NotSent,
    /// The platform responded with a code that can only come when nothing was carried out:
    /// [`CallRecord::code`], of the class
    /// [`Proves::NotCarriedOut`](crate::Proves::NotCarriedOut).
    Code,
    /// The operation that returns the outcome says that the call failed and no money moved.
    Inquiry,
}

impl NotCarriedOut {
    /// The proof.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// What is known about the call.
    #[must_use]
    pub fn record(&self) -> &CallRecord {
        &self.record
    }
}

/// What a call's own response says about it.
pub(super) enum Concluded<T> {
    /// A success, and what it says.
    Processed(Said, Processed<T>),
    NotCarriedOut(NotCarriedOut),
    Declined(CallRecord),
    EarlierCall(CallRecord),
    Unknown(CallRecord),
}

impl CallRecord {
    /// What the result of the call says about it. The error back where the call was not even tried,
    /// for a field or a setting that is wrong or a journal that does not work.
    pub(super) fn conclude<T>(
        mut self,
        sent: Result<Response<T>, Error>,
    ) -> Result<Concluded<T>, Error> {
        let error = match sent {
            Ok(mut response) => {
                self.correlation_ids.push(response.correlation_id());
                let said = response.exchange().said;
                self.pending = said == Said::Pending;
                self.undecided = response.take_undecided();
                let response = Some(response);
                let record = self;
                return Ok(Concluded::Processed(said, Processed { record, response }));
            }
            Err(error) => error,
        };
        let delivery = error.delivery();
        if delivery == Delivery::NotSent && was_not_tried(&error) {
            return Err(error);
        }
        if error.attempts() > 0 {
            self.correlation_ids.extend(error.correlation_id());
        }
        self.error = Some(error);
        let (record, response) = (self, None);
        Ok(match delivery {
            Delivery::NotSent => Concluded::NotCarriedOut(NotCarriedOut {
                record,
                proof: Proof::NotSent,
            }),
            Delivery::NotCarriedOut => Concluded::NotCarriedOut(NotCarriedOut {
                record,
                proof: Proof::Code,
            }),
            Delivery::Declined => Concluded::Declined(record),
            Delivery::EarlierCall => Concluded::EarlierCall(record),
            Delivery::MaybeProcessed => Concluded::Unknown(record),
            // It says success, and not all of it can be read.
            Delivery::ProcessedUnreadable => {
                let body = record.response().and_then(|body| body.expose().as_object());
                let said = body.map_or(Said::Completed, |body| record.described.said(body));
                Concluded::Processed(said, Processed { record, response })
            }
        })
    }
}

/// Whether a call was not tried: sending it again changes nothing.
pub(super) fn was_not_tried(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Configuration | ErrorKind::InvalidRequest | ErrorKind::Journal
    )
}
