//! The rules, fired one by one: a small sound description, and a change of it for each rule.

mod lint_green_means_build_green;
mod lint_knows_openapi;

use serde_json::{Value, json};

use super::{EXTENSIONS, MADE, lint, of_the_project};
use crate::bundle::sources::{Source, Sources};
use crate::{at_root, files};

#[test]
fn the_description_follows_the_rules() {
    let findings = of_the_project().unwrap();
    let text: String = findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect();
    assert!(findings.is_empty(), "{text}");
}

#[test]
fn every_extension_is_explained() {
    let readme = files::read(&at_root("openapi/README.md")).unwrap();
    for extension in EXTENSIONS.iter().chain(&MADE) {
        assert!(
            readme.contains(&format!("| `{extension}` |")),
            "{extension}"
        );
    }
}

const ROOT: &str = include_str!("tests/root.yaml");
const COMMON: &str = include_str!("tests/common.yaml");
const GROUP: &str = include_str!("tests/recharges.yaml");

fn sound() -> Sources {
    let read = |file: &str, text: &str| Source::from_yaml(file, text).unwrap();
    Sources {
        root: read("root.yaml", ROOT),
        common: read("common.yaml", COMMON),
        groups: vec![read("recharges.yaml", GROUP)],
    }
}

/// What is found after a change of the sound description.
fn problems(change: impl Fn(&mut Sources)) -> Vec<String> {
    let mut sources = sound();
    change(&mut sources);
    lint(&sources).into_iter().map(|f| f.problem).collect()
}

/// Which document a change is made in.
#[derive(Debug, Clone, Copy)]
enum In {
    Root,
    Common,
    Group,
}

/// Puts a value at a place (a JSON pointer; `null` removes it), and says what has to be found.
fn fires(document: In, place: &str, value: &Value, problem: &str) {
    let found = problems(|sources| {
        let document = match document {
            In::Root => &mut sources.root.document,
            In::Common => &mut sources.common.document,
            In::Group => &mut sources.groups[0].document,
        };
        let (parent, key) = place.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        let parent = document.pointer_mut(parent).unwrap();
        if let Value::Array(items) = parent {
            items[key.parse::<usize>().unwrap()] = value.clone();
        } else if value.is_null() {
            parent.as_object_mut().unwrap().shift_remove(&key).unwrap();
        } else {
            parent[key] = value.clone();
        }
    });
    assert!(
        found.iter().any(|found| found == problem),
        "{place}: {problem} is not in {found:#?}"
    );
}

const RECHARGE: &str = "/paths/~1api~1v1~1recharge/post";
const RESULT: &str = "/paths/~1api~1v1~1recharge~1result/post";
const SCHEMAS: &str = "/components/schemas";

#[test]
fn a_sound_description_has_no_findings() {
    assert_eq!(problems(|_| ()), Vec::<String>::new());
}

#[test]
fn operations_say_what_they_have_to_say() {
    for (at, value, problem) in [
        ("summary", Value::Null, "no summary"),
        ("summary", json!(" "), "summary is empty"),
        ("description", Value::Null, "no description"),
        ("x-konaplate-ko", Value::Null, "no x-konaplate-ko"),
        ("x-konaplate-title", Value::Null, "no x-konaplate-title"),
        (
            "x-konaplate-evidence",
            Value::Null,
            "no x-konaplate-evidence",
        ),
        ("x-konaplate-source", Value::Null, "no x-konaplate-source"),
        ("x-konaplate-source", json!([]), "no source page"),
        (
            "x-konaplate-versions",
            Value::Null,
            "no x-konaplate-versions",
        ),
        (
            "x-konaplate-versions",
            json!({"shown": "v2", "offered": ["v1"]}),
            "the version shown is not among those offered",
        ),
        ("x-konaplate-effect", Value::Null, "no x-konaplate-effect"),
        (
            "x-konaplate-encryption",
            Value::Null,
            "no x-konaplate-encryption",
        ),
        (
            "x-konaplate-codes-complete",
            Value::Null,
            "no x-konaplate-codes-complete",
        ),
        (
            "x-konaplate-evidence",
            json!("seed"),
            "x-konaplate-evidence is not one of page, partial, third-party",
        ),
        ("tags", json!(["gifts"]), "the only tag has to be the group"),
        (
            "operationId",
            json!("Recharge"),
            "the operationId is not a verb and a noun in snake case",
        ),
        (
            "operationId",
            json!("get_result"),
            "two operations have this id, the other one is /api/v1/recharge",
        ),
        (
            "x-konaplate-reconcile",
            json!("get_result"),
            "this extension is not known",
        ),
    ] {
        fires(In::Group, &format!("{RECHARGE}/{at}"), &value, problem);
    }
    let moved = |from: &'static str, to: &'static str| {
        problems(move |sources| {
            let text = GROUP.replace(from, to);
            sources.groups[0] = Source::from_yaml("recharges.yaml", &text).unwrap();
        })
    };
    let found = moved("/api/v1/recharge:", "api/v1/recharge:");
    assert!(found.contains(&"the path does not start with /api/".to_owned()));
    let found = moved("    post:", "    put:");
    assert!(found.contains(&"the method is put".to_owned()));
}

