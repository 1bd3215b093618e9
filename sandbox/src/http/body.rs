//! Reads the body of a request, within its limits.

use std::error::Error;
use std::io::{self, ErrorKind};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use tokio::time::timeout;

use super::connection::Connection;
use super::limits;
use crate::verify::{Check, Rejection};

/// The bytes of a body, or why they are not all there.
pub(super) async fn read(
    body: Body,
    limit: usize,
    connection: &Connection,
) -> Result<Bytes, Rejection> {
    // Of what says how long it is, nothing has to come first.
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large(limit));
    }
    match timeout(limits::READ, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => {
            connection.has_body();
            Ok(body.to_bytes())
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(error)) => Err(broken(&*error)),
        Err(_) => Err(Rejection {
            status: StatusCode::REQUEST_TIMEOUT,
            check: Check::Timeout,
            expected: format!(
                "the body must be there within {} seconds",
                limits::READ.as_secs()
            ),
        }),
    }
}

fn too_large(limit: usize) -> Rejection {
    Rejection {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        check: Check::BodySize,
        expected: format!("the body must have at most {limit} bytes"),
    }
}

/// hyper's own text of it may repeat what came.
fn broken(error: &(dyn Error + 'static)) -> Rejection {
    let mut cause = Some(error);
    let mut kind = None;
    while let Some(error) = cause {
        kind = error.downcast_ref().map(io::Error::kind).or(kind);
        cause = error.source();
    }
    let expected = match kind {
        Some(ErrorKind::UnexpectedEof) => "the body must come whole: it ended before its end",
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
            "the body must be in chunks as RFC 9112 has them: a size in hex digits, the bytes, and at \
             last a chunk of size 0"
        }
        _ => "the body must come whole: the connection failed",
    };
    Rejection::bad(Check::Body, expected)
}
