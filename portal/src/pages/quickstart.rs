use maud::html;

use crate::frame::{Content, Frame};

pub(super) fn content(_: &Frame<'_>) -> Content {
    Content::new("", "", html! {})
}
