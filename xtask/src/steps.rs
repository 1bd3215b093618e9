//! What clients of other languages can do, each through one script: `interop/<language>/steps`.
//!
//! `need`, `install`, `generate`, `check`, `test`, `scenario gateway|middleware`, `conformance`: what each of
//! them does is the same everywhere, so that nothing here knows a language's tools.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

use crate::at_root;

/// Every language, by its folder in `interop`.
pub(crate) fn languages() -> [&'static str; 5] {
    ["typescript", "python", "java", "kotlin", "go"]
}

/// What a language lacks on this machine, a line each: nothing where all its steps can run.
///
/// # Errors
/// The script cannot be run.
pub(crate) fn missing(language: &str) -> Result<Vec<String>> {
    missing_in(&folder(language))
}

/// Runs a step, with its arguments behind it (`scenario gateway`) and these variables. What it prints on
/// standard output is kept; what it says on standard error is shown as it comes.
///
/// # Errors
/// The step cannot be run. That it fails is in the status.
pub(crate) fn run(language: &str, step: &str, env: &[(&str, &str)]) -> Result<Output> {
    run_in(&folder(language), step, env)
}

/// What a step printed, if it ended well.
///
/// # Errors
/// It cannot be run, or failed.
pub(crate) fn printed(language: &str, step: &str, env: &[(&str, &str)]) -> Result<Vec<u8>> {
    let output = run(language, step, env)?;
    ensure!(
        output.status.success(),
        "interop/{language}/steps {step}: {}",
        output.status
    );
    Ok(output.stdout)
}

fn folder(language: &str) -> PathBuf {
    at_root("interop").join(language)
}

fn run_in(folder: &Path, step: &str, env: &[(&str, &str)]) -> Result<Output> {
    let script = folder.join("steps");
    Command::new("bash")
        .arg(&script)
        .args(step.split_whitespace())
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("bash {} {step} cannot be run", script.display()))
}

fn missing_in(folder: &Path) -> Result<Vec<String>> {
    if !folder.join("steps").exists() {
        return Ok(vec!["the script `steps` is not there".to_owned()]);
    }
    let output = run_in(folder, "need", &[])?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        lines.push(format!("`steps need` does not say what: {}", output.status));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    #[test]
    fn a_step_gets_its_arguments_and_variables_and_what_it_prints_is_kept() {
        let folder = Folder::new("steps");
        folder.with("steps", br#"echo "$1|$2|$GREETING"; exit 3"#);
        let output = run_in(folder.path(), "scenario gateway", &[("GREETING", "hello")]).unwrap();
        assert_eq!(output.stdout, b"scenario|gateway|hello\n");
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn what_is_missing_is_what_the_step_need_says() {
        let folder = Folder::new("steps-need");
        let script = |text: &str| {
            folder.with("steps", text.as_bytes());
            missing_in(folder.path()).unwrap()
        };
        assert_eq!(script("exit 0"), [""; 0]);
        assert_eq!(
            script("echo go 1.26; echo java 17; exit 1"),
            ["go 1.26", "java 17"]
        );
        assert_eq!(
            script("exit 4").len(),
            1,
            "something is missing all the same"
        );
    }

    #[test]
    fn a_language_without_a_script_is_missing() {
        let folder = Folder::new("steps-none");
        assert_eq!(missing_in(folder.path()).unwrap().len(), 1);
    }
}
