//! The rules of named schemas, which drift notices and does not judge.
//!
//! Requests are checked before they are sent, so a rule that becomes stricter refuses what was
//! accepted. Answers are read whatever their rules say, so there only the types count that a
//! generator makes.

use std::collections::BTreeSet;

use konaplate_codegen::Description;
use serde_json::Value;

use super::{Changes, Class};

pub(super) fn compare(changes: &mut Changes, old: &Description, new: &Description) {
    let sent = sent(old).union(&sent(new)).cloned().collect();
    for (name, schema) in old.schemas() {
        let place = format!("schema {name}");
        match new.schema(name) {
            Ok(other) => {
                let mut pair = Pair {
                    changes,
                    sent: BTreeSet::contains(&sent, name),
                    place,
                    old: schema,
                    new: other,
                };
                pair.compare();
            }
            Err(_) => changes.add(Class::Breaking, place, "was removed"),
        }
    }
    for (name, _) in new.schemas() {
        if old.schema(name).is_err() {
            changes.add(Class::Compatible, format!("schema {name}"), "was added");
        }
    }
}

/// One schema, before and after.
struct Pair<'c, 'd> {
    changes: &'c mut Changes,
    /// Whether it is a part of requests.
    sent: bool,
    place: String,
    old: &'d Value,
    new: &'d Value,
}

impl Pair<'_, '_> {
    fn compare(&mut self) {
        self.sensitive();
        let (old, new) = (word(self.old, "type"), word(self.new, "type"));
        if old != new {
            self.add(Class::Breaking, changed("type", old, new));
            return;
        }
        match new {
            Some("object") => self.object(),
            Some("array") => self.reference(self.old, self.new, "its items"),
            Some("string") => {
                self.bound("minLength", false);
                self.bound("maxLength", true);
                self.pattern();
                self.format();
                self.words();
            }
            Some("integer") => {
                self.bound("minimum", false);
                self.bound("maximum", true);
                self.format();
            }
            _ => {}
        }
    }

    fn add(&mut self, class: Class, text: impl Into<String>) {
        self.changes.add(class, &self.place, text);
    }

    /// A rule that refuses more is felt where values are checked.
    fn stricter(&self) -> Class {
        if self.sent {
            Class::Breaking
        } else {
            Class::Compatible
        }
    }

    /// A mark makes a masked type of a plain one, and the other way round a secret printable.
    fn sensitive(&mut self) {
        let key = "x-konaplate-sensitive";
        let (old, new) = (word(self.old, key), word(self.new, key));
        match (old, new) {
            (Some(old), None) => {
                self.add(
                    Class::Breaking,
                    format!("the mark {key}: {old} was taken away"),
                );
            }
            (None, Some(new)) => {
                self.add(Class::Breaking, format!("the mark {key}: {new} was added"))
            }
            (old, new) if old != new => self.add(Class::Compatible, changed(key, old, new)),
            _ => {}
        }
    }

    fn bound(&mut self, key: &str, upper: bool) {
        let at = |schema: &Value| schema.get(key).and_then(Value::as_u64);
        let (old, new) = (at(self.old), at(self.new));
        // A missing bound and one that forbids nothing are the same.
        let open = if upper { u64::MAX } else { 0 };
        let (was, is) = (old.unwrap_or(open), new.unwrap_or(open));
        if was == is {
            return;
        }
        let class = if (is < was) == upper {
            self.stricter()
        } else {
            Class::Compatible
        };
        let shown = |bound: Option<u64>| bound.map(|bound| bound.to_string());
        let (old, new) = (shown(old), shown(new));
        self.add(class, changed(key, old.as_deref(), new.as_deref()));
    }

    fn pattern(&mut self) {
        let (old, new) = (word(self.old, "pattern"), word(self.new, "pattern"));
        if old == new {
            return;
        }
        let class = if new.is_none() {
            Class::Compatible
        } else {
            self.stricter()
        };
        self.add(class, changed("pattern", old, new));
    }

    fn format(&mut self) {
        let (old, new) = (word(self.old, "format"), word(self.new, "format"));
        if old != new {
            self.add(Class::Breaking, changed("format", old, new));
        }
    }

