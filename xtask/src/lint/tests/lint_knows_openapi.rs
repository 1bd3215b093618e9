//! Promise: a keyword that is misspelt, contradicts another, or is carried out by nobody is found, and
//! so is what OpenAPI 3.0 does not allow and what YAML reads otherwise than it looks.

use serde_json::{Value, json};

use super::{COMMON, GROUP, In, RECHARGE, ROOT, SCHEMAS, fires, problems};
use crate::bundle::sources::Source;

/// What is found in the group's document after a replacement in its text.
fn with_text(from: &str, to: &str) -> Vec<String> {
    assert!(GROUP.contains(from), "{from}");
    problems(|sources| {
        let text = GROUP.replacen(from, to, 1);
        sources.groups[0] = Source::from_yaml("recharges.yaml", &text).unwrap();
    })
}

fn has(found: &[String], part: &str) {
    assert!(
        found.iter().any(|found| found.contains(part)),
        "{part} is not in {found:#?}"
    );
}

fn after(document: In, place: &str, value: &Value) -> Vec<String> {
    problems(|sources| {
        let document = match document {
            In::Root => &mut sources.root.document,
            In::Common => &mut sources.common.document,
            In::Group => &mut sources.groups[0].document,
        };
        let (parent, key) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value.clone();
    })
}

#[test]
fn keywords_are_spelt_as_openapi_spells_them() {
    let media = format!("{RECHARGE}/requestBody/content/application~1json");
    for (at, problem) in [
        (
            format!("{SCHEMAS}/Number/minlenght"),
            "minlenght is no keyword of a string: is minLength meant?",
        ),
        (
            format!("{SCHEMAS}/Number/max_length"),
            "max_length is no keyword of a string: is maxLength meant?",
        ),
        (
            format!("{SCHEMAS}/Number/patern"),
            "patern is no keyword of a string: is pattern meant?",
        ),
        (
            format!("{SCHEMAS}/Amount/maxium"),
            "maxium is no keyword of an integer: is maximum meant?",
        ),
        (
            format!("{SCHEMAS}/Way/Enum"),
            "Enum is no keyword of an enum: is enum meant?",
        ),
        (
            format!("{SCHEMAS}/PageRequest/requried"),
            "requried is no keyword of an object: is required meant?",
        ),
        (
            format!("{SCHEMAS}/PageRequest/propertys"),
            "propertys is no keyword of an object",
        ),
        (
            format!("{SCHEMAS}/RechargeCardResponseBody/properties/isPending/descripton"),
            "descripton is no keyword of a flag: is description meant?",
        ),
        (
            format!("{SCHEMAS}/GetResultResponseBody/properties/results/item"),
            "item is no keyword of a list: is items meant?",
        ),
        (
            format!("{RECHARGE}/sumary"),
            "sumary is no keyword of an operation: is summary meant?",
        ),
        (
            format!("{RECHARGE}/operationID"),
            "operationID is no keyword of an operation: is operationId meant?",
        ),
        (
            format!("{RECHARGE}/konaplate-effect"),
            "konaplate-effect is no keyword of an operation: is x-konaplate-effect meant?",
        ),
        (
            format!("{RECHARGE}/requestBody/requred"),
            "requred is no keyword of a request body: is required meant?",
        ),
        (
            format!("{media}/exmaples"),
            "exmaples is no keyword of a media type: is examples meant?",
        ),
        (
            format!("{RECHARGE}/responses/200/header"),
            "header is no keyword of a response: is headers meant?",
        ),
    ] {
        has(&after(In::Group, &at, &json!(1)), problem);
    }
    for (at, problem) in [
        (
            "parameters/AspIdHeader/requried",
            "requried is no keyword of a parameter: is required meant?",
        ),
        (
            "parameters/AspIdHeader/schema/maxLenght",
            "maxLenght is no keyword of the schema of a header: is maxLength meant?",
        ),
        (
            "headers/CorrelationIdResponseHeader/shema",
            "shema is no keyword of a header: is schema meant?",
        ),
        (
            "securitySchemes/ProjectKey/nmae",
            "nmae is no keyword of a security scheme",
        ),
        (
            "examples/LimitExceeded/sumary",
            "sumary is no keyword of an example: is summary meant?",
        ),
        (
            "shemas",
            "shemas is no keyword of components: is schemas meant?",
        ),
    ] {
        has(
            &after(In::Common, &format!("/components/{at}"), &json!(1)),
            problem,
        );
    }
    has(
        &after(In::Root, "/sercurity", &json!([])),
        "sercurity is no keyword of a document: is security meant?",
    );
    has(
        &after(In::Root, "/tags/0/titel", &json!("x")),
        "titel is no keyword of a tag",
    );
}

