//! A plaintext for people at a terminal, of which others take pictures.

use konaplate::protocol::envelope::Document;
use konaplate_spec::Language;
use serde_json::{Map, Value};

use super::super::protocol::json::{Spacing, spaced};
use crate::catalogue::spec;

/// JSON with indents, its values masked unless they are exposed. What is no JSON object is masked as a
/// whole.
pub(super) fn for_people(
    plaintext: &[u8],
    schema: Option<&str>,
    expose: bool,
    language: Language,
) -> Vec<u8> {
    if expose {
        // Names and numbers as they are written.
        return match spaced(plaintext, Spacing::TWO) {
            Some(json) => [&json[..], b"\n"].concat(),
            None => plaintext.to_vec(),
        };
    }
    let Some(document) = Document::parse(plaintext) else {
        let has = plaintext.len();
        return line(&match language {
            Language::English => {
                format!("[{has} bytes that are no JSON object; --expose shows them]")
            }
            Language::Korean => {
                format!("[JSON 객체가 아닌 {has}바이트, --expose를 지정하면 표시]")
            }
        });
    };
    let code = document.status().map(|status| status.code.to_owned());
    let value = document.into_value();
    let masked = match schema {
        Some(schema) => spec().masked(schema, &described(schema, value)),
        None => {
            let mut masked = form(&value);
            // What every response says of itself is no value of a member.
            if let Some(code) = code.filter(|code| is_code(code)) {
                masked["response"]["code"] = code.into();
            }
            masked
        }
    };
    line(&format!("{masked:#}"))
}

fn line(text: &str) -> Vec<u8> {
    format!("{text}\n").into_bytes()
}

/// A code of the platform: two times three digits.
fn is_code(code: &str) -> bool {
    code.len() == 7
        && code.split_once('_').is_some_and(|(one, other)| {
            let is_number =
                |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
            is_number(one) && is_number(other)
        })
}

/// A body of that schema, without the values that the description does not know: who knows what they
/// are.
fn described(schema: &str, mut body: Value) -> Value {
    let Some(known) = spec().find_schema(schema) else {
        return form(&body);
    };
    let members = body.as_object_mut().into_iter().flatten();
    for (name, value) in members {
        let Some(field) = known.field(name) else {
            *value = form(value);
            continue;
        };
        let Some(inner) = field.shape.schema() else {
            continue;
        };
        match value {
            Value::Array(items) => {
                for item in items {
                    *item = described(inner, item.take());
                }
            }
            Value::Object(_) => *value = described(inner, value.take()),
            _ => {}
        }
    }
    body
}

/// What a value is, without it.
fn form(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => "[true or false]".into(),
        Value::Number(_) => "[number]".into(),
        Value::String(text) => format!("[text of {}]", text.chars().count()).into(),
        Value::Array(items) => items.iter().map(form).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), form(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str, schema: Option<&str>, expose: bool) -> String {
        let shown = for_people(json.as_bytes(), schema, expose, Language::English);
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn no_value_is_shown_but_the_code() {
        let json = r#"{"cardNo":"9491339401250765","n":[777,{"a":true}],"response":{"code":"000_000","description":"Success"}}"#;
        let text = shown(json, None, false);
        for hidden in ["9491339401250765", "Success", "777", ": true"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        for seen in ["[text of 16]", "[number]", "000_000"] {
            assert!(text.contains(seen), "{seen}: {text}");
        }
        assert!(shown(json, None, true).contains("9491339401250765"));
    }

    #[test]
    fn what_is_no_object_is_masked_as_a_whole() {
        for plaintext in [
            "9491339401250765",
            "\"9491339401250765\"",
            "{\"a\":9491339401250765",
        ] {
            let text = shown(plaintext, None, false);
            assert!(!text.contains("9491"), "{text}");
            let korean = for_people(plaintext.as_bytes(), None, false, Language::Korean);
            let korean = String::from_utf8(korean).unwrap();
            assert!(!korean.contains("9491"), "{korean}");
            let has = format!("{}바이트", plaintext.len());
            assert!(korean.contains(&has), "{korean}");
        }
    }

    #[test]
    fn of_an_operation_sensitive_and_unknown_values_are_masked() {
        let operation = crate::catalogue::operation("issue_one_time_token").unwrap();
        let schema = Some(operation.response.schema.as_str());
        let json = r#"{"oneTimeToken":"1234567890123456","dcvv":"777","other":"9491339401250765","response":{"code":"000_000","description":"Success"}}"#;
        let text = shown(json, schema, false);
        for hidden in ["1234567890123456", "777", "9491339401250765"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        assert!(text.contains("000_000"), "{text}");
    }

    #[test]
    fn a_code_that_is_none_is_masked() {
        let text = shown(r#"{"response":{"code":"9491339401250765"}}"#, None, false);
        assert!(!text.contains("9491"), "{text}");
    }

    #[test]
    fn what_is_exposed_keeps_its_order_and_its_numbers() {
        let json = r#"{"n":123456789012345678901234567890,"a":1.50}"#;
        let text = shown(json, None, true);
        assert_eq!(
            text,
            "{\n  \"n\": 123456789012345678901234567890,\n  \"a\": 1.50\n}\n"
        );
    }
}
