//! Schemas and headers.
//!
//! Requests are checked before they are sent, so a rule that becomes stricter refuses what was
//! accepted. Responses are read whatever their rules say, so there only the types count that a
//! generator makes.

use std::collections::BTreeMap;
use std::mem::discriminant;

use konaplate_spec::{
    Enum, Field, Header, Integer, Kind, Object, Schema, Shape, Side, Spec, Text, TextUse,
};

use serde_json::Value;

use super::change::{Changes, Class};

pub(super) fn compare(changes: &mut Changes, old: &Spec, new: &Spec) {
    for schema in old.schemas() {
        let place = format!("schema {}", schema.name);
        let Some(other) = new.find_schema(&schema.name) else {
            changes.add(Class::TYPES, place, "was removed");
            continue;
        };
        let on = |side| {
            let mut both = [old, new].into_iter();
            both.any(|spec| spec.reaches(side, &schema.name))
        };
        let mut pair = Pair {
            changes,
            specs: (old, new),
            sent: on(Side::Request),
            received: on(Side::Response),
            place,
        };
        pair.compare(schema, other);
    }
    for schema in new.schemas() {
        if old.find_schema(&schema.name).is_none() {
            changes.add(
                Class::Additive,
                format!("schema {}", schema.name),
                "was added",
            );
        }
    }
    headers(changes, old, new);
    let names = |spec: &Spec| -> Vec<String> {
        let schemas = spec.schemas().iter();
        schemas.map(|schema| schema.name.clone()).collect()
    };
    changes.order("schemas", &names(old), &names(new));
    let names = |spec: &Spec| -> Vec<String> {
        let headers = spec.headers().iter();
        headers.map(|header| header.name.clone()).collect()
    };
    changes.order("headers", &names(old), &names(new));
}

/// One schema, before and after.
struct Pair<'c> {
    changes: &'c mut Changes,
    specs: (&'c Spec, &'c Spec),
    /// Whether it is a part of requests.
    sent: bool,
    /// Whether it is a part of responses.
    received: bool,
    place: String,
}

