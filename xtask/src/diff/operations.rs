//! What only this project's own marks say of operations, and the codes.

use std::collections::BTreeSet;

use anyhow::Result;
use konaplate_codegen::Description;
use konaplate_codegen::generate::codes::by_code;
use konaplate_codegen::model::Operation;
use serde_json::Value;

use super::{Changes, Class};

pub(super) fn compare(changes: &mut Changes, old: &Description, new: &Description) -> Result<()> {
    let others = new.operations()?;
    for operation in old.operations()? {
        // That an operation is gone, or is new, is drift's finding.
        let same = |other: &&Operation<'_>| {
            other.path == operation.path && other.method == operation.method
        };
        if let Some(other) = others.iter().find(same) {
            marks(changes, &operation, other);
            documentation(changes, &operation, other);
        }
    }
    codes(changes, old, new)
}

fn marks(changes: &mut Changes, old: &Operation<'_>, new: &Operation<'_>) {
    let place = place(new);
    for (mark, was, is) in [
        ("operationId", old.id, new.id),
        ("group", old.group, new.group),
        ("request schema", old.request, new.request),
        ("answer schema", old.response, new.response),
        (
            "request encryption",
            old.request_encrypted.word(),
            new.request_encrypted.word(),
        ),
        (
            "answer encryption",
            old.response_encrypted.word(),
            new.response_encrypted.word(),
        ),
        ("effect", old.effect.word(), new.effect.word()),
    ] {
        if was != is {
            changes.add(
                Class::Breaking,
                &place,
                format!("{mark} was {was} and is {is}"),
            );
        }
    }
    match (old.reconcile, new.reconcile) {
        (Some(was), None) => changes.add(
            Class::Breaking,
            &place,
            format!("the operation that tells the outcome was {was} and is not known any more"),
        ),
        (was, Some(is)) if was != Some(is) => changes.add(
            Class::Compatible,
            &place,
            format!("the operation that tells the outcome is now {is}"),
        ),
        _ => {}
    }
    let rows = |operation: &Operation<'_>| -> BTreeSet<(String, String)> {
        let failures = operation.failures.iter();
        failures
            .map(|row| (row.code.to_owned(), row.message.to_owned()))
            .collect()
    };
    let (was, is) = (rows(old), rows(new));
    for (code, message) in is.difference(&was) {
        changes.add(
            Class::Compatible,
            &place,
            format!("4XX lists {code} {message:?}"),
        );
    }
    for (code, message) in was.difference(&is) {
        let text = format!("4XX does not list {code} {message:?} any more");
        changes.add(Class::Compatible, &place, text);
    }
}

/// What no generated code depends on.
fn documentation(changes: &mut Changes, old: &Operation<'_>, new: &Operation<'_>) {
    if old.evidence != new.evidence {
        changes.add(
            Class::Trivial,
            place(new),
            format!("evidence was {} and is {}", old.evidence, new.evidence),
        );
    }
    let mut changed: Vec<&str> = [
        "summary",
        "description",
        "x-konaplate-title",
        "x-konaplate-source",
        "x-konaplate-versions",
        "x-konaplate-codes-complete",
        "x-konaplate-unlisted-failures",
        "x-konaplate-printed",
    ]
    .into_iter()
    .filter(|key| old.raw.get(key) != new.raw.get(key))
    .collect();
    for (name, pointer) in [
        (
            "request examples",
            "/requestBody/content/application~1json/examples",
        ),
        (
            "answer examples",
            "/responses/200/content/application~1json/examples",
        ),
    ] {
        if old.raw.pointer(pointer).map(Value::to_string)
            != new.raw.pointer(pointer).map(Value::to_string)
        {
            changed.push(name);
        }
    }
    if !changed.is_empty() {
        changes.add(
            Class::Trivial,
            place(new),
            format!("documentation changed: {}", changed.join(", ")),
        );
    }
}

fn place(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// The codes by their names in clients.
fn codes(changes: &mut Changes, old: &Description, new: &Description) -> Result<()> {
    let (was, is) = (by_code(old)?, by_code(new)?);
    for code in &was {
        let place = format!("code {}", code.code);
        let Some(other) = is.iter().find(|other| other.code == code.code) else {
            changes.add(Class::Breaking, place, format!("{} was removed", code.name));
            continue;
        };
        if code.name != other.name {
            changes.add(
                Class::Breaking,
                &place,
                format!("its name was {} and is {}", code.name, other.name),
            );
        }
        if code.examples != other.examples {
            changes.add(Class::Trivial, place, "its messages or meanings changed");
        }
    }
    for code in is {
        if was.iter().all(|other| other.code != code.code) {
            changes.add(
                Class::Compatible,
                format!("code {}", code.code),
                format!("{} was added", code.name),
            );
        }
    }
    Ok(())
}
