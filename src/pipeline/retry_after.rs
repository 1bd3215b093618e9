//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// What a response's `Retry-After` asks for: a number of seconds, or a date in one of the three
/// forms of HTTP. A date that is over is no wait.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than fit are more than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = http_date(text)?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// RFC 9110, section 5.6.7: one form that is written today, and two that are read.
fn http_date(text: &str) -> Option<SystemTime> {
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp().into());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .into_iter()
        .find_map(|form| jiff::civil::DateTime::strptime(form, text).ok())
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// 2026-03-15T01:45:12Z
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112)
    }

    fn asked(value: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, http::HeaderValue::from_static(value));
        retry_after(&headers, now())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_any_of_its_forms() {
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked(" 120 "), Some(120 * SECOND));
        assert_eq!(asked("Sun, 15 Mar 2026 01:46:12 GMT"), Some(60 * SECOND));
        assert_eq!(asked("Sunday, 15-Mar-26 01:46:12 GMT"), Some(60 * SECOND));
        assert_eq!(asked("Sun Mar 15 01:46:12 2026"), Some(60 * SECOND));
        assert_eq!(
            asked("Wed Apr  1 01:45:12 2026"),
            Some(17 * 86_400 * SECOND)
        );
        assert_eq!(asked("Sun, 15 Mar 2026 01:44:12 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn a_retry_after_that_cannot_be_read_is_none_and_a_huge_one_is_long() {
        for value in [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 32 Mar 2026 01:46:12 GMT",
            "2026-03-15",
        ] {
            assert_eq!(asked(value), None, "{value}");
        }
        assert_eq!(
            asked("99999999999999999999999"),
            Some(Duration::from_secs(u64::MAX))
        );
        assert_eq!(retry_after(&HeaderMap::new(), now()), None);
    }
}
