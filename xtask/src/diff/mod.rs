//! What changed since the last release, and whether it breaks callers.
//!
//! `drift` compares the two documents as OpenAPI. It gets a [`view`] that it can read, and leaves open
//! what it calls unhandled: the rules of schemas. Those, and what only this project's extensions say,
//! are compared in [`schemas`] and [`operations`].
//!
//! Breaking is what can break a caller's code or refuse what was accepted: the types that generators
//! make count, not only the wire.

mod by_drift;
mod operations;
mod schemas;
mod view;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use konaplate_codegen::Description;
use serde_json::Value;

use crate::at_root;
use crate::bundle::BUNDLE;

const LAST_RELEASE: &str = "openapi/last-release.yaml";

/// What a change means for callers, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Breaking,
    Compatible,
    Trivial,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
            Self::Trivial => "trivial",
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    class: Class,
    /// `POST /path`, `schema Name` or `code 007_001`, and where in it.
    place: String,
    text: String,
}

/// The changes found so far; what two ways find alike is there once.
#[derive(Debug, Default)]
struct Changes(BTreeSet<Change>);

impl Changes {
    fn add(&mut self, class: Class, place: impl Into<String>, text: impl Into<String>) {
        self.0.insert(Change {
            class,
            place: place.into(),
            text: text.into(),
        });
    }
}

/// Compares the bundle with an older one, the last release's if none is given; or makes the bundle
/// the last release's.
pub(crate) fn run(old: Option<PathBuf>, check: bool, accept: bool) -> Result<()> {
    if accept {
        let bundle = std::fs::read_to_string(at_root(BUNDLE))?;
        std::fs::write(at_root(LAST_RELEASE), released(&bundle))?;
        println!("{LAST_RELEASE} written: {BUNDLE} is what the next changes are compared with");
        return Ok(());
    }
    let old = read(&old.unwrap_or_else(|| at_root(LAST_RELEASE)))?;
    let new = read(&at_root(BUNDLE))?;
    let changes = changes(&old, &new)?;
    print!("{}", report(&changes));
    let (was, is) = (version(&old)?, version(&new)?);
    if check && is_breaking(&changes) && !raised(was, is) {
        bail!(
            "breaking changes since version {}: raise info.version in openapi/src/root.yaml to {}",
            dotted(was),
            dotted(next(was))
        );
    }
    Ok(())
}

/// The bundle under a header of its own: the bundle's says how to edit it.
fn released(bundle: &str) -> String {
    let document: Vec<&str> = bundle
        .lines()
        .skip_while(|line| line.starts_with('#'))
        .collect();
    format!(
        "# openapi/konaplate.yaml as it was last released. Written by `cargo xtask diff --accept`.\n{}\n",
        document.join("\n")
    )
}

fn read(path: &Path) -> Result<Description> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{}: the bundle cannot be read", path.display()))?;
    Description::from_yaml(&text).with_context(|| path.display().to_string())
}

fn changes(old: &Description, new: &Description) -> Result<BTreeSet<Change>> {
    let mut changes = Changes::default();
    by_drift::compare(&mut changes, old, new)?;
    operations::compare(&mut changes, old, new)?;
    schemas::compare(&mut changes, old, new);
    Ok(changes.0)
}

fn is_breaking(changes: &BTreeSet<Change>) -> bool {
    changes.iter().any(|change| change.class == Class::Breaking)
}

/// The changes by class, and within it by place.
fn report(changes: &BTreeSet<Change>) -> String {
    if changes.is_empty() {
        return "nothing changed\n".to_owned();
    }
    let mut text = String::new();
    for class in [Class::Breaking, Class::Compatible, Class::Trivial] {
        let of_class: Vec<_> = changes
            .iter()
            .filter(|change| change.class == class)
            .collect();
        if of_class.is_empty() {
            continue;
        }
        text.push_str(&format!("{class}: {}\n", of_class.len()));
        for change in of_class {
            text.push_str(&format!("  {}: {}\n", change.place, change.text));
        }
    }
    text
}

type Version = (u64, u64, u64);

fn version(description: &Description) -> Result<Version> {
    let text = description
        .as_value()
        .pointer("/info/version")
        .and_then(Value::as_str)
        .context("info.version is missing")?;
    let numbers: Vec<u64> = text
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("info.version {text} is not three numbers"))?;
    match numbers[..] {
        [major, minor, patch] => Ok((major, minor, patch)),
        _ => bail!("info.version {text} is not three numbers"),
    }
}

fn dotted((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// The least version that may break callers of this one.
fn next((major, minor, _): Version) -> Version {
    if major == 0 {
        (0, minor + 1, 0)
    } else {
        (major + 1, 0, 0)
    }
}

fn raised(old: Version, new: Version) -> bool {
    new >= next(old)
}

#[cfg(test)]
mod tests;
