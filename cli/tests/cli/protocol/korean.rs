use super::{Ran, SECRET, run_once};

/// A finding: its id, what it says, and its cure.
#[derive(Debug, PartialEq)]
struct Found {
    id: String,
    says: String,
    cure: String,
}

/// What a run found: in its report, or as lines for people.
fn found(ran: &Ran) -> Vec<Found> {
    if let Ok(report) = serde_json::from_slice::<serde_json::Value>(&ran.out)
        && let Some(findings) = report["findings"].as_array()
    {
        let text = |finding: &serde_json::Value, name: &str| {
            let text = finding[name].as_str();
            text.unwrap().to_owned()
        };
        let found = findings.iter().map(|finding| Found {
            id: text(finding, "finding"),
            says: text(finding, "says"),
            cure: text(finding, "cure"),
        });
        return found.collect();
    }
    let text = format!("{}\n{}", String::from_utf8_lossy(&ran.out), ran.err);
    let lines: Vec<_> = text.lines().collect();
    let pairs = lines.array_windows();
    let found = pairs.filter_map(|[line, next]| {
        let (id, says) = line.split_once(": ")?;
        let is_id = id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (is_id && id != "error").then(|| Found {
            id: id.to_owned(),
            says: says.to_owned(),
            cure: next.strip_prefix("  ").unwrap().to_owned(),
        })
    });
    found.collect()
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

/// The numbers in a text, sorted. Two Korean words have digits that are words in English: hex, zeros.
fn numbers(text: &str) -> Vec<String> {
    let text = text.replace("16진수", "").replace("앞의 0", "");
    let digits = text.split(|c: char| !c.is_ascii_digit());
    let digits = digits.filter(|digits| !digits.is_empty());
    let mut numbers: Vec<_> = digits.map(str::to_owned).collect();
    numbers.sort_unstable();
    numbers
}

/// Checks that a run in Korean finds what the one in English found, and says it in Korean.
#[track_caller]
pub(super) fn is_the_same(english: &Ran, korean: &Ran) {
    assert_eq!(korean.code, english.code);
    assert!(!korean.err.contains(SECRET));
    assert!(!String::from_utf8_lossy(&korean.out).contains(SECRET));
    let (english, korean) = (found(english), found(korean));
    let ids = |found: &[Found]| -> Vec<_> { found.iter().map(|found| found.id.clone()).collect() };
    assert_eq!(ids(&korean), ids(&english));
    for (english, korean) in english.iter().zip(&korean) {
        for (english, korean) in [(&english.says, &korean.says), (&english.cure, &korean.cure)] {
            assert!(!is_korean(english), "{english}");
            assert!(is_korean(korean), "{english}: {korean}");
            assert_eq!(numbers(korean), numbers(english), "{english}: {korean}");
        }
    }
}

#[test]
fn the_environment_says_the_language() {
    let wrong = "KMV1:20250315104512345:AAAA";
    for (variables, in_korean) in [
        (&[("LANG", "ko_KR.UTF-8")][..], true),
        (&[("LANG", "C"), ("LC_ALL", "ko_KR.UTF-8")], true),
        (&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")], false),
    ] {
        for (command, output) in [("verify", "text"), ("verify", "json"), ("decrypt", "text")] {
            let mut arguments = vec![command, "--output", output];
            arguments.extend((command == "verify").then_some(wrong));
            let found = found(&run_once(variables, &arguments, b"x.x"));
            assert!(!found.is_empty(), "{arguments:?}");
            for found in found {
                assert_eq!(is_korean(&found.says), in_korean, "{variables:?} {found:?}");
                assert_eq!(is_korean(&found.cure), in_korean, "{variables:?} {found:?}");
            }
        }
    }
}
