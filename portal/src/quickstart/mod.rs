//! The parts of the quick start.

pub(crate) mod delivery;
pub(crate) mod languages;
pub(crate) mod settings;

use konaplate_spec::Language;

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) english: &'static str,
    pub(crate) korean: &'static str,
}

const fn said(english: &'static str, korean: &'static str) -> Said {
    Said { english, korean }
}

impl Said {
    pub(crate) fn in_language(self, language: Language) -> &'static str {
        language.pick(self.english, self.korean)
    }
}
