//! Rules of values that contradict themselves, and values beside a rule that breaks them.

use std::collections::BTreeSet;

use konaplate_spec::Form;
use regex_syntax::hir::{Hir, HirKind};
use serde_json::Value;

use super::Findings;
use crate::document::{self, entries, items, strings, text};

const HINT: &str = "no value can follow both: correct one of them";

/// The rules of one document.
pub(super) fn check(findings: &mut Findings, document: &Value) {
    for (name, schema) in document::components(document, "schemas") {
        let place = format!("schemas/{name}");
        rule(findings, &place, schema);
        words(findings, &place, schema);
        required(findings, &place, schema);
        for (field, property) in entries(schema, "properties") {
            let place = format!("{place}.{field}");
            ordered(findings, &place, property, "minItems", "maxItems");
            literal(findings, &place, property);
        }
        ordered(findings, &place, schema, "minProperties", "maxProperties");
        literal(findings, &place, schema);
    }
    for (kind, key, example) in [
        ("parameters", "schema", "example"),
        ("headers", "schema", "example"),
        (
            "securitySchemes",
            "x-konaplate-schema",
            "x-konaplate-example",
        ),
    ] {
        for (name, part) in document::components(document, kind) {
            let place = format!("{kind}/{name}");
            if let Some(schema) = part.get(key) {
                rule(findings, &place, schema);
                of_type(findings, &place, schema, example, part.get(example));
            }
        }
    }
}

/// Bounds, pattern and form of one schema.
fn rule(findings: &mut Findings, place: &str, schema: &Value) {
    ordered(findings, place, schema, "minLength", "maxLength");
    ordered(findings, place, schema, "minimum", "maximum");
    let bound = |plain: &str, exact: &str| {
        let exact = text(schema, exact).and_then(|digits| digits.parse::<u64>().ok());
        exact.or_else(|| schema.get(plain).and_then(Value::as_u64))
    };
    let (least, most) = (
        bound("minimum", "x-konaplate-minimum"),
        bound("maximum", "x-konaplate-maximum"),
    );
    if let (Some(least), Some(most)) = (least, most)
        && (schema.get("minimum").is_none() || schema.get("maximum").is_none())
    {
        findings.require(
            least <= most,
            place,
            format!("a minimum of {least} and a maximum of {most}"),
            HINT,
        );
    }
    let (min, max) = lengths(schema);
    if let Some((fewest, most)) = text(schema, "pattern").and_then(lengths_of_pattern) {
        findings.require(
            most.is_none_or(|most| most >= min) && max.is_none_or(|max| fewest <= max),
            place,
            format!(
                "the pattern takes {} characters, and the length is {}",
                range(fewest, most),
                range(min, max)
            ),
            HINT,
        );
    }
    let form = text(schema, "x-konaplate-form").and_then(Form::from_word);
    if let Some(form) = form.filter(|form| *form != Form::EpochMillis) {
        let length = form.word().len() as u64;
        findings.require(
            min <= length && max.is_none_or(|max| length <= max),
            place,
            format!(
                "{form} has {length} characters, and the length is {}",
                range(min, max)
            ),
            HINT,
        );
    }
}

/// The lengths that a string may have.
fn lengths(schema: &Value) -> (u64, Option<u64>) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    (bound("minLength").unwrap_or(0), bound("maxLength"))
}

fn range(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) if max == min => format!("{min}"),
        Some(max) => format!("{min} to {max}"),
        None => format!("{min} or more"),
    }
}

/// A lower bound is not above its upper one.
fn ordered(findings: &mut Findings, place: &str, value: &Value, lower: &str, upper: &str) {
    let bound = |key: &str| value.get(key).and_then(Value::as_i64);
    if let (Some(least), Some(most)) = (bound(lower), bound(upper)) {
        findings.require(
            least <= most,
            place,
            format!("{lower} {least} is above {upper} {most}"),
            HINT,
        );
    }
}

/// How many characters a pattern takes, at least and at most.
fn lengths_of_pattern(pattern: &str) -> Option<(u64, Option<u64>)> {
    // One that cannot be read is found elsewhere.
    let hir = regex_syntax::parse(pattern).ok()?;
    Some(lengths_of(&hir))
}

