//! What a request says that its body is.

use axum::http::{HeaderMap, header};

/// Checks that a request says JSON, once: `application/json`, in UTF-8 where it names a charset. Types,
/// names of parameters and charsets have no case; other parameters mean nothing for JSON (RFC 8259,
/// 11). The rule that is broken otherwise.
pub(crate) fn check_json(headers: &HeaderMap) -> Result<(), &'static str> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().ok_or("must be application/json")?;
    if values.next().is_some() {
        return Err("must be there once");
    }
    let text = value.to_str().map_err(|_| "must be application/json")?;
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    if !trimmed(essence).eq_ignore_ascii_case("application/json") {
        return Err("must be application/json");
    }
    let mut charsets = 0;
    let mut rest = parameters;
    while let Some((name, value, more)) = parameter(rest)? {
        if name.eq_ignore_ascii_case("charset") {
            charsets += 1;
            if !value.eq_ignore_ascii_case("utf-8") {
                return Err("must be application/json, with the charset utf-8 or none");
            }
        }
        rest = more;
    }
    if charsets > 1 {
        return Err("must have one charset");
    }
    Ok(())
}

/// The first parameter, and what comes after it (RFC 9110, 5.6.6).
fn parameter(text: &str) -> Result<Option<(&str, String, &str)>, &'static str> {
    const BROKEN: &str = "must have parameters of the form name=value";
    let text = text.trim_start_matches([' ', '\t', ';']);
    if text.is_empty() {
        return Ok(None);
    }
    let (name, after) = text.split_once('=').ok_or(BROKEN)?;
    let (value, after) = match after.strip_prefix('"') {
        Some(quoted) => quoted_text(quoted).ok_or(BROKEN)?,
        None => {
            let end = after.find(';').unwrap_or(after.len());
            let (value, after) = after.split_at(end);
            (trimmed(value).to_owned(), after)
        }
    };
    let after = after.trim_start_matches([' ', '\t']);
    let ends = after.is_empty() || after.starts_with(';');
    if !is_token(name) || !ends {
        return Err(BROKEN);
    }
    Ok(Some((name, value, after)))
}

/// What stands up to the closing quote, and what comes after it.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            letter => value.push(letter),
        }
    }
    None
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn is_token(text: &str) -> bool {
    let is_letter =
        |letter: u8| letter.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&letter);
    !text.is_empty() && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(values: &[&'static str]) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        for text in values {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(text));
        }
        check_json(&headers)
    }

    #[test]
    fn json_is_that_type_in_utf_8_however_it_is_spelt() {
        for text in [
            "application/json",
            "Application/JSON ; charset=utf-8",
            "application/json;charset=utf-8",
            "application/json; Charset=\"UTF-8\"",
            "application/json; charset=\"u\\tf-8\" ",
            "application/json;",
            "application/json; ;charset=utf-8;",
            "application/json; version=1; note=\"a;charset=euc-kr\"",
        ] {
            assert_eq!(check(&[text]), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_refused() {
        for text in [
            "application/jsonp",
            "application/jsonx",
            "application/json-patch+json",
            "text/json",
            "text/plain;application/json",
            "application /json",
            "application/json, application/json",
            "application/json charset=utf-8",
            "*/*",
            "",
        ] {
            assert_eq!(check(&[text]), Err("must be application/json"), "{text}");
        }
        for text in [
            "application/json; charset=euc-kr",
            "application/json; charset=utf8",
            "application/json; charset=utf-16",
            "application/json; charset=",
            "application/json; charset=utf-8; charset=euc-kr",
        ] {
            let rule = "must be application/json, with the charset utf-8 or none";
            assert_eq!(check(&[text]), Err(rule), "{text}");
        }
        for text in [
            "application/json; charset",
            "application/json; charset = utf-8",
            "application/json; charset=\"utf-8",
            "application/json; charset=\"utf-8\" more",
            "application/json; =utf-8",
        ] {
            let rule = "must have parameters of the form name=value";
            assert_eq!(check(&[text]), Err(rule), "{text}");
        }
        let twice = "application/json; charset=utf-8; charset=utf-8";
        assert_eq!(check(&[twice]), Err("must have one charset"));
    }

    #[test]
    fn it_is_said_once() {
        assert_eq!(check(&[]), Err("must be application/json"));
        for second in ["application/json", "text/plain"] {
            let both = check(&["application/json", second]);
            assert_eq!(both, Err("must be there once"), "{second}");
        }
    }
}
