//! Promise: what is found before generating is all that generating would stumble over: the lists of
//! names that are written by hand are those of the sources, and every generated name is known.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use konaplate_codegen::generate::generate;
use konaplate_codegen::names::field;
use konaplate_codegen::scopes::{self, names, problems};
use konaplate_spec::Spec;
use serde_json::{Value, json};

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn spec() -> Spec {
    Spec::from_yaml(&std::fs::read_to_string(at_root("openapi/konaplate.yaml")).unwrap()).unwrap()
}

fn parsed(file: &str) -> syn::File {
    syn::parse_file(&std::fs::read_to_string(at_root(file)).unwrap()).unwrap()
}

/// The functions of the `impl`s of a type, those of traits left out.
fn functions(items: &[syn::Item], typ: &str) -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for item in items {
        let syn::Item::Impl(block) = item else {
            continue;
        };
        let is_of_type = matches!(&*block.self_ty, syn::Type::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == typ));
        if is_of_type && block.trait_.is_none() {
            functions.extend(block.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
                _ => None,
            }));
        }
    }
    functions
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_description_has_no_problems() {
    assert_eq!(problems(&spec()), []);
}

#[test]
fn the_methods_of_the_client_are_known() {
    let mut methods = set(&["clone"]);
    for file in ["mod", "raw", "builder", "call"] {
        methods.extend(functions(
            &parsed(&format!("src/client/{file}.rs")).items,
            "Client",
        ));
    }
    assert_eq!(methods, set(scopes::CLIENT));
}

#[test]
fn the_modules_of_the_client_are_known() {
    let modules = parsed("src/lib.rs")
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        });
    let known = set(scopes::MODULES);
    for module in modules {
        assert!(known.contains(&module), "{module}");
    }
}

#[test]
fn what_every_call_has_is_known() {
    let spec = spec();
    let generated = generate(&spec).unwrap().operations;
    let known = set(scopes::CALL);
    let setters: BTreeSet<_> = names(&spec).into_iter().map(|name| name.rust).collect();
    let mut seen = 0;
    for item in syn::parse_file(&generated).unwrap().items {
        let syn::Item::Mod(module) = item else {
            continue;
        };
        let (_, items) = module.content.unwrap();
        for item in &items {
            if let syn::Item::Struct(call) = item {
                let members = call.fields.iter().filter_map(|field| field.ident.as_ref());
                let members = members.map(ToString::to_string);
                let found = members.chain(functions(&items, &call.ident.to_string()));
                for name in found.filter(|name| !known.contains(name) && name != "extra") {
                    assert!(setters.contains(&name), "{}: {name}", call.ident);
                    seen += 1;
                }
            }
            if let syn::Item::Use(item) = item {
                let text = quote::quote! { #item }.to_string();
                let words = text.split(|c: char| !c.is_alphanumeric());
                let types = words.filter(|word| word.starts_with(|c: char| c.is_uppercase()));
                for name in types {
                    assert!(scopes::GROUP_MODULE.contains(&name), "{name}");
                }
            }
        }
    }
    assert!(seen >= 200, "{seen}");
    // What macros and the module of cancellations add.
    let shared = std::fs::read_to_string(at_root("src/client/call.rs")).unwrap();
    let macros = shared.split("pub(crate) struct Call").next().unwrap();
    let functions = macros.split("pub fn ").skip(1);
    for function in functions.filter_map(|rest| rest.split('(').next()) {
        assert!(known.contains(function), "{function}");
    }
    for function in self::functions(&parsed("src/outcome/cancel.rs").items, "PayWithToken") {
        assert!(known.contains(&function), "{function}");
    }
}

#[test]
fn every_generated_type_and_variant_is_known() {
    let spec = spec();
    let generated = generate(&spec).unwrap();
    let known: BTreeSet<_> = names(&spec).into_iter().map(|name| name.rust).collect();
    let mut found = Vec::new();
    for text in [&generated.values, &generated.client, &generated.operations] {
        types(&syn::parse_file(text).unwrap().items, &mut found);
    }
    let by_hand = [scopes::TYPES, &["Client", "Reader"]].concat();
    for name in &found {
        assert!(
            known.contains(name) || by_hand.contains(&name.as_str()),
            "{name}"
        );
    }
    assert!(found.len() > 400, "{}", found.len());
}

/// The names of the types that are defined, those in modules and those that macros make included.
fn types(items: &[syn::Item], found: &mut Vec<String>) {
    for item in items {
        match item {
            syn::Item::Struct(item) => found.push(item.ident.to_string()),
            syn::Item::Type(item) => found.push(item.ident.to_string()),
            syn::Item::Enum(item) => found.push(item.ident.to_string()),
            // progenitor's module of errors is a module of its own.
            syn::Item::Mod(module) if module.ident != "error" => {
                if let Some((_, items)) = &module.content {
                    types(items, found);
                }
            }
            syn::Item::Macro(item)
                if item.mac.path.segments.last().unwrap().ident == "open_enum" =>
            {
                // Each name before `{`, and each before `=`.
                let text = item.mac.tokens.to_string();
                let body = text.split("# [").filter_map(|part| part.split_once(']'));
                for (_, part) in body {
                    let name = part.split_whitespace().next().unwrap_or_default();
                    found.push(name.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// The bundle with more fields in a request and a response.
fn with_fields(fields: &[&str]) -> Spec {
    let mut document: Value = spec().document().clone();
    for object in ["RefundCardRequestBody", "RefundCardResponseBody"] {
        for field in fields {
            document["components"]["schemas"][object]["properties"][field] =
                json!({"$ref": "#/components/schemas/SequenceId"});
        }
    }
    Spec::from_value(document).unwrap()
}

#[test]
fn a_field_is_called_as_progenitor_calls_it() {
    let keywords = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
        "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
        "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
        "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type",
        "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "union",
        "dyn2", "raw", "auto",
    ];
    let odd = [
        "cardNo2",
        "URLPath",
        "IPv6Address",
        "aB2C",
        "A2B",
        "HTTP",
        "x",
        "X-KM-Id",
        "a.b",
        "won't",
        "2nd",
        "007",
        "금액",
        "카드No",
        "été",
        "Ünder",
        "__dunder__",
        "trailing_",
        "camelCASE",
        "$ref",
    ];
    for names in [&keywords[..], &odd] {
        let spec = with_fields(names);
        assert_eq!(problems(&spec), []);
        // It compares the names of fields by itself.
        let generated = generate(&spec).unwrap();
        for name in names {
            let member = format!("pub(crate) {}: Option<types::SequenceId>", field(name));
            assert!(generated.operations.contains(&member), "{name}: {member}");
        }
    }
}

#[test]
fn nothing_is_generated_of_what_has_problems() {
    for (fields, problem) in [
        (
            &["send"][..],
            "would be called send in konaplate::refunds::RefundCard",
        ),
        (
            &["one_two", "oneTwo"],
            "would be called one_two and one_two",
        ),
        (&["ONE-TWO", "oneTwo"], "no name may be that of another"),
        (&["extra"], "which has something of that name"),
    ] {
        let error = generate(&with_fields(fields)).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
