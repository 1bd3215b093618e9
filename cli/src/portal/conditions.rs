//! What a request says of the form it takes, and of what it has.

use axum::http::{HeaderMap, HeaderName, header};

/// The items of a header that is a list, in one field or several.
fn items<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let fields = headers.get_all(name).iter();
    fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','))
        .map(str::trim)
}

/// Whether gzip is taken (RFC 9110, 12.5.3): by its name, or by `*` where it is not named.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        items(headers, &header::ACCEPT_ENCODING).find_map(|item| {
            let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
            let is_it = coding.trim().eq_ignore_ascii_case(wanted);
            let weight = parameters.trim().split_once('=');
            let weight = weight.map_or(Some(1.0), |(_, value)| value.trim().parse().ok());
            is_it.then_some(weight.unwrap_or(0.0))
        })
    };
    let weight = weight("gzip").or_else(|| weight("*"));
    weight.is_some_and(|weight: f32| weight > 0.0)
}

/// Whether the client has what this tag is of (RFC 9110, 13.1.2: compared weakly).
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, &header::IF_NONE_MATCH)
        .any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, values: &[&str]) -> HeaderMap {
        let values = values.iter();
        values
            .map(|value| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it_and_to_nobody_else() {
        for (values, expected) in [
            (&["gzip"][..], true),
            (&["GZip;q=1.0"], true),
            (&["br, deflate", "gzip; q=0.1"], true),
            (&["*"], true),
            (&["br", "*;q=0.5"], true),
            (&[], false),
            (&[""], false),
            (&["identity"], false),
            (&["br"], false),
            (&["gzip;q=0"], false),
            (&["gzip;q=0.000, *"], false),
            (&["gzip;q=much"], false),
            (&["gzipped"], false),
        ] {
            let headers = with(header::ACCEPT_ENCODING, values);
            assert_eq!(takes_gzip(&headers), expected, "{values:?}");
        }
    }

    #[test]
    fn a_tag_is_had_by_itself_weakly_or_by_any() {
        for (values, expected) in [
            (&["\"a\""][..], true),
            (&["W/\"a\""], true),
            (&["\"b\", \"a\""], true),
            (&["\"b\"", "\"a\""], true),
            (&["*"], true),
            (&[], false),
            (&["\"b\""], false),
            (&["a"], false),
        ] {
            let headers = with(header::IF_NONE_MATCH, values);
            assert_eq!(has(&headers, "\"a\""), expected, "{values:?}");
        }
    }
}
