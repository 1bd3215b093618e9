//! Schemas: what progenitor and other generators can be trusted with, and what must be masked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Findings;
use crate::description::{entries, property_ref, strings, text};
use crate::model::Form;

/// Kinds of sensitive values, the words of `x-konaplate-sensitive`.
const SENSITIVE: [&str; 17] = [
    "account-number",
    "address",
    "barcode",
    "birth-date",
    "card-expiry",
    "card-number",
    "ci",
    "cvc",
    "dcvv",
    "email",
    "identity-number",
    "login-id",
    "name",
    "one-time-token",
    "par",
    "password",
    "phone",
];

/// Parts of a field's name that usually stand for something that must not be printed.
const TELLING: [&str; 21] = [
    "account", "address", "birth", "cardno", "ci", "cvc", "cvv", "dcvv", "email", "expiry", "idno",
    "loginid", "mobile", "name", "par", "passw", "phone", "pin", "secret", "social", "token",
];

pub(super) fn check(findings: &mut Findings, name: &str, schema: &Value) {
    let place = format!("schemas/{name}");
    findings.require(
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric()),
        &place,
        "the name is not in Pascal case",
        "other generators make a type of it: UserId, CreateCreditCardRechargeRequest",
    );
    findings.require(
        text(schema, "description").is_some(),
        &place,
        "no description",
        "say what it is, with its unit and range",
    );
    match text(schema, "type") {
        Some("object") => object(findings, &place, schema),
        Some("string") => string(findings, &place, schema),
        Some("integer") => integer(findings, &place, schema),
        Some("number") => findings.add(
            &place,
            "type: number",
            "it becomes a float, and a 19-digit id comes back changed; use integer with format uint64",
        ),
        Some("array" | "boolean") => {}
        other => findings.add(
            &place,
            format!("type {}", other.unwrap_or("missing")),
            "use object, array, string, integer or boolean; put a reference with a description into allOf",
        ),
    }
    for word in ["oneOf", "anyOf", "default", "nullable"] {
        findings.require(
            schema.get(word).is_none(),
            &place,
            format!("{word} is used"),
            "oneOf and anyOf are read differently by every generator, a default is always sent, null is \
             tolerated in answers anyway",
        );
    }
}

fn object(findings: &mut Findings, place: &str, schema: &Value) {
    let properties: Vec<&str> = entries(schema, "properties")
        .map(|(name, _)| name)
        .collect();
    for required in strings(schema, "required") {
        findings.require(
            properties.contains(&required),
            place,
            format!("{required} is required and not described"),
            "describe it under properties",
        );
    }
    for (field, property) in entries(schema, "properties") {
        let place = format!("{place}.{field}");
        if property_ref(property).is_some() {
            mark_on_field(findings, &place, property);
            continue;
        }
        match text(property, "type") {
            Some("boolean") => findings.require(
                text(property, "description").is_some(),
                &place,
                "no description",
                "say what true means",
            ),
            Some("array") => findings.require(
                property.get("items").and_then(property_ref).is_some(),
                &place,
                "the items have no named schema",
                "give them one and refer to it",
            ),
            Some("number") => findings.add(
                &place,
                "type: number",
                "it becomes a float, and a 19-digit id comes back changed; use integer with format uint64",
            ),
            _ => findings.add(
                &place,
                "an inline schema",
                "give it a name in components and refer to it: named values are shared and checked",
            ),
        }
    }
}

/// The mark belongs on the named schema. Whether a field whose name promises a secret refers to a
/// marked one is known when all documents are together: see [`super::bodies`].
fn mark_on_field(findings: &mut Findings, place: &str, property: &Value) {
    if let Some(kind) = text(property, "x-konaplate-sensitive") {
        findings.require(
            kind == "none",
            place,
            "x-konaplate-sensitive on a field",
            "put it on the named schema; on a field only `none` is allowed, for a name that misleads",
        );
    }
}

/// Whether a field's name promises something that must not be printed.
pub(super) fn promises_a_secret(field: &str) -> bool {
    let lower = field.to_ascii_lowercase();
    TELLING.iter().any(|part| match *part {
        // Short words would be found inside others.
        "ci" | "par" | "pin" => {
            lower == *part || field.ends_with(&(part[..1].to_ascii_uppercase() + &part[1..]))
        }
        _ => lower.contains(part),
    })
}

fn string(findings: &mut Findings, place: &str, schema: &Value) {
    if let Some(pattern) = text(schema, "pattern") {
        findings.require(
            pattern.starts_with('^') && pattern.ends_with('$'),
            place,
            "a pattern that is not anchored",
            "OpenAPI patterns match anywhere; write ^…$",
        );
        findings.require(
            regex_lite::Regex::new(pattern).is_ok(),
            place,
            "a pattern that the client cannot compile",
            "no look-around, no back-references",
        );
    }
    if let Some(format) = text(schema, "format") {
        findings.add(
            place,
            format!("format: {format}"),
            "generators make other types of formats, and the platform's are none of them; use a pattern",
        );
    }
    if let Some(form) = text(schema, "x-konaplate-form") {
        findings.require(
            Form::from_word(form).is_some_and(|form| form != Form::EpochMillis),
            place,
            format!("{form} is no form of a date or time"),
            "openapi/README.md lists the forms",
        );
    }
    if schema.get("enum").is_some() {
        enum_names(findings, place, schema);
        let meanings: Vec<&str> = entries(schema, "x-konaplate-enum-meanings")
            .map(|(word, _)| word)
            .collect();
        let words: Vec<&str> = strings(schema, "enum").collect();
        findings.require(
            words == meanings,
            place,
            "x-konaplate-enum-meanings does not say what each value means, in their order",
            "give every value of the enum a meaning",
        );
    }
    if let Some(kind) = text(schema, "x-konaplate-sensitive") {
        findings.require(
            SENSITIVE.contains(&kind),
            place,
            format!("{kind} is no kind of sensitive value"),
            "openapi/README.md lists the kinds",
        );
    }
}

