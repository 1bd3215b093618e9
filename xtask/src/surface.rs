//! The surface of an operation as text: what a reviewer of a change has to agree to.
//!
//! Promise: what callers can notice of an operation changes only with a reviewed snapshot.
//!
//! One text an operation, a few dozen lines, kept in `tests/snapshots/operation__<id>.snap`; `cargo
//! insta review` shows what a change of the description does to them. In it are the operation
//! itself, its outcome, the request, the response, the codes and an example of each body.
//! Descriptions are not, and neither are names that are made of the operation's id. What all
//! operations have in common, the headers and the envelope, has a text of its own:
//! `tests/snapshots/every_operation.snap`.

use std::collections::BTreeMap;
use std::fmt::Write;

use konaplate_spec::{
    Body, CompletedBy, Enum, Field, Inquiry, Kind, Operation, Outcome, Paging, Printed, Proves,
    Schema, Spec, Text,
};
use serde_json::Value;

use crate::at_root;
use crate::bundle::BUNDLE;

/// The surface of one operation.
pub(crate) fn surface(spec: &Spec, operation: &Operation) -> String {
    Surfaces::new(spec).operation(operation)
}

/// Everything that surfaces are made from.
struct Surfaces<'s> {
    spec: &'s Spec,
    /// How many fields refer to a schema.
    uses: BTreeMap<&'s str, usize>,
}

impl<'s> Surfaces<'s> {
    fn new(spec: &'s Spec) -> Self {
        let mut uses = BTreeMap::new();
        let fields = spec.schemas().iter().flat_map(Schema::fields);
        for schema in fields.filter_map(|field| field.shape.schema()) {
            *uses.entry(schema).or_default() += 1;
        }
        Self { spec, uses }
    }

    /// The surface of one operation.
    fn operation(&self, o: &Operation) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{} {}", o.method, o.path);
        let _ = writeln!(out, "{} in {}: {}", o.id, o.group, o.summary);
        let _ = writeln!(out, "ko: {}", o.summary_ko);
        let _ = writeln!(out, "title: {}", o.title);
        for page in &o.source {
            let _ = writeln!(out, "page: {page}");
        }
        let _ = writeln!(
            out,
            "evidence: {}, version {} of {}",
            o.evidence,
            o.version_shown,
            o.versions.join(" ")
        );
        let printed = facts(o.printed.as_ref());
        if !printed.is_empty() {
            let _ = writeln!(out, "printed: {printed}");
        }
        if o.deprecated {
            let _ = writeln!(out, "deprecated");
        }
        let _ = writeln!(out, "effect: {}", o.effect);
        if let Some(follow_up) = &o.follow_up {
            let _ = writeln!(out, "follow-up: {follow_up}");
        }
        let _ = writeln!(
            out,
            "encrypted: request {}, response {}",
            o.encryption.request, o.encryption.response
        );
        if let Some(outcome) = &o.outcome {
            write_outcome(&mut out, outcome);
        }
        if let Some(paging) = &o.paging {
            write_paging(&mut out, paging);
        }
        self.body(&mut out, "request", &o.request);
        self.body(&mut out, "response", &o.response);

        let complete = if o.codes_complete {
            ""
        } else {
            ", not complete"
        };
        let _ = writeln!(out, "\ncodes{complete}");
        for failure in &o.failures {
            let _ = writeln!(
                out,
                "  {} {}: {}",
                failure.code, failure.name, failure.message
            );
        }
        for failure in &o.unlisted_failures {
            let _ = writeln!(out, "  by name only: {failure}");
        }
        for (side, body) in [("request", &o.request), ("response", &o.response)] {
            self.example(&mut out, side, body);
        }
        out
    }

    fn body(&self, out: &mut String, side: &str, body: &Body) {
        let schema = self.spec.schema(&body.schema);
        let _ = writeln!(out, "\n{side}{}", complete(schema));
        self.fields(out, schema, "");
    }

    /// The fields of an object, those of the objects in it included, indented.
    fn fields(&self, out: &mut String, schema: &Schema, indent: &str) {
        for field in schema.fields() {
            let inner = field.shape.object().map(|name| self.spec.schema(name));
            let mut rest = inner.map(complete).unwrap_or_default();
            rest += &self.value(field);
            let rule = self.spec.rule(&field.shape);
            let name = format!("{indent}{}", field.name);
            row(out, &name, field.required, &rule, &rest);
            if let Some(inner) = inner
                && !inner.is_envelope
            {
                self.fields(out, inner, &format!("{indent}  "));
            }
        }
    }

    /// What is to be said of a field beside its rule.
    fn value(&self, field: &Field) -> String {
        let mut out = String::new();
        let schema = field.shape.schema().map(|name| self.spec.schema(name));
        if let Some(schema) = schema {
            if let Kind::Enum(Enum { open: true, .. }) = schema.kind {
                out.push_str(", or another");
            }
            if self.uses.get(schema.name.as_str()) > Some(&1) {
                let _ = write!(out, "  {}", schema.name);
            }
        }
        if let Some(evidence) = field.evidence {
            let _ = write!(out, "  [{evidence}]");
        }
        let printed = field.printed.as_ref();
        let printed = facts(printed.or(schema.and_then(|schema| schema.printed.as_ref())));
        if !printed.is_empty() {
            let _ = write!(out, "  (printed: {printed})");
        }
        out
    }

    /// The first example of a body, a field a line, without its secrets.
    fn example(&self, out: &mut String, side: &str, body: &Body) {
        let Some(example) = body.examples.first() else {
            return;
        };
        let masked = self.spec.masked(&body.schema, &example.value);
        let _ = writeln!(out, "\nexample of the {side}: {}", example.summary);
        for line in pretty(&masked).lines() {
            let _ = writeln!(out, "  {line}");
        }
    }

    /// What every operation has: headers, and the envelope of its response.
    fn common(&self) -> String {
        let mut out = "headers of a request\n".to_owned();
        for header in self.spec.headers() {
            let printed = match facts(header.printed.as_ref()) {
                printed if printed.is_empty() => printed,
                printed => format!("  (printed: {printed})"),
            };
            row(
                &mut out,
                &header.name,
                header.required,
                &Text::rule(&header.rule),
                &printed,
            );
        }
        for schema in self.spec.schemas().iter().filter(|s| s.is_envelope) {
            let _ = writeln!(out, "\nbeginning of a response{}", complete(schema));
            self.fields(&mut out, schema, "");
        }
        out
    }
}

