//! What progenitor gets to see of the description.
//!
//! The description says what to send and what comes back. The Rust view says what the generated
//! code should insist on: everything in a request, as little as possible in an answer, because an
//! answer about money that moved must not be lost to a mistake in the description.
//!
//! - [`select_groups`]: groups that are not wanted are gone before anything is generated.
//! - [`strip_headers`]: the wrapper fills in the headers, so they are no arguments.
//! - [`keep_success`]: the wrapper reads failures itself, so that none of progenitor's errors has to.
//! - [`keep_unknown_fields`]: answers and open requests keep the fields that nobody described.
//! - [`name_scalars`]: each named value becomes a type of `konaplate::types`, whose constructors
//!   enforce the rule and whose deserialisation tolerates what differs.
//! - [`prune_schemas`]: what nothing refers to any more is not generated.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::description::{Description, property_ref, strings, text};
use crate::error::Error;
use crate::model::Scalar;

/// The view of these groups.
///
/// # Errors
/// A reference of the description leads nowhere, or the result is not one that progenitor reads.
pub fn rust_view(description: &Description, groups: &[&str]) -> Result<openapiv3::OpenAPI, Error> {
    let mut document = description.as_value().clone();
    select_groups(&mut document, groups);
    strip_headers(&mut document);
    keep_success(&mut document);
    let responses = reachable(&document, Side::Response);
    keep_unknown_fields(&mut document, &responses);
    name_scalars(&mut document)?;
    prune_schemas(&mut document);
    serde_json::from_value(document).map_err(|error| Error::new("rust view", error.to_string()))
}

/// A body's side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the client sends.
    Request,
    /// What the platform answers.
    Response,
}

/// Drops the paths and tags of other groups.
pub fn select_groups(document: &mut Value, groups: &[&str]) {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|_, operation| strings(operation, "tags").any(|tag| groups.contains(&tag)));
        }
        paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
    }
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(|tag| text(tag, "name").is_some_and(|name| groups.contains(&name)));
    }
}

/// Drops header parameters and what goes with them.
pub fn strip_headers(document: &mut Value) {
    for operation in operations_mut(document) {
        operation.remove("parameters");
        operation.remove("security");
        for response in members_mut(operation.get_mut("responses")) {
            response.remove("headers");
        }
    }
    if let Some(root) = document.as_object_mut() {
        root.remove("security");
        root.remove("servers");
    }
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.retain(|kind, _| kind == "schemas");
    }
}

/// Drops every response but 200, and the examples.
pub fn keep_success(document: &mut Value) {
    for operation in operations_mut(document) {
        if let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        {
            responses.retain(|status, _| status == "200");
        }
        let bodies = operation
            .get_mut("requestBody")
            .and_then(Value::as_object_mut)
            .into_iter();
        let mut media: Vec<&mut Map<String, Value>> = bodies
            .flat_map(|body| members_mut(body.get_mut("content")))
            .collect();
        for media in &mut media {
            media.remove("examples");
        }
        for response in members_mut(operation.get_mut("responses")) {
            for media in members_mut(response.get_mut("content")) {
                media.remove("examples");
            }
        }
    }
}

/// Opens the objects of answers, and the requests that the description calls open: what it does not
/// know is kept in a map of masked JSON.
pub fn keep_unknown_fields(document: &mut Value, responses: &BTreeSet<String>) {
    let masked = rust_type("MaskedJson", &json!({}), None);
    for (name, schema) in schemas_mut(document) {
        let is_object = schema.get("type").is_some_and(|kind| kind == "object");
        let is_open = schema.get("additionalProperties") == Some(&Value::Bool(true));
        if is_object && (is_open || responses.contains(name)) {
            schema.insert("additionalProperties".to_owned(), masked.clone());
        }
    }
}

