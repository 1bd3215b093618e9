//! Short texts of the description: what stands between backticks is code, and the id of an operation leads to it.

use maud::{Markup, html};

use crate::frame::Frame;

/// A text without paragraphs.
pub(crate) fn inline(frame: &Frame<'_>, text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (linked(frame, part)) } } @else { (linked(frame, part)) }
        }
    }
}

/// A text in which the ids of operations are links.
fn linked(frame: &Frame<'_>, text: &str) -> Markup {
    let own = frame.path.trim_end_matches('/');
    let is_other =
        |id: &str| frame.spec.operation(id).is_some() && own != format!("operations/{id}");
    html! {
        @for part in words(text) {
            @if is_other(part) { a href=(frame.operation(part)) { (part) } } @else { (part) }
        }
    }
}

/// The text in parts: what may be an id, and what stands between.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_of_id = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest
            .find(|c: char| is_of_id(c) != is_of_id(first))
            .unwrap_or(rest.len());
        let (part, others) = rest.split_at(end);
        rest = others;
        Some(part)
    })
}

/// The name of a field, which may be broken behind its dots.
pub(crate) fn name(name: &str) -> Markup {
    html! {
        code {
            @for part in name.split_inclusive('.') { (part) @if part.ends_with('.') { wbr; } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_whole_text() {
        for (text, parts) in [
            ("", vec![]),
            (
                "get_member, by 회원",
                vec!["get_member", ", ", "by", " 회원"],
            ),
            ("진행은 get_member로", vec!["진행은 ", "get_member", "로"]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), parts);
        }
    }
}
