//! A response as aligned text.

use konaplate_spec::{Field, Form, Kind, Schema, Shape};
use serde_json::{Map, Value};

use crate::catalogue::spec;
use crate::output::{FAINT, styled};

/// A body as lines of names and values, in the order of the description. Behind a value stands what the
/// description says of it: the meaning of a word, or a time as people write it.
pub(super) fn text(schema: Option<&str>, body: &Value) -> String {
    let mut lines = Vec::new();
    let schema = schema.map(|name| spec().schema(name));
    match body {
        Value::Object(members) => object(schema, members, 0, &mut lines),
        other => lines.push(shown(other)),
    }
    lines.join("\n")
}

fn object(
    schema: Option<&'static Schema>,
    members: &Map<String, Value>,
    indent: usize,
    lines: &mut Vec<String>,
) {
    let fields = schema.map_or(&[][..], Schema::fields);
    let described = fields.iter().filter_map(|field| {
        members
            .get_key_value(&field.name)
            .map(|member| (member, Some(field)))
    });
    let is_described = |name: &str| fields.iter().any(|field| field.name == name);
    let others = members
        .iter()
        .filter(|(name, _)| !is_described(name))
        .map(|member| (member, None));
    let width = members
        .iter()
        .filter(|(_, value)| !is_nested(value))
        .map(|(name, _)| shown_text(name).chars().count())
        .max();
    let width = width.unwrap_or_default();
    for ((name, value), field) in described.chain(others) {
        let name = shown_text(name);
        let inner = field.and_then(inner_schema);
        if is_nested(value) {
            lines.push(format!("{:indent$}{name}", ""));
            nested(inner, value, indent + 2, lines);
        } else {
            let value = with_note(inner, value);
            lines.push(format!("{:indent$}{name:width$}  {value}", ""));
        }
    }
}

fn nested(schema: Option<&'static Schema>, value: &Value, indent: usize, lines: &mut Vec<String>) {
    match value {
        Value::Object(members) => object(schema, members, indent, lines),
        Value::Array(items) => {
            let width = items.len().to_string().len();
            for (place, item) in items.iter().enumerate() {
                let number = place + 1;
                if is_nested(item) {
                    lines.push(format!("{:indent$}{number}", ""));
                    nested(schema, item, indent + 2, lines);
                } else {
                    let item = with_note(schema, item);
                    lines.push(format!("{:indent$}{number:>width$}  {item}", ""));
                }
            }
        }
        _ => {}
    }
}

/// Whether a value takes lines of its own.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn inner_schema(field: &'static Field) -> Option<&'static Schema> {
    match &field.shape {
        Shape::Flag => None,
        shape => shape.schema().map(|name| spec().schema(name)),
    }
}

fn with_note(schema: Option<&Schema>, value: &Value) -> String {
    let text = shown(value);
    match schema.and_then(|schema| note(schema, value)) {
        Some(note) => format!("{text}  {}", styled(FAINT, &note)),
        None => text,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shown_text(text),
        other => other.to_string(),
    }
}

/// A text in one line, without what a terminal would obey.
fn shown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// What the description says of a value.
fn note(schema: &Schema, value: &Value) -> Option<String> {
    if let Some(form) = schema.form {
        return time(form, value);
    }
    let word = value.as_str()?;
    if let Kind::Enum(words) = &schema.kind {
        let known = words.values.iter().find(|known| known.word == word)?;
        return Some(known.meaning.trim_end_matches('.').to_owned());
    }
    let known = schema
        .known_values
        .iter()
        .find(|(known, _)| known == word)?;
    Some(known.1.trim_end_matches('.').to_owned())
}

/// A time as people write it. The reference names no time zone, so none is shown but where it is UTC.
fn time(form: Form, value: &Value) -> Option<String> {
    if form == Form::EpochMillis {
        let millis = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
        return Some(jiff::Timestamp::from_millisecond(millis).ok()?.to_string());
    }
    let digits = value.as_str()?;
    let (date, time) = match (form, digits.len()) {
        (Form::Date, 8) => (digits, ""),
        (Form::Time, 6) => ("", digits),
        (Form::DateTime, 14) | (Form::DateTimeMillis, 17) if digits.is_ascii() => {
            digits.split_at(8)
        }
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = Vec::new();
    if !date.is_empty() {
        parts.push(format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]));
    }
    if !time.is_empty() {
        let mut clock = format!("{}:{}:{}", &time[..2], &time[2..4], &time[4..6]);
        if time.len() > 6 {
            clock = format!("{clock}.{}", &time[6..]);
        }
        parts.push(clock);
    }
    Some(parts.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_values_are_aligned_and_lists_are_numbered() {
        let body = json!({
            "a": 1, "longer": "x", "object": {"b": true, "bb": null},
            "list": [{"c": 1}, "y"], "empty": [],
        });
        let expected = "\
a       1
longer  x
object
  b   true
  bb  null
list
  1
    c  1
  2  y
empty   []";
        assert_eq!(text(None, &body), expected);
    }

    #[test]
    fn a_terminal_obeys_nothing_that_came() {
        let shown = text(None, &json!({"a": "x\u{1b}[2J\ny\u{202e}"}));
        assert_eq!(shown, "a  x\\u{1b}[2J\\ny\\u{202e}");
    }

    #[test]
    fn times_are_written_as_people_do() {
        let of = |form, value: Value| time(form, &value);
        for (form, value, expected) in [
            (Form::Date, json!("20260315"), Some("2026-03-15")),
            (Form::Time, json!("104512"), Some("10:45:12")),
            (
                Form::DateTime,
                json!("20260315104512"),
                Some("2026-03-15 10:45:12"),
            ),
            (
                Form::DateTimeMillis,
                json!("20260315104512345"),
                Some("2026-03-15 10:45:12.345"),
            ),
            (
                Form::EpochMillis,
                json!(1_773_539_112_345_u64),
                Some("2026-03-15T01:45:12.345Z"),
            ),
            (Form::Date, json!("[birth-date]"), None),
            (Form::DateTime, json!("2026031510451x"), None),
            (Form::Date, json!("é가123"), None),
        ] {
            assert_eq!(of(form, value).as_deref(), expected);
        }
    }
}
