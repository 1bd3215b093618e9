//! What may be said of requests and responses: names, forms and types, and no value.

use konaplate::error::is_sandbox_code;
use konaplate::protocol::{envelope, headers, shown_name};
use konaplate_spec::is_code;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER, TRANSFER_ENCODING};
use serde_json::{Map, Value, json};

/// Headers, each with its form.
pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut shown: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            let is_harmless = [
                ACCEPT,
                CONTENT_TYPE,
                RETRY_AFTER,
                TRANSFER_ENCODING,
                headers::TIME_ZONE,
            ]
            .contains(name);
            let text = value.to_str().unwrap_or_default();
            // Nothing long: what is harmless has a few words.
            let value = if is_harmless && !text.is_empty() && text.len() <= 40 {
                text.to_owned()
            } else {
                form(value.as_bytes())
            };
            (name.as_str().to_owned(), value)
        })
        .collect();
    shown.sort();
    shown
}

/// What a value looks like: the token's parts, digits, or how long it is.
fn form(value: &[u8]) -> String {
    let text = std::str::from_utf8(value).unwrap_or_default();
    if let Some((time, signature)) = text
        .strip_prefix("KMV1:")
        .and_then(|rest| rest.split_once(':'))
    {
        return format!(
            "KMV1:<{} digits>:<{} characters>",
            time.len(),
            signature.len()
        );
    }
    let are_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let what = if are_digits { "digits" } else { "characters" };
    format!("<{} {what}>", value.len())
}

/// A code, if it has the form of one.
pub(super) fn code(code: &str) -> String {
    if code == envelope::SUCCESS || is_code(code) || is_sandbox_code(code) {
        code.to_owned()
    } else {
        "…".to_owned()
    }
}

/// The types of what stands in a body, under names that look like names.
pub(super) fn types(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Number(number) if number.is_f64() => "number".into(),
        Value::Number(_) => "integer".into(),
        Value::String(_) => "string".into(),
        Value::Array(items) => items
            .first()
            .map_or_else(|| json!([]), |first| json!([types(first)])),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (shown_name(name).to_owned(), types(value)));
            members.collect::<Map<_, _>>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn no_value_is_left() {
        let body = json!({
            "userName": "김코나", "cardNo": "9491339401250765", "balance": 100_000, "ok": true,
            "list": [{"par": "Q1"}], "9491339401250765": null,
        });
        let expected = json!({
            "userName": "string", "cardNo": "string", "balance": "integer", "ok": "boolean",
            "list": [{"par": "string"}], "…": "null",
        });
        assert_eq!(types(&body), expected);
        let mut map = HeaderMap::new();
        map.insert(
            "x-km-tran-token",
            HeaderValue::from_static("KMV1:20260315104512345:c2VjcmV0"),
        );
        map.insert(
            "x-km-user-aspid",
            HeaderValue::from_static("000170000000000"),
        );
        map.insert("set-cookie", HeaderValue::from_static("session=secret"));
        map.insert("content-type", HeaderValue::from_static("application/json"));
        let shown = headers(&map);
        let values: Vec<_> = shown.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            [
                "application/json",
                "<14 characters>",
                "KMV1:<17 digits>:<8 characters>",
                "<15 digits>",
            ]
        );
        assert_eq!(code("007_008"), "007_008");
        assert_eq!(code("9491339401250765"), "…");
    }
}
