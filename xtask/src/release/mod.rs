//! What has to hold before a release: named steps, and a table of what each found.
//!
//! A person releases: sets a tag `v*` and publishes, by CONTRIBUTING.md and cli/packaging/README.md. Nothing here
//! changes anything but files below `target`.

mod changelog;
mod deny;
mod docs;
mod licences;
mod packages;
mod semver;
mod snapshots;
mod versions;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{at_root, sbom};

/// A step: what it is called, and what it does. It returns what it found.
type Step = (&'static str, fn(&Workspace) -> Result<String>);

/// The quick ones first.
const STEPS: [Step; 9] = [
    ("versions", versions::run),
    ("changelog", changelog::run),
    ("licences", licences::run),
    ("deny", deny::run),
    ("semver", semver::run),
    ("sbom", bill),
    ("snapshots", snapshots::run),
    ("documentation", docs::run),
    ("packages", packages::run),
];

/// What came of a step.
struct Row {
    step: &'static str,
    found: Result<String>,
    took: Duration,
}

/// Takes these steps, or all, and prints a table. A step that fails does not keep the others from being taken.
///
/// # Errors
/// One failed.
pub(crate) fn run(names: &[String]) -> Result<()> {
    let chosen = chosen(names)?;
    let workspace = Workspace::read(&at_root("."))?;
    let mut rows = Vec::new();
    for (step, take) in chosen {
        eprintln!("== {step}");
        let started = Instant::now();
        let found = take(&workspace);
        if let Err(error) = &found {
            eprintln!("{step}: {error:#}");
        }
        rows.push(Row {
            step,
            found,
            took: started.elapsed(),
        });
    }
    let (table, failed) = table(&rows);
    print!("{table}");
    ensure!(failed == 0, "{failed} of {} steps failed", rows.len());
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<Step>> {
    let all = || STEPS.iter().map(|(name, _)| *name);
    if let Some(name) = names.iter().find(|name| !all().any(|step| step == **name)) {
        let all: Vec<_> = all().collect();
        bail!("{name} is no step: {}", all.join(", "));
    }
    let wanted = |(name, _): &Step| names.is_empty() || names.iter().any(|wanted| wanted == name);
    Ok(STEPS.into_iter().filter(wanted).collect())
}

/// The table, what the failed steps say below it, and how many these are.
fn table(rows: &[Row]) -> (String, usize) {
    let (mut text, mut notes, mut failed) = (String::new(), String::new(), 0);
    // Writing to a string does not fail.
    let _ = writeln!(text, "| step | found | s |\n|---|---|---:|");
    for Row { step, found, took } in rows {
        let found = match found {
            Ok(found) => found.as_str(),
            Err(error) => {
                let _ = writeln!(notes, "\n{step}: {error:#}");
                failed += 1;
                "**failed**"
            }
        };
        let seconds = took.as_secs_f64();
        let _ = writeln!(text, "| {step} | {found} | {seconds:.1} |");
    }
    text.push_str(&notes);
    (text, failed)
}

/// Makes the bill of materials of the program, and checks it.
fn bill(workspace: &Workspace) -> Result<String> {
    let (file, packages) = sbom::write(workspace)?;
    sbom::check(&file)?;
    let file = file.strip_prefix(at_root(".")).unwrap_or(&file);
    Ok(format!(
        "{}: {packages} packages, CycloneDX 1.5 by its schema",
        file.display()
    ))
}

/// Joins what is wrong into one error; none where nothing is.
fn nothing_wrong(wrong: &[String]) -> Result<()> {
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_failed_is_in_the_table_and_says_why_below_it() {
        let row = |step, found| Row {
            step,
            found,
            took: Duration::ZERO,
        };
        let rows = [
            row("versions", Ok("all are 1.0.0".to_owned())),
            row("changelog", Err(anyhow::anyhow!("no entry"))),
        ];
        let (text, failed) = table(&rows);
        assert_eq!(failed, 1);
        assert!(
            text.contains("| versions | all are 1.0.0 | 0.0 |"),
            "{text}"
        );
        assert!(text.contains("| changelog | **failed** | 0.0 |"), "{text}");
        assert!(text.ends_with("\nchangelog: no entry\n"), "{text}");
    }

    #[test]
    fn steps_are_chosen_by_name_and_keep_their_order() {
        let names = |names: &[&str]| -> Result<Vec<&str>> {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            Ok(chosen(&names)?.into_iter().map(|(name, _)| name).collect())
        };
        assert_eq!(names(&["deny", "versions"]).unwrap(), ["versions", "deny"]);
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        let error = names(&["version"]).unwrap_err().to_string();
        assert!(error.contains("versions, changelog"), "{error}");
    }
}
