//! The npm package: the program of one platform or several, and a launcher in plain JavaScript.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::installed::Ends;
use super::platform::{Given, Platform};
use super::{FOLDER, Profile, copy, empty, installed, only, program};
use crate::workspace::{Package, Workspace, plain};
use crate::{at_root, files, sbom, tools};

/// What is not made.
const SOURCES: &str = "cli/packaging/npm";

/// Makes it: with the programs that are given, and that of this machine if it is not among them.
///
/// # Errors
/// npm cannot be run, or the program does not build.
pub(super) fn make(workspace: &Workspace, profile: Profile, given: &[Given]) -> Result<PathBuf> {
    let mut programs = BTreeMap::new();
    for Given { platform, file } in given {
        ensure!(
            programs.insert(platform.clone(), file.clone()).is_none(),
            "there are two programs for {platform}"
        );
    }
    if let Entry::Vacant(this) = programs.entry(Platform::this()?) {
        this.insert(program(workspace, profile)?);
    }
    let package = workspace.program()?;
    let crate_folder = package
        .manifest
        .parent()
        .context("a manifest lies in a folder")?;

    let folder = at_root(FOLDER).join("npm");
    let project = folder.join("project");
    empty(&folder)?;
    std::fs::create_dir(&project)?;
    let manifest = files::read(&at_root(SOURCES).join("package.json"))?;
    let manifest = manifest_of(&manifest, package, programs.keys())?;
    std::fs::write(project.join("package.json"), manifest)?;
    copy("launcher.js", &at_root(SOURCES), &project)?;
    for name in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(name, crate_folder, &project)?;
    }
    let (bill, _) = sbom::write(workspace)?;
    std::fs::copy(bill, project.join("sbom.cdx.json"))?;
    for (platform, file) in &programs {
        let place = project.join("programs").join(platform.to_string());
        std::fs::create_dir_all(&place)?;
        let program = place.join(platform.program());
        std::fs::copy(file, &program)
            .with_context(|| format!("{} cannot be copied", file.display()))?;
        executable(&program)?;
    }
    tools::done(npm().current_dir(&project).args([
        "pack",
        "--silent",
        "--pack-destination",
        "..",
    ]))?;
    only(&folder, ".tgz")
}

/// The manifest with what comes from the workspace, and the platforms.
fn manifest_of<'p>(
    text: &str,
    package: &Package,
    platforms: impl Iterator<Item = &'p Platform>,
) -> Result<String> {
    let mut manifest: Value = serde_json::from_str(text)?;
    let (mut systems, mut processors) = (BTreeSet::new(), BTreeSet::new());
    for Platform { os, cpu } in platforms {
        systems.insert(os);
        processors.insert(cpu);
    }
    // npm takes build metadata off a version by itself, and shows another one than asked for.
    manifest["version"] = json!(plain(&package.version).to_string());
    manifest["description"] = json!(package.description);
    manifest["license"] = json!(package.license);
    manifest["keywords"] = json!(package.keywords);
    manifest["os"] = json!(systems);
    manifest["cpu"] = json!(processors);
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

#[cfg(unix)]
fn executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(
        program,
        std::fs::Permissions::from_mode(0o755),
    )?)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> Result<()> {
    Ok(())
}

/// Installs it into a fresh folder, without any registry, and runs what is there then.
///
/// # Errors
/// It cannot be installed, or does not run as it has to.
pub(super) fn check(package: &Path, workspace: &Workspace) -> Result<()> {
    let folder = at_root(FOLDER).join("try-npm");
    empty(&folder)?;
    std::fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    tools::done(
        npm()
            .current_dir(&folder)
            .args([
                "install",
                "--offline",
                "--no-audit",
                "--no-fund",
                "--silent",
            ])
            .arg(package),
    )?;
    let launcher = folder.join("node_modules/.bin/konaplate");
    installed::check(&[&launcher.to_string_lossy()], &folder, workspace)?;
    // npx runs the launcher in a shell. One that hands over to it, as bash does, lets all go well; with another, npx ends
    // with a code of its own, but the program has to end all the same.
    let npx = ["npx", "--offline", "--no-install"];
    let bash = [&npx[..], &["--script-shell=bash", "konaplate"]].concat();
    installed::check(&bash, &folder, workspace)?;
    let plain = [&npx[..], &["--script-shell=sh", "konaplate"]].concat();
    installed::sandbox(&plain, &folder, Ends::Anyhow)
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_gets_version_and_platforms() {
        let mut package = Package::new("konaplate-cli", "1.2.3+openapi-0.1.0");
        package.description = Some("The program".to_owned());
        let given: Vec<Given> = ["linux-x64=a", "darwin-arm64=b", "linux-arm64=c"]
            .map(|text| text.parse().unwrap())
            .into();
        let text = files::read(&at_root(SOURCES).join("package.json")).unwrap();
        let made = manifest_of(&text, &package, given.iter().map(|given| &given.platform)).unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        assert_eq!(made["name"], "konaplate");
        assert_eq!(made["version"], "1.2.3");
        assert_eq!(made["license"], "MIT OR Apache-2.0");
        assert_eq!(made["os"], json!(["darwin", "linux"]));
        assert_eq!(made["cpu"], json!(["arm64", "x64"]));
        assert_eq!(made["bin"], json!({"konaplate": "launcher.js"}));
    }
}
