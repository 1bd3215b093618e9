//! What can go wrong with a journal.

use std::fmt;

use konaplate::error::root_cause;

/// The journal could not be opened, read or written.
///
/// It names what was tried, and the farthest cause in one line. The database's own words can name
/// tables, files and hosts, never a field of a call.
#[derive(Debug)]
pub struct Error {
    tried: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Error {
    pub(crate) fn new(
        tried: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            tried,
            source: source.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = root_cause(self.source.as_ref());
        write!(f, "the journal could not be {}: {cause}", self.tried)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}
