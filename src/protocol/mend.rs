//! JSON as servers really write it, made fit for a parser, with a note of what was done to it.
//!
//! Nothing here changes what a value says. Where a value cannot be kept as what it is, it becomes
//! text of what was written: a number that a double-precision float would round (`serde_json`'s
//! feature `arbitrary_precision` would change how every crate of a program reads numbers), and what
//! lies deeper than a parser goes. Only bytes that no text can hold are replaced, and it is said
//! where: whoever knows the fields decides whether such a text can be used.
//!
//! The bytes are looked at once. What is no JSON for another reason stays what it is, an error to
//! the parser.

use std::borrow::Cow;

use super::repair::{Place, Repair, RepairKind, Step};
use crate::value::Decimal;

/// How deep objects and lists may lie in each other: `serde_json` goes to 127.
const DEEPEST: usize = 100;

/// What a text says where no text could be read: U+FFFD.
const REPLACEMENT: &str = "\u{FFFD}";

/// The JSON in UTF-8, fit for a parser, and what was repaired.
pub(super) fn mended(bytes: &[u8]) -> (Cow<'_, [u8]>, Vec<Repair>) {
    let (json, mut repairs) = in_utf8(bytes);
    let mut scan = Scan::new(&json);
    scan.run();
    let Scan { out, found, .. } = scan;
    repairs.extend(found);
    match out {
        Some(out) => (Cow::Owned(out), repairs),
        None => (json, repairs),
    }
}

/// Without a byte order mark, and decoded where the mark says UTF-16 (RFC 8259, section 8.1, allows
/// to ignore the one; RFC 4627 allowed the other).
fn in_utf8(bytes: &[u8]) -> (Cow<'_, [u8]>, Vec<Repair>) {
    let whole = |kind| vec![Repair::new(kind, Place::default())];
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest
            .chunks(2)
            .map(|pair| unit([pair[0], *pair.get(1).unwrap_or(&0)]));
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        (Cow::Owned(text.into_bytes()), whole(RepairKind::Utf16))
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Cow::Borrowed(rest), whole(RepairKind::ByteOrderMark)),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => (Cow::Borrowed(bytes), Vec::new()),
    }
}

/// An object or a list that is not at its end yet.
enum Level {
    Object { name: Vec<u8>, name_is_next: bool },
    List { index: usize },
}

struct Scan<'j> {
    json: &'j [u8],
    at: usize,
    /// What is written instead, once something has to be: `json` up to `copied` is in it.
    out: Option<Vec<u8>>,
    copied: usize,
    levels: Vec<Level>,
    found: Vec<Repair>,
}

