//! The table: a row for each implementation, a column for each file.

use std::fmt::Write as _;

use super::cases::FILES;
use super::tally::{Ran, Row};

/// So many failures of a file are shown.
const SHOWN: usize = 10;

/// What stands where a file says nothing of an implementation.
const NONE: &str = "-";

/// The table, and below it what failed and why.
pub(super) fn table(rows: &[Row]) -> String {
    let mut lines = vec![head()];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<_> = (0..lines[0].len())
        .map(|column| {
            lines
                .iter()
                .map(|line| line[column].len())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cells: Vec<_> = line
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:width$}"))
            .collect();
        add(&mut text, &cells);
        if number == 0 {
            let rules: Vec<_> = widths.iter().map(|&width| "-".repeat(width)).collect();
            add(&mut text, &rules);
        }
    }
    for row in rows {
        for note in notes(row) {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}: {note}", row.name);
        }
    }
    text
}

fn add(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn head() -> Vec<String> {
    let names = ["implementation"].into_iter().chain(FILES);
    names.map(str::to_owned).collect()
}

fn cells(row: &Row) -> Vec<String> {
    let of_file = |file: &str| match &row.ran {
        Ran::Files(files) => files
            .iter()
            .find(|tally| tally.file == file)
            .map_or(NONE.to_owned(), |tally| {
                format!("{}/{}", tally.passed, tally.cases())
            }),
        Ran::Missing(_) => "missing".to_owned(),
        Ran::Broken(_) => "broken".to_owned(),
    };
    let cells = FILES.into_iter().map(of_file);
    std::iter::once(row.name.to_owned()).chain(cells).collect()
}

fn notes(row: &Row) -> Vec<String> {
    match &row.ran {
        Ran::Missing(what) => what.iter().map(|line| format!("missing: {line}")).collect(),
        Ran::Broken(why) => vec![why.clone()],
        Ran::Files(files) => {
            let mut notes = Vec::new();
            for tally in files {
                for case in tally.failed.iter().take(SHOWN) {
                    notes.push(format!("{}: {}: {}", tally.file, case.name, case.why));
                }
                let more = tally.failed.len().saturating_sub(SHOWN);
                if more > 0 {
                    notes.push(format!("{}: and {more} more", tally.file));
                }
            }
            notes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::tally::{Failed, Tally};

    fn tally(file: &'static str, passed: usize, failed: usize) -> Tally {
        let failed = (0..failed).map(|number| Failed {
            name: format!("case_{number}"),
            why: "another token".to_owned(),
        });
        Tally {
            file,
            passed,
            failed: failed.collect(),
        }
    }

    #[test]
    fn a_row_says_how_many_cases_passed_of_how_many_and_which_did_not() {
        let rows = [
            Row {
                name: "rust",
                ran: Ran::Files(vec![tally("signing", 68, 0), tally("responses", 200, 12)]),
            },
            Row {
                name: "go",
                ran: Ran::Missing(vec!["go 1.26".to_owned()]),
            },
            Row {
                name: "java",
                ran: Ran::Broken("no document".to_owned()),
            },
        ];
        let text = table(&rows);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("| implementation | signing | correlation_ids |"));
        assert!(lines[2].starts_with("| rust           | 68/68   | -  "));
        assert!(lines[2].contains(" 200/212 "));
        assert!(lines[3].starts_with("| go             | missing |"));
        assert!(lines[4].starts_with("| java           | broken  |"));
        assert_eq!(lines[5], "rust: responses: case_0: another token");
        assert_eq!(lines[15], "rust: responses: and 2 more");
        assert_eq!(lines[16], "go: missing: go 1.26");
        assert_eq!(lines[17], "java: no document");
        assert_eq!(lines.len(), 18);
    }

    #[test]
    fn what_is_missing_fails_only_where_nothing_may_be() {
        let row = |ran| Row { name: "go", ran };
        let missing = row(Ran::Missing(vec!["go".to_owned()]));
        assert!(missing.is_good(false));
        assert!(!missing.is_good(true));
        assert!(row(Ran::Files(vec![tally("signing", 1, 0)])).is_good(true));
        assert!(!row(Ran::Files(vec![tally("signing", 1, 1)])).is_good(false));
        assert!(!row(Ran::Broken(String::new())).is_good(false));
    }
}