#[test]
fn extensions_hold_what_is_read_of_them() {
    let paging = format!("{}/x-konaplate-paging/total-page", super::RESULT);
    for (at, problem) in [
        (
            paging,
            "total-page is no keyword of x-konaplate-paging: is total-pages meant?".to_owned(),
        ),
        (
            format!("{RECHARGE}/x-konaplate-outcome/refrence"),
            "refrence is no keyword of x-konaplate-outcome: is reference meant?".to_owned(),
        ),
        (
            format!("{RECHARGE}/x-konaplate-outcome/inquiry/complete"),
            "complete is no keyword of inquiry of an outcome: is completed meant?".to_owned(),
        ),
        (
            format!("{RECHARGE}/x-konaplate-outcome/proves/earlier_call"),
            "earlier_call is no keyword of proves of an outcome: is earlier-call meant?".to_owned(),
        ),
        (
            format!("{RECHARGE}/x-konaplate-versions/offerd"),
            "offerd is no keyword of x-konaplate-versions: is offered meant?".to_owned(),
        ),
    ] {
        has(&after(In::Group, &at, &json!(["x"])), &problem);
    }
}

#[test]
fn what_nobody_carries_out_is_refused() {
    for (at, value) in [
        ("Amount/multipleOf", json!(10)),
        ("Amount/exclusiveMinimum", json!(true)),
        ("Amount/enum", json!([1, 2])),
        ("Number/default", json!("1")),
        ("Number/writeOnly", json!(true)),
        ("Way/pattern", json!("^[A-Z]+$")),
        ("PageRequest/minProperties", json!(1)),
        ("PageRequest/maxProperties", json!(2)),
        ("PageRequest/discriminator", json!({"propertyName": "page"})),
        ("PageRequest/not", json!({})),
        (
            "PageRequest/allOf",
            json!([{"$ref": "#/components/schemas/PageResponse"}]),
        ),
        ("PageRequest/deprecated", json!(true)),
        (
            "GetResultResponseBody/properties/results/uniqueItems",
            json!(true),
        ),
        (
            "GetResultResponseBody/properties/results/minItems",
            json!(1),
        ),
        (
            "RechargeCardResponseBody/properties/isPending/readOnly",
            json!(true),
        ),
        (
            "RechargeCardResponseBody/properties/isPending/enum",
            json!([true]),
        ),
    ] {
        let keyword = at.rsplit('/').next().unwrap();
        let found = after(In::Group, &format!("{SCHEMAS}/{at}"), &value);
        has(&found, &format!("{keyword} on "));
        has(&found, "nothing carries it out");
    }
    for (at, value) in [
        ("callbacks", json!({})),
        ("servers", json!([])),
        ("security", json!([])),
        ("externalDocs", json!({"url": "https://x.example"})),
        ("requestBody/content/application~1json/example", json!({})),
    ] {
        let found = after(In::Group, &format!("{RECHARGE}/{at}"), &value);
        has(&found, "nothing carries it out");
    }
    let parameter = "/components/parameters/AspIdHeader";
    for (at, value) in [
        ("style", json!("simple")),
        ("allowReserved", json!(true)),
        ("schema/enum", json!(["x"])),
    ] {
        has(
            &after(In::Common, &format!("{parameter}/{at}"), &value),
            "nothing carries it out",
        );
    }
    // Formats, oneOf, anyOf and additionalProperties have rules of their own.
    for (at, value, problem) in [
        ("Number/format", json!("date"), "format: date"),
        (
            "Amount/format",
            json!("int32"),
            "an integer whose format is not int64",
        ),
        ("Number/oneOf", json!([]), "oneOf is used"),
        (
            "PageRequest/additionalProperties",
            json!({"type": "string"}),
            "additionalProperties is not true",
        ),
    ] {
        has(
            &after(In::Group, &format!("{SCHEMAS}/{at}"), &value),
            problem,
        );
    }
}

