//! Promise: what the generated types accept changes only with a reviewed snapshot.
//!
//! One snapshot an object, made by schemars from the Rust type: it shows what became of a schema of
//! the description on its way through the generator.

#[test]
fn every_object_has_the_json_schema_that_was_reviewed() {
    let schemas = konaplate::types::json_schemas();
    assert!(schemas.len() >= 13);
    for (name, schema) in schemas {
        insta::assert_json_snapshot!(name, schema);
    }
}
