//! A look at text from outside that gives nothing away.
//!
//! What a gateway or a database wrote may repeat parts of a request. So only words that say what
//! kind of page it is are shown; of every other word only its place remains.

/// Words that gateways, servers and databases use about themselves.
const WORDS: &[&str] = &[
    "a",
    "an",
    "and",
    "bad",
    "blocked",
    "body",
    "busy",
    "cannot",
    "certificate",
    "client",
    "closed",
    "code",
    "column",
    "connection",
    "constraint",
    "data",
    "database",
    "denied",
    "description",
    "doctype",
    "down",
    "duplicate",
    "error",
    "exceeded",
    "exception",
    "expired",
    "failed",
    "failure",
    "for",
    "forbidden",
    "found",
    "gateway",
    "head",
    "html",
    "http",
    "https",
    "in",
    "insert",
    "internal",
    "invalid",
    "is",
    "java",
    "json",
    "key",
    "lang",
    "large",
    "length",
    "limit",
    "long",
    "maintenance",
    "message",
    "method",
    "mysql",
    "nginx",
    "no",
    "not",
    "null",
    "of",
    "ok",
    "on",
    "or",
    "oracle",
    "out",
    "page",
    "path",
    "please",
    "proxy",
    "query",
    "rate",
    "read",
    "refused",
    "rejected",
    "request",
    "requests",
    "reset",
    "response",
    "server",
    "service",
    "source",
    "spring",
    "sql",
    "sqlexception",
    "sqlstate",
    "status",
    "system",
    "table",
    "temporarily",
    "the",
    "tid",
    "timed",
    "timeout",
    "timestamp",
    "title",
    "to",
    "token",
    "tomcat",
    "too",
    "trace",
    "unauthorized",
    "unavailable",
    "unexpected",
    "unknown",
    "unsupported",
    "upstream",
    "value",
    "was",
    "with",
];

/// How much of the text is looked at, and how long the excerpt gets.
const READ: usize = 2_000;
const SHOWN: usize = 160;

/// The text with every word masked that is not in the list.
pub(crate) fn masked_excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(READ)]);
    let mut out = String::new();
    let mut masked = false;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let known = WORDS
            .iter()
            .any(|candidate| candidate.eq_ignore_ascii_case(word));
        if known || !masked {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(if known { word } else { "…" });
        }
        masked = !known;
        if out.len() >= SHOWN {
            out.push_str(" …");
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_page_can_be_recognised() {
        let page =
            b"<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>";
        assert_eq!(
            masked_excerpt(page),
            "html head title … Bad Gateway title head body … nginx … body html",
        );
    }

    #[test]
    fn nothing_of_a_request_is_repeated() {
        let text = "SQLException: Duplicate entry '9491339401250765' for key 'kim.kona' 김코나 010-0000-0001";
        let excerpt = masked_excerpt(text.as_bytes());
        assert_eq!(excerpt, "SQLException Duplicate … for key …");
    }

    #[test]
    fn it_stays_short() {
        let excerpt = masked_excerpt("error 1 ".repeat(10_000).as_bytes());
        assert!(excerpt.len() < 200, "{}", excerpt.len());
    }

    #[test]
    fn words_are_sorted() {
        assert!(WORDS.is_sorted());
    }
}
