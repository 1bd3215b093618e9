use std::collections::BTreeSet;
use std::path::Path;

use super::modules::Crate;
use super::{CRATES, Layers, findings};
use crate::at_root;

#[test]
fn every_crate_of_the_workspace_is_checked() {
    let manifest = std::fs::read_to_string(at_root("Cargo.toml")).unwrap();
    let members = manifest
        .lines()
        .find(|line| line.starts_with("members = "))
        .unwrap();
    let members: BTreeSet<_> = members.split('"').skip(1).step_by(2).collect();
    let checked: BTreeSet<_> = CRATES.iter().map(|(folder, _)| *folder).collect();
    assert_eq!(&checked - &BTreeSet::from([""]), members);
    assert!(checked.contains(""));
}

/// The findings in a crate of these files.
fn found_in(layers: Option<Layers>, files: &[(&str, &str)]) -> Vec<String> {
    let read = |file: &Path| {
        files
            .iter()
            .find(|(name, _)| Path::new(name) == file)
            .map(|(_, text)| (*text).to_owned())
    };
    let of = Crate::read(Path::new("src/lib.rs"), &read).unwrap();
    findings(&of, layers)
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    found_in(None, files)
}

#[test]
fn a_cycle_is_printed_with_the_place_of_each_import() {
    let found = found(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
        ("src/a.rs", "use crate::b::{\n    Other,\n    B,\n};\n"),
        (
            "src/b.rs",
            "pub struct B;\npub struct Other;\nfn f() -> super::c::C { loop {} }\n",
        ),
        ("src/c.rs", "use super::a;\npub struct C;\n"),
    ]);
    assert_eq!(
        found,
        ["cycle: a → b → c → a\n  \
          a imports from b:\n    \
          src/a.rs:2: crate::b::Other\n    \
          src/a.rs:3: crate::b::B\n  \
          b imports from c:\n    \
          src/b.rs:3: super::c::C\n  \
          c imports from a:\n    \
          src/c.rs:1: super::a\n"]
    );
}

#[test]
fn imports_that_do_not_come_back_are_no_cycle() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::b::B; use crate::c::C;"),
        ("src/b.rs", "use crate::c::C; pub struct B;"),
        ("src/c.rs", "pub struct C;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_cycle_behind_a_re_export_of_the_parent_is_found() {
    for import in [
        "use crate::parent::A;",
        "use super::A;",
        "use super::*; fn f(_: A) {}",
    ] {
        let found = found(&[
            ("src/lib.rs", "mod parent;"),
            (
                "src/parent/mod.rs",
                "mod a; mod b; pub use a::A; pub use self::b::*;",
            ),
            ("src/parent/a.rs", "use crate::parent::B; pub struct A(B);"),
            ("src/parent/b.rs", &format!("{import} pub struct B;")),
        ]);
        assert_eq!(found.len(), 1, "{import}: {found:?}");
        assert!(found[0].starts_with("cycle: parent::a → parent::b → parent::a\n"));
    }
}

#[test]
fn a_cycle_behind_a_re_export_of_the_root_is_found() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod b; pub use b::B as Renamed;"),
        ("src/a.rs", "pub struct A(crate::Renamed);"),
        ("src/b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("src/a.rs:1: crate::Renamed"), "{found:?}");
}

