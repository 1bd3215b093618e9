//! Runs the program `konaplate-chaos`. This one does without it: it has the client and the sandbox
//! in it.

use std::process::Command;

use anyhow::{Context, Result};

use crate::at_root;

/// Runs it with these arguments, and ends with its exit code.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(at_root("Cargo.toml"))
        .args(["--package", "konaplate-chaos", "--"])
        .args(arguments)
        .status()
        .context("cargo does not start")?;
    if status.success() {
        return Ok(());
    }
    // None where a signal ended it.
    std::process::exit(status.code().unwrap_or(1))
}