#[test]
fn extensions_and_keywords_stand_where_they_are_read() {
    for (at, value, problem) in [
        (
            "PageRequest/x-konaplate-form",
            json!("yyyyMMdd"),
            "x-konaplate-form on an object",
        ),
        (
            "Way/x-konaplate-form",
            json!("yyyyMMdd"),
            "x-konaplate-form on an enum",
        ),
        (
            "Number/x-konaplate-complete",
            json!(false),
            "x-konaplate-complete on a string",
        ),
        (
            "Number/x-konaplate-maximum",
            json!("9"),
            "x-konaplate-maximum on a string",
        ),
        (
            "Amount/x-konaplate-sensitive",
            json!("name"),
            "x-konaplate-sensitive on an integer",
        ),
        (
            "Amount/x-konaplate-known-values",
            json!({"1": "one"}),
            "x-konaplate-known-values on an integer",
        ),
        (
            "RechargeCardRequestBody/properties/amount/minimum",
            json!(3),
            "minimum on a reference, beside which",
        ),
        (
            "RechargeCardRequestBody/properties/amount/description",
            json!("d"),
            "description on a reference, beside which",
        ),
    ] {
        has(
            &after(In::Group, &format!("{SCHEMAS}/{at}"), &value),
            problem,
        );
    }
    let found = after(
        In::Group,
        &format!("{RECHARGE}/x-konaplate-class"),
        &json!("unknown"),
    );
    has(&found, "x-konaplate-class on an operation");
    let property = format!("{SCHEMAS}/RechargeCardRequestBody/properties/amount");
    let narrowed = json!({"allOf": [{"$ref": "#/components/schemas/Amount"}], "maximum": 3});
    has(
        &after(In::Group, &property, &narrowed),
        "maximum on a field that refers to a schema",
    );
}

