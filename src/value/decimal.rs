//! Numbers by their digits, so that none is rounded.

/// A number as it was written: `digits × 10^exponent`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Without zeros at either end: none of them is 0.
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads decimal text: digits, with a sign, a fraction and an exponent where there are any. A
    /// number of JSON is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let without_end = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - without_end.len()).ok()?;
        let digits = without_end.trim_start_matches('0').to_owned();
        Some(match digits.as_str() {
            "" => Self {
                is_negative: false,
                digits,
                exponent: 0,
            },
            _ => Self {
                is_negative,
                digits,
                exponent: exponent.checked_add(zeros)?,
            },
        })
    }

    /// The number, if it is whole and fits.
    pub(crate) fn to_u64(&self) -> Option<u64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let zeros = u32::try_from(self.exponent).ok()?;
        let digits = self.digits.parse::<u64>().ok()?;
        let whole = digits.checked_mul(10_u64.checked_pow(zeros)?)?;
        (!self.is_negative).then_some(whole)
    }

    /// The number, if it is whole and fits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        let size = Self {
            is_negative: false,
            digits: self.digits.clone(),
            exponent: self.exponent,
        };
        let size = i128::from(size.to_u64()?);
        let number = if self.is_negative { -size } else { size };
        i64::try_from(number).ok()
    }

    /// Whether a number of JSON's usual kinds (64-bit integers, double-precision floats) is this one,
    /// and reads back as this one. Of an integer the digits count: it may be an id.
    pub(crate) fn is_usual(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
        }
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite());
        let read = float.and_then(|float| Self::parse(&format!("{float:e}")));
        read.is_some() && read == Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_in_every_form() {
        for (text, number) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("0.000", Some(0)),
            ("50000", Some(50_000)),
            ("050000", Some(50_000)),
            ("50000.00", Some(50_000)),
            ("5e4", Some(50_000)),
            ("5.0E+4", Some(50_000)),
            ("500000e-1", Some(50_000)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551615.0", Some(u64::MAX)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("18446744073709551616", None),
            ("0.5", None),
            ("-5", None),
            ("1e400", None),
            ("1e-400", None),
        ] {
            let read = Decimal::parse(text).unwrap();
            assert_eq!(read.to_u64(), number, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            "+5",
            " 5",
            "5 ",
            "5.",
            ".5",
            "1,000",
            "1_000",
            "５",
            "0x5",
            "5e",
            "e5",
            "1.2.3",
            "--5",
            "NaN",
            "5e99999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_is_usual_where_it_says_what_was_written() {
        for (text, is_usual) in [
            ("0.1", true),
            ("12.50", true),
            ("1e20", true),
            ("100000000000000000000", false),
            ("-9223372036854775808", true),
            ("-0", true),
            ("18446744073709551615", true),
            ("18446744073709551616", false),
            ("12345678901234567890123", false),
            ("9007199254740993.0", false),
            ("0.12345678901234567890", false),
            ("1e400", false),
            ("1e-400", false),
        ] {
            assert_eq!(Decimal::is_usual(text), is_usual, "{text}");
        }
    }
}
