//! Programs of others, in fixed versions, installed below `target`: no part of the project.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::at_root;

/// Where they are.
const FOLDER: &str = "target/tools";

/// The Python of an environment that has these packages (`name==version`).
///
/// # Errors
/// There is no Python, or a package cannot be had.
pub(crate) fn python(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = at_root(FOLDER).join(name);
    let python = program_of(&folder, "python");
    once(&folder, &packages.join(" "), || {
        environment(&folder)?;
        done(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .args(packages),
        )
    })?;
    Ok(python)
}

/// Makes an empty environment of Python.
///
/// # Errors
/// There is no Python.
pub(crate) fn environment(folder: &Path) -> Result<()> {
    done(Command::new("python3").args(["-m", "venv"]).arg(folder))
}

/// A program in an environment of Python.
pub(crate) fn program_of(environment: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    environment.join(folder).join(name)
}

/// Cargo: the one that runs this program, or else the one that a person gets.
///
/// Not the one that built this program: rustup's own cargo, without rustup before it, takes the toolchain that a
/// dependency's sources name.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that cargo installs, of the crate of this name.
///
/// # Errors
/// It cannot be had, or does not build.
pub(crate) fn built(name: &str, version: &str) -> Result<PathBuf> {
    let folder = at_root(FOLDER).join(name);
    let program = format!("bin/{name}{}", std::env::consts::EXE_SUFFIX);
    once(&folder, version, || {
        eprintln!("{name} {version} is built once, which takes a few minutes");
        // Not optimized: it runs for seconds. What is built on the way goes away.
        let build = folder.join("build");
        done(
            cargo()
                .current_dir(at_root("."))
                .args([
                    "install",
                    "--quiet",
                    "--locked",
                    "--profile",
                    "dev",
                    "--no-track",
                    "--force",
                ])
                .arg(format!("{name}@{version}"))
                .arg("--root")
                .arg(&folder)
                .arg("--target-dir")
                .arg(&build)
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env("CARGO_INCREMENTAL", "0"),
        )?;
        Ok(std::fs::remove_dir_all(&build)?)
    })?;
    Ok(folder.join(program))
}

/// Installs something unless a file in the folder says that this was done for what is wanted. The folder is emptied
/// before.
///
/// # Errors
/// It could not be installed.
pub(crate) fn once(
    folder: &Path,
    wanted: &str,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    install()?;
    Ok(std::fs::write(mark, wanted)?)
}

/// Runs a command. What it prints is shown as it comes, on standard error.
///
/// # Errors
/// It cannot be run, or ends with another code than 0.
pub(crate) fn done(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("{} cannot be run", shown(command)))?;
    ensure!(status.success(), "{}: {status}", shown(command));
    Ok(())
}

/// Runs a command, and returns what it prints on standard output.
///
/// # Errors
/// It cannot be run, or ends with another code than 0.
pub(crate) fn printed(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be run", shown(command)))?;
    ensure!(
        output.status.success(),
        "{}: {}",
        shown(command),
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// A command as a person types it.
fn shown(command: &Command) -> String {
    let parts = std::iter::once(command.get_program()).chain(command.get_args());
    let parts: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    #[test]
    fn what_is_installed_is_installed_again_only_for_another_version() {
        let folder = Folder::new("tools");
        let count = std::cell::Cell::new(0);
        let install = |wanted: &str, result: fn() -> Result<()>| {
            once(folder.path(), wanted, || {
                count.set(count.get() + 1);
                result()
            })
        };
        install("a 1", || Ok(())).unwrap();
        install("a 1", || Ok(())).unwrap();
        assert_eq!(count.get(), 1);
        install("a 2", || anyhow::bail!("no network")).unwrap_err();
        install("a 2", || Ok(())).unwrap();
        assert_eq!(count.get(), 3, "what failed is tried again");
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let error = done(Command::new("cargo").arg("no-such-command")).unwrap_err();
        assert!(
            error.to_string().starts_with("cargo no-such-command: "),
            "{error}"
        );
    }
}