/// Words that are no names, such as `00`, need one for clients.
fn enum_names(findings: &mut Findings, place: &str, schema: &Value) {
    let words: Vec<&str> = strings(schema, "enum").collect();
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

fn integer(findings: &mut Findings, place: &str, schema: &Value) {
    findings.require(
        text(schema, "format") == Some("uint64"),
        place,
        "an integer without format: uint64",
        "without it a maximum above 2^63 is read as a signed number and fails",
    );
    if let Some(form) = text(schema, "x-konaplate-form") {
        findings.require(
            Form::from_word(form) == Some(Form::EpochMillis),
            place,
            format!("{form} is no form of a number"),
            "the only one is epoch-milliseconds",
        );
    }
    for bound in ["minimum", "maximum"] {
        findings.require(
            schema.get(bound).is_some_and(Value::is_u64),
            place,
            format!("no {bound}"),
            "the pages print one for every number; if this one does not, write 0 or 9999999999999999999",
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(name: &str, schema: &Value) -> Vec<String> {
        let mut findings = Findings::default();
        check(&mut findings, name, schema);
        findings.list.into_iter().map(|f| f.problem).collect()
    }

    #[test]
    fn sound_schemas_have_no_findings() {
        for schema in [
            json!({"type": "string", "description": "d", "pattern": "^[0-9]{3}$"}),
            json!({"type": "integer", "format": "uint64", "minimum": 1, "maximum": 9_999_999_999_999_999_999_u64, "description": "d"}),
            json!({"type": "object", "description": "d", "required": ["a"], "properties": {
                "a": {"$ref": "#/components/schemas/A"},
                "b": {"type": "boolean", "description": "d"},
                "c": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
            }}),
        ] {
            assert_eq!(problems("Good", &schema), Vec::<String>::new());
        }
    }

    #[test]
    fn each_trap_is_found() {
        for (schema, problem) in [
            (
                json!({"type": "number", "description": "d"}),
                "type: number",
            ),
            (
                json!({"type": "integer", "minimum": 1, "maximum": 2, "description": "d"}),
                "an integer without format: uint64",
            ),
            (
                json!({"type": "integer", "format": "uint64", "minimum": 1, "description": "d"}),
                "no maximum",
            ),
            (
                json!({"type": "string", "description": "d", "pattern": "[0-9]"}),
                "a pattern that is not anchored",
            ),
            (
                json!({"type": "string", "description": "d", "pattern": "^(?=a)a$"}),
                "a pattern that the client cannot compile",
            ),
            (
                json!({"type": "string", "description": "d", "format": "date"}),
                "format: date",
            ),
            (
                json!({"type": "string", "description": "d", "x-konaplate-form": "dd.MM.yyyy"}),
                "dd.MM.yyyy is no form of a date or time",
            ),
            (
                json!({"type": "string", "description": "d", "enum": ["00"], "x-konaplate-enum-meanings": {"00": "a"}}),
                "a value that is no name",
            ),
            (
                json!({"type": "string", "description": "d", "enum": ["00", "01"], "x-enum-varnames": ["Same", "Same"],
                    "x-konaplate-enum-meanings": {"00": "a", "01": "b"}}),
                "x-enum-varnames is not one name in Pascal case for each value",
            ),
            (
                json!({"type": "string", "description": "d", "default": "x"}),
                "default is used",
            ),
            (
                json!({"type": "string", "description": "d", "x-konaplate-sensitive": "card"}),
                "card is no kind of sensitive value",
            ),
            (
                json!({"type": "string", "description": "d", "x-konaplate-sensitive": "none"}),
                "none is no kind of sensitive value",
            ),
            (
                json!({"type": "string", "description": "d", "enum": ["A", "B"], "x-konaplate-enum-meanings": {"A": "a"}}),
                "x-konaplate-enum-meanings does not say what each value means, in their order",
            ),
            (
                json!({"type": "object", "description": "d", "required": ["a"]}),
                "a is required and not described",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {"a": {"type": "string"}}}),
                "an inline schema",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {"a": {"type": "number"}}}),
                "type: number",
            ),
            (
                json!({"oneOf": [], "description": "d", "type": "string"}),
                "oneOf is used",
            ),
            (json!({"type": "string"}), "no description"),
        ] {
            assert_eq!(problems("Bad", &schema), [problem]);
        }
        assert_eq!(
            problems("bad_name", &json!({"type": "boolean", "description": "d"})),
            ["the name is not in Pascal case"]
        );
    }

    #[test]
    fn names_that_promise_a_secret() {
        for name in [
            "cardNo",
            "receiverPhone",
            "userName",
            "par",
            "mobileCardPar",
            "dcvv",
            "oneTimeToken",
            "ci",
        ] {
            assert!(promises_a_secret(name), "{name}");
        }
        for name in [
            "amount",
            "sequenceId",
            "result",
            "locale",
            "participants",
            "cashReceipt",
            "pending",
            "circle",
        ] {
            assert!(!promises_a_secret(name), "{name}");
        }
    }
}
