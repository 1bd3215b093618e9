//! Reading entries, page by page.

use konaplate::journal::Project;
use serde_json::Map;

use crate::Journal;
use crate::calls::standing;
use crate::database::{Row, Transaction, Value, values};
use crate::entry::{Entry, Filter, Page, Place, Said, Unreadable};
use crate::error::Error;
use crate::state::State;
use crate::time::time;

/// What an entry is read from: `call` and `project` are the tables.
pub(crate) const COLUMNS: &str = "call.number, call.correlation_id, call.operation, \
    call.sequence_id, call.intended_at, call.began_at, call.ended_at, call.request, \
    call.cancellation, call.state, call.source, call.settled_at, call.detail, call.response, \
    call.contradicted, call.asked, project.base_url, project.asp_id";

const MOST: u32 = 1_000;

impl Journal {
    /// Entries, a page of them, in the order in which they were written: those in a [`State`], or
    /// those of a [`Filter`].
    ///
    /// # Errors
    /// The journal cannot be read. An entry that cannot be read is no error: the page has it
    /// [apart](Page::unreadable).
    pub async fn entries(&self, filter: impl Into<Filter>) -> Result<Page, Error> {
        let filter = filter.into();
        let limit = filter.limit.unwrap_or(100).clamp(1, MOST);
        let mut transaction = self.reading().await?;
        let after = filter.after.map_or(0, |Place(number)| number);
        let mut values = values![after, i64::from(limit) + 1].to_vec();
        let conditions = conditions(&filter, &mut values);
        let sql = format!(
            "SELECT {COLUMNS} FROM konaplate_calls AS call \
             JOIN konaplate_projects AS project ON project.number = call.project \
             WHERE call.number > $1 {conditions} ORDER BY call.number LIMIT $2"
        );
        let rows = transaction
            .rows(&sql, &values)
            .await
            .map_err(|error| Error::new("read", error))?;
        let is_more = rows.len() > limit as usize;
        let mut page = Page::default();
        for row in rows.iter().take(limit as usize) {
            page.next = row.int("number").ok().map(Place).filter(|_| is_more);
            match Entry::of(row) {
                Ok(entry) => page.entries.push(entry),
                Err(error) => page.unreadable.push(Unreadable::of(row, &error)),
            }
        }
        Ok(page)
    }

    /// The entries whose outcome is not known, oldest first, a page of them: calls under way, and
    /// those that a crash or a lost response left open.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn open_entries(&self) -> Result<Page, Error> {
        self.entries(State::Open).await
    }

    /// The entry of a call of this project: [`Client::project`](konaplate::Client::project).
    ///
    /// # Errors
    /// The journal cannot be read, or the entry.
    pub async fn entry(
        &self,
        project: &Project,
        correlation_id: konaplate::CorrelationId,
    ) -> Result<Option<Entry>, Error> {
        let mut transaction = self.reading().await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM konaplate_calls AS call \
             JOIN konaplate_projects AS project ON project.number = call.project \
             WHERE call.correlation_id = $1 AND call.project IN ( \
               SELECT project FROM konaplate_project_keys \
               WHERE base_url = $2 AND key_digest IN ($3, $4))"
        );
        let (base_url, [key, former]) = of_project(project);
        let row = transaction
            .row(
                &sql,
                values![correlation_id.as_str(), base_url, key, former],
            )
            .await
            .map_err(|error| Error::new("read", error))?;
        row.as_ref().map(Entry::of).transpose()
    }

    /// What was said about the call of an entry, in order, whether it became its state or not.
    ///
    /// # Errors
    /// The journal cannot be read, or what was said.
    pub async fn history(&self, entry: &Entry) -> Result<Vec<Said>, Error> {
        let mut transaction = self.reading().await?;
        let sql = "SELECT said_at, source, state, detail, response FROM konaplate_history \
                   WHERE call = $1 ORDER BY number";
        let rows = transaction
            .rows(sql, values![entry.number])
            .await
            .map_err(|error| Error::new("read", error))?;
        rows.iter().map(Said::of).collect()
    }

    async fn reading(&self) -> Result<Transaction, Error> {
        let begun = self.database().begin_reading().await;
        begun.map_err(|error| Error::new("read", error))
    }
}

