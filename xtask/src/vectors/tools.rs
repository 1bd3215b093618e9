//! The other implementations, in a folder that is no part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::script;

/// jose for Node, and what the scripts in Python import.
pub(super) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs both, where these versions are not there already.
    pub(super) fn install(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let tools = Self {
            folder: folder.to_owned(),
        };
        let package = std::fs::read(script("package.json"))?;
        once(&folder.join("node_modules/.installed"), &package, || {
            std::fs::write(folder.join("package.json"), &package)?;
            done(
                Command::new("npm")
                    .args(["install", "--no-audit", "--no-fund", "--silent"])
                    .current_dir(folder),
            )
        })?;
        let venv = folder.join("venv");
        let requirements = script("requirements.txt");
        once(
            &venv.join("installed"),
            &std::fs::read(&requirements)?,
            || {
                done(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
                done(
                    tools
                        .python()
                        .args(["-m", "pip", "install", "--quiet", "-r"])
                        .arg(&requirements),
                )
            },
        )?;
        Ok(tools)
    }

    /// Runs a script of the kit in Python.
    pub(super) fn run(&self, name: &str, arguments: &[&Path]) -> Result<()> {
        done(self.python().arg("-B").arg(script(name)).args(arguments))
    }

    pub(super) fn decrypt_with_jose(&self, file: &Path) -> Result<()> {
        done(
            Command::new("node")
                .env("NODE_PATH", self.folder.join("node_modules"))
                .arg(script("open.mjs"))
                .arg(file),
        )
    }

    pub(super) fn decrypt_with_jwcrypto(&self, file: &Path) -> Result<()> {
        self.run("open.py", &[file])
    }

    fn python(&self) -> Command {
        Command::new(self.folder.join("venv/bin/python"))
    }
}

/// Installs something unless a file says that it was done for what is wanted.
fn once(mark: &Path, wanted: &[u8], install: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::fs::read(mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(std::fs::write(mark, wanted)?)
}

/// Runs a command quietly; what it printed is shown if it fails.
pub(super) fn done(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} cannot be run"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
