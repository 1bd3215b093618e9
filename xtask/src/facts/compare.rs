//! Compares operations: what stands beside the fields, and which operations there are.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result, bail};
use konaplate_codegen::Description;
use konaplate_codegen::model;
use serde_json::Value;

use super::described::{follow, printed, properties, word};
use super::fields::Fields;
use super::read::{Group, Known, Operation};
use super::tree::{add_mention, merge};

/// One thing that the facts and the description say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}  {}", self.method, self.path, self.text)
    }
}

/// Everything that differs, in the order of the facts.
pub(super) fn compare(groups: &[Group], description: &Description) -> Result<Vec<Difference>> {
    let described = description
        .operations()
        .context("the description cannot be read; `cargo xtask lint` says more")?;
    let mut seen = BTreeSet::new();
    let mut differences = Vec::new();
    for group in groups {
        for facts in &group.operations {
            let path = slashed(&facts.path);
            if !seen.insert(path.clone()) {
                bail!("{path} is in the facts twice");
            }
            let lines = match described.iter().find(|other| slashed(other.path) == path) {
                Some(operation) => {
                    Comparison::new(description, operation, facts).lines(&group.group)?
                }
                None => vec!["is in the facts and not in the description".to_owned()],
            };
            differences.extend(lines.into_iter().map(|text| Difference {
                method: facts.method.clone(),
                path: path.clone(),
                text,
            }));
        }
    }
    for operation in described {
        if !seen.contains(&slashed(operation.path)) {
            differences.push(Difference {
                method: operation.method,
                path: operation.path.to_owned(),
                text: "is in the description and not in the facts".to_owned(),
            });
        }
    }
    Ok(differences)
}

/// Some pages print a path without its first slash.
fn slashed(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

struct Comparison<'d, 'f> {
    description: &'d Description,
    operation: &'f model::Operation<'d>,
    facts: &'f Operation,
    lines: Vec<String>,
}

impl<'d, 'f> Comparison<'d, 'f> {
    fn new(
        description: &'d Description,
        operation: &'f model::Operation<'d>,
        facts: &'f Operation,
    ) -> Self {
        Self {
            description,
            operation,
            facts,
            lines: Vec::new(),
        }
    }

    fn lines(mut self, group: &str) -> Result<Vec<String>> {
        self.head(group);
        self.bodies()?;
        self.success();
        self.failures();
        Ok(self.lines)
    }

    fn differ(&mut self, key: &str, fact: impl fmt::Display, described: impl fmt::Display) {
        self.lines.push(format!(
            "{key} is {fact} in the facts and {described} in the description"
        ));
    }

    fn same(&mut self, key: &str, fact: &str, described: &str) {
        if fact != described {
            self.differ(key, fact, described);
        }
    }

    fn head(&mut self, group: &str) {
        let (facts, operation) = (self.facts, self.operation);
        if !operation.path.starts_with('/') {
            self.differ("path", &facts.path, operation.path);
        }
        self.same("title", &facts.title, operation.title);
        self.same("method", &facts.method, &operation.method);
        self.same("group", group, operation.group);
        self.same(
            "versions",
            &facts.versions.join(", "),
            &operation.versions.join(", "),
        );
        if let Some(first) = facts.versions.first() {
            self.same("the version that was read", first, operation.version_shown);
        }
        let pages: BTreeSet<&str> = facts.pages.iter().map(String::as_str).collect();
        let source: BTreeSet<&str> = operation.source.iter().copied().collect();
        for page in pages.difference(&source) {
            self.lines.push(format!(
                "page {page} is in the facts and not in the description"
            ));
        }
        for page in source.difference(&pages) {
            self.lines.push(format!(
                "page {page} is in the description and not in the facts"
            ));
        }
        self.same(
            "request_encrypted",
            &flag(facts.request_encrypted),
            operation.request_encrypted.word(),
        );
        self.same(
            "response_encrypted",
            &flag(facts.response_encrypted),
            operation.response_encrypted.word(),
        );
        let length = printed(operation.raw)
            .and_then(|printed| printed.get("X-KM-Tran-Time")?.get("length")?.as_u64());
        let shown = |length: Option<u64>| length.map_or("unknown".to_owned(), |n| n.to_string());
        self.same(
            "the length of X-KM-Tran-Time",
            &shown(facts.tran_time_length.get()),
            &shown(length),
        );
        self.same("evidence", evidence(facts), operation.evidence.word());
        self.same(
            "codes_complete",
            &facts.codes_complete.is_true().to_string(),
            &operation.codes_complete.to_string(),
        );
    }

    fn bodies(&mut self) -> Result<()> {
        let (facts, operation) = (self.facts, self.operation);
        let request = self.description.schema(operation.request)?;
        let response = self.description.schema(operation.response)?;

        // Requests say it either way; answers only where they are open, since all are read tolerantly.
        let whole = facts.request_complete.is_true();
        if request.get("additionalProperties") != Some(&Value::Bool(!whole)) {
            self.differ("the request", whole_or_open(whole), openness(request));
        }
        let whole = facts.response_complete.is_true();
        let closed = matches!(
            response.get("additionalProperties"),
            None | Some(Value::Bool(false))
        );
        if whole != closed || (!whole && response["additionalProperties"] != Value::Bool(true)) {
            self.differ("the response", whole_or_open(whole), openness(response));
        }

        let words = words(self.description, operation, request);
        let mut fields = merge(&facts.request, facts.third_party.request());
        for mention in &facts.request_mentioned_only {
            add_mention(&mut fields, mention);
        }
        let mut compare = Fields {
            description: self.description,
            words: &words,
            lines: &mut self.lines,
        };
        compare.object("request", &fields, request, None, false);
        let fields = merge(&facts.response, facts.third_party.response());
        compare.object("response", &fields, response, None, false);
        Ok(())
    }

    /// Two rows with one message are one outcome for a caller; examples may be more than rows.
    fn success(&mut self) {
        let mut seen: Vec<(&str, &str)> = self
            .facts
            .response_codes
            .iter()
            .filter(|row| row.http == 200)
            .map(|row| (row.code.as_str(), row.text()))
            .collect();
        if seen.is_empty() {
            return;
        }
        let mut described: Vec<(&str, &str)> =
            examples(self.description, &self.operation.raw["responses"]["200"])
                .into_iter()
                .filter_map(|value| {
                    let response = value.get("response")?;
                    Some((word(response, "code")?, word(response, "description")?))
                })
                .collect();
        seen.dedup();
        described.dedup();
        self.rows("success", &seen, &described);
    }

    fn failures(&mut self) {
        let rows = || {
            self.facts
                .response_codes
                .iter()
                .filter(|row| row.http != 200)
        };
        let strange: Vec<String> = rows()
            .filter(|row| row.http != 400)
            .map(|row| {
                format!(
                    "code {}: http is {} in the facts and 400 in the description",
                    row.code, row.http
                )
            })
            .collect();
        let seen: Vec<(&str, &str)> = rows().map(|row| (row.code.as_str(), row.text())).collect();
        let described: Vec<(&str, &str)> = self
            .operation
            .failures
            .iter()
            .map(|failure| (failure.code, failure.message))
            .collect();
        self.lines.extend(strange);
        self.rows("code", &seen, &described);
    }

    /// Rows of codes and messages: each once on both sides, and in one order.
    fn rows(&mut self, what: &str, seen: &[(&str, &str)], described: &[(&str, &str)]) {
        let missing = without(seen, described);
        let surplus = without(described, seen);
        for (rows, problem) in [
            (&missing, "is in the facts and not in the description"),
            (&surplus, "is in the description and not in the facts"),
        ] {
            for (code, message) in rows {
                self.lines
                    .push(format!("{what} {code} {message:?} {problem}"));
            }
        }
        if missing.is_empty() && surplus.is_empty() && seen != described {
            let codes = |rows: &[(&str, &str)]| {
                let codes: Vec<&str> = rows.iter().map(|(code, _)| *code).collect();
                codes.join(", ")
            };
            self.differ(
                &format!("the order of {what} rows"),
                codes(seen),
                codes(described),
            );
        }
    }
}

/// What is in one list and not in the other, each as often as it is too many.
fn without<'a>(list: &[(&'a str, &'a str)], other: &[(&str, &str)]) -> Vec<(&'a str, &'a str)> {
    let mut other = other.to_vec();
    list.iter()
        .copied()
        .filter(|row| match other.iter().position(|same| same == row) {
            Some(index) => {
                other.swap_remove(index);
                false
            }
            None => true,
        })
        .collect()
}

