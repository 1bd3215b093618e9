//! What progenitor gets to see of the description.
//!
//! The description says what to send and what comes back. The Rust view says what the generated
//! code should insist on: everything in a request, as little as possible in a response, because a
//! response about money that moved must not be lost to a mistake in the description.
//!
//! - Headers, security and examples are left out: the wrapper fills in the headers.
//! - Of the responses only that there is a success: the wrapper parses them, once, so that
//!   progenitor reads no body. Their types are generated all the same.
//! - Responses, and requests that were not seen whole, keep the fields that nobody described.
//! - Each named value is a type of `konaplate::types`, whose constructors enforce the rule and
//!   whose deserialisation tolerates what differs.

use konaplate_spec::{Error, Field, Kind, Operation, Schema, Shape, Side, Spec};
use serde_json::{Map, Value, json};

/// The view of the whole description.
///
/// # Errors
/// The result is not a document that progenitor reads.
pub fn rust_view(spec: &Spec) -> Result<openapiv3::OpenAPI, Error> {
    serde_json::from_value(document(spec))
        .map_err(|error| Error::new("rust view", error.to_string()))
}

/// Names of the object schemas that the client has a type for: those that operations reach.
#[must_use]
pub fn objects(spec: &Spec) -> Vec<&Schema> {
    spec.schemas()
        .iter()
        .filter(|schema| schema.object().is_some())
        .filter(|schema| has_own_type(schema))
        .filter(|schema| {
            // Failures are read by the wrapper itself.
            [Side::Request, Side::Response]
                .iter()
                .any(|side| spec.reaches(*side, &schema.name))
        })
        .collect()
}

/// Whether an object is a struct of its own. One of which no field is known is not: all such
/// objects share one type, `OpenObject`.
#[must_use]
pub fn has_own_type(schema: &Schema) -> bool {
    !schema.fields().is_empty()
}

/// The Rust type of a named schema: its own name, or that of the type it shares.
#[must_use]
pub fn type_name<'s>(spec: &'s Spec, schema: &'s str) -> &'s str {
    match &spec.schema(schema).kind {
        Kind::Enum(words) => words.open_form.as_deref().unwrap_or(schema),
        Kind::Object(_) if !has_own_type(spec.schema(schema)) => OPEN_OBJECT,
        _ => schema,
    }
}

/// The type of objects of which no field is known.
pub const OPEN_OBJECT: &str = "OpenObject";

fn document(spec: &Spec) -> Value {
    let paths: Map<String, Value> = spec
        .operations()
        .iter()
        .map(|operation| (operation.path.clone(), path(spec, operation)))
        .collect();
    let schemas: Map<String, Value> = objects(spec)
        .into_iter()
        .map(|schema| (schema.name.clone(), object(spec, schema)))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": {"title": "KONA PLATE Open API", "version": spec.version()},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn path(spec: &Spec, operation: &Operation) -> Value {
    let request = spec.schema(&operation.request.schema);
    let request = object_reference(request);
    let json_body = |schema: Value| json!({"application/json": {"schema": schema}});
    json!({"post": {
        "operationId": operation.id,
        "tags": [operation.group],
        "requestBody": {"required": true, "content": json_body(request)},
        // Without its schema: the wrapper has parsed the response before progenitor sees that there
        // is one, and makes the typed value of that.
        "responses": {"200": {"description": "Success."}},
    }})
}

fn object(spec: &Spec, schema: &Schema) -> Value {
    let properties: Map<String, Value> = schema
        .fields()
        .iter()
        .map(|field| (field.name.clone(), property(spec, field)))
        .collect();
    let required: Vec<_> = schema
        .fields()
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str())
        .collect();
    let mut view = json!({
        "type": "object",
        "description": schema.description,
        "required": required,
        "properties": properties,
    });
    if keeps_unknown_fields(spec, schema) {
        view["additionalProperties"] = rust_type("MaskedJson", "", None);
    }
    view
}

/// Whether the type has a map for the fields that nobody described.
#[must_use]
pub fn keeps_unknown_fields(spec: &Spec, schema: &Schema) -> bool {
    spec.reaches(Side::Response, &schema.name) || schema.is_incomplete()
}

fn property(spec: &Spec, field: &Field) -> Value {
    let value = |name: &str, description: Option<&str>| {
        let kind = match spec.schema(name).kind {
            Kind::Integer(_) => "integer",
            _ => "string",
        };
        rust_type(type_name(spec, name), kind, description)
    };
    match &field.shape {
        Shape::Flag => json!({"type": "boolean", "description": field.description}),
        Shape::Value(name) => value(name, Some(&field.description)),
        Shape::Object(name) => object_reference(spec.schema(name)),
        Shape::Values(name) => json!({
            "type": "array", "description": field.description, "items": value(name, None),
        }),
        Shape::Objects(name) => json!({
            "type": "array", "description": field.description, "items": object_reference(spec.schema(name)),
        }),
    }
}

fn object_reference(schema: &Schema) -> Value {
    if has_own_type(schema) {
        reference(&schema.name)
    } else {
        rust_type(OPEN_OBJECT, "object", None)
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// A schema that typify takes for the type `konaplate::types::<name>`.
fn rust_type(name: &str, kind: &str, description: Option<&str>) -> Value {
    let mut typed = Map::new();
    if !kind.is_empty() {
        typed.insert("type".to_owned(), kind.into());
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
