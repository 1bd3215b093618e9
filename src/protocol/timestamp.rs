//! The time of a call, as the headers write it, and its zone.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use crate::value::Violation;

/// Tells the time.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The zone that timestamps are written in, and that `X-KM-Time-Zone` names.
///
/// Every integration that was seen sends KST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TimeZone {
    /// Korea Standard Time, UTC+9 all year.
    #[default]
    Kst,
    /// Coordinated Universal Time.
    Utc,
}

impl TimeZone {
    /// The name in the header, three letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kst => "KST",
            Self::Utc => "UTC",
        }
    }

    fn offset(self) -> jiff::tz::TimeZone {
        match self {
            Self::Kst => jiff::tz::TimeZone::fixed(jiff::tz::offset(9)),
            Self::Utc => jiff::tz::TimeZone::UTC,
        }
    }
}

impl FromStr for TimeZone {
    type Err = Violation;

    fn from_str(name: &str) -> Result<Self, Violation> {
        match name {
            "KST" => Ok(Self::Kst),
            "UTC" => Ok(Self::Utc),
            _ => Err(Violation::new("must be KST or UTC")),
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One instant, written as the headers want it: 17 digits, `yyyyMMddHHmmssSSS`.
///
/// The token carries all 17, `X-KM-Tran-Time` the first 14, and a correlation id the third to the
/// fourteenth, so that the three can never disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp([u8; 17]);

impl Timestamp {
    /// Writes an instant down in a zone. Instants before 1970 or after 9999 become the nearest that
    /// can be written.
    #[must_use]
    pub fn new(at: SystemTime, zone: TimeZone) -> Self {
        let since_epoch = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let instant = i64::try_from(since_epoch.as_millis())
            .ok()
            .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
            .unwrap_or(jiff::Timestamp::MAX);
        let text = zone
            .offset()
            .to_datetime(instant)
            .strftime("%Y%m%d%H%M%S%3f")
            .to_string();
        // From 1970 to 9999 that is always 17 digits.
        text.parse().unwrap_or(Self([b'0'; 17]))
    }

    /// All 17 digits, as the token has them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        digits(&self.0)
    }

    /// The first 14 digits, `yyyyMMddHHmmss`, as `X-KM-Tran-Time` has them.
    #[must_use]
    pub fn tran_time(&self) -> &str {
        digits(&self.0[..14])
    }

    /// Whether the digits are a date and a time that exist, and what instant they are in that zone.
    #[must_use]
    pub fn instant(&self, zone: TimeZone) -> Option<SystemTime> {
        let part = |from: usize, to: usize| digits(&self.0[from..to]).parse::<i16>().ok();
        let small = |from, to| part(from, to).and_then(|value| i8::try_from(value).ok());
        let civil = jiff::civil::DateTime::new(
            part(0, 4)?,
            small(4, 6)?,
            small(6, 8)?,
            small(8, 10)?,
            small(10, 12)?,
            small(12, 14)?,
            i32::from(part(14, 17)?) * 1_000_000,
        )
        .ok()?;
        Some(civil.to_zoned(zone.offset()).ok()?.timestamp().into())
    }
}

impl FromStr for Timestamp {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        <[u8; 17]>::try_from(text.as_bytes())
            .ok()
            .filter(|bytes| bytes.iter().all(u8::is_ascii_digit))
            .map(Self)
            .ok_or_else(|| Violation::new("must be 17 digits, yyyyMMddHHmmssSSS"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

fn digits(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn one_instant_in_two_zones() {
        // 2026-03-15T01:45:12.345Z
        let instant = at(1_773_539_112_345);
        let kst = Timestamp::new(instant, TimeZone::Kst);
        assert_eq!(kst.as_str(), "20260315104512345");
        assert_eq!(kst.tran_time(), "20260315104512");
        let utc = Timestamp::new(instant, TimeZone::Utc);
        assert_eq!(utc.as_str(), "20260315014512345");
        assert_eq!(kst.instant(TimeZone::Kst), Some(instant));
        assert_eq!(utc.instant(TimeZone::Utc), Some(instant));
        assert_ne!(kst.instant(TimeZone::Utc), Some(instant));
    }

    #[test]
    fn the_year_turns_at_korean_midnight() {
        // 2026-12-31T15:00:00Z is the first instant of 2027 in Korea.
        let turn = 1_798_729_200_000;
        assert_eq!(
            Timestamp::new(at(turn), TimeZone::Kst).as_str(),
            "20270101000000000"
        );
        assert_eq!(
            Timestamp::new(at(turn - 1), TimeZone::Kst).as_str(),
            "20261231235959999"
        );
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(
            Timestamp::new(before, TimeZone::Utc).as_str(),
            "19700101000000000"
        );
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        assert_eq!(&Timestamp::new(late, TimeZone::Kst).as_str()[..4], "9999");
    }

    #[test]
    fn digits_that_are_no_date_have_no_instant() {
        for text in [
            "20261301000000000",
            "20260230000000000",
            "20260101250000000",
        ] {
            let stamp: Timestamp = text.parse().unwrap();
            assert_eq!(stamp.instant(TimeZone::Kst), None, "{text}");
        }
        assert!("2026010100000000".parse::<Timestamp>().is_err());
        assert!("2026010100000000x".parse::<Timestamp>().is_err());
    }
}
