//! How a command ends: a code for scripts, the cause, and the next step.

use std::fmt;
use std::process::ExitCode;

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something else: a file that cannot be read, a port that is taken.
    Fault,
    /// The input or a setting is wrong. Nothing was sent.
    BadInput,
    /// The platform responded that it did not carry the call out, or declined it.
    NotCarriedOut,
    /// The call may have been carried out.
    MaybeCarriedOut,
    /// The platform could not be reached. Nothing was sent.
    NoConnection,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Fault => 1,
            Self::BadInput => 2,
            Self::NotCarriedOut => 3,
            Self::MaybeCarriedOut => 4,
            Self::NoConnection => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.number().into()
    }
}

/// Why a command failed. It holds nothing of keys and bodies.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    cause: String,
    next: Option<String>,
}

impl Failure {
    /// A failure with its cause.
    pub fn new(exit: Exit, cause: impl Into<String>) -> Self {
        Self {
            exit,
            cause: cause.into(),
            next: None,
        }
    }

    /// The input or a setting is wrong.
    pub fn bad_input(cause: impl Into<String>) -> Self {
        Self::new(Exit::BadInput, cause)
    }

    /// With what to do next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    /// The cause in a line, and below it what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)?;
        match &self.next {
            Some(next) => write!(f, "\n  {next}"),
            None => Ok(()),
        }
    }
}

/// A fault on the way, with the chain of its causes.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Fault, format!("{error:#}"))
    }
}
