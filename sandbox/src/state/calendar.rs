//! Days in Korea: when a moment is, and when the next one of a kind comes.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use jiff::tz;
use konaplate::TimeZone;
use konaplate::protocol::Timestamp;

/// When a call is handled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) time: SystemTime,
    timestamp: Timestamp,
}

impl Moment {
    pub(crate) fn at(time: SystemTime) -> Self {
        Self {
            time,
            timestamp: Timestamp::new(time, TimeZone::Kst),
        }
    }

    /// `yyyyMMddHHmmssSSS`
    pub(crate) fn millis(&self) -> &str {
        self.timestamp.as_str()
    }

    /// `yyyyMMddHHmmss`
    pub(crate) fn seconds(&self) -> &str {
        self.timestamp.tran_time()
    }

    /// `yyyyMMdd`
    pub(crate) fn day(&self) -> &str {
        &self.millis()[..8]
    }

    /// `yyMMdd`
    pub(crate) fn short_day(&self) -> &str {
        &self.millis()[2..8]
    }

    /// `yyMM`, the form of a card's expiry.
    pub(crate) fn year_month(&self) -> &str {
        &self.millis()[2..6]
    }

    /// Whether the two are in one month of one year.
    pub(crate) fn is_in_month_of(&self, other: &Self) -> bool {
        self.millis()[..6] == other.millis()[..6]
    }
}

/// The first moment of the next day.
pub(crate) fn next_day(after: SystemTime) -> SystemTime {
    date(after)
        .tomorrow()
        .ok()
        .and_then(start)
        .unwrap_or(after + Duration::from_secs(86_400))
}

/// The first moment of the next such day of a month; of the month's last day where it has no such
/// day.
pub(crate) fn next_day_of_month(after: SystemTime, day: u8) -> SystemTime {
    let today = date(after);
    let in_month = |month: Date| {
        let day = i8::try_from(day)
            .unwrap_or(i8::MAX)
            .min(month.days_in_month());
        month.with().day(day).build().ok().and_then(start)
    };
    let first = today.first_of_month();
    in_month(first)
        .filter(|moment| *moment > after)
        .or_else(|| in_month(first.last_of_month().tomorrow().ok()?))
        .unwrap_or(after + Duration::from_secs(31 * 86_400))
}

/// The last day of an expiry `yyMM`, `yyyyMMdd`.
pub(crate) fn last_day_of(year_month: &str) -> String {
    let part =
        |range: std::ops::Range<usize>| -> Option<i16> { year_month.get(range)?.parse().ok() };
    let day = part(0..2)
        .zip(part(2..4))
        .and_then(|(year, month)| Date::new(2000 + year, i8::try_from(month).ok()?, 1).ok())
        .map_or(31, Date::days_in_month);
    format!("20{year_month}{day:02}")
}

/// Today and `months` later, `yyMM`.
pub(crate) fn year_month_in(years: i16, now: SystemTime) -> String {
    let date = date(now);
    format!(
        "{:02}{:02}",
        (date.year() + years).rem_euclid(100),
        date.month()
    )
}

fn date(at: SystemTime) -> Date {
    jiff::Timestamp::try_from(at)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_zoned(korea())
        .date()
}

fn start(day: Date) -> Option<SystemTime> {
    Some(day.to_zoned(korea()).ok()?.timestamp().into())
}

fn korea() -> tz::TimeZone {
    tz::TimeZone::fixed(tz::offset(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> SystemTime {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn days_begin_in_korea() {
        assert_eq!(
            next_day(time("2026-03-14T14:59:59Z")),
            time("2026-03-14T15:00:00Z")
        );
        assert_eq!(
            next_day(time("2026-03-14T15:00:00Z")),
            time("2026-03-15T15:00:00Z")
        );
    }

    #[test]
    fn a_day_that_a_month_lacks_is_its_last() {
        let next = |after: &str, day| next_day_of_month(time(after), day);
        assert_eq!(
            next("2026-03-10T00:00:00Z", 15),
            time("2026-03-14T15:00:00Z")
        );
        assert_eq!(
            next("2026-03-14T15:00:00Z", 15),
            time("2026-04-14T15:00:00Z")
        );
        assert_eq!(
            next("2026-02-01T00:00:00Z", 31),
            time("2026-02-27T15:00:00Z")
        );
        assert_eq!(
            next("2026-12-31T00:00:00Z", 31),
            time("2027-01-30T15:00:00Z")
        );
    }

    #[test]
    fn an_expiry_ends_with_its_month() {
        assert_eq!(last_day_of("3108"), "20310831");
        assert_eq!(last_day_of("2802"), "20280229");
        assert_eq!(year_month_in(5, time("2026-03-15T00:00:00Z")), "3103");
    }
}
