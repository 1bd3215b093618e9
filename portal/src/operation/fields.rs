//! The fields of a body as a table, those of its objects behind a dot.

use konaplate_spec::{Body, Placed, Printed, SeenFields};
use maud::{Markup, html};

use crate::frame::Frame;
use crate::inline::{inline, name};
use crate::markdown::markdown;
use crate::wide::wide;

/// The fields, and whether there may be others.
pub(crate) fn table(frame: &Frame<'_>, body: &Body, label: &str) -> Markup {
    let placed = frame.spec.placed(body);
    html! {
        @if !placed.is_empty() {
            (wide(label, &html! {
                table.fields {
                    thead {
                        tr {
                            th scope="col" { (frame.say("Field", "필드")) }
                            th scope="col" { (frame.say("Type and rule", "형식과 규칙")) }
                            th scope="col" { (frame.say("Required", "필수 여부")) }
                            th scope="col" { (frame.say("Description", "설명")) }
                        }
                    }
                    tbody { @for placed in &placed { (row(frame, placed)) } }
                }
            }))
        }
        (missing(frame, body, placed.is_empty()))
    }
}

/// How much of the body was not seen.
fn missing(frame: &Frame<'_>, body: &Body, is_empty: bool) -> Markup {
    let note = match frame.spec.seen(body).fields {
        SeenFields::Whole if is_empty => frame.say("It has no fields.", "필드가 없습니다."),
        SeenFields::Whole => return html! {},
        SeenFields::InPart => frame.say(
            "Not all of its fields were seen: there may be others.",
            "필드 전체가 확인된 것은 아니며, 다른 필드가 있을 수 있습니다.",
        ),
        SeenFields::NotSeen => frame.say(
            "None of its own fields was seen on the page: there may be others.",
            "페이지에서 고유한 필드를 확인하지 못했으며, 다른 필드가 있을 수 있습니다.",
        ),
    };
    html! { p.note { (note) } }
}

fn row(frame: &Frame<'_>, placed: &Placed<'_>) -> Markup {
    let field = placed.field;
    let rule = frame.spec.rule_in(&field.shape, frame.language);
    let needed = if field.required {
        frame.say("required", "필수")
    } else {
        frame.say("optional", "선택")
    };
    let label = |english, korean| frame.say(english, korean);
    html! {
        tr {
            th scope="row" { (name(&placed.name)) }
            td data-label=(label("Type and rule", "형식과 규칙")) {
                (inline(frame, &rule))
                @if let Some(kind) = placed.sensitive() {
                    div.sensitive { (label("sensitive", "민감 정보")) ": " span lang="en" { (kind) } }
                }
            }
            td data-label=(label("Required", "필수 여부")) { (needed) }
            td data-label=(label("Description", "설명")) { (description(frame, placed)) }
        }
    }
}

fn description(frame: &Frame<'_>, placed: &Placed<'_>) -> Markup {
    let field = placed.field;
    let values = placed.values();
    let of_schema = placed.schema.and_then(|schema| schema.printed.as_ref());
    html! {
        div lang="en" { (markdown(&field.description, 3)) }
        @if !values.is_empty() {
            dl.values {
                @for (value, meaning) in values {
                    div { dt { code { (value) } } dd lang="en" { (inline(frame, meaning)) } }
                }
            }
        }
        @if let Some(evidence) = field.evidence {
            p.evidence { (frame.say("Evidence", "근거")) ": " (evidence.text(frame.language)) }
        }
        @for printed in field.printed.iter().chain(of_schema) { (differs(frame, printed)) }
    }
}

/// What the vendor prints of a field where the description says something else.
fn differs(frame: &Frame<'_>, printed: &Printed) -> Markup {
    let words = printed.words();
    html! {
        p.printed {
            (frame.say("Printed on the page", "페이지에 적힌 내용")) ": "
            span lang="en" {
                (words)
                @if let Some(note) = &printed.note { @if !words.is_empty() { ". " } (inline(frame, note)) }
            }
        }
    }
}
