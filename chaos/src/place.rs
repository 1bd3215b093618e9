//! Where the journal of a run is: a SQLite file, or a schema of a PostgreSQL database.

use std::path::{Path, PathBuf};

use anyhow::Result;
use konaplate_journal::Journal;
use serde::{Deserialize, Serialize};

/// A place for a journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A schema in the database that the URL names.
    Schema { url: String, schema: String },
}

impl Place {
    /// A place that is this run's alone: in PostgreSQL for every other run, if there is one.
    pub(crate) fn of_run(number: u64, folder: &Path, postgres: Option<&str>) -> Self {
        match postgres {
            Some(url) if number % 2 == 1 => Self::Schema {
                url: url.to_owned(),
                schema: format!("run_{number}_{:08x}", fastrand::u32(..)),
            },
            _ => {
                let file = folder.join(format!("{number}.db"));
                remove(&file);
                Self::File(file)
            }
        }
    }

    pub(crate) async fn open(&self) -> Result<Journal> {
        Ok(match self {
            Self::File(file) => Journal::sqlite(file).await?,
            Self::Schema { url, schema } => Journal::postgres_in(url, schema).await?,
        })
    }

    /// Removes the journal.
    pub(crate) async fn clear(&self, journal: &Journal) -> Result<()> {
        match self {
            Self::File(file) => {
                journal.close().await;
                remove(file);
            }
            Self::Schema { .. } => {
                journal.drop_tables().await?;
                journal.close().await;
            }
        }
        Ok(())
    }
}

/// Removes a journal's file and those that SQLite keeps beside it.
fn remove(journal: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = journal.as_os_str().to_owned();
        name.push(end);
        // It need not be there.
        let _ = std::fs::remove_file(name);
    }
}
