//! Promise: whatever changes the generated client, the types of other languages, or what goes over the
//! wire is seen, and said to be what it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::bundle::join;
use crate::bundle::sources::Sources;
use crate::lint::EXTENSIONS;

/// The description as one document, without the texts that `bundle` makes of extensions.
fn description() -> Value {
    join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap()
}

/// What a change of the description is called.
fn found(before: &Value, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut after = before.clone();
    change(&mut after);
    assert!(*before != after, "nothing was changed");
    let old = Spec::from_value(before.clone()).unwrap();
    let new = Spec::from_value(after).unwrap();
    let changes = changes(&old, &new);
    changes.report().lines().map(str::to_owned).collect()
}

/// A place of the description, what stands there instead (`null` removes it), and what the change is.
type Case = (&'static str, Value, &'static str);

fn put(document: &mut Value, place: &str, value: &Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    let parent = document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {place}"));
    match parent {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
        Value::Object(map) if value.is_null() => {
            map.shift_remove(&key).unwrap();
        }
        _ => parent[key] = value.clone(),
    }
}

fn each(cases: &[Case]) {
    let before = description();
    for (place, value, line) in cases {
        let found = found(&before, |document| put(document, place, value));
        assert!(
            found.contains(&(*line).to_owned()),
            "{place}: {line} is not in {found:#?}"
        );
    }
}

const RECHARGE: &str = "/paths/~1api~1v1~1recharges~1by-bank-accounts~1no-hce/post";

/// The change of each extension, at a place where the description has it.
fn of_extensions() -> Vec<(&'static str, String, Value, &'static str)> {
    let recharge = |rest: &str| format!("{RECHARGE}/{rest}");
    let schema = |rest: &str| format!("/components/schemas/{rest}");
    vec![
        (
            "x-enum-varnames",
            "first/0".to_owned(),
            json!("Other"),
            "breaking (Rust, other languages): ",
        ),
        (
            "x-extensible-enum",
            schema("BankRechargeResult/x-extensible-enum"),
            json!(["COMPLETED", "FAILED"]),
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-class",
            "/components/examples/SequenceIdAlreadyUsed/x-konaplate-class".to_owned(),
            json!("unknown"),
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-code-name",
            "first".to_owned(),
            json!("Other"),
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-codes-complete",
            recharge("x-konaplate-codes-complete"),
            json!("toggle"),
            "text: ",
        ),
        (
            "x-konaplate-complete",
            schema("CheckRegistrationIdRequestBody/x-konaplate-complete"),
            Value::Null,
            "breaking (Rust, wire): ",
        ),
        (
            "x-konaplate-effect",
            "first".to_owned(),
            json!("changes"),
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-encryption",
            recharge("x-konaplate-encryption/request"),
            json!("unknown"),
            "breaking (wire): ",
        ),
        (
            "x-konaplate-enum-meanings",
            schema("BankRechargeResult/x-konaplate-enum-meanings/FAILED"),
            json!("Other."),
            "text: ",
        ),
        (
            "x-konaplate-envelope",
            schema("ResponseStatus/x-konaplate-envelope"),
            Value::Null,
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-evidence",
            recharge("x-konaplate-evidence"),
            json!("third-party"),
            "text: ",
        ),
        (
            "x-konaplate-example",
            "/components/securitySchemes/ProjectKey/x-konaplate-example".to_owned(),
            json!("other"),
            "text: ",
        ),
        (
            "x-konaplate-follow-up",
            "first".to_owned(),
            Value::Null,
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-form",
            "first".to_owned(),
            Value::Null,
            "breaking (Rust",
        ),
        (
            "x-konaplate-known-values",
            "first".to_owned(),
            Value::Null,
            "text: ",
        ),
        (
            "x-konaplate-ko",
            recharge("x-konaplate-ko"),
            json!("다른"),
            "text: ",
        ),
        (
            "x-konaplate-maximum",
            "first".to_owned(),
            json!("9223372036854775808"),
            "breaking (wire): ",
        ),
        (
            "x-konaplate-minimum",
            "first".to_owned(),
            json!("7"),
            "breaking (wire): ",
        ),
        (
            "x-konaplate-not-found",
            "/x-konaplate-not-found/admin".to_owned(),
            Value::Null,
            "text: ",
        ),
        (
            "x-konaplate-open-form",
            "first".to_owned(),
            Value::Null,
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-outcome",
            recharge("x-konaplate-outcome/inquiry/completed"),
            json!([]),
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-paging",
            "first".to_owned(),
            Value::Null,
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-printed",
            recharge("x-konaplate-printed"),
            Value::Null,
            "text: ",
        ),
        (
            "x-konaplate-schema",
            "/components/securitySchemes/ProjectKey/x-konaplate-schema/maxLength".to_owned(),
            json!(20),
            "breaking (wire): ",
        ),
        (
            "x-konaplate-sensitive",
            schema("CardNumber/x-konaplate-sensitive"),
            Value::Null,
            "breaking (Rust): ",
        ),
        (
            "x-konaplate-source",
            recharge("x-konaplate-source"),
            json!(["other"]),
            "text: ",
        ),
        (
            "x-konaplate-text",
            schema("PersonName/x-konaplate-text"),
            Value::Null,
            "breaking (Rust, wire): ",
        ),
        (
            "x-konaplate-title",
            recharge("x-konaplate-title"),
            json!("다른"),
            "text: ",
        ),
        (
            "x-konaplate-unlisted-failures",
            "first".to_owned(),
            Value::Null,
            "text: ",
        ),
        (
            "x-konaplate-versions",
            recharge("x-konaplate-versions/shown"),
            json!("v9"),
            "text: ",
        ),
    ]
}

