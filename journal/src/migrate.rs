//! Brings a database up to date.
//!
//! Which steps were taken is kept in a table of the journal's own, beside an application's. Nothing
//! is created where nothing is to be: a role that may not create anything can open a journal that
//! is up to date. A newer version only adds what an older one can do without, and a still newer one
//! takes away what no version in use reads, so that an older program goes on while a newer one has
//! migrated: steps that this version does not know are no error.
//!
//! sqlx's own migrations prepare statements by name and lock by connection, which a pooler in
//! transaction mode does not bear.

use crate::database::{Database, Kind, Transaction, values};
use crate::error::Error;

/// A table of the layout that was never released, which had no projects.
const UNRELEASED: &str = "konaplate_journal";

const TABLE: &str = "CREATE TABLE konaplate_migrations ( \
     version BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL, taken_at BIGINT NOT NULL)";

/// A step: its name and its statements.
type Step = (&'static str, &'static str);

#[cfg(feature = "sqlite")]
const SQLITE: &[Step] = &[
    (
        "journal",
        include_str!("../migrations/sqlite/0001_journal.sql"),
    ),
    (
        "sequence ids",
        include_str!("../migrations/sqlite/0002_sequence_ids.sql"),
    ),
];

#[cfg(feature = "postgres")]
const POSTGRES: &[Step] = &[
    (
        "journal",
        include_str!("../migrations/postgres/0001_journal.sql"),
    ),
    (
        "sequence ids",
        include_str!("../migrations/postgres/0002_sequence_ids.sql"),
    ),
];

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new("brought up to date", error)
}

/// Takes the steps that were not taken yet. `schema` is PostgreSQL's.
pub(crate) async fn migrate(database: &Database, schema: &str) -> Result<(), Error> {
    let steps = match database.kind() {
        #[cfg(feature = "sqlite")]
        Kind::Sqlite => SQLITE,
        #[cfg(feature = "postgres")]
        Kind::Postgres => POSTGRES,
    };
    let mut transaction = database.begin().await.map_err(failed)?;
    if missing(&mut transaction, steps)
        .await
        .map_err(failed)?
        .is_empty()
    {
        return Ok(());
    }
    alone(&mut transaction, schema).await.map_err(failed)?;
    if is_there(&mut transaction, UNRELEASED)
        .await
        .map_err(failed)?
    {
        return Err(failed(format!(
            "it has a table {UNRELEASED}, of a layout that was never released: settle its entries \
             with the version that wrote it, and then use another database or drop it"
        )));
    }
    // Of several that migrate at once the others find the steps taken.
    for (version, (name, sql)) in missing(&mut transaction, steps).await.map_err(failed)? {
        if !is_there(&mut transaction, "konaplate_migrations")
            .await
            .map_err(failed)?
        {
            transaction.script(TABLE).await.map_err(failed)?;
        }
        transaction.script(sql).await.map_err(failed)?;
        let now = crate::time::millis(std::time::SystemTime::now());
        let sql = "INSERT INTO konaplate_migrations (version, name, taken_at) VALUES ($1, $2, $3)";
        let values = values![version, name, now];
        transaction.execute(sql, values).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

/// The steps that were not taken, with their numbers.
async fn missing(
    transaction: &mut Transaction,
    steps: &'static [Step],
) -> Result<Vec<(i64, Step)>, sqlx::Error> {
    let mut taken = Vec::new();
    if is_there(transaction, "konaplate_migrations").await? {
        let sql = "SELECT version FROM konaplate_migrations";
        for row in transaction.rows(sql, &[]).await? {
            taken.extend(row.int("version").ok());
        }
    }
    let steps = (1..).zip(steps.iter().copied());
    Ok(steps
        .filter(|(version, _)| !taken.contains(version))
        .collect())
}

async fn is_there(transaction: &mut Transaction, table: &str) -> Result<bool, sqlx::Error> {
    let sql = match transaction.kind() {
        #[cfg(feature = "sqlite")]
        Kind::Sqlite => "SELECT count(*) AS number FROM sqlite_master WHERE name = $1",
        #[cfg(feature = "postgres")]
        Kind::Postgres => "SELECT count(to_regclass($1)) AS number",
    };
    let row = transaction.row(sql, values![table]).await?;
    Ok(row.and_then(|row| row.int("number").ok()) == Some(1))
}

/// Keeps others from migrating at the same time, and makes the schema.
async fn alone(transaction: &mut Transaction, schema: &str) -> Result<(), sqlx::Error> {
    match transaction.kind() {
        // It has one writer at a time.
        #[cfg(feature = "sqlite")]
        Kind::Sqlite => {
            let _ = schema;
            Ok(())
        }
        #[cfg(feature = "postgres")]
        Kind::Postgres => {
            /// Any number that nobody else has.
            const LOCK: i64 = 0x6b6f_6e61_706c_6174;
            let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
            transaction.script(&lock).await?;
            let create = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
            transaction.script(&create).await
        }
    }
}
