//! What is wrong, and what to do about it.

use serde_json::{Value, json};

use crate::output::{FAINT, STRONG, styled};

/// One thing that is wrong. It holds nothing of keys and bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Finding {
    /// The same in every language and release.
    pub(in crate::commands) id: &'static str,
    says: String,
    cure: String,
}

impl Finding {
    pub(in crate::commands) fn new(
        id: &'static str,
        says: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            id,
            says: says.into(),
            cure: cure.into(),
        }
    }

    /// For people.
    pub(in crate::commands) fn text(&self) -> String {
        let Self { id, says, cure } = self;
        format!(
            "{} {says}\n  {cure}",
            styled(STRONG, &format!("{id}:")),
            cure = styled(FAINT, cure)
        )
    }

    /// For programs.
    pub(in crate::commands) fn json(&self) -> Value {
        json!({ "cure": self.cure, "finding": self.id, "says": self.says })
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
