//! The same JSON as other writers write it: blanks, line breaks, escapes and the order of names. Names
//! and numbers stay as they are written.

use serde::de::IgnoredAny;
use serde_json::Value;

/// Where a writer puts blanks and line breaks.
#[derive(Clone, Copy)]
pub(in crate::commands) struct Spacing {
    /// What a level is indented by; none writes one line.
    pub(in crate::commands) indent: Option<&'static str>,
    pub(in crate::commands) comma: &'static str,
    pub(in crate::commands) colon: &'static str,
    /// Whether a list stays in its line, and its brackets have blanks, as Jackson has it.
    pub(in crate::commands) lists_in_line: bool,
}

impl Spacing {
    pub(in crate::commands) const COMPACT: Self = Self::of(None, ",", ":");
    /// Python's `json.dumps`.
    pub(in crate::commands) const SPACED: Self = Self::of(None, ", ", ": ");
    pub(in crate::commands) const TWO: Self = Self::of(Some("  "), ",", ": ");
    pub(in crate::commands) const FOUR: Self = Self::of(Some("    "), ",", ": ");
    pub(in crate::commands) const TAB: Self = Self::of(Some("\t"), ",", ": ");
    /// Jackson's `writerWithDefaultPrettyPrinter`.
    pub(in crate::commands) const JACKSON: Self = Self {
        indent: Some("  "),
        comma: ",",
        colon: " : ",
        lists_in_line: true,
    };

    /// All but the compact one.
    pub(in crate::commands) const WIDER: [Self; 5] = [
        Self::SPACED,
        Self::TWO,
        Self::FOUR,
        Self::TAB,
        Self::JACKSON,
    ];

    const fn of(indent: Option<&'static str>, comma: &'static str, colon: &'static str) -> Self {
        Self {
            indent,
            comma,
            colon,
            lists_in_line: false,
        }
    }
}

/// JSON with other blanks. None for what is no JSON.
pub(in crate::commands) fn spaced(json: &[u8], spacing: Spacing) -> Option<Vec<u8>> {
    let text = checked(json)?;
    let mut writer = Writer {
        out: String::with_capacity(text.len() * 2),
        spacing,
        around: Vec::new(),
    };
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest)?,
            '{' | '[' => {
                let after = rest[1..].trim_start();
                let is_empty = after.starts_with(['}', ']']);
                writer.opens(first, is_empty);
                if is_empty {
                    rest = after[1..].trim_start();
                    continue;
                }
                rest = after;
                continue;
            }
            '}' | ']' | ',' | ':' => {
                writer.goes_on(first);
                rest = rest[1..].trim_start();
                continue;
            }
            _ => rest
                .find([',', ':', '}', ']', ' ', '\t', '\r', '\n'])
                .unwrap_or(rest.len()),
        };
        writer.out.push_str(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    Some(writer.out.into_bytes())
}

struct Writer {
    out: String,
    spacing: Spacing,
    /// The objects and lists around, and whether each has a line for each of its members.
    around: Vec<bool>,
}

impl Writer {
    fn opens(&mut self, bracket: char, is_empty: bool) {
        let in_line = self.spacing.lists_in_line;
        self.out.push(bracket);
        if is_empty {
            self.out.push_str(if in_line { " " } else { "" });
            self.out.push(if bracket == '{' { '}' } else { ']' });
        } else {
            self.around.push(!in_line || bracket == '{');
            self.breaks();
        }
    }

    fn goes_on(&mut self, mark: char) {
        match mark {
            ':' => self.out.push_str(self.spacing.colon),
            '}' | ']' => {
                let has_lines = self.around.pop().unwrap_or_default();
                self.breaks_if(has_lines);
                self.out.push(mark);
            }
            _ => {
                self.out.push_str(self.spacing.comma);
                self.breaks();
            }
        }
    }

    fn breaks(&mut self) {
        self.breaks_if(self.around.last().copied().unwrap_or_default());
    }

    fn breaks_if(&mut self, has_lines: bool) {
        let Some(indent) = self.spacing.indent else {
            return;
        };
        if has_lines {
            let level = self.around.iter().filter(|has_lines| **has_lines).count();
            self.out.push('\n');
            self.out.push_str(&indent.repeat(level));
        } else {
            self.out.push(' ');
        }
    }
}

/// Which characters a writer escapes.
#[derive(Clone, Copy)]
pub(in crate::commands) struct Escapes {
    pub(in crate::commands) not_ascii: bool,
    pub(in crate::commands) slash: bool,
    /// Those that mean something in HTML: Go's, and Gson's.
    pub(in crate::commands) html: &'static str,
}

