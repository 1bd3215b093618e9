//! Operations: headers, evidence, responses and codes.

use std::collections::BTreeMap;

use konaplate_codegen::names::pascal;
use konaplate_spec::{CodeClass, Evidence, Operation, Schema, Spec, is_code};
use serde_json::Value;

use super::{Findings, outcomes};
use crate::bundle::sources::Source;
use crate::document::{self, entries, items, json_media, ref_name, strings, text};

/// The headers that every operation takes, in the order of the pages. Two more are security
/// schemes.
const HEADERS: [&str; 5] = [
    "AspIdHeader",
    "CorrelationIdHeader",
    "CryptoKeyIdHeader",
    "TranTimeHeader",
    "TimeZoneHeader",
];

/// The headers that every response has.
const RESPONSE_HEADERS: [(&str, &str); 2] = [
    ("X-KM-Correlation-Id", "CorrelationIdResponseHeader"),
    ("X-KM-Crypto-Key-Id", "CryptoKeyIdResponseHeader"),
];

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
    for (path, method, operation) in document::operations(&source.document) {
        one(findings, source.group(), path, method, operation);
    }
    for (name, example) in document::components(&source.document, "examples") {
        code(findings, name, example);
    }
    for (name, response) in document::components(&source.document, "responses") {
        findings.require(
            response.get("content").is_none() && response.get("headers").is_none(),
            format!("responses/{name}"),
            "an unexpected failure that promises a body or headers",
            "HTML may come, or nothing: give it a description only",
        );
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

    let headers: Vec<_> = items(operation, "parameters")
        .filter_map(ref_name)
        .collect();
    findings.require(
        headers == HEADERS,
        &place,
        "the parameters are not the five headers in their order",
        "list all five parameters of common.yaml, and no other; the two that sign are security schemes",
    );
    for text in ["summary", "x-konaplate-ko"] {
        findings.require(
            document::text(operation, text).is_none_or(|text| !text.trim().is_empty()),
            &place,
            format!("{text} is empty"),
            "a few words",
        );
    }
    bodies(findings, &place, id, operation);
    outcomes::one(findings, &place, operation);
}

/// The request, and exactly three responses.
fn bodies(findings: &mut Findings, place: &str, id: &str, operation: &Value) {
    let statuses: Vec<_> = entries(operation, "responses")
        .map(|(status, _)| status)
        .collect();
    findings.require(
        statuses == ["200", "400", "default"],
        place,
        "the responses are not 200, 400 and default",
        "one success, one envelope for all documented failures, and what else may come; ranges such as 4XX break generators",
    );
    let responses = operation.get("responses").unwrap_or(&Value::Null);
    findings.require(
        responses.get("default").and_then(ref_name) == Some("UnexpectedFailure"),
        place,
        "default is not a reference to UnexpectedFailure",
        "no page documents it, so it says the same everywhere: no content, no headers",
    );
    let name = pascal(id);
    for (side, body, schema) in [
        (
            "request",
            operation.get("requestBody"),
            format!("{name}RequestBody"),
        ),
        ("200", responses.get("200"), format!("{name}ResponseBody")),
        ("400", responses.get("400"), "Failure".to_owned()),
    ] {
        let Some(body) = body else {
            findings.add(place, format!("no {side} body"), "every operation has one");
            continue;
        };
        let media = json_media(body);
        match media.get("schema").and_then(ref_name) {
            None => findings.add(
                place,
                format!("the schema of the {side} body is inline"),
                "two inline responses silently become one type; name it and refer to it",
            ),
            Some(found) => findings.require(
                found == schema,
                place,
                format!("the schema of the {side} body is {found}, not {schema}"),
                "bodies are named after the operation, failures share one",
            ),
        }
        findings.require(
            entries(media, "examples").next().is_some() || side == "400",
            place,
            format!("no example of the {side} body"),
            "examples are the sandbox's responses and the documentation's calls",
        );
    }
    for status in ["200", "400"] {
        let headers: Vec<_> = responses
            .get(status)
            .map(|response| {
                entries(response, "headers")
                    .map(|(name, header)| (name, ref_name(header).unwrap_or_default()))
                    .collect()
            })
            .unwrap_or_default();
        findings.require(
            headers == RESPONSE_HEADERS,
            place,
            format!("the headers of {status} are not the two of every response"),
            "refer to CorrelationIdResponseHeader and CryptoKeyIdResponseHeader",
        );
    }
    let failures = responses.get("400").map(json_media);
    for (name, example) in failures.into_iter().flat_map(|m| entries(m, "examples")) {
        findings.require(
            ref_name(example) == Some(name),
            place,
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
                "x-konaplate-evidence is not one of page, partial, third-party",
                "say how much of it was seen",
            );
        }
        evidence(findings, &format!("{place}/{name}"), member);
    }
}

