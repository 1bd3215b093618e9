#![doc = include_str!("../README.md")]

mod backlog;
mod callbacks;
mod calls;
mod database;
mod entry;
mod error;
mod evidence;
mod list;
#[cfg(feature = "metrics")]
pub mod metrics;
mod migrate;
mod projects;
mod recover;
mod state;
#[cfg(feature = "test-util")]
mod test_util;
mod time;
mod writer;

#[cfg(feature = "sqlite")]
use std::path::Path;
use std::time::Duration;

use konaplate::CorrelationId;
use konaplate::journal::{Concluded, Conclusion, Intent, JournalFuture, Project};

pub use backlog::{Age, Backlog, Waiting};
use calls::{Say, Step, What, Words};
use database::{Database, values};
pub use entry::{Entry, Filter, Page, Place, Said, Unreadable};
pub use error::Error;
pub use evidence::{Known, Source, Standing, Weighed, weigh};
use projects::Projects;
pub use recover::{RecoverPolicy, Recovery};
pub use state::State;
#[cfg(feature = "test-util")]
pub use test_util::Locked;
use writer::Writer;

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("a journal needs a database: turn on the feature sqlite or postgres");

/// A journal, in a SQLite file or in PostgreSQL.
///
/// Clones share their connections. It keeps calls that move money for
/// [`ClientBuilder::journal`](konaplate::ClientBuilder::journal), and which callbacks came lately
/// for [`replay_store`](konaplate::callback::CallbackReceiverBuilder::replay_store).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use konaplate_journal::{Journal, RecoverPolicy};
///
/// let journal = Journal::sqlite("konaplate-journal.db").await?;
/// let client = konaplate::Client::builder()
///     // ... base URL and keys
///     .journal(Arc::new(journal.clone()))
///     .build()?;
///
/// // At the start, and every few minutes: settle what was left open.
/// let recovery = journal.recover(&client, RecoverPolicy::default()).await?;
/// for entry in &recovery.needs_person {
///     println!("settle with KONA: {} {}", entry.operation, entry.correlation_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Journal {
    database: Database,
    projects: Projects,
    writer: Writer,
}

/// What a person says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// It was carried out: the money moved.
    Completed,
    /// It was not carried out.
    NotCarriedOut,
    /// It was carried out, or may have been, and was taken back.
    TakenBack,
}

/// What became of a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettledByHand {
    /// The entry stands at it.
    Settled,
    /// It is in the entry's history, and the entry stays `completed`: the platform's own word that
    /// the money moved is proof. It is listed by [`Filter::contradicted`] until a person says so,
    /// too, or that it was taken back.
    Contradicts,
    /// There is no such entry.
    NoEntry,
}

