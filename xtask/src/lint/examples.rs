//! Examples: each keeps the rules of what it is an example of. Documentation shows them, the
//! sandbox responds with them, and mock servers of other people do.

use konaplate_spec::{Header, Kind, Schema, Shape, Side, Spec, Text};
use serde_json::Value;

use super::Findings;
use crate::document::{self, text};

const HINT: &str =
    "an example that breaks the rule beside it teaches the wrong thing; correct one of them";

pub(super) fn check(findings: &mut Findings, spec: &Spec) {
    for schema in spec.schemas() {
        let place = format!("schemas/{}", schema.name);
        match &schema.example {
            Some(example) => {
                findings.require(
                    fits(spec, schema, example),
                    place,
                    "the example breaks the rule of the schema",
                    HINT,
                );
            }
            None => findings.require(
                schema.object().is_some(),
                place,
                "no example",
                "every value has one; objects are shown by the examples of bodies",
            ),
        }
    }
    for operation in spec.operations() {
        for (side, body) in [
            ("request", &operation.request),
            ("response", &operation.response),
        ] {
            for example in &body.examples {
                if let Err(problem) = object(spec, spec.schema(&body.schema), &example.value) {
                    findings.add(
                        &operation.id,
                        format!("the {side} example {}: {problem}", example.name),
                        HINT,
                    );
                }
            }
        }
    }
    headers(findings, spec);
}

/// Examples of headers stand beside their parameter or scheme.
fn headers(findings: &mut Findings, spec: &Spec) {
    let parts = [
        ("parameters", "example"),
        ("securitySchemes", "x-konaplate-example"),
    ];
    for (kind, key) in parts {
        for (name, part) in document::components(spec.document(), kind) {
            let named = |header: &&Header| Some(header.name.as_str()) == text(part, "name");
            let header = spec.headers().iter().find(named);
            let example = text(part, key);
            findings.require(
                header.zip(example).is_none_or(|(h, e)| matches(&h.rule, e)),
                format!("{kind}/{name}"),
                "the example breaks the rule of the header",
                HINT,
            );
        }
    }
}

/// A body, or an object in one.
fn object(spec: &Spec, schema: &Schema, value: &Value) -> Result<(), String> {
    let Some(map) = value.as_object() else {
        return Err(format!("{value} is no object"));
    };
    if let Some(missing) = schema
        .fields()
        .iter()
        .find(|field| field.required && !map.contains_key(&field.name))
    {
        return Err(format!("{} is missing", missing.name));
    }
    // What was seen whole has no other fields; a request that was not may carry some.
    let whole = !schema.is_incomplete() && spec.reaches(Side::Request, &schema.name);
    for (name, value) in map {
        let Some(field) = schema.field(name) else {
            if whole {
                return Err(format!("{name} is not described"));
            }
            continue;
        };
        let inner = field.shape.schema().map(|name| spec.schema(name));
        let one = |value: &Value| match inner {
            None => value.is_boolean(),
            Some(inner) => fits(spec, inner, value),
        };
        let fits = match &field.shape {
            Shape::Values(_) | Shape::Objects(_) => {
                value.as_array().is_some_and(|list| list.iter().all(one))
            }
            Shape::Flag | Shape::Value(_) | Shape::Object(_) => one(value),
        };
        if !fits {
            return Err(format!("{name} breaks its rule"));
        }
    }
    Ok(())
}

fn fits(spec: &Spec, schema: &Schema, value: &Value) -> bool {
    match &schema.kind {
        Kind::Object(_) => object(spec, schema, value).is_ok(),
        Kind::Integer(range) => value
            .as_u64()
            .is_some_and(|number| (range.min..=range.max).contains(&number)),
        Kind::Enum(words) => words
            .values
            .iter()
            .any(|known| value.as_str() == Some(known.word.as_str())),
        Kind::Text(rule) => value.as_str().is_some_and(|text| matches(rule, text)),
    }
}

fn matches(rule: &Text, text: &str) -> bool {
    let length = text.chars().count() as u64;
    length >= rule.min
        && rule.max.is_none_or(|max| length <= max)
        && rule.pattern.as_ref().is_none_or(|pattern| {
            regex_lite::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
        })
}
