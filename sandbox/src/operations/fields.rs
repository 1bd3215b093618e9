//! Fields that the description does not know, by their names.
//!
//! A request comes as the client's own type, checked against its schema before. Of some requests
//! nothing was seen, or not all: their other fields have the names that other operations use, and
//! are checked here.

use std::collections::BTreeMap;

use konaplate::ErrorCode;
use konaplate::types::MaskedJson;
use serde_json::Value;

use crate::state::Refusal;

/// The fields beside the described ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'r>(&'r BTreeMap<String, MaskedJson>);

impl<'r> Fields<'r> {
    /// Those of a request of which nothing was seen, or the `extra` of one that is known in part.
    pub(super) fn of(extra: &'r BTreeMap<String, MaskedJson>) -> Self {
        Self(extra)
    }

    fn value(self, name: &str) -> &'r Value {
        self.0.get(name).map_or(&Value::Null, MaskedJson::expose)
    }

    /// A text; none where it is missing, null or empty.
    pub(super) fn find(self, name: &str) -> Option<&'r str> {
        self.value(name).as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn text(self, name: &'static str) -> Result<&'r str, Refusal> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// A number, or its digits as a text; none where it is missing.
    pub(super) fn find_number(self, name: &'static str) -> Result<Option<u64>, Refusal> {
        let number = match self.value(name) {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_u64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        let rule = || Refusal::parameter(name, format!("{name} must be a whole number from 0"));
        number.ok_or_else(rule).map(Some)
    }

    pub(super) fn number(self, name: &'static str) -> Result<u64, Refusal> {
        self.find_number(name)?.ok_or_else(|| missing(name))
    }

    /// A flag, as such or as a text; none where it is missing or neither.
    pub(super) fn find_flag(self, name: &str) -> Option<bool> {
        match self.value(name) {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// A described field that its page does not say to be required, and without which the operation
/// cannot be carried out.
pub(super) fn needed<'r, T>(field: &'r Option<T>, name: &'static str) -> Result<&'r T, Refusal> {
    field.as_ref().ok_or_else(|| missing(name))
}

/// A field that an operation cannot do without.
pub(super) fn missing(name: &'static str) -> Refusal {
    Refusal::parameter(name, format!("{name} is needed"))
}

/// The same refusal with the code that the operation has for it.
pub(super) fn coded(code: ErrorCode) -> impl FnOnce(Refusal) -> Refusal {
    move |refusal| Refusal::new(code, refusal.rule)
}
