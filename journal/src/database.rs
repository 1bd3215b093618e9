//! Transactions in either database, by one set of statements.
//!
//! All values are text or whole numbers, so that a statement is written once: both databases
//! understand `$1`. Where they differ, [`Kind`] tells them apart.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use std::time::Duration;

use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _, ValueRef as _};

use crate::error::Error;
use crate::evidence::Standing;

/// How long a statement waits for somebody else's transaction, and a transaction for a connection.
pub(crate) const BUSY: Duration = Duration::from_secs(10);

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Kind {
    /// Whether rows are locked one by one. SQLite has one writer at a time instead.
    fn has_row_locks(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
        }
    }

    /// What follows a `SELECT` of a row that is changed next.
    pub(crate) fn waits_for_row(self) -> &'static str {
        if self.has_row_locks() {
            "FOR UPDATE"
        } else {
            ""
        }
    }

    /// What follows a `SELECT` of rows that somebody is to have alone. What somebody else has is
    /// skipped: two who wait for each other's rows would be a deadlock.
    pub(crate) fn skips_locked(self, table: &str) -> String {
        if self.has_row_locks() {
            format!("FOR UPDATE OF {table} SKIP LOCKED")
        } else {
            String::new()
        }
    }
}

/// The connections to a database.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::File),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Server),
}

/// A transaction. Dropped, it is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction {
    on: On,
    /// The server's time, once it was asked for.
    #[cfg(feature = "postgres")]
    now: Option<i64>,
    /// What entries came to stand at in it.
    #[cfg(feature = "metrics")]
    stands: Vec<Standing>,
}

#[derive(Debug)]
enum On {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>, sqlite::Clock),
    #[cfg(feature = "postgres")]
    Postgres(OnServer),
}

/// A transaction in PostgreSQL.
#[cfg(feature = "postgres")]
#[derive(Debug)]
struct OnServer {
    transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    /// Whether statements are prepared by name: such a one belongs to a connection, which a pooler
    /// may give to somebody else after the transaction.
    prepares: bool,
}

/// A value that goes into a statement or comes out of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Int(i64),
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<T: Into<String>> From<Option<T>> for Value {
    fn from(text: Option<T>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }
}

/// The values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::database::Value::from($value)),*] };
}
pub(crate) use values;

/// A row that a statement returned.
#[derive(Debug)]
pub(crate) struct Row(Vec<(String, Value)>);

impl Row {
    fn value(&self, column: &'static str) -> Result<&Value, Error> {
        let found = self.0.iter().find(|(name, _)| name == column);
        found.map(|(_, value)| value).ok_or_else(|| {
            Error::new(
                "read",
                format!("the column {column} is missing or not readable"),
            )
        })
    }

    pub(crate) fn optional_text(&self, column: &'static str) -> Result<Option<&str>, Error> {
        match self.value(column)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) => Err(Error::new("read", format!("{column} is not text"))),
        }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<&str, Error> {
        self.optional_text(column)?
            .ok_or_else(|| Error::new("read", format!("{column} has no value")))
    }

    pub(crate) fn optional_int(&self, column: &'static str) -> Result<Option<i64>, Error> {
        match self.value(column)? {
            Value::Int(number) => Ok(Some(*number)),
            Value::Null => Ok(None),
            Value::Text(_) => Err(Error::new("read", format!("{column} is not a number"))),
        }
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64, Error> {
        self.optional_int(column)?
            .ok_or_else(|| Error::new("read", format!("{column} has no value")))
    }
}

/// Reads the row of either database. A value that cannot be read is missing then.
macro_rules! read_row {
    ($row:expr) => {{
        let row = $row;
        let columns = row.columns().iter().enumerate();
        let values = columns.filter_map(|(index, column)| {
            let raw = row.try_get_raw(index).ok()?;
            let value = if raw.is_null() {
                Value::Null
            } else if raw.type_info().name() == "TEXT" {
                Value::Text(row.try_get(index).ok()?)
            } else {
                Value::Int(row.try_get(index).ok()?)
            };
            Some((column.name().to_owned(), value))
        });
        Row(values.collect())
    }};
}

/// Binds values to a statement of either database.
macro_rules! bind {
    ($sql:expr, $values:expr, prepared: $prepared:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql)).persistent($prepared);
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text.clone()),
                Value::Int(number) => query.bind(*number),
                Value::Null => query.bind(None::<String>),
            };
        }
        query
    }};
}

