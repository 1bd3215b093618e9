//! For tests.

use std::time::Duration;

#[cfg(feature = "postgres")]
use crate::database::Kind;
use crate::database::{Transaction, values};
use crate::time::duration;
use crate::{Error, Journal};

/// A lock on everything that a call writes. Dropped, it is released, too, a little later.
#[derive(Debug)]
pub struct Locked(Transaction);

impl Locked {
    /// Lets the others write again.
    ///
    /// # Errors
    /// The database does not respond.
    pub async fn release(self) -> Result<(), Error> {
        let released = self.0.commit().await;
        released.map_err(|error| Error::new("written", error))
    }
}

impl Journal {
    /// Keeps every other process from writing to the journal until the lock is released: what a
    /// database that hangs looks like to them.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn lock(&self) -> Result<Locked, Error> {
        let failed = |error| Error::new("written", error);
        let mut transaction = self.database().begin().await.map_err(failed)?;
        // A transaction that writes locks a SQLite file.
        #[cfg(feature = "postgres")]
        if transaction.kind() == Kind::Postgres {
            let sql = "LOCK TABLE konaplate_calls, konaplate_holds IN EXCLUSIVE MODE";
            transaction.script(sql).await.map_err(failed)?;
        }
        // Begun for certain.
        transaction.now().await.map_err(failed)?;
        Ok(Locked(transaction))
    }

    /// Makes everything in the journal older by this, as if that time had passed, or the journal's
    /// clock had jumped ahead: calls that were under way are not any more, and what waits to be
    /// asked about again waits less.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn pass_time(&self, time: Duration) -> Result<(), Error> {
        self.move_clock(duration(time)).await
    }

    /// Makes everything in the journal younger by this, as if its clock had been set back.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn turn_back(&self, time: Duration) -> Result<(), Error> {
        self.move_clock(-duration(time)).await
    }

    async fn move_clock(&self, millis: i64) -> Result<(), Error> {
        let failed = |error| Error::new("written", error);
        let mut transaction = self.database().begin().await.map_err(failed)?;
        let sql = "UPDATE konaplate_calls SET began_at = began_at - $1, ends_by = ends_by - $1, \
                     ended_at = ended_at - $1, settled_at = settled_at - $1, \
                     ask_from = ask_from - $1, claimed_until = claimed_until - $1";
        let changed = transaction.execute(sql, values![millis]).await;
        changed.map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// Removes the tables of the journal, with everything that is in them.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn drop_tables(&self) -> Result<(), Error> {
        let failed = |error| Error::new("written", error);
        let mut transaction = self.database().begin().await.map_err(failed)?;
        for table in [
            "projects",
            "project_keys",
            "calls",
            "holds",
            "history",
            "callbacks",
            "clock",
            "migrations",
        ] {
            let sql = format!("DROP TABLE IF EXISTS konaplate_{table}");
            transaction.script(&sql).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }
}
