//! JSON whose numbers keep their digits.
//!
//! `serde_json` reads a number that is no 64-bit integer as a float, which rounds it. Its feature
//! `arbitrary_precision` would change how every crate of a program reads numbers. So what a float
//! does not hold exactly becomes text here, before it is read: its digits, in quotes.

use std::borrow::Cow;

use crate::value::Decimal;

/// The same JSON, with each number in quotes that would be rounded.
pub(super) fn kept(json: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => at = end_of_text(json, at),
            b'-' | b'0'..=b'9' => {
                let end = end_of_number(json, at);
                if would_be_rounded(&json[at..end]) {
                    kept.extend_from_slice(&json[copied..at]);
                    kept.push(b'"');
                    kept.extend_from_slice(&json[at..end]);
                    kept.push(b'"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    kept.extend_from_slice(&json[copied..]);
    Cow::Owned(kept)
}

/// After the quote that ends the text which begins here.
fn end_of_text(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

fn end_of_number(json: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let rest = json[start..].iter();
    start + rest.take_while(|byte| is_part(byte)).count()
}

/// What is no number of JSON stays what it is: an error.
fn would_be_rounded(number: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(number) else {
        return false;
    };
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_json = !matches!(digits, [b'0', b'0'..=b'9', ..]) && is_decimal(text);
    is_json && !Decimal::is_usual(text)
}

/// Whether it is decimal text, however large its exponent is.
fn is_decimal(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::parse(text).is_some();
    };
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let is_exponent = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_exponent && Decimal::parse(mantissa).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_rounded_is_quoted() {
        for (json, expected) in [
            (r#"{"a":1,"b":[0.1,-2,1e5]}"#, None),
            (r#"{"a":"12345678901234567890123"}"#, None),
            (r#"{"a":"\"12345678901234567890123"}"#, None),
            (r#"{"a":"\\","b":1}"#, None),
            (
                r#"{"a":12345678901234567890123,"b":1}"#,
                Some(r#"{"a":"12345678901234567890123","b":1}"#),
            ),
            ("[1e400,-1e400]", Some(r#"["1e400","-1e400"]"#)),
            (
                "1e99999999999999999999",
                Some(r#""1e99999999999999999999""#),
            ),
            ("9007199254740993.0", Some(r#""9007199254740993.0""#)),
            // No numbers: an error to whoever reads it.
            ("[012345678901234567890123]", None),
            ("[1.2.3,1e,--1]", None),
            (r#"{"a": 1"#, None),
            (r#"["unfinished"#, None),
            (r#"["\"#, None),
        ] {
            let kept = kept(json.as_bytes());
            let expected = expected.unwrap_or(json);
            assert_eq!(std::str::from_utf8(&kept).unwrap(), expected);
        }
    }
}
