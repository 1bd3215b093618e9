//! The description, for people to look things up in.

use std::sync::LazyLock;

use konaplate_spec::{Operation, Spec};

use crate::failure::Failure;

static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    // It was read when the client was generated from it.
    Spec::from_yaml(konaplate::DESCRIPTION).expect("the description can be read")
});

/// The description.
#[must_use]
pub fn spec() -> &'static Spec {
    &SPEC
}

/// The operation with that id or that path.
///
/// # Errors
/// There is none: with those that are written alike.
pub fn operation(id_or_path: &str) -> Result<&'static Operation, Failure> {
    let operations = spec().operations();
    let found = operations
        .iter()
        .find(|operation| operation.id == id_or_path || operation.path == id_or_path);
    found.ok_or_else(|| {
        let ids = operations.iter().map(|operation| operation.id.as_str());
        let alike = alike(ids, id_or_path);
        let next = if alike.is_empty() {
            "konaplate operations lists all of them".to_owned()
        } else {
            format!("did you mean {}?", alike.join(" or "))
        };
        Failure::bad_input("operation: there is none of that id or path").next(next)
    })
}

/// The names that are written like a text, three at most, the likest first.
pub fn alike<'n>(names: impl Iterator<Item = &'n str>, text: &str) -> Vec<&'n str> {
    let mut alike: Vec<_> = names
        .map(|name| (strsim::jaro_winkler(name, text), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    alike.into_iter().take(3).map(|(_, name)| name).collect()
}
