//! The packages of the workspace and all that they depend on, as `cargo metadata` says it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use semver::Version;
use serde_json::Value;

use crate::tools;

/// The crate whose program is `konaplate`.
pub(crate) const PROGRAM: &str = "konaplate-cli";

/// All packages of a build: the workspace's own, and their dependencies on every platform.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    /// Where cargo writes.
    pub(crate) target: PathBuf,
}

/// One package.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) description: Option<String>,
    /// An expression of SPDX.
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) keywords: Vec<String>,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// Of the workspace.
    pub(crate) own: bool,
    /// Of the workspace, and not kept from being published.
    pub(crate) published: bool,
    /// What it needs of the workspace, by path, to be built: the name, and the versions asked for.
    pub(crate) needs: Vec<(String, String)>,
}

impl Workspace {
    /// Asks cargo, in the folder of the workspace.
    ///
    /// # Errors
    /// Cargo cannot say it: `Cargo.lock` is not fresh, or a package cannot be had.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let output = tools::cargo()
            .current_dir(root)
            .args(["metadata", "--format-version", "1", "--locked"])
            .output()?;
        ensure!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Self::parse(&serde_json::from_slice(&output.stdout)?)
    }

    fn parse(metadata: &Value) -> Result<Self> {
        let packages = list(&metadata["packages"]).map(Package::parse);
        Ok(Self {
            packages: packages.collect::<Result<_>>()?,
            target: text(&metadata["target_directory"])?.into(),
        })
    }

    /// The packages that a release publishes.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.published)
    }

    /// The crate of the program.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn program(&self) -> Result<&Package> {
        self.published()
            .find(|package| package.name == PROGRAM)
            .with_context(|| format!("{PROGRAM} is not published"))
    }
}

impl Package {
    fn parse(value: &Value) -> Result<Self> {
        let optional = |name: &str| value[name].as_str().map(str::to_owned);
        let own = value["source"].is_null();
        let needs = list(&value["dependencies"])
            .filter(|need| need["path"].is_string() && need["kind"] != "dev");
        let needs = needs.map(|need| {
            Ok((
                text(&need["name"])?.to_owned(),
                text(&need["req"])?.to_owned(),
            ))
        });
        Ok(Self {
            name: text(&value["name"])?.to_owned(),
            version: text(&value["version"])?.parse()?,
            description: optional("description"),
            license: optional("license"),
            repository: optional("repository"),
            keywords: list(&value["keywords"])
                .filter_map(|keyword| keyword.as_str().map(str::to_owned))
                .collect(),
            manifest: text(&value["manifest_path"])?.into(),
            own,
            // null: to any registry. A list of registries that has none: `publish = false`.
            published: own && value["publish"] != Value::Array(Vec::new()),
            needs: needs.collect::<Result<_>>()?,
        })
    }

    /// A package of the workspace, for tests.
    #[cfg(test)]
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.parse().unwrap(),
            description: None,
            license: Some("MIT OR Apache-2.0".to_owned()),
            repository: None,
            keywords: Vec::new(),
            manifest: PathBuf::new(),
            own: true,
            published: true,
            needs: Vec::new(),
        }
    }
}

/// The version that people and other registries see: without build metadata.
pub(crate) fn plain(version: &Version) -> Version {
    Version {
        build: semver::BuildMetadata::EMPTY,
        ..version.clone()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("cargo metadata has another form")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_is_published_unless_it_says_that_it_is_not() {
        let package = |source: Value, publish: Value| {
            let package = json!({
                "name": "a", "version": "1.2.3+b", "manifest_path": "/a/Cargo.toml", "source": source,
                "publish": publish, "dependencies": [
                    {"name": "b", "req": "^1.2.3", "path": "/b", "kind": null},
                    {"name": "c", "req": "*", "path": "/c", "kind": "dev"},
                    {"name": "d", "req": "^1", "kind": null}
                ],
            });
            Package::parse(&package).unwrap()
        };
        let own = package(Value::Null, Value::Null);
        assert!(own.published && own.own);
        assert_eq!(own.needs, [("b".to_owned(), "^1.2.3".to_owned())]);
        assert_eq!(plain(&own.version).to_string(), "1.2.3");
        assert!(!package(Value::Null, json!([])).published);
        let other = package(json!("registry+https://example.com"), Value::Null);
        assert!(!other.published && !other.own);
    }
}
