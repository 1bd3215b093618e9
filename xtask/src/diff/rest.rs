//! What the values do not hold, and other generators read: servers, media types, formats, what is
//! required of a body.
//!
//! Here the two documents are walked side by side, without the keys that the values hold: these are
//! judged where the values are compared, and what stands beside them is not hidden by that. What
//! differs here nobody has judged, so it is taken as breaking, unless it is a text. A part that only
//! one side has was judged as added or removed.

use std::collections::BTreeSet;

use konaplate_spec::{Operation, Spec};
use serde_json::{Map, Value};

use super::change::{Changes, Class};
use super::operations::pairs;
use crate::document::{components, entries, items, text};

/// Keys below which documents have texts for people, examples, and how well something is known.
const TEXTS: [&str; 10] = [
    "description",
    "example",
    "info",
    "summary",
    "title",
    "x-displayName",
    "x-enumDescriptions",
    "x-konaplate-evidence",
    "x-konaplate-example",
    "x-konaplate-printed",
];

/// Keys whose members have names: none of these is a keyword, whatever it is called.
const NAMES: [&str; 8] = [
    "content",
    "examples",
    "headers",
    "parameters",
    "properties",
    "responses",
    "schemas",
    "securitySchemes",
];

/// What the values hold of a group.
const OF_GROUP: [&str; 3] = ["name", "description", "x-konaplate-title"];

/// What the values hold of a header, as a parameter or as a security scheme.
const OF_HEADER: [&str; 4] = ["name", "required", "description", "x-konaplate-printed"];
const OF_RULE: [&str; 3] = ["minLength", "maxLength", "pattern"];

/// What the values hold of an example of a code.
const OF_CODE: [&str; 4] = [
    "summary",
    "x-konaplate-ko",
    "x-konaplate-code-name",
    "x-konaplate-class",
];

/// What the values hold of every schema, and of each kind.
const OF_SCHEMA: [&str; 10] = [
    "type",
    "description",
    "example",
    "x-konaplate-sensitive",
    "x-konaplate-text",
    "x-konaplate-form",
    "x-konaplate-known-values",
    "x-konaplate-evidence",
    "x-konaplate-printed",
    "x-konaplate-envelope",
];
const OF_ENUM: [&str; 6] = [
    "enum",
    "x-extensible-enum",
    "x-enum-varnames",
    "x-konaplate-enum-meanings",
    "x-enumDescriptions",
    "x-konaplate-open-form",
];
const OF_INTEGER: [&str; 5] = [
    "format",
    "minimum",
    "maximum",
    "x-konaplate-minimum",
    "x-konaplate-maximum",
];
const OF_OBJECT: [&str; 2] = ["required", "x-konaplate-complete"];
const OF_FIELD: [&str; 6] = [
    "description",
    "type",
    "x-konaplate-evidence",
    "x-konaplate-printed",
    "x-konaplate-sensitive",
    "x-konaplate-text",
];

/// What the values hold of an operation, beside its bodies.
const OF_OPERATION: [&str; 17] = [
    "operationId",
    "summary",
    "description",
    "deprecated",
    "x-konaplate-ko",
    "x-konaplate-title",
    "x-konaplate-evidence",
    "x-konaplate-source",
    "x-konaplate-versions",
    "x-konaplate-effect",
    "x-konaplate-outcome",
    "x-konaplate-paging",
    "x-konaplate-encryption",
    "x-konaplate-codes-complete",
    "x-konaplate-unlisted-failures",
    "x-konaplate-printed",
    "x-konaplate-follow-up",
];

