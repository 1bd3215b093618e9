//! Enums: what is received is open, what is sent is closed, and both say what their words mean.

use std::collections::BTreeSet;

use konaplate_spec::{Enum, Kind, Side, Spec};
use serde_json::Value;

use super::Findings;
use crate::document::{entries, strings};

/// One string schema, which may be an enum.
pub(super) fn one(findings: &mut Findings, place: &str, schema: &Value) {
    let words: Vec<&str> = strings(schema, "enum")
        .chain(strings(schema, "x-extensible-enum"))
        .collect();
    if words.is_empty() {
        let of_values = [
            "x-konaplate-enum-meanings",
            "x-enum-varnames",
            "x-konaplate-open-form",
        ];
        findings.require(
            of_values.iter().all(|key| schema.get(key).is_none()),
            place,
            "meanings or names of an enum that has no values",
            "list them: x-extensible-enum if they are received, enum if they are sent",
        );
        return;
    }
    if schema.get("enum").is_some() && schema.get("x-extensible-enum").is_some() {
        findings.add(
            place,
            "enum and x-extensible-enum",
            "x-extensible-enum if they are received, enum if they are sent",
        );
        return;
    }
    names(findings, place, schema, &words);
    let meanings: Vec<&str> = entries(schema, "x-konaplate-enum-meanings")
        .map(|(word, _)| word)
        .collect();
    findings.require(
        words == meanings,
        place,
        "x-konaplate-enum-meanings does not say what each value means, in their order",
        "give every value of the enum a meaning",
    );
}

/// Words that are no names, such as `00`, need one for clients.
fn names(findings: &mut Findings, place: &str, schema: &Value, words: &[&str]) {
    if schema.get("x-enum-varnames").is_some() {
        let names: BTreeSet<&str> = strings(schema, "x-enum-varnames")
            .filter(|name| {
                name.starts_with(|c: char| c.is_ascii_uppercase())
                    && name.chars().all(|c| c.is_ascii_alphanumeric())
            })
            .collect();
        findings.require(
            names.len() == words.len(),
            place,
            "x-enum-varnames is not one name in Pascal case for each value",
            "the names stand in the order of the enum",
        );
    } else {
        findings.require(
            words
                .iter()
                .all(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())),
            place,
            "a value that is no name",
            "give all values names for clients in x-enum-varnames, in the order of the enum",
        );
    }
}

/// Who reaches which enum.
pub(super) fn check(findings: &mut Findings, spec: &Spec) {
    for schema in spec.schemas() {
        let Kind::Enum(words) = &schema.kind else {
            continue;
        };
        let place = format!("schemas/{}", schema.name);
        findings.require(
            words.open || !spec.reaches(Side::Response, &schema.name),
            &place,
            "a closed enum in responses",
            "an unknown value would lose the whole response; list the values in x-extensible-enum",
        );
        findings.require(
            !words.open || !spec.reaches(Side::Request, &schema.name),
            &place,
            "an open enum in requests",
            "what is sent is one of the words that are known; refer to a closed one, named …Input, with enum and \
             x-konaplate-open-form",
        );
        if let Some(open_form) = &words.open_form {
            pair(findings, spec, &schema.name, words, open_form);
        }
    }
}

/// A closed enum and the open one with the same words.
fn pair(findings: &mut Findings, spec: &Spec, name: &str, closed: &Enum, open_form: &str) {
    let place = format!("schemas/{name}");
    let open = spec
        .find_schema(open_form)
        .and_then(|schema| match &schema.kind {
            Kind::Enum(words) if words.open => Some(words),
            _ => None,
        });
    let Some(open) = open else {
        findings.add(
            place,
            format!("{open_form} is no open enum"),
            "x-konaplate-open-form names the enum with x-extensible-enum that responses use",
        );
        return;
    };
    findings.require(
        !closed.open && name.strip_suffix("Input") == Some(open_form),
        &place,
        format!("a closed form of {open_form} that is not called {open_form}Input"),
        "clients have one type for both; the open one has the plain name",
    );
    findings.require(
        closed.values == open.values,
        &place,
        format!("the words, names or meanings are not those of {open_form}"),
        "both list the same values in the same order, with the same meanings",
    );
}
