//! The middleware of another language, which runs the cases itself: `interop/<language>/steps conformance`
//! prints what came of them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::cases::{FILES, Kit};
use super::tally::{Failed, Ran, Tally};
use crate::steps;

/// What a language prints of a file.
#[derive(Debug, Deserialize)]
struct Said {
    passed: usize,
    failed: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    why: String,
}

pub(super) fn run(language: &str, kit: &Kit) -> Result<Ran> {
    let missing = steps::missing(language)?;
    if !missing.is_empty() {
        return Ok(Ran::Missing(missing));
    }
    steps::printed(language, "install", &[])?;
    // A step that counts failures may end with one: the document decides.
    let output = steps::run(language, "conformance", &[])?;
    let said = read(&output.stdout, |file| kit.number(file));
    said.with_context(|| format!("interop/{language}/steps conformance: {}", output.status))
        .map(Ran::Files)
}

/// Reads the document. A file that is not in it, or not with all its cases, has failed.
fn read(document: &[u8], number: impl Fn(&str) -> (usize, usize)) -> Result<Vec<Tally>> {
    let mut said: BTreeMap<String, Said> =
        serde_json::from_slice(document).context("it has to print one JSON document")?;
    let mut files = Vec::new();
    for file in FILES {
        let (least, all) = number(file);
        let of_file = said.remove(file);
        let is_there = of_file.is_some();
        let Said { passed, failed } = of_file.unwrap_or(Said {
            passed: 0,
            failed: Vec::new(),
        });
        let mut tally = Tally {
            file,
            passed,
            failed: failed.into_iter().map(Failed::from).collect(),
        };
        let cases = tally.cases();
        if !is_there || !(least..=all).contains(&cases) {
            tally.failed.push(Failed {
                name: "(all)".to_owned(),
                why: format!("{cases} of {least} cases were run"),
            });
        }
        files.push(tally);
    }
    if let Some(file) = said.keys().next() {
        bail!("{file} is no file of the kit");
    }
    Ok(files)
}

impl From<Case> for Failed {
    fn from(case: Case) -> Self {
        Self {
            name: case.name,
            why: case.why,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn number(file: &str) -> (usize, usize) {
        (2, if file == "signing" { 3 } else { 2 })
    }

    fn document(change: impl Fn(&mut Value)) -> Result<Vec<Tally>> {
        let mut document = json!({});
        for file in FILES {
            document[file] = json!({"passed": 2, "failed": []});
        }
        change(&mut document);
        read(document.to_string().as_bytes(), number)
    }

    fn failed(change: impl Fn(&mut Value)) -> Vec<(&'static str, String)> {
        let files = document(change).unwrap();
        let failed = files.into_iter().flat_map(|tally| {
            let file = tally.file;
            tally.failed.into_iter().map(move |case| (file, case.why))
        });
        failed.collect()
    }

    #[test]
    fn all_files_with_all_cases_are_what_is_expected() {
        assert_eq!(failed(|_| ()), []);
        // The other form of a signature may be run, too.
        assert_eq!(failed(|all| all["signing"]["passed"] = 3.into()), []);
    }

    #[test]
    fn what_was_not_run_has_failed() {
        let why = |cases| format!("{cases} of 2 cases were run");
        let of = |change: fn(&mut Value)| failed(change);
        assert_eq!(
            of(|all| all["responses"]["passed"] = 1.into()),
            [("responses", why(1))]
        );
        assert_eq!(
            of(|all| all["verdicts"]["passed"] = 3.into()),
            [("verdicts", why(3))]
        );
        assert_eq!(
            of(|all| drop(all.as_object_mut().unwrap().remove("envelopes"))),
            [("envelopes", why(0))]
        );
    }

    #[test]
    fn a_case_that_failed_is_named() {
        let case = json!({"passed": 1, "failed": [{"name": "a", "why": "another token"}]});
        let failed = failed(|all| all["signing"] = case.clone());
        assert_eq!(failed, [("signing", "another token".to_owned())]);
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        assert!(read(b"ok\n{}", number).is_err());
        assert!(read(b"", number).is_err());
        assert!(document(|all| all["more"] = all["signing"].clone()).is_err());
    }
}
