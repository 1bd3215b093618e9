//! Headers that have to be there, and what they have to say.

use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, HeaderName};
use jiff::civil::DateTime;
use konaplate::CorrelationId;
use konaplate::protocol::headers::{ACCESS_KEY, ASP_ID, CORRELATION_ID};
use konaplate::value::Violation;

use super::{Check, Rejection};
use crate::deviations::{Deviations, OnWrong};
use crate::fixtures;
use crate::media_type::check_json;

/// Checks who calls and what comes; returns which call it is.
pub(super) fn check_caller(
    headers: &HeaderMap,
    deviations: &Deviations,
) -> Result<CorrelationId, Rejection> {
    let correlation_id = correlation_id(headers)?;
    if header(headers, ASP_ID, Check::AspId)? != fixtures::ASP_ID {
        return Err(Rejection::unauthorized(
            Check::AspId,
            format!("X-KM-User-AspId must be {}", fixtures::ASP_ID),
        ));
    }
    if header(headers, ACCESS_KEY, Check::AccessKey)? != fixtures::ACCESS_KEY
        && deviations.wrong_access_key != OnWrong::Accept
    {
        return Err(Rejection::unauthorized(
            Check::AccessKey,
            "X-KM-Access-Key must be the sandbox's access key",
        ));
    }
    Ok(correlation_id)
}

/// The id that a request names itself by.
pub(crate) fn correlation_id(headers: &HeaderMap) -> Result<CorrelationId, Rejection> {
    let check = Check::CorrelationId;
    let bad = |rule: &str| Rejection::bad(check, format!("X-KM-Correlation-Id {rule}"));
    let id: CorrelationId = header(headers, CORRELATION_ID, check)?
        .parse()
        .map_err(|rule: Violation| bad(&rule.to_string()))?;
    if !begins_with_a_time(&id) {
        return Err(bad("must begin with a time that exists, yyMMddHHmmss"));
    }
    Ok(id)
}

/// Whether the first 12 digits are a time that exists, in any zone.
fn begins_with_a_time(id: &CorrelationId) -> bool {
    let number = |at: usize| id.as_str().get(at..at + 2)?.parse::<i8>().ok();
    let time = || {
        let [year, month, day, hour, minute, second] = [
            number(0)?,
            number(2)?,
            number(4)?,
            number(6)?,
            number(8)?,
            number(10)?,
        ];
        DateTime::new(2000 + i16::from(year), month, day, hour, minute, second, 0).ok()
    };
    time().is_some()
}

/// Checks that the body is said to be JSON, as it is.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Rejection> {
    let bad = |rule| Rejection::bad(Check::ContentType, rule);
    check_json(headers).map_err(|rule| bad(format!("Content-Type {rule}")))?;
    // Compressed bytes would be no JSON, for a reason that nobody sees.
    let coding = optional(headers, &CONTENT_ENCODING, Check::ContentType)?;
    if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(bad("Content-Encoding must not be there".to_owned()));
    }
    Ok(())
}

/// The value of a header that is there once, in visible ASCII.
pub(super) fn header(
    headers: &HeaderMap,
    name: HeaderName,
    check: Check,
) -> Result<&str, Rejection> {
    optional(headers, &name, check)?
        .ok_or_else(|| Rejection::bad(check, format!("the header {name} must be there")))
}

/// The same of a header that need not be there.
pub(crate) fn optional<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    check: Check,
) -> Result<Option<&'h str>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let bad = |rule: &str| Rejection::bad(check, format!("the header {name} must {rule}"));
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(bad("be there once"));
    }
    value
        .to_str()
        .map(Some)
        .map_err(|_| bad("have visible ASCII characters only"))
}
