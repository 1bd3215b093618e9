//! Why something cannot be set.

use std::fmt;

/// Why something cannot be set: the field, and the rule that it breaks. Never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) field: String,
    pub(crate) rule: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
        }
    }

    /// Name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Problem {}
