//! Promise: whatever the description has can be looked up, in both languages, and nothing that is
//! said of a code goes beyond what the description proves.

use std::collections::BTreeSet;
use std::path::Path;

use console::{measure_text_width, strip_ansi_codes};
use konaplate_cli::catalogue::spec;
use konaplate_cli::commands::explain::explanation;
use konaplate_cli::commands::show;
use konaplate_cli::layout::Layout;
use konaplate_spec::{Language, Operation, Proves};
use serde_json::{Map, Value};

const LANGUAGES: [Language; 2] = [Language::English, Language::Korean];

/// What only a proof may be called, in both languages.
const CLAIMS: [&str; 6] = [
    "nothing was carried out",
    "not carried out",
    "no money moved",
    "미처리",
    "처리되지 않았",
    "이동하지 않았",
];

#[test]
fn sessions_at_a_terminal_are_as_recorded() {
    trycmd::TestCases::new()
        .default_bin_name("konaplate")
        .env("LANG", "C")
        .env("LC_ALL", "C")
        .case("tests/sessions/operations/*.trycmd")
        .case("tests/sessions/show/*.trycmd")
        .case("tests/sessions/explain/*.trycmd");
}

#[test]
fn every_operation_is_shown_with_a_command_that_makes_its_example() {
    for operation in spec().operations() {
        for language in LANGUAGES {
            let (text, json) = shown(operation, language);
            let line = text.lines().last().unwrap().trim();
            assert_eq!(json["command"], line);
            let words = shell_words::split(line).unwrap();
            assert_eq!(words[..3], ["konaplate", "call", operation.id.as_str()]);
            let fields = json["request"]["fields"].as_array().unwrap();
            let names: BTreeSet<_> = fields
                .iter()
                .map(|field| field["name"].as_str().unwrap().replace("[]", ""))
                .collect();
            let mut body = Value::Object(Map::new());
            for word in &words[3..] {
                let (name, value) = word.split_once('=').unwrap();
                let plain = without_places(name.trim_end_matches(':'));
                assert!(names.contains(&plain), "{}: {name}", operation.id);
                write(&mut body, name, value);
            }
            let example = operation.request.examples.first();
            let expected = example.map(|example| as_texts(&example.value));
            assert_eq!(body, expected.unwrap(), "{line}");
        }
    }
}

#[test]
fn every_field_and_every_code_of_an_operation_is_shown() {
    for operation in spec().operations() {
        for language in LANGUAGES {
            // So wide that no name is broken.
            let text = show::shown(operation, language, Layout::of_width(10_000)).text;
            let (_, json) = shown(operation, language);
            for code in json["codes"].as_array().unwrap() {
                assert!(text.contains(code["code"].as_str().unwrap()));
                let outcome = operation.outcome.as_ref();
                let proves = outcome.map(|found| found.proves(code["code"].as_str().unwrap()));
                assert_eq!(code["proves"].as_str(), proves.map(Proves::word));
                let is_proof = proves == Some(Proves::NotCarriedOut);
                assert_eq!(code["reason"].is_string(), is_proof);
            }
            for body in ["request", "response"] {
                for field in json[body]["fields"].as_array().unwrap() {
                    let name = field["name"].as_str().unwrap();
                    assert!(text.contains(&format!("  {name} ")), "{name}");
                }
            }
        }
    }
}

#[test]
fn no_line_but_the_command_is_wider_than_100_columns() {
    for language in LANGUAGES {
        for operation in spec().operations() {
            let (text, _) = shown(operation, language);
            let lines: Vec<_> = text.lines().collect();
            for line in &lines[..lines.len() - 1] {
                assert!(measure_text_width(line) <= 100, "{}: {line}", operation.id);
            }
        }
        for code in spec().codes() {
            let said = explanation(&code.code, language, Layout::of_width(100)).unwrap();
            for line in said.text.lines() {
                assert!(measure_text_width(line) <= 100, "{}: {line}", code.code);
            }
        }
    }
}

