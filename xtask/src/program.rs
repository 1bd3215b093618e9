//! The program `konaplate`, run beside this one.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::at_root;

/// The variable that names another program than the one that is built here.
pub(crate) const PROGRAM: &str = "KONAPLATE_PROGRAM";

/// Where the program is: it is built if no other one is named.
///
/// # Errors
/// It does not build.
pub(crate) fn built() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os(PROGRAM) {
        return Ok(std::path::absolute(program)?);
    }
    let status = Command::new(env!("CARGO"))
        .current_dir(at_root("."))
        .args(["build", "--quiet", "--package", "konaplate-cli"])
        .status()?;
    ensure!(status.success(), "konaplate-cli does not build: {status}");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at_root("target"), PathBuf::from);
    let name = format!("konaplate{}", std::env::consts::EXE_SUFFIX);
    Ok(std::path::absolute(target.join("debug").join(name))?)
}

/// The program, listening. It ends with this value.
#[derive(Debug)]
pub(crate) struct Listening {
    child: Child,
    url: String,
}

impl Listening {
    /// Starts it, and waits until it says where it listens.
    ///
    /// # Errors
    /// It ends before.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        env: &[(&str, String)],
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .envs(env.iter().map(|(name, value)| (name, value.as_str())))
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It logs every call.
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be run", program.display()))?;
        let output = child.stdout.take().context("its output")?;
        let mut started = Self {
            child,
            url: String::new(),
        };
        for line in BufReader::new(output).lines() {
            if let Some(url) = line?.strip_prefix("listening on ") {
                url.clone_into(&mut started.url);
                return Ok(started);
            }
        }
        anyhow::bail!(
            "konaplate {} ended: {}",
            arguments.join(" "),
            started.child.wait()?
        )
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
