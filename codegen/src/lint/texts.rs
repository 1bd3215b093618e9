//! Texts: what becomes documentation, and how codes are written.

use serde_json::Value;

use super::Findings;
use crate::bundle::Source;
use crate::model::is_code;

pub(super) fn check(findings: &mut Findings, source: &Source) {
    for (number, line) in source.text.lines().enumerate() {
        if has_bare_code(line) {
            findings.add(
                format!("line {}", number + 1),
                "a code without quotes",
                "YAML 1.1 readers take 007_008 for the number 7008; write \"007_008\"",
            );
        }
    }
    descriptions(findings, "", &source.document);
}

/// A code such as `007_008` as a whole scalar, without quotes around it.
fn has_bare_code(line: &str) -> bool {
    line.split([':', '[', ']', '{', '}', ',', ' ']).any(is_code) && is_data(line)
}

/// Whether the line is a key with a value, and not a sentence that mentions a code.
fn is_data(line: &str) -> bool {
    line.contains("code:")
        || line.trim_start().starts_with("- ") && !line.trim_start().contains(": ")
}

/// Descriptions become rustdoc and web pages.
fn descriptions(findings: &mut Findings, place: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                let here = format!("{place}/{name}");
                match (name.as_str(), member) {
                    ("description" | "summary", Value::String(text))
                        if !place.ends_with("/response") =>
                    {
                        description(findings, &here, text);
                    }
                    ("example" | "examples" | "value", _) => {}
                    _ => descriptions(findings, &here, member),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descriptions(findings, &format!("{place}/{index}"), item);
            }
        }
        _ => {}
    }
}

fn description(findings: &mut Findings, place: &str, text: &str) {
    findings.require(
        !text
            .lines()
            .any(|line| line.starts_with("    ") || line.starts_with('\t')),
        place,
        "an indented block",
        "rustdoc compiles it as a test; use a fenced block with a language",
    );
    let prose: String = text.split('`').step_by(2).collect();
    findings.require(
        !prose.contains("http://") && !prose.contains("https://"),
        place,
        "a bare URL",
        "put it into backticks",
    );
    findings.require(
        !prose.contains(['<', '>']),
        place,
        "an angle bracket",
        "rustdoc takes it for HTML; put it into backticks",
    );
    findings.require(
        !prose.contains(['[', ']']),
        place,
        "a square bracket",
        "rustdoc takes it for a link; put it into backticks",
    );
    findings.require(
        text.matches('`').count().is_multiple_of(2),
        place,
        "a backtick without a partner",
        "close the code span",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_quotes_or_in_a_sentence_is_fine() {
        assert!(has_bare_code(
            "value: {response: {code: 000_002, description: x}}"
        ));
        assert!(has_bare_code("  - 007_008"));
        assert!(!has_bare_code(
            "value: {response: {code: \"000_002\", description: x}}"
        ));
        assert!(!has_bare_code("  note: the message is that of 005_028."));
        assert!(!has_bare_code("    The message is that of 005_028 here."));
    }

    fn problems(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        description(&mut findings, "here", text);
        findings.list.into_iter().map(|f| f.problem).collect()
    }

    #[test]
    fn texts_that_rustdoc_would_trip_over() {
        assert_eq!(
            problems("a `<JWE>` at `https://x.example`, `list[0]`"),
            Vec::<String>::new()
        );
        assert_eq!(problems("text\n    indented"), ["an indented block"]);
        assert_eq!(problems("see https://x.example"), ["a bare URL"]);
        assert_eq!(problems("a <b> c"), ["an angle bracket"]);
        assert_eq!(problems("a [b] c"), ["a square bracket"]);
        assert_eq!(problems("a ` c"), ["a backtick without a partner"]);
    }
}
