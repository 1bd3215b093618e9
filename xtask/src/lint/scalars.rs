//! Words of YAML that readers take for different things: without quotes, `01` is a number for one and
//! text for another, and `no` is false in YAML 1.1.

use granit_parser::{Event, Parser, ScalarStyle};
use konaplate_spec::is_code;

use super::Findings;
use crate::bundle::sources::Source;

/// Booleans of YAML 1.1 that are text in YAML 1.2.
const BOOLEANS: [&str; 6] = ["y", "yes", "n", "no", "on", "off"];

/// What a collection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Item,
    Key,
    Value,
}

/// Each word of a document that stands without quotes.
pub(super) fn check(findings: &mut Findings, source: &Source) {
    let mut open: Vec<Next> = Vec::new();
    for event in Parser::new_from_str(&source.text) {
        // A document that cannot be read is no source.
        let Ok((event, span)) = event else { return };
        match event {
            Event::Scalar(word, style, _, tag) => {
                let is_key = open.last() == Some(&Next::Key);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if plain && is_code(&word) {
                    findings.add(
                        format!("line {}", span.start.line()),
                        "a code without quotes",
                        "YAML 1.1 readers take 007_008 for the number 7008; write \"007_008\"",
                    );
                } else if let Some(problem) = plain.then(|| problem(&word, is_key)).flatten() {
                    findings.add(
                        format!("line {}", span.start.line()),
                        problem,
                        "readers of YAML differ about it: put it in quotes if it is text, and leave it out if it is \
                         nothing",
                    );
                }
                turn(&mut open);
            }
            Event::Alias(_) => turn(&mut open),
            Event::SequenceStart(..) => {
                turn(&mut open);
                open.push(Next::Item);
            }
            Event::MappingStart(..) => {
                turn(&mut open);
                open.push(Next::Key);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
            }
            _ => {}
        }
    }
}

/// A key is followed by its value, and a value by the next key.
fn turn(open: &mut [Next]) {
    if let Some(next) = open.last_mut() {
        *next = match next {
            Next::Item => Next::Item,
            Next::Key => Next::Value,
            Next::Value => Next::Key,
        };
    }
}

/// What is wrong with a word that stands without quotes.
fn problem(word: &str, is_key: bool) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    if word.is_empty() || word == "~" || lower == "null" {
        let what = if is_key { "a key" } else { "a value" };
        return Some(format!("{what} that is nothing"));
    }
    if BOOLEANS.contains(&lower.as_str()) {
        return Some(format!(
            "{word} without quotes, which is no text for all readers"
        ));
    }
    let digits = word.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let is_plain_number = (digits == "0" || !digits.starts_with('0'))
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !word.starts_with('+');
    if is_plain_number {
        return is_key.then(|| format!("the number {word} as a key"));
    }
    reads_as_number(digits).then(|| {
        format!("{word} without quotes, which is another number, or text, for some readers")
    })
}

/// Whether a reader of YAML 1.1 or 1.2 takes it for a number, a time or a date.
fn reads_as_number(word: &str) -> bool {
    let of = |allowed: fn(char) -> bool| word.chars().all(allowed);
    // 007, 1_000, 12:30:45, 1.5, .5
    let decimal = of(|c| c.is_ascii_digit() || matches!(c, '_' | ':' | '.'))
        && word.matches('.').count() < 2
        && word.contains(|c: char| c.is_ascii_digit());
    let prefixed = |prefix: &str, radix: u32| {
        word.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c == '_' || c.is_digit(radix))
        })
    };
    let exponent = word.split_once(['e', 'E']).is_some_and(|(number, power)| {
        let power = power.trim_start_matches(['+', '-']);
        !power.is_empty()
            && power.bytes().all(|byte| byte.is_ascii_digit())
            && number
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '_' | '.'))
    });
    let mut parts = word.splitn(3, '-');
    let date = match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(rest)) => {
            let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let day = rest.split(['T', 't', ' ']).next().unwrap_or_default();
            year.len() == 4 && number(year) && number(month) && number(day) && day.len() < 3
        }
        _ => false,
    };
    decimal || prefixed("0x", 16) || prefixed("0o", 8) || prefixed("0b", 2) || exponent || date
}
