//! What a page is made in: the description, the language, and where links lead.

use konaplate_spec::{Language, Spec};
use maud::Markup;

/// What a page is made in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'f> {
    pub(crate) spec: &'f Spec,
    pub(crate) language: Language,
    pub(crate) is_served: bool,
    /// The page's own path below that of its language.
    pub(crate) path: &'f str,
}

/// What is particular to a page.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) title: String,
    /// A sentence, for search engines and previews.
    pub(crate) description: String,
    pub(crate) main: Markup,
    /// Modules beside those that every page has, by their names in the assets.
    pub(crate) scripts: &'static [&'static str],
    pub(crate) styles: &'static [&'static str],
    pub(crate) policy: &'static str,
    /// Whether it brings its own `<main>`, and stands without the menu.
    pub(crate) is_whole: bool,
}

impl Content {
    pub(crate) fn new(
        title: impl Into<String>,
        description: impl Into<String>,
        main: Markup,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            main,
            scripts: &[],
            styles: &[],
            policy: crate::POLICY,
            is_whole: false,
        }
    }
}

/// A language in addresses and attributes (BCP 47).
pub(crate) fn code(language: Language) -> &'static str {
    language.pick("en", "ko")
}

/// The language of a text of the vendor's, which may be either.
pub(crate) fn language_of(text: &str) -> &'static str {
    let is_hangul = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    if text.contains(is_hangul) { "ko" } else { "en" }
}

impl Frame<'_> {
    /// A text of the page's language.
    pub(crate) fn say<'t>(&self, english: &'t str, korean: &'t str) -> &'t str {
        self.language.pick(english, korean)
    }

    /// The way up to the folder of the page's language.
    fn up(&self) -> String {
        let depth = self.path.matches('/').count();
        match depth {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    }

    /// A link to a page of the same language.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.up())
    }

    /// A link to an operation.
    pub(crate) fn operation(&self, id: &str) -> String {
        self.to(&format!("operations/{id}/"))
    }

    /// A link to a code in the list of all.
    pub(crate) fn code(&self, code: &str) -> String {
        self.to(&format!("codes/#{code}"))
    }

    /// A link to an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("{}../assets/{name}", self.up())
    }

    /// The same page in the other language.
    pub(crate) fn in_other(&self) -> (Language, String) {
        let other = match self.language {
            Language::English => Language::Korean,
            Language::Korean => Language::English,
        };
        (
            other,
            format!("{}../{}/{}", self.up(), code(other), self.path),
        )
    }
}
