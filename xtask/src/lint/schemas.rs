//! Schemas, each by itself: what generators can be trusted with, and what must be masked.

use konaplate_spec::{Form, TextUse};
use serde_json::Value;

use super::{Findings, enums};
use crate::document::{entries, property_ref, strings, text};

/// The largest number that a signed format of 64 bits holds.
const INT64_MAX: u64 = i64::MAX as u64;

/// Kinds of sensitive values, the words of `x-konaplate-sensitive`.
const SENSITIVE: [&str; 18] = [
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
    "message",
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
        Some("integer") => integer(findings, &place, name, schema),
        Some("number") => findings.add(&place, "type: number", NO_FLOATS),
        other => findings.add(
            &place,
            format!("type {}", other.unwrap_or("missing")),
            "use object, string or integer; put a reference with a description into allOf, flags and lists into fields",
        ),
    }
    for word in ["oneOf", "anyOf", "default"] {
        findings.require(
            schema.get(word).is_none(),
            &place,
            format!("{word} is used"),
            "oneOf and anyOf are read differently by every generator, a default is always sent",
        );
    }
    findings.require(
        schema.get("nullable").is_none() || text(schema, "type") == Some("object"),
        &place,
        "nullable on a named value",
        NULLABLE,
    );
    findings.require(
        schema
            .get("x-konaplate-envelope")
            .is_none_or(|flag| flag == &Value::Bool(true)),
        &place,
        "x-konaplate-envelope is not true",
        "it stands on what every response begins with, and nowhere else",
    );
}

const NO_FLOATS: &str =
    "it becomes a float, and a 19-digit id comes back changed; use integer with a format";

const NULLABLE: &str = "only an inline string (type beside nullable) or an object's own schema says it; beside allOf or $ref Python fails";

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
    let complete = schema.get("x-konaplate-complete");
    findings.require(
        complete.is_none_or(|flag| flag == &Value::Bool(false)),
        place,
        "x-konaplate-complete is not false",
        "leave it out where all of the object was seen",
    );
    if let Some(additional) = schema.get("additionalProperties") {
        findings.require(
            additional == &Value::Bool(true) && complete == Some(&Value::Bool(false)),
            place,
            "additionalProperties is not true beside x-konaplate-complete: false",
            "a request that was not seen whole needs both; everything else neither, which means open to generators",
        );
    }
    for (field, property) in entries(schema, "properties") {
        one_field(findings, &format!("{place}.{field}"), property);
    }
}

fn one_field(findings: &mut Findings, place: &str, property: &Value) {
    if property_ref(property).is_some() {
        findings.require(
            property.get("nullable").is_none(),
            place,
            "nullable beside a reference",
            NULLABLE,
        );
        mark_on_field(findings, place, property);
        return;
    }
    match text(property, "type") {
        Some("boolean") => findings.require(
            text(property, "description").is_some(),
            place,
            "no description",
            "say what true means",
        ),
        Some("array") => findings.require(
            property.get("items").and_then(property_ref).is_some(),
            place,
            "the items have no named schema",
            "give them one and refer to it",
        ),
        Some("number") => findings.add(place, "type: number", NO_FLOATS),
        // The one place of a nullable string.
        Some("string") if property.get("nullable") == Some(&Value::Bool(true)) => return,
        _ => findings.add(
            place,
            "an inline schema",
            "give it a name in components and refer to it: named values are shared and checked",
        ),
    }
    findings.require(
        property.get("nullable").is_none(),
        place,
        "nullable on a field that is no string",
        NULLABLE,
    );
}

/// The mark of a secret belongs on the named schema. Whether a field whose name promises a secret refers to a
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
    text_use(findings, place, property);
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
    text_use(findings, place, schema);
    if schema.get("x-konaplate-text").is_some() {
        for rule in ["pattern", "enum", "x-extensible-enum", "x-konaplate-form"] {
            findings.require(
                schema.get(rule).is_none(),
                place,
                format!("x-konaplate-text beside {rule}"),
                "what has such a rule is compared by programs; leave x-konaplate-text out",
            );
        }
    }
    enums::one(findings, place, schema);
    if let Some(kind) = text(schema, "x-konaplate-sensitive") {
        findings.require(
            SENSITIVE.contains(&kind),
            place,
            format!("{kind} is no kind of sensitive value"),
            "openapi/README.md lists the kinds",
        );
    }
}

