//! What a fault does to a response, at one of three points: the plaintext, the encrypted body, the
//! bytes.

use std::collections::HashSet;

use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::Fault;
use crate::render::Rendered;

/// What a value is replaced with that has to be one of a list.
const UNKNOWN_VALUE: &str = "SANDBOX_UNKNOWN";

/// A code that no page of the vendor has.
const UNKNOWN_CODE: &str = "999_999";

/// The id of a crypto key that nobody has.
const UNKNOWN_KEY_ID: HeaderValue = HeaderValue::from_static("ffffffffffffffffffffffffffffffff");

/// First point: the plaintext, its status, and whether it gets encrypted. `closed` are the names of
/// the fields whose values are one of a list.
pub(crate) fn plaintext(fault: Fault, rendered: &mut Rendered, closed: &HashSet<String>) {
    let body = &mut rendered.body;
    match fault {
        Fault::UnknownEnumValue => replace_values(body, closed),
        Fault::UnknownCode => {
            rendered.status = StatusCode::BAD_REQUEST;
            *body = json!({"response": {
                "code": UNKNOWN_CODE,
                "description": "A code that is not documented.",
            }});
        }
        Fault::FailureAfter { code } => {
            rendered.status = StatusCode::BAD_REQUEST;
            let code = format!("{:03}_{:03}", code / 1_000, code % 1_000);
            *body = json!({"response": {"code": code, "description": "Injected."}});
        }
        Fault::ExtraFields => {
            let extra = || json!({"text": "more", "list": [1, {"a": null}]});
            body["sandboxExtra"] = extra();
            body["response"]["sandboxExtra"] = extra();
        }
        Fault::MissingFields => {
            *body = json!({"response": {"code": body["response"]["code"]}});
        }
        Fault::PlainResponse => rendered.encrypted = false,
        Fault::WrongTag | Fault::UnknownKeyId => rendered.encrypted = true,
        _ => {}
    }
}

/// Second point: the encrypted body.
pub(crate) fn encrypted(fault: Fault, rendered: &mut Rendered) {
    match fault {
        Fault::UnknownKeyId => rendered.key_id = UNKNOWN_KEY_ID,
        Fault::WrongTag => break_tag(&mut rendered.body),
        _ => {}
    }
}

/// What goes out.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A response, as HTTP has them.
    Whole(Response<Vec<u8>>),
    /// Bytes, where a response would be, and what becomes of the connection.
    Raw(Replacement),
}

/// What is sent in the place of a response.
#[derive(Debug, Default)]
pub(crate) struct Replacement {
    pub(crate) bytes: Vec<u8>,
    /// What comes before the next response on the same connection.
    pub(crate) before_next: Vec<u8>,
    /// Whether the connection is closed after `bytes`.
    pub(crate) close: bool,
}

/// Third point: the bytes. With the status that goes out, if any does. There is no response where
/// the fault comes before the call is carried out.
pub(crate) fn bytes(
    fault: Option<Fault>,
    rendered: Option<&Rendered>,
) -> (Reply, Option<StatusCode>) {
    let closed = || {
        let nothing = Replacement {
            close: true,
            ..Replacement::default()
        };
        (Reply::Raw(nothing), None)
    };
    match fault {
        Some(Fault::Html { status, .. }) => {
            return (Reply::Whole(page(status.code(), None)), Some(status.code()));
        }
        Some(Fault::RetryAfter { seconds }) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return (Reply::Whole(page(status, Some(seconds))), Some(status));
        }
        Some(Fault::Gateway { status, .. }) => {
            let status = status.code();
            return (Reply::Whole(gateways_json(status)), Some(status));
        }
        Some(
            Fault::RefuseConnection | Fault::CloseBefore | Fault::CloseAfter | Fault::HoldRequest,
        ) => return closed(),
        _ => {}
    }
    let Some(rendered) = rendered else {
        return closed();
    };
    let whole = || rendered.bytes(|length| length);
    let replacement = match fault {
        Some(Fault::CutResponse { bytes: kept }) => {
            let mut bytes = whole();
            bytes.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
            Replacement {
                bytes,
                close: true,
                ..Replacement::default()
            }
        }
        Some(Fault::LengthTooLarge) => Replacement {
            bytes: rendered.bytes(|length| length + 64),
            close: true,
            ..Replacement::default()
        },
        Some(Fault::LengthTooSmall) => Replacement {
            bytes: rendered.bytes(|length| length / 2),
            ..Replacement::default()
        },
        Some(Fault::DuplicatedResponse) => Replacement {
            bytes: whole().repeat(2),
            ..Replacement::default()
        },
        Some(Fault::StaleResponse) => Replacement {
            bytes: whole(),
            before_next: whole(),
            close: false,
        },
        _ => return (Reply::Whole(rendered.to_http()), Some(rendered.status)),
    };
    (Reply::Raw(replacement), Some(rendered.status))
}

fn replace_values(value: &mut Value, closed: &HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_string() && closed.contains(name) {
                    *member = UNKNOWN_VALUE.into();
                } else {
                    replace_values(member, closed);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                replace_values(item, closed);
            }
        }
        _ => {}
    }
}

/// Makes the authentication tag of the JWE a wrong one.
fn break_tag(body: &mut Value) {
    let Some((rest, tag)) = body["encData"]
        .as_str()
        .and_then(|jwe| jwe.rsplit_once('.'))
    else {
        return;
    };
    let first = if tag.starts_with('A') { 'B' } else { 'A' };
    let broken = format!("{rest}.{first}{}", tag.get(1..).unwrap_or_default());
    body["encData"] = broken.into();
}

/// The JSON of a gateway, which is not the platform's.
fn gateways_json(status: StatusCode) -> Response<Vec<u8>> {
    let body = json!({"reason": "24_4000_154", "message": "Injected."});
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A page such as gateways have.
fn page(status: StatusCode, retry_after: Option<u32>) -> Response<Vec<u8>> {
    let html = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = Response::new(html.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_list_are_replaced_at_any_depth() {
        let closed = HashSet::from(["result".to_owned()]);
        let mut body = json!({"result": "A", "list": [{"result": "B", "other": "C"}]});
        replace_values(&mut body, &closed);
        assert_eq!(
            body,
            json!({"result": UNKNOWN_VALUE, "list": [{"result": UNKNOWN_VALUE, "other": "C"}]})
        );
    }
}
