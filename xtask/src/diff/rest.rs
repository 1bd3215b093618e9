//! What the values do not hold, and other generators read: servers, security, media types, formats.
//!
//! Here the two documents are walked side by side, and no key is asked for. A part whose values
//! differ, a schema or an operation for instance, was judged by them and is left out. What differs
//! elsewhere nobody has judged, so it is taken as breaking, unless it is a text.

use std::collections::BTreeSet;

use konaplate_spec::Spec;
use serde_json::Value;

use super::change::{Changes, Class};

/// Keys below which documents have texts for people.
const TEXTS: [&str; 6] = [
    "description",
    "info",
    "summary",
    "title",
    "x-displayName",
    "x-enumDescriptions",
];

/// How deep the parts of a document lie: `components`, `schemas`, a name.
const DEPTH_OF_PARTS: usize = 3;

pub(super) fn compare(changes: &mut Changes, old: &Spec, new: &Spec) {
    let mut walk = Walk {
        changes,
        judged: judged(old, new),
        versions: (old.version(), new.version()),
        path: Vec::new(),
    };
    walk.value(old.document(), new.document());
}

struct Walk<'c> {
    changes: &'c mut Changes,
    /// Names of the parts whose values differ.
    judged: BTreeSet<&'c str>,
    versions: (&'c str, &'c str),
    path: Vec<String>,
}

impl Walk<'_> {
    fn value(&mut self, old: &Value, new: &Value) {
        if old == new || self.is_judged(old) || self.is_judged(new) {
            return;
        }
        match (old, new) {
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
            (Value::String(was), Value::String(is)) if (&**was, &**is) == self.versions => {}
            _ => self.found("changed"),
        }
    }

    fn member(&mut self, key: &str, old: Option<&Value>, new: Option<&Value>) {
        self.path.push(key.to_owned());
        match (old, new) {
            (Some(old), Some(new)) => self.value(old, new),
            (Some(old), None) if !self.is_judged(old) => self.found("was removed"),
            (None, Some(new)) if !self.is_judged(new) => self.found("was added"),
            _ => {}
        }
        self.path.pop();
    }

    /// Whether this is a part of a judged name. Headers and groups have theirs inside.
    fn is_judged(&self, value: &Value) -> bool {
        let inside = || {
            let members = value.as_object().into_iter().flatten();
            let mut names = members.filter_map(|(_, member)| member.as_str());
            names.any(|name| self.judged.contains(name))
        };
        (1..=DEPTH_OF_PARTS).contains(&self.path.len())
            && (self
                .path
                .last()
                .is_some_and(|key| self.judged.contains(key.as_str()))
                || inside())
    }

    fn found(&mut self, what: &str) {
        let is_text = self.path.iter().any(|key| TEXTS.contains(&key.as_str()));
        let place = format!("document {}", self.path.join(" "));
        if is_text {
            self.changes.add(Class::Text, place, what);
        } else {
            let text = format!("{what}; taken as breaking, since no rule of ours judges it");
            self.changes.add(Class::LANGUAGES, place, text);
        }
    }
}

fn judged<'s>(old: &'s Spec, new: &'s Spec) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    differing(&mut names, old.schemas(), new.schemas(), |it| &it.name);
    differing(&mut names, old.operations(), new.operations(), |it| {
        &it.path
    });
    differing(&mut names, old.code_examples(), new.code_examples(), |it| {
        &it.name
    });
    differing(&mut names, old.headers(), new.headers(), |it| &it.name);
    differing(&mut names, old.groups(), new.groups(), |it| &it.name);
    differing(&mut names, old.not_found(), new.not_found(), |it| &it.0);
    names
}

/// The names of what only one side has, or has otherwise.
fn differing<'s, T: PartialEq>(
    names: &mut BTreeSet<&'s str>,
    old: &'s [T],
    new: &'s [T],
    name: impl Fn(&'s T) -> &'s str,
) {
    names.extend(old.iter().filter(|it| !new.contains(it)).map(&name));
    names.extend(new.iter().filter(|it| !old.contains(it)).map(&name));
}