impl Pair<'_> {
    fn add(&mut self, class: Class, text: impl Into<String>) {
        self.changes.add(class, &self.place, text);
    }

    /// A rule that refuses more is felt where values are checked.
    fn stricter(&self) -> Class {
        if self.sent {
            Class::WIRE
        } else {
            Class::Additive
        }
    }

    fn compare(&mut self, old: &Schema, new: &Schema) {
        self.sensitive(old, new);
        self.text_use(old.text_use, new.text_use);
        self.rule(old, new);
        if old.is_envelope != new.is_envelope {
            let text = if new.is_envelope {
                "is the envelope of responses now"
            } else {
                "is not the envelope of responses any more"
            };
            self.add(Class::RUST, text);
        }
        let parts = [
            ("description", old.description != new.description),
            ("known values", old.known_values != new.known_values),
            ("evidence", old.evidence != new.evidence),
            ("printed", old.printed != new.printed),
            ("example", old.example != new.example),
        ];
        self.changes.texts(&self.place, &parts);
    }

    /// What it holds.
    fn rule(&mut self, old: &Schema, new: &Schema) {
        match (&old.kind, &new.kind) {
            (Kind::Text(was), Kind::Text(is)) => self.text(was, is),
            (Kind::Integer(was), Kind::Integer(is)) => self.integer(*was, *is),
            (Kind::Enum(was), Kind::Enum(is)) => self.words(was, is),
            (Kind::Object(was), Kind::Object(is)) => self.object(was, is),
            (was, is) => {
                let class = Class::TYPES.and_wire(self.sent);
                let text = format!("was {} and is {}", kind(was), kind(is));
                self.add(class, text);
            }
        }
        let (was, is) = (old.form.as_ref(), new.form.as_ref());
        let class = Class::RUST.and_wire(self.sent);
        self.changes.option(class, &self.place, "form", was, is);
    }

    /// A mark makes a masked type of a plain one, and the other way round a secret printable.
    fn sensitive(&mut self, old: &Schema, new: &Schema) {
        match (&old.sensitive, &new.sensitive) {
            (Some(old), None) => {
                self.add(Class::RUST, format!("the mark of a {old} was taken away"));
            }
            (None, Some(new)) => self.add(Class::RUST, format!("the mark of a {new} was added")),
            (Some(old), Some(new)) if old != new => {
                self.add(Class::Text, format!("was marked as {old} and is as {new}"));
            }
            _ => {}
        }
    }

    /// What is refused of a caller, and kept of a response, is another thing.
    fn text_use(&mut self, old: TextUse, new: TextUse) {
        if old != new {
            let class = Class::RUST.and_wire(self.sent);
            let text = format!("its text was {} and is {}", old.word(), new.word());
            self.add(class, text);
        }
    }

    fn text(&mut self, old: &Text, new: &Text) {
        let stricter = self.stricter();
        text(self.changes, &self.place, stricter, old, new);
    }

    fn integer(&mut self, old: Integer, new: Integer) {
        let stricter = self.stricter();
        let mut bounds = Bounds {
            changes: self.changes,
            place: &self.place,
            stricter,
        };
        bounds.lower("minimum", old.min, new.min);
        bounds.upper("maximum", Some(old.max), Some(new.max));
        self.as_written(old, new);
    }

    /// What other generators read of a number, whose bounds may stand where they do not look.
    fn as_written(&mut self, old: Integer, new: Integer) {
        let (before, after) = self.specs;
        let name = self.place.trim_start_matches("schema ");
        let raw = |spec: &Spec, key: &str| -> Option<Value> {
            let part = spec.document().pointer("/components/schemas")?.get(name)?;
            part.get(key).cloned()
        };
        let text = |value: Option<Value>| {
            value.map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
        };
        let (was, is) = (text(raw(before, "format")), text(raw(after, "format")));
        let (was, is) = (was.as_ref(), is.as_ref());
        self.changes
            .option(Class::LANGUAGES, &self.place, "format", was, is);
        for (bound, same) in [
            ("minimum", old.min == new.min),
            ("maximum", old.max == new.max),
        ] {
            let (was, is) = (raw(before, bound), raw(after, bound));
            // That the bound itself is another one was said.
            if same && was.is_some() != is.is_some() {
                let what = format!("plain {bound}");
                let (was, is) = (was.as_ref(), is.as_ref());
                self.changes
                    .option(Class::LANGUAGES, &self.place, &what, was, is);
            }
        }
    }

    fn words(&mut self, old: &Enum, new: &Enum) {
        if old.open != new.open {
            let shown = |open| if open { "open" } else { "closed" };
            let (was, is) = (shown(old.open), shown(new.open));
            self.changes.value(
                Class::LANGUAGES,
                &self.place,
                "the list of values",
                &was,
                &is,
            );
        }
        let (was, is) = (old.open_form.as_ref(), new.open_form.as_ref());
        self.changes
            .option(Class::RUST, &self.place, "open form", was, is);
        let by_word = |words: &Enum| -> BTreeMap<String, (Option<String>, String)> {
            let values = words.values.iter();
            values
                .map(|value| {
                    (
                        value.word.clone(),
                        (value.name.clone(), value.meaning.clone()),
                    )
                })
                .collect()
        };
        let (was, is) = (by_word(old), by_word(new));
        for (word, (name, meaning)) in &was {
            match is.get(word) {
                None => {
                    let class = if new.open { Class::RUST } else { Class::ALL };
                    self.add(class, format!("the value {word} was removed"));
                }
                Some((other_name, other_meaning)) => {
                    let what = format!("the name of {word}");
                    let (was, is) = (name.as_ref(), other_name.as_ref());
                    self.changes
                        .option(Class::TYPES, &self.place, &what, was, is);
                    if meaning != other_meaning {
                        self.add(Class::Text, format!("the meaning of {word} changed"));
                    }
                }
            }
        }
        for word in is.keys().filter(|word| !was.contains_key(*word)) {
            // A closed list that is received makes types which know no other value.
            let class = if self.received && !old.open {
                Class::LANGUAGES
            } else {
                Class::Additive
            };
            self.add(class, format!("the value {word} was added"));
        }
        let words = |words: &Enum| -> Vec<String> {
            words
                .values
                .iter()
                .map(|value| value.word.clone())
                .collect()
        };
        let reordered = was.keys().eq(is.keys()) && words(old) != words(new);
        let parts = [("order of the values", reordered)];
        self.changes.texts(&self.place, &parts);
    }

    fn object(&mut self, old: &Object, new: &Object) {
        match (old.complete, new.complete) {
            (false, true) if self.sent => {
                self.add(
                    Class::CALLS,
                    "other fields were allowed and are not any more",
                );
            }
            (false, true) => self.add(Class::Text, "is known to be whole now"),
            (true, false) if self.sent => self.add(Class::Additive, "other fields are allowed now"),
            (true, false) => self.add(Class::Text, "is not known to be whole any more"),
            _ => {}
        }
        let find = |object: &'_ Object, name: &str| {
            object.fields.iter().position(|field| field.name == name)
        };
        for field in &old.fields {
            match find(new, &field.name) {
                Some(index) => self.field(field, &new.fields[index]),
                None => {
                    let class = Class::TYPES.and_wire(self.sent);
                    self.add(class, format!("{} was removed", field.name));
                }
            }
        }
        for field in &new.fields {
            if find(old, &field.name).is_none() {
                if self.sent && field.required {
                    let text = format!("{} was added, and is required", field.name);
                    self.add(Class::ALL, text);
                } else {
                    self.add(Class::Additive, format!("{} was added", field.name));
                }
            }
        }
        let names = |object: &Object, other: &Object| -> Vec<String> {
            let fields = object.fields.iter().map(|field| field.name.clone());
            fields.filter(|name| find(other, name).is_some()).collect()
        };
        let parts = [("order of the fields", names(old, new) != names(new, old))];
        self.changes.texts(&self.place, &parts);
    }

    fn field(&mut self, old: &Field, new: &Field) {
        let name = &new.name;
        self.shape(name, &old.shape, &new.shape);
        match (old.required, new.required) {
            (false, true) => {
                let class = Class::TYPES.and_wire(self.sent);
                self.add(class, format!("{name} was optional and is required"));
            }
            (true, false) => {
                // What is read becomes something that may be missing.
                let class = if self.sent && !self.received {
                    Class::Additive
                } else {
                    Class::TYPES
                };
                self.add(class, format!("{name} was required and is optional"));
            }
            _ => {}
        }
        if old.text_use != new.text_use {
            // Types do not change: only what is kept of a response does.
            self.add(
                Class::Text,
                format!("what the text of {name} is for changed"),
            );
        }
        let evidence = |field: &Field| (field.evidence, field.printed.clone(), field.is_plain);
        if evidence(old) != evidence(new) {
            self.add(Class::Text, format!("the evidence of {name} changed"));
        }
        let (before, after) = self.specs;
        if own_description(before, old) != own_description(after, new) {
            self.add(Class::Text, format!("the description of {name} changed"));
        }
    }

    /// Another named schema is another type, whatever its rules are. Calls feel it where it refuses
    /// more.
    fn shape(&mut self, name: &str, old: &Shape, new: &Shape) {
        if old == new {
            return;
        }
        let (before, after) = self.specs;
        let same_form = discriminant(old) == discriminant(new);
        let class = match (old.schema(), new.schema()) {
            (Some(was), Some(is)) if same_form => {
                let (was, is) = (before.schema(was), after.schema(is));
                // Clients in Rust have one type for the open and the closed form of an enum.
                let types = if client_type(was) == client_type(is) {
                    Class::LANGUAGES
                } else {
                    Class::TYPES
                };
                types.and_wire(self.sent && self.refuses_more(was, is))
            }
            _ => Class::TYPES.and_wire(self.sent),
        };
        let (was, is) = (shape(old), shape(new));
        self.changes.value(class, &self.place, name, &was, &is);
    }

    /// Whether a value that one schema allowed may be refused by another.
    fn refuses_more(&self, old: &Schema, new: &Schema) -> bool {
        if old.object().is_some() && new.object().is_some() {
            // Objects can hold themselves, so they are not followed.
            return old.kind != new.kind;
        }
        let mut found = Changes::default();
        let mut pair = Pair {
            changes: &mut found,
            specs: self.specs,
            sent: self.sent,
            received: self.received,
            place: String::new(),
        };
        pair.rule(old, new);
        found.break_the_wire()
    }
}

