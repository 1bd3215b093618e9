//! Documentation of groups and operations: what they are, how sure that is, what can go wrong.

use std::fmt::Write;

use konaplate_spec::{Encrypted, Group, Operation, Outcome, Proves, Schema, Shape, Spec};
use serde_json::Value;

use crate::names::{field, later, pascal, snake};
use crate::rust_view::type_name;

/// Where the vendor's pages are.
const PORTAL: &str = "https://konaplate.com/en/developers/api-documentation/";

/// A text in a cell of a table: a bar would end the cell, and a line break the row.
pub(super) fn cell(text: &str) -> String {
    text.trim().replace(['\r', '\n'], " ").replace('|', "\\|")
}

/// A text of the vendor's in a cell of a table, where nothing of it is a link, code or HTML.
pub(super) fn plain_cell(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in cell(&text.replace('\\', "\\\\")).chars() {
        if "`<>[]".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    // Addresses become links by themselves.
    plain.replace("://", ":\\//")
}

/// The page of a group: its operations in a table.
pub(super) fn group_doc(spec: &Spec, group: &Group) -> String {
    let mut doc = format!(
        "{}\n\n\
         | operation | what it does | encrypted | effect | evidence |\n|---|---|---|---|---|\n",
        group.description
    );
    for o in spec.operations_of(&group.name) {
        let _ = writeln!(
            doc,
            "| [`{}`](crate::Client::{}) | {} | {} | {} | {} |",
            o.id,
            o.id,
            cell(&o.summary),
            encryption_words(o),
            o.effect,
            o.evidence
        );
    }
    doc
}

fn encryption_words(operation: &Operation) -> &'static str {
    use Encrypted::{No, Unknown, Yes};
    match (operation.encryption.request, operation.encryption.response) {
        (Yes, Yes) => "both ways",
        (Yes, No) => "request",
        (Yes, Unknown) => "request; response unknown",
        (No, Yes) => "response",
        (No, No) => "no",
        (No, Unknown) => "response unknown",
        (Unknown, Yes) => "response; request unknown",
        (Unknown, No) => "request unknown",
        (Unknown, Unknown) => "unknown",
    }
}

/// The documentation of a call.
pub(super) fn operation_doc(spec: &Spec, o: &Operation) -> String {
    let mut doc = format!("{}.\n\n{}\n\n", o.summary, o.description);
    facts(&mut doc, o);

    doc.push_str("\n# Fields\n\n");
    let request = spec.schema(&o.request.schema);
    let mut rows = String::new();
    field_rows(&mut rows, spec, request, "");
    if rows.is_empty() {
        doc.push_str("None is known.\n");
    } else {
        let _ = write!(doc, "| field | | rule |\n|---|---|---|\n{rows}");
    }
    if request.is_incomplete() {
        doc.push_str(
            "\nWhat was seen of the request is not known to be all of it: `extra` adds a field.\n",
        );
    }

    codes(&mut doc, spec, o);
    if let Some(outcome) = &o.outcome {
        outcomes(&mut doc, o, outcome);
    }

    if let Some(example) = o.request.examples.first() {
        let _ = write!(
            doc,
            "\n# Example\n\n```no_run\n{}```\n",
            call_example(spec, o, &example.value)
        );
    }
    if let Some(example) = o.response.examples.first() {
        let _ = write!(doc, "\nA response:\n\n```json\n{}\n```\n", example.json);
    }
    doc
}