#[test]
fn rules_that_contradict_one_another_are_found() {
    for (at, value, problem) in [
        (
            "Number/minLength",
            json!(5),
            "minLength 5 is above maxLength 4",
        ),
        (
            "Amount/minimum",
            json!(101),
            "minimum 101 is above maximum 100",
        ),
        (
            "UserId",
            json!({"type": "integer", "format": "uint64", "description": "d", "example": 1,
                "x-konaplate-minimum": "9999999999999999999", "x-konaplate-maximum": "9999999999999999998"}),
            "a minimum of 9999999999999999999 and a maximum of 9999999999999999998",
        ),
        (
            "GetResultResponseBody/properties/results",
            json!({"type": "array", "minItems": 3, "maxItems": 2,
            "items": {"$ref": "#/components/schemas/RechargeResult"}}),
            "minItems 3 is above maxItems 2",
        ),
        (
            "Number/pattern",
            json!("^[0-9]{6}$"),
            "the pattern takes 6 characters, and the length is 0 to 4",
        ),
        (
            "Number/pattern",
            json!("^(KR|JP)[0-9]{5,}$"),
            "the pattern takes 7 or more characters",
        ),
        (
            "Number/pattern",
            json!("^카드[0-9]{3}$"),
            "the pattern takes 5 characters",
        ),
        (
            "Number/x-konaplate-form",
            json!("yyyyMMdd"),
            "yyyyMMdd has 8 characters, and the length is 0 to 4",
        ),
        (
            "Number/x-konaplate-known-values",
            json!({"12345": "long"}),
            "the value 12345 has 5 characters",
        ),
        (
            "Number/x-konaplate-known-values",
            json!({"ab": "letters"}),
            "the value ab does not match the pattern",
        ),
        (
            "Way/minLength",
            json!(5),
            "the value CARD has 4 characters, and the length is 5 or more",
        ),
        (
            "Way/x-extensible-enum",
            json!(["CARD", "BANK", "CARD"]),
            "x-extensible-enum has \"CARD\" twice",
        ),
        ("WayInput/enum", json!([]), "enum has no values"),
        (
            "PageRequest/required",
            json!(["page", "page"]),
            "page is required twice",
        ),
        (
            "PageRequest/required",
            json!(["pages"]),
            "pages is required and not described",
        ),
        (
            "Number/example",
            json!("12345"),
            "the example breaks the rule of the schema",
        ),
        (
            "Amount/example",
            json!(101),
            "the example breaks the rule of the schema",
        ),
    ] {
        has(
            &after(In::Group, &format!("{SCHEMAS}/{at}"), &value),
            problem,
        );
    }
    let rule = "/components/parameters/AspIdHeader/schema";
    has(
        &after(In::Common, &format!("{rule}/minLength"), &json!(16)),
        "minLength 16 is above maxLength 15",
    );
    let pattern = json!("^[0-9]{14}$");
    has(
        &after(In::Common, &format!("{rule}/pattern"), &pattern),
        "the pattern takes 14 characters",
    );
    let key = "/components/securitySchemes/ProjectKey/x-konaplate-schema/pattern";
    has(
        &after(In::Common, key, &json!("^a*b{9}$")),
        "the pattern takes 9 or more characters",
    );
}

#[test]
fn rules_that_fit_together_are_not() {
    for pattern in [
        "^[0-9]*$",
        "^(|[0-9]{1,2})$",
        "^[0-9]+[a-z]?$",
        "^\\d{2}(\\d{2})?$",
    ] {
        let found = after(
            In::Group,
            &format!("{SCHEMAS}/Number/pattern"),
            &pattern.into(),
        );
        assert_eq!(found, Vec::<String>::new(), "{pattern}");
    }
}

#[test]
fn a_number_where_text_is_meant_is_found() {
    for (from, to, problem) in [
        (
            "example: \"12\"",
            "example: 20260315",
            "example is a number, and the schema says string",
        ),
        (
            "example: \"12\"",
            "example: true",
            "example is true or false, and the schema says string",
        ),
        (
            "example: 5",
            "example: \"5\"",
            "example is text, and the schema says integer",
        ),
        (
            "example: 5",
            "example: 5.5",
            "example is a number, and the schema says integer",
        ),
        (
            "[CARD, BANK]",
            "[CARD, 20]",
            "x-extensible-enum has 20, which is a number",
        ),
        (
            "enum: [CARD, BANK]",
            "enum: [CARD, true]",
            "enum has true, which is true or false",
        ),
    ] {
        has(&with_text(from, to), problem);
    }
    let found = problems(|sources| {
        let text = COMMON.replace("example: \"000170000000000\"", "example: 170000000000000");
        sources.common = Source::from_yaml("common.yaml", &text).unwrap();
    });
    has(&found, "example is a number, and the schema says string");
}

