//! Shared parts: their names, and what headers and security schemes say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Findings;
use crate::document::{self, entries, members, text};

/// The parts of one document.
pub(super) fn check(findings: &mut Findings, document: &Value) {
    for (name, parameter) in document::components(document, "parameters") {
        let place = format!("parameters/{name}");
        findings.require(
            text(parameter, "in") == Some("header"),
            &place,
            "a parameter that is no header",
            "every operation that was seen takes a body and headers",
        );
        findings.require(
            name.ends_with("Header") && !name.ends_with("ResponseHeader"),
            &place,
            "the name does not end in Header",
            "AspIdHeader: a type of another name could be taken for a value of a body",
        );
    }
    for (name, _) in document::components(document, "headers") {
        findings.require(
            name.ends_with("ResponseHeader"),
            format!("headers/{name}"),
            "the name does not end in ResponseHeader",
            "no name may be that of a parameter",
        );
    }
    for (name, scheme) in document::components(document, "securitySchemes") {
        for key in ["description", "x-konaplate-schema", "x-konaplate-example"] {
            findings.require(
                scheme.get(key).is_some(),
                format!("securitySchemes/{name}"),
                format!("no {key}"),
                "a scheme has no place for the rule of its header; the extensions keep what a parameter says",
            );
        }
    }
}

/// The parts of all documents together.
pub(super) fn check_whole(findings: &mut Findings, merged: &Value) {
    names(findings, merged);
    headers(findings, merged);
    unused(findings, merged);
}

/// A name stands for one thing, whatever its kind.
fn names(findings: &mut Findings, merged: &Value) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (kind, parts) in entries(merged, "components") {
        for (name, _) in members(parts) {
            if let Some(other) = seen.insert(name, kind) {
                findings.add(
                    format!("{kind}/{name}"),
                    format!("{other} have this name, too"),
                    "oapi-codegen and ogen stop at it; headers end in Header or ResponseHeader",
                );
            }
        }
    }
}

/// A header is a parameter or a security scheme.
fn headers(findings: &mut Findings, merged: &Value) {
    let schemes: BTreeSet<&str> = document::components(merged, "securitySchemes")
        .filter_map(|(_, scheme)| text(scheme, "name"))
        .collect();
    for (name, parameter) in document::components(merged, "parameters") {
        let header = text(parameter, "name").unwrap_or_default();
        findings.require(
            !schemes.contains(header),
            format!("parameters/{name}"),
            format!("{header} is a security scheme, too"),
            "generators would send it twice; what the parameter says goes into x-konaplate-schema of the scheme",
        );
    }
}

/// Shared parts that nothing refers to. Schemas are looked at with the bodies.
fn unused(findings: &mut Findings, merged: &Value) {
    let mut used = BTreeSet::new();
    references(merged, &mut used);
    for kind in ["parameters", "headers", "responses", "examples"] {
        for (name, _) in document::components(merged, kind) {
            findings.require(
                used.contains(format!("#/components/{kind}/{name}").as_str()),
                format!("{kind}/{name}"),
                "nothing refers to it",
                "remove it, or refer to it",
            );
        }
    }
    let secured: BTreeSet<&str> = document::items(merged, "security")
        .flat_map(members)
        .map(|(scheme, _)| scheme)
        .collect();
    let schemes: BTreeSet<&str> = document::components(merged, "securitySchemes")
        .map(|(name, _)| name)
        .collect();
    findings.require(
        secured == schemes,
        "security",
        "it does not name the security schemes, and no other",
        "every call is made with all of them",
    );
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
