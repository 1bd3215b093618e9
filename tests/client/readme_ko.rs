//! Promise: README.ko.md is README.md in Korean, part by part: whoever changes one alone is told.

use std::collections::BTreeSet;
use std::mem::take;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a translation keeps, in its order.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Heading(u8),
    Paragraph,
    Item,
    /// A block of code: its language in a line, and every byte of it.
    Code(String),
    Table {
        columns: usize,
        rows: usize,
    },
}

/// A README, as rustdoc reads it.
#[derive(Debug, Default)]
struct Readme {
    parts: Vec<Part>,
    headings: Vec<String>,
    /// Words in code, such as names of methods.
    names: BTreeSet<String>,
    /// Addresses of links, but for those to the other language.
    links: BTreeSet<String>,
    /// The words.
    words: String,
}

impl Readme {
    fn read(text: &str) -> Self {
        let mut readme = Self::default();
        let mut collected = String::new();
        let mut rows = 0;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { .. }) => collected.clear(),
                Event::End(TagEnd::Heading(level)) => {
                    readme.parts.push(Part::Heading(level as u8));
                    readme.headings.push(take(&mut collected));
                }
                Event::Start(Tag::Paragraph) => readme.parts.push(Part::Paragraph),
                Event::Start(Tag::Item) => readme.parts.push(Part::Item),
                Event::Start(Tag::CodeBlock(kind)) => {
                    collected = match kind {
                        CodeBlockKind::Fenced(language) => format!("{language}\n"),
                        CodeBlockKind::Indented => "\n".to_owned(),
                    };
                }
                Event::End(TagEnd::CodeBlock) => {
                    readme.parts.push(Part::Code(take(&mut collected)));
                }
                Event::Start(Tag::Table(columns)) => {
                    rows = 0;
                    let columns = columns.len();
                    readme.parts.push(Part::Table { columns, rows });
                }
                Event::End(TagEnd::TableRow) => {
                    rows += 1;
                    if let Some(Part::Table { rows: counted, .. }) = readme.parts.last_mut() {
                        *counted = rows;
                    }
                }
                Event::Start(Tag::Link { dest_url, .. }) if !dest_url.starts_with("README") => {
                    readme.links.insert(dest_url.into_string());
                }
                Event::Code(name) => {
                    readme.names.insert(name.into_string());
                }
                Event::Text(text) => {
                    collected.push_str(&text);
                    readme.words.push_str(&text);
                }
                _ => {}
            }
        }
        readme
    }
}

/// Where two READMEs part; none if they agree.
fn difference(english: &str, korean: &str) -> Option<String> {
    let (english, korean) = (Readme::read(english), Readme::read(korean));
    let mut heading = "";
    let mut headings = english.headings.iter();
    let longest = english.parts.len().max(korean.parts.len());
    for place in 0..longest {
        let (one, other) = (english.parts.get(place), korean.parts.get(place));
        if let Some(Part::Heading(_)) = one {
            heading = headings.next().map_or("", String::as_str);
        }
        if one == other {
            continue;
        }
        let (one, other) = match (one, other) {
            (Some(Part::Code(one)), Some(Part::Code(other))) => first_other_line(one, other),
            (one, other) => (format!("{one:?}"), format!("{other:?}")),
        };
        return Some(format!(
            "at or below {heading:?}: {one} in English, {other} in Korean"
        ));
    }
    if english.links != korean.links {
        let links: Vec<_> = english.links.symmetric_difference(&korean.links).collect();
        return Some(format!("links of one alone: {links:?}"));
    }
    // Korean texts call a sequence id by its field.
    let mut names = english.names;
    names.insert("sequenceId".to_owned());
    let names: Vec<_> = names.symmetric_difference(&korean.names).collect();
    (!names.is_empty()).then(|| format!("names of one alone: {names:?}"))
}

/// The first line that is not the same in both.
fn first_other_line(one: &str, other: &str) -> (String, String) {
    let mut lines = one.split('\n').zip(other.split('\n'));
    let (one, other) = lines.find(|(one, other)| one != other).unwrap_or(("", ""));
    (format!("{one:?}"), format!("{other:?}"))
}

fn both() -> (String, String) {
    let read = |name| {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::fs::read_to_string(file).unwrap()
    };
    (read("README.md"), read("README.ko.md"))
}

#[test]
fn both_readmes_have_the_same_headings_code_tables_links_and_names() {
    let (english, korean) = both();
    assert_eq!(difference(&english, &korean), None);
}

#[test]
fn each_links_to_the_other_in_its_first_lines() {
    let (english, korean) = both();
    let line = |text: &str| text.lines().nth(2).unwrap().to_owned();
    assert_eq!(line(&english), "[한국어][korean]");
    assert!(english.ends_with("\n[korean]: README.ko.md\n"));
    assert_eq!(line(&korean), "[English][english]");
    assert!(korean.ends_with("\n[english]: README.md\n"));
}

#[test]
fn the_korean_one_is_korean() {
    let (_, korean) = both();
    let korean = Readme::read(&korean);
    for heading in &korean.headings[1..] {
        assert!(heading.chars().any(is_hangul), "{heading}");
    }
    // Two asterisks between a sign and a particle are none of emphasis, and would be shown.
    assert!(!korean.words.contains("**"));
}

fn is_hangul(char: char) -> bool {
    ('가'..='힣').contains(&char)
}

#[test]
fn a_change_of_one_alone_is_seen() {
    let (english, korean) = both();
    for (from, to) in [
        ("\n## ", "\n### "),
        ("\n## ", "\n"),
        ("\n\n", "\n\nOne more.\n\n"),
        ("\n- ", "\n- one more\n- "),
        ("```rust\nuse", "```rust\n// One more.\nuse"),
        ("```sh\n", "```text\n"),
        ("\n| `payments` |", "\n| more | 1 | |\n| `payments` |"),
        ("](openapi/README.md)", "](openapi)"),
        ("`delivery()`", "`delivered()`"),
    ] {
        for text in [&english, &korean] {
            assert!(text.contains(from), "{from}");
        }
        let (changed, other) = (english.replacen(from, to, 1), korean.replacen(from, to, 1));
        for difference in [difference(&changed, &korean), difference(&english, &other)] {
            assert!(difference.is_some(), "{from:?} to {to:?}");
        }
        assert_eq!(difference(&changed, &other), None, "{from:?} to {to:?}");
    }
}