impl Database {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Kind::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Kind::Postgres,
        }
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        let on = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => On::Sqlite(file.begin().await?, file.clock().clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => On::Postgres(OnServer {
                transaction: server.begin().await?,
                prepares: server.prepares(),
            }),
        };
        Ok(Transaction::new(on))
    }

    /// Begins a transaction that reads.
    pub(crate) async fn begin_reading(&self) -> Result<Transaction, sqlx::Error> {
        let on = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => On::Sqlite(file.begin_reading().await?, file.clock().clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => On::Postgres(OnServer {
                transaction: server.begin().await?,
                prepares: server.prepares(),
            }),
        };
        Ok(Transaction::new(on))
    }

    pub(crate) async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => file.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.close().await,
        }
    }
}

impl Transaction {
    fn new(on: On) -> Self {
        Self {
            on,
            #[cfg(feature = "postgres")]
            now: None,
            #[cfg(feature = "metrics")]
            stands: Vec::new(),
        }
    }

    /// An entry stands at this from the commit on.
    pub(crate) fn stands(&mut self, at: Standing) {
        #[cfg(feature = "metrics")]
        self.stands.push(at);
        #[cfg(not(feature = "metrics"))]
        let _ = at;
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(..) => Kind::Sqlite,
            #[cfg(feature = "postgres")]
            On::Postgres(..) => Kind::Postgres,
        }
    }

    /// Runs a statement. How many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<u64, sqlx::Error> {
        Ok(match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(transaction, _) => {
                let query = bind!(sql, values, prepared: true);
                query.execute(&mut **transaction).await?.rows_affected()
            }
            #[cfg(feature = "postgres")]
            On::Postgres(on) => {
                let query = bind!(sql, values, prepared: on.prepares);
                query.execute(&mut *on.transaction).await?.rows_affected()
            }
        })
    }

    /// Runs statements without values.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let script = sqlx::raw_sql(AssertSqlSafe(sql));
        match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(transaction, _) => script.execute(&mut **transaction).await.map(drop),
            #[cfg(feature = "postgres")]
            On::Postgres(on) => script.execute(&mut *on.transaction).await.map(drop),
        }
    }

    /// Runs a statement that returns rows.
    pub(crate) async fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<Row>, sqlx::Error> {
        Ok(match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(transaction, _) => {
                let query = bind!(sql, values, prepared: true);
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.iter().map(|row| read_row!(row)).collect()
            }
            #[cfg(feature = "postgres")]
            On::Postgres(on) => {
                let query = bind!(sql, values, prepared: on.prepares);
                let rows = query.fetch_all(&mut *on.transaction).await?;
                rows.iter().map(|row| read_row!(row)).collect()
            }
        })
    }

    /// Runs a statement on several items at once: JSON objects, which it has in place of `{items}` as
    /// the column `value` of a table `item`. What it returns.
    pub(crate) async fn each(
        &mut self,
        sql: &str,
        items: impl Iterator<Item = serde_json::Value>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let items: Vec<_> = items.collect();
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let table = match self.kind() {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite => "json_each($1) AS item",
            #[cfg(feature = "postgres")]
            Kind::Postgres => "jsonb_array_elements($1::jsonb) AS item(value)",
        };
        let sql = sql.replace("{items}", table);
        let items = serde_json::Value::Array(items).to_string();
        self.rows(&sql, values![items]).await
    }

    /// The first row that a statement returns.
    pub(crate) async fn row(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The time by the journal's clock, in milliseconds since 1970: one clock for all who share it.
    /// PostgreSQL's own; on SQLite that of the machine, which never goes back here.
    pub(crate) async fn now(&mut self) -> Result<i64, sqlx::Error> {
        match &self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(_, clock) => {
                let clock = clock.clone();
                clock.tick(self).await
            }
            #[cfg(feature = "postgres")]
            On::Postgres(_) => {
                if let Some(now) = self.now {
                    return Ok(now);
                }
                let sql = format!("SELECT {} AS now", postgres::NOW);
                let row = self.row(&sql, &[]).await?;
                let row = row.ok_or(sqlx::Error::RowNotFound)?;
                let time = row.int("now");
                let time = time.map_err(|error| sqlx::Error::Decode(error.into()))?;
                self.now = Some(time);
                Ok(time)
            }
        }
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(transaction, _) => transaction.commit().await?,
            #[cfg(feature = "postgres")]
            On::Postgres(on) => on.transaction.commit().await?,
        }
        #[cfg(feature = "metrics")]
        crate::metrics::stand(&self.stands);
        Ok(())
    }
}
