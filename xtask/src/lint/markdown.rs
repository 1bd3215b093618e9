//! What rustdoc makes of a text. Descriptions become documentation, which is built with warnings
//! as errors, and whose code blocks are compiled as tests.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What is wrong with a text, and what to do about it.
pub(super) type Problem = (&'static str, &'static str);

/// Languages of code blocks that nobody takes for Rust.
const LANGUAGES: [&str; 6] = ["http", "json", "sh", "text", "xml", "yaml"];

/// A code block of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// What stands behind the fence. None of an indented block, which has no fence.
    pub(super) language: Option<String>,
    /// What stands in it.
    pub(super) text: String,
    /// Whether a fence ends it.
    pub(super) closed: bool,
}

/// What a text holds beside words.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Code blocks.
    pub(super) code: Vec<Code>,
    /// HTML, tag by tag.
    pub(super) html: Vec<String>,
    /// References in square brackets without an address: links to items of Rust, for rustdoc.
    pub(super) references: Vec<String>,
    /// Addresses of links.
    pub(super) links: Vec<String>,
    /// Whether an address stands among the words.
    pub(super) has_bare_url: bool,
    /// The words, without those in code.
    pub(super) words: String,
}

/// Reads a text as rustdoc does.
pub(super) fn read(text: &str) -> Reading {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    let mut references = Vec::new();
    let mut unresolved = |link: pulldown_cmark::BrokenLink<'_>| {
        references.push(link.reference.to_string());
        None
    };
    let mut reading = Reading::default();
    let mut block: Option<Code> = None;
    let parser = Parser::new_with_broken_link_callback(text, options, Some(&mut unresolved));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let raw = text.get(range).unwrap_or_default().trim_end();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => Some(language.to_string()),
                    CodeBlockKind::Indented => None,
                };
                let last = raw.lines().next_back().unwrap_or_default();
                let last = last.trim_start_matches([' ', '>', '\t']);
                block = Some(Code {
                    language,
                    text: String::new(),
                    closed: raw.lines().count() > 1
                        && (last.starts_with("```") || last.starts_with("~~~")),
                });
            }
            Event::End(TagEnd::CodeBlock) => reading.code.extend(block.take()),
            Event::Text(words) => match &mut block {
                Some(code) => code.text.push_str(&words),
                None => {
                    // An address whose parts an escape divides is none.
                    let urls = ["http://", "https://"];
                    reading.has_bare_url |= urls.iter().any(|url| words.contains(url));
                    reading.words.push_str(&words);
                }
            },
            Event::Html(tag) | Event::InlineHtml(tag) => reading.html.push(tag.to_string()),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                reading.links.push(dest_url.to_string());
            }
            Event::FootnoteReference(name) => reading.links.push(format!("^{name}")),
            // So that words on both sides of it are two.
            Event::SoftBreak | Event::HardBreak | Event::Code(_) => reading.words.push(' '),
            _ => {}
        }
    }
    reading.references = references;
    reading
}

/// What is wrong with a text that a person wrote.
pub(super) fn problems(text: &str) -> Vec<Problem> {
    let reading = read(text);
    let is_indented = |line: &str| line.starts_with("    ") || line.starts_with('\t');
    let rules: [(bool, Problem); 7] = [
        (
            reading.code.iter().any(|code| code.language.is_none())
                || outside_fences(text).any(is_indented),
            (
                "an indented block",
                "rustdoc compiles it as a test; use a fenced block with a language",
            ),
        ),
        (
            reading.code.iter().any(|code| {
                let language = code.language.as_deref().unwrap_or("text");
                !LANGUAGES.contains(&language.trim())
            }),
            (
                "a fenced block without a language",
                "rustdoc compiles it as a test: name one of http, json, sh, text, xml, yaml behind the fence",
            ),
        ),
        (
            reading
                .code
                .iter()
                .any(|code| code.language.is_some() && !code.closed),
            (
                "a fenced block that has no end",
                "what is put behind the text would stand in it",
            ),
        ),
        (
            !reading.html.is_empty() || reading.words.contains(['<', '>']),
            (
                "an angle bracket",
                "rustdoc takes it for HTML; put it into backticks",
            ),
        ),
        (
            !reading.links.is_empty()
                || !reading.references.is_empty()
                || reading.words.contains(['[', ']']),
            (
                "a square bracket",
                "rustdoc takes it for a link; put it into backticks",
            ),
        ),
        (
            reading.has_bare_url,
            ("a bare URL", "put it into backticks"),
        ),
        (
            reading.words.contains('`'),
            ("a backtick without a partner", "close the code span"),
        ),
    ];
    rules
        .into_iter()
        .filter_map(|(broken, problem)| broken.then_some(problem))
        .collect()
}

/// What is wrong with a text that stands in a row of a table, or as an item of a list.
pub(super) fn problems_of_one_line(text: &str) -> Vec<Problem> {
    let mut problems = problems(text);
    if text.trim().contains('\n') {
        problems.push((
            "a line break",
            "it stands in a row of a table: one line, without breaks",
        ));
    }
    if text.contains('|') {
        problems.push((
            "a vertical bar",
            "it stands in a row of a table, whose cells a bar divides",
        ));
    }
    problems
}

/// The lines that stand in no fenced block.
fn outside_fences(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        inside ^= fence;
        !inside && !fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        problems(text)
            .into_iter()
            .map(|(problem, _)| problem)
            .collect()
    }

    #[test]
    fn texts_that_rustdoc_would_trip_over() {
        for (text, problem) in [
            ("text\n    indented", "an indented block"),
            ("text\n\n    indented", "an indented block"),
            ("- item\n\n        indented", "an indented block"),
            ("\ttab", "an indented block"),
            ("```\nlet a = 1;\n```", "a fenced block without a language"),
            (
                "```rust\nlet a = 1;\n```",
                "a fenced block without a language",
            ),
            ("~~~\na\n~~~", "a fenced block without a language"),
            (
                "```should_panic\na\n```",
                "a fenced block without a language",
            ),
            ("```json\n{}", "a fenced block that has no end"),
            ("a <b> c", "an angle bracket"),
            ("a Vec<String>", "an angle bracket"),
            ("<!-- c -->", "an angle bracket"),
            ("a < b", "an angle bracket"),
            ("a [b] c", "a square bracket"),
            ("a [b](c)", "a square bracket"),
            ("list[0]", "a square bracket"),
            ("- [ ] to do [^1]", "a square bracket"),
            ("see https://x.example", "a bare URL"),
            ("a ` c", "a backtick without a partner"),
        ] {
            assert!(
                found(text).contains(&problem),
                "{text:?}: {:?}",
                found(text)
            );
        }
    }

    #[test]
    fn texts_that_it_reads_as_they_are() {
        for text in [
            "a `<JWE>` at `https://x.example`, `list[0]`",
            "``a ` b``, which has one",
            "```json\n{\"a\": [1]}\n```\n\nand more",
            "```text\n    indented <b>\n```",
            "- one\n- two\n  and more",
            "| a | b |\n|---|---|\n| `c` | d |",
            "100% & more: 카드 번호",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text:?}");
        }
    }

    #[test]
    fn a_row_of_a_table_has_one_line_and_no_bar() {
        let found = |text: &str| -> Vec<_> {
            let problems = problems_of_one_line(text).into_iter();
            problems.map(|(problem, _)| problem).collect()
        };
        assert_eq!(found("one\ntwo"), ["a line break"]);
        assert_eq!(found("one `a|b`"), ["a vertical bar"]);
        assert_eq!(found("one, two"), Vec::<&str>::new());
    }
}
