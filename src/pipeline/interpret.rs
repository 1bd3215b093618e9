//! What came back: success, a documented failure, or something else.
//!
//! Each body is parsed once: the outer one, and the plaintext where it was encrypted. What is
//! encrypted is decrypted whatever the description says.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::{Map, Value};
use tracing::Span;

use super::Pipeline;
use super::caller::Caller;
use super::plan::Plan;
use super::response::Exchange;
use super::retry_after::retry_after;
use super::transport::HttpResponse;
use crate::credentials::CryptoKey;
use crate::error::{Delivery, Error, ErrorCode, ErrorKind, masked_excerpt};
use crate::journal::Recording;
use crate::operation::{Operation, Proves, Said};
use crate::protocol::envelope::{Document, SUCCESS, read_any};
use crate::protocol::{AsItCame, CorrelationId, Received, headers};
use crate::value::MaskedJson;

/// Where every response has a message of free text.
const MESSAGE: &str = "response.description";

/// A response that says success: its plaintext, parsed, and how it came.
pub(crate) struct Success {
    pub(crate) body: Map<String, Value>,
    pub(crate) exchange: Exchange,
    pub(crate) came: AsItCame,
    /// Whether the body is no JSON behind what was read. It is a success to the journal all the same,
    /// and none to the caller.
    pub(crate) is_cut: bool,
}

impl Success {
    /// The success, if its body was read to its end.
    pub(crate) fn whole(self, plan: &Plan) -> Result<Self, Error> {
        if self.is_cut {
            let error = said_success("and what follows cannot be read");
            return Err(self.unreadable(error, plan));
        }
        Ok(self)
    }

    /// What this success is to the caller, where it cannot be read: with the whole of it.
    pub(super) fn unreadable(self, error: Error, plan: &Plan) -> Error {
        error
            .with_operation(plan.name())
            .with_correlation_id(self.exchange.correlation_id)
            .with_attempts(self.exchange.attempts)
            .with_http_status(self.exchange.http_status)
            .with_response(Some(Value::Object(self.body).into()))
            .with_bytes(self.came.bytes)
    }
}

impl fmt::Debug for Success {
    /// Shows nothing of what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Success")
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Reads a response. Only a success with the code of success is one.
    pub(super) fn interpret(
        &self,
        plan: &Plan,
        response: HttpResponse,
        caller: &Caller,
        key: Option<&CryptoKey>,
        id: CorrelationId,
        span: &Span,
    ) -> Result<Success, Error> {
        let status = response.status;
        span.record("status", status.as_u16());
        let wait = retry_after(&response.headers, (self.clock)());
        let mut exchange = Exchange::new(id, status.as_u16(), &response.headers);
        exchange.request_encrypted = key.is_some() && plan.encrypts_request();
        self.read(plan, response, caller, key, exchange, span)
            .map_err(|error| {
                error
                    .with_http_status(status.as_u16())
                    .with_retry_after(wait)
            })
    }

    fn read(
        &self,
        plan: &Plan,
        response: HttpResponse,
        caller: &Caller,
        key: Option<&CryptoKey>,
        mut exchange: Exchange,
        span: &Span,
    ) -> Result<Success, Error> {
        let HttpResponse {
            status,
            headers: response_headers,
            body,
        } = response;
        let body = body?;
        if self.is_for_another_call(&exchange) {
            return Err(unexpected("the response to another call", &body));
        }
        if status.is_redirection() {
            return Err(unexpected("a redirect, which is not followed", &body));
        }
        if body.is_empty() {
            return Err(unexpected("an empty body", &body));
        }
        let (mut received, mut is_cut) = parse(plan, status, &body)?;
        let mut plaintext = body;
        if let Some(jwe) = received.document.enc_data() {
            plaintext = caller
                .keyring
                .decrypt(jwe, response_headers.get(headers::CRYPTO_KEY_ID), key)
                .map_err(|error| {
                    Error::new(
                        ErrorKind::Decryption,
                        Delivery::MaybeProcessed,
                        error.to_string(),
                    )
                    .with_source(error)
                })?;
            let envelope = received.came.repairs;
            (received, is_cut) = parse(plan, status, &plaintext)?;
            received.came.repairs.splice(..0, envelope);
            exchange.response_encrypted = true;
        }
        let Received { document, mut came } = received;
        let body = require_success(plan, status, document, &plaintext, self.shows_sandbox, span)?;
        exchange.said = said(plan, &body);
        came.bytes = plaintext.into();
        Ok(Success {
            body,
            exchange,
            came,
            is_cut,
        })
    }

