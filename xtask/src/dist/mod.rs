//! The program for people who have no Rust: a Python wheel and an npm package that carry it.
//!
//! Each is installed into a fresh environment below `target`, from its file alone, and run there. What is not made lies
//! in `cli/packaging`; versions, licences and texts come from the workspace.

mod installed;
mod npm;
mod platform;
mod wheel;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use self::platform::Given;
use crate::workspace::{PROGRAM, Workspace};
use crate::{at_root, tools};

/// Where everything is made.
const FOLDER: &str = "target/dist";

/// What `dist` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What to make; both if none is given.
    kinds: Vec<Kind>,
    /// How the program is built. `release` takes some minutes.
    #[arg(long, value_enum, default_value_t = Profile::Dev)]
    profile: Profile,
    /// The same as --profile release: for packages that are published.
    #[arg(long, conflicts_with = "profile")]
    release: bool,
    /// Let zig link the program of the wheel, for systems with glibc 2.17 or newer.
    #[arg(long)]
    zig: bool,
    /// Programs that the npm package carries, such as darwin-arm64=FILE, with the names that Node
    /// gives platforms. That of this platform is built unless it is among them.
    #[arg(long, value_name = "PLATFORM=FILE")]
    program: Vec<Given>,
}

/// A form of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A Python wheel.
    Wheel,
    /// An npm package.
    Npm,
}

/// A profile of cargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// The folder of what it builds.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Makes packages, and tries each.
///
/// # Errors
/// One cannot be made, installed or run.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::read(&at_root("."))?;
    let profile = match arguments.release {
        true => Profile::Release,
        false => arguments.profile,
    };
    let is_wanted = |kind| arguments.kinds.is_empty() || arguments.kinds.contains(&kind);
    if is_wanted(Kind::Wheel) {
        let wheel = wheel::make(&workspace, profile, arguments.zig)?;
        println!("{}", made(&wheel)?);
        wheel::check(&wheel, &workspace)?;
        println!("it installs and runs in a fresh environment of Python");
    }
    if is_wanted(Kind::Npm) {
        let package = npm::make(&workspace, profile, &arguments.program)?;
        println!("{}", made(&package)?);
        npm::check(&package, &workspace)?;
        println!("it installs and runs in a fresh folder of npm");
    }
    Ok(())
}

/// Builds the program as its crate alone has it, without features that other crates of the workspace turn on.
fn program(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    tools::done(
        tools::cargo()
            .current_dir(at_root("."))
            .args([
                "rustc",
                "--quiet",
                "--locked",
                "--package",
                PROGRAM,
                "--bin",
                "konaplate",
            ])
            .args(["--profile", profile.name(), "--", "-C", "strip=symbols"]),
    )?;
    let name = format!("konaplate{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target.join(profile.folder()).join(name))
}

/// Makes an empty folder.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(std::fs::create_dir_all(folder)?)
}

/// Copies a file of that name from one folder into another.
fn copy(name: &str, from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from.join(name), to.join(name))
        .with_context(|| format!("{name} cannot be copied"))?;
    Ok(())
}

/// The file in a folder whose name ends so: there has to be one.
fn only(folder: &Path, end: &str) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    match found.as_slice() {
        [file] => Ok(file.clone()),
        _ => anyhow::bail!(
            "{} has {} files *{end} and not one",
            folder.display(),
            found.len()
        ),
    }
}

/// A file that was made, with its size.
fn made(file: &Path) -> Result<String> {
    let size = std::fs::metadata(file)?.len() / 1024;
    let shown = file.strip_prefix(at_root(".")).unwrap_or(file);
    Ok(format!("{}: {size} KiB", shown.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    #[test]
    fn one_file_has_to_be_made() {
        let folder = Folder::new("dist");
        assert!(only(folder.path(), ".whl").is_err());
        let wheel = folder.with("a.whl", b"");
        folder.with("a.txt", b"");
        assert_eq!(only(folder.path(), ".whl").unwrap(), wheel);
        folder.with("b.whl", b"");
        assert!(only(folder.path(), ".whl").is_err());
    }
}