/// The first place of the document with that key.
fn first(value: &Value, key: &str, path: &str) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(name, member)| {
            let here = format!("{path}/{}", name.replace('/', "~1"));
            if name == key {
                Some(here)
            } else {
                first(member, key, &here)
            }
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| first(item, key, &format!("{path}/{index}"))),
        _ => None,
    }
}

#[test]
fn a_change_of_each_extension_is_seen_as_what_it_is() {
    let before = description();
    let mut seen = BTreeSet::new();
    for (extension, place, value, class) in of_extensions() {
        seen.insert(extension);
        let place = match place.strip_prefix("first") {
            Some(rest) => {
                let first = first(&before, extension, "");
                first.unwrap_or_else(|| panic!("{extension} is unused")) + rest
            }
            None => place,
        };
        let value = if value == "toggle" {
            json!(before.pointer(&place) != Some(&json!(true)))
        } else {
            value
        };
        let found = found(&before, |document| put(document, &place, &value));
        assert!(
            found.iter().any(|line| line.starts_with(class)),
            "{extension} at {place}: {class} is not in {found:#?}"
        );
    }
    assert_eq!(seen, EXTENSIONS.into_iter().collect());
}

#[test]
fn a_keyword_that_other_generators_read_is_seen() {
    each(&[
        (
            "/servers/0/url",
            json!("http://127.0.0.1:1"),
            "breaking (other languages): document servers 0 url: changed; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/servers/0/description",
            json!("Other."),
            "text: document servers 0 description: changed",
        ),
        (
            "/security",
            json!([]),
            "breaking (other languages): document security 0: was removed; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/info/description",
            json!("Other."),
            "text: document info description: changed",
        ),
        (
            "/components/parameters/AspIdHeader/in",
            json!("query"),
            "breaking (other languages): document components parameters AspIdHeader in: changed; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/parameters/AspIdHeader/example",
            json!("000170000000001"),
            "text: document components parameters AspIdHeader example: changed",
        ),
        (
            "/components/parameters/AspIdHeader/schema/type",
            json!("integer"),
            "breaking (other languages): document components parameters AspIdHeader schema type: changed; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/headers/CorrelationIdResponseHeader/required",
            json!(false),
            "breaking (other languages): document components headers CorrelationIdResponseHeader required: changed; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/responses/UnexpectedFailure/description",
            json!("Other."),
            "text: document components responses UnexpectedFailure description: changed",
        ),
        (
            "/components/schemas/NrNumber/format",
            json!("uuid"),
            "breaking (other languages): document components schemas NrNumber format: was added; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/schemas/NrNumber/example",
            json!("1"),
            "text: schema NrNumber: changed: example",
        ),
        (
            "/components/schemas/BankRechargeResult/maxLength",
            json!(3),
            "breaking (other languages): document components schemas BankRechargeResult maxLength: was added; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/schemas/ResponseStatus/nullable",
            json!(true),
            "breaking (other languages): document components schemas ResponseStatus nullable: was added; taken as breaking, since no rule of ours judges it",
        ),
        (
            "/components/schemas/ResponseStatus/properties/description/nullable",
            json!(true),
            "breaking (other languages): document components schemas ResponseStatus properties description: was added; taken as breaking, since no rule of ours judges it",
        ),
    ]);
    let recharge = |rest: &str, value: Value| {
        let before = description();
        found(&before, |document| {
            put(document, &format!("{RECHARGE}/{rest}"), &value)
        })
    };
    let path = "document paths /api/v1/recharges/by-bank-accounts/no-hce post";
    for (rest, value, line) in [
        (
            "parameters/0",
            json!({"$ref": "#/components/parameters/TimeZoneHeader"}),
            "breaking (other languages): {path} parameters 0 $ref: changed",
        ),
        (
            "requestBody/required",
            json!(false),
            "breaking (other languages): {path} requestBody required: changed",
        ),
        (
            "responses/200/headers/X-KM-Correlation-Id",
            Value::Null,
            "breaking (other languages): {path} responses 200 headers X-KM-Correlation-Id: was removed",
        ),
        (
            "responses/200/description",
            json!("Other."),
            "text: {path} responses 200 description: changed",
        ),
        (
            "responses/400/content/application~1json/schema",
            json!({"$ref": "#/components/schemas/ResponseStatus"}),
            "breaking (other languages): {path} responses 400 content application/json schema $ref: changed",
        ),
        (
            "responses/default",
            Value::Null,
            "breaking (other languages): {path} responses default: was removed",
        ),
        (
            "tags/1",
            json!("cards"),
            "breaking (other languages): {path} tags 0: was added",
        ),
        (
            "deprecated",
            json!(true),
            "additive: recharge_from_bank_account: deprecated was false and is true",
        ),
        (
            "requestBody/content/application~1json/examples",
            json!({}),
            "text: recharge_from_bank_account: changed: request examples",
        ),
    ] {
        let found = if rest == "tags/1" {
            let before = description();
            found(&before, |document| {
                let tags = document.pointer_mut(&format!("{RECHARGE}/tags")).unwrap();
                tags.as_array_mut().unwrap().push(value.clone());
            })
        } else {
            recharge(rest, value)
        };
        let line = line.replace("{path}", path);
        assert!(
            found.iter().any(|found| found.starts_with(&line)),
            "{line} is not in {found:#?}"
        );
    }
}

