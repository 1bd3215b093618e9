//! `konaplate explain`.

mod documented;
mod sandbox;
mod undocumented;

use std::borrow::Cow;

use clap::Args;
use konaplate_spec::{Language, Proves, is_code};
use serde_json::{Value, json};

use crate::catalogue::spec;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::layout::Layout;
use crate::output::{STRONG, styled};

/// Says what a code means, who responds with it, what it proves about the money, and what to do.
///
/// As JSON it is one object: code, kind (documented, undocumented, success, sandbox), name, class,
/// meanings, messages, advice, operations and otherwise. Each operation has id, effect, listed (whether
/// its own page lists the code), proves (not-carried-out, earlier-call, declined, failure; null where
/// no money moves), reason, new_call (safe, decide, ask-first) and hint (null where a new call is safe).
/// otherwise says what the code proves when any other operation that moves money responds with it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate explain 007_008
  konaplate explain 007008 --lang ko       # the same, in Korean
  konaplate explain 007-007
  konaplate explain sandbox:schema         # a check of the sandbox
  konaplate explain 007_008 --output json")]
pub struct Arguments {
    /// The code of a response, such as 007_008; 007-008 and 007008 are the same.
    #[arg(value_name = "CODE")]
    code: String,
}

/// What is said of a code.
#[derive(Debug)]
pub struct Explanation {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
}

/// What is said of a code that no operation lists.
struct Unlisted<'a> {
    code: &'a str,
    kind: &'static str,
    meaning: &'a str,
    /// What is said between meaning and advice: titles and texts.
    more: Vec<(&'a str, &'a str)>,
    advice: &'a str,
    /// What it proves, whoever responds with it. None for what is no failure.
    proves: Option<Proves>,
}

impl Unlisted<'_> {
    fn explanation(self, language: Language, layout: Layout) -> Explanation {
        let mut pairs = vec![(language.pick("Meaning", "의미"), self.meaning.to_owned())];
        let more = self.more.into_iter();
        pairs.extend(more.map(|(title, text)| (title, text.to_owned())));
        pairs.push((language.pick("What to do", "조치"), self.advice.to_owned()));
        Explanation {
            text: format!("{}\n\n{}", styled(STRONG, self.code), layout.pairs(&pairs)),
            json: json!({
                "code": self.code,
                "kind": self.kind,
                "name": null,
                "class": null,
                "meanings": [self.meaning],
                "messages": [],
                "advice": self.advice,
                "operations": [],
                "otherwise": self.proves.map(Proves::word),
            }),
        }
    }
}

impl Arguments {
    /// Prints what is known.
    ///
    /// # Errors
    /// It has not the form of a code, or nobody takes it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let said = explanation(&self.code, context.language, Layout::of_terminal())?;
        if context.output.is_text() {
            context.output.text(&said.text)?;
        } else {
            context.output.json(&said.json)?;
        }
        Ok(Exit::Done)
    }
}

/// What is known of a code, in that language.
///
/// # Errors
/// It has not the form of a code.
pub fn explanation(
    given: &str,
    language: Language,
    layout: Layout,
) -> Result<Explanation, Failure> {
    let code = normalized(given.trim());
    if konaplate::error::is_sandbox_code(&code) {
        return Ok(sandbox::explanation(&code, language, layout));
    }
    if !is_code(&code) {
        return Err(Failure::bad_input(
            "code: must have the form 007_008, six digits with an underscore between, or sandbox:schema",
        )
        .next("it stands in the response, at response.code; konaplate show <operation> lists those of an operation"));
    }
    Ok(match spec().code(&code) {
        Some(known) => documented::explanation(known, language, layout),
        None if code == undocumented::SUCCESS => undocumented::success(language, layout),
        None => undocumented::explanation(&code, language, layout),
    })
}

/// `007-008` and `007008` as the wire has it.
fn normalized(given: &str) -> Cow<'_, str> {
    let parts = given
        .split_once(['-', '_'])
        .or_else(|| given.split_at_checked(3));
    match parts {
        Some((family, number)) if is_code(&format!("{family}_{number}")) => {
            format!("{family}_{number}").into()
        }
        _ => given.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_with_and_without_its_underscore() {
        for given in ["007_008", "007-008", "007008"] {
            assert_eq!(normalized(given), "007_008");
        }
        for given in [
            "",
            "007",
            "00",
            "0070089",
            "007 008",
            "코드코",
            "sandbox:tran-token",
        ] {
            assert_eq!(normalized(given), given);
        }
    }
}
