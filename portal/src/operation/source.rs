//! Where what is known comes from, and where it differs from what is printed there.

use konaplate_spec::Operation;
use maud::{Markup, html};

use crate::frame::Frame;
use crate::inline::inline;

/// What the vendor's page prints where the description says something else, if it does.
pub(crate) fn printed(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        @if let Some(printed) = &operation.printed {
            @let facts = printed.words();
            section #printed aria-labelledby="printed-title" {
                h2 #printed-title {
                    (frame.say("What the vendor's page prints, where it differs", "공급사 페이지에 다르게 적힌 내용"))
                }
                @if !facts.is_empty() { p lang="en" { (facts) } }
                @if let Some(note) = &printed.note { p lang="en" { (inline(frame, note)) } }
            }
        }
    }
}

/// The pages that were read.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        section #source aria-labelledby="source-title" {
            h2 #source-title { (frame.say("Source", "출처")) }
            p { (operation.evidence_text(frame.language)) }
            @if operation.source.is_empty() {
                p { (frame.say("No page of the vendor's reference is known.", "공급사 레퍼런스에서 확인된 페이지가 없습니다.")) }
            } @else {
                p {
                    (frame.say("Page ids of the vendor's reference:", "공급사 레퍼런스의 페이지 ID:"))
                    @for id in &operation.source { " " code { (id) } }
                }
            }
        }
    }
}