/// By the description alone: the one place that may say it is the row of an operation that has the
/// code as a proof.
#[test]
fn no_explanation_says_that_nothing_was_carried_out_without_proof() {
    let mut proofs = 0;
    for language in LANGUAGES {
        for code in spec().codes() {
            // So wide that a row is a line.
            let said = explanation(&code.code, language, Layout::of_width(10_000)).unwrap();
            let proven: BTreeSet<_> = spec()
                .operations()
                .iter()
                .filter(|operation| {
                    let outcome = operation.outcome.as_ref();
                    outcome.is_some_and(|found| found.proves(&code.code) == Proves::NotCarriedOut)
                })
                .map(|operation| operation.id.as_str())
                .collect();
            // Hints are the description's own words, for each operation.
            let hints: Vec<_> = spec()
                .operations()
                .iter()
                .filter_map(|operation| operation.outcome.as_ref())
                .map(|outcome| language.pick(&outcome.hint, &outcome.hint_ko))
                .collect();
            let mut claimed = BTreeSet::new();
            for line in said
                .text
                .lines()
                .filter(|line| !hints.contains(&line.trim()))
            {
                if CLAIMS.iter().any(|claim| line.contains(claim)) {
                    claimed.insert(line.split_whitespace().next().unwrap());
                }
            }
            assert_eq!(claimed, proven, "{}", code.code);
            proofs += proven.len();
            let mut safe = BTreeSet::new();
            for found in said.json["operations"].as_array().unwrap() {
                let is_proof = found["proves"] == Proves::NotCarriedOut.word();
                assert_eq!(found["reason"].is_string(), is_proof);
                if is_proof {
                    safe.insert(found["id"].as_str().unwrap());
                }
                let moves_money = found["effect"] == "moves-money";
                let is_safe = found["new_call"] == "safe";
                assert!(!moves_money || is_safe == is_proof, "{found}");
                assert_eq!(found["hint"].is_string(), moves_money && !is_proof);
            }
            assert_eq!(safe, proven, "{}", code.code);
        }
        for code in ["999_999", "000_000", "sandbox:schema", "sandbox:other"] {
            let said = explanation(code, language, Layout::of_width(10_000)).unwrap();
            for claim in CLAIMS {
                assert!(!said.text.contains(claim), "{code}: {}", said.text);
                assert!(!said.json.to_string().contains(claim), "{code}");
            }
            assert_eq!(said.json["operations"], Value::Array(Vec::new()));
        }
    }
    assert_eq!(proofs, 2 * 7, "the marks of the description");
}

#[test]
fn every_check_of_the_sandbox_is_explained() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let mut found = BTreeSet::new();
    for (index, _) in readme.match_indices("`sandbox:") {
        let rest = &readme[index + 1..];
        found.insert(rest.split('`').next().unwrap());
    }
    found.remove("sandbox:");
    assert!(found.len() > 15, "{found:?}");
    for code in found {
        let said = explanation(code, Language::English, Layout::of_width(100)).unwrap();
        assert!(!said.text.contains("does not know"), "{code}");
        assert_eq!(said.json["kind"], "sandbox");
    }
}

/// Without styles.
fn shown(operation: &Operation, language: Language) -> (String, Value) {
    let shown = show::shown(operation, language, Layout::of_width(100));
    (strip_ansi_codes(&shown.text).into_owned(), shown.json)
}

/// `tcList[0].tcId` as the table of fields has it.
fn without_places(name: &str) -> String {
    let parts = name.split('[').map(|part| match part.split_once(']') {
        Some((_, rest)) => rest,
        None => part,
    });
    parts.collect()
}

/// Writes a value where its name says, as text: a list by repetition, or by place.
fn write(body: &mut Value, name: &str, value: &str) {
    if let Some(name) = name.strip_suffix(':') {
        let value = as_texts(&serde_json::from_str(value).unwrap());
        *at(body, name) = value;
        return;
    }
    let place = at(body, name);
    match place {
        Value::Null => *place = value.into(),
        Value::Array(items) => items.push(value.into()),
        first => *first = vec![first.take(), value.into()].into(),
    }
}

fn at<'v>(body: &'v mut Value, name: &str) -> &'v mut Value {
    let mut place = body;
    for part in name.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
            None => (part, None),
        };
        place = &mut place[name];
        if let Some(index) = index {
            let index: usize = index.parse().unwrap();
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let items = place.as_array_mut().unwrap();
            if items.len() == index {
                items.push(Value::Null);
            }
            place = &mut items[index];
        }
    }
    place
}

/// The same body with texts for numbers and flags, and a list of one value as that value: what a
/// command line can tell apart without the description.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        Value::Array(items) => match &items[..] {
            [only] if !only.is_object() => as_texts(only),
            items => items.iter().map(as_texts).collect(),
        },
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), as_texts(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}
