//! Promise: every example of the description follows its own schema.

use jsonschema::Draft;
use serde_json::{Value, json};

#[test]
fn examples_validate() {
    let document: Value = serde_saphyr::from_str(konaplate::DESCRIPTION).unwrap();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["post"];
        for body in [&operation["requestBody"], &operation["responses"]["200"]] {
            let media = &body["content"]["application/json"];
            let schema =
                json!({"$ref": media["schema"]["$ref"], "components": document["components"]});
            let validator = jsonschema::options()
                .with_draft(Draft::Draft4)
                .build(&schema)
                .unwrap();
            for (name, example) in media["examples"].as_object().unwrap() {
                let errors: Vec<_> = validator
                    .iter_errors(&example["value"])
                    .map(|error| error.to_string())
                    .collect();
                assert!(errors.is_empty(), "{path} {name}: {errors:?}");
                count += 1;
            }
        }
    }
    assert!(count >= 12, "{count} examples");
}

#[test]
fn examples_of_values_validate() {
    let document: Value = serde_saphyr::from_str(konaplate::DESCRIPTION).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(example) = schema.get("example") else {
            assert_eq!(schema["type"], "object", "{name} has no example");
            continue;
        };
        let mut schema = schema.clone();
        schema["components"] = document["components"].clone();
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&schema)
            .unwrap();
        assert!(validator.is_valid(example), "{name}");
    }
    for (name, parameter) in document["components"]["parameters"].as_object().unwrap() {
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&parameter["schema"])
            .unwrap();
        assert!(validator.is_valid(&parameter["example"]), "{name}");
    }
}
