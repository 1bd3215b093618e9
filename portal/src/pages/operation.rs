//! An operation.

use konaplate_spec::Operation;
use maud::{Markup, html};

use super::try_it;
use crate::frame::{Content, Frame, language_of};
use crate::glance::glance;
use crate::inline::inline;
use crate::markdown::markdown;
use crate::operation::body::{self, Side};
use crate::operation::{code, codes, copy, facts, outcome, source, wire};

pub(super) fn content(frame: &Frame<'_>, operation: &Operation) -> Content {
    let summary = frame
        .language
        .pick(&operation.summary, &operation.summary_ko);
    let request = Side {
        id: "request",
        title: frame.say("Request", "요청"),
        body: &operation.request,
        encrypted: operation.encryption.request,
    };
    let response = Side {
        id: "response",
        title: frame.say("Response", "응답"),
        body: &operation.response,
        encrypted: operation.encryption.response,
    };
    let main = html! {
        p.vendor lang=(language_of(&operation.title)) { (operation.title) }
        h1 { (summary) }
        (address(frame, operation))
        (glance(frame, operation))
        div lang="en" { (markdown(&operation.description, 2)) }
        @if let Some(outcome) = &operation.outcome { (outcome::warning(frame, outcome)) }
        (facts::list(frame, &operation.facts(frame.spec, frame.language)))
        @if frame.is_served { (try_it::section(frame, operation)) }
        (body::section(frame, request))
        (body::section(frame, response))
        (codes::section(frame, operation))
        (outcome::section(frame, operation))
        (paging(frame, operation))
        (wire::section(frame, operation))
        (code::section(frame, operation))
        (source::printed(frame, operation))
        (source::section(frame, operation))
    };
    let mut content = Content::new(summary, summary, main);
    if frame.is_served {
        content.scripts = &["try.js"];
    }
    content
}

fn address(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        p.address {
            span.method { (operation.method) } " "
            code { (operation.path) } " " (copy(frame, &operation.path, frame.say("path", "경로"))) " "
            code.id { (operation.id) } " " (copy(frame, &operation.id, frame.say("operation id", "API ID")))
        }
    }
}

fn paging(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        @if let Some(paging) = &operation.paging {
            section #paging aria-labelledby="paging-title" {
                h2 #paging-title { (frame.say("Pages", "페이지")) }
                p { (inline(frame, &paging.text(frame.language))) }
            }
        }
    }
}
