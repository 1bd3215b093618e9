//! What the description says of a field, as a page would print it.
//!
//! A schema says what to send, `x-konaplate-printed` what the page says where that differs. The page
//! is what facts are compared with, so each thing is looked up in three places: what is printed of
//! the field, what is printed of its named schema, the schema itself.

use konaplate_codegen::Description;
use serde_json::Value;

/// One property of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described<'d> {
    /// As it stands in the object.
    pub(super) property: &'d Value,
    /// The schema that it follows; the property itself if it refers to none.
    pub(super) schema: &'d Value,
    /// Whether it is in the object's list of required fields.
    pub(super) required: bool,
    /// What the property that holds the object prints of this field: an object that several
    /// operations share is printed in another way on each of their pages.
    pub(super) overlay: Option<&'d Value>,
}

/// How long or how large a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bounds {
    pub(super) length: Option<u64>,
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
}

impl Bounds {
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Fewest and most, also of a fixed length.
    pub(super) fn range(self) -> (Option<u64>, Option<u64>) {
        match self.length {
            Some(length) => (Some(length), Some(length)),
            None => (self.min, self.max),
        }
    }

    pub(super) fn hold(self, count: u64) -> bool {
        let (min, max) = self.range();
        min.is_none_or(|min| min <= count) && max.is_none_or(|max| count <= max)
    }

    fn of_printed(printed: &Value) -> Self {
        let number = |key: &str| printed.get(key).and_then(Value::as_u64);
        Self {
            length: number("length"),
            min: number("min"),
            max: number("max"),
        }
    }

    fn of_schema(schema: &Value) -> Self {
        let number = |key: &str| schema.get(key).and_then(Value::as_u64);
        let (min, max) = match word(schema, "type") {
            Some("string") => (Some(number("minLength").unwrap_or(0)), number("maxLength")),
            Some("integer") => (number("minimum"), number("maximum")),
            _ => (None, None),
        };
        Self {
            length: None,
            min,
            max,
        }
    }

    /// Fills what is still open from a place that counts less. A length and a range exclude each
    /// other: the first place that has either decides.
    fn or(self, weaker: Self) -> Self {
        if self.length.is_some() {
            return self;
        }
        Self {
            length: weaker
                .length
                .filter(|_| self.min.is_none() && self.max.is_none()),
            min: self.min.or(weaker.min),
            max: self.max.or(weaker.max),
        }
    }
}

impl<'d> Described<'d> {
    pub(super) fn printed(self, key: &str) -> Option<&'d Value> {
        self.printed_of_field(key)
            .or_else(|| printed(self.schema)?.get(key))
    }

    /// What is printed of this very field, not of the schema that it shares with others.
    pub(super) fn printed_of_field(self, key: &str) -> Option<&'d Value> {
        let of_overlay = self.overlay.and_then(|overlay| overlay.get(key));
        of_overlay.or_else(|| printed(self.property)?.get(key))
    }

    pub(super) fn printed_bounds_of_field(self) -> Bounds {
        let of = |printed: Option<&Value>| printed.map(Bounds::of_printed).unwrap_or_default();
        of(self.overlay).or(of(printed(self.property)))
    }

    pub(super) fn bounds(self) -> Bounds {
        let of_schema = printed(self.schema)
            .map(Bounds::of_printed)
            .unwrap_or_default();
        self.printed_bounds_of_field()
            .or(of_schema)
            .or(Bounds::of_schema(self.schema))
    }

    /// The type in the words of the facts.
    pub(super) fn kind(self, description: &'d Description) -> String {
        if let Some(kind) = self.printed("type").and_then(Value::as_str) {
            return kind.to_owned();
        }
        match word(self.schema, "type") {
            Some("integer") => "number".to_owned(),
            Some("array") => {
                let items = self.schema.get("items").unwrap_or(&Value::Null);
                let items = word(follow(description, items), "type").unwrap_or("unknown things");
                format!("array of {items}s")
            }
            other => other.unwrap_or("nothing").to_owned(),
        }
    }

    /// The object that has this field's children: itself, or an item of it.
    pub(super) fn object(self, description: &'d Description) -> Option<&'d Value> {
        let object = match word(self.schema, "type") {
            Some("array") => follow(description, self.schema.get("items")?),
            _ => self.schema,
        };
        (word(object, "type") == Some("object")).then_some(object)
    }

    /// The words of an enum, sorted; those that are printed count more.
    pub(super) fn words(self) -> Option<Vec<&'d str>> {
        let mut words: Vec<&str> = match self.printed("values") {
            Some(Value::Object(map)) => map.keys().map(String::as_str).collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ if word(self.schema, "type") == Some("boolean") => vec!["false", "true"],
            _ => self.enum_words().or_else(|| self.known_words())?,
        };
        words.sort_unstable();
        Some(words)
    }

    pub(super) fn enum_words(self) -> Option<Vec<&'d str>> {
        let words = self.schema.get("enum")?.as_array()?;
        Some(words.iter().filter_map(Value::as_str).collect())
    }

    /// Words that are known of a string whose words were not all seen.
    fn known_words(self) -> Option<Vec<&'d str>> {
        let known = self.schema.get("x-konaplate-known-values")?.as_object()?;
        Some(known.keys().map(String::as_str).collect())
    }

    /// The mask of a date or a time.
    pub(super) fn form(self) -> Option<&'d str> {
        self.printed("form")
            .or_else(|| self.printed("format"))
            .or_else(|| self.property.get("x-konaplate-form"))
            .or_else(|| self.schema.get("x-konaplate-form"))
            .and_then(Value::as_str)
    }

    pub(super) fn evidence(self) -> Option<&'d str> {
        word(self.property, "x-konaplate-evidence")
    }
}

