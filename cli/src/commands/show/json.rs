//! An operation as JSON.

use konaplate_spec::{CodeExample, Language, Operation, Outcome, Paging};
use serde_json::{Value, json};

use super::command::command;
use super::fields;
use crate::catalogue::spec;

/// The whole of it. Words of the description stay as they are; texts are in that language.
pub(super) fn object(operation: &Operation, language: Language) -> Value {
    json!({
        "id": operation.id,
        "path": operation.path,
        "method": operation.method,
        "group": operation.group,
        "summary": language.pick(&operation.summary, &operation.summary_ko),
        "title": operation.title,
        "description": operation.description,
        "effect": operation.effect.word(),
        "follow_up": operation.follow_up,
        "encryption": {
            "request": operation.encryption.request.word(),
            "response": operation.encryption.response.word(),
        },
        "evidence": operation.evidence.word(),
        "version": operation.version_shown,
        "versions": operation.versions,
        "deprecated": operation.deprecated,
        "request": fields::json(&operation.request, language),
        "response": fields::json(&operation.response, language),
        "codes": codes(operation, language),
        "codes_complete": operation.codes_complete,
        "unlisted_failures": operation.unlisted_failures,
        "outcome": operation.outcome.as_ref().map(|found| outcome(found, language)),
        "paging": operation.paging.as_ref().map(paging),
        "printed": operation.printed.as_ref().map(|printed| json!({
            "facts": printed.words(),
            "note": printed.note,
        })),
        "command": command(operation),
    })
}

fn codes(operation: &Operation, language: Language) -> Value {
    let failures = operation.known_failures(spec());
    failures
        .map(|(example, is_listed)| code(example, is_listed, operation, language))
        .collect()
}

fn code(example: &CodeExample, listed: bool, operation: &Operation, language: Language) -> Value {
    let known = spec().code(&example.code);
    let outcome = operation.outcome.as_ref();
    let reason = outcome
        .and_then(|outcome| outcome.proof(&example.code))
        .and_then(|proof| proof.reason.as_ref());
    json!({
        "code": example.code,
        "name": known.map(|code| code.name.as_str()),
        "message": example.message,
        "meaning": language.pick(&example.meaning, &example.meaning_ko),
        "class": known.map(|code| code.class.word()),
        "listed": listed,
        "proves": outcome.map(|outcome| outcome.proves(&example.code).word()),
        "reason": reason.map(|reason| language.pick(&reason.en, &reason.ko)),
    })
}

fn outcome(outcome: &Outcome, language: Language) -> Value {
    let inquiry = outcome.inquiry.as_ref().map(|inquiry| {
        json!({
            "operation": inquiry.operation,
            "by": inquiry.by,
            "field": inquiry.field,
            "completed": inquiry.completed,
            "failed": inquiry.failed,
            "pending": inquiry.pending,
        })
    });
    let completed_by = if outcome.member_acts_with().is_some() {
        "member"
    } else {
        "platform"
    };
    json!({
        "completed_by": completed_by,
        "member_acts_with": outcome.member_acts_with(),
        "reference": outcome.reference,
        "pending": outcome.response.pending,
        "result": outcome.response.result,
        "inquiry": inquiry,
        "cancel": outcome.cancel,
        "hint": language.pick(&outcome.hint, &outcome.hint_ko),
    })
}

fn paging(paging: &Paging) -> Value {
    json!({
        "request": paging.request,
        "page": paging.page,
        "response": paging.response,
        "response_page": paging.response_page,
        "total_pages": paging.total_pages,
        "items": paging.items,
    })
}
