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
        let mut alike: Vec<_> = operations
            .iter()
            .map(|operation| {
                (
                    strsim::jaro_winkler(&operation.id, id_or_path),
                    &operation.id,
                )
            })
            .filter(|(likeness, _)| *likeness > 0.8)
            .collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        let alike: Vec<_> = alike.iter().take(3).map(|(_, id)| id.as_str()).collect();
        let next = if alike.is_empty() {
            "konaplate operations lists all of them".to_owned()
        } else {
            format!("did you mean {}?", alike.join(" or "))
        };
        Failure::bad_input("operation: there is none of that id or path").next(next)
    })
}
