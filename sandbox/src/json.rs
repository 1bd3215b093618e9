//! JSON as it is read here: one object, in UTF-8, in which no name stands twice.
//!
//! RFC 8259 leaves open what a name that stands twice means, and readers differ: a gateway may have
//! checked the first amount, and the platform book the second.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::contract::shown_name;

/// The members of an object, or why the bytes are none: in words that hold nothing of its values.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let why = match serde_json::from_slice(bytes) {
        _ if bytes.is_empty() => "it is empty".to_owned(),
        _ if std::str::from_utf8(bytes).is_err() => "it is not UTF-8".to_owned(),
        _ if bytes.starts_with("\u{feff}".as_bytes()) => {
            "it begins with a byte order mark".to_owned()
        }
        // Where it stops, and at which rule of JSON.
        Err(error) => error.to_string(),
        Ok(Value::Object(members)) => match serde_json::from_slice::<Distinct>(bytes) {
            Ok(Distinct) => return Ok(members),
            Err(error) => error.to_string(),
        },
        Ok(_) => "it is another value".to_owned(),
    };
    Err(why)
}

/// Any value, no object of which has a name twice.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                let name = shown_name(&name);
                return Err(A::Error::custom(format!("{name} is there twice")));
            }
            names.insert(name);
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_its_object() {
        for text in [
            r#"{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4,"A":5}]}"#,
            r#"{"":null,"a":true,"b":-1,"c":1.5,"d":"a"}"#,
            "{}",
        ] {
            assert!(object(text.as_bytes()).is_ok(), "{text}");
        }
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":{"c":[1,{"a":1,"b":2,"a":null}]}}"#,
        ] {
            let why = object(text.as_bytes()).unwrap_err();
            assert!(
                why.starts_with("a is there twice at line 1 column "),
                "{why}"
            );
        }
    }

    #[test]
    fn a_name_that_may_be_anything_is_not_repeated() {
        let why = object(br#"{"9491339401250765":1,"9491339401250765":1}"#).unwrap_err();
        assert!(!why.contains("9491"), "{why}");
    }
}
