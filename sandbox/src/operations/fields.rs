//! The fields of a request, by their names.
//!
//! What the description knows of a request was checked against its schema before. Of some requests
//! nothing was seen: their fields have the names that other operations use, and are checked here.

use konaplate::ErrorCode;
use serde_json::Value;

use crate::state::Refusal;

/// A request's plaintext. It has no `Debug`: fields are personal data.
pub(crate) struct Fields(Value);

impl Fields {
    pub(crate) fn new(plaintext: Value) -> Self {
        Self(plaintext)
    }

    /// A text; none where it is missing, null or empty.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0[name].as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, Refusal> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// A number, or its digits as a text; none where it is missing.
    pub(super) fn find_number(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        let number = match &self.0[name] {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_u64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        let rule = || Refusal::parameter(name, format!("{name} must be a whole number from 0"));
        number.ok_or_else(rule).map(Some)
    }

    pub(super) fn number(&self, name: &'static str) -> Result<u64, Refusal> {
        self.find_number(name)?.ok_or_else(|| missing(name))
    }

    /// A flag, as such or as a text; none where it is missing or neither.
    pub(super) fn find_flag(&self, name: &str) -> Option<bool> {
        match &self.0[name] {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// An object's fields; no fields where it is missing.
    pub(super) fn object(&self, name: &str) -> Self {
        Self(self.0[name].clone())
    }

    /// The objects of a list; none where it is missing.
    pub(super) fn list(&self, name: &str) -> Vec<Self> {
        self.0[name]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| Self(item.clone()))
            .collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    /// A token and its dynamic CVV.
    pub(super) fn token(&self) -> Result<(&str, Option<&str>), Refusal> {
        Ok((self.text("oneTimeToken")?, Some(self.text("dcvv")?)))
    }
}

/// A field that an operation cannot do without.
pub(super) fn missing(name: &'static str) -> Refusal {
    Refusal::parameter(name, format!("{name} is needed"))
}

/// The same refusal with the code that the operation has for it.
pub(super) fn coded(code: ErrorCode) -> impl FnOnce(Refusal) -> Refusal {
    move |refusal| Refusal::new(code, refusal.rule)
}
