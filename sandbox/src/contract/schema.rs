//! JSON schemas for the validator, built from the model.
//!
//! The description leaves out what other generators trip over: a request that was seen whole does
//! not say `additionalProperties: false`, and bounds above 2^63-1 stand in extensions. Here they
//! are enforced.

use std::collections::HashSet;

use konaplate_spec::{Field, Kind, Schema, Shape, Spec};
use serde_json::{Map, Value, json};

/// The schema of that name with the schemas that it refers to.
pub(super) fn json_schema(spec: &Spec, name: &str) -> Value {
    let definitions: Map<String, Value> = reached(spec, name)
        .into_iter()
        .map(|schema| (schema.name.clone(), one(schema)))
        .collect();
    let mut whole = reference(name);
    whole["definitions"] = definitions.into();
    whole
}

/// Names of the fields of a schema, and of those below it, whose values are one of a list.
pub(super) fn fields_of_a_list(spec: &Spec, name: &str) -> HashSet<String> {
    let is_one_of_a_list = |field: &&Field| match &field.shape {
        Shape::Value(name) => matches!(spec.schema(name).kind, Kind::Enum(_)),
        Shape::Flag | Shape::Object(_) | Shape::Values(_) | Shape::Objects(_) => false,
    };
    reached(spec, name)
        .into_iter()
        .flat_map(Schema::fields)
        .filter(is_one_of_a_list)
        .map(|field| field.name.clone())
        .collect()
}

/// The schema of that name and those below it, once each.
fn reached<'s>(spec: &'s Spec, name: &'s str) -> Vec<&'s Schema> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            let schema = spec.schema(name);
            open.extend(
                schema
                    .fields()
                    .iter()
                    .filter_map(|field| field.shape.schema()),
            );
            found.push(schema);
        }
    }
    found
}

fn one(schema: &Schema) -> Value {
    match &schema.kind {
        Kind::Integer(rule) => json!({"type": "integer", "minimum": rule.min, "maximum": rule.max}),
        Kind::Enum(words) => {
            let words: Vec<_> = words.values.iter().map(|value| &value.word).collect();
            json!({"type": "string", "enum": words})
        }
        Kind::Text(rule) => {
            let mut text = json!({"type": "string", "minLength": rule.min});
            if let Some(max) = rule.max {
                text["maxLength"] = max.into();
            }
            if let Some(pattern) = &rule.pattern {
                text["pattern"] = pattern.as_str().into();
            }
            text
        }
        Kind::Object(object) => {
            let properties: Map<String, Value> = object
                .fields
                .iter()
                .map(|field| (field.name.clone(), property(field)))
                .collect();
            let required: Vec<_> = object
                .fields
                .iter()
                .filter(|field| field.required)
                .map(|field| &field.name)
                .collect();
            let mut whole = json!({"type": "object", "properties": properties});
            // Draft 4 wants at least one name in `required`.
            if !required.is_empty() {
                whole["required"] = json!(required);
            }
            if object.complete {
                whole["additionalProperties"] = false.into();
            }
            whole
        }
    }
}

fn property(field: &Field) -> Value {
    match &field.shape {
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Value(name) | Shape::Object(name) => reference(name),
        Shape::Values(name) | Shape::Objects(name) => {
            json!({"type": "array", "items": reference(name)})
        }
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}
