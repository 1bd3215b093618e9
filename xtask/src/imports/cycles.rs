//! Cycles among sibling modules.
//!
//! Every module is looked at with its children: an import of `a::b::c` from `a::d::e` is one of `b`
//! from `d`. An import between a module and one that it contains belongs to no level, and is
//! exempt.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::Crate;
use super::resolve::Import;

/// A cycle: each module imports from the next one, the last from the first.
#[derive(Debug)]
pub(super) struct Cycle<'i> {
    pub(super) steps: Vec<Step<'i>>,
}

/// One module of a cycle.
#[derive(Debug)]
pub(super) struct Step<'i> {
    /// The module.
    pub(super) module: usize,
    /// What it imports from the next one, itself and its children.
    pub(super) imports: Vec<&'i Import>,
}

/// The imports between two siblings.
type Edges<'i> = BTreeMap<(usize, usize), Vec<&'i Import>>;

/// The siblings that an import joins: the modules below the deepest common one. None if one of the
/// two contains the other.
pub(super) fn siblings(of: &Crate, import: &Import) -> Option<(usize, usize)> {
    let (from, to) = (line_of(of, import.from), line_of(of, import.to));
    from.into_iter().zip(to).find(|(a, b)| a != b)
}

/// The module and those that contain it, the root first.
fn line_of(of: &Crate, module: usize) -> Vec<usize> {
    let mut line: Vec<_> =
        std::iter::successors(Some(module), |inner| of.modules[*inner].parent).collect();
    line.reverse();
    line
}

/// Cycles that together hold every import which lies on one, short ones first.
pub(super) fn cycles<'i>(of: &Crate, imports: &'i [Import]) -> Vec<Cycle<'i>> {
    let mut edges = Edges::new();
    for import in imports {
        if let Some(pair) = siblings(of, import) {
            edges.entry(pair).or_default().push(import);
        }
    }
    let mut found = BTreeSet::new();
    for (from, to) in edges.keys() {
        if let Some(mut back) = way(&edges, *to, *from) {
            // From its smallest module on, so that one cycle is found once.
            let least = back.iter().min().copied();
            let start = back.iter().position(|module| Some(*module) == least);
            back.rotate_left(start.unwrap_or(0));
            found.insert((back.len(), back));
        }
    }
    let mut covered = BTreeSet::new();
    let mut kept = Vec::new();
    for (_, modules) in found {
        let pairs: Vec<_> = modules
            .iter()
            .zip(modules.iter().cycle().skip(1))
            .map(|(from, to)| (*from, *to))
            .collect();
        if pairs.iter().all(|pair| covered.contains(pair)) {
            continue;
        }
        covered.extend(pairs.iter().copied());
        let steps = pairs
            .into_iter()
            .map(|(module, next)| Step {
                module,
                imports: edges[&(module, next)].clone(),
            })
            .collect();
        kept.push(Cycle { steps });
    }
    kept
}

/// The shortest way along imports from a module to another one, both included.
fn way(edges: &Edges<'_>, from: usize, to: usize) -> Option<Vec<usize>> {
    let mut came_from = BTreeMap::from([(from, from)]);
    let mut open = VecDeque::from([from]);
    while let Some(module) = open.pop_front() {
        if module == to {
            let mut way = vec![to];
            while let Some(last) = way.last().copied().filter(|last| *last != from) {
                way.push(came_from[&last]);
            }
            way.reverse();
            return Some(way);
        }
        for (_, next) in edges
            .range((module, 0)..=(module, usize::MAX))
            .map(|(pair, _)| pair)
        {
            if !came_from.contains_key(next) {
                came_from.insert(*next, module);
                open.push_back(*next);
            }
        }
    }
    None
}
