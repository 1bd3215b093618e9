//! The table of calls, in either database, and what both tables are reached through.
//!
//! An entry leaves the state `open` once and never comes back: every write says so in its
//! condition, so that of two writers, the call itself and somebody who recovers it, one wins and
//! the other changes nothing. What awaits the member leaves that state once, in the same way.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use konaplate::journal::{Intent, JournalError, Outcome, SequenceIdUsed};
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::error::DatabaseError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};

use crate::entry::{Entry, State};
use crate::error::Error;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub(crate) enum Store {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const COLUMNS: &str = "correlation_id, operation, sequence_id, intended_at, request, state, settled_at, \
                       detail, answer";

/// Runs a statement with these values in either database. SQLite understands `$1`, too.
macro_rules! run {
    ($store:expr, $tried:literal, $method:ident, $sql:expr $(, $value:expr)*) => {
        match $store {
            $crate::store::Store::Sqlite(pool) => sqlx::query($sql)$(.bind($value))*.$method(pool).await
                .map(Into::into).map_err(|error| $crate::error::Error::new($tried, error)),
            $crate::store::Store::Postgres(pool) => sqlx::query($sql)$(.bind($value))*.$method(pool).await
                .map(Into::into).map_err(|error| $crate::error::Error::new($tried, error)),
        }
    };
}

pub(crate) use run;

/// How many rows a statement changed.
pub(crate) struct Changed(pub(crate) u64);

impl From<sqlx::sqlite::SqliteQueryResult> for Changed {
    fn from(result: sqlx::sqlite::SqliteQueryResult) -> Self {
        Self(result.rows_affected())
    }
}

impl From<sqlx::postgres::PgQueryResult> for Changed {
    fn from(result: sqlx::postgres::PgQueryResult) -> Self {
        Self(result.rows_affected())
    }
}

/// Whether another process has the file at this moment: SQLITE_BUSY, or an extended code of it.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}

/// Before something is tried again that another process was in the way of.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Makes the file where there is none, for its owner alone: SQLite gives its log the same
/// permissions. An error where it can be no journal that survives.
fn prepare_file(file: &Path) -> Result<(), std::io::Error> {
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

impl Store {
    pub(crate) async fn sqlite(file: &Path) -> Result<Self, Error> {
        prepare_file(file).map_err(|error| Error::new("opened", error))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns: an intent has to survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let started = Instant::now();
        // The change to WAL takes a lock for which SQLite does not wait by itself: of several processes
        // that open a new file at once, some are refused immediately. Of several that take the same
        // step of the migrations, one does and the others fail; it is done then.
        let pool = loop {
            let pool = SqlitePoolOptions::new().max_connections(4);
            match pool.connect_with(options.clone()).await {
                Ok(pool) => break pool,
                Err(error) if is_busy(&error) && started.elapsed() < BUSY => pause().await,
                Err(error) => return Err(Error::new("opened", error)),
            }
        };
        let mut tries = 0;
        while let Err(error) = migrations().run(&pool).await {
            tries += 1;
            if tries == 20 {
                return Err(Error::new("brought up to date", error));
            }
            pause().await;
        }
        Ok(Self::Sqlite(pool))
    }

    pub(crate) async fn postgres(url: &str) -> Result<Self, Error> {
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(BUSY)
            .connect(url)
            .await
            .map_err(|error| Error::new("opened", error))?;
        migrations()
            .run(&pool)
            .await
            .map_err(|error| Error::new("brought up to date", error))?;
        Ok(Self::Postgres(pool))
    }

    /// Writes an intent, unless another entry holds its sequence id. It is durable when this
    /// returns.
    pub(crate) async fn insert(&self, intent: &Intent) -> Result<(), JournalError> {
        let reference = intent.operation.outcome().and_then(|told| told.reference());
        let sequence_id = match reference.and_then(|field| intent.fields.get(field)) {
            Some(Value::String(text)) => Some(text.clone()),
            // Raw calls can send a number. The platform may take it for the same as its digits.
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let request = Value::Object(intent.fields.clone()).to_string();
        // One statement: of two processes with one sequence id the database lets one insert it.
        let Changed(rows) = run!(
            self,
            "written",
            execute,
            "INSERT INTO konaplate_journal \
               (correlation_id, operation, sequence_id, holds_sequence_id, intended_at, request) \
             VALUES ($1, $2, $3, $3, $4, $5) ON CONFLICT (holds_sequence_id) DO NOTHING",
            intent.correlation_id.as_str(),
            intent.operation.id(),
            sequence_id.as_deref(),
            millis(intent.time),
            request.as_str()
        )?;
        if rows == 0 {
            return Err(SequenceIdUsed.into());
        }
        Ok(())
    }

    /// Writes what became of a call. An outcome that is not known leaves the entry open and says
    /// why.
    pub(crate) async fn conclude(
        &self,
        correlation_id: &str,
        outcome: &Outcome,
        now: SystemTime,
    ) -> Result<(), Error> {
        let can_be_asked = matches!(outcome, Outcome::EarlierCall(_))
            && self
                .entry(correlation_id)
                .await?
                .is_some_and(|entry| entry.inquiry().is_some());
        let (state, detail, response) = match outcome {
            Outcome::NotSent => (State::NotSent, None, None),
            Outcome::NotCarriedOut(code) => (State::NotCarriedOut, Some(code.to_string()), None),
            Outcome::Declined(code) => (State::Declined, Some(code.to_string()), None),
            // An earlier delivery may have been carried out: where an operation returns the outcome,
            // it is asked.
            Outcome::EarlierCall(code) if can_be_asked => {
                (State::Open, Some(code.to_string()), None)
            }
            Outcome::EarlierCall(code) => (State::EarlierCall, Some(code.to_string()), None),
            Outcome::Completed(fields) => (
                State::Completed,
                None,
                Some(Value::Object(fields.clone()).to_string()),
            ),
            // The platform took it; whether the money has arrived, the result operation tells.
            Outcome::Pending(fields) => (
                State::Open,
                None,
                Some(Value::Object(fields.clone()).to_string()),
            ),
            Outcome::AwaitingMember(fields) => (
                State::AwaitingMember,
                None,
                Some(Value::Object(fields.clone()).to_string()),
            ),
            Outcome::Unknown(delivery) => (State::Open, Some(format!("{delivery:?}")), None),
            _ => (State::Open, None, None),
        };
        let is_known = !matches!(state, State::Open | State::AwaitingMember);
        let settled_at = is_known.then(|| millis(now));
        let Changed(rows) = run!(
            self,
            "written",
            execute,
            // What never left gives its sequence id back.
            "UPDATE konaplate_journal SET state = $2, settled_at = $3, detail = $4, answer = $5, \
               holds_sequence_id = CASE WHEN $2 = 'not_sent' THEN NULL ELSE holds_sequence_id END \
             WHERE correlation_id = $1 AND state = 'open'",
            correlation_id,
            state.as_str(),
            settled_at,
            detail.as_deref(),
            response.as_deref()
        )?;
        if rows == 0 && state == State::Completed {
            self.correct_to_completed(correlation_id, settled_at, response.as_deref())
                .await?;
        }
        Ok(())
    }

    /// Somebody concluded the call meanwhile, by an inquiry or by hand. That money moved wins over
    /// everything that says or assumes that it did not.
    async fn correct_to_completed(
        &self,
        correlation_id: &str,
        settled_at: Option<i64>,
        response: Option<&str>,
    ) -> Result<(), Error> {
        let Some(entry) = self.entry(correlation_id).await? else {
            return Ok(());
        };
        if entry.state != State::Completed {
            tracing::error!(
                correlation_id,
                recorded = %entry.state,
                "the journal had another state for a call that was carried out"
            );
        }
        let Changed(_) = run!(
            self,
            "written",
            execute,
            "UPDATE konaplate_journal \
             SET state = 'completed', settled_at = $2, detail = NULL, answer = $3 \
             WHERE correlation_id = $1",
            correlation_id,
            settled_at,
            response
        )?;
        Ok(())
    }

    /// Takes the oldest entry that nobody has taken, of those that are open and were begun before
    /// `begun_before`, or await the member and were begun before `window_before`. `by` has it until
    /// `until`.
    pub(crate) async fn claim(
        &self,
        by: &str,
        begun_before: SystemTime,
        window_before: SystemTime,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<Option<Entry>, Error> {
        // One statement, so that no two take the same. PostgreSQL would let the second wait for the
        // first and then take nothing: it skips what is locked instead.
        let sql = |lock: &str| {
            format!(
                "UPDATE konaplate_journal SET claimed_by = $1, claimed_until = $2 \
                 WHERE correlation_id = (SELECT correlation_id FROM konaplate_journal \
                   WHERE (state = 'open' AND intended_at < $3 \
                       OR state = 'awaiting_member' AND intended_at < $5) \
                     AND claimed_until < $4 \
                   ORDER BY intended_at, correlation_id LIMIT 1 {lock}) \
                 RETURNING {COLUMNS}"
            )
        };
        let (until, begun_before, now) = (millis(until), millis(begun_before), millis(now));
        let window_before = millis(window_before);
        let tried = |error| Error::new("read", error);
        match self {
            Self::Sqlite(pool) => sqlx::query(&sql(""))
                .bind(by)
                .bind(until)
                .bind(begun_before)
                .bind(now)
                .bind(window_before)
                .fetch_optional(pool)
                .await
                .map_err(tried)?
                .map(|row| Entry::from_sqlite(&row))
                .transpose(),
            Self::Postgres(pool) => sqlx::query(&sql("FOR UPDATE SKIP LOCKED"))
                .bind(by)
                .bind(until)
                .bind(begun_before)
                .bind(now)
                .bind(window_before)
                .fetch_optional(pool)
                .await
                .map_err(tried)?
                .map(|row| Entry::from_postgres(&row))
                .transpose(),
        }
    }

    /// Ends an entry that `by` has taken. Whether it was still open and `by`'s.
    pub(crate) async fn settle(
        &self,
        correlation_id: &str,
        by: &str,
        state: State,
        detail: &str,
        now: SystemTime,
    ) -> Result<bool, Error> {
        let settled_at = (state != State::Open).then(|| millis(now));
        let Changed(rows) = run!(
            self,
            "written",
            execute,
            "UPDATE konaplate_journal SET state = $3, settled_at = $4, detail = $5 \
             WHERE correlation_id = $1 AND claimed_by = $2 \
               AND state IN ('open', 'awaiting_member')",
            correlation_id,
            by,
            state.as_str(),
            settled_at,
            detail
        )?;
        Ok(rows == 1)
    }

    pub(crate) async fn settle_by_hand(
        &self,
        correlation_id: &str,
        state: State,
        note: &str,
        now: SystemTime,
    ) -> Result<bool, Error> {
        let Changed(rows) = run!(
            self,
            "written",
            execute,
            "UPDATE konaplate_journal SET state = $2, settled_at = $3, detail = $4 \
             WHERE correlation_id = $1 AND state <> 'completed'",
            correlation_id,
            state.as_str(),
            millis(now),
            note
        )?;
        Ok(rows == 1)
    }

    pub(crate) async fn in_state(&self, state: State) -> Result<Vec<Entry>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM konaplate_journal WHERE state = $1 \
             ORDER BY intended_at, correlation_id"
        );
        self.select(&sql, state.as_str()).await
    }

    pub(crate) async fn entry(&self, correlation_id: &str) -> Result<Option<Entry>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM konaplate_journal WHERE correlation_id = $1");
        Ok(self.select(&sql, correlation_id).await?.pop())
    }

    async fn select(&self, sql: &str, value: &str) -> Result<Vec<Entry>, Error> {
        let tried = |error| Error::new("read", error);
        match self {
            Self::Sqlite(pool) => {
                let rows = sqlx::query(sql).bind(value).fetch_all(pool).await;
                rows.map_err(tried)?
                    .iter()
                    .map(Entry::from_sqlite)
                    .collect()
            }
            Self::Postgres(pool) => {
                let rows = sqlx::query(sql).bind(value).fetch_all(pool).await;
                rows.map_err(tried)?
                    .iter()
                    .map(Entry::from_postgres)
                    .collect()
            }
        }
    }
}

/// The steps that bring a database up to date, the same for both. Which were taken is kept in the
/// database.
fn migrations() -> Migrator {
    let steps = [
        ("entries", include_str!("../migrations/0001_entries.sql")),
        (
            "sequence_ids",
            include_str!("../migrations/0002_sequence_ids.sql"),
        ),
        (
            "callbacks",
            include_str!("../migrations/0003_callbacks.sql"),
        ),
        ("declined", include_str!("../migrations/0004_declined.sql")),
    ];
    let steps: Vec<Migration> = (1..)
        .zip(steps)
        .map(|(version, (name, sql))| {
            Migration::new(
                version,
                name.into(),
                MigrationType::Simple,
                sql.into(),
                false,
            )
        })
        .collect();
    Migrator {
        migrations: steps.into(),
        ..Migrator::DEFAULT
    }
}

/// Reads a row of either database: the types of their rows have nothing in common.
macro_rules! entry_from {
    ($name:ident, $row:ty) => {
        impl Entry {
            fn $name(row: &$row) -> Result<Self, Error> {
                let tried = |error: sqlx::Error| Error::new("read", error);
                let state: String = row.try_get("state").map_err(tried)?;
                let settled_at: Option<i64> = row.try_get("settled_at").map_err(tried)?;
                let request: String = row.try_get("request").map_err(tried)?;
                let response: Option<String> = row.try_get("answer").map_err(tried)?;
                Ok(Self {
                    correlation_id: row.try_get("correlation_id").map_err(tried)?,
                    operation: row.try_get("operation").map_err(tried)?,
                    sequence_id: row.try_get("sequence_id").map_err(tried)?,
                    intended_at: time(row.try_get("intended_at").map_err(tried)?),
                    request: object(&request)?,
                    state: State::from_word(&state)
                        .ok_or_else(|| Error::new("read", "a state of a newer version"))?,
                    settled_at: settled_at.map(time),
                    detail: row.try_get("detail").map_err(tried)?,
                    response: response
                        .map_or_else(|| Ok(Map::new()), |response| object(&response))?,
                })
            }
        }
    };
}
entry_from!(from_sqlite, SqliteRow);
entry_from!(from_postgres, PgRow);

fn object(json: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(json).map_err(|_| Error::new("read", "an entry is not JSON"))
}

pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
