//! Whether CHANGELOG.md says what a release changes, breaking changes of the description by name.

use anyhow::{Context, Result, ensure};
use semver::Version;

use super::nothing_wrong;
use crate::diff::{self, Breaking};
use crate::workspace::{Workspace, plain};
use crate::{at_root, files};

const FILE: &str = "CHANGELOG.md";

/// The heading of what no release has yet.
const UNRELEASED: &str = "Unreleased";

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let version = plain(&workspace.program()?.version);
    let text = files::read(&at_root(FILE))?;
    let entry = Entry::find(&text, &version)?;
    let since = diff::breaking()?;
    let changes = match &since {
        None => "nothing was released that `xtask diff` could compare with".to_owned(),
        Some((tag, breaking)) => {
            said(&entry, breaking)?;
            format!(
                "{} breaking changes since {tag}, all of them named",
                breaking.len()
            )
        }
    };
    Ok(format!(
        "\"{}\" has {} items; {changes}",
        entry.heading,
        entry.items()
    ))
}

/// The part of the changelog that the release is about.
#[derive(Debug)]
struct Entry<'t> {
    heading: &'t str,
    text: &'t str,
}

impl<'t> Entry<'t> {
    /// The one of this version, or the one of what is not released yet.
    fn find(changelog: &'t str, version: &Version) -> Result<Self> {
        let parts = changelog.split("\n## ").skip(1);
        let version = version.to_string();
        let entry = parts
            .map(|part| part.split_once('\n').unwrap_or((part, "")))
            .find(|(heading, _)| {
                // A date may stand behind the version.
                let name = heading.split_whitespace().next().unwrap_or_default();
                name == version || name == UNRELEASED
            });
        let (heading, text) = entry.with_context(|| {
            format!("{FILE} has neither \"## {version}\" nor \"## {UNRELEASED}\": write one")
        })?;
        let entry = Self {
            heading: heading.trim(),
            text,
        };
        ensure!(
            entry.items() > 0,
            "\"## {}\" in {FILE} says nothing: write what changed, an item each",
            entry.heading
        );
        Ok(entry)
    }

    fn items(&self) -> usize {
        let is_item = |line: &&str| line.starts_with("- ");
        self.text.lines().filter(is_item).count()
    }

    /// Whether a name stands in it, not as a part of another.
    fn says(&self, name: &str) -> bool {
        let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        self.text
            .split(|c: char| !is_of_name(c))
            .any(|word| word == name)
    }
}

/// Checks that the entry has the name of whatever a change breaks.
fn said(entry: &Entry<'_>, breaking: &[Breaking]) -> Result<()> {
    // `schema NrNumber` is written as NrNumber.
    let name = |change: &Breaking| change.place.rsplit(' ').next().map(str::to_owned);
    let unsaid = breaking
        .iter()
        .filter(|change| name(change).is_some_and(|name| !entry.says(&name)));
    let wrong: Vec<_> = unsaid
        .map(|change| {
            format!(
                "\"{}\" in {FILE} does not name {}, of which `xtask diff` says: {}",
                entry.heading, change.place, change.line
            )
        })
        .collect();
    nothing_wrong(&wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## 0.2.0 (2026-03-15)\n\n- `get_member` returns more.\n- More\n  of it.\n\n\
                             ## 0.1.0\n\n- The first.\n";

    fn find(changelog: &str, version: &str) -> Result<String> {
        let version = version.parse().unwrap();
        Entry::find(changelog, &version)
            .map(|entry| format!("{}: {}", entry.heading, entry.items()))
    }

    #[test]
    fn the_entry_is_that_of_the_version_or_of_what_is_not_released() {
        assert_eq!(find(CHANGELOG, "0.2.0").unwrap(), "0.2.0 (2026-03-15): 2");
        assert_eq!(find(CHANGELOG, "0.1.0").unwrap(), "0.1.0: 1");
        let unreleased = CHANGELOG.replace("0.2.0 (2026-03-15)", UNRELEASED);
        assert_eq!(find(&unreleased, "0.2.0").unwrap(), "Unreleased: 2");
    }

    #[test]
    fn a_missing_or_empty_entry_is_an_error() {
        let error = find(CHANGELOG, "0.3.0").unwrap_err().to_string();
        assert!(error.contains("neither \"## 0.3.0\""), "{error}");
        let empty = "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- The first.\n";
        let error = find(empty, "0.2.0").unwrap_err().to_string();
        assert!(error.contains("says nothing"), "{error}");
    }

    #[test]
    fn what_breaks_has_to_be_named_and_not_only_a_part_of_it() {
        let entry = Entry::find(CHANGELOG, &Version::new(0, 2, 0)).unwrap();
        let breaking = |place: &str| Breaking {
            place: place.to_owned(),
            line: "breaking (wire): ...".to_owned(),
        };
        said(&entry, &[breaking("get_member")]).unwrap();
        let error = said(&entry, &[breaking("get_member"), breaking("schema Member")]).unwrap_err();
        assert!(
            error.to_string().contains("does not name schema Member"),
            "{error}"
        );
        assert!(said(&entry, &[breaking("get_member_v2")]).is_err());
        assert!(said(&entry, &[breaking("member")]).is_err());
    }
}