#[test]
fn headers_and_responses_are_the_same_everywhere() {
    for (at, value, problem) in [
        (
            "parameters/0",
            json!({"$ref": "common.yaml#/components/parameters/TimeZoneHeader"}),
            "the parameters are not the five headers in their order",
        ),
        (
            "responses/4XX",
            json!({"description": "d"}),
            "the responses are not 200, 400 and default",
        ),
        (
            "responses/default",
            json!({"description": "d", "content": {"application/json": {}}}),
            "default is not a reference to UnexpectedFailure",
        ),
        ("requestBody", Value::Null, "no request body"),
        (
            "requestBody/content/application~1json/schema",
            json!({"type": "object"}),
            "the schema of the request body is inline",
        ),
        (
            "requestBody/content/application~1json/schema",
            json!({"$ref": "#/components/schemas/GetResultRequestBody"}),
            "the schema of the request body is GetResultRequestBody, not RechargeCardRequestBody",
        ),
        (
            "responses/200/content/application~1json/schema",
            json!({"$ref": "#/components/schemas/GetResultResponseBody"}),
            "the schema of the 200 body is GetResultResponseBody, not RechargeCardResponseBody",
        ),
        (
            "responses/400/content/application~1json/schema",
            json!({"$ref": "#/components/schemas/GetResultResponseBody"}),
            "the schema of the 400 body is GetResultResponseBody, not Failure",
        ),
        (
            "requestBody/content/application~1json/examples",
            Value::Null,
            "no example of the request body",
        ),
        (
            "responses/200/content/application~1json/examples",
            Value::Null,
            "no example of the 200 body",
        ),
        (
            "responses/200/headers",
            Value::Null,
            "the headers of 200 are not the two of every response",
        ),
        (
            "responses/400/headers/X-KM-Crypto-Key-Id",
            Value::Null,
            "the headers of 400 are not the two of every response",
        ),
        (
            "responses/400/content/application~1json/examples/LimitExceeded",
            json!({"$ref": "common.yaml#/components/examples/LimitExceededToday"}),
            "the code LimitExceeded is not a reference to the example of that name",
        ),
    ] {
        fires(In::Group, &format!("{RECHARGE}/{at}"), &value, problem);
    }
    for part in ["content", "headers"] {
        fires(
            In::Common,
            &format!("/components/responses/UnexpectedFailure/{part}"),
            &json!({}),
            "an unexpected failure that promises a body or headers",
        );
    }
}

