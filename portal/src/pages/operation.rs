//! An operation.

use konaplate_spec::Operation;
use maud::html;

use crate::frame::{Content, Frame, language_of};
use crate::glance::glance;
use crate::markdown::markdown;

pub(super) fn content(frame: &Frame<'_>, operation: &Operation) -> Content {
    let summary = frame
        .language
        .pick(&operation.summary, &operation.summary_ko);
    let main = html! {
        p.vendor lang=(language_of(&operation.title)) { (operation.title) }
        h1 { (summary) }
        p.address { span.method { (operation.method) } " " code { (operation.path) } " " code.id { (operation.id) } }
        (glance(frame, operation))
        ul { @for failure in &operation.failures { li { a href=(frame.code(&failure.code)) { (failure.code) } } } }
        div lang="en" { (markdown(&operation.description, 2)) }
    };
    Content::new(summary, summary, main)
}
