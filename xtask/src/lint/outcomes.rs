//! Outcomes: what is said of an operation that moves money has to be enough to find out what became
//! of it. That the fields and operations exist is checked by [`Spec`] itself.

use std::collections::BTreeSet;

use konaplate_spec::{Effect, Inquiry, Kind, Operation, Outcome, Proves, Shape, Spec};

use serde_json::Value;

use super::Findings;
use crate::document::{members, text};

/// What an outcome can say.
pub(super) const KEYS: [&str; 8] = [
    "completed-by",
    "member-acts-with",
    "reference",
    "response",
    "inquiry",
    "cancel",
    "proves",
    "hint",
];

/// What every hint begins with: the mistake that costs money.
const FIRST: &str = "Do not send it again.";

/// What one operation says of its outcome, as it is written.
pub(super) fn one(findings: &mut Findings, place: &str, operation: &Value) {
    let moves_money = text(operation, "x-konaplate-effect") == Some(Effect::MovesMoney.word());
    let outcome = operation.get("x-konaplate-outcome");
    findings.require(
        outcome.is_some() == moves_money,
        place,
        "x-konaplate-outcome on what moves no money, or none on what does",
        "whoever moves money has to be able to find out what became of it, and nobody else",
    );
    let Some(outcome) = outcome else { return };
    for (key, _) in members(outcome) {
        findings.require(
            KEYS.contains(&key),
            place,
            format!("x-konaplate-outcome says {key}"),
            "openapi/README.md says what it can say",
        );
    }
    let hint = outcome.get("hint").unwrap_or(&Value::Null);
    let [english, korean] = ["en", "ko"].map(|language| text(hint, language).unwrap_or_default());
    for (language, hint) in [("English", english), ("Korean", korean)] {
        findings.require(
            !hint.trim().is_empty(),
            place,
            format!("no {language} hint"),
            "say what a person can do when the response was lost",
        );
        findings.require(
            !hint.contains('`'),
            place,
            format!("a backtick in the {language} hint"),
            "programs show it as plain text",
        );
    }
    findings.require(
        english.is_empty() || english.starts_with(FIRST),
        place,
        format!("the English hint does not begin with: {FIRST}"),
        "sending it again is what a person would do first, and what may move the money twice",
    );
    findings.require(
        korean.is_empty() || korean.contains(|c| ('가'..='힣').contains(&c)),
        place,
        "the Korean hint is not in Korean",
        "the same as the English one, written for people in Korea",
    );
}

/// What all operations together have to agree on.
pub(super) fn check(findings: &mut Findings, spec: &Spec) {
    for operation in spec.operations() {
        let Some(outcome) = &operation.outcome else {
            continue;
        };
        own_response(findings, spec, operation, outcome);
        proofs(findings, spec, operation, outcome);
        if let Some(inquiry) = &outcome.inquiry {
            check_inquiry(findings, spec, &operation.id, inquiry);
        }
        if let Some(cancel) = &outcome.cancel {
            findings.require(
                spec.operation(cancel)
                    .is_some_and(|other| other.effect == Effect::MovesMoney),
                &operation.id,
                format!("{cancel} takes nothing back"),
                "cancel names an operation that moves money",
            );
        }
    }
}

/// What each code of an operation proves.
fn proofs(findings: &mut Findings, spec: &Spec, operation: &Operation, outcome: &Outcome) {
    for failure in &operation.failures {
        let listed = outcome.proofs.iter();
        findings.require(
            listed
                .map(|proof| &proof.code)
                .any(|code| *code == failure.code),
            &operation.id,
            format!("nothing says what {} proves", failure.code),
            "a program decides by it: list the code below proves; declined is the usual class",
        );
    }
    for proof in &outcome.proofs {
        let is_listed = operation.failures.iter().any(|one| one.code == proof.code);
        let may_come = !operation.codes_complete && spec.code(&proof.code).is_some();
        findings.require(
            is_listed || (may_come && proof.proves == Proves::EarlierCall),
            &operation.id,
            format!("{} is not one of its codes", proof.code),
            "beside its own codes an operation whose list is not complete has those of an earlier call",
        );
        if let Some(reason) = &proof.reason {
            findings.require(
                !reason.en.trim().is_empty()
                    && reason.ko.contains(|c| ('가'..='힣').contains(&c)),
                &operation.id,
                format!("no reason in both languages why {} is proof", proof.code),
                "it has to hold for any server: the page's text, or that the request's bytes decide alone",
            );
        }
    }
}

/// The operation's own success speaks as the inquiry does.
fn own_response(findings: &mut Findings, spec: &Spec, operation: &Operation, outcome: &Outcome) {
    let field = |name: &str| spec.schema(&operation.response.schema).field(name);
    if let Some(pending) = &outcome.response.pending {
        findings.require(
            field(pending).is_some_and(|field| field.shape == Shape::Flag),
            &operation.id,
            format!("{pending} is no flag"),
            "response.pending names a field that is true while the outcome is not known",
        );
    }
    if let Some(result) = &outcome.response.result {
        let inquiry = outcome.inquiry.as_ref();
        let values = inquiry.map(listed).unwrap_or_default();
        let own = field(result).and_then(|field| field.shape.schema());
        findings.require(
            own.is_some_and(|schema| words(spec, schema) == values),
            &operation.id,
            format!("{result} does not speak with the values of the inquiry"),
            "response.result needs an inquiry, whose lists say what each of its values means",
        );
    }
}

/// The operation that the outcome is read from.
fn check_inquiry(findings: &mut Findings, spec: &Spec, id: &str, inquiry: &Inquiry) {
    let Some(other) = spec.operation(&inquiry.operation) else {
        return;
    };
    findings.require(
        other.effect == Effect::Reads,
        id,
        format!("{} does not tell outcomes", other.id),
        "inquiry names an operation with the effect reads: an inquiry must not change what it is about",
    );
    let field = spec.schema(&other.response.schema).field(&inquiry.field);
    let schema = field.and_then(|field| field.shape.schema());
    let lists = [&inquiry.completed, &inquiry.failed, &inquiry.pending];
    let count: usize = lists.iter().map(|list| list.len()).sum();
    let known = listed(inquiry);
    findings.require(
        schema.is_some_and(|schema| words(spec, schema) == known) && known.len() == count,
        id,
        format!(
            "not every value of {} is in one of completed, failed and pending",
            inquiry.field
        ),
        "a program decides by them: list each value of the enum once",
    );
    findings.require(
        !inquiry.completed.is_empty() && !inquiry.failed.is_empty(),
        id,
        "no value says that the money has moved, or none that it has not",
        "an inquiry that cannot tell is none",
    );
}

/// All values that an inquiry explains.
fn listed(inquiry: &Inquiry) -> BTreeSet<&str> {
    [&inquiry.completed, &inquiry.failed, &inquiry.pending]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

/// The words of an enum, none of anything else.
fn words<'s>(spec: &'s Spec, schema: &str) -> BTreeSet<&'s str> {
    match &spec.schema(schema).kind {
        Kind::Enum(words) => words
            .values
            .iter()
            .map(|value| value.word.as_str())
            .collect(),
        _ => BTreeSet::new(),
    }
}
