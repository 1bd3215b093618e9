//! A request or a response: its fields and its examples.

use konaplate_spec::{Body, Encrypted};
use maud::{Markup, html};

use super::{copy, fields, literal};
use crate::frame::Frame;

/// One side of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'s> {
    pub(crate) id: &'static str,
    pub(crate) title: &'s str,
    pub(crate) body: &'s Body,
    pub(crate) encrypted: Encrypted,
}

/// Its section.
pub(crate) fn section(frame: &Frame<'_>, side: Side<'_>) -> Markup {
    let Side {
        id,
        title,
        body,
        encrypted,
    } = side;
    let heading = format!("{id}-title");
    let label = format!("{title}: {}", frame.say("fields", "필드"));
    html! {
        section #(id) aria-labelledby=(heading) {
            h2 #(heading) { (title) }
            p {
                (frame.say("On the wire", "전송 형식")) ": " (encrypted.text(frame.language)) ". "
                (frame.say("Schema", "스키마")) ": " code { (body.schema) } "."
            }
            (fields::table(frame, body, &label))
            @for example in &body.examples {
                @let label = format!("{title}: {} {}", frame.say("example", "예시"), example.name);
                h3 { (frame.say("Example", "예시")) " " code { (example.name) } " " (copy(frame, &example.json, &label)) }
                p lang="en" { (example.summary) }
                (literal(&example.json, &label))
            }
        }
    }
}
