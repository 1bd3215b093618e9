//! Whether the public API of the libraries breaks what the version says it keeps, against the newest tag.

use anyhow::{Result, ensure};

use crate::workspace::{PROGRAM, Workspace};
use crate::{at_root, diff, tools};

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let Some(tag) = diff::newest_release()? else {
        return Ok("nothing was released: there is no tag v*, and no API to keep".to_owned());
    };
    let installed = tools::cargo()
        .args(["semver-checks", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let names: Vec<_> = workspace
        .published()
        .map(|package| package.name.as_str())
        .collect();
    let arguments = arguments(&tag, installed, &names)?;
    tools::done(tools::cargo().current_dir(at_root(".")).args(&arguments))?;
    Ok(format!(
        "no break since {tag} that the version does not say"
    ))
}

/// What cargo is told.
fn arguments(tag: &str, installed: bool, published: &[&str]) -> Result<Vec<String>> {
    ensure!(
        installed,
        "the API cannot be compared with {tag}: `cargo install cargo-semver-checks` and try again"
    );
    let mut arguments = vec![
        "semver-checks".to_owned(),
        "--baseline-rev".to_owned(),
        tag.to_owned(),
    ];
    // The library of the program is there for its own tests.
    for name in published.iter().filter(|name| **name != PROGRAM) {
        arguments.extend(["--package".to_owned(), (*name).to_owned()]);
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_compared_with_the_newest_tag() {
        let arguments =
            arguments("v0.1.0", true, &["konaplate", PROGRAM, "konaplate-spec"]).unwrap();
        assert_eq!(
            arguments.join(" "),
            "semver-checks --baseline-rev v0.1.0 --package konaplate --package konaplate-spec"
        );
    }

    #[test]
    fn without_the_tool_nothing_is_said_to_be_kept() {
        let error = arguments("v0.1.0", false, &["konaplate"]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("cargo install cargo-semver-checks"),
            "{error}"
        );
    }
}
