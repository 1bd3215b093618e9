//! Operations, their groups, and codes.

use std::collections::BTreeSet;

use konaplate_spec::{Code, CompletedBy, Inquiry, Operation, Outcome, Spec};

use super::change::{Changes, Class};

pub(super) fn compare(changes: &mut Changes, old: &Spec, new: &Spec) {
    for operation in old.operations() {
        match same(new, operation) {
            Some(other) => one(changes, operation, other),
            None => changes.add(Class::ALL, &operation.id, "the operation was removed"),
        }
    }
    for operation in new.operations() {
        if same(old, operation).is_none() {
            let text = format!(
                "the operation was added: {} {}",
                operation.method, operation.path
            );
            changes.add(Class::Additive, &operation.id, text);
        }
    }
    codes(changes, old, new);
    groups(changes, old, new);
    let ids = |spec: &Spec| -> Vec<String> {
        let operations = spec.operations().iter();
        operations.map(|operation| operation.id.clone()).collect()
    };
    changes.order("operations", &ids(old), &ids(new));
    let names = |spec: &Spec| -> Vec<String> {
        let groups = spec.groups().iter();
        groups.map(|group| group.name.clone()).collect()
    };
    changes.order("groups", &names(old), &names(new));
}

/// The same operation has the same path, or else the same id.
fn same<'s>(spec: &'s Spec, operation: &Operation) -> Option<&'s Operation> {
    let all = spec.operations();
    all.iter()
        .find(|other| other.path == operation.path && other.method == operation.method)
        .or_else(|| all.iter().find(|other| other.id == operation.id))
}

/// The operations that both have.
pub(super) fn pairs<'s>(
    old: &'s Spec,
    new: &'s Spec,
) -> impl Iterator<Item = (&'s Operation, &'s Operation)> {
    let operations = old.operations().iter();
    operations.filter_map(|operation| Some((operation, same(new, operation)?)))
}

fn one(changes: &mut Changes, old: &Operation, new: &Operation) {
    let place = &new.id;
    changes.value(Class::TYPES, place, "operationId", &old.id, &new.id);
    changes.value(Class::PATHS, place, "path", &old.path, &new.path);
    changes.value(Class::ALL, place, "method", &old.method, &new.method);
    changes.value(Class::TYPES, place, "group", &old.group, &new.group);
    changes.value(Class::RUST, place, "effect", &old.effect, &new.effect);
    for (side, was, is) in [
        ("request", &old.request, &new.request),
        ("response", &old.response, &new.response),
    ] {
        let what = format!("schema of the {side}");
        changes.value(Class::TYPES, place, &what, &was.schema, &is.schema);
    }
    for (side, was, is) in [
        ("request", old.encryption.request, new.encryption.request),
        ("response", old.encryption.response, new.encryption.response),
    ] {
        let what = format!("encryption of the {side}");
        changes.value(Class::WIRE, place, &what, &was, &is);
    }
    follow_up(changes, old, new);
    outcome(changes, place, old.outcome.as_ref(), new.outcome.as_ref());
    match (&old.paging, &new.paging) {
        (None, Some(_)) => changes.add(Class::Additive, place, "is read page by page now"),
        (Some(_), None) => changes.add(Class::RUST, place, "is not read page by page any more"),
        (was, is) if was != is => changes.add(Class::RUST, place, "its paging changed"),
        _ => {}
    }
    failures(changes, old, new);
    texts(changes, old, new);
}

fn follow_up(changes: &mut Changes, old: &Operation, new: &Operation) {
    let (was, is) = (old.follow_up.as_ref(), new.follow_up.as_ref());
    changes.option(known(was), &new.id, "follow-up", was, is);
}

/// What was not known before takes nothing away.
fn known<T>(was: Option<&T>) -> Class {
    match was {
        None => Class::Additive,
        Some(_) => Class::RUST,
    }
}

