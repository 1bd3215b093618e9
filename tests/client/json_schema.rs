//! Promise: what the generated types accept changes only with a reviewed snapshot.
//!
//! One snapshot an operation, beside that of its surface, with the JSON Schemas of its request and
//! its response, made by schemars from the Rust types: it shows what became of the description on
//! its way through the generator.

use crate::support::snapshots;
use konaplate_spec::Spec;
use serde_json::json;

#[test]
fn every_operation_has_the_json_schemas_that_were_reviewed() {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    let types = konaplate::types::json_schemas();
    for operation in spec.operations() {
        let schemas = json!({
            // Nothing is known of some requests: they have no type of their own.
            "request": types.get(operation.request.schema.as_str()),
            "response": types[operation.response.schema.as_str()],
        });
        snapshots().bind(|| {
            insta::assert_json_snapshot!(format!("operation__{}__schema", operation.id), schemas);
        });
    }
}
