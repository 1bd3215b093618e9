//! Promise: where the lint finds nothing, a client is generated that parses and whose documentation
//! rustdoc takes; where there would be none, the lint says where and why.

use serde_json::{Value, json};

use super::{COMMON, GROUP, In, RECHARGE, RESULT, SCHEMAS, fires, lint, problems, sound};
use crate::bundle::sources::{Source, Sources};

/// What is found in the group's document after a replacement in its text.
fn with_text(from: &str, to: &str) -> Vec<String> {
    assert!(GROUP.contains(from), "{from}");
    problems(|sources| {
        let text = GROUP.replace(from, to);
        sources.groups[0] = Source::from_yaml("recharges.yaml", &text).unwrap();
    })
}

/// What is found after another field was added to an object.
fn with_field(object: &str, field: &str) -> Vec<String> {
    problems(|sources| {
        let object = &mut sources.groups[0].document["components"]["schemas"][object];
        object["properties"][field] = json!({"$ref": "#/components/schemas/Number"});
    })
}

fn has(found: &[String], part: &str) {
    assert!(
        found.iter().any(|found| found.contains(part)),
        "{part} is not in {found:#?}"
    );
}

#[test]
fn an_operation_is_a_method_of_the_client() {
    for (id, problem) in [
        (
            "from_env",
            "would be called from_env in konaplate::Client, which has something of that name",
        ),
        ("refresh_credentials", "which has something of that name"),
        // The method that asks later for what get_result returns.
        (
            "result_outcome",
            "would be called result_outcome and result_outcome in konaplate::Client",
        ),
        (
            "get_re_sult",
            "no name may be that of another but for capitals and punctuation",
        ),
        (
            "recharge__card",
            "a method of it would be called recharge_card",
        ),
        ("2_cards", "a method of it would be called x2_cards"),
        ("_cards", "a method of it would be called cards"),
    ] {
        has(
            &with_text("operationId: recharge_card", &format!("operationId: {id}")),
            problem,
        );
    }
}

#[test]
fn a_group_is_a_module_of_the_client() {
    for (group, problem) in [
        (
            "types",
            "would be called types in konaplate, which has something of that name",
        ),
        ("std", "which has something of that name"),
        ("move", "which is no name in Rust"),
        (
            "vouchers",
            "src/lib.rs does not hand on the module vouchers",
        ),
    ] {
        let found = problems(|sources| {
            sources.root.document["tags"][0]["name"] = group.into();
        });
        has(&found, problem);
    }
}

#[test]
fn a_field_is_a_member_and_a_setter() {
    for (object, field, problem) in [
        (
            "RechargeCardRequestBody",
            "send",
            "would be called send in konaplate::recharges::RechargeCard",
        ),
        (
            "RechargeCardRequestBody",
            "options",
            "which has something of that name",
        ),
        (
            "RechargeCardRequestBody",
            "call",
            "which has something of that name",
        ),
        ("RechargeCardRequestBody", "Extra", "would be called extra"),
        (
            "RechargeCardRequestBody",
            "sequence_id",
            "would be called sequence_id and sequence_id in",
        ),
        (
            "RechargeCardRequestBody",
            "sequence-id",
            "no name may be that of another",
        ),
        (
            "RechargeCardRequestBody",
            "SEQUENCEID",
            "would be called sequenceid and sequence_id in",
        ),
        ("RechargeCardResponseBody", "extra", "would be called extra"),
        (
            "PageRequest",
            "new",
            "would be called new in konaplate::types::PageRequest",
        ),
        ("PageRequest", "checks", "which has something of that name"),
    ] {
        has(&with_field(object, field), problem);
    }
}

#[test]
fn what_rust_cannot_call_so_gets_a_name_that_it_can() {
    for field in [
        "type", "self", "Self", "crate", "gen", "async", "2nd", "금액", "URLPath", "X-KM-Id",
        "a.b", "won't",
    ] {
        assert_eq!(
            with_field("RechargeCardRequestBody", field),
            Vec::<String>::new(),
            "{field}"
        );
        assert_eq!(
            with_field("GetResultResponseBody", field),
            Vec::<String>::new(),
            "{field}"
        );
    }
}

#[test]
fn a_schema_is_a_type() {
    for (name, problem) in [
        (
            "Option",
            "would be called Option in konaplate::types, which has something of that name",
        ),
        ("String", "which has something of that name"),
        ("MaskedJson", "which has something of that name"),
        ("Part", "which has something of that name"),
        ("ATMNumber", "a type of it would be called AtmNumber"),
        (
            "Sequenceid",
            "no name may be that of another but for capitals and punctuation",
        ),
        ("Self", "which is no name in Rust"),
    ] {
        let found = problems(|sources| {
            let schemas = &mut sources.groups[0].document["components"]["schemas"];
            schemas[name] = schemas["Number"].clone();
            schemas["RechargeCardRequestBody"]["properties"]["other"] =
                json!({"$ref": format!("#/components/schemas/{name}")});
        });
        has(&found, problem);
    }
}

