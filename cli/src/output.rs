//! Where commands write: text for people, JSON for programs.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::Value;

/// What is emphasized.
pub const STRONG: Style = Style::new().bold();
/// What is of less weight.
pub const FAINT: Style = Style::new().dimmed();
/// What is good.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What wants attention.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// What is wrong.
pub const WRONG: Style = AnsiColor::Red.on_default();

/// The form of what a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Standard output.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
}

impl Output {
    /// In the form that was asked for: by default text on a terminal, and JSON elsewhere.
    #[must_use]
    pub fn new(asked: Option<Format>) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let format = asked.unwrap_or(if is_terminal {
            Format::Text
        } else {
            Format::Json
        });
        Self { format }
    }

    /// Whether people read it.
    #[must_use]
    pub fn is_text(self) -> bool {
        self.format == Format::Text
    }

    /// Writes a text and the end of its line. Styles are left out where nobody sees them, or
    /// `NO_COLOR` is set.
    ///
    /// Where nobody takes it any more, as behind `| head`, the rest is dropped.
    ///
    /// # Errors
    /// It cannot be written: a disk is full.
    pub fn text(self, text: &str) -> Result<()> {
        match self.deliver(text) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.context("cannot write to standard output"),
        }
    }

    /// Writes a text that must not get lost.
    ///
    /// # Errors
    /// It cannot be written, or nobody takes it.
    pub fn deliver(self, text: &str) -> std::io::Result<()> {
        let mut out = anstream::stdout();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// Writes JSON.
    ///
    /// # Errors
    /// As for [`text`](Self::text).
    pub fn json(self, value: &Value) -> Result<()> {
        self.text(&format!("{value:#}"))
    }
}

/// A text with a style around it.
#[must_use]
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
