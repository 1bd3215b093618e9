//! Many documents for people, one for tools.
//!
//! `openapi/src` holds `root.yaml` (the frame), `common.yaml` (what is shared) and one complete
//! document a group. The bundle is the frame with all paths and components in it and every
//! reference local, so that any OpenAPI tool can read that one file.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::description::{Description, entries, text};
use crate::error::Error;

const HEADER: &str = "\
# KONA PLATE Open API, in one file. Made from openapi/src by `cargo xtask bundle`: edit there.
";

const COMMON: &str = "common.yaml";

/// One document of `openapi/src`.
#[derive(Debug, Clone)]
pub struct Source {
    /// File name, such as `payments.yaml`.
    pub file: String,
    /// The text as it was written.
    pub text: String,
    /// The document.
    pub document: Value,
}

impl Source {
    /// Reads one document.
    ///
    /// # Errors
    /// The text is not YAML.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, Error> {
        let document =
            serde_saphyr::from_str(text).map_err(|error| Error::new(file, error.to_string()))?;
        Ok(Self {
            file: file.to_owned(),
            text: text.to_owned(),
            document,
        })
    }

    /// The group that the document is about, from its file name.
    #[must_use]
    pub fn group(&self) -> &str {
        self.file.trim_end_matches(".yaml")
    }
}

/// The documents of a folder: the frame, what is shared, and the groups in the frame's order.
#[derive(Debug, Clone)]
pub struct Sources {
    /// `root.yaml`
    pub root: Source,
    /// `common.yaml`
    pub common: Source,
    /// A document for each tag of the frame, in that order.
    pub groups: Vec<Source>,
}

impl Sources {
    /// Reads `openapi/src`.
    ///
    /// # Errors
    /// A file cannot be read, a tag has no document, or a document has no tag.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let read = |file: &str| {
            let path = folder.join(file);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Error::new(path.display().to_string(), error.to_string()))?;
            Source::from_yaml(file, &text)
        };
        let root = read("root.yaml")?;
        let common = read(COMMON)?;
        let tags = tag_names(&root.document);
        let groups = tags
            .iter()
            .map(|tag| read(&format!("{tag}.yaml")))
            .collect::<Result<Vec<_>, _>>()?;

        let listing = std::fs::read_dir(folder)
            .map_err(|error| Error::new(folder.display().to_string(), error.to_string()))?;
        for entry in listing.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let known = file == root.file
                || file == common.file
                || groups.iter().any(|group| group.file == file);
            if !known {
                return Err(Error::new(
                    file,
                    "no tag of root.yaml has this name, so the bundle would leave it out",
                ));
            }
        }
        Ok(Self {
            root,
            common,
            groups,
        })
    }

    /// All documents, the frame first.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        [&self.root, &self.common].into_iter().chain(&self.groups)
    }
}

/// The one document that all others become.
///
/// # Errors
/// Two documents define the same path or component, or a reference leads to another group.
pub fn bundle(sources: &Sources) -> Result<Description, Error> {
    let mut bundle = sources.root.document.clone();
    let mut paths = Map::new();
    let mut components = Map::new();

    for source in std::iter::once(&sources.common).chain(&sources.groups) {
        let mut document = source.document.clone();
        make_references_local(&mut document, &source.file)?;
        for (path, item) in entries(&document, "paths") {
            insert_new(&mut paths, path, item, &source.file)?;
        }
        let kinds = document
            .get("components")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (kind, members) in kinds {
            let target = components
                .entry(kind.clone())
                .or_insert_with(|| json!({}))
                .as_object_mut()
                .expect("inserted as a mapping");
            for (name, member) in members.as_object().into_iter().flatten() {
                insert_new(target, name, member, &source.file)?;
            }
        }
    }

    bundle["paths"] = Value::Object(paths);
    bundle["components"] = Value::Object(components);
    Description::from_value(bundle)
}

/// The bundle as YAML.
///
/// # Errors
/// The YAML writer refuses.
pub fn to_yaml(bundle: &Description) -> Result<String, Error> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 110,
    };
    let yaml = serde_saphyr::to_string_with_options(bundle.as_value(), options)
        .map_err(|error| Error::new("bundle", error.to_string()))?;
    // Empty lines of a block come out with its indentation.
    let lines = yaml
        .lines()
        .map(|line| if line.trim().is_empty() { "" } else { line });
    let mut text = HEADER.to_owned();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

fn tag_names(root: &Value) -> Vec<String> {
    root.get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| text(tag, "name"))
        .map(str::to_owned)
        .collect()
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
        let bundle = bundle(&sources(
            json!({"components": {"schemas": {"A": {"type": "string"}}}}),
            json!({
                "paths": {"/p": {"post": {"schema": {"$ref": "common.yaml#/components/schemas/A"}}}},
                "components": {"schemas": {"B": {"$ref": "#/components/schemas/A"}}},
            }),
        ))
        .unwrap();
        assert_eq!(
            bundle.as_value()["paths"]["/p"]["post"]["schema"]["$ref"],
            "#/components/schemas/A"
        );
        assert!(bundle.component("schemas", "A").is_some());
        assert!(bundle.component("schemas", "B").is_some());
    }

    #[test]
    fn the_same_name_twice_is_refused() {
        let schemas = json!({"components": {"schemas": {"A": {"type": "string"}}}});
        let error = bundle(&sources(schemas.clone(), schemas)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "g.yaml: A: another document defines this too; shared things belong into common.yaml"
        );
    }

    #[test]
    fn a_reference_to_another_group_is_refused() {
        let error = bundle(&sources(
            json!({}),
            json!({"paths": {"/p": {"$ref": "gifts.yaml#/x"}}}),
        ))
        .unwrap_err();
        assert!(error.to_string().contains("itself and to common.yaml only"));
    }

    #[test]
    fn what_yaml_1_1_reads_as_a_number_or_a_boolean_is_quoted() {
        let description = Description::from_value(json!({
            "code": "000_000", "two": "00", "flag": "Y", "norway": "NO", "time": "12:30",
            "max": 9_999_999_999_999_999_999_u64, "long": "word ".repeat(40),
        }))
        .unwrap();
        let yaml = to_yaml(&description).unwrap();
        for line in [
            "code: \"000_000\"",
            "two: \"00\"",
            "flag: \"Y\"",
            "norway: \"NO\"",
            "time: \"12:30\"",
            "max: 9999999999999999999",
        ] {
            assert!(yaml.lines().any(|l| l == line), "{line} in\n{yaml}");
        }
        assert_eq!(Description::from_yaml(&yaml).unwrap(), description);
    }
}
