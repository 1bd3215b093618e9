//! Instants as people write them.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use konaplate::TimeZone;
use konaplate::protocol::Timestamp;

/// An instant: RFC 3339, seconds since 1970, or the 17 digits of a token, which mean an instant in a
/// zone only.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) enum Instant {
    At(SystemTime),
    Written(Timestamp),
}

impl Instant {
    /// As a token has it.
    pub(in crate::commands) fn timestamp(self, zone: TimeZone) -> Timestamp {
        match self {
            Self::At(at) => Timestamp::new(at, zone),
            Self::Written(timestamp) => timestamp,
        }
    }
}

impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const RULE: &str = "must be RFC 3339 (2026-03-15T10:45:12.345+09:00), seconds since 1970 \
                            (1773539112.345), or the 17 digits of a token";
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return match timestamp.instant(TimeZone::Utc) {
                Some(_) => Ok(Self::Written(timestamp)),
                None => Err("has 17 digits that are no date and time".to_owned()),
            };
        }
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::At(at.into()));
        }
        if text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(
                "looks like milliseconds: seconds have a point before the last three digits"
                    .to_owned(),
            );
        }
        seconds(text).map(Self::At).ok_or_else(|| RULE.to_owned())
    }
}

/// Seconds since 1970, with a fraction or not.
fn seconds(text: &str) -> Option<SystemTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.len() > 11 || fraction.len() > 9 {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::new(whole.parse().ok()?, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_three_forms() {
        for text in [
            "2026-03-15T10:45:12.345+09:00",
            "2026-03-15T01:45:12.345Z",
            "1773539112.345",
            "20260315104512345",
        ] {
            let instant: Instant = text.parse().unwrap();
            let timestamp = instant.timestamp(TimeZone::Kst);
            assert_eq!(timestamp.as_str(), "20260315104512345", "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_says_why() {
        for (text, why) in [
            ("1773539112345", "looks like milliseconds"),
            ("20261301000000000", "no date"),
            ("now", "must be RFC 3339"),
            ("1773539112.", "must be RFC 3339"),
            ("-1", "must be RFC 3339"),
            ("2026-03-15", "must be RFC 3339"),
        ] {
            let error = text.parse::<Instant>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
