//! Promise: the code that is generated from the description cannot send an unsigned call, loses no
//! number, says of each call how it may be repeated and how it ends, and agrees with the model.

use std::collections::BTreeMap;
use std::path::Path;

use konaplate_codegen::generate::{Generated, generate};
use konaplate_codegen::rust_view::{keeps_unknown_fields, objects, type_name};
use konaplate_spec::{Effect, Field, Shape, Side, Spec, content};

/// The bundle, as a checkout with `\n` has it.
fn bundle() -> String {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/konaplate.yaml");
    content(&std::fs::read_to_string(bundle).unwrap()).into_owned()
}

fn spec() -> Spec {
    Spec::from_yaml(&bundle()).unwrap()
}

fn generated() -> (Spec, Generated) {
    let spec = spec();
    let generated = generate(&spec).unwrap();
    (spec, generated)
}

#[test]
fn a_client_without_hooks_does_not_compile() {
    let (_, generated) = generated();
    let client = generated
        .client
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    // progenitor writes this where hooks are expected; a missing impl is then an error.
    assert!(client.contains("where Client: ClientHooks<crate::pipeline::Session>"));
    assert!(!client.contains("ClientHooks<crate::pipeline::Session> for &Client"));
}

#[test]
fn headers_are_no_arguments_and_numbers_no_floats() {
    let (_, generated) = generated();
    for trap in ["x_km_", "f64", "NonZero", "i64", "HashMap"] {
        assert!(!generated.client.contains(trap), "{trap}");
    }
}

#[test]
fn a_deprecated_operation_has_a_deprecated_method_and_others_have_none() {
    let current = bundle();
    let deprecations = |yaml: &str| {
        let spec = Spec::from_yaml(yaml).unwrap();
        let generated = generate(&spec).unwrap().operations;
        let methods: Vec<_> = members_of_impls(&generated)
            .into_iter()
            .filter_map(|(_, item)| match item {
                syn::ImplItem::Fn(function) => Some(function),
                _ => None,
            })
            .filter(|function| {
                let mut attributes = function.attrs.iter();
                attributes.any(|attribute| attribute.path().is_ident("deprecated"))
            })
            .map(|function| function.sig.ident.to_string())
            .collect();
        methods
    };
    assert!(deprecations(&current).is_empty());
    let id = "operationId: get_refund_fee\n";
    assert!(current.contains(id));
    let changed = current.replace(id, &format!("{id}      deprecated: true\n"));
    assert_eq!(deprecations(&changed), ["get_refund_fee"]);
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
    for (typ, item) in members_of_impls(code) {
        if let syn::ImplItem::Fn(function) = item {
            let method = (function.sig.ident.to_string(), doc(&function.attrs));
            methods.entry(typ).or_default().push(method);
        }
    }
    methods
}

/// What stands in the `impl`s of the modules in the generated code, with the type that each is of.
fn members_of_impls(code: &str) -> Vec<(String, syn::ImplItem)> {
    let mut members = Vec::new();
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
            members.extend(block.items.into_iter().map(|item| (typ.clone(), item)));
        }
    }
    members
}

/// Each operation with the names of its call's methods and its documentation.
fn calls() -> Vec<(String, Effect, Vec<String>, String)> {
    let (spec, generated) = generated();
    let methods = methods(&generated.operations);
    assert_eq!(spec.operations().len(), 86);
    spec.operations()
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
                .find(|(name, _)| *name == operation.id)
                .unwrap();
            (operation.id.clone(), operation.effect, names, doc.clone())
        })
        .collect()
}

#[test]
fn a_call_can_be_repeated_only_as_far_as_its_effect_allows() {
    let (_, generated) = generated();
    let macros = macros_of_calls(&generated.operations);
    for (id, effect, methods, _) in calls() {
        let call = id.replace('_', "");
        let retries: Vec<_> = macros[&call]
            .iter()
            .filter(|name| name.starts_with("retry"))
            .collect();
        match effect {
            Effect::Reads => assert_eq!(retries, ["retry"], "{id}"),
            Effect::Changes => assert_eq!(retries, ["retry_unsent"], "{id}"),
            Effect::MovesMoney => assert!(retries.is_empty(), "{id}"),
        }
        assert!(methods.iter().any(|name| name == "send"), "{id}");
        assert!(
            methods.iter().all(|name| !name.starts_with("retry")),
            "{id}"
        );
    }
}

/// The names of the macros in the bodies of the calls' `impl`s, which are their shared setters, by
/// the call's type in lower case.
fn macros_of_calls(code: &str) -> BTreeMap<String, Vec<String>> {
    let mut macros = BTreeMap::<_, Vec<_>>::new();
    for (typ, item) in members_of_impls(code) {
        if let syn::ImplItem::Macro(item) = item {
            let name = item.mac.path.segments.last().unwrap().ident.to_string();
            macros.entry(typ.to_lowercase()).or_default().push(name);
        }
    }
    macros
}

