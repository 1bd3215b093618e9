//! What OpenAPI allows and this project does not: `cargo xtask lint`.
//!
//! Some rules keep generators from going wrong without a word (two inline responses become one
//! type, a maximum above 2^63-1 stops a compiler); some keep secrets from being printed; the rest
//! keep the description whole: evidence, headers, codes, outcomes, words. Every rule is an error
//! and comes with a hint.
//!
//! Documents are judged as they are written, because the model cannot hold what is wrong with them.
//! What needs all of them together is asked of the [`Spec`].

mod bodies;
mod bounds;
mod components;
mod enums;
mod examples;
mod generated;
mod handwritten;
mod keywords;
mod markdown;
mod openapi;
mod operations;
mod outcomes;
mod scalars;
mod schemas;
mod texts;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::{Result, bail};
use konaplate_spec::Spec;
use serde_json::Value;

use crate::at_root;
use crate::bundle::join;
use crate::bundle::sources::{Source, Sources};
use crate::document;

/// The extensions that are written by hand. `openapi/README.md` documents each.
pub(crate) const EXTENSIONS: [&str; 30] = [
    "x-enum-varnames",
    "x-extensible-enum",
    "x-konaplate-class",
    "x-konaplate-code-name",
    "x-konaplate-codes-complete",
    "x-konaplate-complete",
    "x-konaplate-effect",
    "x-konaplate-encryption",
    "x-konaplate-enum-meanings",
    "x-konaplate-envelope",
    "x-konaplate-evidence",
    "x-konaplate-example",
    "x-konaplate-follow-up",
    "x-konaplate-form",
    "x-konaplate-known-values",
    "x-konaplate-ko",
    "x-konaplate-maximum",
    "x-konaplate-minimum",
    "x-konaplate-not-found",
    "x-konaplate-open-form",
    "x-konaplate-outcome",
    "x-konaplate-paging",
    "x-konaplate-printed",
    "x-konaplate-schema",
    "x-konaplate-sensitive",
    "x-konaplate-source",
    "x-konaplate-text",
    "x-konaplate-title",
    "x-konaplate-unlisted-failures",
    "x-konaplate-versions",
];

/// The extensions that `bundle` makes of others.
const MADE: [&str; 2] = ["x-displayName", "x-enumDescriptions"];

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The document.
    file: String,
    /// Where in it.
    place: String,
    /// What is wrong.
    problem: String,
    /// What to do about it.
    hint: &'static str,
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

/// Prints what is found in `openapi/src`, and fails if it is anything.
pub(crate) fn run() -> Result<()> {
    let findings = of_the_project()?;
    for finding in &findings {
        println!("{finding}\n");
    }
    if findings.is_empty() {
        println!("the description follows the rules");
        return Ok(());
    }
    bail!("{} findings", findings.len());
}

/// What is found in the description, and between it and the sources of the client.
fn of_the_project() -> Result<Vec<Finding>> {
    let sources = Sources::load(&at_root("openapi/src"))?;
    let mut list = lint(&sources);
    if let Ok(spec) = join(&sources).and_then(Spec::from_value) {
        let mut findings = Findings {
            list,
            ..Findings::default()
        };
        WHOLE.clone_into(&mut findings.file);
        handwritten::check(&mut findings, &spec);
        list = findings.list;
    }
    Ok(list)
}

/// Checks all documents. Nothing is found in a description that is fit to be bundled.
fn lint(sources: &Sources) -> Vec<Finding> {
    let mut findings = Findings::default();
    for source in sources.all() {
        findings.file.clone_from(&source.file);
        scalars::check(&mut findings, source);
        texts::check(&mut findings, source);
        keywords::check(&mut findings, &source.document);
        bounds::check(&mut findings, &source.document);
        extensions(&mut findings, "", &source.document);
        for (name, schema) in document::components(&source.document, "schemas") {
            schemas::check(&mut findings, name, schema);
        }
        components::check(&mut findings, &source.document);
        operations::check(&mut findings, source);
    }
    WHOLE.clone_into(&mut findings.file);
    match join(sources) {
        Ok(merged) => whole(&mut findings, merged),
        Err(error) => findings.add(
            error.to_string(),
            "the documents do not fit together",
            "correct this first",
        ),
    }
    for finding in &mut findings.list {
        if finding.file == WHOLE
            && let Some(source) = home(sources, &finding.place)
        {
            finding.file.clone_from(&source.file);
        }
    }
    findings.list.sort();
    findings.list.dedup();
    findings.list
}

/// What findings are about that no one document is at fault for.
const WHOLE: &str = "openapi/src";

/// The document with a place of the whole: an operation by its id, or a component.
fn home<'s>(sources: &'s Sources, place: &str) -> Option<&'s Source> {
    let mut all = sources.all();
    let (kind, rest) = place.split_once('/').unwrap_or((place, ""));
    let of_operation = |source: &&Source| {
        let mut operations = document::operations(&source.document);
        operations.any(|(_, _, operation)| document::text(operation, "operationId") == Some(kind))
    };
    if let Some(source) = sources.all().find(of_operation) {
        return Some(source);
    }
    if kind == "tags" {
        return Some(&sources.root);
    }
    let name = rest.split(['.', '/']).next()?;
    all.find(|source| document::components(&source.document, kind).any(|(other, _)| other == name))
}

/// Rules for which all documents have to be together.
fn whole(findings: &mut Findings, merged: Value) {
    openapi::check(findings, &merged);
    components::check_whole(findings, &merged);
    match Spec::from_value(merged) {
        Ok(spec) => {
            operations::check_whole(findings, &spec);
            outcomes::check(findings, &spec);
            bodies::check(findings, &spec);
            enums::check(findings, &spec);
            examples::check(findings, &spec);
            generated::names(findings, &spec);
            // Of what is not sound by the rules, no code is made.
            if findings.list.is_empty() {
                generated::client(findings, &spec);
            }
        }
        Err(error) => findings.add(
            error.to_string(),
            "the description cannot be read",
            "correct this first",
        ),
    }
}

/// An extension that nobody documented is a typing error, or a convention that nobody can look up.
fn extensions(findings: &mut Findings, place: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                let here = format!("{place}/{name}");
                if MADE.contains(&name.as_str()) {
                    findings.add(
                        &here,
                        "this extension is written by hand",
                        "bundle makes it: of the group's name, or of x-konaplate-enum-meanings",
                    );
                } else if name.starts_with("x-") && !EXTENSIONS.contains(&name.as_str()) {
                    findings.add(
                        &here,
                        "this extension is not known",
                        "openapi/README.md lists them; add it there and in the lint, or correct the name",
                    );
                }
                extensions(findings, &here, member);
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