/// The properties of an object, in order. `overlay` is the `fields` that the property which holds
/// the object prints; then only these are on the page.
pub(super) fn properties<'d>(
    description: &'d Description,
    object: &'d Value,
    overlay: Option<&'d Value>,
) -> Vec<(&'d str, Described<'d>)> {
    let required: Vec<&str> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(name, _)| overlay.is_none_or(|overlay| overlay.get(name.as_str()).is_some()))
        .map(|(name, property)| {
            let described = Described {
                property,
                schema: follow(description, property),
                required: required.contains(&name.as_str()),
                overlay: overlay.and_then(|overlay| overlay.get(name.as_str())),
            };
            (name.as_str(), described)
        })
        .collect()
}

/// The schema behind a reference, or behind `allOf` with a single one.
pub(super) fn follow<'d>(description: &'d Description, value: &'d Value) -> &'d Value {
    let value = match value.get("allOf").and_then(Value::as_array) {
        Some(parts) if parts.len() == 1 => &parts[0],
        _ => value,
    };
    description.resolve(value).unwrap_or(value)
}

pub(super) fn printed(value: &Value) -> Option<&Value> {
    value.get("x-konaplate-printed")
}

pub(super) fn word<'d>(value: &'d Value, key: &str) -> Option<&'d str> {
    value.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bounds(property: &Value, schema: &Value) -> Bounds {
        Described {
            property,
            schema,
            required: false,
            overlay: None,
        }
        .bounds()
    }

    #[test]
    fn what_is_printed_of_a_field_counts_more_than_what_is_printed_of_its_schema() {
        let schema = json!({"type": "string", "minLength": 2, "maxLength": 8,
            "x-konaplate-printed": {"min": 1, "max": 9}});
        let range = |min, max| Bounds {
            length: None,
            min: Some(min),
            max: Some(max),
        };
        assert_eq!(bounds(&json!({}), &schema), range(1, 9));
        assert_eq!(
            bounds(&json!({"x-konaplate-printed": {"max": 5}}), &schema),
            range(1, 5)
        );
        assert_eq!(
            bounds(&json!({"x-konaplate-printed": {"length": 5}}), &schema),
            Bounds {
                length: Some(5),
                ..Bounds::default()
            }
        );
        assert_eq!(
            bounds(
                &json!({"x-konaplate-printed": {"max": 5}}),
                &json!({"type": "string", "x-konaplate-printed": {"length": 4}})
            ),
            range(0, 5)
        );
    }
}
