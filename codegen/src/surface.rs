//! The surface of an operation as text: what a reviewer of a change has to agree to.
//!
//! One text an operation, a few dozen lines, kept as snapshots. A change of the description that
//! callers can notice shows as a difference here.

use std::fmt::Write;

use serde_json::Value;

use crate::description::{Description, text};
use crate::error::Error;
use crate::model::{Field, Operation, REQUEST_HEADERS, Shape, constraint};

/// What every answer begins with; its two fields need no review in each operation.
const ENVELOPE: &str = "ResponseStatus";

/// The surface of one operation.
///
/// # Errors
/// The description is not sound.
pub fn surface(description: &Description, operation: &Operation<'_>) -> Result<String, Error> {
    let mut out = String::new();
    let o = operation;
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
    let reconcile = o
        .reconcile
        .map(|id| format!(", outcome from {id}"))
        .unwrap_or_default();
    let _ = writeln!(out, "effect: {}{reconcile}", o.effect);
    let _ = writeln!(
        out,
        "encrypted: request {}, answer {}",
        o.request_encrypted, o.response_encrypted
    );

    out.push_str("\nheaders\n");
    for name in REQUEST_HEADERS {
        let header = description
            .component("parameters", name)
            .ok_or_else(|| Error::new(name, "there is no such header"))?;
        let required = header.get("required") == Some(&Value::Bool(true));
        row(
            &mut out,
            text(header, "name").unwrap_or(name),
            required,
            &constraint(header.get("schema").unwrap_or(&Value::Null)),
            "",
        );
    }

    if let Some(printed) = o.raw.pointer("/x-konaplate-printed/X-KM-Tran-Time") {
        let _ = writeln!(out, "  (printed for X-KM-Tran-Time: {})", facts(printed));
    }
    for (name, header) in [("X-KM-Correlation-Id", true), ("X-KM-Crypto-Key-Id", false)] {
        row(&mut out, name, header, "in the answer", "");
    }

    object(&mut out, description, "request", o.request)?;
    object(&mut out, description, "answer", o.response)?;

    let complete = if o.codes_complete {
        ""
    } else {
        " (not complete)"
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
        let _ = writeln!(out, "  ??????? {failure}");
    }

    for (name, schema, example) in [
        ("request", o.request, description.request_examples(o).next()),
        (
            "answer",
            o.response,
            description.response_examples(o).next(),
        ),
    ] {
        if let Some(example) = example {
            let example = masked(description, schema, example)?;
            let _ = writeln!(out, "\nexample {name}\n  {example}");
        }
    }
    Ok(out)
}

/// A body of that schema with its sensitive values replaced by what they are.
///
/// # Errors
/// The description is not sound.
pub fn masked(description: &Description, schema: &str, body: &Value) -> Result<Value, Error> {
    if let Some(kind) = text(description.schema(schema)?, "x-konaplate-sensitive") {
        return Ok(format!("[{kind}]").into());
    }
    let mut body = body.clone();
    for field in description.fields(description.schema(schema)?)? {
        let Some(value) = body.get_mut(field.name) else {
            continue;
        };
        match description.shape(&field)? {
            Shape::Flag => {}
            Shape::Value(name) | Shape::Object(name) => *value = masked(description, name, value)?,
            Shape::Values(name) | Shape::Objects(name) => {
                for item in value.as_array_mut().into_iter().flatten() {
                    *item = masked(description, name, item)?;
                }
            }
        }
    }
    Ok(body)
}

fn object(
    out: &mut String,
    description: &Description,
    side: &str,
    name: &str,
) -> Result<(), Error> {
    let schema = description.schema(name)?;
    let open = if schema.get("additionalProperties") == Some(&Value::Bool(true)) {
        ", open"
    } else {
        ""
    };
    let _ = writeln!(out, "\n{side}: {name}{open}");
    fields(out, description, schema, "")
}

/// The fields of an object, those of the objects in it included, indented.
fn fields(
    out: &mut String,
    description: &Description,
    schema: &Value,
    indent: &str,
) -> Result<(), Error> {
    for field in description.fields(schema)? {
        let shape = description.shape(&field)?;
        let schema_name = match shape {
            Shape::Flag => String::new(),
            Shape::Value(name)
            | Shape::Object(name)
            | Shape::Values(name)
            | Shape::Objects(name) => format!("  {name}"),
        };
        row(
            out,
            &format!("{indent}{}", field.name),
            field.required,
            &description.rule(&field)?,
            &(schema_name + &printed(&field)),
        );
        if let Some(object) = shape.object()
            && object != ENVELOPE
        {
            fields(
                out,
                description,
                description.schema(object)?,
                &format!("{indent}  "),
            )?;
        }
    }
    Ok(())
}

/// What the page prints where the description says something else, or is less sure.
fn printed(field: &Field<'_>) -> String {
    let mut out = String::new();
    if let Some(evidence) = text(field.raw, "x-konaplate-evidence") {
        let _ = write!(out, "  [{evidence}]");
    }
    let printed = field
        .raw
        .get("x-konaplate-printed")
        .or_else(|| field.schema.get("x-konaplate-printed"))
        .map(facts)
        .unwrap_or_default();
    if !printed.is_empty() {
        let _ = write!(out, "  (printed: {printed})");
    }
    out
}

/// `{length: 6}` as `length 6`; notes are for readers of the description.
fn facts(printed: &Value) -> String {
    printed
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "note")
        .map(|(key, value)| format!("{key} {}", value.to_string().replace('"', "")))
        .collect::<Vec<_>>()
        .join(", ")
}

fn row(out: &mut String, name: &str, required: bool, rule: &str, rest: &str) {
    let mark = if required { ' ' } else { '?' };
    let line = format!("  {name:<20}{mark} {rule}{rest}");
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Every operation's id and surface, in the order of the description.
///
/// # Errors
/// The description is not sound.
pub fn surfaces(description: &Description) -> Result<Vec<(&str, String)>, Error> {
    description
        .operations()?
        .iter()
        .map(|operation| Ok((operation.id, surface(description, operation)?)))
        .collect()
}
