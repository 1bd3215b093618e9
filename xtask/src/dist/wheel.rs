//! The Python wheel: maturin puts the program where Python puts scripts.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{FOLDER, Profile, copy, empty, installed, only};
use crate::workspace::{Package, Workspace, plain};
use crate::{at_root, files, sbom, tools};

const MATURIN: &str = "maturin==1.16.0";
const ZIG: &str = "ziglang==0.15.2";

/// The manifest, without what comes from the workspace.
const MANIFEST: &str = "cli/packaging/python/pyproject.toml";

/// Makes it.
///
/// # Errors
/// maturin cannot be had, or the program does not build.
pub(super) fn make(workspace: &Workspace, profile: Profile, zig: bool) -> Result<PathBuf> {
    let python = match zig {
        true => tools::python("maturin-zig", &[MATURIN, ZIG])?,
        false => tools::python("maturin", &[MATURIN])?,
    };
    let maturin = python.with_file_name(format!("maturin{}", std::env::consts::EXE_SUFFIX));
    let package = workspace.program()?;
    let sources = package
        .manifest
        .parent()
        .context("a manifest lies in a folder")?;

    let folder = at_root(FOLDER).join("wheel");
    let project = folder.join("project");
    empty(&folder)?;
    std::fs::create_dir(&project)?;
    let manifest = manifest(&files::read(&at_root(MANIFEST))?, package)?;
    std::fs::write(project.join("pyproject.toml"), manifest)?;
    for name in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(name, sources, &project)?;
    }
    let (bill, _) = sbom::write(workspace)?;

    let mut command = Command::new(maturin);
    command
        .current_dir(&project)
        .args([
            "build",
            "--locked",
            "--strip",
            "--profile",
            profile.name(),
            "--out",
        ])
        .arg(&folder)
        .arg("--sbom-include")
        .arg(bill)
        .env("CARGO", tools::cargo().get_program());
    if zig {
        command.arg("--zig");
    }
    tools::done(&mut command)?;
    only(&folder, ".whl")
}

/// The manifest with what comes from the workspace.
fn manifest(text: &str, package: &Package) -> Result<String> {
    let mut manifest: toml::Table = text.parse().context(MANIFEST)?;
    let project = manifest
        .get_mut("project")
        .and_then(toml::Value::as_table_mut)
        .context("it has no [project]")?;
    let value = |what: &str, value: Option<&String>| {
        value
            .cloned()
            .with_context(|| format!("{} has no {what}", package.name))
    };
    // Indexes of Python take no version with build metadata.
    project.insert(
        "version".to_owned(),
        plain(&package.version).to_string().into(),
    );
    project.insert(
        "description".to_owned(),
        value("description", package.description.as_ref())?.into(),
    );
    project.insert(
        "license".to_owned(),
        value("license", package.license.as_ref())?.into(),
    );
    project.insert("keywords".to_owned(), package.keywords.clone().into());
    let maturin = toml::Table::from_iter([(
        "manifest-path".to_owned(),
        package.manifest.to_string_lossy().into_owned().into(),
    )]);
    let tool = manifest
        .get_mut("tool")
        .and_then(|tool| tool.get_mut("maturin"))
        .and_then(toml::Value::as_table_mut)
        .context("it has no [tool.maturin]")?;
    tool.extend(maturin);
    Ok(toml::to_string(&manifest)?)
}

/// Installs it into a fresh environment, without any index, and runs what is there then.
///
/// # Errors
/// It cannot be installed, or does not run as it has to.
pub(super) fn check(wheel: &Path, workspace: &Workspace) -> Result<()> {
    let environment = at_root(FOLDER).join("try-wheel");
    empty(&environment)?;
    tools::environment(&environment)?;
    tools::done(
        Command::new(tools::program_of(&environment, "python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-index",
            ])
            .arg(wheel),
    )?;
    let program = tools::program_of(&environment, "konaplate");
    installed::check(&[&program.to_string_lossy()], &environment, workspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_gets_version_texts_and_licence_from_the_workspace() {
        let mut package = Package::new("konaplate-cli", "1.2.3+openapi-0.1.0");
        package.description = Some("The \"program\"".to_owned());
        package.manifest = "/a b/cli/Cargo.toml".into();
        let text = files::read(&at_root(MANIFEST)).unwrap();
        let made: toml::Table = manifest(&text, &package).unwrap().parse().unwrap();
        let project = &made["project"];
        assert_eq!(project["name"].as_str(), Some("konaplate"));
        assert_eq!(project["version"].as_str(), Some("1.2.3"));
        assert_eq!(project["description"].as_str(), Some("The \"program\""));
        assert_eq!(project["license"].as_str(), Some("MIT OR Apache-2.0"));
        let maturin = &made["tool"]["maturin"];
        assert_eq!(maturin["bindings"].as_str(), Some("bin"));
        assert_eq!(
            maturin["manifest-path"].as_str(),
            Some("/a b/cli/Cargo.toml")
        );
    }

    #[test]
    fn a_package_that_says_nothing_of_itself_is_not_made() {
        let text = files::read(&at_root(MANIFEST)).unwrap();
        let error = manifest(&text, &Package::new("konaplate-cli", "1.2.3")).unwrap_err();
        assert_eq!(error.to_string(), "konaplate-cli has no description");
    }
}