/// Replaces every reference to a named single value by that value's Rust type.
///
/// # Errors
/// A reference leads nowhere.
pub fn name_scalars(document: &mut Value) -> Result<(), Error> {
    let schemas = document
        .pointer("/components/schemas")
        .cloned()
        .unwrap_or_default();
    let name_one = |value: &mut Value| -> Result<(), Error> {
        let Some(name) = property_ref(value) else {
            return Ok(());
        };
        let schema = schemas
            .get(name)
            .ok_or_else(|| Error::new(name, "there is no such schema"))?;
        if Scalar::of(schema).is_some() {
            let description = text(value, "description").or_else(|| text(schema, "description"));
            *value = rust_type(name, schema, description);
        } else if value.get("$ref").is_none() {
            // progenitor makes a new type of `allOf` with one member; a plain reference shares it.
            *value = json!({"$ref": format!("#/components/schemas/{name}")});
        }
        Ok(())
    };
    for (_, schema) in schemas_mut(document) {
        for property in schema
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flat_map(|properties| properties.values_mut())
        {
            name_one(property)?;
            if let Some(items) = property.get_mut("items") {
                name_one(items)?;
            }
        }
        if let Some(items) = schema.get_mut("items") {
            name_one(items)?;
        }
    }
    Ok(())
}

/// Names of the schemas that the operations of these groups reach.
#[must_use]
pub fn schemas_of(description: &Description, groups: &[&str]) -> BTreeSet<String> {
    let mut document = description.as_value().clone();
    select_groups(&mut document, groups);
    used_schemas(&document)
}

fn used_schemas(document: &Value) -> BTreeSet<String> {
    let mut used = reachable(document, Side::Request);
    used.extend(reachable(document, Side::Response));
    used
}

/// Drops the schemas that no operation reaches.
pub fn prune_schemas(document: &mut Value) {
    let used = used_schemas(document);
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// Names of the schemas that the bodies of that side reach.
#[must_use]
pub fn reachable(document: &Value, side: Side) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for operation in paths
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object)
        .flat_map(Map::values)
    {
        let body = match side {
            Side::Request => operation.get("requestBody"),
            Side::Response => operation.get("responses"),
        };
        if let Some(body) = body {
            collect_schemas(document, body, &mut found);
        }
    }
    found
}

fn collect_schemas(document: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let is_new = match reference.strip_prefix("#/components/schemas/") {
                    Some(name) => found.insert(name.to_owned()),
                    None => true,
                };
                let target = reference
                    .strip_prefix('#')
                    .and_then(|pointer| document.pointer(pointer));
                if let (true, Some(target)) = (is_new, target) {
                    collect_schemas(document, target, found);
                }
            }
            for member in map.values() {
                collect_schemas(document, member, found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_schemas(document, item, found)),
        _ => {}
    }
}

/// A schema that typify takes for the type `konaplate::types::<name>`.
fn rust_type(name: &str, schema: &Value, description: Option<&str>) -> Value {
    let mut typed = Map::new();
    if let Some(kind) = schema.get("type") {
        typed.insert("type".to_owned(), kind.clone());
    }
    if let Some(description) = description {
        typed.insert("description".to_owned(), description.into());
    }
    typed.insert(
        "x-rust-type".to_owned(),
        json!({"crate": "konaplate", "version": "*", "path": format!("konaplate::types::{name}")}),
    );
    Value::Object(typed)
}

fn operations_mut(document: &mut Value) -> Vec<&mut Map<String, Value>> {
    members_mut(document.get_mut("paths"))
        .flat_map(|item| item.values_mut().filter_map(Value::as_object_mut))
        .collect()
}

fn schemas_mut(document: &mut Value) -> impl Iterator<Item = (&String, &mut Map<String, Value>)> {
    document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| Some((name, schema.as_object_mut()?)))
}