impl<'j> Scan<'j> {
    fn new(json: &'j [u8]) -> Self {
        Self {
            json,
            at: 0,
            out: None,
            copied: 0,
            levels: Vec::new(),
            found: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(byte) = self.json.get(self.at) {
            match byte {
                b'"' => self.text(),
                b'-' | b'0'..=b'9' | b'N' | b'I' => self.number(),
                b'{' | b'[' if self.levels.len() >= DEEPEST => self.deep(),
                b'{' => self.enter(Level::Object {
                    name: Vec::new(),
                    name_is_next: true,
                }),
                b'[' => self.enter(Level::List { index: 0 }),
                b'}' | b']' => {
                    self.levels.pop();
                    self.at += 1;
                }
                b',' => {
                    match self.levels.last_mut() {
                        Some(Level::Object { name_is_next, .. }) => *name_is_next = true,
                        Some(Level::List { index }) => *index += 1,
                        None => {}
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        if let Some(out) = &mut self.out {
            out.extend_from_slice(&self.json[self.copied..]);
        }
    }

    fn enter(&mut self, level: Level) {
        self.levels.push(level);
        self.at += 1;
    }

    /// A text in quotes: a value, or a member's name.
    fn text(&mut self) {
        let end = end_of_text(self.json, self.at);
        let quoted = &self.json[self.at..end];
        let text = Repaired::of(quoted);
        if let Some(Level::Object { name, name_is_next }) = self.levels.last_mut()
            && std::mem::take(name_is_next)
        {
            quoted.clone_into(name);
        }
        if let Some(Repaired { quoted, kind }) = text {
            self.replace(end, quoted.as_bytes());
            self.note(kind);
        }
        self.at = end;
    }

    /// A number, or what some languages write in its place: `NaN`, `Infinity`.
    fn number(&mut self) {
        let rest = &self.json[self.at..];
        let is_part =
            |byte: &&u8| matches!(byte, b'-' | b'+' | b'.') || byte.is_ascii_alphanumeric();
        let end = self.at + rest.iter().take_while(is_part).count().max(1);
        let number = &self.json[self.at..end];
        if is_no_finite_number(number) || would_be_rounded(number) {
            let quoted = [b"\"", number, b"\""].concat();
            self.replace(end, &quoted);
            self.note(RepairKind::NumberAsText);
        }
        self.at = end;
    }

    /// An object or a list that lies too deep: text of it.
    fn deep(&mut self) {
        let end = end_of_value(self.json, self.at);
        let text = String::from_utf8_lossy(&self.json[self.at..end]);
        // Text of any kind can be written as JSON.
        let quoted = serde_json::to_vec(&text).unwrap_or_default();
        self.note(RepairKind::NestedAsText);
        if let Cow::Owned(_) = text {
            self.note(RepairKind::Replaced);
        }
        self.replace(end, &quoted);
        self.at = end;
    }

    /// Writes something in the place of what goes from here to `end`.
    fn replace(&mut self, end: usize, with: &[u8]) {
        let out = self.out.get_or_insert_default();
        out.extend_from_slice(&self.json[self.copied..self.at]);
        out.extend_from_slice(with);
        self.copied = end;
    }

    fn note(&mut self, kind: RepairKind) {
        let steps = self.levels.iter().map(|level| match level {
            Level::Object { name, .. } => {
                let quoted = Repaired::of(name).map(|text| text.quoted);
                let quoted = quoted.as_ref().map_or(&name[..], |text| text.as_bytes());
                Step::Name(serde_json::from_slice(quoted).unwrap_or_default())
            }
            Level::List { index } => Step::Index(*index),
        });
        self.found.push(Repair::new(kind, steps.collect()));
    }
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

/// After the bracket that ends the object or list which begins here.
fn end_of_value(json: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                at = end_of_text(json, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    json.len()
}

/// A text that a parser would refuse, as it takes it.
struct Repaired {
    quoted: String,
    kind: RepairKind,
}

impl Repaired {
    /// None where nothing is to be repaired.
    fn of(quoted: &[u8]) -> Option<Self> {
        let is_suspicious = |byte: &u8| *byte < b' ' || *byte == b'\\' || !byte.is_ascii();
        if !quoted.iter().any(is_suspicious) {
            return None;
        }
        let text = String::from_utf8_lossy(quoted);
        let mut kind = match text {
            Cow::Borrowed(_) => None,
            Cow::Owned(_) => Some(RepairKind::Replaced),
        };
        let mut out = String::with_capacity(text.len());
        let mut rest = &*text;
        while let Some(at) = rest.find(|c: char| c == '\\' || c < ' ') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let length = escape(from).map_or(1, <[u8]>::len);
            if let Some(control) = from.bytes().next().filter(|byte| *byte < b' ') {
                kind = kind.or(Some(RepairKind::Escaped));
                out.push_str(&format!("\\u{control:04x}"));
            } else if is_half_a_pair(from) {
                kind = Some(RepairKind::Replaced);
                out.push_str(REPLACEMENT);
            } else {
                out.push_str(&from[..length]);
            }
            rest = &from[length..];
        }
        out.push_str(rest);
        kind.map(|kind| Self { quoted: out, kind })
    }
}

/// The escape at the start of a text: `\n`, `\u00e9`, both halves of a surrogate pair. None where
/// there is none that is whole.
fn escape(text: &str) -> Option<&[u8]> {
    let bytes = text.as_bytes();
    match (unit(bytes), unit(bytes.get(6..).unwrap_or_default())) {
        (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => bytes.get(..12),
        (Some(_), _) => bytes.get(..6),
        (None, _) => bytes
            .get(..2)
            .filter(|two| two[0] == b'\\' && two[1].is_ascii()),
    }
}

fn is_half_a_pair(text: &str) -> bool {
    let is_whole = escape(text).is_some_and(|escape| escape.len() == 12);
    matches!(unit(text.as_bytes()), Some(0xD800..0xE000)) && !is_whole
}

/// The UTF-16 unit of `\uXXXX`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u16::from_str_radix(digits, 16).ok()
}

/// What the floats of IEEE 754 have beside numbers, as JavaScript, Java and Python write it.
fn is_no_finite_number(word: &[u8]) -> bool {
    matches!(word, b"NaN" | b"Infinity" | b"-Infinity")
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

    /// The JSON, and each repair with its place.
    fn of(bytes: &[u8]) -> (String, Vec<String>) {
        let (json, repairs) = mended(bytes);
        let json = String::from_utf8_lossy(&json).into_owned();
        let place = |repair: &Repair| format!("{:?} {}", repair.kind(), repair.place.shown());
        (json, repairs.iter().map(place).collect())
    }

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
            ("[NaN,-Infinity]", Some(r#"["NaN","-Infinity"]"#)),
            // No numbers: an error to whoever reads it.
            ("[012345678901234567890123]", None),
            ("[1.2.3,1e,--1,NaNa,0x10,None]", None),
            (r#"{"a": 1"#, None),
            (r#"["unfinished"#, None),
            (r#"["\"#, None),
        ] {
            let (mended, repairs) = of(json.as_bytes());
            assert_eq!(mended, expected.unwrap_or(json));
            assert_eq!(repairs.is_empty(), expected.is_none());
        }
    }

    #[test]
    fn a_repair_says_what_was_done_and_where() {
        for (bytes, json, repairs) in [
            (&b"\xEF\xBB\xBF{}"[..], "{}", &["ByteOrderMark "][..]),
            (b"\xFF\xFE{\0}\0", "{}", &["Utf16 "]),
            (b"\xFE\xFF\0{\0}", "{}", &["Utf16 "]),
            (
                b"{\"a\":[1,{\"b\":\"\xB0\xA1\"}]}",
                "{\"a\":[1,{\"b\":\"\u{FFFD}\u{FFFD}\"}]}",
                &["Replaced a[1].b"],
            ),
            (
                br#"{"a":"\ud83d x \ud83d\ude00 \ude00"}"#,
                "{\"a\":\"\u{FFFD} x \\ud83d\\ude00 \u{FFFD}\"}",
                &["Replaced a"],
            ),
            (
                br#"{"a":"\ud83d\ud83d\ude00"}"#,
                "{\"a\":\"\u{FFFD}\\ud83d\\ude00\"}",
                &["Replaced a"],
            ),
            (
                b"{\"a\":\"x\ny\0\"}",
                "{\"a\":\"x\\u000ay\\u0000\"}",
                &["Escaped a"],
            ),
            (
                b"{\"\xFF\":1e999}",
                "{\"\u{FFFD}\":\"1e999\"}",
                &["Replaced \u{FFFD}", "NumberAsText \u{FFFD}"],
            ),
            (
                r#"{"김":"\u00e9\n\\ud800"}"#.as_bytes(),
                r#"{"김":"\u00e9\n\\ud800"}"#,
                &[],
            ),
            // An escape that is none is an error to whoever reads it.
            (br#"["\x41 \u12"]"#, r#"["\x41 \u12"]"#, &[]),
        ] {
            let (mended, found) = of(bytes);
            assert_eq!(mended, json);
            assert_eq!(found, repairs, "{json}");
        }
    }

    #[test]
    fn what_lies_too_deep_is_text() {
        let deep = format!("{}7{}", "[".repeat(5_000), "]".repeat(5_000));
        let (mended, repairs) = of(format!(r#"{{"a":{deep},"b":1}}"#).as_bytes());
        let read: serde_json::Value = serde_json::from_str(&mended).unwrap();
        assert_eq!(read["b"], 1);
        assert_eq!(repairs.len(), 1);
        let mut inner = &read["a"];
        while let Some(next) = inner.get(0) {
            inner = next;
        }
        assert!(inner.as_str().unwrap().starts_with("[[["));
    }
}
