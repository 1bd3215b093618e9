//! What is wrong, and what to do about it.

use konaplate_spec::Language;
use serde_json::{Value, json};

use crate::bilingual::Bilingual;
use crate::output::{FAINT, STRONG, styled};

/// One thing that is wrong. It holds nothing of keys and bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Finding {
    /// The same in every language and release.
    pub(in crate::commands) id: &'static str,
    says: Bilingual,
    cure: Bilingual,
}

impl Finding {
    pub(in crate::commands) fn new(
        id: &'static str,
        says: impl Into<Bilingual>,
        cure: impl Into<Bilingual>,
    ) -> Self {
        Self {
            id,
            says: says.into(),
            cure: cure.into(),
        }
    }

    /// For people.
    pub(in crate::commands) fn text(&self, language: Language) -> String {
        format!(
            "{} {}\n  {}",
            styled(STRONG, &format!("{}:", self.id)),
            self.says.said(language),
            styled(FAINT, self.cure.said(language))
        )
    }

    /// For programs.
    pub(in crate::commands) fn json(&self, language: Language) -> Value {
        json!({
            "cure": self.cure.said(language),
            "finding": self.id,
            "says": self.says.said(language),
        })
    }
}

/// A text of somebody else's, short and without anything that a terminal acts on.
pub(in crate::commands) fn quoted(text: &str) -> String {
    const MOST: usize = 40;
    let short: String = text.chars().take(MOST).collect();
    let more = if text.chars().nth(MOST).is_some() {
        "…"
    } else {
        ""
    };
    format!("{short:?}{more}")
}
