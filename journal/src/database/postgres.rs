//! A journal in PostgreSQL.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::BUSY;
use crate::error::Error;

/// The schema of the tables, where nothing else is said.
pub(crate) const SCHEMA: &str = "konaplate";

const CONNECTIONS: u32 = 8;

/// How long it is tried to learn why there is no connection.
const ASKED: Duration = Duration::from_secs(2);

/// The server's clock, in milliseconds since 1970. Not the time at which the transaction began:
/// it may have waited.
pub(crate) const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";

/// A server, by its pool of connections.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pool: PgPool,
    /// Begins a transaction. Everything that a connection has to know is set in it: a pooler may
    /// give each transaction another one.
    begin: String,
    prepares: bool,
}

impl Server {
    pub(crate) async fn open(url: &str, schema: &str) -> Result<Self, Error> {
        let opened = |error| Error::new("opened", error);
        check_schema(schema)?;
        let options = PgConnectOptions::from_str(url).map_err(opened)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(BUSY)
            .connect_lazy_with(options);
        // One connection, to know now whether there can be any.
        if let Err(error) = pool.acquire().await {
            return Err(opened(cause(&pool, error).await));
        }
        let mut begin = format!(
            "BEGIN; SET LOCAL search_path TO \"{schema}\"; SET LOCAL lock_timeout TO '{}s'; \
             SET LOCAL idle_in_transaction_session_timeout TO '60s'",
            BUSY.as_secs()
        );
        // A commit has to be on the disk when it returns, whatever the role's setting is. Read in
        // one message: outside a transaction a pooler may give each message another connection.
        let row = sqlx::raw_sql("SELECT current_setting('synchronous_commit')")
            .fetch_one(&pool)
            .await
            .map_err(opened)?;
        if row.try_get::<String, _>(0).map_err(opened)? == "off" {
            begin.push_str("; SET LOCAL synchronous_commit TO on");
        }
        let server = Self {
            pool,
            begin,
            prepares: prepares(url),
        };
        server.check_transactions(schema).await?;
        Ok(server)
    }

    pub(crate) async fn begin(
        &self,
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
        let begun = self.pool.begin_with(AssertSqlSafe(self.begin.clone()));
        match begun.await {
            Ok(transaction) => Ok(transaction),
            Err(error) => Err(cause(&self.pool, error).await),
        }
    }

    /// Whether statements are prepared by name.
    pub(crate) fn prepares(&self) -> bool {
        self.prepares
    }

    /// That a transaction has its own settings for all of its statements, as it has through a
    /// pooler in transaction mode, and has not in statement mode.
    async fn check_transactions(&self, schema: &str) -> Result<(), Error> {
        let refused = |error| Error::new("opened", error);
        let mut transaction = self.begin().await.map_err(refused)?;
        for _ in 0..2 {
            let (path,): (String,) = sqlx::query_as("SELECT current_setting('search_path')")
                .persistent(self.prepares)
                .fetch_one(&mut *transaction)
                .await
                .map_err(refused)?;
            if path.trim_matches('"') != schema {
                return Err(Error::new(
                    "opened",
                    "a transaction loses its settings on the way to PostgreSQL: a pooler has to \
                     be in transaction mode or session mode",
                ));
            }
        }
        transaction.rollback().await.map_err(refused)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Why there was no connection in time: the pool tries again and again, and forgets what it was told.
async fn cause(pool: &PgPool, error: sqlx::Error) -> sqlx::Error {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error;
    }
    let options = pool.connect_options();
    let connecting = PgConnection::connect_with(&options);
    match tokio::time::timeout(ASKED, connecting).await {
        // All connections are in use.
        Ok(Ok(_)) => error,
        Ok(Err(cause)) => cause,
        Err(_) => sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "the server takes no connection",
        )),
    }
}

/// Whether the URL says that each connection may keep prepared statements, by a parameter of sqlx.
fn prepares(url: &str) -> bool {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let mut pairs = parameters
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs.any(|(name, number)| name == "statement-cache-capacity" && number != "0")
}

/// The name goes into statements as it is.
fn check_schema(schema: &str) -> Result<(), Error> {
    let is_name = !schema.is_empty()
        && schema.len() <= 63
        && schema
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if is_name {
        return Ok(());
    }
    Err(Error::new(
        "opened",
        "the name of the schema must have 1 to 63 characters: a to z, 0 to 9 and _",
    ))
}

#[cfg(test)]
mod tests {
    use super::prepares;

    #[test]
    fn statements_are_prepared_by_name_only_where_the_url_says_so() {
        for (parameters, expected) in [
            ("", false),
            ("?", false),
            ("?sslmode=require", false),
            ("?statement-cache-capacity=0", false),
            ("?statement-cache-capacity=100", true),
            ("?sslmode=require&statement-cache-capacity=1", true),
        ] {
            let url = format!("postgres://x@localhost/x{parameters}");
            assert_eq!(prepares(&url), expected, "{parameters}");
        }
    }
}