/// The type that the Rust client has for a schema.
fn client_type(schema: &Schema) -> &str {
    match &schema.kind {
        Kind::Enum(Enum {
            open_form: Some(open_form),
            ..
        }) => open_form,
        _ => &schema.name,
    }
}

/// The description of a field, where it is not that of its schema.
fn own_description<'f>(spec: &Spec, field: &'f Field) -> Option<&'f str> {
    let schema = field.shape.schema().map(|name| spec.schema(name));
    let of_schema = schema.is_some_and(|schema| schema.description == field.description);
    (!of_schema).then_some(&field.description)
}

fn text(changes: &mut Changes, place: &str, stricter: Class, old: &Text, new: &Text) {
    let mut bounds = Bounds {
        changes,
        place,
        stricter,
    };
    bounds.lower("fewest characters", old.min, new.min);
    bounds.upper("most characters", old.max, new.max);
    // Which of two patterns refuses more is not known.
    let class = if new.pattern.is_none() {
        Class::Additive
    } else {
        stricter
    };
    let (was, is) = (old.pattern.as_ref(), new.pattern.as_ref());
    changes.option(class, place, "pattern", was, is);
}

/// The bounds of a value, and what it means that they refuse more.
struct Bounds<'c> {
    changes: &'c mut Changes,
    place: &'c str,
    stricter: Class,
}

