//! Flags and lists in responses, taken as they come.
//!
//! The generated types name these functions: a flag that comes as text or as a number, or a list
//! that comes as null, must not cost the response it stands in.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// Takes true and false; also `"true"`, `"Y"`, `"1"`, 1 and their opposites.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    deserializer.deserialize_any(FlagVisitor)
}

/// Like [`flag`]; null and an empty text are none.
pub(crate) fn optional_flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_any(OptionalFlagVisitor)
}

/// Takes a list; null is an empty one.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ListVisitor(PhantomData))
}

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

struct OptionalFlagVisitor;

impl<'de> Visitor<'de> for OptionalFlagVisitor {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<bool>, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<bool>, E> {
        Ok(Some(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<bool>, E> {
        FlagVisitor.visit_u64(value).map(Some)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<bool>, E> {
        FlagVisitor.visit_i64(value).map(Some)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Option<bool>, E> {
        if value.is_empty() {
            return Ok(None);
        }
        FlagVisitor.visit_str(value).map(Some)
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
