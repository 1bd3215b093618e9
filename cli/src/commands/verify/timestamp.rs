//! The times of a call: that of its token, that of `X-KM-Tran-Time`, and when it was made.

use std::time::{Duration, SystemTime};

use konaplate::TimeZone;
use konaplate::protocol::Timestamp;

use super::super::protocol::finding::{Finding, quoted};
use super::super::protocol::instant::Instant;

const FORM: &str = "write it as 17 digits, yyyyMMddHHmmssSSS, in the zone of X-KM-Time-Zone";
/// Between a call and the platform's clock. Assumed: no page says what is tolerated.
const TOLERANCE: Duration = Duration::from_secs(300);
const HOUR: u64 = 3600;

/// The time of a token, if it has the form of one.
pub(super) fn of_token(text: &str, findings: &mut Vec<Finding>) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        if timestamp.instant(TimeZone::Utc).is_some() {
            return Some(timestamp);
        }
        let (says, cure) = match rest_of_long_year(text) {
            Some(()) => (
                "the time has a year of five digits and two digits of a second's fraction",
                "the mask yyyyyMMddHHmmssSS of one of the vendor's pages is a misprint: it is yyyyMMddHHmmssSSS",
            ),
            None => ("the time has 17 digits that are no date and time", FORM),
        };
        findings.push(Finding::new("timestamp-not-a-time", says, cure));
        return None;
    }
    let (id, says) = form(text);
    findings.push(Finding::new(id, says, FORM));
    None
}

/// What a time is, that has not the form of a token's.
fn form(text: &str) -> (&'static str, String) {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_iso = text.len() >= 16
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
            && text.as_bytes()[4] == b'-';
        return if is_iso {
            (
                "timestamp-iso",
                "the time is written as ISO 8601".to_owned(),
            )
        } else {
            (
                "timestamp-form",
                format!("the time is not 17 digits: {}", quoted(text)),
            )
        };
    }
    let is_time = |digits: &str| {
        let time = digits.parse::<Timestamp>();
        time.is_ok_and(|time| time.instant(TimeZone::Utc).is_some())
    };
    let padded = |text: &str| format!("{text:0<17}");
    // What is not written as a date counts from 1970.
    let is_date = (text.starts_with("19") || text.starts_with("20")) && text.len() < 17;
    match text.len() {
        14 if is_time(&padded(text)) => (
            "timestamp-seconds",
            "the time has 14 digits: its milliseconds are missing".to_owned(),
        ),
        15 | 16 if is_date && is_time(&padded(text)) => (
            "timestamp-fraction",
            format!(
                "the time has {} digits: its milliseconds have not three",
                text.len()
            ),
        ),
        18..=23 if is_time(&text[..17]) => (
            "timestamp-fraction",
            format!(
                "the time has {} digits: its fraction is finer than milliseconds",
                text.len()
            ),
        ),
        12 if is_time(&padded(&format!("20{text}"))) => (
            "timestamp-short-year",
            "the time has a year of two digits and no milliseconds".to_owned(),
        ),
        10 => (
            "timestamp-unix",
            "the time is in seconds since 1970".to_owned(),
        ),
        13 => (
            "timestamp-unix",
            "the time is in milliseconds since 1970".to_owned(),
        ),
        16 => (
            "timestamp-unix",
            "the time is in microseconds since 1970".to_owned(),
        ),
        19 => (
            "timestamp-unix",
            "the time is in nanoseconds since 1970".to_owned(),
        ),
        has => ("timestamp-form", format!("the time has {has} digits")),
    }
}

/// Whether it is the mask with a misprint, as one of the vendor's pages has it.
fn rest_of_long_year(text: &str) -> Option<()> {
    let rest = text.strip_prefix('0')?;
    let time: Timestamp = format!("{rest}0").parse().ok()?;
    time.instant(TimeZone::Utc).map(drop)
}

/// Compares the time of a token with `X-KM-Tran-Time`.
pub(super) fn against_header(token: Timestamp, header: &str, findings: &mut Vec<Finding>) {
    const CURE: &str = "write both of one reading of the clock: X-KM-Tran-Time is the first 14 digits of the token's time";
    let is_form = header.len() == 14 && header.bytes().all(|byte| byte.is_ascii_digit());
    let written = is_form
        .then(|| format!("{header}000").parse::<Timestamp>().ok())
        .flatten()
        .and_then(|time| time.instant(TimeZone::Utc));
    let Some(written) = written else {
        let says = match header.len() {
            17 if header == token.as_str() => {
                "X-KM-Tran-Time has 17 digits, and must have 14".to_owned()
            }
            _ => format!(
                "X-KM-Tran-Time is not 14 digits of a date and time, yyyyMMddHHmmss: {}",
                quoted(header)
            ),
        };
        findings.push(Finding::new("tran-time-form", says, CURE));
        return;
    };
    let Some(signed) = whole_seconds(token) else {
        return;
    };
    let apart = apart(signed, written).as_secs();
    // A program that reads its clock twice can be a second apart.
    if apart <= 1 {
        return;
    }
    findings.push(if is_about(apart, 9 * HOUR, 1) {
        Finding::new(
            "tran-time-zone",
            "X-KM-Tran-Time and the time of the token are 9 hours apart: one is in KST, the other in UTC",
            CURE,
        )
    } else if is_about(apart, 12 * HOUR, 1) {
        Finding::new(
            "tran-time-half-day",
            "X-KM-Tran-Time and the time of the token are 12 hours apart: one has a clock of 12 hours",
            "format the hour with HH, not hh",
        )
    } else {
        Finding::new(
            "tran-time-differs",
            format!("X-KM-Tran-Time and the time of the token are {apart} s apart"),
            CURE,
        )
    });
}

/// Compares the time of a token with when the call was made, or with now, which it cannot be after.
pub(super) fn against_clock(
    token: Timestamp,
    zone: TimeZone,
    made: Option<Instant>,
    findings: &mut Vec<Finding>,
) {
    let Some(signed) = token.instant(zone) else {
        return;
    };
    let made = match made {
        Some(instant) => instant.timestamp(zone).instant(zone),
        None => Some(SystemTime::now()).filter(|now| signed > *now),
    };
    let Some(apart) = made.map(|made| apart(signed, made)) else {
        return;
    };
    if apart <= TOLERANCE {
        return;
    }
    let seconds = apart.as_secs();
    findings.push(if is_about(seconds, 9 * HOUR, TOLERANCE.as_secs()) {
        Finding::new(
            "timestamp-zone",
            format!("read in the zone {zone}, the token's time is 9 hours away from when it was made"),
            "write the time in the zone that X-KM-Time-Zone names; KST is UTC+9",
        )
    } else if is_about(seconds, 12 * HOUR, TOLERANCE.as_secs()) {
        Finding::new(
            "timestamp-half-day",
            "the token's time is 12 hours away from when it was made: its clock has 12 hours",
            "format the hour with HH, not hh",
        )
    } else {
        Finding::new(
            "timestamp-clock",
            format!("read in the zone {zone}, the token's time is {seconds} s away from when it was made"),
            "set the clock (NTP), and make a token for each call",
        )
    });
}

fn whole_seconds(time: Timestamp) -> Option<SystemTime> {
    let seconds: Timestamp = format!("{}000", time.tran_time()).parse().ok()?;
    seconds.instant(TimeZone::Utc)
}

fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .unwrap_or_else(|ahead| ahead.duration())
}

fn is_about(seconds: u64, wanted: u64, tolerance: u64) -> bool {
    seconds.abs_diff(wanted) <= tolerance
}
