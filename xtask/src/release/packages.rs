//! Each crate that is published builds from its own package, which has what it has to have.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::nothing_wrong;
use crate::workspace::Workspace;
use crate::{at_root, tools};

/// What stands in every package beside its sources.
const FILES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let folder = workspace.target.join("package");
    forget(&folder)?;
    let mut command = tools::cargo();
    command
        .current_dir(at_root("."))
        .args(["package", "--locked", "--workspace", "--allow-dirty"]);
    for package in workspace
        .packages
        .iter()
        .filter(|package| package.own && !package.published)
    {
        command.args(["--exclude", &package.name]);
    }
    tools::done(&mut command)?;

    let mut wrong = Vec::new();
    let mut names = Vec::new();
    for package in workspace.published() {
        let unpacked = folder.join(format!("{}-{}", package.name, package.version));
        names.push(package.name.as_str());
        wrong.extend(lacks(&unpacked).into_iter().map(|file| {
            format!(
                "the package of {} lacks {file}: `include` in its Cargo.toml",
                package.name
            )
        }));
    }
    nothing_wrong(&wrong)?;
    Ok(format!("{} build from their packages", names.join(", ")))
}

/// Removes what cargo unpacked of earlier packages of the same version: it would build that.
fn forget(folder: &Path) -> Result<()> {
    remove(folder)?;
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().context("no home")?.join(".cargo"),
    };
    for stale in unpacked(&home.join("registry/src"))? {
        remove(&stale)?;
    }
    Ok(())
}

/// Packages of this project in the folders that cargo names after registries without an address: those that it makes
/// for packages that are not published yet.
fn unpacked(sources: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for registry in entries(sources)? {
        let name = |path: &Path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        if name(&registry).starts_with('-') {
            found.extend(entries(&registry)?.into_iter().filter(|path| {
                let name = name(path);
                name.starts_with("konaplate-")
            }));
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    entries.collect()
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// The files that an unpacked package does not have.
fn lacks(unpacked: &Path) -> Vec<&'static str> {
    let missing = |file: &&str| !unpacked.join(file).is_file();
    FILES.into_iter().filter(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    #[test]
    fn what_a_package_lacks_is_named() {
        let folder = Folder::new("packages");
        folder.with("README.md", b"# a\n");
        folder.with("LICENSE-MIT", b"MIT\n");
        assert_eq!(lacks(folder.path()), ["LICENSE-APACHE"]);
        assert_eq!(lacks(&folder.path().join("none")), FILES);
    }

    #[test]
    fn only_what_was_unpacked_of_this_projects_packages_is_forgotten() {
        let folder = Folder::new("registry");
        for path in [
            "-0123/konaplate-0.1.0",
            "-0123/other-0.1.0",
            "index-0123/konaplate-0.1.0",
        ] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        let found = unpacked(folder.path()).unwrap();
        assert_eq!(found, [folder.path().join("-0123/konaplate-0.1.0")]);
        assert!(unpacked(&folder.path().join("none")).unwrap().is_empty());
    }
}
