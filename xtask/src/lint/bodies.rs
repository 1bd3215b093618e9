//! Bodies: who reaches which schema, whether secrets are masked on the way, and whether what was
//! not seen may come.

use konaplate_spec::{Kind, Schema, Side, Spec};

use super::Findings;
use super::schemas::promises_a_secret;
use crate::document;

pub(super) fn check(findings: &mut Findings, spec: &Spec) {
    for schema in spec.schemas() {
        let place = format!("schemas/{}", schema.name);
        let sent = spec.reaches(Side::Request, &schema.name);
        let received = [Side::Response, Side::Failure]
            .iter()
            .any(|side| spec.reaches(*side, &schema.name));
        findings.require(
            sent || received,
            &place,
            "no operation uses it",
            "remove it, or refer to it",
        );
        if schema.object().is_none() {
            continue;
        }
        findings.require(
            !(sent && received),
            &place,
            "an object that stands in requests and in responses",
            "requests are strict and responses tolerant: give each side an object of its own",
        );
        openness(findings, spec, schema, received);
        for field in schema.fields() {
            let value = field.shape.schema().map(|name| spec.schema(name));
            let exposed = value.is_some_and(|value| {
                matches!(value.kind, Kind::Text(_)) && value.sensitive.is_none()
            });
            findings.require(
                !exposed || field.is_plain || !promises_a_secret(&field.name),
                format!("{place}.{}", field.name),
                "the name promises a secret, and the schema is not marked x-konaplate-sensitive",
                "mark the schema; or mark the field x-konaplate-sensitive: none if the name misleads",
            );
        }
    }
    envelope(findings, spec);
}

/// `additionalProperties` stands on requests that were not seen whole, and nowhere else.
fn openness(findings: &mut Findings, spec: &Spec, schema: &Schema, received: bool) {
    let place = format!("schemas/{}", schema.name);
    let additional = document::components(spec.document(), "schemas")
        .find(|(name, _)| *name == schema.name)
        .is_some_and(|(_, raw)| raw.get("additionalProperties").is_some());
    if received {
        findings.require(
            !additional,
            place,
            "additionalProperties in a response",
            "leave it out, which means open; said explicitly it breaks Kotlin. x-konaplate-complete: false says \
             that not all was seen",
        );
    } else {
        findings.require(
            additional || !schema.is_incomplete(),
            place,
            "a request that was not seen whole, and cannot carry other fields",
            "additionalProperties: true lets callers send them",
        );
    }
}

/// Every response begins with the same object.
fn envelope(findings: &mut Findings, spec: &Spec) {
    let envelopes: Vec<_> = spec.schemas().iter().filter(|s| s.is_envelope).collect();
    let [envelope] = envelopes.as_slice() else {
        findings.add(
            "schemas",
            format!("{} schemas are the envelope", envelopes.len()),
            "x-konaplate-envelope: true stands on the one object that every response begins with",
        );
        return;
    };
    for operation in spec.operations() {
        let first = spec.schema(&operation.response.schema).fields().first();
        findings.require(
            first.is_some_and(|field| {
                field.required && field.shape.object() == Some(envelope.name.as_str())
            }),
            &operation.id,
            "the response does not begin with the envelope",
            "response: {$ref: …ResponseStatus}, required",
        );
    }
}
