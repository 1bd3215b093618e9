//! Promise: every example of the description follows its own schema, as OpenAPI's other readers see
//! it.
//!
//! The document itself is validated here, not the model: what the sandbox makes of the model,
//! stricter in places, is tested beside its contract.

use jsonschema::{Draft, Validator};
use konaplate_spec::Spec;
use serde_json::{Value, json};

fn description() -> Spec {
    Spec::from_yaml(konaplate::DESCRIPTION).unwrap()
}

/// The validator of the schema of that name, as it is written.
fn validator(document: &Value, name: &str) -> Validator {
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": document["components"],
    });
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&schema)
        .unwrap()
}

#[test]
fn examples_validate() {
    let spec = description();
    let mut count = 0;
    for operation in spec.operations() {
        for body in [&operation.request, &operation.response] {
            let validator = validator(spec.document(), &body.schema);
            assert!(!body.examples.is_empty(), "{}", body.schema);
            for example in &body.examples {
                let errors: Vec<_> = validator
                    .iter_errors(&example.value)
                    .map(|error| error.to_string())
                    .collect();
                assert!(
                    errors.is_empty(),
                    "{} {}: {errors:?}",
                    operation.id,
                    example.name
                );
                count += 1;
            }
        }
    }
    assert!(count > 180, "{count} examples");
}

#[test]
fn examples_of_values_validate() {
    let spec = description();
    for schema in spec.schemas() {
        let Some(example) = &schema.example else {
            assert!(schema.object().is_some(), "{} has no example", schema.name);
            continue;
        };
        let validator = validator(spec.document(), &schema.name);
        assert!(validator.is_valid(example), "{}", schema.name);
    }
}

/// The model has the rules of headers and not their examples, which nothing decides on.
#[test]
fn examples_of_headers_validate() {
    let spec = description();
    let components = &spec.document()["components"];
    let mut count = 0;
    for (kind, rule, example) in [
        ("parameters", "schema", "example"),
        (
            "securitySchemes",
            "x-konaplate-schema",
            "x-konaplate-example",
        ),
    ] {
        for (name, header) in components[kind].as_object().unwrap() {
            let validator = jsonschema::options()
                .with_draft(Draft::Draft4)
                .build(&header[rule])
                .unwrap();
            assert!(validator.is_valid(&header[example]), "{name}");
            count += 1;
        }
    }
    assert_eq!(count, spec.headers().len());
}
