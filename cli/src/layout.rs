//! Text for people, as wide as their terminal: sections, paragraphs, and tables without borders.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use console::{Term, measure_text_width};

use crate::output::{STRONG, styled};

/// How wide text is where no terminal says it.
const WIDTH: usize = 100;
/// Below it, lines are broken by the terminal.
const NARROWEST: usize = 60;
/// What stands before each line of a section.
const INDENT: usize = 2;
/// Between two columns.
const GAP: usize = 2;
/// What the last column has at least.
const LAST: usize = 20;

/// Lays out text for a width, in columns of a terminal: a Korean character has two.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    width: usize,
}

/// A column of a table: its title, and how wide it may become. The last one has what is left.
pub type Column<'a> = (&'a str, usize);

impl Layout {
    /// For the terminal that standard output is, or else for 100 columns.
    #[must_use]
    pub fn of_terminal() -> Self {
        let columns = Term::stdout()
            .size_checked()
            .map(|(_, columns)| usize::from(columns));
        Self::of_width(columns.unwrap_or(WIDTH).max(NARROWEST))
    }

    /// For that many columns.
    #[must_use]
    pub fn of_width(width: usize) -> Self {
        Self { width }
    }

    /// The columns that there are.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    /// A title, and below it a text that is laid out.
    #[must_use]
    pub fn section(self, title: &str, text: &str) -> String {
        format!("\n{}\n{text}", styled(STRONG, title))
    }

    /// Markdown of the description: paragraphs and lists, their lines broken for the width.
    #[must_use]
    pub fn paragraphs(self, markdown: &str) -> String {
        let blocks: Vec<_> = markdown
            .split("\n\n")
            .map(|block| self.block(block))
            .collect();
        blocks.join("\n\n")
    }

    fn block(self, block: &str) -> String {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for line in block.lines().map(str::trim) {
            match (line.strip_prefix("- "), rows.last_mut()) {
                (Some(item), _) => rows.push(vec!["-".to_owned(), item.to_owned()]),
                (None, Some(row)) => {
                    if let Some(text) = row.last_mut() {
                        text.push(' ');
                        text.push_str(line);
                    }
                }
                (None, None) => rows.push(vec![line.to_owned()]),
            }
        }
        let is_list = rows.iter().all(|row| row.len() == 2);
        let columns: &[Column<'_>] = if is_list {
            &[("", 1), ("", 0)]
        } else {
            &[("", 0)]
        };
        self.table(columns, &rows)
    }

    /// What is called how: each name with its text.
    #[must_use]
    pub fn pairs(self, pairs: &[(&str, String)]) -> String {
        let rows: Vec<_> = pairs
            .iter()
            .map(|(name, text)| vec![(*name).to_owned(), text.clone()])
            .collect();
        self.table(&[("", 24), ("", 0)], &rows)
    }

    /// A table. Its titles are left out where all are empty.
    #[must_use]
    pub fn table(self, columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(fixed(self.width.saturating_sub(INDENT)));
        let has_titles = columns.iter().any(|(title, _)| !title.is_empty());
        if has_titles {
            table.set_header(columns.iter().map(|(title, _)| *title));
        }
        table.add_rows(rows.iter().cloned());
        let widths = self.widths(columns, rows);
        table.set_constraints(
            widths
                .iter()
                .map(|width| ColumnConstraint::Absolute(Width::Fixed(fixed(*width)))),
        );
        for (index, column) in table.column_iter_mut().enumerate() {
            let is_last = index + 1 == columns.len();
            column.set_padding((0, if is_last { 0 } else { fixed(GAP) }));
        }
        let mut lines = Vec::new();
        for (index, line) in table.lines().enumerate() {
            let line = format!("{:INDENT$}{line}", "");
            let line = line.trim_end();
            lines.push(if index == 0 && has_titles {
                styled(STRONG, line)
            } else {
                line.to_owned()
            });
        }
        lines.join("\n")
    }

    /// How wide each column is, with the gap behind it.
    fn widths(self, columns: &[Column<'_>], rows: &[Vec<String>]) -> Vec<usize> {
        let all = self.width.saturating_sub(INDENT);
        let Some((_, first)) = columns.split_last() else {
            return Vec::new();
        };
        let mut widths = Vec::new();
        for (index, (title, most)) in first.iter().enumerate() {
            let content = rows
                .iter()
                .filter_map(|row| row.get(index))
                .flat_map(|cell| cell.lines())
                .map(measure_text_width)
                .max();
            let width = content.unwrap_or(0).min(*most);
            widths.push(width.max(measure_text_width(title)) + GAP);
        }
        let taken: usize = widths.iter().sum();
        widths.push(all.saturating_sub(taken).max(LAST));
        widths
    }
}

fn fixed(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout { width: NARROWEST };

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let korean = "같은 요청을 다시 보내지 마십시오. ".repeat(8);
        let word = "A".repeat(88);
        for text in [korean.as_str(), word.as_str()] {
            let rows = [vec!["name".to_owned(), text.to_owned()]];
            for laid_out in [
                LAYOUT.paragraphs(text),
                LAYOUT.table(&[("a", 10), ("b", 0)], &rows),
            ] {
                for line in laid_out.lines() {
                    assert!(measure_text_width(line) <= NARROWEST, "{line}");
                }
                let all: String = laid_out.split_whitespace().collect();
                let expected: String = text.split_whitespace().collect();
                let all = all.replace("name", "");
                assert!(all.ends_with(&expected), "{laid_out}");
            }
        }
    }

    #[test]
    fn paragraphs_and_lists_keep_their_breaks() {
        let text = LAYOUT.paragraphs("One\ntwo.\n\n- a\n  b\n- c");
        assert_eq!(text, "  One two.\n\n  -  a b\n  -  c");
    }
}
