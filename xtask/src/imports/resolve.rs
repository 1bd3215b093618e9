//! Which modules a module imports from.
//!
//! A path is followed through re-exports to the module that defines what it names: two siblings
//! cannot hide a cycle behind a `pub use` of their parent. Paths into other crates lead nowhere.

use std::collections::BTreeSet;

use super::modules::{Crate, Named};

/// How many re-exports in a row are followed. Names of other crates can look like a loop.
const HOPS: usize = 16;

/// A module imports from another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// The module that imports.
    pub(super) from: usize,
    /// The line in its file.
    pub(super) line: usize,
    /// The path as it is written.
    pub(super) path: String,
    /// The module that it imports from.
    pub(super) to: usize,
}

/// Where a path leads.
#[derive(Debug, Default)]
struct Target {
    /// Modules whose re-export it goes through.
    through: Vec<usize>,
    /// The module that it names, or that defines what it names. None of another crate.
    module: Option<usize>,
    /// Whether it names the module itself.
    is_module: bool,
}

/// Every import of the crate, in the order of modules and lines. Names that a `use` brought in are
/// not listed again where the code uses them.
pub(super) fn imports(of: &Crate) -> Vec<Import> {
    let mut found = BTreeSet::new();
    let mut known = BTreeSet::new();
    for (from, module) in of.modules.iter().enumerate() {
        let uses = module.uses.iter().map(|declared| &declared.target);
        for named in uses {
            add(of, from, named, true, &mut found);
        }
        let (full, short): (Vec<_>, Vec<_>) = module.paths.iter().partition(|named| {
            named
                .segments
                .first()
                .is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()))
        });
        for named in full {
            add(of, from, named, false, &mut found);
        }
        known.extend(found.iter().map(|import: &Import| (import.from, import.to)));
        let mut hidden = BTreeSet::new();
        for named in short {
            add(of, from, named, false, &mut hidden);
        }
        hidden.retain(|import| !known.contains(&(import.from, import.to)));
        found.extend(hidden);
    }
    found.into_iter().collect()
}

fn add(of: &Crate, from: usize, named: &Named, is_use: bool, found: &mut BTreeSet<Import>) {
    let Some(target) = resolve(of, from, &named.segments, is_use, 0) else {
        return;
    };
    let reached = target.through.iter().copied().chain(target.module);
    found.extend(reached.filter(|to| *to != from).map(|to| Import {
        from,
        to,
        line: named.line,
        path: named.segments.join("::"),
    }));
}

/// Follows a path that stands in that module. None where it leads to another crate, to something
/// local, or to nothing that is known here.
fn resolve(
    of: &Crate,
    module: usize,
    path: &[String],
    is_use: bool,
    hops: usize,
) -> Option<Target> {
    if hops > HOPS {
        return None;
    }
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => walk(of, 0, rest, hops),
        "self" => walk(of, module, rest, hops),
        "super" => {
            let parent = of.modules[module].parent?;
            // `super::super::x`
            match rest.first() {
                Some(next) if next == "super" => resolve(of, parent, rest, is_use, hops + 1),
                _ => walk(of, parent, rest, hops),
            }
        }
        name => {
            let target = look_up(of, module, name, is_use, hops)?;
            continue_from(of, target, rest, hops)
        }
    }
}

/// Follows the rest of a path from a module.
fn walk(of: &Crate, module: usize, path: &[String], hops: usize) -> Option<Target> {
    let Some((name, rest)) = path.split_first() else {
        return Some(Target {
            module: Some(module),
            is_module: true,
            ..Target::default()
        });
    };
    match look_up(of, module, name, false, hops) {
        Some(target) => continue_from(of, target, rest, hops),
        // Made by a macro or included from a build script, or from another crate: it is named as
        // something of this module.
        None => Some(Target {
            module: Some(module),
            ..Target::default()
        }),
    }
}

fn continue_from(of: &Crate, target: Target, rest: &[String], hops: usize) -> Option<Target> {
    match target.module {
        Some(module) if target.is_module => {
            let mut end = walk(of, module, rest, hops)?;
            end.through.splice(0..0, target.through);
            Some(end)
        }
        _ => Some(target),
    }
}

/// What a name means in a module. `is_use` is true of the first name of a `use` declaration, which
/// does not mean what that same declaration brings in.
fn look_up(of: &Crate, module: usize, name: &str, is_use: bool, hops: usize) -> Option<Target> {
    if hops > HOPS {
        return None;
    }
    let held = &of.modules[module];
    if let Some(child) = of.child(module, name) {
        return Some(Target {
            module: Some(child),
            is_module: true,
            ..Target::default()
        });
    }
    if held.items.contains(name) {
        return Some(Target {
            module: Some(module),
            ..Target::default()
        });
    }
    for declared in &held.uses {
        let path = &declared.target.segments;
        let names_itself = is_use && path.first().is_some_and(|first| first == name);
        if declared.name.as_deref() != Some(name) || names_itself {
            continue;
        }
        // None is another crate's, by way of this module.
        let mut target = resolve(of, module, path, true, hops + 1).unwrap_or_default();
        target.through.insert(0, module);
        return Some(target);
    }
    for declared in held.uses.iter().filter(|declared| declared.name.is_none()) {
        let glob = resolve(of, module, &declared.target.segments, true, hops + 1);
        let Some(from) = glob
            .filter(|glob| glob.is_module)
            .and_then(|glob| glob.module)
        else {
            continue;
        };
        if from != module
            && let Some(mut target) = look_up(of, from, name, is_use, hops + 1)
        {
            target.through.insert(0, module);
            return Some(target);
        }
    }
    None
}
