//! The content of a text file, whatever an editor or a checkout made of its bytes.

use std::borrow::Cow;

/// A byte order mark, which some editors put before UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text without a byte order mark before it, with `\n` at the end of each line, the last one
/// included. Two checkouts of one file have the same content.
///
/// ```
/// use konaplate_spec::content;
///
/// assert_eq!(content("\u{feff}a: 1\r\nb: 2"), "a: 1\nb: 2\n");
/// ```
#[must_use]
pub fn content(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut content = Cow::Borrowed(text);
    if content.contains("\r\n") {
        content = content.replace("\r\n", "\n").into();
    }
    // Without it, YAML reads a block at the end of the file as one that has no last line break.
    if !content.is_empty() && !content.ends_with('\n') {
        content.to_mut().push('\n');
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_editor_or_a_checkout_adds_is_no_content() {
        for text in [
            "a\nb\n",
            "a\nb",
            "a\r\nb\r\n",
            "a\r\nb",
            "a\nb\r\n",
            "\u{feff}a\nb\n",
            "\u{feff}a\r\nb",
        ] {
            assert_eq!(content(text), "a\nb\n", "{text:?}");
        }
        assert_eq!(content(""), "");
        assert_eq!(content("\u{feff}"), "");
    }

    #[test]
    fn what_a_person_wrote_is() {
        for text in ["a\n\n", "a \n", "a\rb\n", "a\u{feff}b\n", "\n"] {
            assert_eq!(content(text), text, "{text:?}");
        }
    }
}
