//! What the platform has to say, and what a fault makes of it on its way out.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use konaplate::headers::{CORRELATION_ID, CRYPTO_KEY_ID};
use konaplate::{CorrelationId, ErrorCode, SUCCESS};
use serde_json::{Map, Value, json};

use crate::check::Rejection;
use crate::contract::{FaultKind, OperationContract, SchemaFault};
use crate::faults::Fault;
use crate::fixtures;
use crate::requests::shown_code;
use crate::wire::{Connection, Instead};
use crate::world::Refusal;

/// A request that breaks its schema is answered with the documented code for that, if the operation
/// has one; the vendor's codes tell a missing value, a wrong one, and an amount that is too small
/// apart.
pub(crate) fn faulty(
    contract: &OperationContract,
    fault: &SchemaFault,
) -> Result<Answer, Rejection> {
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
        .ok_or_else(|| Rejection::bad("schema", expected.clone()))?;
    let message = contract.message(code, Some(&fault.field));
    Ok(Answer::failure(code.code(), &message, "schema", &expected))
}

/// What the platform has to say.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// Whether it is, or has to be, encrypted.
    pub(crate) encrypted: bool,
    pub(crate) key_id: HeaderValue,
    pub(crate) correlation_id: Option<CorrelationId>,
    /// Whether the call had its effect.
    pub(crate) carried_out: bool,
    /// The code before it was encrypted and things went wrong with it.
    pub(crate) decided: Option<String>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            encrypted: false,
            key_id: HeaderValue::from_static(fixtures::CRYPTO_KEY_ID),
            correlation_id: None,
            carried_out: false,
            decided: None,
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

    pub(crate) fn refused(contract: &OperationContract, refusal: &Refusal) -> Self {
        let documented = contract.failure(refusal.code.code()).is_some();
        if refusal.field.is_some() && !documented {
            return Self::rejected(&Rejection::bad("state", &refusal.rule));
        }
        let message = contract.message(&refusal.code, refusal.field);
        Self::failure(refusal.code.code(), &message, "state", &refusal.rule)
    }

    /// A failure with a documented code, and beside the envelope what the sandbox has to say of it.
    pub(crate) fn failure(code: &str, message: &str, check: &str, expected: &str) -> Self {
        let body = json!({
            "response": {"code": code, "description": message},
            "sandbox": {"check": check, "expected": expected},
        });
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    pub(crate) fn rejected(rejection: &Rejection) -> Self {
        let code = format!(
            "{}{}",
            konaplate::error_code::SANDBOX_PREFIX,
            rejection.check
        );
        let body = json!({
            "response": {"code": code, "description": rejection.expected},
            "sandbox": {"check": rejection.check, "expected": rejection.expected},
        });
        Self::new(rejection.status, body)
    }

    pub(crate) fn wire_code(&self) -> Option<String> {
        self.body["response"]["code"].as_str().map(shown_code)
    }

    /// The code that the platform decided on.
    pub(crate) fn code(&self) -> Option<String> {
        self.decided.clone().or_else(|| self.wire_code())
    }

    /// Makes the authentication tag of the JWE a wrong one.
    pub(crate) fn break_tag(&mut self) {
        let Some((rest, tag)) = self.body["encData"]
            .as_str()
            .and_then(|jwe| jwe.rsplit_once('.'))
        else {
            return;
        };
        let first = if tag.starts_with('A') { 'B' } else { 'A' };
        let broken = format!("{rest}.{first}{}", tag.get(1..).unwrap_or_default());
        self.body["encData"] = broken.into();
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
        if self.encrypted {
            headers.insert(CRYPTO_KEY_ID, self.key_id.clone());
        }
        headers
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers();
        response
    }

    /// The answer as it is on the wire, with a Content-Length that this makes of its body's.
    fn bytes(&self, length: impl FnOnce(usize) -> usize) -> Vec<u8> {
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

/// What goes back.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A response, as HTTP has them.
    Whole(Response<Body>),
    /// Something that is none.
    Raw(Instead),
}

impl Reply {
    /// What a fault makes of an answer. There is none where the fault came before.
    pub(crate) fn new(fault: Option<Fault>, answer: Option<Answer>) -> Self {
        let closed = || {
            Self::Raw(Instead {
                close: true,
                ..Instead::default()
            })
        };
        let Some(fault) = fault else {
            return answer.map_or_else(closed, |answer| Self::Whole(answer.into_response()));
        };
        match fault {
            Fault::Html { status, .. } => return Self::Whole(page(status.code(), None)),
            Fault::RetryAfter { seconds } => {
                return Self::Whole(page(StatusCode::SERVICE_UNAVAILABLE, Some(seconds)));
            }
            _ => {}
        }
        // What is left needs an answer, or closes the connection.
        let Some(answer) = answer else {
            return closed();
        };
        let bytes = || answer.bytes(|length| length);
        Self::Raw(match fault {
            Fault::CloseAfter => return closed(),
            Fault::CutAnswer { bytes: kept } => {
                let mut bytes = bytes();
                bytes.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
                Instead {
                    bytes,
                    close: true,
                    ..Instead::default()
                }
            }
            Fault::LengthTooLarge => Instead {
                bytes: answer.bytes(|length| length + 64),
                close: true,
                ..Instead::default()
            },
            Fault::LengthTooSmall => Instead {
                bytes: answer.bytes(|length| length / 2),
                ..Instead::default()
            },
            Fault::DuplicatedAnswer => Instead {
                bytes: bytes().repeat(2),
                ..Instead::default()
            },
            Fault::StaleAnswer => Instead {
                bytes: bytes(),
                before_next: bytes(),
                close: false,
            },
            _ => return Self::Whole(answer.into_response()),
        })
    }

    pub(crate) fn deliver(self, connection: &Connection) -> Response<Body> {
        match self {
            Self::Whole(response) => response,
            Self::Raw(instead) => {
                connection.replace_answer(instead);
                Response::default()
            }
        }
    }
}

/// A page such as gateways have.
fn page(status: StatusCode, retry_after: Option<u32>) -> Response<Body> {
    let html = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
