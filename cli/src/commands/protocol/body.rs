//! Bodies: bytes of a file or of standard input.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use konaplate_spec::Language;

use crate::failure::{Exit, Failure};

/// Where a body is from.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct BodyArguments {
    /// File with the body; - or none is standard input. The bytes are taken as they are: a line
    /// break at the end is part of the body.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,
}

/// How a body is read.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::commands) struct Reading {
    /// Removes one line break at the end of the body, which editors and echo put there.
    #[arg(long)]
    trim: bool,
}

impl BodyArguments {
    /// The bytes.
    ///
    /// # Errors
    /// They cannot be read.
    pub(in crate::commands) fn read(&self, language: Language) -> Result<Vec<u8>, Failure> {
        self.reading.read(self.file.as_deref(), language)
    }
}

impl Reading {
    /// The bytes of a file, or of standard input.
    ///
    /// # Errors
    /// They cannot be read.
    pub(in crate::commands) fn read(
        self,
        file: Option<&Path>,
        language: Language,
    ) -> Result<Vec<u8>, Failure> {
        let mut body = match file {
            Some(file) if file != Path::new("-") => read_file("body", file)?,
            _ => standard_input(language)?,
        };
        if self.trim {
            body.truncate(without_line_break(&body).len());
        }
        Ok(body)
    }
}

fn standard_input(language: Language) -> Result<Vec<u8>, Failure> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        let hint = language.pick(
            "reading the body from the terminal; Ctrl-D in a new line ends it",
            "터미널에서 본문을 읽습니다. 새 줄에서 Ctrl-D를 누르면 끝납니다.",
        );
        anstream::eprintln!("{hint}");
    }
    let mut body = Vec::new();
    input.read_to_end(&mut body).map_err(|error| {
        Failure::new(
            Exit::Fault,
            format!("body: cannot read standard input: {error}"),
        )
    })?;
    Ok(body)
}

/// The bytes of a file that an argument names.
///
/// # Errors
/// They cannot be read.
pub(in crate::commands) fn read_file(argument: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        let shown = file.display();
        Failure::bad_input(format!("{argument}: cannot read {shown}: {error}"))
            .next("name a file that is there and that you may read")
    })
}

/// Bytes without one line break at their end.
pub(in crate::commands) fn without_line_break(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
