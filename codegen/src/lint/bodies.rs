//! Bodies: who reaches which schema, and whether secrets are masked on the way.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Findings;
use super::schemas::promises_a_secret;
use crate::description::{Description, text};
use crate::error::Error;
use crate::model::Scalar;
use crate::rust_view::{Side, reachable};

pub(super) fn check(findings: &mut Findings, description: &Description) -> Result<(), Error> {
    let requests = reachable(description.as_value(), Side::Request);
    let responses = reachable(description.as_value(), Side::Response);

    for (name, schema) in description.schemas() {
        let place = format!("schemas/{name}");
        let in_request = requests.contains(name);
        let in_response = responses.contains(name);
        findings.require(
            in_request || in_response,
            &place,
            "no operation uses it",
            "remove it, or refer to it",
        );
        if Scalar::of(schema).is_some() {
            continue;
        }
        findings.require(
            !(in_request && in_response),
            &place,
            "an object that stands in requests and in answers",
            "requests are strict and answers tolerant: give each side an object of its own",
        );
        if in_request && text(schema, "type") == Some("object") {
            findings.require(
                schema
                    .get("additionalProperties")
                    .is_some_and(Value::is_boolean),
                &place,
                "it does not say whether the request is open",
                "additionalProperties: false if all of it was seen, true if not",
            );
        }
        for field in description.fields(schema)? {
            let masked = text(field.schema, "x-konaplate-sensitive").is_some();
            let excused = text(field.raw, "x-konaplate-sensitive") == Some("none");
            let is_text = matches!(Scalar::of(field.schema), Some(Scalar::Text { .. }));
            findings.require(
                !is_text || masked || excused || !promises_a_secret(field.name),
                format!("{place}.{}", field.name),
                "the name promises a secret, and the schema is not marked x-konaplate-sensitive",
                "mark the schema; or mark the field x-konaplate-sensitive: none if the name misleads",
            );
        }
    }
    unused(findings, description);
    Ok(())
}

/// Shared parts that nothing refers to.
fn unused(findings: &mut Findings, description: &Description) {
    let mut used = BTreeSet::new();
    references(description.as_value(), &mut used);
    for kind in ["parameters", "headers", "responses", "examples"] {
        let names = description
            .as_value()
            .pointer(&format!("/components/{kind}"))
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|members| members.keys());
        for name in names {
            findings.require(
                used.contains(format!("#/components/{kind}/{name}").as_str()),
                format!("{kind}/{name}"),
                "nothing refers to it",
                "remove it, or refer to it",
            );
        }
    }
}

fn references<'d>(value: &'d Value, used: &mut BTreeSet<&'d str>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                used.insert(reference);
            }
            map.values().for_each(|member| references(member, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, used)),
        _ => {}
    }
}
