//! Keeps the description true to its evidence.
//!
//! The facts are a folder outside of the project: what was read of the vendor's pages, in files that
//! [`read`] knows. [`mod@compare`] lists what the description says differently; what has a reason to
//! differ stands with that reason in `openapi/facts-allowed.yaml`.

mod compare;
mod described;
mod fields;
mod read;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use konaplate_codegen::Description;
use konaplate_codegen::bundle::{Sources, bundle};
use serde::Deserialize;

use self::compare::{Difference, compare};
use crate::at_root;

const ALLOWED: &str = "openapi/facts-allowed.yaml";

/// A difference that has a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    /// Path of the operation.
    operation: String,
    /// The line that is printed, without method and path.
    difference: String,
    #[serde(default)]
    reason: String,
}

impl Allowed {
    fn covers(&self, difference: &Difference) -> bool {
        self.operation == difference.path && self.difference == difference.text
    }
}

pub(crate) fn run(folder: &Path, check: bool) -> Result<()> {
    let facts = read::load(folder)?;
    // The sources, not the bundle: they are what is being written when this is asked.
    let description = bundle(&Sources::load(&at_root("openapi/src"))?)?;
    let differences = compare(&facts, &description)?;
    let allowed: Vec<Allowed> = serde_saphyr::from_str(&std::fs::read_to_string(at_root(ALLOWED))?)
        .with_context(|| ALLOWED.to_owned())?;

    let mut lines = report(&differences, &allowed);
    lines.extend(titles(folder, &description)?);
    for line in &lines {
        println!("{line}");
    }
    let explained = differences.len() - unexplained(&differences, &allowed).count();
    println!(
        "to mend: {}; different with a reason: {explained}",
        lines.len()
    );
    if check && !lines.is_empty() {
        bail!("the description differs from the facts: mend it, or give the reason in {ALLOWED}");
    }
    Ok(())
}

/// What is to be mended: differences without a reason, and reasons without a difference.
fn report(differences: &[Difference], allowed: &[Allowed]) -> Vec<String> {
    let mut lines: Vec<String> = unexplained(differences, allowed)
        .map(ToString::to_string)
        .collect();
    for entry in allowed {
        let place = format!("{ALLOWED}: {}  {}", entry.operation, entry.difference);
        if entry.reason.trim().is_empty() {
            lines.push(format!("{place}: no reason is given"));
        }
        if !differences
            .iter()
            .any(|difference| entry.covers(difference))
        {
            lines.push(format!("{place}: there is no such difference any more"));
        }
    }
    lines
}

/// Titles without a page, by chapter.
type Titles = BTreeMap<String, BTreeSet<String>>;

/// Differences in the titles whose pages nobody has seen. The facts have them beside their folder.
fn titles(folder: &Path, description: &Description) -> Result<Vec<String>> {
    let path = folder.join("../not-found.yaml");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let facts: Titles = serde_saphyr::from_str(&std::fs::read_to_string(&path)?)
        .with_context(|| path.display().to_string())?;
    let described = description.as_value().get("x-konaplate-not-found");
    let described: Titles = serde_json::from_value(described.cloned().unwrap_or_default())?;
    let list = |titles: &Titles| -> BTreeSet<String> {
        titles
            .iter()
            .flat_map(|(chapter, titles)| titles.iter().map(move |t| format!("{chapter}: {t}")))
            .collect()
    };
    Ok(list(&facts)
        .symmetric_difference(&list(&described))
        .map(|title| format!("not found  {title}: is in one of facts and description only"))
        .collect())
}

fn unexplained<'a>(
    differences: &'a [Difference],
    allowed: &'a [Allowed],
) -> impl Iterator<Item = &'a Difference> {
    differences
        .iter()
        .filter(|difference| !allowed.iter().any(|entry| entry.covers(difference)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference() -> Difference {
        Difference {
            method: "POST".to_owned(),
            path: "/p".to_owned(),
            text: "request.a: max is 1 in the facts and 2 in the description".to_owned(),
        }
    }

    fn allowed(difference: &str, reason: &str) -> Allowed {
        Allowed {
            operation: "/p".to_owned(),
            difference: difference.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_difference_with_a_reason_is_not_reported() {
        let found = difference();
        let text = found.text.clone();
        assert_eq!(
            report(std::slice::from_ref(&found), &[]),
            ["POST /p  request.a: max is 1 in the facts and 2 in the description"]
        );
        assert!(report(&[found], &[allowed(&text, "The page contradicts itself.")]).is_empty());
    }

    #[test]
    fn a_reason_that_is_missing_or_outlived_is_reported() {
        let found = difference();
        let without = allowed(&found.text, " ");
        let outlived = allowed("request.b: is gone", "It was so.");
        assert_eq!(
            report(&[found], &[without, outlived]),
            [
                "openapi/facts-allowed.yaml: /p  request.a: max is 1 in the facts and 2 in the description: no reason is given",
                "openapi/facts-allowed.yaml: /p  request.b: is gone: there is no such difference any more",
            ]
        );
    }

    #[test]
    fn an_unknown_key_in_the_list_is_an_error() {
        assert!(
            serde_saphyr::from_str::<Vec<Allowed>>(
                "[{operation: /p, difference: d, reason: r, until: 2027}]"
            )
            .is_err()
        );
    }
}
