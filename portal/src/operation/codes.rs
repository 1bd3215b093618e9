//! The failures of an operation: what is on the wire, what it means, and what it proves about the money.

use konaplate_spec::{CodeExample, Operation};
use maud::{Markup, html};

use crate::frame::{Frame, language_of};
use crate::glance;
use crate::wide::wide;

/// The section of codes.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    let failures: Vec<_> = operation.known_failures(frame.spec).collect();
    let title = frame.say("Codes", "코드");
    html! {
        section #codes aria-labelledby="codes-title" {
            h2 #codes-title { (title) }
            @if !failures.is_empty() {
                (wide(title, &html! {
                    table.codes {
                        thead {
                            tr {
                                th scope="col" { (title) }
                                th scope="col" { (frame.say("Message on the wire", "응답 메시지")) }
                                th scope="col" { (frame.say("Meaning", "의미")) }
                                @if operation.outcome.is_some() {
                                    th scope="col" { (proves_title(frame)) }
                                }
                            }
                        }
                        tbody {
                            @for (failure, is_listed) in failures { (row(frame, operation, failure, is_listed)) }
                        }
                    }
                }))
            }
            p.note { (operation.codes_text(frame.language)) }
            @if !operation.unlisted_failures.is_empty() {
                p { (frame.say("Failures that the page names without their codes:", "코드 없이 설명된 실패:")) }
                ul lang="en" { @for failure in &operation.unlisted_failures { li { (failure) } } }
            }
        }
    }
}

fn proves_title<'a>(frame: &Frame<'a>) -> &'a str {
    frame.say("What it proves about the money", "금액에 대한 증명")
}

fn row(frame: &Frame<'_>, operation: &Operation, example: &CodeExample, is_listed: bool) -> Markup {
    let meaning = frame.language.pick(&example.meaning, &example.meaning_ko);
    html! {
        tr {
            th scope="row" { a href=(frame.code(&example.code)) { code { (example.code) } } }
            td data-label=(frame.say("Message on the wire", "응답 메시지")) lang=(language_of(&example.message)) {
                (example.message)
            }
            td data-label=(frame.say("Meaning", "의미")) {
                (meaning)
                @if !is_listed {
                    " " (frame.say("(not seen on the page of this operation)", "(이 API의 페이지에서는 확인되지 않음)"))
                }
            }
            @if let Some(outcome) = &operation.outcome {
                @let proof = outcome.proof(&example.code);
                td data-label=(proves_title(frame)) {
                    (glance::proof(frame, outcome.proves(&example.code)))
                    @if let Some(reason) = proof.and_then(|proof| proof.reason.as_ref()) {
                        p { (frame.language.pick(&reason.en, &reason.ko)) }
                    }
                }
            }
        }
    }
}
