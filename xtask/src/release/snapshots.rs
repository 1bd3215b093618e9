//! Snapshots that no test compares with, and those that nobody has reviewed.
//!
//! insta writes down which files its assertions read; what is there beyond them is left over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::nothing_wrong;
use crate::workspace::Workspace;
use crate::{at_root, files, tools};

/// The variable of insta that names the file.
const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let root = at_root(".");
    let modules = modules(&root, &listed(&root, "*.rs")?)?;
    ensure!(
        !modules.is_empty(),
        "no test has snapshots: this step looks for the wrong thing"
    );

    let references = workspace.target.join("snapshots.txt");
    std::fs::write(&references, "")?;
    // The whole workspace, as `cargo test` builds it: nothing is built a second time.
    tools::done(
        tools::cargo()
            .current_dir(&root)
            .args([
                "test",
                "--quiet",
                "--workspace",
                "--lib",
                "--bins",
                "--tests",
                "--",
            ])
            .args(&modules)
            .env(REFERENCES, &references)
            .env("INSTA_UPDATE", "no"),
    )?;
    let used: BTreeSet<PathBuf> = files::read(&references)?
        .lines()
        .map(|line| std::fs::canonicalize(line).with_context(|| line.to_owned()))
        .collect::<Result<_>>()?;

    let kept = listed(&root, "*.snap")?;
    let wrong = left(&root, &kept, &used)?
        .into_iter()
        .map(|file| format!("{file} is compared with by no test: remove it"));
    let pending = ["*.snap.new", "*.pending-snap"].map(|pattern| listed(&root, pattern));
    let mut wrong: Vec<_> = wrong.collect();
    for file in pending.into_iter().collect::<Result<Vec<_>>>()?.concat() {
        wrong.push(format!("{file} was not reviewed: cargo insta review"));
    }
    nothing_wrong(&wrong)?;
    Ok(format!(
        "{} snapshots, each compared with by a test",
        kept.len()
    ))
}

/// The files of the project that have such a name: in git or not, but not what git ignores.
fn listed(root: &Path, pattern: &str) -> Result<Vec<String>> {
    let output = tools::printed(
        Command::new("git")
            .current_dir(root)
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
                "--deduplicate",
                "--",
            ])
            .arg(pattern),
    )?;
    // What git still has and a person has removed is not there.
    let files = output
        .split_terminator('\0')
        .filter(|file| root.join(file).exists());
    Ok(files.map(str::to_owned).collect())
}

/// The modules whose tests compare with snapshots, by their names, with which cargo picks tests.
fn modules(root: &Path, sources: &[String]) -> Result<BTreeSet<String>> {
    // In two parts, so that it does not find itself.
    let marks = ["insta", "::assert_"].concat();
    let mut modules = BTreeSet::new();
    for source in sources {
        if files::read(&root.join(source))?.contains(&marks) {
            let path = Path::new(source);
            let name = path.file_stem().filter(|stem| *stem != "mod");
            let name = name
                .or_else(|| path.parent()?.file_name())
                .with_context(|| source.clone())?;
            modules.insert(format!("{}::", name.to_string_lossy()));
        }
    }
    Ok(modules)
}

/// Those of the files that were not used.
fn left(root: &Path, kept: &[String], used: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for file in kept {
        if !used.contains(&std::fs::canonicalize(root.join(file))?) {
            left.push(file.clone());
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    #[test]
    fn a_snapshot_that_no_test_read_is_left_over() {
        let folder = Folder::new("snapshots");
        let used = folder.with("a__used.snap", b"");
        folder.with("a__left.snap", b"");
        let kept = ["a__left.snap", "a__used.snap"].map(str::to_owned);
        // insta names files by ways that go up and down.
        let used = BTreeSet::from([std::fs::canonicalize(used).unwrap()]);
        assert_eq!(left(folder.path(), &kept, &used).unwrap(), ["a__left.snap"]);
    }

    #[test]
    fn tests_with_snapshots_are_found_by_their_module() {
        let folder = Folder::new("snapshots-modules");
        std::fs::create_dir(folder.path().join("wire")).unwrap();
        let assertion = ["insta", "::assert_snapshot!(\"a\", a);"].concat();
        folder.with("golden.rs", assertion.as_bytes());
        folder.with("wire/mod.rs", assertion.as_bytes());
        folder.with("other.rs", b"assert!(true);");
        let sources = ["golden.rs", "wire/mod.rs", "other.rs"].map(str::to_owned);
        let modules = modules(folder.path(), &sources).unwrap();
        assert_eq!(
            modules.into_iter().collect::<Vec<_>>(),
            ["golden::", "wire::"]
        );
    }
}
