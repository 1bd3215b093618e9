//! What the program is made of: a bill of materials in the form of CycloneDX 1.5.
//!
//! cargo-cyclonedx makes one, too, but names packages by their folders on the machine that it ran on, and writes
//! into the sources. This one is the same wherever it is made.

mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::tree::{Id, Tree};
use crate::workspace::{PROGRAM, Package, Workspace};
use crate::{at_root, files, tools};

/// Checks against the published schema.
const CHECKER: &str = "cyclonedx-python-lib[json-validation]==11.12.0";

/// Reads a document and says what is wrong with it.
const CHECK: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1], encoding='utf-8').read())
sys.exit(str(wrong) if wrong else 0)
";

/// Writes the document into the folder where cargo writes.
///
/// # Errors
/// A package of the program is not in `Cargo.lock`, or has a licence that is no expression of SPDX.
pub(crate) fn write(workspace: &Workspace) -> Result<(PathBuf, usize)> {
    let lines = tools::printed(
        tools::cargo()
            .current_dir(at_root("."))
            .args([
                "tree",
                "--locked",
                "--package",
                PROGRAM,
                "--edges",
                "normal,build",
            ])
            .args(["--target", "all", "--prefix", "depth", "--format", "{p}"]),
    )?;
    let tree = Tree::parse(&lines)?;
    let lock = files::read(&at_root("Cargo.lock"))?;
    let document = document(&tree, workspace, &checksums(&lock)?)?;
    let folder = workspace.target.join("sbom");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{PROGRAM}.cdx.json"));
    std::fs::write(&file, serde_json::to_string_pretty(&document)? + "\n")?;
    Ok((file, tree.edges.len()))
}

/// Checks a document against the published schema.
///
/// # Errors
/// It is none of CycloneDX 1.5, or the checker cannot be had.
pub(crate) fn check(file: &Path) -> Result<()> {
    let python = tools::python("cyclonedx", &[CHECKER])?;
    tools::done(Command::new(python).args(["-c", CHECK]).arg(file))
}

/// The SHA-256 of each package that comes from a registry.
fn checksums(lock: &str) -> Result<BTreeMap<Id, String>> {
    let lock: toml::Table = lock.parse()?;
    let packages = lock["package"]
        .as_array()
        .context("Cargo.lock has no packages")?;
    let mut sums = BTreeMap::new();
    for package in packages {
        let text = |name: &str| package.get(name).and_then(toml::Value::as_str);
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            continue;
        };
        if let Some(sum) = text("checksum") {
            sums.insert((name.to_owned(), version.to_owned()), sum.to_owned());
        }
    }
    Ok(sums)
}

fn document(tree: &Tree, workspace: &Workspace, sums: &BTreeMap<Id, String>) -> Result<Value> {
    let packages: BTreeMap<Id, &Package> = workspace
        .packages
        .iter()
        .map(|package| ((package.name.clone(), package.version.to_string()), package))
        .collect();
    let component = |id: &Id, kind: &str| -> Result<Value> {
        let package = packages
            .get(id)
            .with_context(|| format!("cargo does not say what {} {} is", id.0, id.1))?;
        component(package, kind, sums.get(id))
    };
    let mut components = Vec::new();
    for id in tree.edges.keys().filter(|id| **id != tree.root) {
        components.push(component(id, "library")?);
    }
    let references =
        |ids: &mut dyn Iterator<Item = &Id>| -> Vec<String> { ids.map(purl).collect() };
    let edges = tree
        .edges
        .iter()
        .map(|(id, needs)| json!({"ref": purl(id), "dependsOn": references(&mut needs.iter())}));
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": component(&tree.root, "application")?,
            // The name that cargo-cyclonedx gave it: what the program needs on any platform is in the list.
            "properties": [{"name": "cdx:rustc:sbom:target:all_targets", "value": "true"}],
        },
        "components": components,
        "dependencies": edges.collect::<Vec<_>>(),
    }))
}

fn component(package: &Package, kind: &str, sum: Option<&String>) -> Result<Value> {
    let id = (package.name.clone(), package.version.to_string());
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(&id),
        "name": package.name,
        "version": package.version.to_string(),
        "purl": purl(&id),
    });
    if let Some(description) = &package.description {
        component["description"] = json!(description.trim());
    }
    if let Some(license) = &package.license {
        // Older packages write MIT/Apache-2.0.
        let spdx = spdx::Expression::canonicalize(license)
            .map_err(|error| anyhow::anyhow!("{}: the licence {license}: {error}", package.name))?;
        let expression = spdx.unwrap_or_else(|| license.clone());
        component["licenses"] = json!([{"expression": expression}]);
    }
    if let Some(repository) = &package.repository {
        component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
    }
    if let Some(sum) = sum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    Ok(component)
}

/// The package's URL, by which scanners know it.
fn purl((name, version): &Id) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        let mut other = Package::new("other", "1.0.0+meta");
        other.license = Some("MIT/Apache-2.0".to_owned());
        Workspace {
            packages: vec![Package::new(PROGRAM, "0.1.0"), other],
            target: PathBuf::new(),
        }
    }

    #[test]
    fn what_the_program_is_made_of_is_named_with_licence_and_checksum() {
        let tree = format!("0{PROGRAM} v0.1.0 (/work)\n1other v1.0.0+meta\n");
        let lock = "[[package]]\nname = \"other\"\nversion = \"1.0.0+meta\"\nchecksum = \"00ff\"\n";
        let sums = checksums(lock).unwrap();
        let document = document(&Tree::parse(&tree).unwrap(), &workspace(), &sums).unwrap();
        let reference = "pkg:cargo/other@1.0.0%2Bmeta";
        assert_eq!(
            document["components"],
            json!([{
                "type": "library", "bom-ref": reference, "name": "other", "version": "1.0.0+meta",
                "purl": reference, "licenses": [{"expression": "MIT OR Apache-2.0"}],
                "hashes": [{"alg": "SHA-256", "content": "00ff"}],
            }])
        );
        let root = "pkg:cargo/konaplate-cli@0.1.0";
        assert_eq!(document["metadata"]["component"]["bom-ref"], root);
        assert_eq!(
            document["dependencies"],
            json!([
                {"ref": root, "dependsOn": [reference]},
                {"ref": reference, "dependsOn": []}
            ])
        );
        assert!(
            !document.to_string().contains("/work"),
            "no folder of this machine"
        );
    }

    #[test]
    fn a_package_that_cargo_does_not_know_is_an_error() {
        let tree = Tree::parse("0konaplate-cli v0.1.0\n1unknown v1.0.0\n").unwrap();
        let error = document(&tree, &workspace(), &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("unknown 1.0.0"), "{error}");
    }
}
