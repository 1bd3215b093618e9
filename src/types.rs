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
//! use konaplate::types::GetBankRechargeResultResponse;
//!
//! let answer: GetBankRechargeResultResponse = serde_json::from_value(serde_json::json!({
//!     "response": {"code": "000_000"},
//!     "result": "COMPLETED",
//! }))?;
//! # Ok::<(), serde_json::Error>(())
//! ```

pub use crate::sensitive::MaskedJson;

include!(concat!(env!("OUT_DIR"), "/values.rs"));
