//! Documentation of groups and operations: what they are, how sure that is, what can go wrong.

use std::fmt::Write;

use serde_json::Value;

use super::codes::name_of;
use super::fields::is_open;
use crate::description::Description;
use crate::error::Error;
use crate::model::{Effect, Encrypted, Operation, Shape};
use crate::names::{field, pascal, snake};

/// Where the vendor's pages are.
const PORTAL: &str = "https://konaplate.com/en/developers/api-documentation/";

/// The page of a group: its operations in a table.
pub(super) fn group_doc(
    description: &Description,
    group: &str,
    operations: &[(usize, &Operation<'_>)],
) -> String {
    let mut doc = format!(
        "{}\n\n",
        description.group_description(group).unwrap_or(group)
    );
    doc.push_str(
        "| operation | what it does | encrypted | effect | evidence |\n|---|---|---|---|---|\n",
    );
    for (_, o) in operations {
        let _ = writeln!(
            doc,
            "| [`{}`](crate::Client::{}) | {} | {} | {} | {} |",
            o.id,
            o.id,
            o.summary,
            encryption_words(o),
            o.effect,
            o.evidence
        );
    }
    doc
}

fn encryption_words(operation: &Operation<'_>) -> &'static str {
    use Encrypted::{No, Unknown, Yes};
    match (operation.request_encrypted, operation.response_encrypted) {
        (Yes, Yes) => "both ways",
        (Yes, No) => "request",
        (Yes, Unknown) => "request; answer unknown",
        (No, Yes) => "answer",
        (No, No) => "no",
        (No, Unknown) => "answer unknown",
        (Unknown, Yes) => "answer; request unknown",
        (Unknown, No) => "request unknown",
        (Unknown, Unknown) => "unknown",
    }
}

/// What tells how a call that moves money ended when its answer was lost.
#[derive(Clone, Copy)]
pub(super) enum SettledBy<'a> {
    /// An operation; this method of the client asks it later.
    Asking(&'a str),
    /// Nothing. The member moves the money after the call.
    Member,
    /// Nothing.
    Nobody,
}

/// The documentation of a call.
pub(super) fn operation_doc(
    description: &Description,
    operation: &Operation<'_>,
    settled_by: SettledBy<'_>,
) -> Result<String, Error> {
    let o = operation;
    let mut doc = format!("{}.\n\n{}\n\n", o.summary, o.description);
    let _ = writeln!(doc, "| | |\n|---|---|");
    let _ = writeln!(doc, "| in Korean | {} |", o.summary_ko);
    let _ = writeln!(doc, "| path | `{} {}` |", o.method, o.path);
    let _ = writeln!(doc, "| vendor's title | {} |", o.title);
    let _ = writeln!(doc, "| effect | {} |", o.effect);
    if let Some(reconcile) = o.reconcile {
        let _ = writeln!(
            doc,
            "| outcome after a lost answer | [`{reconcile}`](crate::Operation::reconcile) |"
        );
    }
    let _ = writeln!(doc, "| encrypted | {} |", encryption_words(o));
    let _ = writeln!(
        doc,
        "| evidence | {}, document version {} (offered: {}) |",
        o.evidence,
        o.version_shown,
        o.versions.join(", ")
    );
    let pages: Vec<_> = o.source.iter().copied().map(page_link).collect();
    let _ = writeln!(doc, "| source page | {} |", pages.join("<br>"));
    if o.request_encrypted == Encrypted::Unknown || o.response_encrypted == Encrypted::Unknown {
        doc.push_str("\nWhether it is encrypted was not seen whole. ");
        if o.request_encrypted == Encrypted::Unknown {
            doc.push_str(
                "The request is sent plain unless \
                 [`encrypt_request`](crate::CallOptions::encrypt_request) says otherwise for the call. ",
            );
        }
        doc.push_str("An answer is opened whenever it comes encrypted.\n");
    }

    doc.push_str("\n# Fields\n\n");
    let request = description.schema(o.request)?;
    let mut rows = String::new();
    field_rows(&mut rows, description, request, "")?;
    if rows.is_empty() {
        doc.push_str("None is known.\n");
    } else {
        let _ = write!(doc, "| field | | rule |\n|---|---|---|\n{rows}");
    }
    if is_open(request) {
        doc.push_str(
            "\nWhat was seen of the request is not known to be all of it: `extra` adds a field.\n",
        );
    }

    doc.push_str("\n# Codes\n\n");
    if !o.failures.is_empty() {
        doc.push_str("| code | means | message |\n|---|---|---|\n");
    }
    for failure in &o.failures {
        let name = name_of(description, failure.code).unwrap_or_default();
        let _ = writeln!(
            doc,
            "| [`{}`](crate::ErrorCode::{name}) | {} | {} |",
            failure.code, failure.meaning, failure.message
        );
    }
    if o.failures.is_empty() && o.codes_complete {
        doc.push_str("The page lists none.");
    } else if o.failures.is_empty() {
        doc.push_str("None were seen.");
    } else if !o.codes_complete {
        doc.push_str("\nThe list of codes is not complete.");
    }
    if !o.unlisted_failures.is_empty() {
        let _ = write!(
            doc,
            " Known by name only, without a code: {}.",
            o.unlisted_failures.join("; ")
        );
    }
    doc.push('\n');

    if o.effect == Effect::MovesMoney {
        lost_answer(&mut doc, description, o, settled_by)?;
    }

    if let Some(example) = description.request_examples(o).next() {
        let _ = write!(
            doc,
            "\n# Example\n\n```no_run\n{}```\n",
            call_example(description, o, example)?
        );
    }
    if let Some(example) = description.response_examples(o).next() {
        let json = serde_json::to_string_pretty(example).unwrap_or_default();
        let _ = write!(doc, "\nAn answer:\n\n```json\n{json}\n```\n");
    }
    Ok(doc)
}

/// What to do about a call that moves money when its answer was lost.
fn lost_answer(
    doc: &mut String,
    description: &Description,
    o: &Operation<'_>,
    settled_by: SettledBy<'_>,
) -> Result<(), Error> {
    doc.push_str("\n# After a lost answer\n\nIt moves money: it cannot be retried, and must not be sent again. ");
    if let SettledBy::Asking(settle) = settled_by {
        let _ = writeln!(
            doc,
            "[`and_settle`](crate::{}::{}::and_settle) sends it once and finds out how it ended; \
             [`{settle}`](crate::Client::{settle}) does so later, by the sequence id.",
            snake(o.group),
            pascal(o.id),
        );
        return Ok(());
    }
    if let Some(reconcile) = o.reconcile {
        let _ = writeln!(
            doc,
            "[`{reconcile}`](crate::Client::{reconcile}) tells the outcome."
        );
        return Ok(());
    }
    let ids = ids(description, o)?;
    let _ = writeln!(
        doc,
        "No operation tells the outcome of this one, so a person has to find out: from the \
         transactions and the balance of the card, as far as they show it, or from KONA, by {ids}. \
         [`settle`](crate::settle) says what is known of which operation, and \
         [`and_settle`](crate::{}::{}::and_settle) returns {}.",
        snake(o.group),
        pascal(o.id),
        if matches!(settled_by, SettledBy::Member) {
            "the window or the barcode with which the member moves the money, or that it was lost"
        } else {
            "the answer, or that it was lost and what a person can do"
        },
    );
    if o.id == CANCELLABLE {
        doc.push_str(
            "\n[`and_settle_or_cancel`](crate::payments::PayWithToken::and_settle_or_cancel) sends it with \
             its network cancellation, which goes out if the answer is lost.\n",
        );
    }
    Ok(())
}

/// The operation that is not only asked about but taken back; the method is written by hand, because it
/// has to put two operations together.
const CANCELLABLE: &str = "pay_with_token";

/// By what KONA finds a call.
fn ids(description: &Description, o: &Operation<'_>) -> Result<&'static str, Error> {
    let has_sequence_id = description
        .fields(description.schema(o.request)?)?
        .iter()
        .any(|field| field.name == "sequenceId");
    Ok(if has_sequence_id {
        "its correlation id and its sequence id"
    } else {
        "its correlation id"
    })
}

/// What a person can do about a call that moves money when its answer was lost, as plain text: what
/// holds for all of them, and the paragraphs of the operation's own description about it.
pub(super) fn after_lost_answer(
    description: &Description,
    o: &Operation<'_>,
) -> Result<String, Error> {
    let ids = ids(description, o)?;
    let mut told = match o.reconcile {
        Some(reconcile) => format!(
            "Do not send it again. Ask {reconcile} for the outcome. What that does not tell, KONA \
             finds by {ids}."
        ),
        None => format!(
            "Do not send it again: no operation tells how it ended. Look at the transactions and the \
             balance of the card, as far as they show it, or ask KONA, by {ids}."
        ),
    };
    let about_it = [
        "peration is known",
        "lost",
        "no answer arrived",
        "asking how",
    ];
    for paragraph in o.description.split("\n\n") {
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if about_it.iter().any(|words| line.contains(words)) {
            told.push(' ');
            told.push_str(&line.replace('`', ""));
        }
    }
    Ok(told)
}

/// The fields of an object as rows of a table, those of the objects in it included.
fn field_rows(
    rows: &mut String,
    description: &Description,
    schema: &Value,
    prefix: &str,
) -> Result<(), Error> {
    for f in description.fields(schema)? {
        let shape = description.shape(&f)?;
        let _ = writeln!(
            rows,
            "| `{prefix}{}` | {} | {} |",
            f.name,
            if f.required { "required" } else { "optional" },
            description.rule(&f)?
        );
        if let Some(object) = shape.object() {
            let list = if matches!(shape, Shape::Objects(_)) {
                "[]"
            } else {
                ""
            };
            let prefix = format!("{prefix}{}{list}.", f.name);
            field_rows(rows, description, description.schema(object)?, &prefix)?;
        }
    }
    Ok(())
}

/// A page of the vendor's reference by its id, as a link where the id is the end of an address.
fn page_link(id: &str) -> String {
    let is_path = id.split_once('/').is_some_and(|(chapter, rest)| {
        ["groups", "packages"].contains(&chapter)
            && rest.bytes().all(|b| b.is_ascii_digit() || b == b'/')
    });
    if is_path {
        format!("[{id}]({PORTAL}{id})")
    } else {
        format!("`{id}`")
    }
}

/// The first request example as Rust.
fn call_example(
    description: &Description,
    operation: &Operation<'_>,
    example: &Value,
) -> Result<String, Error> {
    let mut setters = String::new();
    let request = description.schema(operation.request)?;
    setter_calls(&mut setters, description, request, example, "    ")?;
    let uses = if setters.contains("types::") {
        "use konaplate::types;\n"
    } else {
        ""
    };
    Ok(format!(
        "{uses}# async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {{\n\
         let answer = client\n    .{}()\n{setters}    .send()\n    .await?;\n\
         println!(\"{{:?}}\", *answer);\n# Ok(())\n# }}\n",
        operation.id
    ))
}

/// One setter a line for each member of an example.
fn setter_calls(
    code: &mut String,
    description: &Description,
    schema: &Value,
    example: &Value,
    indent: &str,
) -> Result<(), Error> {
    for f in description.fields(schema)? {
        let Some(value) = example.get(f.name) else {
            continue;
        };
        let deeper = format!("{indent}    ");
        let part = |name: &str, value: &Value| -> Result<String, Error> {
            let mut inner = String::new();
            setter_calls(
                &mut inner,
                description,
                description.schema(name)?,
                value,
                &deeper,
            )?;
            Ok(format!("types::{name}::builder()\n{}", inner.trim_end()))
        };
        let items = || value.as_array().map(Vec::as_slice).unwrap_or_default();
        let argument = match description.shape(&f)? {
            Shape::Flag | Shape::Value(_) => literal(value),
            Shape::Values(_) => {
                let items: Vec<_> = items().iter().map(literal).collect();
                format!("[{}]", items.join(", "))
            }
            Shape::Object(name) => part(name, value)?,
            Shape::Objects(name) => {
                let items: Vec<_> = items()
                    .iter()
                    .map(|item| part(name, item))
                    .collect::<Result<_, _>>()?;
                format!("[{}]", items.join(", "))
            }
        };
        let _ = writeln!(code, "{indent}.{}({argument})", field(f.name));
    }
    Ok(())
}

fn literal(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{number}_u64"),
        other => other.to_string(),
    }
}