#[test]
fn a_value_of_an_enum_is_a_variant() {
    let values = |words: &[&str]| {
        problems(|sources| {
            let schemas = &mut sources.groups[0].document["components"]["schemas"];
            let meanings: serde_json::Map<_, _> = words
                .iter()
                .map(|word| ((*word).to_owned(), json!("so")))
                .collect();
            for (name, list) in [("Way", "x-extensible-enum"), ("WayInput", "enum")] {
                schemas[name][list] = json!(words);
                schemas[name]["x-konaplate-enum-meanings"] = meanings.clone().into();
            }
        })
    };
    assert_eq!(
        values(&["CARD", "BANK", "OPEN_BANK", "A완료"]),
        Vec::<String>::new()
    );
    for (words, problem) in [
        (
            &["CARD", "BANK", "UNKNOWN"][..],
            "would be called Unknown in konaplate::types::Way",
        ),
        (
            &["CARD", "BANK", "ERROR"],
            "would be called Error in konaplate::types::Way",
        ),
        (&["CARD", "BANK", "self"], "which is no name in Rust"),
        (&["CARD", "BANK", "card"], "no name may be that of another"),
        (
            &["CARD", "BANK", "A-B", "A_B"],
            "\"A_B\" and \"A-B\" of schemas/Way would be called AB",
        ),
    ] {
        has(&values(words), problem);
    }
}

#[test]
fn a_code_is_a_variant() {
    let named = |name: &str| {
        problems(|sources| {
            let text = COMMON.replace(
                "x-konaplate-class: user-fixable",
                &format!("x-konaplate-class: user-fixable\n      x-konaplate-code-name: {name}"),
            );
            sources.common = Source::from_yaml("common.yaml", &text).unwrap();
        })
    };
    for (name, problem) in [
        ("Unknown", "would be called Unknown in konaplate::ErrorCode"),
        ("\"2Late\"", "which is no name in Rust"),
        ("Too Late", "which is no name in Rust"),
    ] {
        has(&named(name), problem);
    }
}

#[test]
fn shapes_have_the_types_that_code_expects() {
    for (place, value, problem) in [
        (
            format!("{SCHEMAS}/PageRequest/properties/page"),
            json!({"$ref": "#/components/schemas/Number"}),
            "x-konaplate-paging: page is no optional number",
        ),
        (
            format!("{SCHEMAS}/PageResponse/required"),
            json!(["totalPages"]),
            "x-konaplate-paging: totalPages is no optional number",
        ),
        (
            format!("{SCHEMAS}/PageRequest/properties/again"),
            json!({"$ref": "#/components/schemas/PageRequest"}),
            "an object that holds itself",
        ),
        (
            format!("{SCHEMAS}/SequenceId/x-konaplate-sensitive"),
            json!("login-id"),
            "its reference sequenceId is no plain text",
        ),
        (
            format!("{SCHEMAS}/GetResultResponseBody/required"),
            json!(["response"]),
            "result of the inquiry is no required text",
        ),
        (
            format!("{SCHEMAS}/GetResultRequestBody/properties/sequenceId"),
            json!({"$ref": "#/components/schemas/Number"}),
            "sequenceId of the inquiry is of another schema than its reference",
        ),
        (
            format!("{RESULT}/deprecated"),
            json!(true),
            "get_result, which it leads to, is deprecated",
        ),
        (
            format!("{RECHARGE}/x-konaplate-outcome/cancel"),
            json!({"operation": "recharge_card"}),
            "its cancellation recharge_card is none that the client carries out",
        ),
    ] {
        fires(In::Group, &place, &value, problem);
    }
}