    /// Whether a response carries the id of another call: on a connection that is kept alive, a
    /// response that came twice is taken for the response to the next call.
    ///
    /// That responses carry their call's id is not documented, only likely. So it is held against a
    /// response only when another one of this client has shown it. The first response on a
    /// connection cannot be such a second one.
    fn is_for_another_call(&self, exchange: &Exchange) -> bool {
        let Some(carried) = &exchange.response_correlation_id else {
            return false;
        };
        if carried == exchange.correlation_id.as_str() {
            self.ids_come_back.store(true, Ordering::Relaxed);
            return false;
        }
        self.ids_come_back.load(Ordering::Relaxed)
    }
}

/// Reads a body, and whether it says success and is no JSON further on.
fn parse(plan: &Plan, status: StatusCode, body: &[u8]) -> Result<(Received, bool), Error> {
    let is_free_text = |field: &str| match plan.operation {
        Some(operation) => operation.free_text.contains(&field),
        None => field == MESSAGE,
    };
    let read = match Received::read(body, is_free_text) {
        Ok(received) => return Ok((received, false)),
        Err(read) => read,
    };
    let says_success = read.status().is_some_and(|status| status.code == SUCCESS);
    if says_success && status.is_success() {
        Ok((Received::cut(read), true))
    } else {
        Err(unexpected("no JSON object with a code", body))
    }
}

/// The platform said success, and not all it said can be read.
pub(super) fn said_success(but: impl fmt::Display) -> Error {
    Error::new(
        ErrorKind::UnreadableResponse,
        Delivery::ProcessedUnreadable,
        format!("the platform says success, {but}"),
    )
}

/// What came is no response to this call. Where it is JSON all the same, it is kept.
fn unexpected(what: &str, body: &[u8]) -> Error {
    no_response(what, body).with_response(read_any(body).map(MaskedJson::from))
}

/// The same, without what came.
fn no_response(what: &str, body: &[u8]) -> Error {
    let excerpt = masked_excerpt(body);
    let message = if excerpt.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: “{excerpt}”")
    };
    Error::new(
        ErrorKind::UnexpectedResponse,
        Delivery::MaybeProcessed,
        message,
    )
    .with_bytes(body.to_vec().into())
}

/// An error unless the platform says that the call succeeded.
fn require_success(
    plan: &Plan,
    http_status: StatusCode,
    document: Document,
    plaintext: &[u8],
    shows_sandbox: bool,
    span: &Span,
) -> Result<Map<String, Value>, Error> {
    let error = match document.status() {
        None => no_response("no JSON object with a code", plaintext),
        Some(status) if status.code == SUCCESS => {
            span.record("code", SUCCESS);
            if http_status.is_success() {
                return Ok(document.into_members());
            }
            no_response("a success code with a status of failure", plaintext)
        }
        Some(status) => {
            let mut code = ErrorCode::from_wire(status.code);
            if shows_sandbox {
                code = code.of_sandbox();
            }
            span.record("code", tracing::field::display(&code));
            failed(
                plan,
                http_status,
                code,
                status.description.unwrap_or_default(),
            )
        }
    };
    Err(error.with_response(Some(document.into_value().into())))
}

/// What a success says about the outcome.
pub(super) fn said(plan: &Plan, body: &Map<String, Value>) -> Said {
    plan.operation
        .and_then(Operation::outcome)
        .map_or(Said::Completed, |outcome| outcome.said(body))
}

/// What a code proves. Every documented failure has HTTP status 400: what comes with another one,
/// from the platform or from what stands in front of it, is proof of nothing.
fn delivery(plan: &Plan, status: StatusCode, code: &ErrorCode) -> Delivery {
    let Some(operation) = plan.operation else {
        return Delivery::MaybeProcessed;
    };
    match operation.proves(code) {
        _ if status != StatusCode::BAD_REQUEST => Delivery::MaybeProcessed,
        Proves::NotCarriedOut => Delivery::NotCarriedOut,
        Proves::EarlierCall => Delivery::EarlierCall,
        Proves::Declined => Delivery::Declined,
        Proves::Failure => Delivery::MaybeProcessed,
    }
}