/// JSON with more characters escaped. None for what is no JSON.
pub(in crate::commands) fn escaped(json: &[u8], escapes: Escapes) -> Option<Vec<u8>> {
    let text = checked(json)?;
    let mut out = String::with_capacity(text.len() * 2);
    let mut is_escape = false;
    for c in text.chars() {
        if (escapes.not_ascii && !c.is_ascii()) || escapes.html.contains(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            if escapes.slash && c == '/' && !is_escape {
                out.push('\\');
            }
            out.push(c);
        }
        is_escape = c == '\\' && !is_escape;
    }
    Some(out.into_bytes())
}

/// JSON whose strings have no escape that they can be without. None for what is no JSON.
pub(in crate::commands) fn unescaped(json: &[u8]) -> Option<Vec<u8>> {
    let text = checked(json)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = string_length(rest)?;
        let string: String = serde_json::from_str(&rest[..length]).ok()?;
        out.push_str(&serde_json::to_string(&string).ok()?);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Some(out.into_bytes())
}

/// JSON in one line, its names in the order of the alphabet. None for what is no JSON.
pub(in crate::commands) fn sorted(json: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(json).ok()?;
    let mut out = String::with_capacity(json.len());
    write_sorted(&value, &mut out);
    Some(out.into_bytes())
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_sorted(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (place, value) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write_sorted(value, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// The text, if it is JSON.
fn checked(json: &[u8]) -> Option<&str> {
    serde_json::from_slice::<IgnoredAny>(json).ok()?;
    std::str::from_utf8(json).ok()
}

/// How long the string is that a text begins with, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut is_escape = false;
    for (place, c) in text.char_indices().skip(1) {
        if c == '"' && !is_escape {
            return Some(place + 1);
        }
        is_escape = c == '\\' && !is_escape;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"b":[1,{"x":"a, \"}\\"},[]],"a":{},"c":1.50}"#;

    fn text(bytes: Option<Vec<u8>>) -> String {
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn every_spacing_reads_back_as_the_compact_one() {
        for spacing in Spacing::WIDER {
            let other = spaced(JSON.as_bytes(), spacing).unwrap();
            assert_ne!(other, JSON.as_bytes());
            assert_eq!(text(spaced(&other, Spacing::COMPACT)), JSON);
        }
    }

    #[test]
    fn spacings_are_those_of_the_writers() {
        let python = r#"{"b": [1, {"x": "a, \"}\\"}, []], "a": {}, "c": 1.50}"#;
        assert_eq!(text(spaced(JSON.as_bytes(), Spacing::SPACED)), python);
        let jackson = "{\n  \"b\" : [ 1, {\n    \"x\" : 2\n  }, [ ] ],\n  \"a\" : { }\n}";
        let compact = br#"{"b":[1,{"x":2},[]],"a":{}}"#;
        assert_eq!(text(spaced(compact, Spacing::JACKSON)), jackson);
        let value: Value = serde_json::from_str(r#"{"a":[1,{"b":[]}],"c":{}}"#).unwrap();
        let two = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(text(spaced(two.as_bytes(), Spacing::TWO)), two);
    }

    #[test]
    fn escapes_are_added_and_taken_off() {
        let json = r#"{"a":"김/\/🎁<"}"#.as_bytes();
        let python = Escapes {
            not_ascii: true,
            slash: false,
            html: "",
        };
        let escaped_text = text(escaped(json, python));
        assert_eq!(escaped_text, r#"{"a":"\uae40/\/\ud83c\udf81<"}"#);
        let php = Escapes {
            slash: true,
            ..python
        };
        assert_eq!(
            text(escaped(json, php)),
            r#"{"a":"\uae40\/\/\ud83c\udf81<"}"#
        );
        assert_eq!(
            text(unescaped(escaped_text.as_bytes())),
            r#"{"a":"김//🎁<"}"#
        );
    }

    #[test]
    fn names_are_sorted_and_what_is_no_json_is_left() {
        assert_eq!(
            text(sorted(br#"{"b":1,"a":{"d":[2,"x"],"c":null}}"#)),
            r#"{"a":{"c":null,"d":[2,"x"]},"b":1}"#
        );
        assert!(spaced(b"{", Spacing::TWO).is_none());
        assert!(sorted(b"no").is_none());
    }
}
