//! Requests, responses, and the named values in them.
//!
//! Each name is a schema of the description. Values follow their rule when a caller makes them and
//! are taken as they come in a response: see [`crate::value`]. Sensitive ones are never printed:
//! see [`crate::value`].
//!
//! Objects of requests and responses have public fields and are made by this crate only, so that a
//! new field breaks nobody. In tests make a response from JSON:
//!
//! ```
//! use konaplate::types::GetBankRechargeResultResponseBody;
//!
//! let response: GetBankRechargeResultResponseBody = serde_json::from_value(serde_json::json!({
//!     "response": {"code": "000_000"},
//!     "result": "COMPLETED",
//! }))?;
//! # Ok::<(), serde_json::Error>(())
//! ```

pub use crate::value::{Extra, MaskedJson};

/// An object of which no field is known: what a caller puts in goes out, and what comes is kept.
///
/// All objects of which nothing was seen share this type; calls of such operations have a method
/// `extra` for each field that a caller knows better.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct OpenObject(pub Extra);

include!(concat!(env!("OUT_DIR"), "/values.rs"));

impl SequenceId {
    /// A new id of 20 characters: the prefix (at most 4 letters, digits, `-` and `_`), and random
    /// letters and digits. No other process or machine makes the same one.
    ///
    /// It fits every operation that takes a sequence id: the shortest documented limit is 20
    /// characters (credit-card recharge).
    ///
    /// ```
    /// use konaplate::types::SequenceId;
    ///
    /// let id = SequenceId::fresh("BNK-")?;
    /// assert_eq!(id.len(), 20);
    /// assert!(id.starts_with("BNK-"));
    /// # Ok::<(), konaplate::Violation>(())
    /// ```
    ///
    /// # Errors
    /// The prefix is longer or has other characters, or the random source failed.
    pub fn fresh(prefix: &str) -> Result<Self, crate::Violation> {
        crate::value::fresh_id(prefix).map(Self::as_received)
    }
}

impl CreditCardRechargeSequenceId {
    /// A new id, as [`SequenceId::fresh`] makes one.
    ///
    /// # Errors
    /// As there.
    pub fn fresh(prefix: &str) -> Result<Self, crate::Violation> {
        crate::value::fresh_id(prefix).map(Self::as_received)
    }
}
