//! JSON that is sent as it was meant: nothing of it is repaired on the way to the platform.

use konaplate::protocol::envelope::Document;
use konaplate::protocol::strict_object;
use serde_json::{Map, Value};

/// Why bytes are no JSON object that can be sent as it stands.
#[derive(Debug)]
pub enum Inexact {
    /// They are none, or a name stands twice: in words that hold none of its values.
    Json(String),
    /// It has a number that 64 bits do not hold.
    Number,
}

/// The members of a JSON object in UTF-8, in which no name stands twice and no number is rounded.
///
/// # Errors
/// Why the bytes are none.
pub fn exact_object(bytes: &[u8]) -> Result<Map<String, Value>, Inexact> {
    let members = strict_object(bytes).map_err(Inexact::Json)?;
    let is_exact = Document::read(bytes).is_some_and(|(_, repairs)| repairs.is_empty());
    if is_exact {
        Ok(members)
    } else {
        Err(Inexact::Number)
    }
}