#[test]
fn shared_parts_have_names_of_their_own() {
    for (at, value, problem) in [
        (
            "schemas/AspIdHeader",
            json!({"type": "string", "description": "d", "example": "x"}),
            "parameters have this name, too",
        ),
        (
            "schemas/TranToken",
            json!({"type": "string", "description": "d", "example": "x"}),
            "securitySchemes have this name, too",
        ),
        (
            "parameters/AspId",
            json!({"name": "X-KM-User-AspId", "in": "header", "description": "d", "schema": {}}),
            "the name does not end in Header",
        ),
        (
            "parameters/AspIdHeader/in",
            json!("query"),
            "a parameter that is no header",
        ),
        (
            "parameters/AspIdHeader/name",
            json!("X-KM-Tran-Token"),
            "X-KM-Tran-Token is a security scheme, too",
        ),
        (
            "parameters/AspIdHeader/example",
            json!("short"),
            "the example breaks the rule of the header",
        ),
        (
            "securitySchemes/ProjectKey/x-konaplate-example",
            json!("short"),
            "the example breaks the rule of the header",
        ),
        (
            "securitySchemes/ProjectKey/x-konaplate-schema",
            Value::Null,
            "no x-konaplate-schema",
        ),
        (
            "headers/CorrelationId",
            json!({"description": "d", "schema": {"type": "string"}}),
            "the name does not end in ResponseHeader",
        ),
        (
            "responses/Unused",
            json!({"description": "d"}),
            "nothing refers to it",
        ),
        (
            "schemas/Unused",
            json!({"type": "string", "description": "d", "example": "x"}),
            "no operation uses it",
        ),
    ] {
        fires(In::Common, &format!("/components/{at}"), &value, problem);
    }
    fires(
        In::Root,
        "/security/0/TranToken",
        &Value::Null,
        "it does not name the security schemes, and no other",
    );
}

#[test]
fn codes_are_defined_once() {
    for (at, value, problem) in [
        (
            "LimitExceeded/x-konaplate-class",
            Value::Null,
            "x-konaplate-class stands on the first example of a code, and only there",
        ),
        (
            "LimitExceededToday/x-konaplate-class",
            json!("unknown"),
            "x-konaplate-class stands on the first example of a code, and only there",
        ),
        (
            "LimitExceeded/x-konaplate-class",
            json!("fatal"),
            "fatal is no class of codes",
        ),
        (
            "LimitExceeded/x-konaplate-code-name",
            json!("OverLimit"),
            "a second example of 007_003 whose name does not begin with OverLimit",
        ),
        ("LimitExceeded/summary", Value::Null, "no summary"),
        (
            "LimitExceeded/x-konaplate-ko",
            Value::Null,
            "no x-konaplate-ko",
        ),
        (
            "LimitExceeded/value/response/code",
            json!("7003"),
            "not an example of a code",
        ),
    ] {
        fires(
            In::Common,
            &format!("/components/examples/{at}"),
            &value,
            problem,
        );
    }
    let found = problems(|sources| {
        sources.common.text = COMMON.replace("code: \"007_003\"", "code: 007_003");
    });
    assert_eq!(found, ["a code without quotes"; 2]);
}

