//! Words that texts do not use: those of the project's past, of one language, and what `bundle`
//! writes by itself.

use super::Findings;

/// Beginnings of words that are not used, with what is said instead.
const WORDS: [(&str, &str); 11] = [
    ("answer", "say response, or respond"),
    ("seal", "say encrypt"),
    ("unseal", "say decrypt"),
    ("reconcil", "say outcome, or inquiry"),
    ("builder", "a description has readers of every language"),
    ("crate", "a description has readers of every language"),
    ("rust", "a description has readers of every language"),
    ("rustdoc", "a description has readers of every language"),
    ("serde", "a description has readers of every language"),
    ("4XX", "say 400: responses are 200, 400 and default"),
    ("5XX", "say default: responses are 200, 400 and default"),
];

/// Texts that are not used, wherever they stand.
const TEXTS: [(&str, &str); 5] = [
    ("`extra`", "say that the request may carry other fields"),
    (
        "**Encryption**",
        "bundle writes it, from x-konaplate-encryption",
    ),
    ("**Effect**", "bundle writes it, from x-konaplate-effect"),
    ("**Outcome**", "bundle writes it, from x-konaplate-outcome"),
    ("**Codes**", "bundle writes it, from the codes of 400"),
];

pub(super) fn check(findings: &mut Findings, place: &str, text: &str) {
    let lower = text.to_lowercase();
    for (word, instead) in WORDS {
        let found = lower
            .split(|c: char| !c.is_alphanumeric())
            .find(|found| is_form_of(found, &word.to_lowercase()));
        if let Some(found) = found {
            findings.add(place, format!("the word {found}"), instead);
        }
    }
    for (unwanted, instead) in TEXTS {
        findings.require(
            !text.contains(unwanted),
            place,
            format!("the text {unwanted}"),
            instead,
        );
    }
}

/// `sealed` is a form of `seal`; `crater` is none of `crate`.
fn is_form_of(found: &str, word: &str) -> bool {
    found.strip_prefix(word).is_some_and(|rest| {
        ["", "s", "d", "ed", "er", "ers", "ing", "e", "es", "iation"].contains(&rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check(&mut findings, "here", text);
        findings.list.into_iter().map(|f| f.problem).collect()
    }

    #[test]
    fn words_of_the_past_and_of_one_language_are_found() {
        for (text, problem) in [
            ("after a lost answer", "the word answer"),
            ("The gateway has not answered.", "the word answered"),
            ("Answers are kept.", "the word answers"),
            ("a sealed body", "the word sealed"),
            ("unsealed", "the word unsealed"),
            ("reconcile it", "the word reconcile"),
            ("of the call builder", "the word builder"),
            ("of this crate", "the word crate"),
            ("a Rust type", "the word rust"),
            ("a 4XX status", "the word 4xx"),
            ("a 5XX status", "the word 5xx"),
            ("`extra` can carry it", "the text `extra`"),
            ("**Encryption**: both", "the text **Encryption**"),
            ("**Effect**: reads", "the text **Effect**"),
            ("**Outcome**: asked", "the text **Outcome**"),
            ("**Codes**: none", "the text **Codes**"),
        ] {
            assert_eq!(problems(text), [problem]);
        }
    }

    #[test]
    fn other_words_are_not() {
        let text = "After a lost response, the extra registration is needed; a trusted craft, encrypted, sealant.";
        assert_eq!(problems(text), Vec::<String>::new());
    }
}