#[test]
fn who_re_exports_is_imported_from_too() {
    let found = found(&[
        ("src/lib.rs", "mod facade; mod user; mod real;"),
        (
            "src/facade.rs",
            "pub use crate::real::X; use crate::user::User;",
        ),
        ("src/user.rs", "use crate::facade::X; pub struct User;"),
        ("src/real.rs", "pub struct X;"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("cycle: facade → user → facade\n"));
}

#[test]
fn children_of_siblings_count_for_the_siblings() {
    let found = found(&[
        ("src/lib.rs", "mod b; mod d;"),
        ("src/b/mod.rs", "mod c; pub mod f;"),
        ("src/b/c.rs", "use crate::d::e::E;"),
        ("src/b/f.rs", "pub struct F;"),
        ("src/d.rs", "pub mod e; mod g;"),
        ("src/d/e.rs", "pub struct E;"),
        ("src/d/g.rs", "use crate::b::f::F;"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("cycle: b → d → b\n"));
    assert!(found[0].contains("src/b/c.rs:1: crate::d::e::E"));
    assert!(found[0].contains("src/d/g.rs:1: crate::b::f::F"));
}

#[test]
fn parent_and_child_may_import_from_each_other() {
    let found = found(&[
        (
            "src/lib.rs",
            "mod parent; pub use parent::Parent; pub struct Root;",
        ),
        (
            "src/parent.rs",
            "mod child; use child::Child; pub struct Parent(Child);",
        ),
        (
            "src/parent/child.rs",
            "mod inner { use super::super::Parent; use crate::Root; pub struct Inner; }
             use super::Parent; use crate::parent; pub struct Child(inner::Inner);",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn test_code_may_import_as_it_likes() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod b; #[cfg(test)] mod support;"),
        (
            "src/a.rs",
            "pub struct A;
             #[cfg(test)] use crate::b::B;
             #[cfg(all(test, feature = \"f\"))] fn f(_: crate::b::B) {}
             impl A { #[cfg(test)] fn f(_: crate::b::B) {} }
             #[cfg(test)] mod tests { use crate::b::B; }",
        ),
        ("src/b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn code_that_is_only_left_out_of_tests_counts() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "#[cfg(not(test))] use crate::b::B; pub struct A;",
        ),
        (
            "src/b.rs",
            "#[cfg(any(test, unix))] use crate::a::A; pub struct B;",
        ),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn paths_in_code_macros_and_attributes_are_imports() {
    for code in [
        "fn f() { crate::b::f(); }",
        "fn f() { println!(\"{}\", crate::b::f()); }",
        "fn f() { use crate::b; b::f(); }",
        "macro_rules! m { () => { $crate::b::f() } }",
        "#[derive(Deserialize)] struct S { #[serde(with = \"crate::b\")] f: u8 }",
        "fn f() -> Vec<super::b::B> { loop {} }",
        "fn f<T: crate::b::Trait>() {}",
    ] {
        let found = found(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", &format!("{code} pub struct A;")),
            (
                "src/b.rs",
                "use crate::a::A; pub struct B; pub trait Trait {} pub fn f() {}",
            ),
        ]);
        assert_eq!(found.len(), 1, "{code}: {found:?}");
    }
}

#[test]
fn other_crates_of_the_same_name_are_no_imports() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod http; mod bytes;"),
        (
            "src/a.rs",
            "use http::Request; use bytes::bytes; use ::http::Method; pub struct A;",
        ),
        ("src/http.rs", "use crate::a::A; use http::Response;"),
        ("src/bytes.rs", "use crate::a::A;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_import_on_a_cycle_is_shown() {
    let found = found(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::b; use crate::c;"),
        ("src/b.rs", "use crate::a; use crate::c;"),
        ("src/c.rs", "use crate::a;"),
    ]);
    let text = found.concat();
    for place in [
        "a.rs:1: crate::b",
        "a.rs:1: crate::c",
        "b.rs:1: crate::a",
        "b.rs:1: crate::c",
    ] {
        assert!(text.contains(place), "{place} in\n{text}");
    }
}

const LAYERS: Layers = Layers {
    layers: &[&["low"], &["high"], &["left", "right"]],
    within: &[("left", "right")],
};

#[test]
fn imports_point_down_the_layers() {
    let found = found_in(
        Some(LAYERS),
        &[
            ("src/lib.rs", "mod low; mod high; mod left; mod right;"),
            ("src/low.rs", "mod inner { use crate::high::High; }"),
            ("src/high.rs", "use crate::Root; pub struct High;"),
            ("src/left.rs", "use crate::{low, high, right};"),
            ("src/right.rs", "use crate::left;"),
        ],
    );
    assert_eq!(
        found[found.len() - 2..],
        [
            "layers: low imports from high, which lies above it\n    \
             src/low.rs:1: crate::high::High\n",
            "layers: right imports from left, which lies beside it\n    \
             src/right.rs:1: crate::left\n",
        ]
    );
}

#[test]
fn a_module_has_a_layer() {
    let found = found_in(Some(LAYERS), &[("src/lib.rs", "mod low {} mod new {}")]);
    assert_eq!(found, ["layers: new has no layer\n"]);
}
