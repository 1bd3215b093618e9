//! The documents as one, with every reference local.

use konaplate_spec::Error;
use serde_json::{Map, Value, json};

use super::sources::{COMMON, Sources};
use crate::document::entries;

/// The one document that all others become.
///
/// # Errors
/// Two documents define the same path or component, or a reference leads to another group.
pub(crate) fn join(sources: &Sources) -> Result<Value, Error> {
    let mut joined = sources.root.document.clone();
    let mut paths = Map::new();
    let mut components = Map::new();

    for source in std::iter::once(&sources.common).chain(&sources.groups) {
        let mut document = source.document.clone();
        make_references_local(&mut document, &source.file)?;
        for (path, item) in entries(&document, "paths") {
            insert_new(&mut paths, path, item, &source.file)?;
        }
        for (kind, members) in entries(&document, "components") {
            let target = components
                .entry(kind.to_owned())
                .or_insert_with(|| json!({}))
                .as_object_mut()
                .expect("inserted as a mapping");
            for (name, member) in members.as_object().into_iter().flatten() {
                insert_new(target, name, member, &source.file)?;
            }
        }
    }

    joined["paths"] = Value::Object(paths);
    joined["components"] = Value::Object(components);
    Ok(joined)
}

fn insert_new(
    target: &mut Map<String, Value>,
    name: &str,
    value: &Value,
    file: &str,
) -> Result<(), Error> {
    if target.insert(name.to_owned(), value.clone()).is_some() {
        return Err(Error::new(
            format!("{file}: {name}"),
            "another document defines this too; shared things belong into common.yaml",
        ));
    }
    Ok(())
}

/// `common.yaml#/components/…` → `#/components/…`; any other file is refused.
fn make_references_local(value: &mut Value, file: &str) -> Result<(), Error> {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                if let Some(local) = reference.strip_prefix(COMMON) {
                    *reference = local.to_owned();
                } else if !reference.starts_with('#') {
                    return Err(Error::new(
                        format!("{file}: {reference}"),
                        "a group may refer to itself and to common.yaml only",
                    ));
                }
            }
            map.values_mut()
                .try_for_each(|member| make_references_local(member, file))
        }
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| make_references_local(item, file)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::sources::Source;

    fn source(file: &str, document: Value) -> Source {
        Source {
            file: file.to_owned(),
            text: String::new(),
            document,
        }
    }

    fn sources(common: Value, group: Value) -> Sources {
        Sources {
            root: source(
                "root.yaml",
                json!({"openapi": "3.0.3", "tags": [{"name": "g"}]}),
            ),
            common: source("common.yaml", common),
            groups: vec![source("g.yaml", group)],
        }
    }

    #[test]
    fn references_become_local_and_components_meet() {
        let joined = join(&sources(
            json!({"components": {"schemas": {"A": {"type": "string"}}}}),
            json!({
                "paths": {"/p": {"post": {"schema": {"$ref": "common.yaml#/components/schemas/A"}}}},
                "components": {"schemas": {"B": {"$ref": "#/components/schemas/A"}}},
            }),
        ))
        .unwrap();
        assert_eq!(
            joined["paths"]["/p"]["post"]["schema"]["$ref"],
            "#/components/schemas/A"
        );
        assert!(joined["components"]["schemas"].get("A").is_some());
        assert!(joined["components"]["schemas"].get("B").is_some());
    }

    #[test]
    fn the_same_name_twice_is_refused() {
        let schemas = json!({"components": {"schemas": {"A": {"type": "string"}}}});
        let error = join(&sources(schemas.clone(), schemas)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "g.yaml: A: another document defines this too; shared things belong into common.yaml"
        );
    }

    #[test]
    fn a_reference_to_another_group_is_refused() {
        let error = join(&sources(
            json!({}),
            json!({"paths": {"/p": {"$ref": "gifts.yaml#/x"}}}),
        ))
        .unwrap_err();
        assert!(error.to_string().contains("itself and to common.yaml only"));
    }
}
