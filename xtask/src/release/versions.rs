//! One version for all that is published, which says which description it was made of.

use anyhow::{Context, Result};
use konaplate_spec::Spec;

use super::nothing_wrong;
use crate::bundle::BUNDLE;
use crate::workspace::{Package, Workspace, plain};
use crate::{at_root, files};

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let description = Spec::from_yaml(&files::read(&at_root(BUNDLE))?)?;
    let published: Vec<_> = workspace.published().collect();
    check(&published, description.version())
}

/// Checks them against the description's version, which stands behind the `+`.
fn check(published: &[&Package], description: &str) -> Result<String> {
    let first = published.first().context("nothing is published")?;
    let metadata = format!("openapi-{description}");
    let mut wrong = Vec::new();
    if first.version.build.as_str() != metadata {
        wrong.push(format!(
            "{} {} was made of version {description} of the description: its version has to end with +{metadata} \
             (workspace.package.version in Cargo.toml)",
            first.name, first.version
        ));
    }
    let asked = format!("^{}", plain(&first.version));
    for package in published {
        if package.version != first.version {
            wrong.push(format!(
                "{} is {}, and {} is {}",
                package.name, package.version, first.name, first.version
            ));
        }
        for (name, versions) in &package.needs {
            if *versions != asked {
                wrong.push(format!(
                    "{} asks for {name} {versions} and not for {asked} (workspace.dependencies in Cargo.toml)",
                    package.name
                ));
            }
        }
    }
    nothing_wrong(&wrong)?;
    Ok(format!("{} crates, all {}", published.len(), first.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_one_version_with_the_descriptions_version_are_right() {
        let (a, mut b) = (
            Package::new("a", "0.2.0+openapi-0.1.0"),
            Package::new("b", "0.2.0+openapi-0.1.0"),
        );
        b.needs = vec![("a".to_owned(), "^0.2.0".to_owned())];
        let found = check(&[&a, &b], "0.1.0").unwrap();
        assert_eq!(found, "2 crates, all 0.2.0+openapi-0.1.0");
    }

    #[test]
    fn another_version_is_named() {
        let (a, mut b) = (
            Package::new("a", "0.2.0+openapi-0.1.0"),
            Package::new("b", "0.2.1+openapi-0.1.0"),
        );
        b.needs = vec![("a".to_owned(), "^0.1.0".to_owned())];
        let error = check(&[&a, &b], "0.1.0").unwrap_err().to_string();
        assert!(
            error.contains("b is 0.2.1+openapi-0.1.0, and a is 0.2.0"),
            "{error}"
        );
        assert!(
            error.contains("b asks for a ^0.1.0 and not for ^0.2.0"),
            "{error}"
        );
    }

    #[test]
    fn a_version_that_names_another_description_or_none_is_wrong() {
        for version in ["0.2.0", "0.2.0+openapi-0.1.0", "0.2.0+0.1.1"] {
            let error = check(&[&Package::new("a", version)], "0.1.1").unwrap_err();
            assert!(
                error.to_string().contains("end with +openapi-0.1.1"),
                "{error}"
            );
        }
        assert!(check(&[], "0.1.1").is_err(), "nothing is no release");
    }
}