#[test]
fn outcomes_are_enough_to_find_out() {
    let outcome = format!("{RECHARGE}/x-konaplate-outcome");
    for (at, value, problem) in [
        ("hint/en", json!(""), "no English hint"),
        ("hint/ko", json!(" "), "no Korean hint"),
        ("hint/ko", Value::Null, "no Korean hint"),
        (
            "hint/en",
            json!("Ask get_result."),
            "the English hint does not begin with: Do not send it again.",
        ),
        (
            "hint/en",
            json!("Do not send it again. Ask `get_result`."),
            "a backtick in the English hint",
        ),
        ("hint/ko", json!("`조회`"), "a backtick in the Korean hint"),
        (
            "hint/ko",
            json!("Do not send it again."),
            "the Korean hint is not in Korean",
        ),
        (
            "hint/en",
            json!("Do not send it again. The answer was lost."),
            "the word answer",
        ),
        ("advice", json!("x"), "x-konaplate-outcome says advice"),
        (
            "completed-by",
            json!("bank"),
            "the description cannot be read",
        ),
        (
            "reference",
            json!("noSuchField"),
            "the description cannot be read",
        ),
        ("response/pending", json!("result"), "result is no flag"),
        (
            "response/result",
            json!("number"),
            "number does not speak with the values of the inquiry",
        ),
        (
            "inquiry",
            Value::Null,
            "result does not speak with the values of the inquiry",
        ),
        (
            "inquiry/operation",
            json!("recharge_card"),
            "recharge_card does not tell outcomes",
        ),
        (
            "inquiry/failed",
            json!(["FAILED", "LOST"]),
            "not every value of result is in one of completed, failed and pending",
        ),
        (
            "inquiry/pending",
            json!(["PENDING", "FAILED"]),
            "not every value of result is in one of completed, failed and pending",
        ),
        (
            "inquiry/completed",
            json!([]),
            "no value says that the money has moved, or none that it has not",
        ),
        (
            "cancel",
            json!({"operation": "get_result"}),
            "get_result takes nothing back",
        ),
        (
            "proves",
            json!({"failure": []}),
            "nothing says what 007_003 proves",
        ),
        (
            "proves",
            json!({"declined": ["007_003"], "failure": ["007_003"]}),
            "the description cannot be read",
        ),
        (
            "proves/earlier-call",
            json!(["000_001"]),
            "000_001 is not one of its codes",
        ),
        (
            "proves",
            json!({"not-carried-out": {"007_003": {"en": " ", "ko": "한도"}}}),
            "no reason in both languages why 007_003 is proof",
        ),
        (
            "proves",
            json!({"not-carried-out": {"007_003": {"en": "The limit.", "ko": "limit"}}}),
            "no reason in both languages why 007_003 is proof",
        ),
    ] {
        fires(In::Group, &format!("{outcome}/{at}"), &value, problem);
    }
    let misplaced = "x-konaplate-outcome on what moves no money, or none on what does";
    fires(In::Group, &outcome, &Value::Null, misplaced);
    let other = sound().groups[0].document.pointer(&outcome).cloned();
    let on_a_read = format!("{RESULT}/x-konaplate-outcome");
    fires(In::Group, &on_a_read, &other.unwrap(), misplaced);
}

#[test]
fn each_side_has_objects_and_enums_of_its_own() {
    for (at, value, problem) in [
        (
            "RechargeCardResponseBody/properties/inner",
            json!({"$ref": "#/components/schemas/GetResultRequestBody"}),
            "an object that stands in requests and in responses",
        ),
        (
            "RechargeCardResponseBody/additionalProperties",
            json!(true),
            "additionalProperties in a response",
        ),
        (
            "RechargeCardRequestBody/additionalProperties",
            Value::Null,
            "a request that was not seen whole, and cannot carry other fields",
        ),
        (
            "RechargeCardRequestBody/properties/way",
            json!({"$ref": "#/components/schemas/Way"}),
            "an open enum in requests",
        ),
        (
            "RechargeCardResponseBody/properties/way",
            json!({"$ref": "#/components/schemas/WayInput"}),
            "a closed enum in responses",
        ),
        (
            "WayInput/x-konaplate-open-form",
            json!("Number"),
            "Number is no open enum",
        ),
        (
            "WayInput/x-konaplate-open-form",
            json!("RechargeResult"),
            "a closed form of RechargeResult that is not called RechargeResultInput",
        ),
        (
            "WayInput/x-konaplate-enum-meanings/CARD",
            json!("by a plastic card"),
            "the words, names or meanings are not those of Way",
        ),
        (
            "WayInput/x-enum-varnames",
            json!(["Plastic", "Bank"]),
            "the words, names or meanings are not those of Way",
        ),
        (
            "Way/x-enumDescriptions",
            json!({"CARD": "by card"}),
            "this extension is written by hand",
        ),
        (
            "RechargeCardRequestBody/properties/cardNo",
            json!({"$ref": "#/components/schemas/Number"}),
            "the name promises a secret, and the schema is not marked x-konaplate-sensitive",
        ),
        (
            "RechargeCardResponseBody/required",
            json!([]),
            "the response does not begin with the envelope",
        ),
    ] {
        fires(In::Group, &format!("{SCHEMAS}/{at}"), &value, problem);
    }
    fires(
        In::Common,
        "/components/schemas/ResponseStatus/x-konaplate-envelope",
        &Value::Null,
        "0 schemas are the envelope",
    );
    fires(
        In::Root,
        "/tags/0/x-displayName",
        &json!("Recharges"),
        "this extension is written by hand",
    );
}