/// What text is for, of a schema or of a field.
fn text_use(findings: &mut Findings, place: &str, schema: &Value) {
    if let Some(word) = text(schema, "x-konaplate-text") {
        findings.require(
            [TextUse::Free, TextUse::Unknown]
                .contains(&TextUse::from_word(word).unwrap_or(TextUse::Token)),
            place,
            format!("{word} is nothing that text is for"),
            "free or unknown; leave it out where programs compare the text",
        );
    }
}

/// Signed where the printed range fits, and unsigned where it does not: no generator that was tried
/// holds a bound above 2^63-1.
fn integer(findings: &mut Findings, place: &str, name: &str, schema: &Value) {
    if let Some(form) = text(schema, "x-konaplate-form") {
        findings.require(
            Form::from_word(form) == Some(Form::EpochMillis),
            place,
            format!("{form} is no form of a number"),
            "the only one is epoch-milliseconds",
        );
    }
    for bound in ["minimum", "maximum"] {
        let exact = format!("x-konaplate-{bound}");
        findings.require(
            schema.get(bound).is_some() != schema.get(&exact).is_some(),
            place,
            format!("not one of {bound} and {exact}"),
            "the pages print a range for every number; if one does not, it is \"0\" to \"9999999999999999999\"",
        );
        findings.require(
            schema
                .get(bound)
                .is_none_or(|value| value.as_u64().is_some_and(|value| value <= INT64_MAX)),
            place,
            format!("{bound} is no whole number from 0 to 2^63-1"),
            "larger bounds stop oapi-codegen and ogen; write x-konaplate-maximum, a decimal string",
        );
        let digits = schema.get(&exact);
        findings.require(
            digits.is_none_or(|digits| digits.as_str().is_some_and(is_decimal)),
            place,
            format!("{exact} is no decimal string"),
            "in quotes, with no sign and no leading zero: \"9999999999999999999\"",
        );
    }
    let exact = |bound: &str| text(schema, bound).and_then(|digits| digits.parse::<u64>().ok());
    findings.require(
        exact("x-konaplate-maximum").is_none_or(|max| max > INT64_MAX),
        place,
        "x-konaplate-maximum of a range that fits",
        "up to 2^63-1 the plain maximum says it, with format: int64",
    );
    let is_beyond = exact("x-konaplate-maximum").is_some_and(|max| max > INT64_MAX);
    let format = if is_beyond && name.ends_with("Id") {
        "uint64"
    } else {
        "int64"
    };
    findings.require(
        text(schema, "format") == Some(format),
        place,
        format!("an integer whose format is not {format}"),
        "int64, and uint64 for ids (their names end in Id) whose printed range does not fit: without a format it is \
         32 bits somewhere",
    );
    if format == "int64" {
        findings.require(
            schema.get("x-konaplate-minimum").is_none(),
            place,
            "x-konaplate-minimum beside int64",
            "a signed number keeps its plain minimum",
        );
    } else {
        findings.require(
            schema.get("minimum").is_none(),
            place,
            "a plain minimum beside uint64",
            "ogen refuses ids above 2^63-1 where one is set; write x-konaplate-minimum, a decimal string",
        );
    }
}

