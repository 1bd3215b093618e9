//! Promise: the description in `openapi/` follows the project's rules, its bundle is fresh, and each
//! of its groups generates alone.

use std::path::{Path, PathBuf};

use konaplate_codegen::Description;
use konaplate_codegen::bundle::{Sources, bundle, to_yaml};
use konaplate_codegen::generate::generate;
use konaplate_codegen::lint::{EXTENSIONS, lint};

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