#[test]
fn a_change_does_not_hide_another_of_the_same_part() {
    let before = description();
    let found = found(&before, |document| {
        let schema = &mut document["components"]["schemas"]["NrNumber"];
        schema["maxLength"] = 60.into();
        schema["format"] = "uuid".into();
        let operation = document.pointer_mut(RECHARGE).unwrap();
        operation["summary"] = "Other".into();
        operation["requestBody"]["required"] = false.into();
        let parameter = &mut document["components"]["parameters"]["AspIdHeader"];
        parameter["description"] = "Other.".into();
        parameter["style"] = "simple".into();
        let tag = &mut document["tags"][0];
        tag["description"] = "Other.".into();
        tag["externalDocs"] = json!({"url": "https://x.example"});
    });
    for part in [
        "schema NrNumber: most characters was 50 and is 60",
        "document components schemas NrNumber format: was added",
        "recharge_from_bank_account: changed: summary",
        "requestBody required: changed",
        "header X-KM-User-AspId: changed: description",
        "document components parameters AspIdHeader style: was added",
        "group members: changed: description",
        "document tags members externalDocs: was added",
    ] {
        assert!(
            found.iter().any(|line| line.contains(part)),
            "{part} is not in {found:#?}"
        );
    }
}

#[test]
fn an_order_that_generated_code_has_is_seen() {
    let before = description();
    let reversed = |place: &str| {
        found(&before, |document| {
            match document.pointer_mut(place).unwrap() {
                Value::Array(items) => items.reverse(),
                Value::Object(map) => *map = std::mem::take(map).into_iter().rev().collect(),
                _ => panic!("{place} has no order"),
            }
        })
    };
    // An object is the same in any order for serde_json.
    let orders = |place: &str| {
        let mut after = before.clone();
        let map = after.pointer_mut(place).unwrap().as_object_mut().unwrap();
        *map = std::mem::take(map).into_iter().rev().collect();
        let (old, new) = (
            Spec::from_value(before.clone()).unwrap(),
            Spec::from_value(after).unwrap(),
        );
        changes(&old, &new).report()
    };
    assert_eq!(
        orders("/paths"),
        "text: document: changed: order of operations\n"
    );
    assert_eq!(
        orders("/components/schemas"),
        "text: document: changed: order of schemas\n"
    );
    assert_eq!(
        orders("/components/parameters"),
        "text: document: changed: order of headers\n"
    );
    assert!(orders("/components/examples").contains("order of its messages"));
    let fields = orders("/components/schemas/RefundCardRequestBody/properties");
    assert_eq!(
        fields,
        "text: schema RefundCardRequestBody: changed: order of the fields\n"
    );
    assert_eq!(
        reversed("/tags"),
        ["text: document: changed: order of groups"]
    );
    let declined = reversed(&format!("{RECHARGE}/x-konaplate-outcome/proves/declined"));
    assert_eq!(
        declined,
        ["text: recharge_from_bank_account: changed: order of what codes prove"]
    );
    let servers = reversed("/servers");
    assert!(
        servers
            .iter()
            .any(|line| line.starts_with("breaking (other languages): document servers 0 url"))
    );
}

