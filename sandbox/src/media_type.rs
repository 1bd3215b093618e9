//! What a request says that its body is.

use axum::http::{HeaderMap, header};

/// Whether it says JSON, once: `application/json`, with or without parameters.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let essence = value.to_str().unwrap_or_default().split(';').next();
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_is_that_type_and_no_other_that_begins_so() {
        for (text, json) in [
            ("application/json", true),
            ("Application/JSON ; charset=utf-8", true),
            ("application/json;charset=utf-8", true),
            ("application/jsonp", false),
            ("application/json-patch+json", false),
            ("text/plain;application/json", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            assert_eq!(is_json(&headers), json, "{text}");
        }
        let mut twice = HeaderMap::new();
        for text in ["application/json", "text/plain"] {
            twice.append(header::CONTENT_TYPE, HeaderValue::from_static(text));
        }
        assert!(!is_json(&twice));
        assert!(!is_json(&HeaderMap::new()));
    }
}
