//! Promise: the description in `openapi/` follows the project's rules, its bundle is fresh, and each
//! of its groups generates alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use konaplate_codegen::Description;
use konaplate_codegen::bundle::{Sources, bundle, to_yaml};
use konaplate_codegen::generate::generate;
use konaplate_codegen::lint::{EXTENSIONS, lint};
use konaplate_codegen::model::Effect;

fn openapi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

fn sources() -> Sources {
    Sources::load(&openapi().join("src")).unwrap()
}

fn description() -> Description {
    bundle(&sources()).unwrap()
}

#[test]
fn it_follows_the_rules() {
    let findings = lint(&sources());
    let text: String = findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect();
    assert!(findings.is_empty(), "{text}");
}

#[test]
fn the_bundle_is_fresh() {
    let current = std::fs::read_to_string(openapi().join("konaplate.yaml")).unwrap();
    let fresh = to_yaml(&description()).unwrap();
    assert!(current == fresh, "run `cargo xtask bundle`");
    assert_eq!(Description::from_yaml(&fresh).unwrap(), description());
}

#[test]
fn every_extension_is_explained() {
    let readme = std::fs::read_to_string(openapi().join("README.md")).unwrap();
    for extension in EXTENSIONS {
        assert!(readme.contains(&format!("`{extension}`")), "{extension}");
    }
}

#[test]
fn each_group_generates_alone() {
    let description = description();
    for group in description.groups() {
        let generated = generate(&description, &[group]).unwrap();
        let others = description.operations().unwrap();
        for other in others.iter().filter(|operation| operation.group != group) {
            let method = format!("fn {}(", other.id);
            assert!(!generated.client.contains(&method), "{group}: {}", other.id);
            assert!(
                !generated.operations.contains(&method),
                "{group}: {}",
                other.id
            );
        }
    }
}

#[test]
fn a_client_without_hooks_does_not_compile() {
    let description = description();
    let generated = generate(&description, &description.groups()).unwrap();
    let client = generated
        .client
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    // progenitor writes this where hooks are expected; a missing impl is then an error.
    assert!(client.contains("where Client: ClientHooks<crate::call::Session>"));
    assert!(!client.contains("ClientHooks<crate::call::Session> for &Client"));
}

#[test]
fn headers_are_no_arguments_and_numbers_no_floats() {
    let description = description();
    let generated = generate(&description, &description.groups()).unwrap();
    for trap in ["x_km_", "f64", "NonZero", "i64", "HashMap"] {
        assert!(!generated.client.contains(trap), "{trap}");
    }
}

/// The methods in the generated code, by the type they are of: name, documentation.
fn methods(code: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let doc = |attributes: &[syn::Attribute]| -> String {
        let text = |attribute: &syn::Attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        attributes.iter().filter_map(text).collect()
    };
    let mut methods = BTreeMap::<_, Vec<_>>::new();
    for item in syn::parse_file(code).unwrap().items {
        let syn::Item::Mod(module) = item else {
            continue;
        };
        for item in module.content.into_iter().flat_map(|(_, items)| items) {
            let syn::Item::Impl(block) = item else {
                continue;
            };
            let syn::Type::Path(typ) = *block.self_ty else {
                continue;
            };
            let typ = typ.path.segments.last().unwrap().ident.to_string();
            for item in block.items {
                if let syn::ImplItem::Fn(function) = item {
                    methods
                        .entry(typ.clone())
                        .or_default()
                        .push((function.sig.ident.to_string(), doc(&function.attrs)));
                }
            }
        }
    }
    methods
}

/// Each operation with the names of its call's methods and its documentation.
fn calls() -> Vec<(String, Effect, Vec<String>, String)> {
    let description = description();
    let generated = generate(&description, &description.groups()).unwrap();
    let methods = methods(&generated.operations);
    let operations = description.operations().unwrap();
    assert_eq!(operations.len(), 86);
    operations
        .iter()
        .map(|operation| {
            // GetMember is the call of get_member.
            let (_, of_call) = methods
                .iter()
                .find(|(typ, _)| typ.to_lowercase() == operation.id.replace('_', ""))
                .unwrap();
            let names = of_call.iter().map(|(name, _)| name.clone()).collect();
            let (_, doc) = methods["Client"]
                .iter()
                .find(|(name, _)| name == operation.id)
                .unwrap();
            (
                operation.id.to_owned(),
                operation.effect,
                names,
                doc.clone(),
            )
        })
        .collect()
}

#[test]
fn a_call_can_be_repeated_only_as_far_as_its_effect_allows() {
    for (id, effect, methods, _) in calls() {
        let retries: Vec<_> = methods
            .iter()
            .filter(|name| name.starts_with("retry"))
            .collect();
        match effect {
            Effect::Reads => assert_eq!(retries, ["retry"], "{id}"),
            Effect::Changes => assert_eq!(retries, ["retry_unsent"], "{id}"),
            Effect::MovesMoney => assert!(retries.is_empty(), "{id}"),
        }
        assert!(methods.iter().any(|name| name == "send"), "{id}");
    }
}

#[test]
fn what_moves_money_says_what_to_do_after_a_lost_answer() {
    let mut asked_for = Vec::new();
    for (id, effect, methods, doc) in calls() {
        let has_section = doc.contains("# After a lost answer");
        assert_eq!(has_section, effect == Effect::MovesMoney, "{id}");
        let settles = methods.iter().any(|name| name == "and_settle");
        assert_eq!(settles, effect == Effect::MovesMoney, "{id}");
        assert_eq!(doc.contains("::and_settle)"), settles, "{id}");
        assert_eq!(
            doc.contains("::and_settle_or_cancel)"),
            id == "pay_with_token"
        );
        if doc.contains("settle_bank_recharge") {
            asked_for.push(id);
        } else if has_section {
            assert!(
                doc.contains("No operation tells the outcome of this one"),
                "{id}"
            );
        }
    }
    assert_eq!(
        asked_for,
        ["recharge_from_bank_account", "cancel_bank_recharge"]
    );
}
