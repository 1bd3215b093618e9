//! A command to copy, made of an example.

use konaplate_spec::{Field, Operation};
use serde_json::{Map, Value};

use crate::catalogue::spec;

/// `konaplate call` with the first example of the request: its fields in the order of the
/// description, and quoted for a shell.
pub(super) fn command(operation: &Operation) -> String {
    let mut words = vec!["konaplate call".to_owned(), operation.id.clone()];
    let example = operation.request.examples.first();
    if let Some(body) = example.and_then(|example| example.value.as_object()) {
        object(
            "",
            spec().schema(&operation.request.schema).fields(),
            body,
            &mut words,
        );
    }
    words.join(" ")
}

/// The members of an object at a place: those that are described, and behind them the others.
fn object(place: &str, fields: &[Field], body: &Map<String, Value>, words: &mut Vec<String>) {
    for field in fields {
        let Some(value) = body.get(&field.name) else {
            continue;
        };
        let name = format!("{place}{}", field.name);
        let inner = field
            .shape
            .object()
            .map(|schema| spec().schema(schema).fields());
        match (value, inner) {
            (Value::Object(body), Some(fields)) if !body.is_empty() => {
                object(&format!("{name}."), fields, body, words);
            }
            (Value::Array(items), inner) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    match (item, inner) {
                        (Value::Object(body), Some(fields)) => {
                            object(&format!("{name}[{index}]."), fields, body, words);
                        }
                        _ => words.push(word(&name, item)),
                    }
                }
            }
            _ => words.push(word(&name, value)),
        }
    }
    let is_described = |name: &str| fields.iter().any(|field| field.name == name);
    for (name, value) in body.iter().filter(|(name, _)| !is_described(name)) {
        words.push(raw(&format!("{place}{name}"), value));
    }
}

/// `name=value`, where the description says what the value is.
fn word(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => quoted(&format!("{name}="), text),
        Value::Number(_) | Value::Bool(_) => quoted(&format!("{name}="), &value.to_string()),
        _ => raw(name, value),
    }
}

/// `name:=json`
fn raw(name: &str, value: &Value) -> String {
    quoted(&format!("{name}:="), &value.to_string())
}

/// The name stays as it is where a shell takes it so, and the value is quoted where it would not.
fn quoted(name: &str, value: &str) -> String {
    if name.contains('[') {
        shell_words::quote(&format!("{name}{value}")).into_owned()
    } else {
        format!("{name}{}", shell_words::quote(value))
    }
}