/// What is known of an operation as a whole.
fn facts(doc: &mut String, o: &Operation) {
    let _ = writeln!(doc, "| | |\n|---|---|");
    let _ = writeln!(doc, "| in Korean | {} |", cell(&o.summary_ko));
    let _ = writeln!(doc, "| path | `{} {}` |", o.method, o.path);
    let _ = writeln!(doc, "| vendor's title | {} |", plain_cell(&o.title));
    let _ = writeln!(doc, "| effect | {} |", o.effect);
    let inquiry = o
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.inquiry.as_ref());
    if let Some(tells) = inquiry
        .map(|inquiry| &inquiry.operation)
        .or(o.follow_up.as_ref())
    {
        let _ = writeln!(
            doc,
            "| outcome after a lost response | [`{tells}`](crate::Operation::reconcile) |"
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
    let pages: Vec<_> = o.source.iter().map(|id| page_link(id)).collect();
    let _ = writeln!(doc, "| source page | {} |", pages.join("<br>"));
    let unknown = |flag| flag == Encrypted::Unknown;
    if unknown(o.encryption.request) || unknown(o.encryption.response) {
        doc.push_str("\nWhether it is encrypted was not seen whole. ");
        if unknown(o.encryption.request) {
            doc.push_str(
                "The request is sent plain unless \
                 [`encrypt_request`](crate::CallOptions::encrypt_request) says otherwise for the call. ",
            );
        }
        doc.push_str("A response is decrypted whenever it comes encrypted.\n");
    }
}

fn codes(doc: &mut String, spec: &Spec, o: &Operation) {
    doc.push_str("\n# Codes\n\n");
    if !o.failures.is_empty() {
        doc.push_str("| code | means | message |\n|---|---|---|\n");
    }
    for failure in &o.failures {
        let name = spec.code(&failure.code).map_or("", |code| &code.name);
        let _ = writeln!(
            doc,
            "| [`{}`](crate::ErrorCode::{name}) | {} | {} |",
            failure.code,
            cell(&failure.meaning),
            plain_cell(&failure.message)
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
}

/// What a caller should do about a call that moves money, whatever became of it.
fn outcomes(doc: &mut String, o: &Operation, outcome: &Outcome) {
    let (module, builder) = (snake(&o.group), pascal(&o.id));
    let _ = writeln!(
        doc,
        "\n# Outcome\n\nIt moves money: it is never retried. \
         [`send_for_outcome`](crate::{module}::{builder}::send_for_outcome) sends it once and says \
         what became of it."
    );
    match &outcome.inquiry {
        Some(inquiry) => {
            let later = later(&inquiry.operation);
            let _ = writeln!(
                doc,
                "[`{0}`](crate::Client::{0}) returns the outcome, by `{1}`; \
                 [`{later}`](crate::Client::{later}) asks it later.",
                inquiry.operation, inquiry.by,
            );
        }
        None => doc.push_str("No operation returns its outcome.\n"),
    }
    if let Some(cancel) = &outcome.cancel {
        let _ = writeln!(
            doc,
            "[`send_for_outcome_or_cancel`](crate::{module}::{builder}::send_for_outcome_or_cancel) \
             sends it with its cancellation, [`{cancel}`](crate::Client::{cancel}), which goes out \
             if nobody knows whether it was carried out."
        );
    }
    let _ = writeln!(doc, "\nAfter a lost response: {}", outcome.hint);
    proofs(doc, outcome);
}

/// What each code proves about the money, and what to do.
fn proofs(doc: &mut String, outcome: &Outcome) {
    let asks = outcome.inquiry.is_some();
    doc.push_str("\n| codes | prove | do |\n|---|---|---|\n");
    for class in Proves::ALL {
        let codes: Vec<_> = outcome
            .proofs
            .iter()
            .filter(|proof| proof.proves == *class)
            .map(|proof| match &proof.reason {
                None => format!("`{}`", proof.code),
                Some(reason) => format!("`{}`: {}", proof.code, cell(&reason.en)),
            })
            .collect();
        let (proves, to_do) = match class {
            Proves::NotCarriedOut => ("nothing was carried out", "correct it and call anew"),
            Proves::EarlierCall if asks => (
                "an earlier delivery of the request may have been carried out",
                "ask for the outcome; do not send it again",
            ),
            Proves::EarlierCall => (
                "an earlier delivery of the request may have been carried out",
                "look up your earlier call; do not send it again",
            ),
            Proves::Declined => (
                "this delivery was declined",
                "tell the member; a new call is a new decision",
            ),
            Proves::Failure if asks => (
                "it may have been carried out",
                "ask for the outcome; do not send it again",
            ),
            Proves::Failure => (
                "it may have been carried out",
                "let a person find out; do not send it again",
            ),
        };
        let codes = match (codes.is_empty(), class) {
            (false, Proves::Failure) => format!("{}, and every other code", codes.join(", ")),
            (true, Proves::Failure) => "every other code".to_owned(),
            (false, _) => codes.join("<br>"),
            (true, _) => continue,
        };
        let _ = writeln!(doc, "| {codes} | {proves} | {to_do} |");
    }
}

/// The fields of an object as rows of a table, those of the objects in it included.
fn field_rows(rows: &mut String, spec: &Spec, schema: &Schema, prefix: &str) {
    for f in schema.fields() {
        let _ = writeln!(
            rows,
            "| `{prefix}{}` | {} | {} |",
            f.name,
            if f.required { "required" } else { "optional" },
            cell(&spec.rule(&f.shape))
        );
        if let Some(object) = f.shape.object() {
            let list = if f.shape.is_list() { "[]" } else { "" };
            let prefix = format!("{prefix}{}{list}.", f.name);
            field_rows(rows, spec, spec.schema(object), &prefix);
        }
    }
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
fn call_example(spec: &Spec, operation: &Operation, example: &Value) -> String {
    let mut setters = String::new();
    let request = spec.schema(&operation.request.schema);
    setter_calls(&mut setters, spec, request, example, "    ");
    let uses = if setters.contains("types::") {
        "use konaplate::types;\n"
    } else {
        ""
    };
    format!(
        "{uses}# async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {{\n\
         let response = client\n    .{}()\n{setters}    .send()\n    .await?;\n\
         println!(\"{{:?}}\", *response);\n# Ok(())\n# }}\n",
        operation.id
    )
}

/// One setter a line for each member of an example.
fn setter_calls(code: &mut String, spec: &Spec, schema: &Schema, example: &Value, indent: &str) {
    for f in schema.fields() {
        let Some(value) = example.get(&f.name) else {
            continue;
        };
        let deeper = format!("{indent}    ");
        let part = |name: &str, value: &Value| {
            let mut inner = String::new();
            setter_calls(&mut inner, spec, spec.schema(name), value, &deeper);
            let name = type_name(spec, name);
            format!("types::{name}::builder()\n{}", inner.trim_end())
        };
        let items = || value.as_array().map(Vec::as_slice).unwrap_or_default();
        let argument = match &f.shape {
            Shape::Flag | Shape::Value(_) => literal(value),
            Shape::Values(_) => {
                let items: Vec<_> = items().iter().map(literal).collect();
                format!("[{}]", items.join(", "))
            }
            Shape::Object(name) => part(name, value),
            Shape::Objects(name) => {
                let items: Vec<_> = items().iter().map(|item| part(name, item)).collect();
                format!("[{}]", items.join(", "))
            }
        };
        let _ = writeln!(code, "{indent}.{}({argument})", field(&f.name));
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{number}_u64"),
        // JSON and Rust write control characters differently.
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_what_would_end_it() {
        assert_eq!(cell("string, `^(a|b)$`"), "string, `^(a\\|b)$`");
        assert_eq!(cell("one\ntwo\n"), "one two");
    }

    #[test]
    fn words_of_the_vendor_are_no_markdown() {
        for (text, plain) in [
            ("No such card [admin]", "No such card \\[admin\\]"),
            ("<b> | `y`", "\\<b\\> \\| \\`y\\`"),
            ("See http://x.example", "See http:\\//x.example"),
            ("a\\[b", "a\\\\\\[b"),
            ("한도 초과", "한도 초과"),
        ] {
            assert_eq!(plain_cell(text), plain);
        }
    }

    #[test]
    fn a_literal_of_an_example_is_one_of_rust() {
        for (value, code) in [
            (Value::from("a\u{7}\u{8}b"), "\"a\\u{7}\\u{8}b\""),
            (Value::from("quote \" and \\"), "\"quote \\\" and \\\\\""),
            (Value::from("카드"), "\"카드\""),
            (Value::from(5), "5_u64"),
            (Value::from(true), "true"),
        ] {
            assert_eq!(literal(&value), code);
            assert!(syn::parse_str::<syn::Expr>(code).is_ok(), "{code}");
        }
    }
}
