//! JSON in which no object has a name twice.
//!
//! RFC 8259 leaves open what a name that stands twice means, and readers differ: a gateway may have
//! checked the first amount, and the platform book the second.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The members of a JSON object in UTF-8, in which no name stands twice, at any depth.
///
/// ```
/// use konaplate::protocol::strict_object;
///
/// assert_eq!(strict_object(br#"{"amount": 1}"#).unwrap()["amount"], 1);
/// let why = strict_object(br#"{"amount": 1, "amount": 2}"#).unwrap_err();
/// assert_eq!(why, "amount is there twice at line 1 column 22");
/// ```
///
/// # Errors
/// Why the bytes are none, in words that hold nothing of its values.
pub fn strict_object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err("it is not UTF-8".to_owned());
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return Err("it begins with a byte order mark".to_owned());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = Unique::default().deserialize(&mut json);
    // Where it stops, and at which rule of JSON.
    match read.and_then(|value| json.end().map(|()| value)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("it is another value".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The name of a field that nobody described, if it looks like one: a value could stand there.
#[must_use]
pub fn shown_name(name: &str) -> &str {
    let looks_like_one = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 40
        && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if looks_like_one { name } else { "…" }
}

/// Reads JSON in which no object has a name twice.
#[derive(Default)]
pub(super) struct Unique {
    /// Whether one has.
    pub(super) is_contradictory: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Unique {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(&mut *self)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                self.is_contradictory = true;
                let name = shown_name(&name);
                return Err(A::Error::custom(format!("{name} is there twice")));
            }
            let value = map.next_value_seed(&mut *self)?;
            members.insert(name, value);
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_its_strict_object() {
        for text in [
            r#"{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4,"A":5}]}"#,
            r#"{"":null,"a":true,"b":-1,"c":1.5,"d":"a"}"#,
            "{}",
        ] {
            assert!(strict_object(text.as_bytes()).is_ok(), "{text}");
        }
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":{"c":[1,{"a":1,"b":2,"a":null}]}}"#,
        ] {
            let why = strict_object(text.as_bytes()).unwrap_err();
            assert!(
                why.starts_with("a is there twice at line 1 column "),
                "{why}"
            );
        }
    }

    #[test]
    fn a_name_that_may_be_anything_is_not_repeated() {
        let why = strict_object(br#"{"9491339401250765":1,"9491339401250765":1}"#).unwrap_err();
        assert!(!why.contains("9491"), "{why}");
    }
}