fn outcome(changes: &mut Changes, place: &str, old: Option<&Outcome>, new: Option<&Outcome>) {
    let (Some(old), Some(new)) = (old, new) else {
        // That one of them has none is a change of the effect.
        return;
    };
    let completed_by = |outcome: &Outcome| match &outcome.completed_by {
        CompletedBy::Platform => "the platform".to_owned(),
        CompletedBy::Member { acts_with } => format!("the member with {acts_with}"),
    };
    let (was, is) = (completed_by(old), completed_by(new));
    changes.value(Class::RUST, place, "outcome: completed by", &was, &is);
    for (what, was, is) in [
        ("reference", &old.reference, &new.reference),
        ("pending", &old.response.pending, &new.response.pending),
        ("result", &old.response.result, &new.response.result),
        ("cancel", &old.cancel, &new.cancel),
    ] {
        let what = format!("outcome: {what}");
        changes.option(known(was.as_ref()), place, &what, was.as_ref(), is.as_ref());
    }
    match (&old.inquiry, &new.inquiry) {
        (Some(was), None) => {
            let text = format!(
                "outcome: {} was its inquiry, and there is none any more",
                was.operation
            );
            changes.add(Class::RUST, place, text);
        }
        (None, Some(is)) => {
            let text = format!("outcome: {} is its inquiry now", is.operation);
            changes.add(Class::Additive, place, text);
        }
        (Some(was), Some(is)) => inquiry(changes, place, was, is),
        (None, None) => {}
    }
    proofs(changes, place, old, new);
    let codes = |outcome: &Outcome| -> Vec<String> {
        let proofs = outcome.proofs.iter();
        proofs.map(|proof| proof.code.clone()).collect()
    };
    changes.order_at(place, "what codes prove", &codes(old), &codes(new));
    if (&old.hint, &old.hint_ko) != (&new.hint, &new.hint_ko) {
        changes.add(Class::Text, place, "outcome: the hint changed");
    }
}

/// What a code proves decides what a program says of the money.
fn proofs(changes: &mut Changes, place: &str, old: &Outcome, new: &Outcome) {
    for proof in &new.proofs {
        let (code, is) = (&proof.code, proof.proves);
        let before = old.proofs.iter().find(|other| other.code == *code);
        match before.map(|before| before.proves) {
            Some(was) if was == is => {
                if before.is_some_and(|before| before.reason != proof.reason) {
                    let text = format!("outcome: the reason why {code} proves {is} changed");
                    changes.add(Class::Text, place, text);
                }
            }
            Some(was) => {
                let text = format!("outcome: {code} proved {was} and proves {is}");
                changes.add(Class::RUST, place, text);
            }
            None => {
                let text = format!("outcome: {code} proves {is}");
                changes.add(Class::Additive, place, text);
            }
        }
    }
    for proof in &old.proofs {
        if !new.proofs.iter().any(|other| other.code == proof.code) {
            let text = format!(
                "outcome: {} proved {} and proves nothing any more",
                proof.code, proof.proves
            );
            changes.add(Class::RUST, place, text);
        }
    }
}

fn inquiry(changes: &mut Changes, place: &str, old: &Inquiry, new: &Inquiry) {
    for (what, was, is) in [
        ("outcome: inquiry", &old.operation, &new.operation),
        ("outcome: inquired by", &old.by, &new.by),
        ("outcome: read from", &old.field, &new.field),
    ] {
        changes.value(Class::RUST, place, what, was, is);
    }
    for (what, was, is) in [
        ("completed", &old.completed, &new.completed),
        ("failed", &old.failed, &new.failed),
        ("pending", &old.pending, &new.pending),
    ] {
        for word in was.iter().filter(|word| !is.contains(word)) {
            let text = format!("outcome: {word} does not say {what} any more");
            changes.add(Class::RUST, place, text);
        }
        for word in is.iter().filter(|word| !was.contains(word)) {
            let text = format!("outcome: {word} says {what}");
            changes.add(Class::Additive, place, text);
        }
        changes.order_at(place, &format!("words that say {what}"), was, is);
    }
}