impl Journal {
    /// Opens a journal in a SQLite file, which is made if it is not there, for its owner alone
    /// (mode 0600 on Unix). For one machine; several processes of it may share the file. It can be
    /// the file of an application: all names begin with `konaplate_`.
    ///
    /// # Errors
    /// The file cannot be opened or written. An empty name, `:memory:` and a directory are no
    /// journal. The SQLite that the program is linked with is older than 3.51.3.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(file: impl AsRef<Path>) -> Result<Self, Error> {
        if let Some(name) = file.as_ref().to_str() {
            checked(name)?;
        }
        let file = database::sqlite::File::open(file.as_ref()).await?;
        Self::new(Database::Sqlite(file), "").await
    }

    /// Opens a journal in PostgreSQL, by a URL such as `postgres://user:password@host/database`. For
    /// several machines. Its tables are in the schema `konaplate`, which is made if it is not there:
    /// see [`postgres_in`](Self::postgres_in).
    ///
    /// # Errors
    /// As [`postgres_in`](Self::postgres_in).
    #[cfg(feature = "postgres")]
    pub async fn postgres(url: &str) -> Result<Self, Error> {
        Self::postgres_in(url, database::postgres::SCHEMA).await
    }

    /// Opens a journal in a schema of a PostgreSQL database. The schema and the tables are made if
    /// they are not there; where they are, and are up to date, the role needs `USAGE` of the schema,
    /// and `SELECT`, `INSERT`, `UPDATE` and `DELETE` of the tables in it.
    ///
    /// Statements are not prepared by name, since a pooler in transaction mode does not bear that.
    /// Where none is before the database, `?statement-cache-capacity=100` in the URL has each
    /// connection keep them, and a call takes less time.
    ///
    /// A pooler such as `PgBouncer` may stand before the database, in session mode or in transaction
    /// mode. It has to let the parameter `extra_float_digits` pass
    /// (`ignore_startup_parameters = extra_float_digits`).
    ///
    /// # Errors
    /// The server cannot be reached, the tables cannot be made, the name of the schema is not of a
    /// to z, 0 to 9 and _, or a pooler takes a transaction apart. The URL is in no error.
    #[cfg(feature = "postgres")]
    pub async fn postgres_in(url: &str, schema: &str) -> Result<Self, Error> {
        checked(url)?;
        let server = database::postgres::Server::open(url, schema).await?;
        Self::new(Database::Postgres(server), schema).await
    }

    async fn new(database: Database, schema: &str) -> Result<Self, Error> {
        migrate::migrate(&database, schema).await?;
        let projects = Projects::default();
        Ok(Self {
            writer: Writer::new(database.clone(), projects.clone()),
            database,
            projects,
        })
    }

    /// Closes the connections, once what is under way has ended. What comes later is an error.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Settles or corrects an entry by the word of a person, such as after asking KONA by its
    /// correlation id, with the reason. Every state can be corrected; a person's word counts more
    /// than what a response or an inquiry said, except that money moved: that is proven then.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn settle_by_hand(
        &self,
        project: &Project,
        correlation_id: CorrelationId,
        settlement: Settlement,
        reason: &str,
    ) -> Result<SettledByHand, Error> {
        let failed = |error| Error::new("written", error);
        let said = Standing {
            source: Source::Person,
            state: match settlement {
                Settlement::Completed => State::Completed,
                Settlement::NotCarriedOut => State::Failed,
                Settlement::TakenBack => State::Cancelled,
            },
        };
        let words = Words {
            detail: Some(reason.to_owned()),
            response: None,
        };
        let mut transaction = self.database.begin().await.map_err(failed)?;
        let number = self.projects.number(&mut transaction, project).await;
        let number = number.map_err(failed)?;
        let say = Say {
            project: number,
            correlation_id: correlation_id.as_str().to_owned(),
            intent: None,
            what: What::Standing(said, words),
        };
        let before = calls::say(&mut transaction, &[say]).await;
        let before = before.map_err(failed)?[0];
        transaction.commit().await.map_err(failed)?;
        let Some(before) = before else {
            return Ok(SettledByHand::NoEntry);
        };
        let weighed = weigh(before, said);
        Ok(
            if weighed.contradiction && weighed.standing == before.standing {
                SettledByHand::Contradicts
            } else {
                SettledByHand::Settled
            },
        )
    }

    /// Removes entries that were settled longer ago than this, with their history. How many.
    ///
    /// Kept are entries that are open or a person's, those that are contradicted, and all sequence
    /// ids: none is sent a second time however long ago the first was.
    ///
    /// # Errors
    /// The journal cannot be written. What was removed before stays removed.
    pub async fn prune(&self, settled_before: Duration) -> Result<u64, Error> {
        /// In one transaction: others write in between.
        const MOST: u64 = 500;
        let failed = |error| Error::new("pruned", error);
        let mut pruned = 0;
        loop {
            let mut transaction = self.database.begin().await.map_err(failed)?;
            let now = transaction.now().await.map_err(failed)?;
            let before = now.saturating_sub(time::duration(settled_before));
            let sql = format!(
                "SELECT call.number FROM konaplate_calls AS call \
                 WHERE call.settled_at <= $1 AND call.contradicted = 0 \
                   AND call.state NOT IN ({}) \
                 ORDER BY call.number LIMIT {MOST} {}",
                State::unsettled(),
                transaction.kind().skips_locked("call")
            );
            let rows = transaction
                .rows(&sql, values![before])
                .await
                .map_err(failed)?;
            for row in &rows {
                let number = row.int("number")?;
                for sql in [
                    "DELETE FROM konaplate_history WHERE call = $1",
                    "DELETE FROM konaplate_calls WHERE number = $1",
                ] {
                    transaction
                        .execute(sql, values![number])
                        .await
                        .map_err(failed)?;
                }
            }
            transaction.commit().await.map_err(failed)?;
            pruned += rows.len() as u64;
            if (rows.len() as u64) < MOST {
                return Ok(pruned);
            }
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn projects(&self) -> &Projects {
        &self.projects
    }
}

/// That the name of a file, or a URL, has nothing at its ends that nobody sees.
fn checked(place: &str) -> Result<(), Error> {
    konaplate::value::check_setting(place)
        .map_err(|violation| Error::new("opened", format!("the file's name or URL {violation}")))
}

impl konaplate::journal::Journal for Journal {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            let done = self.writer.take(Step::Intend(Box::new(intent))).await?;
            done.intended()
        })
    }

    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded> {
        Box::pin(async move {
            let step = Step::Conclude(Box::new(conclusion));
            Ok(self.writer.take(step).await?.concluded())
        })
    }

    fn abandon(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            self.writer.take(Step::Abandon(Box::new(intent))).await?;
            Ok(())
        })
    }
}
