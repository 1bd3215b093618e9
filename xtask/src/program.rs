//! The program `konaplate`, run beside this one.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{at_root, files};

/// The variable that names another program than the one that is built here.
pub(crate) const PROGRAM: &str = "KONAPLATE_PROGRAM";

/// Where the program is: it is built if no other one is named, and optimized where that matters.
///
/// # Errors
/// It does not build.
pub(crate) fn built(optimized: bool) -> Result<PathBuf> {
    if let Some(program) = std::env::var_os(PROGRAM) {
        return Ok(std::path::absolute(program)?);
    }
    let status = Command::new(env!("CARGO"))
        .current_dir(at_root("."))
        .args(["build", "--quiet", "--package", "konaplate-cli"])
        .args(optimized.then_some("--release"))
        .status()?;
    ensure!(status.success(), "konaplate-cli does not build: {status}");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| at_root("target"), PathBuf::from);
    let name = format!("konaplate{}", std::env::consts::EXE_SUFFIX);
    let profile = if optimized { "release" } else { "debug" };
    Ok(std::path::absolute(target.join(profile).join(name))?)
}

/// A file of variables, `NAME=value` a line, as the sandbox writes it.
pub(crate) struct Variables(String);

impl Variables {
    fn read(file: &Path) -> Result<Self> {
        Ok(Self(files::read(file)?))
    }

    /// Names and values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once('='))
    }
}

/// A sandbox, and the variables that it hands out in a file of that folder.
///
/// # Errors
/// It does not start.
pub(crate) fn sandbox(program: &Path, folder: &Path) -> Result<(Listening, Variables)> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("sandbox.env");
    let name = file
        .to_str()
        .context("the path of the project is no text")?;
    let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--env-file", name];
    let listening = Listening::start(program, &arguments, None::<(&str, &str)>)?;
    // It is written before anybody can know that the sandbox listens.
    Ok((listening, Variables::read(&file)?))
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
        env: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .envs(env)
            .env("NO_PROXY", "127.0.0.1")
            // It would log every call. Why it ends, it says in any case.
            .env("RUST_LOG", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
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

    /// The number of its process.
    #[cfg(feature = "load")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
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
