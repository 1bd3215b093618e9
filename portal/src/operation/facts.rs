//! Facts in pairs: a name, and what is said of it.

use konaplate_spec::Fact;
use maud::{Markup, html};

use crate::frame::Frame;
use crate::inline::inline;

/// The facts as a list.
pub(crate) fn list(frame: &Frame<'_>, facts: &[Fact]) -> Markup {
    html! {
        dl.facts {
            @for (name, text) in facts {
                div { dt { (name) } dd { (inline(frame, text)) } }
            }
        }
    }
}
