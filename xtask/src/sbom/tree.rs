//! Who needs whom, from the lines of `cargo tree --prefix depth`.
//!
//! `cargo metadata` says what packages need in a build of the whole workspace, where features are on that the
//! program alone does not have. The tree is the program's own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

/// A package's name and version.
pub(super) type Id = (String, String);

/// What each package needs. The tree names what a package needs once, where it first stands.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Id,
    pub(super) edges: BTreeMap<Id, BTreeSet<Id>>,
}

impl Tree {
    /// Reads lines such as `2serde v1.0.229 (*)`: depth, name, version, and what else cargo says.
    pub(super) fn parse(lines: &str) -> Result<Self> {
        let mut edges: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
        let mut above: Vec<Id> = Vec::new();
        for line in lines.lines() {
            let (depth, id) =
                parsed(line).with_context(|| format!("cargo tree prints another form: {line}"))?;
            above.truncate(depth);
            if let Some(parent) = above.last() {
                edges.entry(parent.clone()).or_default().insert(id.clone());
            }
            edges.entry(id.clone()).or_default();
            above.push(id);
        }
        let root = above
            .into_iter()
            .next()
            .context("cargo tree prints nothing")?;
        Ok(Self { root, edges })
    }
}

fn parsed(line: &str) -> Option<(usize, Id)> {
    let name = line.find(|c: char| !c.is_ascii_digit())?;
    let (depth, rest) = line.split_at(name);
    let mut words = rest.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    Some((depth.parse().ok()?, (name.to_owned(), version.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Id {
        (name.to_owned(), "1.0.0".to_owned())
    }

    #[test]
    fn each_package_has_what_stands_one_step_below_it() {
        let tree = "0a v1.0.0 (/a)\n1b v1.0.0\n2d v1.0.0 (proc-macro)\n1c v1.0.0\n2b v1.0.0 (*)\n";
        let tree = Tree::parse(tree).unwrap();
        assert_eq!(tree.root, id("a"));
        let of = |name| tree.edges[&id(name)].iter().cloned().collect::<Vec<_>>();
        assert_eq!(of("a"), [id("b"), id("c")]);
        assert_eq!(of("b"), [id("d")]);
        assert_eq!(of("c"), [id("b")]);
        assert_eq!(of("d"), []);
    }

    #[test]
    fn another_form_is_an_error() {
        for lines in ["", "a v1.0.0", "0a", "0a 1.0.0", "\n"] {
            assert!(Tree::parse(lines).is_err(), "{lines:?}");
        }
    }
}
