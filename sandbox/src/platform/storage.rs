//! The state in a SQLite file: what a call changed, in one transaction, before the response is
//! sent.
//!
//! Each table of the state is a table of the file, its keys and rows JSON. What is half done when
//! the process dies is not in the file, and has no response.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::platform::clock;
use crate::private_file;
use crate::state::{Changes, Numbers, State, TABLES};

/// Tells the file of a sandbox from other SQLite files: "KPSB".
const APPLICATION_ID: i32 = 0x4b50_5342;

/// Version of what tables and rows look like. A snapshot has the same.
pub(crate) const FORMAT: i32 = 2;

const NUMBERS: &str = "numbers";
const CLOCK: &str = "clock";

/// An open file. It is this sandbox's alone.
pub(crate) struct Storage {
    connection: Connection,
    /// As they are in the file.
    numbers: Option<Numbers>,
    clock: Option<clock::Setting>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").finish_non_exhaustive()
    }
}

impl Storage {
    /// Opens the file, and makes it if it is not there.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let shown = file.display();
        private_file::make(file).with_context(|| format!("cannot make {shown}"))?;
        let connection = Connection::open(file).with_context(|| format!("cannot open {shown}"))?;
        connection.set_prepared_statement_cache_capacity(2 * TABLES.len() + 4);
        let pragma = |name: &str| {
            connection
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0))
                .with_context(|| format!("{shown} is no SQLite file, or is in use"))
        };
        // Exclusive: of two sandboxes with one file the second is told so.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let (application_id, format) = (pragma("application_id")?, pragma("user_version")?);
        let is_new = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| {
                row.get::<_, i64>(0)
            })
            .with_context(|| format!("cannot read {shown}"))?
            == 0;
        match (is_new, application_id, format) {
            (true, _, _) | (false, APPLICATION_ID, FORMAT) => {}
            (false, APPLICATION_ID, _) => {
                bail!("{shown} was written by another version of the sandbox")
            }
            _ => bail!("{shown} is not a file of the sandbox"),
        }
        // With a write-ahead log in this mode a killed process loses nothing; a machine that loses
        // its power may lose the last calls, and never a part of one.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let mut make = format!(
            "BEGIN IMMEDIATE;
             PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {FORMAT};
             CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
        );
        for table in TABLES {
            make += &format!(
                "CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, row TEXT NOT NULL) \
                 WITHOUT ROWID;"
            );
        }
        connection
            .execute_batch(&(make + "COMMIT;"))
            .with_context(|| format!("cannot write {shown}: is another sandbox using it?"))?;
        Ok(Self {
            connection,
            numbers: None,
            clock: None,
        })
    }

    /// What is in the file, if anything was stored yet.
    pub(crate) fn load(&mut self) -> Result<Option<(State, clock::Setting)>> {
        let Some(numbers) = self.setting(NUMBERS)? else {
            return Ok(None);
        };
        let clock = self.setting(CLOCK)?.unwrap_or_default();
        let mut rows = Vec::new();
        for table in TABLES {
            let mut select = self
                .connection
                .prepare(&format!("SELECT key, row FROM {table}"))?;
            let found =
                select.query_map([], |row| Ok((table.to_owned(), row.get(0)?, row.get(1)?)))?;
            for row in found {
                rows.push(row?);
            }
        }
        let state = State::restored(numbers, rows)
            .map_err(|broken| anyhow::anyhow!("the stored state is not of one piece: {broken}"))?;
        (self.numbers, self.clock) = (Some(numbers), Some(clock));
        Ok(Some((state, clock)))
    }

    /// Stores what changed, as a whole or not at all.
    pub(crate) fn save(&mut self, state: &State, clock: clock::Setting) -> rusqlite::Result<()> {
        let is_new = self.numbers != Some(state.numbers()) || self.clock != Some(clock);
        let changes = state.changes();
        if changes.is_empty() && !is_new {
            return Ok(());
        }
        self.write(changes, state.numbers(), clock, false)
    }

    /// Stores another state in the place of the one there, all rows of which count as changed.
    pub(crate) fn replace(&mut self, state: &State, clock: clock::Setting) -> rusqlite::Result<()> {
        self.write(state.changes(), state.numbers(), clock, true)
    }

    fn write(
        &mut self,
        changes: Changes,
        numbers: Numbers,
        clock: clock::Setting,
        clears: bool,
    ) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        if clears {
            for table in TABLES {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
        }
        for (table, rows) in changes {
            for (key, row) in rows {
                match row {
                    Some(row) => transaction
                        .prepare_cached(&format!(
                            "INSERT INTO {table} (key, row) VALUES (?1, ?2) \
                             ON CONFLICT (key) DO UPDATE SET row = excluded.row"
                        ))?
                        .execute(params![key, row])?,
                    None => transaction
                        .prepare_cached(&format!("DELETE FROM {table} WHERE key = ?1"))?
                        .execute(params![key])?,
                };
            }
        }
        set(&transaction, NUMBERS, &numbers)?;
        set(&transaction, CLOCK, &clock)?;
        transaction.commit()?;
        (self.numbers, self.clock) = (Some(numbers), Some(clock));
        Ok(())
    }

    /// Whether every write fails, as on a disk that is full.
    #[cfg(test)]
    pub(crate) fn refuse_writes(&self, refuse: bool) {
        self.connection
            .pragma_update(None, "query_only", refuse)
            .unwrap();
    }

    fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let value: Option<String> = self
            .connection
            .query_row(
                "SELECT value FROM settings WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        value
            .map(|value| {
                serde_json::from_str(&value)
                    .map_err(|_| anyhow::anyhow!("the setting {name} is not as it should be"))
            })
            .transpose()
    }
}

fn set(connection: &Connection, name: &str, value: &impl Serialize) -> rusqlite::Result<()> {
    let value = serde_json::to_string(value).unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![name, value])
        .map(drop)
}
