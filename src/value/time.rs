//! Dates and times: text in the forms of the platform, as types of jiff.
//!
//! A value stays the text that it is on the wire; what it means is asked for. Text that does not
//! have the documented form is kept and means nothing: every method here returns `None` then.
//!
//! ```
//! use jiff::civil::date;
//! use konaplate::types::{CalendarDate, CardExpiryYearMonth, DateTimeMilliseconds};
//!
//! let start: CalendarDate = date(2026, 3, 1).try_into()?;
//! assert_eq!(start.as_str(), "20260301");
//!
//! let approved: DateTimeMilliseconds = "20260315104512345".try_into()?;
//! assert_eq!(approved.to_datetime(), Some(date(2026, 3, 15).at(10, 45, 12, 345_000_000)));
//!
//! let expiry: CardExpiryYearMonth = "3108".try_into()?;
//! assert_eq!(expiry.to_date(), Some(date(2031, 8, 31)));
//! # Ok::<(), konaplate::Violation>(())
//! ```
//!
//! The reference names no time zone. Timestamps of the headers are in KST unless a call says
//! otherwise, so these most likely are, too.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::masked::Masked;
use super::{SensitiveRule, Text, TextRule, Violation, Whole, WholeRule};

/// Rule of text that is a day, or the last day that a card is valid.
pub trait DateRule: TextRule {
    /// `yyyyMMdd`, `yyMMdd`, `YYMMDD` or `YYMM`.
    const FORM: &'static str;
}

/// Rule of text that is a time of day.
pub trait TimeRule: TextRule {
    /// `HHmmss`.
    const FORM: &'static str;
}

/// Rule of text that is a date and time.
pub trait DateTimeRule: TextRule {
    /// `yyyyMMddHHmmss` or `yyyyMMddHHmmssSSS`.
    const FORM: &'static str;
}

/// Rule of a number of milliseconds since 1970-01-01T00:00:00Z.
pub trait InstantRule: WholeRule {}

/// The numbers of a text of digits, cut into pieces of these lengths.
fn pieces<const N: usize>(text: &str, lengths: [usize; N]) -> Option<[i16; N]> {
    let total: usize = lengths.iter().sum();
    if text.len() != total || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut rest = text;
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let (piece, after) = rest.split_at(length);
        *number = piece.parse().ok()?;
        rest = after;
    }
    Some(numbers)
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn time(hour: i16, minute: i16, second: i16, millis: i16) -> Option<Time> {
    Time::new(
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
        i32::from(millis) * 1_000_000,
    )
    .ok()
}

/// Two digits of a year are one of this century: cards and approvals of a younger platform.
const CENTURY: i16 = 2000;

fn read_date(text: &str, form: &str) -> Option<Date> {
    match form {
        "yyyyMMdd" => {
            let [year, month, day] = pieces(text, [4, 2, 2])?;
            date(year, month, day)
        }
        "yyMMdd" | "YYMMDD" => {
            let [year, month, day] = pieces(text, [2, 2, 2])?;
            date(CENTURY + year, month, day)
        }
        "YYMM" => {
            let [year, month] = pieces(text, [2, 2])?;
            Some(date(CENTURY + year, month, 1)?.last_of_month())
        }
        _ => None,
    }
}

fn write_date(date: Date, form: &str) -> String {
    let format = match form {
        "yyyyMMdd" => "%Y%m%d",
        "YYMM" => "%y%m",
        _ => "%y%m%d",
    };
    date.strftime(format).to_string()
}

fn read_time(text: &str) -> Option<Time> {
    let [hour, minute, second] = pieces(text, [2, 2, 2])?;
    time(hour, minute, second, 0)
}

fn read_datetime(text: &str, form: &str) -> Option<DateTime> {
    let [year, month, day, hour, minute, second, millis] = match form {
        "yyyyMMddHHmmss" => {
            let [year, month, day, hour, minute, second] = pieces(text, [4, 2, 2, 2, 2, 2])?;
            [year, month, day, hour, minute, second, 0]
        }
        _ => pieces(text, [4, 2, 2, 2, 2, 2, 3])?,
    };
    Some(date(year, month, day)?.to_datetime(time(hour, minute, second, millis)?))
}

fn write_datetime(datetime: DateTime, form: &str) -> String {
    let format = match form {
        "yyyyMMddHHmmss" => "%Y%m%d%H%M%S",
        _ => "%Y%m%d%H%M%S%3f",
    };
    datetime.strftime(format).to_string()
}

