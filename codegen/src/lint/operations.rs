//! Operations: headers, evidence, responses and codes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Findings, components};
use crate::bundle::Source;
use crate::description::{Description, entries, ref_name, strings, text};
use crate::error::Error;
use crate::model::{CodeClass, Effect, Evidence, REQUEST_HEADERS, is_code, json_media};

/// What every operation has to say.
const REQUIRED: [&str; 11] = [
    "operationId",
    "summary",
    "description",
    "x-konaplate-ko",
    "x-konaplate-title",
    "x-konaplate-evidence",
    "x-konaplate-source",
    "x-konaplate-versions",
    "x-konaplate-effect",
    "x-konaplate-encryption",
    "x-konaplate-codes-complete",
];

pub(super) fn check(findings: &mut Findings, source: &Source) {
    for (path, item) in entries(&source.document, "paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            one(findings, source.group(), path, method, operation);
        }
    }
    for (name, example) in components(source, "examples") {
        code(findings, name, example);
    }
    evidence(findings, "", &source.document);
}

fn one(findings: &mut Findings, group: &str, path: &str, method: &str, operation: &Value) {
    let place = text(operation, "operationId").unwrap_or(path).to_owned();
    findings.require(
        method == "post",
        &place,
        format!("the method is {method}"),
        "every operation that was seen is a POST",
    );
    findings.require(
        path.starts_with("/api/"),
        &place,
        "the path does not start with /api/",
        "paths of the platform do; a missing slash on a page is a printing error",
    );
    for key in REQUIRED {
        findings.require(
            operation.get(key).is_some_and(|value| !value.is_null()),
            &place,
            format!("no {key}"),
            "openapi/README.md says what an operation has to say",
        );
    }
    findings.require(
        strings(operation, "tags").collect::<Vec<_>>() == [group],
        &place,
        "the only tag has to be the group",
        "the group's name is the name of its document",
    );
    let id = text(operation, "operationId").unwrap_or_default();
    findings.require(
        id.contains('_')
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
        &place,
        "the operationId is not a verb and a noun in snake case",
        "such as get_member or cancel_payment",
    );

    let headers: Vec<_> = operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(ref_name)
        .collect();
    findings.require(
        headers == REQUEST_HEADERS,
        &place,
        "the parameters are not the seven headers in their order",
        "list all seven parameters of common.yaml, and no other",
    );

    let responses = operation.get("responses").unwrap_or(&Value::Null);
    let statuses: Vec<_> = entries(operation, "responses")
        .map(|(status, _)| status)
        .collect();
    findings.require(
        statuses == ["200", "4XX", "5XX"],
        &place,
        "the responses are not 200, 4XX and 5XX",
        "other combinations break generators: one success, and one envelope for all failures",
    );
    let bodies = [
        ("request", operation.get("requestBody")),
        ("200", responses.get("200")),
        ("4XX", responses.get("4XX")),
    ];
    for (name, body) in bodies {
        let Some(body) = body else {
            findings.add(&place, format!("no {name} body"), "every operation has one");
            continue;
        };
        let media = json_media(body);
        findings.require(
            media.get("schema").and_then(ref_name).is_some(),
            &place,
            format!("the schema of the {name} body is inline"),
            "two inline responses silently become one type; name it and refer to it",
        );
        findings.require(
            entries(media, "examples").next().is_some() || name == "4XX",
            &place,
            format!("no example of the {name} body"),
            "examples are the sandbox's answers and the documentation's calls",
        );
    }
    for status in ["200", "4XX"] {
        let headers: Vec<_> = responses
            .get(status)
            .map(|response| entries(response, "headers").map(|(name, _)| name).collect())
            .unwrap_or_default();
        findings.require(
            headers == ["X-KM-Correlation-Id", "X-KM-Crypto-Key-Id"],
            &place,
            format!("the headers of {status} are not the two of every answer"),
            "list X-KM-Correlation-Id and X-KM-Crypto-Key-Id",
        );
    }
    for (name, example) in responses
        .get("4XX")
        .map(json_media)
        .into_iter()
        .flat_map(|m| entries(m, "examples"))
    {
        findings.require(
            ref_name(example) == Some(name),
            &place,
            format!("the code {name} is not a reference to the example of that name"),
            "a code is defined once, in common.yaml",
        );
    }
}