#[test]
fn paging_names_fields_that_exist() {
    let paging = format!("{RESULT}/x-konaplate-paging");
    for (at, value, problem) in [
        (
            "page",
            json!("number"),
            "x-konaplate-paging: there is no field number",
        ),
        (
            "total-pages",
            json!("pages"),
            "x-konaplate-paging: there is no field pages",
        ),
        (
            "items",
            json!("result"),
            "x-konaplate-paging: result is no list",
        ),
        ("request", json!("page"), "the description cannot be read"),
    ] {
        fires(In::Group, &format!("{paging}/{at}"), &value, problem);
    }
}

#[test]
fn examples_keep_the_rules() {
    let body = "requestBody/content/application~1json/examples/One/value";
    for (at, value, problem) in [
        (
            "sequenceId",
            json!(""),
            "the request example One: sequenceId breaks its rule",
        ),
        (
            "sequenceId",
            Value::Null,
            "the request example One: sequenceId is missing",
        ),
        (
            "amount",
            json!(0),
            "the request example One: amount breaks its rule",
        ),
        (
            "way",
            json!("CASH"),
            "the request example One: way breaks its rule",
        ),
    ] {
        fires(
            In::Group,
            &format!("{RECHARGE}/{body}/{at}"),
            &value,
            problem,
        );
    }
    fires(
        In::Group,
        &format!("{RESULT}/{body}/more"),
        &json!(1),
        "the request example One: more is not described",
    );
    fires(
        In::Group,
        &format!("{RECHARGE}/responses/200/content/application~1json/examples/One/value/isPending"),
        &json!("no"),
        "the response example One: isPending breaks its rule",
    );
    for (at, value, problem) in [
        (
            "Amount/example",
            json!(-1),
            "the example breaks the rule of the schema",
        ),
        ("Amount/example", Value::Null, "no example"),
        (
            "Way/example",
            json!("CASH"),
            "the example breaks the rule of the schema",
        ),
        (
            "Number/example",
            json!("A1"),
            "the example breaks the rule of the schema",
        ),
    ] {
        fires(In::Group, &format!("{SCHEMAS}/{at}"), &value, problem);
    }
}

#[test]
fn texts_use_the_words_of_the_project() {
    for (at, value, problem) in [
        (
            format!("{RECHARGE}/description"),
            json!("The answer says it."),
            "the word answer",
        ),
        (
            format!("{RECHARGE}/summary"),
            json!("Seal it"),
            "the word seal",
        ),
        (
            format!("{RECHARGE}/x-konaplate-printed"),
            json!({"note": "`extra` can carry it"}),
            "the text `extra`",
        ),
        (
            format!("{RECHARGE}/x-konaplate-unlisted-failures"),
            json!(["The bank does not answer."]),
            "the word answer",
        ),
        (
            format!("{RECHARGE}/responses/200/content/application~1json/examples/One/summary"),
            json!("An answer."),
            "the word answer",
        ),
        (
            format!("{SCHEMAS}/RechargeResult/x-konaplate-enum-meanings/PENDING"),
            json!("the gateway has not answered"),
            "the word answered",
        ),
        (
            format!("{RECHARGE}/description"),
            json!("The response is not encrypted."),
            "a description of encryption",
        ),
        (
            format!("{SCHEMAS}/RechargeCardRequestBody/description"),
            json!("Encrypted, whatever `X-KM-Crypto-Key-Id` says."),
            "a description of encryption",
        ),
        (
            format!("{SCHEMAS}/RechargeResult/description"),
            json!("See https://x.example"),
            "a bare URL",
        ),
    ] {
        fires(In::Group, &at, &value, problem);
    }
    // The vendor's words stay as they are.
    let found = problems(|sources| {
        sources.common.document["components"]["examples"]["LimitExceeded"]["value"]["response"]["description"] =
            json!("No answer from the bank.");
    });
    assert_eq!(found, Vec::<String>::new());
}
