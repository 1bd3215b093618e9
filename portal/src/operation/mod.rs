//! The parts of an operation's page.

pub(crate) mod body;
pub(crate) mod code;
pub(crate) mod codes;
pub(crate) mod facts;
pub(crate) mod fields;
pub(crate) mod outcome;
pub(crate) mod source;
pub(crate) mod wire;

use maud::{Markup, html};

use crate::frame::Frame;

/// Copies a text. Without a script there is nothing that could, and it stays hidden.
pub(crate) fn copy(frame: &Frame<'_>, text: &str, what: &str) -> Markup {
    html! {
        button.copy type="button" hidden data-copy=(text) data-done=(frame.say("Copied", "복사됨"))
            aria-label={ (frame.say("Copy", "복사")) ": " (what) } {
            (frame.say("Copy", "복사"))
        }
    }
}

/// Text as it is on the wire or in a file.
pub(crate) fn literal(text: &str, label: &str) -> Markup {
    html! { pre tabindex="0" role="group" aria-label=(label) { code { (text) } } }
}