/// The platform responded with a code that is not success.
pub(crate) fn failed(plan: &Plan, status: StatusCode, code: ErrorCode, description: &str) -> Error {
    let delivery = delivery(plan, status, &code);
    let message = if code.is_sandbox() || is_documented_message(plan, &code, description) {
        format!("{code} {description}")
    } else {
        let meaning = code
            .meaning()
            .map(|meaning| format!(" {meaning}"))
            .unwrap_or_default();
        match masked_excerpt(description.as_bytes()) {
            excerpt if excerpt.is_empty() => format!("{code}{meaning}"),
            excerpt => format!("{code}{meaning} “{excerpt}”"),
        }
    };
    Error::new(ErrorKind::Code, delivery, message).with_code(code)
}

/// Whether a message is one of the description's, or one of them with another field's name at its
/// end. Then it repeats nothing of the request and may be shown.
fn is_documented_message(plan: &Plan, code: &ErrorCode, message: &str) -> bool {
    let fields = plan.operation.map_or(&[][..], |operation| operation.fields);
    // A field inside an object is named by its path: cardInfo.oldCardNo, tcList[1].tcId.
    let is_field = |path: &str| {
        path.split(['.', '[', ']'])
            .filter(|part| !part.is_empty())
            .all(|part| fields.contains(&part) || (part.len() <= 3 && part.parse::<u16>().is_ok()))
    };
    code.messages().iter().any(|documented| {
        let stem = documented
            .rsplit_once(". ")
            .map_or(documented.trim_end_matches('.'), |(stem, _)| stem);
        *documented == message
            || message
                .strip_prefix(stem)
                .map(|rest| rest.trim_start_matches(['.', ' ']))
                .is_some_and(is_field)
    })
}

impl Exchange {
    pub(crate) fn new(
        correlation_id: CorrelationId,
        http_status: u16,
        headers: &HeaderMap,
    ) -> Self {
        let text = |name: HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Self {
            correlation_id,
            http_status,
            response_correlation_id: text(headers::CORRELATION_ID),
            crypto_key_id: text(headers::CRYPTO_KEY_ID),
            request_encrypted: false,
            response_encrypted: false,
            attempts: 1,
            said: Said::Completed,
            recording: Recording::default(),
            elapsed: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use konaplate_spec::{Effect, Proves as Class, Spec};

    use super::*;

    /// Every operation, every code that is known and one that is not, every HTTP status. What is
    /// expected is taken from the description, not from the table that was generated from it.
    #[test]
    fn what_a_code_proves_is_what_the_description_says_and_only_with_status_400() {
        let spec = Spec::from_yaml(crate::DESCRIPTION).unwrap();
        let codes: Vec<_> = spec
            .codes()
            .iter()
            .map(|code| code.code.as_str())
            .chain(["999_999", "sandbox:schema", ""])
            .collect();
        let mut proofs = 0;
        for described in spec.operations() {
            let plan = Plan::of(Operation::find(&described.id).unwrap());
            for code in &codes {
                let class = match &described.outcome {
                    Some(outcome) => outcome.proves(code),
                    None if spec.code(code).is_some() => Class::Declined,
                    None => Class::Failure,
                };
                for status in 100..600 {
                    let http_status = StatusCode::from_u16(status).unwrap();
                    let error = failed(&plan, http_status, ErrorCode::from_wire(code), "");
                    let expected = match class {
                        _ if status != 400 => Delivery::MaybeProcessed,
                        Class::NotCarriedOut => Delivery::NotCarriedOut,
                        Class::EarlierCall => Delivery::EarlierCall,
                        Class::Declined => Delivery::Declined,
                        Class::Failure => Delivery::MaybeProcessed,
                    };
                    assert_eq!(
                        error.delivery(),
                        expected,
                        "{} {code} {status}",
                        described.id
                    );
                    proofs += usize::from(expected == Delivery::NotCarriedOut);
                }
                if described.effect != Effect::MovesMoney {
                    assert_ne!(class, Class::NotCarriedOut);
                }
            }
        }
        assert_eq!(proofs, 7, "the marks of the description");
    }
}