/// Rules for which all operations and codes have to be together.
pub(super) fn check_whole(findings: &mut Findings, spec: &Spec) {
    let mut seen = BTreeMap::new();
    for operation in spec.operations() {
        findings.require(
            operation.versions.contains(&operation.version_shown),
            &operation.id,
            "the version shown is not among those offered",
            "x-konaplate-versions: {shown: v1, offered: [v1]}",
        );
        findings.require(
            !operation.source.is_empty(),
            &operation.id,
            "no source page",
            "list the page ids in x-konaplate-source",
        );
        if let Some(other) = seen.insert(&operation.id, &operation.path) {
            findings.add(
                &operation.id,
                format!("two operations have this id, the other one is {other}"),
                "ids are method names",
            );
        }
        paging(findings, spec, operation);
    }
    codes(findings, spec);
}

/// The fields that `x-konaplate-paging` names within the objects that it names.
fn paging(findings: &mut Findings, spec: &Spec, operation: &Operation) {
    let Some(paging) = &operation.paging else {
        return;
    };
    let inner = |body: &str, field: &str| {
        let object = spec.schema(body).field(field)?.shape.object()?;
        Some(spec.schema(object))
    };
    let mut has = |object: Option<&Schema>, field: &str| {
        findings.require(
            object.is_some_and(|object| object.field(field).is_some()),
            &operation.id,
            format!("x-konaplate-paging: there is no field {field}"),
            "it names a field of the object that asks for a page, or of the one that says which page it is",
        );
    };
    has(
        inner(&operation.request.schema, &paging.request),
        &paging.page,
    );
    // A response of which that field was not seen has it in the form that it has elsewhere.
    let whole = spec.schema(&operation.response.schema);
    let described = |response: &&String| !whole.is_incomplete() || whole.field(response).is_some();
    if let Some(response) = paging.response.as_ref().filter(described) {
        for field in paging.response_page.iter().chain(&paging.total_pages) {
            has(inner(&operation.response.schema, response), field);
        }
    }
    if let Some(items) = &paging.items {
        let list = spec.schema(&operation.response.schema).field(items);
        findings.require(
            list.is_some_and(|field| field.shape.is_list()),
            &operation.id,
            format!("x-konaplate-paging: {items} is no list"),
            "it names the field of the response with the list",
        );
    }
}

/// The first example of a code names it; the others' names begin with that name.
fn codes(findings: &mut Findings, spec: &Spec) {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for example in spec.code_examples() {
        let place = format!("examples/{}", example.name);
        findings.require(
            example.class.is_some() != names.contains_key(example.code.as_str()),
            &place,
            "x-konaplate-class stands on the first example of a code, and only there",
            "it says what a caller of any operation can do about the code",
        );
        let own = example.code_name.as_deref();
        match names.get(example.code.as_str()) {
            None => {
                names.insert(&example.code, own.unwrap_or(&example.name));
            }
            Some(first) => findings.require(
                example.name.starts_with(first) && own.is_none(),
                &place,
                format!(
                    "a second example of {} whose name does not begin with {first}",
                    example.code
                ),
                "clients name the code after its first example",
            ),
        }
    }
}
