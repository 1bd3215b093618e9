//! What the search looks through.

use konaplate_spec::{Language, Spec};
use serde_json::{Value, json};

/// Operations, codes and fields: each with where it is, its name, what is said of it, and words that it is found by.
pub(crate) fn index(spec: &Spec, language: Language) -> Value {
    let operations = spec.operations().iter().map(|operation| {
        let mut words = vec![
            operation.path.clone(),
            operation.title.clone(),
            operation.group.clone(),
        ];
        words.push(
            language
                .pick(&operation.summary_ko, &operation.summary)
                .to_owned(),
        );
        for body in [&operation.request, &operation.response] {
            words.extend(spec.placed(body).into_iter().map(|placed| placed.name));
        }
        words.sort();
        words.dedup();
        json!({
            "to": format!("operations/{}/", operation.id),
            "name": operation.id,
            "says": language.pick(&operation.summary, &operation.summary_ko),
            "words": words.join(" "),
        })
    });
    let codes = spec.codes().iter().map(|code| {
        let meanings: Vec<_> = code
            .examples
            .iter()
            .map(|example| language.pick(&example.meaning, &example.meaning_ko))
            .collect();
        let mut words: Vec<_> = code
            .examples
            .iter()
            .map(|example| example.message.as_str())
            .collect();
        words.push(&code.name);
        json!({
            "to": format!("codes/#{}", code.code),
            "name": code.code,
            "says": meanings.join(" "),
            "words": words.join(" "),
        })
    });
    operations.chain(codes).collect()
}
