//! What every command has: where settings come from, the language, and where it writes.

use clap::{Args, ValueEnum};
use konaplate_spec::Language;

use crate::failure::Failure;
use crate::output::{Format, Output};
use crate::variables::{Sources, Variables};

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// Where settings come from.
    #[command(flatten)]
    pub sources: Sources,

    /// Language of explanations; by default that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Lang>,

    /// Text for people, or JSON for programs; by default text on a terminal, and JSON elsewhere.
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub output: Option<Format>,
}

/// A language of explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

/// What every command has.
#[derive(Debug)]
pub struct Context {
    /// Settings by the names of environment variables.
    pub variables: Variables,
    /// The language of explanations.
    pub language: Language,
    /// Where it writes.
    pub output: Output,
}

impl Context {
    /// Reads the sources of settings, and looks at the terminal.
    ///
    /// # Errors
    /// A file that was named cannot be read, or the profile is not there.
    pub fn new(options: &Options) -> Result<Self, Failure> {
        let variables = Variables::read(&options.sources)?;
        let language = match options.lang {
            Some(Lang::En) => Language::English,
            Some(Lang::Ko) => Language::Korean,
            None => language_of(|name| std::env::var(name).ok()),
        };
        Ok(Self {
            variables,
            language,
            output: Output::new(options.output),
        })
    }
}

/// The first of these variables that is set says it (POSIX.1-2017, 8.2).
fn language_of(variable: impl Fn(&str) -> Option<String>) -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty());
    match said {
        Some(locale) if locale == "ko" || locale.starts_with("ko_") => Language::Korean,
        _ => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_says_the_language() {
        let of = |pairs: &'static [(&str, &str)]| {
            language_of(move |name| {
                let pair = pairs.iter().find(|(other, _)| *other == name);
                pair.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Language::English);
        assert_eq!(of(&[("LANG", "ko_KR.UTF-8")]), Language::Korean);
        assert_eq!(of(&[("LANG", "kok_IN")]), Language::English);
        assert_eq!(
            of(&[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")]),
            Language::English
        );
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ko")]), Language::Korean);
    }
}
