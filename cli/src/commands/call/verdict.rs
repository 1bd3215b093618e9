//! How a call ended: for scripts, and in words for people.
//!
//! The exit code follows from the delivery alone, whatever the operation does: a script need not know
//! it. That nothing was carried out is said on proof only.

use konaplate::{Delivery, Effect, Error, ErrorCode, ErrorKind, Said};
use konaplate_spec::Language;
use serde_json::Value;

use super::Target;
use super::ask::{inquiry, what_to_ask};
use crate::failure::{Exit, Failure};

/// How a success ends.
pub(super) fn success(
    target: &Target,
    body: &Value,
    said: Said,
    language: Language,
) -> Result<Exit, Failure> {
    if matches!(said, Said::Completed | Said::AwaitingMember) {
        return Ok(Exit::Done);
    }
    let cause = language.pick("the platform took the call and does not say yet that it was carried out. Do not send it again",
        "플랫폼이 요청을 접수했으나 처리 완료 여부를 아직 알 수 없습니다. 같은 요청을 다시 보내지 마십시오",
    );
    let cause = format!("{}: {cause}", target.name());
    Err(Failure::new(Exit::MaybeCarriedOut, cause).next(what_to_ask(target, body, language)))
}

/// How a success ends whose response could not be written.
pub(super) fn unprinted(
    target: &Target,
    request: &Value,
    error: &Failure,
    language: Language,
) -> Failure {
    let cause = format!(
        "{}: the platform says success, and its response could not be written here: {error}",
        target.name()
    );
    let ask = match target.effect() {
        Effect::Reads => language.pick(READ_AGAIN.0, READ_AGAIN.1).to_owned(),
        _ => what_to_ask(target, request, language),
    };
    Failure::new(Exit::MaybeCarriedOut, cause).next(ask)
}

/// Of an operation that only reads.
const READ_AGAIN: (&str, &str) = (
    "the operation only reads: the same call again is safe",
    "조회만 하는 API이므로 같은 호출을 다시 해도 안전합니다.",
);

/// What is told of a success that moves no money yet.
pub(super) fn note(target: &Target, said: Said, language: Language) -> Option<String> {
    let outcome = target.described?.outcome.as_ref()?;
    let acts_with = outcome
        .member_acts_with()
        .filter(|_| said == Said::AwaitingMember)?;
    Some(match language {
        Language::English => format!(
            "this call alone moves no money: the member moves it, with {acts_with} of the response"
        ),
        Language::Korean => format!(
            "이 호출만으로는 금액이 이동하지 않습니다. 회원이 응답의 {acts_with}을(를) 이용하여 완료합니다."
        ),
    })
}

/// How a call that failed ends.
pub(super) fn failure(
    target: &Target,
    error: &Error,
    request: &Value,
    language: Language,
) -> Failure {
    let exit = exit(error);
    let mut next = Vec::new();
    next.extend(error.code().and_then(|code| meaning(code, language)));
    match exit {
        Exit::BadInput => next.push(match error.kind() {
            ErrorKind::Configuration => "konaplate doctor checks the settings".to_owned(),
            _ => format!("konaplate show {} says what it takes", target.name()),
        }),
        Exit::NoConnection => next.push(
            language.pick("nothing was sent: the same call again is safe. konaplate doctor finds out why",
                "아무것도 전송되지 않았으므로 같은 호출을 다시 해도 안전합니다. konaplate doctor로 원인을 확인하십시오.",
            )
            .to_owned(),
        ),
        Exit::Fault => next.push(
            language.pick("nothing was sent: the journal has to take the call first",
                "저널에 기록할 수 없어 전송하지 않았습니다.",
            )
            .to_owned(),
        ),
        Exit::NotCarriedOut => next.extend(declined(target, error, request, language)),
        Exit::MaybeCarriedOut | Exit::Done => next.extend(unknown(target, error, request, language)),
    }
    Failure::new(exit, error.to_string()).next(next.join("\n  "))
}

/// The code for scripts: by the delivery, and where nothing was sent by the kind.
pub(super) fn exit(error: &Error) -> Exit {
    match error.delivery() {
        Delivery::NotSent => match error.kind() {
            ErrorKind::Configuration | ErrorKind::InvalidRequest => Exit::BadInput,
            ErrorKind::Journal => Exit::Fault,
            _ => Exit::NoConnection,
        },
        Delivery::NotCarriedOut | Delivery::Declined => Exit::NotCarriedOut,
        // EarlierCall, MaybeProcessed, ProcessedUnreadable, and whatever is not known here.
        _ => Exit::MaybeCarriedOut,
    }
}

fn meaning(code: &ErrorCode, language: Language) -> Option<String> {
    let meaning = match language {
        Language::English => code.meaning(),
        Language::Korean => code.meaning_ko(),
    };
    Some(format!("{}: {}", code.code(), meaning?))
}

/// Whether a new call is safe, after one that the platform did not carry out, by its word.
fn declined(target: &Target, error: &Error, request: &Value, language: Language) -> Vec<String> {
    let pick = |en: &str, ko: &str| language.pick(en, ko).to_owned();
    if error.delivery() == Delivery::NotCarriedOut {
        let outcome = target
            .described
            .and_then(|operation| operation.outcome.as_ref());
        let proof = outcome.zip(error.code()).and_then(|(outcome, code)| {
            let proof = outcome.proofs.iter().find(|it| it.code == code.code())?;
            proof.reason.as_ref()
        });
        let mut lines = vec![pick(
            "proven: nothing was carried out. A new call is safe",
            "처리되지 않았음이 확정되었습니다. 새로 호출해도 안전합니다.",
        )];
        lines.extend(proof.map(|reason| language.pick(&reason.en, &reason.ko).to_owned()));
        return lines;
    }
    if target.effect() != Effect::MovesMoney {
        return vec![pick(
            "declined; the operation moves no money",
            "거절되었습니다. 금액이 이동하지 않는 API입니다.",
        )];
    }
    let mut lines = vec![pick(
        "declined: true of this delivery, no proof about an earlier one of the same request. Look \
         before a new call",
        "이번 요청은 거절되었으나, 같은 요청이 먼저 처리되지 않았다는 증거는 아닙니다. 새로 호출하기 전에 \
         확인하십시오.",
    )];
    lines.extend(inquiry(target, request));
    lines
}

/// What to do after a call that may have been carried out.
fn unknown(target: &Target, error: &Error, request: &Value, language: Language) -> Vec<String> {
    let pick = |en: &str, ko: &str| language.pick(en, ko).to_owned();
    let known = match error.delivery() {
        Delivery::EarlierCall => pick(
            "the same request may have been carried out before",
            "같은 요청이 먼저 처리되었을 수 있습니다.",
        ),
        Delivery::ProcessedUnreadable => pick(
            "the platform says that it was carried out, and not all it says can be read",
            "플랫폼은 처리했다고 응답했으나 응답 일부를 읽을 수 없습니다.",
        ),
        _ => pick("it may have been carried out", "처리되었을 수 있습니다."),
    };
    match target.effect() {
        Effect::Reads => vec![pick(READ_AGAIN.0, READ_AGAIN.1)],
        Effect::Changes => vec![known, what_to_ask(target, request, language)],
        Effect::MovesMoney => {
            let ask = pick(
                "do not send it again; ask what became of it:",
                "같은 요청을 다시 보내지 말고 처리 결과를 확인하십시오.",
            );
            // A hint says it in its own words.
            let ask = inquiry(target, request).map(|line| format!("{ask}\n  {line}"));
            vec![
                known,
                ask.unwrap_or_else(|| what_to_ask(target, request, language)),
            ]
        }
    }
}
