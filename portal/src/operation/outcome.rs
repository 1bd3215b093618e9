//! What becomes of a call that moves money.

use konaplate_spec::{Operation, Outcome};
use maud::{Markup, html};

use super::facts;
use crate::frame::Frame;
use crate::inline::inline;

/// What to know before the first call: a response can be lost after the money moved.
pub(crate) fn warning(frame: &Frame<'_>, outcome: &Outcome) -> Markup {
    let hint = frame.language.pick(&outcome.hint, &outcome.hint_ko);
    html! {
        div.warning role="note" {
            p { strong { (frame.say("This call moves money. After a lost response:", "금액이 이동하는 호출입니다. 응답을 받지 못한 경우:")) } }
            p { (inline(frame, hint)) }
        }
    }
}

/// The section of the outcome, if there is one.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        @if let Some(outcome) = &operation.outcome {
            section #outcome aria-labelledby="outcome-title" {
                h2 #outcome-title { (frame.say("Outcome", "처리 결과")) }
                (facts::list(frame, &outcome.facts(frame.language)))
            }
        }
    }
}