#[test]
fn a_group_that_comes_or_goes_is_seen() {
    let before = description();
    let added = found(&before, |document| {
        let tags = document["tags"].as_array_mut().unwrap();
        tags.push(json!({"name": "vouchers", "description": "d", "x-konaplate-title": "t"}));
    });
    assert_eq!(added, ["additive: group vouchers: was added"]);
    let removed = found(&before, |document| {
        document["tags"].as_array_mut().unwrap().pop();
    });
    assert_eq!(
        removed,
        ["breaking (Rust, other languages): group admin: was removed"]
    );
}

#[test]
fn what_other_generators_make_of_a_number_is_seen() {
    let before = description();
    let numbers = before["components"]["schemas"].as_object().unwrap();
    let of_format = |format: &str| {
        let mut all = numbers.iter();
        let found = all.find(|(_, schema)| schema["format"] == format);
        found.unwrap().0.clone()
    };
    let signed = of_format("int64");
    for (value, part) in [
        (json!("int32"), "format was int64 and is int32"),
        (Value::Null, "format was int64 and is not given"),
        (json!("uint64"), "format was int64 and is uint64"),
    ] {
        let place = format!("/components/schemas/{signed}/format");
        let found = found(&before, |document| put(document, &place, &value));
        assert_eq!(
            found,
            [format!(
                "breaking (other languages): schema {signed}: {part}"
            )]
        );
    }
    let unsigned = of_format("uint64");
    let found = found(&before, |document| {
        let schema = document["components"]["schemas"][&unsigned]
            .as_object_mut()
            .unwrap();
        let bound = schema.shift_remove("x-konaplate-minimum").unwrap();
        let bound: u64 = bound.as_str().unwrap().parse().unwrap();
        schema.insert("minimum".to_owned(), bound.into());
    });
    let line = format!(
        "breaking (other languages): schema {unsigned}: plain minimum was not given and is "
    );
    assert!(found[0].starts_with(&line), "{found:?}");
}

