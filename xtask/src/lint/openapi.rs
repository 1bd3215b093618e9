//! The rules of OpenAPI itself, by the schema that its authors publish.
//!
//! The schema is kept beside this file, so that nothing is fetched.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::Findings;
use crate::document::text;

const SCHEMA: &str = include_str!("openapi-3.0.json");

/// Checks the documents as one.
pub(super) fn check(findings: &mut Findings, merged: &Value) {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let schema: Value = serde_json::from_str(SCHEMA).ok()?;
        jsonschema::draft4::new(&schema).ok()
    });
    let Some(validator) = validator else {
        findings.add(
            "xtask/src/lint/openapi-3.0.json",
            "it is no schema",
            "restore it",
        );
        return;
    };
    for error in validator.iter_errors(merged) {
        let mut innermost = Vec::new();
        nearest(&error, "", &mut innermost);
        for (pointer, problem) in innermost {
            findings.add(
                place(merged, &pointer),
                format!("OpenAPI 3.0: {problem}"),
                "the specification of OpenAPI 3.0.3 says what may stand there",
            );
        }
    }
}

/// The errors that say most: of alternatives, those of the one that the value comes nearest to.
fn nearest(error: &ValidationError<'_>, above: &str, found: &mut Vec<(String, String)>) {
    let pointer = error.instance_path().to_string();
    // What is inside alternatives is said from the root as well.
    let pointer = if pointer.starts_with(above) {
        pointer
    } else {
        format!("{above}{pointer}")
    };
    let alternatives = match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context
        }
        _ => {
            found.push((pointer, error.masked_with("the value").to_string()));
            return;
        }
    };
    let depth = |errors: &Vec<ValidationError<'_>>| {
        let lengths = errors
            .iter()
            .map(|error| error.instance_path().to_string().len());
        // A deeper error is one of an alternative that fits above it.
        (lengths.max().unwrap_or_default(), usize::MAX - errors.len())
    };
    match alternatives.iter().max_by_key(|errors| depth(errors)) {
        Some(errors) if !errors.is_empty() => {
            for error in errors {
                nearest(error, &pointer, found);
            }
        }
        _ => found.push((pointer, error.masked_with("the value").to_string())),
    }
}

/// A pointer into the document as a place: `schemas/UserId/minLength`, `get_member/responses/200`.
fn place(merged: &Value, pointer: &str) -> String {
    if let Some(component) = pointer.strip_prefix("/components/") {
        return component.to_owned();
    }
    let mut parts = pointer.splitn(5, '/');
    if let (Some(""), Some("paths"), Some(path), Some(method)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        let operation = merged
            .pointer(&format!("/paths/{path}/{method}"))
            .unwrap_or(&Value::Null);
        if let Some(id) = text(operation, "operationId") {
            let rest = parts.next().map(|rest| format!("/{rest}"));
            return format!("{id}{}", rest.unwrap_or_default());
        }
    }
    pointer.trim_start_matches('/').to_owned()
}
