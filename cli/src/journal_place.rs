//! Where a journal is: a SQLite file, or a database of PostgreSQL.

use anyhow::{Context as _, Result};
use konaplate_journal::Journal;

/// Opens the journal at a place: a file, or a URL of PostgreSQL.
///
/// # Errors
/// The file cannot be opened, or the server cannot be reached.
pub async fn open(place: &str) -> Result<Journal> {
    let is_server = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| place.starts_with(scheme));
    let journal = if is_server {
        Journal::postgres(place).await
    } else {
        Journal::sqlite(place).await
    };
    journal.context("journal")
}
