//! The layers of the client: imports point down only.

use super::cycles::siblings;
use super::modules::Crate;
use super::resolve::Import;

/// The layers of a crate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layers {
    /// From the bottom up. Modules of one layer do not import one another.
    pub(super) layers: &'static [&'static [&'static str]],
    /// What may be imported within a layer all the same: who, from whom.
    pub(super) within: &'static [(&'static str, &'static str)],
}

/// The layers of the client, the crate `konaplate`.
pub(super) const CLIENT: Layers = Layers {
    layers: &[
        &["value"],
        &["protocol"],
        &["error"],
        &["operation"],
        &["credentials"],
        &["journal", "metrics"],
        &["pipeline"],
        // progenitor's client, and the types of it that callers see.
        &["generated"],
        &["types"],
        &["client"],
        // What a reader can leave aside.
        &["paging", "outcome", "callback", "generated_operations"],
        &["test_util"],
        // Documentation alone.
        &["korean"],
    ],
    within: &[
        // A payment with a token takes the builders of its two calls.
        ("outcome", "generated_operations"),
    ],
};

/// An import that does not point down.
#[derive(Debug)]
pub(super) struct Breach<'i> {
    /// What is wrong.
    pub(super) problem: String,
    /// The imports.
    pub(super) imports: Vec<&'i Import>,
}

/// Imports between the crate's top modules that do not point down, and modules without a layer.
pub(super) fn breaches<'i>(of: &Crate, layers: Layers, imports: &'i [Import]) -> Vec<Breach<'i>> {
    let mut found: Vec<Breach<'i>> = Vec::new();
    let layer = |name: &str| {
        layers
            .layers
            .iter()
            .position(|modules| modules.contains(&name))
    };
    for module in &of.modules[0].children {
        let name = of.name(*module);
        if layer(&name).is_none() {
            found.push(Breach {
                problem: format!("{name} has no layer"),
                imports: Vec::new(),
            });
        }
    }
    for import in imports {
        let Some((from, to)) = siblings(of, import) else {
            continue;
        };
        // Below the top, modules have no layers of their own.
        if of.modules[from].parent != Some(0) {
            continue;
        }
        let (from, to) = (of.name(from), of.name(to));
        let (Some(above), Some(below)) = (layer(&from), layer(&to)) else {
            continue;
        };
        let is_listed = layers.within.contains(&(from.as_str(), to.as_str()));
        if below < above || (below == above && is_listed) {
            continue;
        }
        let problem = if below == above {
            format!("{from} imports from {to}, which lies beside it")
        } else {
            format!("{from} imports from {to}, which lies above it")
        };
        match found.iter_mut().find(|breach| breach.problem == problem) {
            Some(breach) => breach.imports.push(import),
            None => found.push(Breach {
                problem,
                imports: vec![import],
            }),
        }
    }
    found
}