/// What `Text` and `Masked` have in common here; they differ in how the text is got at.
macro_rules! times {
    ($name:ident, $bound:path, $get:ident) => {
        impl<R: DateRule + $bound> $name<R> {
            /// The day; of a card's expiry the last day of the month. None if the text has another
            /// form than documented. Two digits of a year are taken for 2000 to 2099.
            #[must_use]
            pub fn to_date(&self) -> Option<Date> {
                read_date(self.$get(), R::FORM)
            }
        }

        impl<R: DateRule + $bound> TryFrom<Date> for $name<R> {
            type Error = Violation;

            fn try_from(date: Date) -> Result<Self, Violation> {
                let text = write_date(date, R::FORM);
                // Two digits of a year must not turn 1999 into 2099.
                if read_date(&text, R::FORM).is_none_or(|read| read.year() != date.year()) {
                    return Err(Violation::new(format!(
                        "must be a day that {} can say",
                        R::FORM
                    )));
                }
                text.try_into()
            }
        }

        impl<R: TimeRule + $bound> $name<R> {
            /// The time of day. None if the text has another form than documented.
            #[must_use]
            pub fn to_time(&self) -> Option<Time> {
                read_time(self.$get())
            }
        }

        impl<R: TimeRule + $bound> TryFrom<Time> for $name<R> {
            type Error = Violation;

            fn try_from(time: Time) -> Result<Self, Violation> {
                time.strftime("%H%M%S").to_string().try_into()
            }
        }

        impl<R: DateTimeRule + $bound> $name<R> {
            /// The date and time, without a zone. None if the text has another form than
            /// documented.
            #[must_use]
            pub fn to_datetime(&self) -> Option<DateTime> {
                read_datetime(self.$get(), R::FORM)
            }
        }

        impl<R: DateTimeRule + $bound> TryFrom<DateTime> for $name<R> {
            type Error = Violation;

            fn try_from(datetime: DateTime) -> Result<Self, Violation> {
                let text = write_datetime(datetime, R::FORM);
                if read_datetime(&text, R::FORM).is_none() {
                    return Err(Violation::new(format!(
                        "must be a date and time that {} can say",
                        R::FORM
                    )));
                }
                text.try_into()
            }
        }
    };
}
times!(Text, TextRule, as_str);
times!(Masked, SensitiveRule, expose);

impl<R: InstantRule> Whole<R> {
    /// The point in time. None if it is out of the range of [`Timestamp`].
    #[must_use]
    pub fn to_timestamp(self) -> Option<Timestamp> {
        Timestamp::from_millisecond(i64::try_from(self.get()).ok()?).ok()
    }
}

impl<R: InstantRule> TryFrom<Timestamp> for Whole<R> {
    type Error = Violation;

    fn try_from(timestamp: Timestamp) -> Result<Self, Violation> {
        timestamp.as_millisecond().try_into()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{self, date};

    use super::*;

    #[test]
    fn each_form_is_read_and_written() {
        for (form, text, day) in [
            ("yyyyMMdd", "20260315", date(2026, 3, 15)),
            ("yyMMdd", "260315", date(2026, 3, 15)),
            ("YYMMDD", "310831", date(2031, 8, 31)),
            ("YYMM", "2802", date(2028, 2, 29)),
        ] {
            assert_eq!(read_date(text, form), Some(day), "{form}");
            assert_eq!(write_date(day, form), text, "{form}");
        }
        for (form, text, datetime) in [
            (
                "yyyyMMddHHmmss",
                "20260315104512",
                date(2026, 3, 15).at(10, 45, 12, 0),
            ),
            (
                "yyyyMMddHHmmssSSS",
                "20260315104512007",
                date(2026, 3, 15).at(10, 45, 12, 7_000_000),
            ),
        ] {
            assert_eq!(read_datetime(text, form), Some(datetime), "{form}");
            assert_eq!(write_datetime(datetime, form), text, "{form}");
        }
        assert_eq!(read_time("235959"), Some(civil::time(23, 59, 59, 0)));
    }

    #[test]
    fn what_has_another_form_means_nothing() {
        for text in [
            "",
            "2026031",
            "20261301",
            "20260230",
            "2026-3-1",
            "２０２６",
            "+2260315",
        ] {
            assert_eq!(read_date(text, "yyyyMMdd"), None, "{text}");
        }
        assert_eq!(read_date("3113", "YYMM"), None);
        assert_eq!(read_time("240000"), None);
        assert_eq!(read_datetime("20260315104512", "yyyyMMddHHmmssSSS"), None);
        assert_eq!(read_datetime("20260315106012", "yyyyMMddHHmmss"), None);
    }
}
