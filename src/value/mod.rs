//! Single values: strict when a caller makes them, tolerant when they come in a response.
//!
//! The description gives most values a name and a rule: a sequence id has 1 to 30 characters, an
//! amount is 1 to 9,999,999,999 KRW. Each name is a type of [`crate::types`], an alias of one of
//! the types here, told apart by its rule:
//!
//! - [`Text`], a string; [`Masked`], a string that is never printed;
//! - [`Whole`], a whole number;
//! - open enums, one type each.
//!
//! Making one from a caller's value (`"…".try_into()`, or through the setter of a call) checks the
//! rule. Reading one from a response does not: what the platform says is kept as it came, a number
//! where text is documented and the reverse included. A value from a response is checked when it is
//! put into a request.
mod decimal;
mod fresh_id;
pub(crate) mod lenient;
mod masked;
mod open_enum;
mod setting;
mod text;
mod time;
mod whole;

use std::fmt;

pub(crate) use decimal::Decimal;
pub(crate) use fresh_id::fresh_id;
pub use masked::{Extra, Masked, MaskedBytes, MaskedJson};
pub use open_enum::UnknownWord;
pub(crate) use open_enum::open_enum;
pub use setting::check_setting;
pub use text::{SensitiveRule, Text, TextRule, TextUse, composed};
pub(crate) use text::{TextVisitor, as_sent, check_text};
pub use time::{DateRule, DateTimeRule, InstantRule, TimeRule};
pub use whole::{Whole, WholeRule};

/// What is wrong with a value. It names the rule and never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(String);

impl Violation {
    pub(crate) fn new(rule: impl Into<String>) -> Self {
        Self(rule.into())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

impl From<std::convert::Infallible> for Violation {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// A value that can tell whether it follows its rule.
pub(crate) trait Checked {
    /// Checks the rule.
    fn check(&self) -> Result<(), Violation>;
}

impl Checked for bool {
    fn check(&self) -> Result<(), Violation> {
        Ok(())
    }
}
