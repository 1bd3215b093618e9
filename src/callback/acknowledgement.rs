//! The response to a callback.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::protocol::JSON;
use crate::protocol::envelope::{self, SUCCESS};
use crate::protocol::headers::CORRELATION_ID;
use crate::value::Violation;

/// The response to a callback: HTTP status, headers and JSON body.
///
/// The envelope is that of the platform's own responses, and what the one integration that was seen
/// sends. It is always plain: whether it may be encrypted is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    status: StatusCode,
    correlation_id: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Acknowledgement {
    pub(super) fn success(correlation_id: Option<HeaderValue>) -> Self {
        Self::new(StatusCode::OK, correlation_id, SUCCESS, "Success")
    }

    pub(super) fn new(
        status: StatusCode,
        correlation_id: Option<HeaderValue>,
        code: &str,
        description: &str,
    ) -> Self {
        Self {
            status,
            correlation_id,
            body: envelope::status(code, description),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// `Content-Type`, and the callback's `X-KM-Correlation-Id` where it had one. The latter is
    /// what the platform's own responses have, so it is presumably expected of ours.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(CONTENT_TYPE, JSON);
        if let Some(id) = &self.correlation_id {
            headers.insert(CORRELATION_ID, id.clone());
        }
        headers
    }

    /// The bytes of the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The response as a type that most web frameworks take.
    #[must_use]
    pub fn into_response(self) -> http::Response<Vec<u8>> {
        let headers = self.headers();
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

impl From<Acknowledgement> for http::Response<Vec<u8>> {
    fn from(acknowledgement: Acknowledgement) -> Self {
        acknowledgement.into_response()
    }
}

/// Checks the code of a rejection: `NNN_NNN`, and not that of success.
pub(super) fn check_rejection_code(code: &str) -> Result<(), Violation> {
    let form = match code.as_bytes() {
        [a, b, c, b'_', d, e, f] => [a, b, c, d, e, f].into_iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if form && code != SUCCESS {
        Ok(())
    } else {
        Err(Violation::new(
            "code must be three digits, an underscore and three digits, and not 000_000",
        ))
    }
}

/// The code of refusals that the receiver makes by itself. The platform documents none; this is
/// what the one integration that was seen sends on every failure.
pub(super) const REFUSED: &str = "999_999";