fn write_outcome(out: &mut String, outcome: &Outcome) {
    out.push_str("\noutcome\n");
    let mut say = |what: &str, says: &str| {
        let _ = writeln!(out, "  {what}: {says}");
    };
    match &outcome.completed_by {
        CompletedBy::Platform => say("completed by", "platform"),
        CompletedBy::Member { acts_with } => {
            say(
                "completed by",
                &format!("member, with {acts_with} of the response"),
            );
        }
    }
    say("reference", outcome.reference.as_deref().unwrap_or("none"));
    if let Some(pending) = &outcome.response.pending {
        say("not known yet, if the response says", pending);
    }
    if let Some(result) = &outcome.response.result {
        say("in the response itself", result);
    }
    match &outcome.inquiry {
        None => say("inquiry", "none"),
        Some(Inquiry {
            operation,
            by,
            field,
            completed,
            failed,
            pending,
        }) => {
            say("inquiry", &format!("{operation} by {by}, in {field}"));
            say("  completed", &completed.join(", "));
            say("  failed", &failed.join(", "));
            say("  pending", &pending.join(", "));
        }
    }
    say("cancel", outcome.cancel.as_deref().unwrap_or("none"));
    for class in Proves::ALL {
        for proof in outcome.proofs.iter().filter(|proof| proof.proves == *class) {
            let reason = proof.reason.as_ref();
            let reason = reason.map_or(String::new(), |reason| {
                format!(", because: {} / {}", reason.en, reason.ko)
            });
            say(
                &format!("{} proves", proof.code),
                &format!("{class}{reason}"),
            );
        }
    }
    for (language, hint) in [("en", &outcome.hint), ("ko", &outcome.hint_ko)] {
        let _ = writeln!(out, "  hint, {language}:");
        // A sentence a line: a changed one is then one changed line.
        for sentence in hint.replace(". ", ".\n").lines() {
            let _ = writeln!(out, "    {sentence}");
        }
    }
}

fn write_paging(out: &mut String, paging: &Paging) {
    let _ = writeln!(
        out,
        "\npages\n  requested by: {}.{}",
        paging.request, paging.page
    );
    if let Some(response) = &paging.response {
        for (what, field) in [
            ("page", &paging.response_page),
            ("number of pages", &paging.total_pages),
        ] {
            if let Some(field) = field {
                let _ = writeln!(out, "  {what}: {response}.{field}");
            }
        }
    }
    if let Some(items) = &paging.items {
        let _ = writeln!(out, "  list: {items}");
    }
}

fn complete(schema: &Schema) -> String {
    let note = if schema.is_incomplete() {
        ", not seen whole"
    } else {
        ""
    };
    note.to_owned()
}

/// `length 6, required Optional`; notes are for readers of the description.
fn facts(printed: Option<&Printed>) -> String {
    let facts = printed.iter().flat_map(|printed| &printed.facts);
    join(facts.map(|(key, value)| fact(key, value)))
}

fn fact(key: &str, value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => key.to_owned(),
        Value::Object(members) => {
            let members = join(members.iter().map(|(key, value)| fact(key, value)));
            format!("{key} ({members})")
        }
        Value::Array(items) => format!("{key} {}", join(items.iter().map(plain))),
        single => format!("{key} {}", plain(single)),
    }
}

fn plain(value: &Value) -> String {
    value.to_string().replace('"', "")
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn row(out: &mut String, name: &str, required: bool, rule: &str, rest: &str) {
    let mark = if required { ' ' } else { '?' };
    let line = format!("  {name:<24} {mark} {rule}{rest}");
    out.push_str(line.trim_end());
    out.push('\n');
}

#[test]
fn every_operation_has_the_surface_that_was_reviewed() {
    let bundle = crate::files::read(&at_root(BUNDLE)).unwrap();
    let spec = Spec::from_yaml(&bundle).unwrap();
    let surfaces = Surfaces::new(&spec);

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(at_root("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();

    assert_eq!(spec.operations().len(), 86);
    for operation in spec.operations() {
        let name = format!("operation__{}", operation.id);
        insta::assert_snapshot!(name, surfaces.operation(operation));
    }
    insta::assert_snapshot!("every_operation", surfaces.common());
}

#[test]
fn no_snapshot_is_left_of_an_operation_that_is_gone() {
    let bundle = crate::files::read(&at_root(BUNDLE)).unwrap();
    let spec = Spec::from_yaml(&bundle).unwrap();
    for entry in std::fs::read_dir(at_root("tests/snapshots")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(id) = file
            .strip_prefix("operation__")
            .and_then(|file| file.strip_suffix(".snap"))
        {
            // Beside it stand the JSON Schemas of the Rust types.
            let id = id.strip_suffix("__schema").unwrap_or(id);
            assert!(spec.operation(id).is_some(), "{file}");
        }
    }
}
