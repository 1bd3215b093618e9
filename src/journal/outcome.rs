//! What became of a call.

use serde_json::{Map, Value};

use super::plain_fields;
use crate::error::{Delivery, Error, ErrorCode};
use crate::operation::{Operation, Said};
use crate::protocol::CorrelationId;

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
    /// A success of its network cancellation, which this correlation id carried: whether the payment
    /// was made or not, it is taken back.
    Cancelled(CorrelationId),
    /// No response that tells. It may have been carried out.
    Unknown(Delivery),
}

impl Outcome {
    /// The outcome of a call by its result.
    pub(crate) fn of(
        operation: Option<&Operation>,
        result: Result<(&Map<String, Value>, Said), &Error>,
    ) -> Self {
        let error = match result {
            Ok((body, said)) => {
                let fields = operation
                    .map_or_else(Map::new, |known| plain_fields(body, known.plain_response));
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
