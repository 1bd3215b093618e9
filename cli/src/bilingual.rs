//! A text in both languages of the program.

use std::borrow::Cow;

use konaplate_spec::Language;

/// English and Korean, as a constant has them.
pub type Texts = (&'static str, &'static str);

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

/// English, and Korean.
impl<E, K> From<(E, K)> for Bilingual
where
    E: Into<Cow<'static, str>>,
    K: Into<Cow<'static, str>>,
{
    fn from((english, korean): (E, K)) -> Self {
        Self::new(english, korean)
    }
}
