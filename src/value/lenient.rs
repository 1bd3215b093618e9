//! Flags and lists in responses, taken as they come.
//!
//! The generated types name these functions: a flag that comes as text or as a number, or a list
//! that comes as null, must not cost the response it stands in.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// Takes true and false; also `"true"`, `"Y"`, `"1"`, 1 and their opposites.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    deserializer.deserialize_any(FlagVisitor)
}

/// Like [`flag`]; null and an empty text are none.
pub(crate) fn optional_flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    let flag = optional::<D, Flag>(deserializer)?;
    Ok(flag.map(|Flag(flag)| flag))
}

/// Takes a value; null is none, and so is an empty text that is not one of its values: some
/// platforms write `""` for a number, a date or an object that is not there.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(OptionalVisitor(PhantomData))
}

/// Takes a list; null is an empty one.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ListVisitor(PhantomData))
}

/// A flag, as [`flag`] takes it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Flag(#[serde(deserialize_with = "flag")] bool);

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<bool, E> {
        match value {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(E::custom("a flag is a number other than 0 and 1")),
        }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<bool, E> {
        self.visit_u64(u64::try_from(value).unwrap_or(u64::MAX))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<bool, E> {
        match value {
            "true" | "TRUE" | "True" | "Y" | "y" | "1" => Ok(true),
            "false" | "FALSE" | "False" | "N" | "n" | "0" => Ok(false),
            _ => Err(E::custom("a flag is text other than true and false")),
        }
    }
}

struct OptionalVisitor<T>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OptionalVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Option<T>, E> {
        match T::deserialize(value.into_deserializer()) {
            Err(_) if value.is_empty() => Ok(None),
            result => result.map(Some),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Option<T>, A::Error> {
        T::deserialize(de::value::SeqAccessDeserializer::new(items)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(members)).map(Some)
    }
}

struct ListVisitor<T>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    struct Response {
        #[serde(deserialize_with = "flag")]
        sure: bool,
        #[serde(default, deserialize_with = "optional_flag")]
        maybe: Option<bool>,
        #[serde(default, deserialize_with = "list")]
        items: Vec<u8>,
    }

    #[test]
    fn flags_are_read_in_every_form_that_was_seen() {
        for (written, read) in [
            (json!(true), true),
            (json!(false), false),
            (json!("true"), true),
            (json!("N"), false),
            (json!(1), true),
            (json!(0), false),
        ] {
            let response: Response =
                serde_json::from_value(json!({"sure": written, "maybe": written})).unwrap();
            assert_eq!((response.sure, response.maybe), (read, Some(read)));
        }
        for written in [json!("perhaps"), json!(2), json!(-1), json!([])] {
            assert!(serde_json::from_value::<Response>(json!({"sure": written})).is_err());
        }
    }

    #[derive(Deserialize)]
    struct Optional {
        #[serde(default, deserialize_with = "optional")]
        number: Option<u8>,
        #[serde(default, deserialize_with = "optional")]
        text: Option<String>,
        #[serde(default, deserialize_with = "optional")]
        inner: Option<Box<Optional>>,
        #[serde(default, deserialize_with = "optional")]
        any: Option<serde_json::Value>,
    }

    #[test]
    fn an_empty_text_is_none_where_it_is_no_value() {
        let read = |json| serde_json::from_value::<Optional>(json);
        for absent in [
            json!({}),
            json!({"number": null, "text": null, "inner": null}),
            json!({"number": "", "inner": ""}),
        ] {
            let read = read(absent).unwrap();
            assert!(read.number.is_none() && read.text.is_none() && read.inner.is_none());
        }
        let there =
            json!({"number": 7, "text": "", "inner": {"number": "", "text": "x"}, "any": ""});
        let read_back = read(there).unwrap();
        assert_eq!(read_back.number, Some(7));
        assert_eq!(read_back.text.as_deref(), Some(""));
        assert_eq!(read_back.any, Some(json!("")));
        let inner = read_back.inner.unwrap();
        assert_eq!((inner.number, inner.text.as_deref()), (None, Some("x")));
        for wrong in [
            json!({"number": "x"}),
            json!({"number": []}),
            json!({"inner": " "}),
            json!({"inner": {"number": "x"}}),
        ] {
            assert!(read(wrong).is_err());
        }
    }

    #[test]
    fn null_is_no_flag_and_an_empty_list() {
        for response in [
            json!({"sure": true, "maybe": null, "items": null}),
            json!({"sure": true, "maybe": "", "items": []}),
            json!({"sure": true}),
        ] {
            let response: Response = serde_json::from_value(response).unwrap();
            assert_eq!((response.maybe, response.items), (None, vec![]));
        }
    }
}