fn is_decimal(text: &str) -> bool {
    text.parse::<u64>()
        .is_ok_and(|number| number.to_string() == text)
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
            json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 9, "description": "d"}),
            json!({"type": "integer", "format": "int64", "minimum": 0, "x-konaplate-maximum": "9999999999999999999", "description": "d"}),
            json!({"type": "string", "description": "d", "x-extensible-enum": ["A"], "x-konaplate-enum-meanings": {"A": "a"}}),
            json!({"type": "object", "description": "d", "additionalProperties": true, "x-konaplate-complete": false}),
            json!({"type": "object", "description": "d", "nullable": true, "properties": {
                "note": {"type": "string", "nullable": true}}}),
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
                "an integer whose format is not int64",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": 1, "description": "d"}),
                "not one of maximum and x-konaplate-maximum",
            ),
            (
                json!({"type": "integer", "format": "int64", "maximum": 1, "description": "d"}),
                "not one of minimum and x-konaplate-minimum",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 9_223_372_036_854_775_808_u64,
                    "description": "d"}),
                "maximum is no whole number from 0 to 2^63-1",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": -1, "maximum": 9, "description": "d"}),
                "minimum is no whole number from 0 to 2^63-1",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": 1, "description": "d",
                    "x-konaplate-maximum": 9_999_999_999_999_999_999_u64}),
                "x-konaplate-maximum is no decimal string",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": 1, "description": "d", "x-konaplate-maximum": "99"}),
                "x-konaplate-maximum of a range that fits",
            ),
            (
                json!({"type": "integer", "format": "int64", "x-konaplate-minimum": "1", "maximum": 9, "description": "d"}),
                "x-konaplate-minimum beside int64",
            ),
            (
                json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 9, "description": "d",
                    "x-konaplate-form": "yyyyMMdd"}),
                "yyyyMMdd is no form of a number",
            ),
            (
                json!({"type": "array", "description": "d", "items": {"$ref": "#/components/schemas/A"}}),
                "type array",
            ),
            (
                json!({"type": "string", "description": "d", "nullable": true}),
                "nullable on a named value",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {
                    "a": {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": true}}}),
                "nullable beside a reference",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {
                    "a": {"type": "boolean", "description": "d", "nullable": true}}}),
                "nullable on a field that is no string",
            ),
            (
                json!({"type": "object", "description": "d", "additionalProperties": false}),
                "additionalProperties is not true beside x-konaplate-complete: false",
            ),
            (
                json!({"type": "object", "description": "d", "additionalProperties": true}),
                "additionalProperties is not true beside x-konaplate-complete: false",
            ),
            (
                json!({"type": "object", "description": "d", "x-konaplate-complete": true}),
                "x-konaplate-complete is not false",
            ),
            (
                json!({"type": "object", "description": "d", "x-konaplate-envelope": false}),
                "x-konaplate-envelope is not true",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {"a": {"type": "boolean"}}}),
                "no description",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}),
                "the items have no named schema",
            ),
            (
                json!({"type": "object", "description": "d", "properties": {
                    "a": {"$ref": "#/components/schemas/A", "x-konaplate-sensitive": "par"}}}),
                "x-konaplate-sensitive on a field",
            ),
            (
                json!({"type": "string", "description": "d", "enum": ["A"], "x-extensible-enum": ["A"],
                    "x-konaplate-enum-meanings": {"A": "a"}}),
                "enum and x-extensible-enum",
            ),
            (
                json!({"type": "string", "description": "d", "x-extensible-enum": ["A"],
                    "x-konaplate-enum-meanings": {"B": "b"}}),
                "x-konaplate-enum-meanings does not say what each value means, in their order",
            ),
            (
                json!({"type": "string", "description": "d", "x-konaplate-enum-meanings": {"B": "b"}}),
                "meanings or names of an enum that has no values",
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
            problems("bad_name", &json!({"type": "string", "description": "d"})),
            ["the name is not in Pascal case"]
        );
    }

    #[test]
    fn ids_beyond_signed_numbers_are_unsigned_and_without_plain_bounds() {
        let id = |format: &str, minimum: &str| {
            let mut schema = json!({"type": "integer", "description": "d", "format": format,
                "x-konaplate-maximum": "9999999999999999999"});
            schema[minimum] = if minimum == "minimum" {
                json!(1)
            } else {
                json!("1")
            };
            schema
        };
        let sound = id("uint64", "x-konaplate-minimum");
        assert_eq!(problems("UserId", &sound), Vec::<String>::new());
        assert_eq!(
            problems("UserId", &id("uint64", "minimum")),
            ["a plain minimum beside uint64"]
        );
        assert_eq!(
            problems("UserId", &id("int64", "x-konaplate-minimum")),
            ["an integer whose format is not uint64"]
        );
        let quantity = id("int64", "minimum");
        assert_eq!(problems("Krw", &quantity), Vec::<String>::new());
        assert_eq!(
            problems("Krw", &id("uint64", "minimum")),
            ["an integer whose format is not int64"]
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