fn failures(changes: &mut Changes, old: &Operation, new: &Operation) {
    let rows = |operation: &Operation| -> BTreeSet<(String, String)> {
        let failures = operation.failures.iter();
        failures
            .map(|row| (row.code.clone(), row.message.clone()))
            .collect()
    };
    let (was, is) = (rows(old), rows(new));
    for (code, message) in is.difference(&was) {
        let text = format!("400 lists {code} {message:?}");
        changes.add(Class::Additive, &new.id, text);
    }
    for (code, message) in was.difference(&is) {
        let text = format!("400 does not list {code} {message:?} any more");
        changes.add(Class::Additive, &new.id, text);
    }
}

/// What no generated code depends on.
fn texts(changes: &mut Changes, old: &Operation, new: &Operation) {
    changes.value(
        Class::Text,
        &new.id,
        "evidence",
        &old.evidence,
        &new.evidence,
    );
    changes.value(
        Class::Additive,
        &new.id,
        "deprecated",
        &old.deprecated,
        &new.deprecated,
    );
    let versions = |operation: &Operation| {
        let (shown, offered) = (&operation.version_shown, &operation.versions);
        (shown.clone(), offered.clone())
    };
    let (was, is) = (&old.failures, &new.failures);
    let same_codes = was.len() == is.len() && was.iter().all(|code| is.contains(code));
    changes.texts(
        &new.id,
        &[
            ("summary", old.summary != new.summary),
            ("summary in Korean", old.summary_ko != new.summary_ko),
            ("description", old.description != new.description),
            ("title", old.title != new.title),
            ("source", old.source != new.source),
            ("versions", versions(old) != versions(new)),
            ("codes-complete", old.codes_complete != new.codes_complete),
            ("order of the codes", same_codes && was != is),
            (
                "unlisted failures",
                old.unlisted_failures != new.unlisted_failures,
            ),
            ("printed", old.printed != new.printed),
            (
                "request examples",
                old.request.examples != new.request.examples,
            ),
            (
                "response examples",
                old.response.examples != new.response.examples,
            ),
        ],
    );
}

/// The codes by their names in clients.
fn codes(changes: &mut Changes, old: &Spec, new: &Spec) {
    for code in old.codes() {
        let place = format!("code {}", code.code);
        let Some(other) = new.code(&code.code) else {
            changes.add(Class::RUST, place, format!("{} was removed", code.name));
            continue;
        };
        changes.value(Class::RUST, &place, "its name", &code.name, &other.name);
        changes.value(Class::RUST, &place, "its class", &code.class, &other.class);
        let texts = |code: &Code| -> BTreeSet<_> {
            let examples = code.examples.iter().cloned();
            examples
                .map(|e| (e.name, e.message, e.meaning, e.meaning_ko))
                .collect()
        };
        let names = |code: &Code| -> Vec<String> {
            let examples = code.examples.iter();
            examples.map(|example| example.name.clone()).collect()
        };
        changes.order_at(&place, "its messages", &names(code), &names(other));
        // The first of them names the code, which was said.
        if code.name == other.name && texts(code) != texts(other) {
            changes.add(Class::Text, place, "its messages or meanings changed");
        }
    }
    for code in new.codes() {
        if old.code(&code.code).is_none() {
            let place = format!("code {}", code.code);
            changes.add(Class::Additive, place, format!("{} was added", code.name));
        }
    }
}

/// A group is a module of the Rust client, and a class or a file in other languages.
fn groups(changes: &mut Changes, old: &Spec, new: &Spec) {
    for group in new.groups() {
        if !old.groups().iter().any(|other| other.name == group.name) {
            let place = format!("group {}", group.name);
            changes.add(Class::Additive, place, "was added");
        }
    }
    for group in old.groups() {
        let place = format!("group {}", group.name);
        let mut others = new.groups().iter();
        let other = others.find(|other| other.name == group.name);
        if other.is_none() {
            changes.add(Class::TYPES, &place, "was removed");
        }
        if let Some(other) = other {
            let parts = [
                ("title", group.title != other.title),
                ("description", group.description != other.description),
            ];
            changes.texts(&place, &parts);
        }
    }
    let parts = [("operations not found", old.not_found() != new.not_found())];
    changes.texts("coverage", &parts);
}
