//! A text in both languages of the program.

use std::borrow::Cow;

use konaplate_spec::Language;

/// What is said to people in English, and in Korean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    english: Cow<'static, str>,
    korean: Cow<'static, str>,
}

impl Bilingual {
    /// The same in both languages.
    pub fn new(
        english: impl Into<Cow<'static, str>>,
        korean: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            english: english.into(),
            korean: korean.into(),
        }
    }

    /// The one that is in this language.
    #[must_use]
    pub fn said(&self, language: Language) -> &str {
        language.pick(&self.english, &self.korean)
    }
}
