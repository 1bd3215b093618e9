//! What goes back to bytes that are no request: hyper calls nobody for them, and what it says by itself
//! is no envelope.

use axum::http::StatusCode;

use super::limits;
use crate::service::Service;
use crate::verify::{Check, Rejection};

/// What every connection of HTTP/2 begins with.
const HTTP_2: &[u8] = b"PRI * HTTP/2";

/// Why a connection ends, and in which version of HTTP that is said.
#[derive(Debug)]
pub(super) struct Refusal {
    rejection: Rejection,
    is_http_2: bool,
}

/// What is to be said where hyper gave up, if anything is: with the status that it chose itself, and
/// what it had read and not understood.
pub(super) fn refusal(
    error: &hyper::Error,
    status: Option<StatusCode>,
    read: &[u8],
) -> Option<Refusal> {
    // Empty lines may come before a request (RFC 9112, 2.2).
    let read = read.trim_ascii_start();
    let http_1 = |status, check, expected: String| {
        Some(Refusal {
            rejection: Rejection {
                status,
                check,
                expected,
            },
            is_http_2: false,
        })
    };
    if read.starts_with(HTTP_2) {
        return Some(Refusal {
            rejection: Rejection {
                status: StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                check: Check::HttpVersion,
                expected: "the sandbox speaks HTTP/1.1, and no HTTP/2: what its faults do to a \
                           connection is of HTTP/1.1"
                    .to_owned(),
            },
            is_http_2: true,
        });
    }
    match status {
        Some(StatusCode::URI_TOO_LONG) => http_1(
            StatusCode::URI_TOO_LONG,
            Check::HeadSize,
            "the path must be shorter".to_owned(),
        ),
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) => http_1(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Check::HeadSize,
            format!(
                "the head of a request must have at most {} bytes and {} headers",
                limits::HEAD,
                limits::HEADERS
            ),
        ),
        // What hyper says of an error when it reads a head is one of a few fixed texts.
        Some(status) => http_1(
            status,
            Check::Head,
            format!("the head must be one of an HTTP/1.1 request: {error}"),
        ),
        // An idle connection is closed without a word.
        None if read.is_empty() => None,
        None if error.is_timeout() => http_1(
            StatusCode::REQUEST_TIMEOUT,
            Check::Timeout,
            format!(
                "the head of a request must be there within {} seconds",
                limits::READ.as_secs()
            ),
        ),
        None if error.is_incomplete_message() => http_1(
            StatusCode::BAD_REQUEST,
            Check::Head,
            "the head must be one of an HTTP/1.1 request: it ended before its end".to_owned(),
        ),
        None => None,
    }
}

impl Refusal {
    /// The bytes that say it. The request log has it then.
    pub(super) fn bytes(self, service: &Service) -> Vec<u8> {
        if self.is_http_2 {
            let rendered = service.refuse(self.rejection, None);
            return going_away(rendered.body.to_string().as_bytes());
        }
        let status = self.rejection.status;
        let rendered = service.refuse(self.rejection, Some(status));
        rendered.bytes(|length| length)
    }
}

/// In the frames of HTTP/2: no settings, and that the peer has to speak HTTP/1.1, with the reason for
/// people (RFC 9113, 6.5, 6.8 and 7).
fn going_away(reason: &[u8]) -> Vec<u8> {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const HTTP_1_1_REQUIRED: u32 = 0xd;
    let length = u16::try_from(8 + reason.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let mut frames = SETTINGS.to_vec();
    frames.extend([0, high, low, 7, 0, 0, 0, 0, 0]);
    frames.extend(0_u32.to_be_bytes());
    frames.extend(HTTP_1_1_REQUIRED.to_be_bytes());
    frames.extend(reason.iter().take(usize::from(length - 8)));
    frames
}
