//! From what became of a request to a response: status, body, headers, encryption.

use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use konaplate::protocol::headers::{CORRELATION_ID, CRYPTO_KEY_ID};
use konaplate::{CorrelationId, ErrorCode, SUCCESS, TimeZone};
use serde_json::{Map, Value, json};

use crate::contract::{FaultKind, OperationContract, SchemaFault};
use crate::fixtures;
use crate::platform::Executed;
use crate::state::Refusal;
use crate::verify::{self, Check, Rejection, Verifier};

/// A request that breaks its schema gets the documented code for that, if the operation has one;
/// the vendor's codes tell a missing value, a wrong one, and an amount that is too small apart.
pub(crate) fn faulty(
    contract: &OperationContract,
    fault: &SchemaFault,
) -> Result<Rendered, Rejection> {
    let expected = format!("{}: {}", fault.field, fault.expected);
    let candidates: &[ErrorCode] = match (fault.kind, fault.field.as_str()) {
        (FaultKind::TooSmall, "amount") => &[
            ErrorCode::GiftAmountZero,
            ErrorCode::RechargeBelowMinimumAmount,
            ErrorCode::RechargeAmountNotPositive,
            ErrorCode::InvalidInputParameter,
        ],
        (FaultKind::Missing, _) => &[
            ErrorCode::MissingRequiredValue,
            ErrorCode::InvalidInputParameter,
        ],
        (_, "cardNo") => &[
            ErrorCode::TokenCardNumberInvalid,
            ErrorCode::InvalidInputParameter,
        ],
        _ => &[ErrorCode::InvalidInputParameter],
    };
    let code = candidates
        .iter()
        .find(|code| contract.failure(code.code()).is_some())
        .ok_or_else(|| Rejection::bad(Check::Schema, expected.clone()))?;
    let message = contract.message(code, Some(&fault.field));
    Ok(Rendered::failure(
        code.code(),
        &message,
        Rejection::bad(Check::Schema, expected),
    ))
}

/// What an executed request becomes.
pub(crate) fn executed(contract: &OperationContract, executed: Executed) -> Rendered {
    match executed {
        Executed::Done(fields) => Rendered::success(contract, fields),
        Executed::Refused(refusal) => Rendered::refused(contract, refusal),
        // There is no state of it here: the description's example stands in.
        Executed::Stateless => Rendered {
            carried_out: true,
            ..Rendered::new(
                StatusCode::OK,
                contract.success(None).cloned().unwrap_or_default(),
            )
        },
        Executed::NotStored => Rendered {
            carried_out: true,
            ..Rendered::rejected(Rejection::failed(
                Check::Storage,
                "the file of the sandbox takes what was changed; its log says why not",
            ))
        },
    }
}

/// A response in the making.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// Whether it is, or has to be, encrypted.
    pub(crate) encrypted: bool,
    pub(crate) key_id: HeaderValue,
    pub(crate) correlation_id: Option<CorrelationId>,
    /// Whether the connection ends with it.
    pub(crate) closes: bool,
    /// Whether the call had its effect.
    pub(crate) carried_out: bool,
    /// The code before a fault was injected and the body encrypted.
    pub(crate) decided: Option<String>,
    /// The check that failed, if it is a refusal.
    pub(crate) failed: Option<Rejection>,
}