#[test]
fn texts_are_what_rustdoc_takes() {
    let printed = json!({"note": "See [0]."});
    for (place, value, problem) in [
        (
            format!("{RECHARGE}/description"),
            json!("```\nlet a = 1;\n```"),
            "a fenced block without a language",
        ),
        (
            format!("{RECHARGE}/description"),
            json!("```json\n{}"),
            "a fenced block that has no end",
        ),
        (
            format!("{RECHARGE}/description"),
            json!("So:\n\n    let a;"),
            "an indented block",
        ),
        (
            format!("{RECHARGE}/summary"),
            json!("A <b>"),
            "an angle bracket",
        ),
        (
            format!("{RECHARGE}/summary"),
            json!("This\nand that"),
            "a line break",
        ),
        (
            format!("{RECHARGE}/x-konaplate-ko"),
            json!("카드 [관리자]"),
            "a square bracket",
        ),
        (
            format!("{RECHARGE}/x-konaplate-unlisted-failures"),
            json!(["one | two"]),
            "a vertical bar",
        ),
        (
            format!("{RECHARGE}/x-konaplate-outcome/hint/en"),
            json!("Do not send it again. See https://x.example"),
            "a bare URL",
        ),
        (
            format!("{SCHEMAS}/Number/x-konaplate-printed"),
            printed,
            "a square bracket",
        ),
        (
            format!("{SCHEMAS}/Number/x-konaplate-known-values"),
            json!({"12": "a ` b"}),
            "a backtick without a partner",
        ),
        (
            format!("{SCHEMAS}/Way/x-konaplate-enum-meanings/CARD"),
            json!("by [card]"),
            "a square bracket",
        ),
        (
            format!("{SCHEMAS}/PageRequest/properties/page"),
            json!({
            "allOf": [{"$ref": "#/components/schemas/Page"}], "description": "A Vec<Page>."}),
            "an angle bracket",
        ),
    ] {
        fires(In::Group, &place, &value, problem);
    }
    fires(
        In::Root,
        "/tags/0/description",
        &json!("[Cards]"),
        "a square bracket",
    );
}

/// The findings after a change in the group's document at these places.
fn after(changes: &[(&str, Value)]) -> Vec<String> {
    problems(|sources| {
        for (place, value) in changes {
            let (parent, key) = place.rsplit_once('/').unwrap();
            let parent = sources.groups[0].document.pointer_mut(parent).unwrap();
            parent[key] = value.clone();
        }
    })
}

#[test]
fn words_of_the_vendor_and_values_may_hold_anything() {
    let example =
        format!("{RECHARGE}/requestBody/content/application~1json/examples/One/value/sequenceId");
    for value in [
        "a\u{7}b",
        "\"quoted\" \\ 'it'",
        "a\nb",
        "[a](b) <c> ```",
        "{{}}",
        "카드 🎁",
        "\u{feff}",
        "*/",
    ] {
        assert_eq!(
            after(&[(&example, value.into())]),
            Vec::<String>::new(),
            "{value:?}"
        );
    }
    let title = format!("{RECHARGE}/x-konaplate-title");
    for value in ["카드 [관리자] | <b>", "`", "http://x.example", "a\nb", "**"] {
        assert_eq!(
            after(&[(&title, value.into())]),
            Vec::<String>::new(),
            "{value:?}"
        );
        let found = problems(|sources| {
            let example = &mut sources.common.document["components"]["examples"]["LimitExceeded"];
            example["value"]["response"]["description"] = value.into();
        });
        assert_eq!(found, Vec::<String>::new(), "{value:?}");
    }
    let pattern = format!("{SCHEMAS}/Number/pattern");
    assert_eq!(
        after(&[(&pattern, "^([0-9]|[a-z])*$".into())]),
        Vec::<String>::new()
    );
}

#[test]
fn what_no_rule_foresees_is_found_in_what_was_generated() {
    // Backticks end the code span that a pattern stands in.
    let pattern = format!("{SCHEMAS}/Number/pattern");
    let found = after(&[(&pattern, "^`?[0-9]*`?$".into())]);
    has(&found, "a link to nowhere");
}

#[test]
fn a_finding_names_the_document_and_the_place_in_it() {
    let found = |change: &dyn Fn(&mut Sources)| {
        let mut sources = sound();
        change(&mut sources);
        let findings = lint(&sources).into_iter();
        findings
            .map(|found| (found.file, found.place))
            .collect::<Vec<_>>()
    };
    let place = |file: &str, place: &str| (file.to_owned(), place.to_owned());
    let of_field = found(&|sources| {
        let object = &mut sources.groups[0].document["components"]["schemas"]["PageRequest"];
        object["properties"]["new"] = json!({"$ref": "#/components/schemas/Number"});
    });
    assert_eq!(
        of_field,
        [place("recharges.yaml", "schemas/PageRequest.new")]
    );
    let of_operation = found(&|sources| {
        let text = GROUP.replace("operationId: recharge_card", "operationId: recharge__card");
        sources.groups[0] = Source::from_yaml("recharges.yaml", &text).unwrap();
    });
    assert!(
        of_operation.contains(&place("recharges.yaml", "recharge__card")),
        "{of_operation:?}"
    );
    let of_shared = found(&|sources| {
        let examples = &mut sources.common.document["components"]["examples"];
        examples["LimitExceeded"]["x-konaplate-code-name"] = "Unknown".into();
    });
    assert!(
        of_shared.contains(&place("common.yaml", "examples/LimitExceeded")),
        "{of_shared:?}"
    );
}