    fn words(&mut self) {
        let words = |schema: &Value| -> Option<BTreeSet<String>> {
            let words = schema.get("enum")?.as_array()?;
            Some(
                words
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            )
        };
        match (words(self.old), words(self.new)) {
            (Some(old), Some(new)) => {
                for word in old.difference(&new) {
                    self.add(Class::Breaking, format!("the value {word} was removed"));
                }
                for word in new.difference(&old) {
                    self.add(Class::Compatible, format!("the value {word} was added"));
                }
            }
            (Some(_), None) => self.add(Class::Breaking, "is no enum any more"),
            (None, Some(_)) => self.add(Class::Breaking, "has become an enum"),
            (None, None) => {}
        }
    }

    fn object(&mut self) {
        let open = |schema: &Value| schema.get("additionalProperties") != Some(&Value::Bool(false));
        match (open(self.old), open(self.new)) {
            (true, false) => {
                let class = self.stricter();
                self.add(class, "other fields were allowed and are not any more");
            }
            (false, true) => self.add(Class::Compatible, "other fields are allowed now"),
            _ => {}
        }
        let (old, new) = (self.old, self.new);
        for (name, property) in properties(old) {
            match new["properties"].get(name) {
                Some(other) => {
                    self.reference(property, other, name);
                    self.required(name);
                }
                None => self.add(Class::Breaking, format!("{name} was removed")),
            }
        }
        for (name, _) in properties(new) {
            if old["properties"].get(name).is_none() {
                if self.sent && is_required(new, name) {
                    self.add(
                        Class::Breaking,
                        format!("{name} was added, and is required"),
                    );
                } else {
                    self.add(Class::Compatible, format!("{name} was added"));
                }
            }
        }
    }

    fn required(&mut self, name: &str) {
        match (is_required(self.old, name), is_required(self.new, name)) {
            (false, true) => self.add(
                Class::Breaking,
                format!("{name} was optional and is required"),
            ),
            (true, false) => {
                // What is read becomes something that may be missing.
                let class = if self.sent {
                    Class::Compatible
                } else {
                    Class::Breaking
                };
                self.add(class, format!("{name} was required and is optional"));
            }
            _ => {}
        }
    }

    /// Another named schema is another type, whatever its rules are.
    fn reference(&mut self, old: &Value, new: &Value, what: &str) {
        let (was, is) = (type_name(old), type_name(new));
        if was != is {
            self.add(Class::Breaking, format!("{what} was {was} and is {is}"));
        }
    }
}

fn changed(what: &str, old: Option<&str>, new: Option<&str>) -> String {
    let shown = |value: Option<&str>| value.unwrap_or("not given").to_owned();
    format!("{what} was {} and is {}", shown(old), shown(new))
}

fn word<'d>(schema: &'d Value, key: &str) -> Option<&'d str> {
    schema.get(key).and_then(Value::as_str)
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema["required"].as_array();
    required.into_iter().flatten().any(|other| other == name)
}

/// What a property refers to, or else its type.
fn type_name(property: &Value) -> String {
    let reference = property
        .get("$ref")
        .or_else(|| property.pointer("/allOf/0/$ref"))
        .and_then(Value::as_str);
    match (reference, property.get("items")) {
        (Some(reference), _) => reference.rsplit('/').next().unwrap_or(reference).to_owned(),
        (None, Some(items)) => format!("array of {}", type_name(items)),
        (None, None) => word(property, "type").unwrap_or("anything").to_owned(),
    }
}

/// The names of the schemas that requests are made of.
fn sent(description: &Description) -> BTreeSet<String> {
    fn walk(description: &Description, value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, member) in map {
                    match member.as_str() {
                        Some(reference) if key == "$ref" => {
                            let name = reference.rsplit('/').next().unwrap_or(reference);
                            if into.insert(name.to_owned())
                                && let Ok(schema) = description.resolve(value)
                            {
                                walk(description, schema, into);
                            }
                        }
                        _ => walk(description, member, into),
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    walk(description, item, into);
                }
            }
            _ => {}
        }
    }
    let mut into = BTreeSet::new();
    let paths = description.as_value()["paths"].as_object();
    for item in paths.into_iter().flatten().map(|(_, item)| item) {
        for (_, operation) in item.as_object().into_iter().flatten() {
            walk(description, &operation["requestBody"], &mut into);
        }
    }
    into
}
