//! Looking into YAML documents, for what judges or rewrites the documents themselves. What the
//! description *says* is read from [`konaplate_spec::Spec`].

use serde_json::Value;

/// The text of a member, if it is one.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The entries of a mapping, none where there is no mapping.
pub(crate) fn entries<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    members(value.get(key).unwrap_or(&Value::Null))
}

/// The entries of this mapping, none where it is no mapping.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

/// The strings of a list, none where there is no list.
pub(crate) fn strings<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    items(value, key).filter_map(Value::as_str)
}

/// The items of a list, none where there is no list.
pub(crate) fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The components of a kind (`schemas`, `examples`, …).
pub(crate) fn components<'a>(
    document: &'a Value,
    kind: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    entries(document.get("components").unwrap_or(&Value::Null), kind)
}

/// The operations of a document: path, method, operation.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    entries(document, "paths").flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (path, method, operation))
    })
}

/// The last part of a reference: `#/components/schemas/UserId` → `UserId`.
pub(crate) fn ref_name(value: &Value) -> Option<&str> {
    text(value, "$ref")?.rsplit('/').next()
}

/// The schema that a property points to, directly or through `allOf: [{$ref: …}]`, which is how
/// OpenAPI 3.0 puts a description beside a reference.
pub(crate) fn property_ref(property: &Value) -> Option<&str> {
    ref_name(property).or_else(|| match property.get("allOf")?.as_array()?.as_slice() {
        [only] => ref_name(only),
        _ => None,
    })
}

/// `content."application/json"` of a request body or a response.
pub(crate) fn json_media(body: &Value) -> &Value {
    body.pointer("/content/application~1json")
        .unwrap_or(&Value::Null)
}
