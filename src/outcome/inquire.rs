//! Asks the operation that returns an outcome, until it is known.

use tokio::time::Instant;

use super::record::{CallRecord, Concluded, NotCarriedOut, Processed, Proof, was_not_tried};
use super::{Never, Outcome};
use crate::error::{Error, ErrorCode};
use crate::operation::{InquiryResult, Said};
use crate::pipeline::{OutcomePolicy, Response};

/// How to ask for the outcome of a call.
pub(crate) struct Inquirer<A, S> {
    pub(crate) policy: OutcomePolicy,
    /// Sends the inquiry. Each is sent once: asking again is done here.
    pub(crate) ask: A,
    /// What its response says.
    pub(crate) says: S,
}

/// How long to go on asking.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// One inquiry. An earlier delivery that was carried out is known by then.
    Once,
    /// Until the platform knows the call, or says that it knows none.
    Known,
    /// Until the outcome is known. That the call is not known is no end: it may be on its way.
    Decided,
}

/// What the inquiries came to.
enum Found<R> {
    Completed(Response<R>),
    Failed,
    /// Nothing that settles it.
    Open,
}

impl<A, S> Inquirer<A, S> {
    /// The outcome of a call that was just sent, by its own response if that says it.
    pub(crate) async fn after_call<T, R, F>(
        self,
        record: CallRecord,
        sent: Result<Response<T>, Error>,
    ) -> Result<Outcome<Processed<T>>, Error>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        S: Fn(&R) -> InquiryResult,
    {
        type Left<T> = fn(CallRecord) -> Outcome<Processed<T>>;
        let (mut record, response, until, left): (_, _, _, Left<T>) = match record.conclude(sent)? {
            Concluded::Processed(Said::Completed | Said::AwaitingMember, processed) => {
                return Ok(Outcome::Completed(processed));
            }
            Concluded::NotCarriedOut(proven) => return Ok(Outcome::NotCarriedOut(proven)),
            Concluded::Processed(_, Processed { record, response }) => {
                (record, response, Until::Decided, Outcome::Unknown)
            }
            Concluded::Unknown(record) => (record, None, Until::Decided, Outcome::Unknown),
            Concluded::EarlierCall(record) => (record, None, Until::Known, Outcome::EarlierCall),
            Concluded::Declined(record) => (record, None, Until::Once, Outcome::Declined),
        };
        tracing::debug!("the outcome is asked for");
        let started = Instant::now();
        if until == Until::Decided {
            tokio::time::sleep(self.policy.interval).await;
        }
        Ok(match self.ask(&mut record, until, started).await {
            Found::Completed(_) => Outcome::Completed(Processed { record, response }),
            Found::Failed => not_carried_out(record),
            // The platform has it, whatever it said before.
            Found::Open if record.is_pending() => Outcome::Unknown(record),
            Found::Open => left(record),
        })
    }

    /// The outcome of a call that was sent some time ago. An error where nothing could be asked.
    pub(crate) async fn of_earlier_call<R, F>(
        self,
        mut record: CallRecord,
    ) -> Result<Outcome<Processed<R>>, Error>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        S: Fn(&R) -> InquiryResult,
    {
        Ok(
            match self.ask(&mut record, Until::Decided, Instant::now()).await {
                Found::Completed(response) => Outcome::Completed(Processed {
                    record,
                    response: Some(response),
                }),
                Found::Failed => not_carried_out(record),
                Found::Open => match record.take_follow_up_if(was_not_tried) {
                    Some(error) => return Err(error),
                    None => Outcome::Unknown(record),
                },
            },
        )
    }

    async fn ask<R, F>(&self, record: &mut CallRecord, until: Until, started: Instant) -> Found<R>
    where
        A: Fn() -> F,
        F: Future<Output = Result<Response<R>, Error>>,
        S: Fn(&R) -> InquiryResult,
    {
        loop {
            let mut pause = self.policy.interval;
            match (self.ask)().await {
                Ok(result) => {
                    record.add_correlation_id(result.correlation_id());
                    record.set_follow_up(None);
                    let says = (self.says)(&result);
                    record.set_pending(says == InquiryResult::Pending);
                    match says {
                        InquiryResult::Completed => return Found::Completed(result),
                        InquiryResult::Failed => return Found::Failed,
                        InquiryResult::Pending | InquiryResult::Unclear => {}
                    }
                }
                Err(error) => {
                    // Of all failures only this one says something about the call.
                    let is_unknown = error.code() == Some(&ErrorCode::PreviousTransactionNotFound);
                    if is_unknown {
                        record.set_pending(false);
                    }
                    pause = pause.max(error.retry_after().unwrap_or_default());
                    let in_vain = was_not_tried(&error);
                    record.set_follow_up(Some(error));
                    if in_vain || (is_unknown && until == Until::Known) {
                        return Found::Open;
                    }
                }
            }
            let goes_on = until != Until::Once || record.is_pending();
            let left = self.policy.deadline.saturating_sub(started.elapsed());
            if !goes_on || pause >= left {
                return Found::Open;
            }
            tokio::time::sleep(pause).await;
        }
    }
}

fn not_carried_out<T>(record: CallRecord) -> Outcome<T, Never, Never> {
    Outcome::NotCarriedOut(NotCarriedOut {
        record,
        proof: Proof::Inquiry,
    })
}

/// What a call ends in after one inquiry that says this.
#[cfg(feature = "test-util")]
pub(crate) fn after_inquiry<T>(
    record: CallRecord,
    sent: Result<Response<T>, Error>,
    says: InquiryResult,
) -> Result<Outcome<Processed<T>>, Error> {
    let (mut record, response) = match super::of_platform(record, sent)? {
        Outcome::Completed(Processed { record, response }) => (record, response),
        Outcome::Declined(record) | Outcome::EarlierCall(record) | Outcome::Unknown(record) => {
            (record, None)
        }
        proven => return Ok(proven),
    };
    record.set_pending(says == InquiryResult::Pending);
    Ok(match says {
        InquiryResult::Completed => Outcome::Completed(Processed { record, response }),
        InquiryResult::Failed => not_carried_out(record),
        InquiryResult::Pending | InquiryResult::Unclear => Outcome::Unknown(record),
    })
}