fn lengths_of(hir: &Hir) -> (u64, Option<u64>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, Some(0)),
        HirKind::Literal(literal) => {
            let count = String::from_utf8_lossy(&literal.0).chars().count() as u64;
            (count, Some(count))
        }
        HirKind::Class(_) => (1, Some(1)),
        HirKind::Capture(capture) => lengths_of(&capture.sub),
        HirKind::Repetition(repetition) => {
            let (min, max) = lengths_of(&repetition.sub);
            let most = match (max, repetition.max) {
                (Some(0), _) => Some(0),
                (Some(max), Some(times)) => max.checked_mul(times.into()),
                _ => None,
            };
            (min.saturating_mul(repetition.min.into()), most)
        }
        HirKind::Concat(parts) => parts.iter().map(lengths_of).fold(
            (0, Some(0)),
            |(min, max): (u64, Option<u64>), (fewest, most)| {
                let most = max.zip(most).and_then(|(max, most)| max.checked_add(most));
                (min.saturating_add(fewest), most)
            },
        ),
        HirKind::Alternation(parts) => {
            let lengths: Vec<_> = parts.iter().map(lengths_of).collect();
            let min = lengths.iter().map(|(min, _)| *min).min();
            let most: Option<Vec<u64>> = lengths.iter().map(|(_, max)| *max).collect();
            let most = most.map(|most| most.into_iter().max().unwrap_or_default());
            (min.unwrap_or_default(), most)
        }
    }
}

/// The values of an enum, and those that are known of a list.
fn words(findings: &mut Findings, place: &str, schema: &Value) {
    let (min, max) = lengths(schema);
    for key in ["enum", "x-extensible-enum", "x-enum-varnames"] {
        let Some(list) = schema.get(key) else {
            continue;
        };
        findings.require(
            list.as_array().is_some_and(|list| !list.is_empty()),
            place,
            format!("{key} has no values"),
            "list them, or leave it out",
        );
        let mut seen = BTreeSet::new();
        for word in items(schema, key) {
            findings.require(
                word.is_string(),
                place,
                format!("{key} has {word}, which is {}", kind(word)),
                QUOTES,
            );
            findings.require(
                seen.insert(word.to_string()),
                place,
                format!("{key} has {word} twice"),
                "each value once",
            );
        }
    }
    let known = entries(schema, "x-konaplate-known-values").map(|(word, _)| word);
    let words = strings(schema, "enum").chain(strings(schema, "x-extensible-enum"));
    let pattern = text(schema, "pattern").and_then(|pattern| regex_lite::Regex::new(pattern).ok());
    for word in words.chain(known) {
        let length = word.chars().count() as u64;
        findings.require(
            length >= min && max.is_none_or(|max| length <= max),
            place,
            format!(
                "the value {word} has {length} characters, and the length is {}",
                range(min, max)
            ),
            HINT,
        );
        findings.require(
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(word)),
            place,
            format!("the value {word} does not match the pattern"),
            HINT,
        );
    }
}

fn required(findings: &mut Findings, place: &str, schema: &Value) {
    let mut seen = BTreeSet::new();
    for name in strings(schema, "required") {
        findings.require(
            seen.insert(name),
            place,
            format!("{name} is required twice"),
            "each field once",
        );
    }
}

/// Example and default are of the type that stands beside them.
fn literal(findings: &mut Findings, place: &str, schema: &Value) {
    for key in ["example", "default"] {
        of_type(findings, place, schema, key, schema.get(key));
    }
}

const QUOTES: &str = "YAML takes it for something else than text: put it in quotes";

fn of_type(findings: &mut Findings, place: &str, schema: &Value, key: &str, value: Option<&Value>) {
    let Some(value) = value else { return };
    let (fits, hint) = match text(schema, "type") {
        Some("string") => (value.is_string(), QUOTES),
        Some("integer") => (
            value.is_u64() || value.is_i64(),
            "a number stands without quotes",
        ),
        Some("boolean") => (value.is_boolean(), "true or false, without quotes"),
        _ => (true, ""),
    };
    let wanted = text(schema, "type").unwrap_or_default();
    findings.require(
        fits,
        place,
        format!("{key} is {}, and the schema says {wanted}", kind(value)),
        hint,
    );
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