/// Every kind of place in the description once: the keys on the way, names and numbers replaced.
fn kinds_of_places(value: &Value, kind: &str, place: &str, found: &mut BTreeMap<String, String>) {
    let named = [
        "paths",
        "schemas",
        "parameters",
        "headers",
        "responses",
        "examples",
        "securitySchemes",
        "properties",
        "content",
        "x-konaplate-not-found",
        "x-konaplate-enum-meanings",
        "x-konaplate-known-values",
        "not-carried-out",
        "x-konaplate-printed",
        "value",
    ];
    // What an example holds is an example.
    if kind.ends_with("/examples/*/value") && kind.starts_with("/paths") {
        return;
    }
    let mut member = |key: &str, shown: &str, inner: &Value| {
        let kind = format!("{kind}/{shown}");
        let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.entry(kind.clone()).or_insert_with(|| place.clone());
        kinds_of_places(inner, &kind, &place, found);
    };
    match value {
        Value::Object(map) => {
            let last = kind.rsplit('/').next().unwrap_or_default();
            for (key, inner) in map {
                let status = ["200", "400", "default"].contains(&key.as_str());
                let shown = if named.contains(&last) && !status {
                    "*"
                } else {
                    key
                };
                member(key, shown, inner);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                member(&index.to_string(), "#", inner);
            }
        }
        _ => {}
    }
}

/// The description with these places, and without operations that have none of them: to read it again for
/// each change takes its time.
fn with_the_operations_of(whole: &Value, places: &BTreeMap<String, String>) -> Value {
    let mut document = whole.clone();
    let has_place = |path: &str| {
        let path = format!("/paths/{}/", path.replace('/', "~1"));
        places.values().any(|place| place.starts_with(&path))
    };
    let spec = Spec::from_value(whole.clone()).unwrap();
    let kept: Vec<_> = spec
        .operations()
        .iter()
        .filter(|o| has_place(&o.path))
        .collect();
    let mut paths: BTreeSet<&str> = kept.iter().map(|o| o.path.as_str()).collect();
    for operation in kept {
        let outcome = operation.outcome.as_ref();
        let inquiry = outcome.and_then(|outcome| outcome.inquiry.as_ref());
        let others = [
            inquiry.map(|inquiry| &inquiry.operation),
            outcome.and_then(|outcome| outcome.cancel.as_ref()),
            operation.follow_up.as_ref(),
        ];
        let others = others.into_iter().flatten();
        paths.extend(others.filter_map(|id| Some(spec.operation(id)?.path.as_str())));
    }
    let all = document["paths"].as_object_mut().unwrap();
    all.retain(|path, _| paths.contains(path.as_str()));
    document
}

#[test]
fn nothing_that_the_description_says_can_change_unseen() {
    let whole = description();
    let mut places = BTreeMap::new();
    kinds_of_places(&whole, "", "", &mut places);
    assert!(places.len() > 200, "{}", places.len());
    // That the version was raised is no change of its own.
    places.remove("/info/version");
    let before = with_the_operations_of(&whole, &places);
    let old = Spec::from_value(before.clone()).unwrap();
    let (mut seen, mut unseen) = (0, Vec::new());
    for (kind, place) in places {
        let other = match before.pointer(&place).unwrap() {
            Value::String(text) => json!(format!("{text}x")),
            Value::Number(number) => json!(number.as_u64().unwrap_or_default() + 1),
            Value::Bool(flag) => json!(!flag),
            _ => Value::Null,
        };
        // A word of a list that is known becomes none, which cannot be read; it can be left out.
        for other in [other, Value::Null] {
            let mut after = before.clone();
            if other.is_null() && place.rsplit('/').next().unwrap().parse::<usize>().is_ok() {
                let (parent, index) = place.rsplit_once('/').unwrap();
                let parent = after.pointer_mut(parent).unwrap();
                match parent {
                    Value::Array(items) => {
                        items.remove(index.parse::<usize>().unwrap());
                    }
                    _ => put(&mut after, &place, &other),
                }
            } else {
                put(&mut after, &place, &other);
            }
            // What the description has to have cannot be left out.
            let Ok(new) = Spec::from_value(after) else {
                continue;
            };
            seen += 1;
            // One change of each kind is enough.
            let report = changes(&old, &new).report();
            if report == "nothing changed\n" {
                unseen.push(format!("{kind} at {place} became {other}"));
            }
            break;
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
    assert!(seen > 200, "{seen}");
}
