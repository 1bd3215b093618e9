//! Responses, errors and outcomes for unit tests of your own branches. Feature `test-util`, which
//! is never on by default: turn it on for `dev-dependencies` only.
//!
//! What is made here is what a call would end in: the delivery of an error follows from its code by
//! the description, and the verdict of an outcome from its error or response. For whole calls there
//! is the crate `konaplate-sandbox`.
//!
//! ```
//! use konaplate::types::RechargeFromBankAccountResponseBody;
//! use konaplate::{Delivery, Outcome, test_util};
//!
//! const RECHARGE: &str = "recharge_from_bank_account";
//!
//! let error = test_util::failure(RECHARGE, "007_003");
//! assert_eq!(error.delivery(), Delivery::Declined);
//!
//! let outcome: Outcome<_> =
//!     test_util::outcome::<RechargeFromBankAccountResponseBody>(RECHARGE, Err(error));
//! assert!(matches!(outcome, Outcome::Declined(_)));
//! ```

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Delivery, Error, ErrorCode, ErrorKind};
use crate::operation::{Effect, InquiryResult, Operation};
use crate::outcome::{self, CallRecord, Never, Outcome, PaymentOutcome, Processed};
use crate::pipeline::{Exchange, Plan, Response, failure_of, typed_response};
use crate::protocol::{CorrelationId, TimeZone};
use crate::types::NetworkCancelPaymentResponseBody;

fn operation(id: &str) -> &'static Operation {
    Operation::find(id).unwrap_or_else(|| panic!("the description has no operation {id}"))
}

fn exchange(status: StatusCode) -> Exchange {
    Exchange::new(
        CorrelationId::fresh(TimeZone::Kst),
        status.as_u16(),
        &http::HeaderMap::new(),
    )
}

fn sent(error: Error, operation: &Operation) -> Error {
    error
        .with_operation(operation.id().into())
        .with_correlation_id(CorrelationId::fresh(TimeZone::Kst))
        .with_attempts(1)
}

/// The response of a success with this plaintext, as the call returns it: an error of the delivery
/// [`ProcessedUnreadable`](Delivery::ProcessedUnreadable) where it lacks a field.
///
/// # Errors
/// The plaintext cannot be read as the operation's response.
///
/// # Panics
/// The description has no such operation, or the plaintext is no object.
pub fn response<T: DeserializeOwned>(
    operation_id: &str,
    plaintext: Value,
) -> Result<Response<T>, Error> {
    let Value::Object(body) = plaintext else {
        panic!("the plaintext of a response is an object");
    };
    let plan = Plan::of(operation(operation_id));
    typed_response(body, exchange(StatusCode::OK), &plan)
}

/// The error of a call that the platform responded to with HTTP status 400 and this code, such as
/// `007_003`. Its delivery is what the code proves.
///
/// # Panics
/// The description has no such operation.
#[must_use]
pub fn failure(operation_id: &str, code: &str) -> Error {
    let operation = operation(operation_id);
    let status = StatusCode::BAD_REQUEST;
    let error = failure_of(&Plan::of(operation), status, ErrorCode::from_wire(code), "");
    sent(error, operation).with_http_status(status.as_u16())
}

/// The error of a call that could not connect: [`Delivery::NotSent`].
///
/// # Panics
/// The description has no such operation.
#[must_use]
pub fn not_sent(operation_id: &str) -> Error {
    let message = "the platform could not be reached";
    let error = Error::new(ErrorKind::Connect, Delivery::NotSent, message);
    sent(error, operation(operation_id))
}

/// The error of a call whose response was lost: [`Delivery::MaybeProcessed`].
///
/// # Panics
/// The description has no such operation.
#[must_use]
pub fn lost(operation_id: &str) -> Error {
    let message = "before a response came";
    let error = Error::new(ErrorKind::Transport, Delivery::MaybeProcessed, message);
    sent(error, operation(operation_id))
}

fn record(operation_id: &str) -> CallRecord {
    let operation = operation(operation_id);
    let moves_money = operation.effect() == Effect::MovesMoney;
    assert!(moves_money, "{operation_id} moves no money");
    CallRecord::new(operation, Some("TEST-1".to_owned()))
}

/// What a call ends in by its own response, or by its error, where nobody is asked.
///
/// # Panics
/// The description has no such operation, or it moves no money; or the error is one of a call that
/// was not tried.
pub fn outcome<T>(operation_id: &str, result: Result<Response<T>, Error>) -> Outcome<Processed<T>> {
    outcome::of_platform(record(operation_id), result).expect("the call was tried")
}

/// The same of an operation that the member completes: its success is a payment window or a
/// barcode.
///
/// # Panics
/// As [`outcome()`].
pub fn opened<T>(
    operation_id: &str,
    result: Result<Response<T>, Error>,
) -> Outcome<Never, Processed<T>> {
    outcome::of_member(record(operation_id), result).expect("the call was tried")
}

/// What a call ends in after one inquiry that returned this word, such as `PENDING`.
///
/// # Panics
/// As [`outcome()`]; or the operation has no inquiry.
pub fn inquired<T>(
    operation_id: &str,
    result: Result<Response<T>, Error>,
    word: &str,
) -> Outcome<Processed<T>> {
    let described = operation(operation_id).outcome();
    let inquiry = described
        .and_then(crate::DescribedOutcome::inquiry)
        .expect("the operation has an inquiry");
    let says: InquiryResult = inquiry.result(word);
    outcome::after_inquiry(record(operation_id), result, says).expect("the call was tried")
}

/// A payment that failed so and was cancelled with this response.
///
/// # Panics
/// The error is one of a call that was not tried.
pub fn cancelled(
    payment: Error,
    cancellation: Response<NetworkCancelPaymentResponseBody>,
) -> PaymentOutcome {
    outcome::taken_back(record("pay_with_token"), payment, cancellation)
        .expect("the call was tried")
}