/// What of a filter there is to be true of an entry, as `AND …`, with its values put behind those that
/// are there: an index is found where nothing else is said.
fn conditions(filter: &Filter, values: &mut Vec<Value>) -> String {
    let mut conditions = String::new();
    let mut place = |value: &str| {
        values.push(value.into());
        values.len()
    };
    let states: Vec<_> = filter
        .states
        .iter()
        .map(|state| format!("'{state}'"))
        .collect();
    let states = (!states.is_empty()).then(|| format!("call.state IN ({})", states.join(", ")));
    let contradicted = filter
        .contradicted
        .then(|| "call.contradicted = 1".to_owned());
    let either: Vec<_> = states.into_iter().chain(contradicted).collect();
    if !either.is_empty() {
        conditions += &format!(" AND ({})", either.join(" OR "));
    }
    match &filter.project {
        Some(project) => {
            let (base_url, [key, former]) = of_project(project);
            let [base_url, key, former] = [base_url, key, former].map(&mut place);
            conditions += &format!(
                " AND call.project IN (SELECT project FROM konaplate_project_keys \
                 WHERE base_url = ${base_url} AND key_digest IN (${key}, ${former}))"
            );
        }
        // The index of correlation ids begins with the project.
        None if filter.correlation_id.is_some() => {
            conditions += " AND call.project IN (SELECT number FROM konaplate_projects)";
        }
        None => {}
    }
    if let Some(id) = &filter.correlation_id {
        conditions += &format!(" AND call.correlation_id = ${}", place(id.as_str()));
    }
    if let Some(id) = &filter.sequence_id {
        conditions += &format!(" AND call.sequence_id = ${}", place(id));
    }
    conditions
}

/// What the table of access keys knows a project by.
fn of_project(project: &Project) -> (&str, [&str; 2]) {
    let mut keys = project.keys().iter().map(|key| key.as_str());
    let mut next = || keys.next().unwrap_or_default();
    (project.base_url(), [next(), next()])
}

impl Entry {
    pub(crate) fn of(row: &Row) -> Result<Self, Error> {
        let standing = standing(row)?;
        Ok(Self {
            base_url: row.text("base_url")?.to_owned(),
            asp_id: row.text("asp_id")?.to_owned(),
            correlation_id: row.text("correlation_id")?.to_owned(),
            operation: row.text("operation")?.to_owned(),
            sequence_id: row.optional_text("sequence_id")?.map(str::to_owned),
            intended_at: time(row.int("intended_at")?),
            ended_at: row.optional_int("ended_at")?.map(time),
            request: object(row.text("request")?)?,
            cancellation: row.optional_text("cancellation")?.map(object).transpose()?,
            state: standing.state,
            source: standing.source,
            settled_at: row.optional_int("settled_at")?.map(time),
            detail: row.optional_text("detail")?.map(str::to_owned),
            response: optional_object(row.optional_text("response")?)?,
            contradicted: row.int("contradicted")? != 0,
            number: row.int("number")?,
            asked: row.int("asked")?,
            began_at: row.int("began_at")?,
        })
    }
}

impl Said {
    fn of(row: &Row) -> Result<Self, Error> {
        let standing = standing(row)?;
        Ok(Self {
            at: time(row.int("said_at")?),
            source: standing.source,
            state: standing.state,
            detail: row.optional_text("detail")?.map(str::to_owned),
            response: optional_object(row.optional_text("response")?)?,
        })
    }
}

impl Unreadable {
    pub(crate) fn of(row: &Row, error: &Error) -> Self {
        let source = std::error::Error::source(error);
        Self {
            correlation_id: row.text("correlation_id").ok().map(str::to_owned),
            reason: source.map_or_else(|| error.to_string(), ToString::to_string),
        }
    }
}

fn object(json: &str) -> Result<Map<String, serde_json::Value>, Error> {
    serde_json::from_str(json).map_err(|_| Error::new("read", "an entry is not JSON"))
}

fn optional_object(json: Option<&str>) -> Result<Map<String, serde_json::Value>, Error> {
    json.map_or_else(|| Ok(Map::new()), object)
}
