//! Settings that were pasted from somewhere.

use super::Violation;

/// Checks that the text of a setting, a key, an id, a path or a URL, has nothing at its ends that
/// nobody sees, and no control character: it would be part of the value, and a signature made with
/// it would be another one.
///
/// ```
/// use konaplate::value::check_setting;
///
/// check_setting("a secret that was issued")?;
/// let error = check_setting("a secret that was issued\n").unwrap_err();
/// assert_eq!(error.to_string(), "must not end with a line break");
/// # Ok::<(), konaplate::Violation>(())
/// ```
///
/// # Errors
/// It has. The error names what, and nothing of the text.
pub fn check_setting(text: &str) -> Result<(), Violation> {
    let wrong = |rule: &str| Err(Violation::new(rule));
    if let Some(what) = text.chars().next().and_then(unseen) {
        return wrong(&format!("must not begin with {what}"));
    }
    if let Some(what) = text.chars().next_back().and_then(unseen) {
        return wrong(&format!("must not end with {what}"));
    }
    if text.chars().any(char::is_control) {
        return wrong("must not have a control character, such as a line break or a tab");
    }
    Ok(())
}

/// What nobody sees, if the character is that.
pub(super) fn unseen(c: char) -> Option<&'static str> {
    match c {
        '\u{feff}' => Some("a byte order mark"),
        '\n' | '\r' => Some("a line break"),
        '\u{200b}'..='\u{200f}' | '\u{2060}' => Some("a character without width"),
        c if c.is_whitespace() => Some("a blank"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_named() {
        for (text, rule) in [
            ("", None),
            ("a b", None),
            ("비밀", None),
            (" a", Some("must not begin with a blank")),
            ("a\u{a0}", Some("must not end with a blank")),
            ("\u{3000}a", Some("must not begin with a blank")),
            ("\ta", Some("must not begin with a blank")),
            ("a\r\n", Some("must not end with a line break")),
            ("\u{feff}a", Some("must not begin with a byte order mark")),
            (
                "a\u{200b}",
                Some("must not end with a character without width"),
            ),
            (
                "a\nb",
                Some("must not have a control character, such as a line break or a tab"),
            ),
            (
                "a\0b",
                Some("must not have a control character, such as a line break or a tab"),
            ),
        ] {
            let found = check_setting(text).err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), rule, "{text:?}");
        }
    }
}