pub(super) fn compare(changes: &mut Changes, old: &Spec, new: &Spec) {
    let mut walk = Walk {
        changes,
        versions: (old.version(), new.version()),
        path: Vec::new(),
    };
    let (was, is) = (old.document(), new.document());
    let frame = |document: &Value| {
        without(
            document,
            &["paths", "components", "tags", "x-konaplate-not-found"],
        )
    };
    walk.value(&frame(was), &frame(is));
    for group in items(was, "tags") {
        let same = |other: &&Value| text(other, "name") == text(group, "name");
        if let Some(other) = items(is, "tags").find(same) {
            let name = text(group, "name").unwrap_or_default();
            walk.at(
                &["tags", name],
                &without(group, &OF_GROUP),
                &without(other, &OF_GROUP),
            );
        }
    }
    for (before, after) in pairs(old, new) {
        let raw = |document: &Value, of: &Operation| {
            let method = of.method.to_ascii_lowercase();
            operation(&document["paths"][&of.path][&method])
        };
        let method = after.method.to_ascii_lowercase();
        walk.at(
            &["paths", &after.path, &method],
            &raw(was, before),
            &raw(is, after),
        );
    }
    parts(&mut walk, (old, was), (new, is));
}

/// The components, kind by kind.
fn parts(walk: &mut Walk<'_>, (old, was): (&Spec, &Value), (new, is): (&Spec, &Value)) {
    let kinds = |document: &Value| -> BTreeSet<String> {
        let kinds = entries(document, "components").map(|(kind, _)| kind.to_owned());
        kinds.collect()
    };
    for kind in kinds(was).union(&kinds(is)) {
        let names: BTreeSet<&str> = components(was, kind)
            .chain(components(is, kind))
            .map(|(name, _)| name)
            .collect();
        for name in names {
            let find = |document: &'_ Value| {
                let mut parts = components(document, kind);
                let part = parts.find(|(other, _)| *other == name);
                part.map(|(_, part)| part.clone())
            };
            let (before, after) = (find(was), find(is));
            let same_kind = before.as_ref().map(held_by_kind) == after.as_ref().map(held_by_kind);
            let [before, after] =
                [before, after].map(|part| part.map(|part| residue(kind, &part, same_kind)));
            let path = ["components", kind, name];
            match (before, after) {
                (Some(before), Some(after)) => walk.at(&path, &before, &after),
                (before, after) => {
                    let judged = match kind.as_str() {
                        "schemas" | "examples" => true,
                        // One that the other side has under another name is not new.
                        "parameters" | "securitySchemes" => {
                            let own = |document: &Value| {
                                let mut parts = components(document, kind);
                                let part = parts.find(|(other, _)| *other == name);
                                part.and_then(|(_, part)| text(part, "name"))
                                    .map(str::to_owned)
                            };
                            let header = own(was).or_else(|| own(is));
                            let has = |spec: &Spec| {
                                let mut headers = spec.headers().iter();
                                headers.any(|other| Some(&other.name) == header.as_ref())
                            };
                            !(has(old) && has(new))
                        }
                        _ => false,
                    };
                    if !judged {
                        walk.both(&path, before.as_ref(), after.as_ref());
                    }
                }
            }
        }
    }
}

/// A component without what the values hold of it.
fn residue(kind: &str, part: &Value, same_kind: bool) -> Value {
    match kind {
        "schemas" if same_kind => schema(part, held_by_kind(part)),
        // That it was of another kind was judged, and what each kind holds goes with it.
        "schemas" => [&OF_RULE[..], &OF_ENUM, &OF_INTEGER, &OF_OBJECT]
            .iter()
            .fold(part.clone(), |part, held| schema(&part, held)),
        "parameters" => header(part, "schema"),
        "securitySchemes" => header(part, "x-konaplate-schema"),
        "examples" => {
            let mut rest = without(part, &OF_CODE);
            if let Some(response) = rest.pointer_mut("/value/response") {
                *response = without(response, &["code", "description"]);
            }
            rest
        }
        _ => part.clone(),
    }
}

fn header(part: &Value, rule: &str) -> Value {
    let mut rest = without(part, &OF_HEADER);
    if let Some(rule) = rest.get_mut(rule) {
        *rule = without(rule, &OF_RULE);
    }
    rest
}

/// What the values hold of a schema of this kind.
fn held_by_kind(part: &Value) -> &'static [&'static str] {
    match text(part, "type") {
        Some("object") => &OF_OBJECT,
        Some("integer") => &OF_INTEGER,
        _ if part.get("enum").is_some() || part.get("x-extensible-enum").is_some() => &OF_ENUM,
        _ => &OF_RULE,
    }
}