impl Bounds<'_> {
    fn lower(&mut self, what: &str, was: u64, is: u64) {
        let class = if is > was {
            self.stricter
        } else {
            Class::Additive
        };
        self.changes.value(class, self.place, what, &was, &is);
    }

    fn upper(&mut self, what: &str, was: Option<u64>, is: Option<u64>) {
        let limit = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
        let class = if limit(is) < limit(was) {
            self.stricter
        } else {
            Class::Additive
        };
        let (was, is) = (was.as_ref(), is.as_ref());
        self.changes.option(class, self.place, what, was, is);
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) => "text",
        Kind::Integer(_) => "a whole number",
        Kind::Enum(_) => "a list of values",
        Kind::Object(_) => "an object",
    }
}

/// The type that a generator makes of a field.
fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Flag => "true or false".to_owned(),
        Shape::Value(name) | Shape::Object(name) => name.clone(),
        Shape::Values(name) | Shape::Objects(name) => format!("a list of {name}"),
    }
}

fn headers(changes: &mut Changes, old: &Spec, new: &Spec) {
    let find = |spec: &Spec, name: &str| -> Option<Header> {
        spec.headers()
            .iter()
            .find(|header| header.name == name)
            .cloned()
    };
    for header in old.headers() {
        let place = format!("header {}", header.name);
        let Some(other) = find(new, &header.name) else {
            changes.add(Class::ALL, place, "was removed");
            continue;
        };
        match (header.required, other.required) {
            (false, true) => changes.add(Class::PATHS, &place, "was optional and is required"),
            (true, false) => changes.add(Class::Additive, &place, "was required and is optional"),
            _ => {}
        }
        text(changes, &place, Class::WIRE, &header.rule, &other.rule);
        let parts = [
            ("description", header.description != other.description),
            ("printed", header.printed != other.printed),
        ];
        changes.texts(&place, &parts);
    }
    for header in new.headers() {
        if find(old, &header.name).is_none() {
            let class = if header.required {
                Class::ALL
            } else {
                Class::Additive
            };
            changes.add(class, format!("header {}", header.name), "was added");
        }
    }
}