impl Rendered {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            encrypted: false,
            key_id: HeaderValue::from_static(fixtures::CRYPTO_KEY_ID),
            correlation_id: None,
            closes: false,
            carried_out: false,
            decided: None,
            failed: None,
        }
    }

    pub(crate) fn success(contract: &OperationContract, fields: Value) -> Self {
        let mut body = Map::new();
        body.insert(
            "response".to_owned(),
            json!({"code": SUCCESS, "description": contract.success_message()}),
        );
        if let Value::Object(fields) = fields {
            body.extend(fields);
        }
        Self {
            carried_out: true,
            ..Self::new(StatusCode::OK, Value::Object(body))
        }
    }

    pub(crate) fn refused(contract: &OperationContract, refusal: Refusal) -> Self {
        let documented = contract.failure(refusal.code.code()).is_some();
        let rejection = Rejection::bad(Check::State, refusal.rule);
        if refusal.field.is_some() && !documented {
            return Self::rejected(rejection);
        }
        let message = contract.message(&refusal.code, refusal.field);
        Self::failure(refusal.code.code(), &message, rejection)
    }

    /// A failure with a documented code, and beside the envelope what the sandbox has to say of it.
    pub(crate) fn failure(code: &str, message: &str, rejection: Rejection) -> Self {
        let body = json!({
            "response": {"code": code, "description": message},
            "sandbox": {"check": rejection.check.code(), "expected": rejection.expected},
        });
        Self::failing(rejection.status, body, rejection)
    }

    pub(crate) fn rejected(rejection: Rejection) -> Self {
        let prefix = konaplate::error::SANDBOX_PREFIX;
        let code = format!("{prefix}{}", rejection.check.code());
        let message = rejection.expected.clone();
        Self::failure(&code, &message, rejection)
    }

    /// A refusal with this status and body.
    pub(crate) fn failing(status: StatusCode, body: Value, rejection: Rejection) -> Self {
        Self {
            failed: Some(rejection),
            ..Self::new(status, body)
        }
    }

    /// The last one of its connection.
    pub(crate) fn closing(self) -> Self {
        Self {
            closes: true,
            ..self
        }
    }

    /// Gives it a correlation id if it has none: the request's, or one that is made where that has
    /// none in its form.
    pub(crate) fn identify(&mut self, headers: &HeaderMap) {
        self.correlation_id.get_or_insert_with(|| {
            verify::correlation_id(headers).unwrap_or_else(|_| CorrelationId::fresh(TimeZone::Kst))
        });
    }

    pub(crate) fn wire_code(&self) -> Option<String> {
        self.body["response"]["code"].as_str().map(shown_code)
    }

    /// The code that the platform decided on.
    pub(crate) fn code(&self) -> Option<String> {
        self.decided.clone().or_else(|| self.wire_code())
    }

    /// Encrypts the body, if that is to be.
    pub(crate) fn encrypt(&mut self, verifier: &Verifier) {
        if !self.encrypted {
            return;
        }
        let body = verifier
            .encrypt(self.body.to_string().as_bytes())
            .map_err(|error| error.to_string())
            .and_then(|body| serde_json::from_slice(&body).map_err(|error| error.to_string()));
        match body {
            Ok(body) => self.body = body,
            Err(error) => {
                let rejection = Rejection::failed(Check::Encryption, error);
                *self = Self {
                    carried_out: self.carried_out,
                    ..Self::rejected(rejection)
                };
            }
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(id) = self
            .correlation_id
            .and_then(|id| HeaderValue::from_str(id.as_str()).ok())
        {
            headers.insert(CORRELATION_ID, id);
        }
        if self.closes {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if self.encrypted {
            headers.insert(CRYPTO_KEY_ID, self.key_id.clone());
        }
        headers
    }

    /// As HTTP has it.
    pub(crate) fn to_http(&self) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body.to_string().into_bytes());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers();
        response
    }

    /// The response as it is on the wire, with a Content-Length that this makes of its body's.
    pub(crate) fn bytes(&self, length: impl FnOnce(usize) -> usize) -> Vec<u8> {
        let body = self.body.to_string();
        let mut bytes = format!("HTTP/1.1 {}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let length = length(body.len());
        bytes.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(body.as_bytes());
        bytes
    }
}

/// A code that may be shown: one in the platform's form, or one of the sandbox's own checks.
fn shown_code(code: &str) -> String {
    // What is no such code prints as something else.
    let is_platform = konaplate::ErrorCode::from_wire(code).to_string() == code;
    if is_platform || konaplate::error::is_sandbox_code(code) {
        code.to_owned()
    } else {
        "…".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_code_is_not_shown() {
        for code in ["000_000", "007_009", "sandbox:tran-token"] {
            assert_eq!(shown_code(code), code);
        }
        for code in ["", "9491339401250765", "sandbox:949", "7_009", "007_00９"] {
            assert_eq!(shown_code(code), "…", "{code}");
        }
    }
}