fn schema(part: &Value, held: &[&str]) -> Value {
    let mut rest = without(&without(part, &OF_SCHEMA), held);
    if let Some(fields) = rest.get_mut("properties").and_then(Value::as_object_mut) {
        for field in fields.values_mut() {
            let mut inner = without(field, &OF_FIELD);
            reference(&mut inner);
            if let Some(items) = inner.get_mut("items") {
                reference(items);
            }
            *field = inner;
        }
        // That a field comes or goes was judged, too.
        fields.retain(|_, field| field.as_object().is_some_and(|rest| !rest.is_empty()));
    }
    rest
}

/// Takes away what leads to a named schema, whether it is written with `allOf` or without.
fn reference(value: &mut Value) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    map.remove("$ref");
    let only = map.get("allOf").and_then(Value::as_array).map(Vec::len);
    if only == Some(1) {
        map.remove("allOf");
    }
    if map.get("items") == Some(&Value::Object(Map::new())) {
        map.remove("items");
    }
}

fn operation(part: &Value) -> Value {
    let mut rest = without(part, &OF_OPERATION);
    // The first tag is the group.
    if let Some(tags) = rest.get_mut("tags").and_then(Value::as_array_mut) {
        tags.drain(..tags.len().min(1));
    }
    const JSON: &str = "content/application~1json";
    for (body, held) in [
        ("/requestBody", &["schema", "examples"][..]),
        ("/responses/200", &["schema", "examples"]),
        ("/responses/400", &["examples"]),
    ] {
        if let Some(media) = rest.pointer_mut(&format!("{body}/{JSON}")) {
            *media = without(media, held);
        }
    }
    rest
}

fn without(value: &Value, keys: &[&str]) -> Value {
    let Some(map) = value.as_object() else {
        return value.clone();
    };
    let kept = map.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

struct Walk<'c> {
    changes: &'c mut Changes,
    versions: (&'c str, &'c str),
    path: Vec<String>,
}

impl Walk<'_> {
    /// Compares two values that stand at the same place.
    fn at(&mut self, path: &[&str], old: &Value, new: &Value) {
        self.both(path, Some(old), Some(new));
    }

    fn both(&mut self, path: &[&str], old: Option<&Value>, new: Option<&Value>) {
        let (key, above) = path.split_last().unwrap_or((&"", &[]));
        self.path = above.iter().map(|key| (*key).to_owned()).collect();
        self.member(key, old, new);
        self.path.clear();
    }

    fn value(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (was, is) if was == is => {}
            (Value::Object(was), Value::Object(is)) => {
                let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
                for key in keys {
                    self.member(key, was.get(key), is.get(key));
                }
            }
            (Value::Array(was), Value::Array(is)) => {
                for index in 0..was.len().max(is.len()) {
                    self.member(&index.to_string(), was.get(index), is.get(index));
                }
            }
            // That the version was raised is no change of its own.
            (Value::String(was), Value::String(is))
                if self.path == ["info", "version"] && (&**was, &**is) == self.versions => {}
            _ => self.found("changed"),
        }
    }

    fn member(&mut self, key: &str, old: Option<&Value>, new: Option<&Value>) {
        self.path.push(key.to_owned());
        match (old, new) {
            (Some(old), Some(new)) => self.value(old, new),
            (Some(_), None) => self.found("was removed"),
            (None, Some(_)) => self.found("was added"),
            (None, None) => {}
        }
        self.path.pop();
    }

    fn found(&mut self, what: &str) {
        let is_text = self.path.iter().enumerate().any(|(index, key)| {
            let above = index.checked_sub(1).and_then(|index| self.path.get(index));
            let is_name = above.is_some_and(|above| NAMES.contains(&above.as_str()));
            TEXTS.contains(&key.as_str()) && !is_name
        });
        let place = format!("document {}", self.path.join(" "));
        if is_text {
            self.changes.add(Class::Text, place, what);
        } else {
            let text = format!("{what}; taken as breaking, since no rule of ours judges it");
            self.changes.add(Class::LANGUAGES, place, text);
        }
    }
}
