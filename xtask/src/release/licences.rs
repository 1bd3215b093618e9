//! Whether the licences of all dependencies are among those that deny.toml allows.
//!
//! cargo-deny does it too, and more, but has to be built first. The list is the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use spdx::{Expression, Licensee, ParseMode};

use super::nothing_wrong;
use crate::workspace::{Package, Workspace};
use crate::{at_root, files};

const LIST: &str = "deny.toml";

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let allowed = allowed(&files::read(&at_root(LIST))?)?;
    check(&workspace.packages, &allowed)
}

/// The licences of the list.
fn allowed(list: &str) -> Result<Vec<Licensee>> {
    let list: toml::Table = list.parse()?;
    let names = list
        .get("licenses")
        .and_then(|licenses| licenses.get("allow"))
        .and_then(toml::Value::as_array)
        .with_context(|| format!("{LIST} has no licenses.allow"))?;
    let parse = |name: &toml::Value| -> Result<Licensee> {
        let name = name.as_str().context("a licence is a text")?;
        Licensee::parse(name).with_context(|| format!("{LIST}: {name}"))
    };
    names.iter().map(parse).collect()
}

fn check(packages: &[Package], allowed: &[Licensee]) -> Result<String> {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for package in packages {
        let Package { name, version, .. } = package;
        let Some(license) = package.license.as_deref() else {
            wrong.push(format!(
                "{name} {version} does not say under which licence it is"
            ));
            continue;
        };
        match Expression::parse_mode(license, ParseMode::LAX) {
            Err(error) => wrong.push(format!("{name} {version}: {license}: {}", error.reason)),
            Ok(expression) => {
                let is_allowed = expression
                    .evaluate(|wanted| allowed.iter().any(|licensee| licensee.satisfies(wanted)));
                if !is_allowed {
                    wrong.push(format!(
                        "{name} {version} is under {license}, which {LIST} does not allow"
                    ));
                }
            }
        }
        *counts.entry(license).or_default() += 1;
    }
    nothing_wrong(&wrong)?;
    Ok(format!(
        "{} packages on all platforms, {} expressions, all allowed",
        packages.len(),
        counts.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &str = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\"]\n";

    fn check_of(license: Option<&str>) -> Result<String> {
        let mut package = Package::new("a", "1.0.0");
        package.license = license.map(str::to_owned);
        check(&[package], &allowed(ALLOWED).unwrap())
    }

    #[test]
    fn one_allowed_licence_of_a_choice_is_enough() {
        for license in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "Apache-2.0/MIT",
            "MIT AND Apache-2.0",
        ] {
            check_of(Some(license)).unwrap();
        }
    }

    #[test]
    fn a_licence_that_is_not_allowed_or_not_said_is_named() {
        for license in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            let error = check_of(Some(license)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("a 1.0.0 is under {license}, which deny.toml does not allow")
            );
        }
        assert!(
            check_of(None)
                .unwrap_err()
                .to_string()
                .contains("does not say")
        );
        assert!(check_of(Some("free as in air")).is_err());
    }

    #[test]
    fn a_list_without_licences_is_an_error() {
        assert!(allowed("[bans]\n").is_err());
        assert!(allowed("[licenses]\nallow = [\"nonsense\"]\n").is_err());
    }
}
