//! What is described, and how well it is known: the page `openapi/COVERAGE.md`, and a table for a
//! terminal.

use std::fmt::Write;

use serde_json::Value;

use crate::Error;
use crate::description::{Description, entries, text};
use crate::model::{Encrypted, Evidence, Operation};

const INTRO: &str = "\
# Coverage

<!-- Made from openapi/konaplate.yaml by `cargo xtask coverage`. -->

What is known of the KONA PLATE Open API here, and how well: what to trust, and what to verify in the vendor's sandbox
before money depends on it.

- **evidence**: `seed` is a whole page of the vendor's reference, kept with the project's sources; `page` a whole page;
  `partial` a part of one.
- **request**, **answer**: *whole* if all of it was seen, *in part* if there may be more fields (calls take extra ones,
  answers keep them), *not seen* if no field is known. *+n* are fields known from public code of somebody else only.
- **codes**: how many failure codes the page shows; *more* if the page goes on or its end was not seen.
- **encrypted**: request / answer, `?` where the page was not seen. Unknown requests are sent plain unless the call says
  otherwise; answers are opened whenever they come encrypted.

";

/// The page `openapi/COVERAGE.md`.
///
/// # Errors
/// The description is not sound.
pub fn page(description: &Description) -> Result<String, Error> {
    let operations = description.operations()?;
    let mut out = INTRO.to_owned();
    let _ = writeln!(
        out,
        "{} operations in {} groups, {} failure codes.\n",
        operations.len(),
        description.groups().len(),
        crate::generate::codes::by_code(description)?.len()
    );
    out.push_str("| group | operations |");
    for evidence in Evidence::ALL {
        let _ = write!(out, " {evidence} |");
    }
    out.push_str("\n|---|---|---|---|---|---|\n");
    for group in description.groups() {
        let of_group = |evidence: Option<Evidence>| count(&operations, Some(group), evidence);
        let _ = write!(out, "| [{group}](#{group}) | {} |", of_group(None));
        for evidence in Evidence::ALL {
            let _ = write!(out, " {} |", of_group(Some(*evidence)));
        }
        out.push('\n');
    }

    for group in description.groups() {
        let _ = write!(
            out,
            "\n## {group}\n\n{}\n\n\
             | operation | evidence | request | answer | codes | encrypted | effect |\n\
             |---|---|---|---|---|---|---|\n",
            description.group_description(group).unwrap_or_default()
        );
        for operation in operations.iter().filter(|o| o.group == group) {
            row(&mut out, description, operation)?;
        }
    }

    out.push_str(
        "\n## Not found\n\nThe menu of the vendor's reference has these titles, too. Nobody of us has seen their pages: no \
         path is known, and nothing of them is described. [`Client::raw`] sends a call to a path that you know.\n\n\
         [`Client::raw`]: ../README.md\n\n| chapter | title |\n|---|---|\n",
    );
    for (chapter, titles) in entries(description.as_value(), "x-konaplate-not-found") {
        for title in titles.as_array().into_iter().flatten() {
            let _ = writeln!(
                out,
                "| {chapter} | {} |",
                title.as_str().unwrap_or_default()
            );
        }
    }
    Ok(out)
}

fn row(
    out: &mut String,
    description: &Description,
    operation: &Operation<'_>,
) -> Result<(), Error> {
    let o = operation;
    let request = description.schema(o.request)?;
    let answer = description.schema(o.response)?;
    let mut codes = match (o.failures.len(), o.codes_complete) {
        (0, true) => "none".to_owned(),
        (0, false) => "not seen".to_owned(),
        (seen, true) => seen.to_string(),
        (seen, false) => format!("{seen}, more"),
    };
    if !o.unlisted_failures.is_empty() {
        let _ = write!(codes, "; {} by name only", o.unlisted_failures.len());
    }
    let flag = |encrypted| match encrypted {
        Encrypted::Yes => "yes",
        Encrypted::No => "no",
        Encrypted::Unknown => "?",
    };
    let _ = writeln!(
        out,
        "| `{}`<br>{}<br>`{}` | {} | {} | {} | {codes} | {} / {} | {} |",
        o.id,
        o.title,
        o.path,
        o.evidence,
        seen(description, request, &["response"])?,
        seen(description, answer, &["response"])?,
        flag(o.request_encrypted),
        flag(o.response_encrypted),
        o.effect
    );
    Ok(())
}

/// How much of an object was seen.
fn seen(description: &Description, schema: &Value, besides: &[&str]) -> Result<String, Error> {
    let fields = description.fields(schema)?;
    let of_page = |raw: &Value| text(raw, "x-konaplate-evidence") != Some("third-party");
    let own = fields
        .iter()
        .filter(|field| !besides.contains(&field.name) && of_page(field.raw))
        .count();
    let third_party = fields.iter().filter(|field| !of_page(field.raw)).count();
    let is_whole = schema.get("additionalProperties") != Some(&Value::Bool(true));
    let mut words = match (is_whole, own) {
        (true, _) => "whole",
        (false, 0) => "not seen",
        (false, _) => "in part",
    }
    .to_owned();
    if third_party > 0 {
        let _ = write!(words, " +{third_party}");
    }
    Ok(words)
}

fn count(operations: &[Operation<'_>], group: Option<&str>, evidence: Option<Evidence>) -> usize {
    operations
        .iter()
        .filter(|o| group.is_none_or(|group| group == o.group))
        .filter(|o| evidence.is_none_or(|evidence| evidence == o.evidence))
        .count()
}

/// A table of operations by group and evidence, as text.
///
/// # Errors
/// The description is not sound.
pub fn table(description: &Description) -> Result<String, Error> {
    let operations = description.operations()?;
    let mut out = String::new();
    let mut row = |name: &str, cells: &[String]| {
        let _ = write!(out, "{name:<16}");
        for cell in cells {
            let _ = write!(out, "{cell:>13}");
        }
        out.push('\n');
    };

    let mut head: Vec<_> = Evidence::ALL.iter().map(ToString::to_string).collect();
    head.push("all".to_owned());
    row("group", &head);
    let counts = |group: Option<&str>| {
        let mut cells: Vec<_> = Evidence::ALL
            .iter()
            .map(|e| count(&operations, group, Some(*e)).to_string())
            .collect();
        cells.push(count(&operations, group, None).to_string());
        cells
    };
    for group in description.groups() {
        row(group, &counts(Some(group)));
    }
    row("all", &counts(None));
    let not_found: usize = entries(description.as_value(), "x-konaplate-not-found")
        .map(|(_, titles)| titles.as_array().map_or(0, Vec::len))
        .sum();
    let _ = writeln!(out, "\ntitles without a page: {not_found}");
    Ok(out)
}