/// A code's example: `{response: {code, description}}` and a summary.
fn code(findings: &mut Findings, name: &str, example: &Value) {
    let place = format!("examples/{name}");
    let response = example.pointer("/value/response").unwrap_or(&Value::Null);
    findings.require(
        text(response, "code").is_some_and(is_code) && text(response, "description").is_some(),
        &place,
        "not an example of a code",
        "value: {response: {code: \"007_008\", description: the vendor's message}}",
    );
    findings.require(
        text(example, "summary").is_some(),
        &place,
        "no summary",
        "say in our words what the code means",
    );
    findings.require(
        text(example, "x-konaplate-ko").is_some(),
        &place,
        "no x-konaplate-ko",
        "say in Korean what the code means",
    );
    if let Some(class) = text(example, "x-konaplate-class") {
        findings.require(
            CodeClass::from_word(class).is_some(),
            &place,
            format!("{class} is no class of codes"),
            "openapi/README.md lists the classes",
        );
    }
}

fn evidence(findings: &mut Findings, place: &str, value: &Value) {
    let Value::Object(map) = value else { return };
    for (name, member) in map {
        if name == "x-konaplate-evidence" {
            findings.require(
                member.as_str().and_then(Evidence::from_word).is_some(),
                place,
                "x-konaplate-evidence is not one of seed, page, partial, third-party",
                "say how much of it was seen",
            );
        }
        evidence(findings, &format!("{place}/{name}"), member);
    }
}

/// Rules for which all operations and codes have to be together.
pub(super) fn check_whole(findings: &mut Findings, description: &Description) -> Result<(), Error> {
    let operations = description.operations()?;
    for operation in &operations {
        if let Some(reconcile) = operation.reconcile {
            findings.require(
                operations
                    .iter()
                    .any(|other| other.id == reconcile && other.effect == Effect::Reads),
                operation.id,
                format!("{reconcile} does not tell outcomes"),
                "x-konaplate-reconcile names an operation with the effect reads",
            );
        }
        findings.require(
            operation.versions.contains(&operation.version_shown),
            operation.id,
            "the version shown is not among those offered",
            "x-konaplate-versions: {shown: v1, offered: [v1]}",
        );
        findings.require(
            !operation.source.is_empty(),
            operation.id,
            "no source page",
            "list the page ids in x-konaplate-source",
        );
    }
    let mut seen = BTreeMap::new();
    for operation in &operations {
        if let Some(other) = seen.insert(operation.id, operation.path) {
            findings.add(
                operation.id,
                format!("two operations have this id, the other one is {other}"),
                "ids are method names",
            );
        }
    }

    // The first example of a code names it; the others' names begin with that name.
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for example in description.code_examples() {
        let raw = description.component("examples", example.name);
        let own = raw.and_then(|raw| text(raw, "x-konaplate-code-name"));
        let has_class = raw.is_some_and(|raw| raw.get("x-konaplate-class").is_some());
        findings.require(
            has_class != names.contains_key(example.code),
            format!("examples/{}", example.name),
            "x-konaplate-class stands on the first example of a code, and only there",
            "it says what a caller of any operation can do about the code",
        );
        match names.get(example.code) {
            None => {
                names.insert(example.code, own.unwrap_or(example.name));
            }
            Some(first) => findings.require(
                example.name.starts_with(first) && own.is_none(),
                format!("examples/{}", example.name),
                format!(
                    "a second example of {} whose name does not begin with {first}",
                    example.code
                ),
                "clients name the code after its first example",
            ),
        }
    }
    Ok(())
}
