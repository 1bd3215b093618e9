//! For tests.

use std::time::Duration;

use crate::database::values;
use crate::time::duration;
use crate::{Error, Journal};

impl Journal {
    /// Makes everything in the journal older by this, as if that time had passed: calls that were
    /// under way are not any more, and what waits to be asked about again waits less.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn pass_time(&self, time: Duration) -> Result<(), Error> {
        let failed = |error| Error::new("written", error);
        let mut transaction = self.database().begin().await.map_err(failed)?;
        let sql = "UPDATE konaplate_calls SET began_at = began_at - $1, ends_by = ends_by - $1, \
                     ended_at = ended_at - $1, settled_at = settled_at - $1, \
                     ask_from = ask_from - $1, claimed_until = claimed_until - $1";
        let changed = transaction.execute(sql, values![duration(time)]).await;
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
