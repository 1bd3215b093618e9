//! A journal in a SQLite file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{BUSY, Transaction, values};
use crate::error::Error;
use crate::time::millis;

/// The first version without the WAL-reset bug, which can damage a file that several processes
/// write: <https://sqlite.org/wal.html#walresetbug>.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

/// An open file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// One connection: SQLite has one writer at a time, and waiting for it is not polite.
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Clock,
}

impl File {
    pub(crate) async fn open(file: &Path) -> Result<Self, Error> {
        prepare(file).map_err(|error| Error::new("opened", error))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns: an intent has to survive a power cut. On
            // macOS the disk's own cache needs more than fsync to be written.
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "1")
            .pragma("checkpoint_fullfsync", "1")
            .busy_timeout(BUSY);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(BUSY)
        };
        let started = Instant::now();
        // The change to WAL takes a lock for which SQLite does not wait by itself: of several
        // processes that open a new file at once, some are refused immediately.
        let writer = loop {
            match pool(1).connect_with(options.clone()).await {
                Ok(pool) => break pool,
                Err(error) if is_busy(&error) && started.elapsed() < BUSY => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) => return Err(Error::new("opened", error)),
            }
        };
        check_version(&writer).await?;
        let readers = pool(4).connect_lazy_with(options);
        let file = Self {
            writer,
            readers,
            clock: Clock::at(SystemTime::now()),
        };
        Ok(file)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) async fn begin(
        &self,
    ) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Error> {
        // A transaction that reads first and writes then could not wait for another writer.
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub(crate) async fn begin_reading(
        &self,
    ) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Error> {
        self.readers.begin_with("BEGIN").await
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Makes the file where there is none, for its owner alone: SQLite gives its log the same
/// permissions. An error where it can be no journal that survives.
fn prepare(file: &Path) -> Result<(), std::io::Error> {
    let wrong = |rule| Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, rule));
    let name = file.as_os_str();
    if name.is_empty() || name == ":memory:" {
        return wrong("a journal is a file: it has to survive the process");
    }
    if file.is_dir() {
        return wrong("a journal is a file, and this is a directory");
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// An application can link a SQLite of its own instead of the one that is brought along.
async fn check_version(pool: &SqlitePool) -> Result<(), Error> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(pool)
        .await
        .map_err(|error| Error::new("opened", error))?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) >= OLDEST {
        return Ok(());
    }
    Err(Error::new(
        "opened",
        format!(
            "SQLite {version} can damage a file that several processes write: 3.51.3 is the first that cannot"
        ),
    ))
}

/// Whether another process has the file at this moment: `SQLITE_BUSY`, or an extended code of it.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}

/// The clock of a journal in a file: that of the machine when it was opened, and from then on a
/// monotonic one, so that a clock that is set makes no difference. Of the processes that share the
/// file the one that is ahead counts: what it has seen is in the file, and the others follow.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<Mutex<Reading>>);

#[derive(Debug)]
struct Reading {
    /// The time at this instant.
    millis: i64,
    at: Instant,
}

impl Clock {
    /// A clock that begins at the machine's time.
    fn at(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(Reading {
            millis: millis(time),
            at: Instant::now(),
        })))
    }

    /// The time, not before what another process has seen.
    pub(super) async fn tick(&self, transaction: &mut Transaction) -> Result<i64, sqlx::Error> {
        let sql = "UPDATE konaplate_clock SET now = max(now, $1) RETURNING now";
        let row = transaction.row(sql, values![self.now()]).await?;
        let seen = row.and_then(|row| row.int("now").ok()).unwrap_or_default();
        self.not_before(seen);
        // What is in the file, and not a later reading of this process's: the next one to look would
        // find the clock gone back.
        Ok(seen)
    }

    fn now(&self) -> i64 {
        let reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reading.millis + i64::try_from(reading.at.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
    }

    fn not_before(&self, seen: i64) {
        if seen > self.now() {
            let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *reading = Reading {
                millis: seen,
                at: Instant::now(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::migrate::migrate;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// Opened by a process whose clock is that far from the machine's.
    async fn opened(file: &Path, ahead: bool, by: Duration) -> Database {
        let mut open = File::open(file).await.unwrap();
        let now = SystemTime::now();
        open.clock = Clock::at(if ahead { now + by } else { now - by });
        let database = Database::Sqlite(open);
        migrate(&database, "").await.unwrap();
        database
    }

    async fn now(database: &Database) -> i64 {
        let mut transaction = database.begin().await.unwrap();
        let now = transaction.now().await.unwrap();
        transaction.commit().await.unwrap();
        now
    }

    #[tokio::test]
    async fn of_the_processes_with_one_file_the_one_that_is_ahead_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.db");
        let behind = opened(&file, false, 2 * HOUR).await;
        let start = now(&behind).await;
        let ahead = opened(&file, true, 2 * HOUR).await;
        let later = now(&ahead).await;
        assert!(later - start >= 4 * 3_600_000);
        // The one that was behind follows at once, and a third one that starts with the right time.
        assert!(now(&behind).await >= later);
        let third = opened(&file, true, Duration::ZERO).await;
        let mut before = later;
        for database in [&third, &behind, &ahead, &third] {
            let time = now(database).await;
            assert!(time >= before, "it went back");
            before = time;
        }
        // It goes on: nobody waits for the time to catch up.
        let waited = now(&third).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(now(&third).await - waited >= 20);
    }
}