fn members_mut(value: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    value
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(|map| map.values_mut().filter_map(Value::as_object_mut))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "security": [{"Key": []}],
            "tags": [{"name": "a"}, {"name": "b"}],
            "paths": {
                "/a": {"post": {
                    "operationId": "do_a", "tags": ["a"],
                    "parameters": [{"$ref": "#/components/parameters/H"}],
                    "requestBody": {"content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/Ask"},
                        "examples": {"E": {"value": {}}},
                    }}},
                    "responses": {
                        "200": {"description": "", "headers": {"X": {}}, "content": {"application/json": {
                            "schema": {"$ref": "#/components/schemas/Answer"},
                        }}},
                        "4XX": {"description": ""},
                        "5XX": {"description": ""},
                    },
                }},
                "/b": {"post": {"operationId": "do_b", "tags": ["b"], "responses": {}}},
            },
            "components": {
                "parameters": {"H": {}},
                "schemas": {
                    "Ask": {
                        "type": "object", "additionalProperties": false, "required": ["id"],
                        "properties": {"id": {"$ref": "#/components/schemas/Id"}},
                    },
                    "Answer": {
                        "type": "object",
                        "properties": {
                            "id": {"allOf": [{"$ref": "#/components/schemas/Id"}], "description": "here"},
                            "inner": {"allOf": [{"$ref": "#/components/schemas/Inner"}], "description": "d"},
                            "ids": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}},
                        },
                    },
                    "Inner": {"type": "object", "properties": {"ok": {"type": "boolean"}}},
                    "Id": {
                        "type": "integer", "format": "uint64", "minimum": 1,
                        "maximum": 9_999_999_999_999_999_999_u64, "description": "an id",
                    },
                    "Unused": {"type": "object"},
                },
            },
        })
    }

    #[test]
    fn other_groups_are_gone() {
        let mut document = document();
        select_groups(&mut document, &["b"]);
        assert_eq!(document["paths"].as_object().unwrap().len(), 1);
        assert_eq!(document["tags"], json!([{"name": "b"}]));
    }

    #[test]
    fn headers_are_no_arguments() {
        let mut document = document();
        strip_headers(&mut document);
        let operation = &document["paths"]["/a"]["post"];
        assert!(operation.get("parameters").is_none());
        assert!(operation["responses"]["200"].get("headers").is_none());
        assert!(document.get("security").is_none());
        assert!(document["components"].get("parameters").is_none());
    }

    #[test]
    fn only_success_remains() {
        let mut document = document();
        keep_success(&mut document);
        let operation = &document["paths"]["/a"]["post"];
        assert_eq!(operation["responses"].as_object().unwrap().len(), 1);
        assert!(
            operation["requestBody"]["content"]["application/json"]
                .get("examples")
                .is_none()
        );
    }

    #[test]
    fn answers_are_open_and_closed_requests_stay_closed() {
        let mut document = document();
        let responses = reachable(&document, Side::Response);
        keep_unknown_fields(&mut document, &responses);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Ask"]["additionalProperties"], false);
        for name in ["Answer", "Inner"] {
            assert_eq!(
                schemas[name]["additionalProperties"]["x-rust-type"]["path"],
                "konaplate::types::MaskedJson",
            );
        }
    }

    #[test]
    fn scalars_become_types_and_lose_their_bounds() {
        let mut document = document();
        name_scalars(&mut document).unwrap();
        let answer = &document["components"]["schemas"]["Answer"]["properties"];
        assert_eq!(
            answer["id"],
            json!({
                "type": "integer", "description": "here",
                "x-rust-type": {"crate": "konaplate", "version": "*", "path": "konaplate::types::Id"},
            })
        );
        assert_eq!(
            answer["inner"],
            json!({"$ref": "#/components/schemas/Inner"})
        );
        assert_eq!(
            answer["ids"]["items"]["x-rust-type"]["path"],
            "konaplate::types::Id"
        );
    }

    #[test]
    fn what_is_not_reached_is_pruned() {
        let mut document = document();
        name_scalars(&mut document).unwrap();
        prune_schemas(&mut document);
        let names: Vec<_> = document["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(names, ["Ask", "Answer", "Inner"]);
    }

    #[test]
    fn the_view_is_one_that_progenitor_reads() {
        let description = Description::from_value(document()).unwrap();
        let view = rust_view(&description, &["a"]).unwrap();
        assert_eq!(view.paths.paths.len(), 1);
    }
}
