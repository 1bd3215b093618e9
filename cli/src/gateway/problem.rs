//! What the gateway itself has to say: problem documents, `application/problem+json` (RFC 9457).
//!
//! ```json
//! {
//!   "type": "urn:konaplate:problem:no-response",
//!   "title": "no response in time",
//!   "status": 504,
//!   "detail": "recharge_from_bank_account: no response in time: the call was sent (…)",
//!   "delivery": "maybe-processed",
//!   "correlationId": "260315104512-5b76c99"
//! }
//! ```
//!
//! `delivery` says whether the platform may have carried the call out: `not-sent` and
//! `not-carried-out` are proof that it has not; after `maybe-processed` ask for the outcome before
//! anything is sent again; `processed-unreadable` was carried out, and `response` has what of it can
//! be read. The header `Konaplate-Delivery` has the same word. A failure of the platform itself is no
//! problem document: it comes as the platform wrote it, with its status, `response.code` and that
//! header. Its status is 400, which no problem document has.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use konaplate::{Delivery, Error, ErrorKind};
use serde_json::{Map, Value, json};

/// The header with the id that a call went out with.
pub(super) const CORRELATION_ID: HeaderName = HeaderName::from_static("x-km-correlation-id");

/// The header that says whether a call that failed may have been carried out.
pub(super) const DELIVERY: HeaderName = HeaderName::from_static("konaplate-delivery");

/// Which problem a response is about, for metrics and the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(pub(super) &'static str);

/// A problem document.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    delivery: Delivery,
    headers: HeaderMap,
    members: Map<String, Value>,
}

/// A problem that is an error.
pub(super) type Refused = Box<Problem>;

impl Problem {
    /// One about a request that was not sent: nothing was carried out.
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: &str) -> Self {
        let title = status.canonical_reason().unwrap_or("refused");
        Self::of(status, kind, title, detail, Delivery::NotSent)
    }

    pub(super) fn of(
        status: StatusCode,
        kind: &'static str,
        title: &str,
        detail: &str,
        delivery: Delivery,
    ) -> Self {
        let members = json!({
            "type": format!("urn:konaplate:problem:{kind}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
            "delivery": word(delivery),
        });
        Self {
            status,
            kind,
            delivery,
            headers: HeaderMap::new(),
            members: members.as_object().cloned().unwrap_or_default(),
        }
    }

    /// With a header.
    pub(super) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }
}

impl From<&Error> for Problem {
    /// Says of a call what the client says. It holds nothing of the request.
    fn from(error: &Error) -> Self {
        let (status, kind, title) = match error.kind() {
            ErrorKind::InvalidRequest => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-request",
                "the request is not one of the API",
            ),
            ErrorKind::Configuration => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "configuration",
                "a setting of the gateway is missing or wrong",
            ),
            ErrorKind::Journal => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not-recorded",
                "the journal could not take the call",
            ),
            ErrorKind::Connect => (
                StatusCode::BAD_GATEWAY,
                "no-connection",
                "the platform could not be reached",
            ),
            ErrorKind::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "no-response",
                "no response in time",
            ),
            ErrorKind::UnreadableResponse => (
                StatusCode::BAD_GATEWAY,
                "unreadable",
                "the platform says success, and not all it says can be read",
            ),
            _ => (
                StatusCode::BAD_GATEWAY,
                "unexpected-response",
                "what came is no response of the platform",
            ),
        };
        let mut problem = Self::of(status, kind, title, &error.to_string(), error.delivery());
        let members = &mut problem.members;
        if let Some(id) = error.correlation_id() {
            members.insert("correlationId".to_owned(), id.as_str().into());
            if let Ok(value) = HeaderValue::from_str(id.as_str()) {
                problem.headers.insert(CORRELATION_ID, value);
            }
        }
        if let Some(status) = error.http_status() {
            members.insert("upstreamStatus".to_owned(), status.into());
        }
        if let Some(wait) = error.retry_after() {
            problem
                .headers
                .insert(header::RETRY_AFTER, wait.as_secs().into());
        }
        if error.delivery() == Delivery::ProcessedUnreadable
            && let Some(response) = error.response()
        {
            members.insert("response".to_owned(), response.expose().clone());
        }
        problem
    }
}

/// The word for whether a call was carried out, as in the description.
pub(super) fn word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => "not-sent",
        Delivery::NotCarriedOut => "not-carried-out",
        Delivery::Declined => "declined",
        Delivery::EarlierCall => "earlier-call",
        Delivery::ProcessedUnreadable => "processed-unreadable",
        // Of what is not known here nobody says that nothing moved.
        _ => "maybe-processed",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(Value::Object(self.members).to_string()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(DELIVERY, HeaderValue::from_static(word(self.delivery)));
        response.extensions_mut().insert(Kind(self.kind));
        response
    }
}
