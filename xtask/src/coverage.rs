//! What is described, and how well it is known: the page `openapi/COVERAGE.md`, and a table for a
//! terminal.

use std::fmt::Write;

use anyhow::Result;
use konaplate_spec::{Encrypted, Evidence, Operation, Spec};

use crate::bundle::BUNDLE;
use crate::fresh::keep_fresh;
use crate::{at_root, files};

const INTRO: &str = "\
# Coverage

<!-- Made from openapi/konaplate.yaml by `cargo xtask coverage`. -->

What is known of the KONA PLATE Open API here, and how well: what to trust, and what to verify in the vendor's sandbox
before money depends on it.

- **evidence**: `page` is a whole page of the vendor's reference; `partial` a part of one.
- **request**, **response**: *whole* if all of it was seen, *in part* if there may be more fields (calls take extra ones,
  responses keep them), *not seen* if no field is known. *+n* are fields known from public code of somebody else only.
- **codes**: how many failure codes the page shows; *more* if the page goes on or its end was not seen.
- **encrypted**: request / response, `?` where the page was not seen. Unknown requests are sent plain unless the call
  says otherwise; responses are decrypted whenever they come encrypted.

";

pub(crate) fn run(check: bool) -> Result<()> {
    let spec = Spec::from_yaml(&files::read(&at_root(BUNDLE))?)?;
    print!("{}", table(&spec));
    keep_fresh("openapi/COVERAGE.md", &page(&spec), "coverage", check)
}

/// The page `openapi/COVERAGE.md`.
fn page(spec: &Spec) -> String {
    let mut out = INTRO.to_owned();
    let _ = writeln!(
        out,
        "{} operations in {} groups, {} failure codes.\n",
        spec.operations().len(),
        spec.groups().len(),
        spec.codes().len()
    );
    out.push_str("| group | operations |");
    for evidence in Evidence::ALL {
        let _ = write!(out, " {evidence} |");
    }
    out.push_str("\n|---|---|---|---|---|\n");
    for group in spec.groups() {
        let name = &group.name;
        let of_group = |evidence: Option<Evidence>| spec.count(Some(name), evidence);
        let _ = write!(out, "| [{name}](#{name}) | {} |", of_group(None));
        for evidence in Evidence::ALL {
            let _ = write!(out, " {} |", of_group(Some(*evidence)));
        }
        out.push('\n');
    }

    for group in spec.groups() {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n\
             | operation | evidence | request | response | codes | encrypted | effect |\n\
             |---|---|---|---|---|---|---|\n",
            group.name, group.description
        );
        for operation in spec.operations_of(&group.name) {
            row(&mut out, spec, operation);
        }
    }

    out.push_str(
        "\n## Not found\n\nThe menu of the vendor's reference has these titles, too. Nobody of us has seen their pages: no \
         path is known, and nothing of them is described. [`Client::raw`] sends a call to a path that you know.\n\n\
         [`Client::raw`]: ../README.md\n\n| chapter | title |\n|---|---|\n",
    );
    for (chapter, titles) in spec.not_found() {
        for title in titles {
            let _ = writeln!(out, "| {chapter} | {title} |");
        }
    }
    out
}

fn row(out: &mut String, spec: &Spec, o: &Operation) {
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
        spec.seen(&o.request),
        spec.seen(&o.response),
        flag(o.encryption.request),
        flag(o.encryption.response),
        o.effect
    );
}

/// A table of operations by group and evidence, as text.
fn table(spec: &Spec) -> String {
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
            .map(|e| spec.count(group, Some(*e)).to_string())
            .collect();
        cells.push(spec.count(group, None).to_string());
        cells
    };
    for group in spec.groups() {
        row(&group.name, &counts(Some(&group.name)));
    }
    row("all", &counts(None));
    let not_found: usize = spec
        .not_found()
        .iter()
        .map(|(_, titles)| titles.len())
        .sum();
    let _ = writeln!(out, "\ntitles without a page: {not_found}");
    out
}
