//! The JSON around what is said: `{"encData": "<JWE>"}` where a body is encrypted, and
//! `response.code` with `response.description` in every response.
//!
//! A body is parsed once, by [`Document::parse`], and everything is read from the result.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use super::mend::mended;
use super::repair::{Place, Repair};
use super::unique::Unique;

/// The code of success.
pub const SUCCESS: &str = "000_000";

const ENC_DATA: &str = "encData";
const RESPONSE: &str = "response";

/// A body that is a JSON object.
///
/// ```
/// use konaplate::protocol::envelope::{self, Document};
///
/// let body = envelope::status("007_008", "The sequence id was used before.");
/// let document = Document::parse(&body).unwrap();
/// assert_eq!(document.enc_data(), None);
/// assert_eq!(document.status().unwrap().code, "007_008");
/// ```
#[derive(Clone, PartialEq)]
pub struct Document(Map<String, Value>);

/// What a response says of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status<'a> {
    /// The code: [`SUCCESS`], or why the call failed.
    pub code: &'a str,
    /// The vendor's message. None where it is missing or no text.
    pub description: Option<&'a str>,
}

impl Document {
    /// Parses a body. None if it is not a JSON object, or if a name that decides something
    /// (`encData`, `response` and what is in it) is there twice: of two codes neither can be
    /// believed.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Reads a body as it comes from the platform: as [`parse`](Self::parse), after what a
    /// [`RepairKind`](super::RepairKind) says. A number that would be rounded, since neither a 64-bit
    /// integer nor a double-precision float holds it, is text of its digits.
    ///
    /// ```
    /// use konaplate::protocol::RepairKind;
    /// use konaplate::protocol::envelope::Document;
    ///
    /// let body = br#"{"id": 12345678901234567890123, "rate": 0.1}"#;
    /// let (document, repairs) = Document::read(body).unwrap();
    /// assert_eq!(document.members()["id"], "12345678901234567890123");
    /// assert_eq!(document.members()["rate"], 0.1);
    /// assert_eq!(repairs[0].kind(), RepairKind::NumberAsText);
    /// assert_eq!(repairs[0].expose_place(), "id");
    /// ```
    #[must_use]
    pub fn read(body: &[u8]) -> Option<(Self, Vec<Repair>)> {
        read(body).ok()
    }

    /// The JWE of an encrypted body. None for a plain one.
    #[must_use]
    pub fn enc_data(&self) -> Option<&str> {
        self.0.get(ENC_DATA)?.as_str()
    }

    /// What a response says of itself. None where it has no `response.code` that is text.
    #[must_use]
    pub fn status(&self) -> Option<Status<'_>> {
        let response = self.0.get(RESPONSE)?;
        Some(Status {
            code: response.get("code")?.as_str()?,
            description: response.get("description").and_then(Value::as_str),
        })
    }

    /// The members of the object.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The members of the object, by value.
    #[must_use]
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// The object without what stands at a place, which is returned.
    pub(crate) fn take(&mut self, place: &Place) -> Option<Value> {
        place.take_from(&mut self.0)
    }

    /// The object, by value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl std::fmt::Debug for Document {
    /// Shows nothing of what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[object of {}]", self.0.len())
    }
}

impl std::fmt::Debug for Status<'_> {
    /// Shows nothing of what it says: a message may repeat parts of a request.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[status]")
    }
}

/// As [`Document::read`]. Where the body is no JSON object, what of it can be read up to where it is
/// none: nothing where it contradicts itself.
pub(crate) fn read(body: &[u8]) -> Result<(Document, Vec<Repair>), Document> {
    let (json, repairs) = mended(body);
    let mut members = Members::default();
    let mut json = serde_json::Deserializer::from_slice(&json);
    match members.deserialize(&mut json).and_then(|()| json.end()) {
        Ok(()) => Ok((Document(members.read), repairs)),
        Err(_) if members.is_contradictory => Err(Document(Map::new())),
        Err(_) => Err(Document(members.read)),
    }
}

/// Any JSON as it comes from the platform, as [`Document::read`] repairs it. None for what is no
/// JSON.
pub(crate) fn read_any(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(&mended(body).0).ok()
}

/// The body that holds a JWE.
#[must_use]
pub fn encrypted(jwe: &str) -> Vec<u8> {
    json!({ ENC_DATA: jwe }).to_string().into_bytes()
}

/// A body that says only what became of the request.
#[must_use]
pub fn status(code: &str, description: &str) -> Vec<u8> {
    let body = json!({ RESPONSE: {"code": code, "description": description} });
    body.to_string().into_bytes()
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::default();
        members.deserialize(deserializer)?;
        Ok(Self(members.read))
    }
}

/// Members of an object, as far as they were read.
#[derive(Default)]
struct Members {
    read: Map<String, Value>,
    /// Whether a name that decides something is there twice.
    is_contradictory: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Members {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Members {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let value = if name == RESPONSE {
                let mut unique = Unique::default();
                let value = map.next_value_seed(&mut unique);
                self.is_contradictory |= unique.is_contradictory;
                value?
            } else {
                map.next_value()?
            };
            let decides = name == ENC_DATA || name == RESPONSE;
            if self.read.insert(name, value).is_some() && decides {
                self.is_contradictory = true;
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> Option<Value> {
        Document::parse(body.as_bytes()).map(Document::into_value)
    }

    #[test]
    fn a_body_is_kept_whole() {
        for body in [
            json!({}),
            json!({"response": {"code": "000_000", "description": "Success", "more": [1]}, "a": 1}),
            json!({"response": {"code": "000_000", "description": 7}}),
            json!({"response": null, "encData": 7}),
            json!({"response": [1, -1, 1.5, "a", true, null, {"b": {}}]}),
            json!({"response": {"code": 0}}),
        ] {
            assert_eq!(parsed(&body.to_string()), Some(body));
        }
    }

    #[test]
    fn what_is_no_body_is_refused() {
        for body in [
            "",
            "[]",
            "7",
            "<html>",
            r#"{"a": 1"#,
            r#"{"response": {"code": "000_000", "code": "000_001"}}"#,
            r#"{"response": {"code": "000_000"}, "response": {"code": "000_001"}}"#,
            r#"{"encData": "a", "encData": "b"}"#,
        ] {
            assert_eq!(parsed(body), None, "{body}");
        }
    }

    #[test]
    fn a_status_is_a_code_that_is_text() {
        for body in [
            json!({}),
            json!({"response": null}),
            json!({"response": "000_000"}),
            json!({"response": {}}),
            json!({"response": {"code": 0}}),
        ] {
            let document = Document::parse(body.to_string().as_bytes()).unwrap();
            assert!(document.status().is_none(), "{body}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let body = status(SUCCESS, "Success");
        let document = Document::parse(&body).unwrap();
        let status = document.status().unwrap();
        assert_eq!(
            (status.code, status.description),
            (SUCCESS, Some("Success"))
        );
        let document = Document::parse(&encrypted("a.b.c.d.e")).unwrap();
        assert_eq!(document.enc_data(), Some("a.b.c.d.e"));
        assert!(document.status().is_none());
        assert_eq!(format!("{document:?}"), "[object of 1]");
    }
}
