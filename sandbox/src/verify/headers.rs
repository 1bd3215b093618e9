//! Headers that have to be there, and what they have to say.

use axum::http::{HeaderMap, HeaderName};
use konaplate::CorrelationId;
use konaplate::protocol::headers::{ACCESS_KEY, ASP_ID, CORRELATION_ID};

use super::rejection::Rejection;
use crate::fixtures;
use crate::media_type::is_json;

/// Checks who calls and what comes; returns which call it is.
pub(super) fn check_caller(headers: &HeaderMap) -> Result<CorrelationId, Rejection> {
    let correlation_id = header(headers, CORRELATION_ID, "correlation-id")?
        .parse()
        .map_err(|rule| Rejection::bad("correlation-id", format!("X-KM-Correlation-Id {rule}")))?;
    if header(headers, ASP_ID, "asp-id")? != fixtures::ASP_ID {
        return Err(Rejection::unauthorized(
            "asp-id",
            format!("X-KM-User-AspId must be {}", fixtures::ASP_ID),
        ));
    }
    if header(headers, ACCESS_KEY, "access-key")? != fixtures::ACCESS_KEY {
        return Err(Rejection::unauthorized(
            "access-key",
            "X-KM-Access-Key must be the sandbox's access key",
        ));
    }
    Ok(correlation_id)
}

/// Checks that the body is said to be JSON.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Rejection> {
    if !is_json(headers) {
        return Err(Rejection::bad(
            "content-type",
            "Content-Type must be application/json",
        ));
    }
    Ok(())
}

/// The value of a header that is there once.
pub(super) fn header<'h>(
    headers: &'h HeaderMap,
    name: HeaderName,
    check: &'static str,
) -> Result<&'h str, Rejection> {
    let mut values = headers.get_all(&name).iter();
    let value = values
        .next()
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Rejection::bad(check, format!("the header {name} must be there")))?;
    if values.next().is_some() {
        return Err(Rejection::bad(
            check,
            format!("the header {name} must be there once"),
        ));
    }
    Ok(value)
}
