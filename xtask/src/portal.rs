//! The portal in a browser: `portal/browser`, against a sandbox and the site of files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::program::{self, Listening};
use crate::{at_root, files, site, tools};

/// The tests.
const SOURCES: &str = "portal/browser";

/// Where they are installed, and run.
const FOLDER: &str = "target/portal/browser";

/// Where pictures go.
const SCREENSHOTS: &str = "target/portal/screenshots";

/// The variable that names a browser.
const CHROMIUM: &str = "CHROMIUM";

/// How many files of tests run at once.
const WORKERS: &str = "--test-concurrency=2";

/// Starts a sandbox, writes the site of files, and runs the tests against both.
///
/// # Errors
/// A test failed. On CI (the variable `CI` is set) nothing may be missing either.
pub(crate) fn run(screenshots: bool) -> Result<()> {
    let Some(browser) = browser() else {
        return missing(
            "Chromium: install it (Debian: chromium, and fonts-noto-cjk for Korean), or name it with CHROMIUM",
        );
    };
    if !starts("node") || !starts("npm") {
        return missing("Node 20.12 or newer, with npm");
    }
    let program = program::built(false)?;
    site::run(false)?;
    let folder = at_root(FOLDER);
    install(&folder)?;

    let arguments = ["sandbox", "--listen", "127.0.0.1:0"];
    let sandbox = Listening::start(&program, &arguments, None::<(&str, &str)>)?;
    let mut command = Command::new("node");
    command
        .current_dir(&folder)
        .args(["--test", "--test-reporter=spec", WORKERS])
        .args(tests(&folder)?)
        .env("BASE_URL", sandbox.url())
        .env("SITE", at_root(site::FOLDER))
        .env(CHROMIUM, browser);
    if screenshots {
        command.env("SCREENSHOTS", at_root(SCREENSHOTS));
    }
    let status = command.stdin(Stdio::null()).status()?;
    ensure!(status.success(), "{SOURCES}: {status}");
    if screenshots {
        println!("{SCREENSHOTS}");
    }
    Ok(())
}

/// Says what is missing, which on CI is a failure.
fn missing(what: &str) -> Result<()> {
    if std::env::var_os("CI").is_some() {
        bail!("missing: {what}");
    }
    eprintln!("the portal is not tested in a browser, since this is missing: {what}");
    Ok(())
}

/// A browser, if there is one: the one that is named, the system's, or one of the path.
fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(CHROMIUM) {
        return Some(named.into());
    }
    let usual = PathBuf::from("/usr/bin/chromium");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path)
        .map(|folder| folder.join(format!("chromium{}", std::env::consts::EXE_SUFFIX)));
    std::iter::once(usual)
        .chain(others)
        .find(|file| file.is_file())
}

/// Whether a program can be run.
fn starts(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Installs what the tests use if that is other than before, and copies the tests.
fn install(folder: &Path) -> Result<()> {
    let sources = at_root(SOURCES);
    let lock = files::read(&sources.join("package-lock.json"))?;
    tools::once(folder, &lock, || {
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(name), folder.join(name)).context(name)?;
        }
        tools::done(Command::new("npm").current_dir(folder).args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]))
    })?;
    for part in ["src", "test"] {
        // What was deleted must not be run again.
        let there = folder.join(part);
        if there.exists() {
            std::fs::remove_dir_all(&there)?;
        }
        copy(&sources.join(part), &there)?;
    }
    Ok(())
}

/// Copies a folder with what is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let entries = std::fs::read_dir(from).with_context(|| from.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            std::fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

/// The files of tests, in an order of their own: the longest first, so that none runs alone at the end.
fn tests(folder: &Path) -> Result<Vec<OsString>> {
    const LONGEST: [&str; 3] = ["state", "accessibility", "operations"];
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.join("test"))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(".test.js") {
            names.push(name);
        }
    }
    ensure!(!names.is_empty(), "{SOURCES}: no tests");
    names.sort_by_key(|name| {
        let name = name.to_string_lossy();
        let place = LONGEST.iter().position(|long| name.starts_with(long));
        (place.unwrap_or(LONGEST.len()), name.into_owned())
    });
    let place = |name| Path::new("test").join(name).into_os_string();
    Ok(names.into_iter().map(place).collect())
}