#[test]
fn words_that_readers_of_yaml_take_differently_are_found() {
    for word in [
        "no",
        "No",
        "yes",
        "on",
        "OFF",
        "y",
        "N",
        "~",
        "null",
        "",
        "01",
        "007",
        "0777",
        "007_008",
        "1_000",
        "0x1F",
        "0o17",
        "1e3",
        "1.5e+3",
        "12:30",
        "12:30:45",
        "+1",
        ".5",
        "1.",
        "2026-03-15",
        "2026-03-15T10:45:12Z",
    ] {
        let found = with_text("title: Recharges,", &format!("title: {word},"));
        assert!(
            found
                .iter()
                .any(|problem| problem.contains("without quotes")
                    || problem.contains("that is nothing")),
            "{word:?}: {found:#?}"
        );
    }
    // The title is a title, and these are text for everybody.
    for word in [
        "\"no\"",
        "'01'",
        "north",
        "v1",
        "1.2.3",
        "260315104512-0a1b2c3",
        "10 won",
        "e3",
        "2026-03",
    ] {
        let found = with_text("title: Recharges,", &format!("title: {word},"));
        assert_eq!(found, Vec::<String>::new(), "{word}");
    }
    has(&with_text("'200':", "200:"), "the number 200 as a key");
    has(
        &with_text("COMPLETED: moved,", "COMPLETED: moved, no: not,"),
        "no without quotes",
    );
    // Where it stands is the line.
    let found = super::lint(&{
        let mut sources = super::sound();
        let text = ROOT.replace("version: 0.1.0", "version: 0.1");
        sources.root = Source::from_yaml("root.yaml", &text).unwrap();
        sources
    });
    assert!(
        found
            .iter()
            .any(|found| found.file == "root.yaml" && found.place == "line 2"),
        "{found:?}"
    );
}

#[test]
fn a_key_that_comes_twice_is_an_error_that_names_its_line() {
    for (text, line) in [
        ("a: 1\nb: 2\na: 3\n", "line 3"),
        ("a: {b: 1, b: 1}\n", "line 1"),
        ("paths:\n  /a: {}\n  /a: {}\n", "line 3"),
    ] {
        let error = Source::from_yaml("cards.yaml", text)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cards.yaml: ") && error.contains("duplicate"),
            "{error}"
        );
        assert!(error.contains(line), "{error}");
    }
}

#[test]
fn what_openapi_does_not_allow_is_found_by_its_own_schema() {
    for (at, value, part) in [
        (
            format!("{RECHARGE}/tags"),
            json!("recharges"),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{RECHARGE}/deprecated"),
            json!("yes"),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{RECHARGE}/requestBody/required"),
            json!("true"),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{RECHARGE}/requestBody/content"),
            json!([]),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{RECHARGE}/responses/200/description"),
            json!(7),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{RECHARGE}/responses/2000"),
            json!({"description": "d"}),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{SCHEMAS}/Number/maxLength"),
            json!("4"),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{SCHEMAS}/Number/minLength"),
            json!(-1),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{SCHEMAS}/PageRequest/required"),
            json!([]),
            "OpenAPI 3.0: ",
        ),
        (
            format!("{SCHEMAS}/PageRequest/properties"),
            json!([]),
            "OpenAPI 3.0: ",
        ),
    ] {
        has(&after(In::Group, &at, &value), part);
    }
    for (at, value) in [
        ("parameters/AspIdHeader/required", json!("yes")),
        ("parameters/AspIdHeader/in", json!("body")),
        ("securitySchemes/ProjectKey/type", json!("key")),
        (
            "headers/CorrelationIdResponseHeader/schema",
            json!("string"),
        ),
    ] {
        has(
            &after(In::Common, &format!("/components/{at}"), &value),
            "OpenAPI 3.0: ",
        );
    }
    fires(
        In::Root,
        "/openapi",
        &json!("3.1.0"),
        r#"OpenAPI 3.0: the value does not match "^3\.0\.\d(-.+)?$""#,
    );
    fires(
        In::Root,
        "/info/version",
        &Value::Null,
        "OpenAPI 3.0: \"version\" is a required property",
    );
}

#[test]
fn an_error_of_alternatives_names_the_innermost_place() {
    let findings = super::lint(&{
        let mut sources = super::sound();
        sources.groups[0].document["components"]["schemas"]["Number"]["maxLength"] = json!("4");
        sources
    });
    let found = findings
        .iter()
        .find(|found| found.problem.starts_with("OpenAPI 3.0"));
    let found = found.unwrap();
    assert_eq!(
        (&*found.file, &*found.place),
        ("recharges.yaml", "schemas/Number/maxLength")
    );
}