#[test]
fn what_moves_money_says_what_each_code_proves_and_what_to_do() {
    let spec = spec();
    let mut asked_for = Vec::new();
    for (id, effect, methods, doc) in calls() {
        let has_section = doc.contains("# Outcome\n");
        assert_eq!(has_section, effect == Effect::MovesMoney, "{id}");
        let has_method = methods.iter().any(|name| name == "send_for_outcome");
        assert_eq!(has_method, effect == Effect::MovesMoney, "{id}");
        assert_eq!(doc.contains("::send_for_outcome)"), has_method, "{id}");
        assert_eq!(
            doc.contains("::send_for_outcome_or_cancel)"),
            id == "pay_with_token"
        );
        let Some(outcome) = &spec.operation(&id).unwrap().outcome else {
            continue;
        };
        assert!(doc.contains(&outcome.hint), "{id}");
        assert!(
            doc.contains("every other code | it may have been carried out"),
            "{id}"
        );
        let table = doc.split("| codes | prove | do |").nth(1).unwrap();
        for proof in &outcome.proofs {
            assert!(
                table.contains(&format!("`{}`", proof.code)),
                "{id}: {}",
                proof.code
            );
            if let Some(reason) = &proof.reason {
                assert!(table.contains(&reason.en), "{id}: {}", proof.code);
            }
        }
        if doc.contains("bank_recharge_outcome") {
            asked_for.push(id);
        } else {
            assert!(doc.contains("No operation returns its outcome"), "{id}");
        }
    }
    assert_eq!(
        asked_for,
        ["recharge_from_bank_account", "cancel_bank_recharge"]
    );
}

#[test]
fn typify_names_and_types_each_field_as_the_model_does() {
    let (spec, generated) = generated();
    let structs = structs(&generated.client);
    let mut compared = 0;
    for schema in objects(&spec) {
        let mut expected: Vec<(String, String)> = schema
            .fields()
            .iter()
            .map(|field| (rust_name(&field.name), rust_type(&spec, field)))
            .collect();
        if keeps_unknown_fields(&spec, schema) {
            expected.push(("extra".to_owned(), "Extra".to_owned()));
        }
        // The order of fields is typify's own.
        expected.sort();
        let mut found = structs[&schema.name].clone();
        found.sort();
        assert_eq!(found, expected, "{}", schema.name);
        compared += found.len();
    }
    assert!(compared > 700, "{compared}");
}

/// The name of a field in Rust, by an own reading of the rule: words of a camel-case name.
fn rust_name(wire: &str) -> String {
    let mut name = String::new();
    let mut previous = 'A';
    for c in wire.chars() {
        if c.is_ascii_uppercase() && !previous.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        previous = c;
    }
    if name == "type" {
        "type_".to_owned()
    } else {
        name
    }
}

fn rust_type(spec: &Spec, field: &Field) -> String {
    let inner = match &field.shape {
        Shape::Flag => "bool".to_owned(),
        shape => type_name(spec, shape.schema().unwrap()).to_owned(),
    };
    match (field.shape.is_list(), field.required) {
        (true, _) => format!("Vec<{inner}>"),
        (false, true) => inner,
        (false, false) => format!("Option<{inner}>"),
    }
}

/// The fields of the structs in the module `types`: names, and types without their paths.
fn structs(code: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut structs = BTreeMap::new();
    for item in items_of_types(code) {
        if let syn::Item::Struct(item) = item {
            let fields = item
                .fields
                .iter()
                .filter_map(|field| Some((field.ident.as_ref()?.to_string(), short(&field.ty))));
            structs.insert(item.ident.to_string(), fields.collect());
        }
    }
    structs
}

fn items_of_types(code: &str) -> Vec<syn::Item> {
    let items = syn::parse_file(code).unwrap().items;
    let modules = items.into_iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content,
        _ => None,
    });
    modules.flat_map(|(_, items)| items).collect()
}

/// A type without its paths: `Option<UserId>`.
fn short(typ: &syn::Type) -> String {
    let syn::Type::Path(path) = typ else {
        return "?".to_owned();
    };
    let last = path.path.segments.last().unwrap();
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return last.ident.to_string();
    };
    let arguments: Vec<_> = arguments
        .args
        .iter()
        .map(|argument| match argument {
            syn::GenericArgument::Type(typ) => short(typ),
            _ => "?".to_owned(),
        })
        .collect();
    format!("{}<{}>", last.ident, arguments.join(", "))
}

#[test]
fn an_object_is_only_written_or_only_read() {
    let (spec, generated) = generated();
    for item in items_of_types(&generated.client) {
        let syn::Item::Struct(item) = item else {
            continue;
        };
        let name = item.ident.to_string();
        let mut derives = Vec::new();
        for attribute in item.attrs.iter().filter(|a| a.path().is_ident("derive")) {
            attribute
                .parse_nested_meta(|meta| {
                    derives.push(meta.path.segments.last().unwrap().ident.to_string());
                    Ok(())
                })
                .unwrap();
        }
        let derives_it = |derive: &str| derives.iter().any(|d| d == derive);
        assert_eq!(
            derives_it("Serialize"),
            spec.reaches(Side::Request, &name),
            "{name}"
        );
        assert_eq!(
            derives_it("Deserialize"),
            spec.reaches(Side::Response, &name),
            "{name}"
        );
    }
}

mod content_not_bytes {
    use super::*;

    #[test]
    fn the_same_code_is_generated_whatever_the_checkout_made_of_the_bundle() {
        let bundle = bundle();
        let generated = |text: &str| {
            let generated = generate(&Spec::from_yaml(text).unwrap()).unwrap();
            let Generated {
                client,
                values,
                codes,
                table,
                operations,
            } = generated;
            [client, values, codes, table, operations].concat()
        };
        let expected = generated(&bundle);
        assert!(!expected.contains('\r'));
        for text in [
            bundle.replace('\n', "\r\n"),
            format!("\u{feff}{bundle}"),
            bundle.trim_end().to_owned(),
        ] {
            assert!(generated(&text) == expected, "{:?}", &text[..40]);
        }
    }
}
