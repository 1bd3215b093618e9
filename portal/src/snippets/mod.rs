//! Programs that make a call: whole, with nothing but the HTTP client that their language brings, for a gateway.
//!
//! None sends a call a second time. Each shows the status, the body and, of a failure, `Konaplate-Delivery`.
//!
//! A program holds its request as a literal, so that it can be read and edited as the JSON that it is. The same literals are
//! written by `assets/snippets.js`, where a reader edits the body on the page.

mod curl;
mod go;
mod java;
mod kotlin;
mod python;
mod rust;
mod typescript;

use konaplate_spec::Operation;

/// A program in a language.
#[derive(Debug)]
pub(crate) struct Snippet {
    /// The language, as an id.
    pub(crate) id: &'static str,
    /// The language, for people.
    pub(crate) language: &'static str,
    pub(crate) before: String,
    /// The request as a literal.
    pub(crate) body: String,
    pub(crate) after: String,
}

impl Snippet {
    /// The whole program.
    pub(crate) fn text(&self) -> String {
        format!("{}{}{}", self.before, self.body, self.after)
    }
}

/// How programs of a language are written.
struct Dialect {
    id: &'static str,
    language: &'static str,
    /// A program with `PATH` where the path goes, and `BODY` where the literal goes.
    program: &'static str,
    /// A text as a literal, for any text that is valid JSON and for most others.
    quote: fn(&str) -> String,
}

const DIALECTS: [Dialect; 7] = [
    curl::DIALECT,
    rust::DIALECT,
    typescript::DIALECT,
    python::DIALECT,
    java::DIALECT,
    kotlin::DIALECT,
    go::DIALECT,
];

/// The languages, each with its id and its name.
pub(crate) const LANGUAGES: [(&str, &str); 7] = {
    let mut languages = [("", ""); DIALECTS.len()];
    let mut index = 0;
    while index < DIALECTS.len() {
        languages[index] = (DIALECTS[index].id, DIALECTS[index].language);
        index += 1;
    }
    languages
};

/// A program in every language that calls the operation with that request.
pub(crate) fn all(operation: &Operation, json: &str) -> Vec<Snippet> {
    DIALECTS
        .iter()
        .map(|dialect| dialect.snippet(&operation.path, json))
        .collect()
}

impl Dialect {
    fn snippet(&self, path: &str, json: &str) -> Snippet {
        let (before, after) = self.program.split_once("BODY").unwrap_or_default();
        let with_path = |part: &str| part.replace("PATH", path);
        Snippet {
            id: self.id,
            language: self.language,
            before: with_path(before),
            body: (self.quote)(json),
            after: with_path(after),
        }
    }
}

/// The inside of a literal between three quotation marks: no three of them stand in a row, and where the literal ends right
/// behind the text, none stands there.
fn between_three(
    text: &str,
    is_end: bool,
    quotation_mark: &str,
    escape: impl Fn(char) -> Option<&'static str>,
) -> String {
    let mut literal = String::with_capacity(text.len());
    let mut in_a_row = 0;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '"' {
            in_a_row = 0;
            match escape(c) {
                Some(escaped) => literal.push_str(escaped),
                None => literal.push(c),
            }
            continue;
        }
        in_a_row += 1;
        if in_a_row == 3 || (is_end && rest.as_str().is_empty()) {
            in_a_row = 0;
            literal.push_str(quotation_mark);
        } else {
            literal.push(c);
        }
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts with what a literal can trip over.
    const HARD: [&str; 12] = [
        "{\n  \"cardNo\": \"9491339401250765\"\n}",
        r#"{"a": "it's $HOME, ${HOME}, `id`, \"q\", \\ and \n", "b": "김코나"}"#,
        r#"{"a": "\"\"\"\"\"\"", "b": "\u005c\\\\"}"#,
        "\"\"\"\"\"\"",
        "\"",
        "a\"#b\"##c",
        "  a  \n\tb\t\n\n   \nc  ",
        "a\r\nb\rc",
        "\\",
        "\n\n",
        "\u{feff}a\u{3000}\nb${'$'}$",
        "",
    ];

    fn quoted(id: &str, text: &str) -> String {
        let mut dialects = DIALECTS.iter();
        let dialect = dialects.find(|dialect| dialect.id == id).unwrap();
        (dialect.quote)(text)
    }

    #[test]
    fn a_request_stays_readable() {
        let json = "{\n  \"name\": \"김코나\"\n}";
        for (id, literal) in [
            ("curl", format!("'{json}'")),
            ("rust", format!("r#\"{json}\"#")),
            ("typescript", format!("`{json}`")),
            ("python", format!("\"\"\"{json}\"\"\"")),
            ("java", format!("\"\"\"\n{json}\\\n\"\"\"")),
            ("kotlin", format!("\"\"\"{json}\"\"\"")),
            ("go", format!("`{json}`")),
        ] {
            assert_eq!(quoted(id, json), literal);
        }
    }

    #[test]
    fn what_would_end_a_literal_or_mean_something_is_escaped() {
        for (id, text, literal) in [
            ("curl", "it's", r"'it'\''s'"),
            ("rust", "a\"#b", "r##\"a\"#b\"##"),
            ("rust", "a\r\"\\", r#""a\r\"\\""#),
            ("typescript", r"`$a${b}\", r"`\`$a\${b}\\`"),
            ("python", "\"\"\"\\\"", "\"\"\"\"\"\\\"\\\\\\\"\"\"\""),
            ("java", "a \n\"\"\"", "\"\"\"\na \\n\\\n\"\"\\\"\\\n\"\"\""),
            ("kotlin", "$a\"", "\"\"\"${'$'}a${'\"'}\"\"\""),
            ("go", "a`b", "`a` + \"`\" + `b`"),
        ] {
            assert_eq!(quoted(id, text), literal);
        }
    }

    #[test]
    fn every_program_has_a_place_for_path_and_body() {
        for dialect in &DIALECTS {
            for place in ["PATH", "BODY"] {
                let places = dialect.program.matches(place).count();
                assert_eq!(places, 1, "{}: {place}", dialect.id);
            }
        }
        let spec = konaplate_spec::Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        for operation in spec.operations() {
            assert!(operation.path.chars().all(is_plain), "{}", operation.path);
        }
    }

    #[test]
    fn the_page_and_its_script_write_the_same_literals() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/snippets.js");
        let program = format!(
            "const {{ quote }} = await import({});
             const texts = {};
             const all = Object.entries(quote).map(([id, of]) => [id, texts.map(text => of(text))]);
             console.log(JSON.stringify(Object.fromEntries(all)));",
            serde_json::json!(format!("file://{script}")),
            serde_json::json!(HARD),
        );
        let arguments = ["--input-type=module", "--eval", &program];
        let Ok(output) = std::process::Command::new("node").args(arguments).output() else {
            eprintln!("skipped: there is no node");
            return;
        };
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let written: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(written.as_object().unwrap().len(), DIALECTS.len());
        for dialect in &DIALECTS {
            for (index, text) in HARD.iter().enumerate() {
                assert_eq!(
                    written[dialect.id][index],
                    (dialect.quote)(text),
                    "{}: {text:?}",
                    dialect.id
                );
            }
        }
    }
}
