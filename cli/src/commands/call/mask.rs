//! Bodies without what is sensitive.
//!
//! What the description calls sensitive is replaced by what it is, and what it does not describe by its
//! kind and size: nothing is known of it.

use konaplate::protocol::shown_name;
use konaplate::value::MaskedJson;
use konaplate_spec::{Kind, Schema, Shape};
use serde_json::{Map, Value};

use crate::catalogue::spec;

/// A body of a schema. None: nobody described it.
pub(super) fn masked(schema: Option<&str>, body: &Value) -> Value {
    match schema {
        Some(name) => of_schema(spec().schema(name), body),
        None => match body {
            Value::Object(members) => {
                let mut masked = undescribed(members.iter());
                // Every response has this one, whatever it is of.
                let envelope = spec().schemas().iter().find(|schema| schema.is_envelope);
                if let (Some(envelope), Some(said)) = (envelope, members.get("response")) {
                    masked.insert("response".to_owned(), of_schema(envelope, said));
                }
                masked.into()
            }
            other => kind_of(other),
        },
    }
}

fn of_schema(schema: &Schema, value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    if let Some(kind) = &schema.sensitive {
        return format!("[{kind}]").into();
    }
    match (&schema.kind, value) {
        (Kind::Object(_), Value::Object(members)) => {
            let (known, others): (Vec<_>, Vec<_>) = members
                .iter()
                .partition(|(name, _)| schema.field(name).is_some());
            let mut masked = undescribed(others.into_iter());
            for (name, value) in known {
                let Some(field) = schema.field(name) else {
                    continue;
                };
                masked.insert(name.clone(), of_shape(&field.shape, value));
            }
            masked.into()
        }
        (Kind::Text(_) | Kind::Enum(_), Value::String(_) | Value::Number(_) | Value::Bool(_))
        | (Kind::Integer(_), Value::Number(_)) => value.clone(),
        // A number that came as text.
        (Kind::Integer(_), Value::String(text)) if text.bytes().all(|b| b.is_ascii_digit()) => {
            value.clone()
        }
        _ => kind_of(value),
    }
}

fn of_shape(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (_, Value::Null) | (Shape::Flag, Value::Bool(_)) => value.clone(),
        (Shape::Flag, _) => kind_of(value),
        (Shape::Value(inner) | Shape::Object(inner), value) => {
            of_schema(spec().schema(inner), value)
        }
        (Shape::Values(inner) | Shape::Objects(inner), Value::Array(items)) => {
            let schema = spec().schema(inner);
            items.iter().map(|item| of_schema(schema, item)).collect()
        }
        (Shape::Values(_) | Shape::Objects(_), _) => kind_of(value),
    }
}

/// Fields that nobody described. A name that looks like none could be a value.
fn undescribed<'v>(members: impl Iterator<Item = (&'v String, &'v Value)>) -> Map<String, Value> {
    let mut masked = Map::new();
    for (name, value) in members {
        masked.insert(shown_name(name).to_owned(), kind_of(value));
    }
    masked
}

fn kind_of(value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    format!("{:?}", MaskedJson::from(value.clone())).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::operation;

    #[test]
    fn what_is_sensitive_or_not_described_is_masked_at_any_depth() {
        let schema = &operation("list_card_gifts").unwrap().response.schema;
        let example = &operation("list_card_gifts").unwrap().response.examples[0].value;
        let mut body = example.clone();
        body["more"] = json!({"cardNo": "9491339401250765"});
        body["9491339401250765"] = json!("9491339401250765");
        let masked = masked(Some(schema), &body);
        assert_eq!(masked["more"], "[object of 1]");
        assert_eq!(masked["…"], "[text of 16]");
        assert!(!masked.to_string().contains("9491339401250765"), "{masked}");
        assert_eq!(masked["response"]["code"], body["response"]["code"]);
        assert_eq!(masked["response"]["description"], "[message]");
    }

    #[test]
    fn every_example_keeps_its_plain_values_and_loses_the_others() {
        let mut kept = 0;
        for operation in spec().operations() {
            for body in [&operation.request, &operation.response] {
                for example in &body.examples {
                    let ours = masked(Some(&body.schema), &example.value);
                    let schemas = spec().masked(&body.schema, &example.value);
                    let same = ours == schemas || spec().schema(&body.schema).is_incomplete();
                    assert!(same || has_undescribed(&ours), "{}: {ours}", operation.id);
                    kept += usize::from(ours == schemas);
                }
            }
        }
        assert!(kept > 150, "{kept}");
    }

    fn has_undescribed(masked: &Value) -> bool {
        [
            "[text of",
            "[number]",
            "[list of",
            "[object of",
            "[boolean]",
        ]
        .iter()
        .any(|kind| masked.to_string().contains(kind))
    }

    #[test]
    fn a_value_of_another_kind_than_described_is_masked() {
        let schema = &operation("get_bank_recharge_result")
            .unwrap()
            .request
            .schema;
        let body = json!({"sequenceId": {"cardNo": "9491339401250765"}});
        assert_eq!(masked(Some(schema), &body)["sequenceId"], "[object of 1]");
        assert_eq!(masked(None, &body)["sequenceId"], "[object of 1]");
    }
}
