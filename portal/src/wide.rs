//! What can be wider than the page.

use maud::{Markup, html};

/// A box that scrolls by itself, by keyboard as well. It has a name, and is no landmark: a page has many.
pub(crate) fn wide(label: &str, content: &Markup) -> Markup {
    html! { div.wide role="group" aria-label=(label) tabindex="0" { (content) } }
}
