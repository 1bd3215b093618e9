//! What OpenAPI allows and this project does not.
//!
//! Some rules keep progenitor from going wrong without a word (two inline responses become one
//! type, `number` becomes a float); some keep secrets from being printed; the rest keep the
//! description whole: evidence, headers, codes. Every rule is an error and comes with a hint.

mod bodies;
mod operations;
mod schemas;
mod texts;

use std::fmt;

use serde_json::Value;

use crate::bundle::{Source, Sources, bundle};
use crate::description::{Description, entries};
use crate::error::Error;

/// The extensions that `openapi/README.md` documents.
pub const EXTENSIONS: [&str; 19] = [
    "x-enum-varnames",
    "x-konaplate-class",
    "x-konaplate-code-name",
    "x-konaplate-codes-complete",
    "x-konaplate-effect",
    "x-konaplate-encryption",
    "x-konaplate-enum-meanings",
    "x-konaplate-evidence",
    "x-konaplate-form",
    "x-konaplate-known-values",
    "x-konaplate-ko",
    "x-konaplate-not-found",
    "x-konaplate-printed",
    "x-konaplate-reconcile",
    "x-konaplate-sensitive",
    "x-konaplate-source",
    "x-konaplate-title",
    "x-konaplate-unlisted-failures",
    "x-konaplate-versions",
];

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The document.
    pub file: String,
    /// Where in it.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}\n  hint: {}",
            self.file, self.place, self.problem, self.hint
        )
    }
}

/// Checks all documents. Nothing is found in a description that is fit to be bundled.
#[must_use]
pub fn lint(sources: &Sources) -> Vec<Finding> {
    let mut findings = Findings::default();
    for source in sources.all() {
        findings.file = source.file.clone();
        texts::check(&mut findings, source);
        extensions(&mut findings, "", &source.document);
        for (name, schema) in components(source, "schemas") {
            schemas::check(&mut findings, name, schema);
        }
        operations::check(&mut findings, source);
    }
    findings.file = "common.yaml".to_owned();
    match bundle(sources) {
        Ok(description) => {
            if let Err(error) = whole(&mut findings, &description) {
                findings.add(
                    error.to_string(),
                    "the description cannot be read",
                    "mend this first",
                );
            }
        }
        Err(error) => findings.add(
            error.to_string(),
            "the documents do not fit together",
            "mend this first",
        ),
    }
    findings.list.sort();
    findings.list.dedup();
    findings.list
}

/// Rules about the bundle as a whole.
fn whole(findings: &mut Findings, description: &Description) -> Result<(), Error> {
    findings.file = "openapi/src".to_owned();
    operations::check_whole(findings, description)?;
    bodies::check(findings, description)
}

fn components<'s>(source: &'s Source, kind: &'s str) -> impl Iterator<Item = (&'s str, &'s Value)> {
    source
        .document
        .get("components")
        .into_iter()
        .flat_map(move |components| entries(components, kind))
}

/// An extension that nobody documented is a typing error, or a convention that nobody can look up.
fn extensions(findings: &mut Findings, place: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                if name.starts_with("x-") && !EXTENSIONS.contains(&name.as_str()) {
                    findings.add(
                        format!("{place}/{name}"),
                        "this extension is not known",
                        "openapi/README.md lists them; add it there and in the lint, or correct the name",
                    );
                }
                extensions(findings, &format!("{place}/{name}"), member);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                extensions(findings, &format!("{place}/{index}"), item);
            }
        }
        _ => {}
    }
}

/// Collects findings about one document.
#[derive(Debug, Default)]
struct Findings {
    file: String,
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, place: impl Into<String>, problem: impl Into<String>, hint: &'static str) {
        self.list.push(Finding {
            file: self.file.clone(),
            place: place.into(),
            problem: problem.into(),
            hint,
        });
    }

    fn require(
        &mut self,
        holds: bool,
        place: impl Into<String>,
        problem: impl Into<String>,
        hint: &'static str,
    ) {
        if !holds {
            self.add(place, problem, hint);
        }
    }
}