fn flag(flag: Known<bool>) -> String {
    flag.get()
        .map_or("unknown".to_owned(), |flag| flag.to_string())
}

fn evidence(facts: &Operation) -> &'static str {
    let seed = facts
        .source
        .as_deref()
        .is_some_and(|source| source.starts_with("seed"));
    let whole = [
        facts.request_complete,
        facts.response_complete,
        facts.codes_complete,
    ]
    .iter()
    .all(|part| part.is_true());
    match (seed, whole) {
        (true, _) => "seed",
        (false, true) => "page",
        (false, false) => "partial",
    }
}

fn whole_or_open(whole: bool) -> &'static str {
    if whole { "whole" } else { "open" }
}

fn openness(schema: &Value) -> &'static str {
    match schema.get("additionalProperties") {
        Some(Value::Bool(true)) => "open",
        Some(Value::Bool(false)) => "whole",
        _ => "without additionalProperties",
    }
}

/// The values of a response's examples, in order.
fn examples<'d>(description: &'d Description, response: &'d Value) -> Vec<&'d Value> {
    follow(description, response)
        .pointer("/content/application~1json/examples")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(_, example)| follow(description, example).get("value"))
        .collect()
}

/// Everything that the description says in words of a request.
fn words(description: &Description, operation: &model::Operation<'_>, request: &Value) -> String {
    fn object(description: &Description, schema: &Value, depth: u8, into: &mut Vec<String>) {
        texts(schema, into);
        if depth == 0 {
            return;
        }
        for (_, field) in properties(description, schema, None) {
            texts(field.property, into);
            texts(field.schema, into);
            if let Some(schema) = field.object(description) {
                object(description, schema, depth - 1, into);
            }
        }
    }
    fn texts(value: &Value, into: &mut Vec<String>) {
        into.extend(word(value, "description").map(str::to_owned));
        into.extend(printed(value).map(Value::to_string));
    }
    let mut into = Vec::new();
    texts(operation.raw, &mut into);
    object(description, request, 8, &mut into);
    into.join("\n")
}

#[cfg(test)]
mod tests;
