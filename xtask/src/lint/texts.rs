//! Texts: what becomes documentation.

use serde_json::Value;

use super::{Findings, markdown, words};
use crate::bundle::sources::Source;
use crate::document;

pub(super) fn check(findings: &mut Findings, source: &Source) {
    descriptions(findings, "", &source.document);
    for (path, _, operation) in document::operations(&source.document) {
        let place = document::text(operation, "operationId").unwrap_or(path);
        plain(findings, place, operation);
    }
    for (name, schema) in document::components(&source.document, "schemas") {
        plain(findings, &format!("schemas/{name}"), schema);
    }
}

/// Clients behind a gateway read the descriptions of operations and bodies, too, and see plain
/// ones.
fn plain(findings: &mut Findings, place: &str, value: &Value) {
    let Value::Object(map) = value else { return };
    for (name, member) in map {
        match (name.as_str(), member) {
            ("description" | "summary", Value::String(text)) => {
                let text = text.to_lowercase();
                findings.require(
                    ["encrypt", "decrypt", "x-km-"].iter().all(|word| !text.contains(word)),
                    place,
                    "a description of encryption",
                    "bundle writes it, from x-konaplate-encryption; the reasons stand in the note of x-konaplate-printed",
                );
            }
            ("example" | "value" | "parameters" | "headers", _) => {}
            _ => plain(findings, place, member),
        }
    }
}

/// Texts for people: what a value of the vendor's says stands under `value` and `example`.
fn descriptions(findings: &mut Findings, place: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                let here = format!("{place}/{name}");
                match (name.as_str(), member) {
                    ("description" | "note", Value::String(text)) => {
                        prose(findings, &here, text);
                    }
                    ("summary" | "en" | "ko" | "x-konaplate-ko", Value::String(text)) => {
                        one_line(findings, &here, text);
                    }
                    (
                        "x-konaplate-enum-meanings" | "x-konaplate-known-values",
                        Value::Object(meanings),
                    ) => {
                        for (word, meaning) in meanings {
                            let text = meaning.as_str().unwrap_or_default();
                            one_line(findings, &format!("{here}/{word}"), text);
                        }
                    }
                    ("x-konaplate-unlisted-failures", Value::Array(failures)) => {
                        for text in failures.iter().filter_map(Value::as_str) {
                            one_line(findings, &here, text);
                        }
                    }
                    ("example" | "value", _) => {}
                    _ => descriptions(findings, &here, member),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descriptions(findings, &format!("{place}/{index}"), item);
            }
        }
        _ => {}
    }
}

/// A text for people, as rustdoc reads it.
fn prose(findings: &mut Findings, place: &str, text: &str) {
    words::check(findings, place, text);
    for (problem, hint) in markdown::problems(text) {
        findings.add(place, problem, hint);
    }
}

/// The same of a text that stands in a row of a table.
fn one_line(findings: &mut Findings, place: &str, text: &str) {
    words::check(findings, place, text);
    for (problem, hint) in markdown::problems_of_one_line(text) {
        findings.add(place, problem, hint);
    }
}
