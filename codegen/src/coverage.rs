//! What is described, and how well it is known.

use std::fmt::Write;

use crate::Error;
use crate::description::Description;
use crate::model::Evidence;

/// A table of operations by group and evidence, as text.
///
/// # Errors
/// The description is not sound.
pub fn coverage(description: &Description) -> Result<String, Error> {
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
    let count = |group: Option<&str>| {
        let of_group = || {
            operations
                .iter()
                .filter(|o| group.is_none_or(|g| g == o.group))
        };
        let mut cells: Vec<_> = Evidence::ALL
            .iter()
            .map(|e| of_group().filter(|o| o.evidence == *e).count().to_string())
            .collect();
        cells.push(of_group().count().to_string());
        cells
    };
    for group in description.groups() {
        row(group, &count(Some(group)));
    }
    row("all", &count(None));

    out.push('\n');
    for operation in &operations {
        let codes = if operation.codes_complete {
            ""
        } else {
            ", codes incomplete"
        };
        let _ = writeln!(
            out,
            "{:<16}{:<36}{}{}",
            operation.group, operation.id, operation.evidence, codes
        );
    }
    Ok(out)
}
