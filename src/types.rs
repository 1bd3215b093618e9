//! Requests, answers, and the named values in them.
//!
//! Each name is a schema of the description. Values follow their rule when a caller makes them and
//! are taken as they come in an answer: see [`crate::scalar`]. Sensitive ones are never printed: see
//! [`crate::sensitive`].
//!
//! Objects of requests and answers have public fields and are made by this crate only, so that a
//! new field breaks nobody. In tests make an answer from JSON:
//!
//! ```
//! use konaplate::types::GetBankRechargeResultResponseBody;
//!
//! let answer: GetBankRechargeResultResponseBody = serde_json::from_value(serde_json::json!({
//!     "response": {"code": "000_000"},
//!     "result": "COMPLETED",
//! }))?;
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::collections::BTreeMap;

pub use crate::sensitive::MaskedJson;

/// An object of which no field is known: what a caller puts in goes out, and what comes is kept.
///
/// All objects of which nothing was seen share this type; calls of such operations have a method
/// `extra` for each field that a caller knows better.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct OpenObject(pub BTreeMap<String, MaskedJson>);

include!(concat!(env!("OUT_DIR"), "/values.rs"));
