use serde_json::Value;

use crate::Error;

/// A whole OpenAPI document, as read.
///
/// It is kept as plain values and not as `openapiv3` types: those hold integer bounds as `i64` and
/// would lose the maximum of a user id, 9999999999999999999.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    root: Value,
}

impl Description {
    /// Reads a document from YAML (or JSON, which is YAML).
    ///
    /// # Errors
    /// The text is not YAML, has a key twice, or is not a mapping.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let root: Value = serde_saphyr::from_str(text)
            .map_err(|error| Error::new("description", error.to_string()))?;
        Self::from_value(root)
    }

    pub(crate) fn from_value(root: Value) -> Result<Self, Error> {
        if root.is_object() {
            Ok(Self { root })
        } else {
            Err(Error::new("description", "is not a mapping"))
        }
    }

    /// The document itself.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.root
    }

    /// The component of that kind (`schemas`, `examples`, ...) and name.
    #[must_use]
    pub fn component(&self, kind: &str, name: &str) -> Option<&Value> {
        self.root.get("components")?.get(kind)?.get(name)
    }

    /// The schema of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn schema(&self, name: &str) -> Result<&Value, Error> {
        self.component("schemas", name)
            .ok_or_else(|| Error::new(name, "there is no such schema"))
    }

    /// Follows `$ref`s until there is something that is not one.
    ///
    /// # Errors
    /// A reference leads out of the document, to nothing, or round in a circle.
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> Result<&'a Value, Error> {
        for _ in 0..16 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(value);
            };
            value = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
                .ok_or_else(|| Error::new(reference, "this reference leads to nothing"))?;
        }
        Err(Error::new("$ref", "references go round in a circle"))
    }
}

/// The last part of a reference: `#/components/schemas/UserId` → `UserId`.
pub(crate) fn ref_name(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The schema that a property points to, directly or through `allOf: [{$ref: ...}]`, which is how
/// OpenAPI 3.0 puts a description beside a reference.
pub(crate) fn property_ref(property: &Value) -> Option<&str> {
    ref_name(property).or_else(|| match property.get("allOf")?.as_array()?.as_slice() {
        [only] => ref_name(only),
        _ => None,
    })
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The entries of a mapping, none where there is no mapping.
pub(crate) fn entries<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    value
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

/// The strings of a list, none where there is no list.
pub(crate) fn strings<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
