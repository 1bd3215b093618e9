//! What is not settled, and for how long.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::Journal;
use crate::database::{Row, values};
use crate::error::Error;
use crate::state::State;
use crate::time::duration;

/// What is not settled of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// The base URL of the project.
    pub base_url: String,
    /// The ASP id of the project.
    pub asp_id: String,
    /// One for each state that is not settled, also where no entry is in it.
    pub waiting: Vec<Waiting>,
    /// How many entries are contradicted, in whatever state:
    /// [`Filter::contradicted`](crate::Filter::contradicted) lists them.
    pub contradicted: u64,
}

/// The entries of a project in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// A state that is not settled: open, awaiting the member, being cancelled, or a person's.
    pub state: State,
    /// How many there are of each age, in the order of [`Age::ALL`].
    pub by_age: [u64; 4],
    /// How old the oldest is, by the journal's clock. None where there is no entry.
    pub oldest: Option<Duration>,
}

impl Waiting {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.by_age.iter().sum()
    }
}

/// How long ago an entry's call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Age {
    /// Less than a minute: it may be under way.
    Seconds,
    /// A minute or more, less than an hour.
    Minutes,
    /// An hour or more, less than a day.
    Hours,
    /// A day or more.
    Days,
}

impl Age {
    /// All of them, the youngest first.
    pub const ALL: [Self; 4] = [Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    /// As `<1m`, `<1h`, `<1d`, `>=1d`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "<1m",
            Self::Minutes => "<1h",
            Self::Hours => "<1d",
            Self::Days => ">=1d",
        }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Journal {
    /// How much is not settled, for each project that the journal has: what to watch. Reads all
    /// such entries, so that every minute is often enough.
    ///
    /// With the feature `metrics` it sets the gauges of [`metrics`](crate::metrics), too.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        let failed = |error| Error::new("read", error);
        // The clock of a SQLite file is written when it is read.
        let mut transaction = self.database().begin().await.map_err(failed)?;
        let now = transaction.now().await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;

        let mut transaction = self.database().begin_reading().await.map_err(failed)?;
        let sql = "SELECT number, base_url, asp_id FROM konaplate_projects";
        let mut projects = BTreeMap::new();
        for row in transaction.rows(sql, &[]).await.map_err(failed)? {
            projects.insert(row.int("number")?, Backlog::of(&row)?);
        }
        let [minute, hour, day] = [60, 3_600, 86_400].map(Duration::from_secs).map(duration);
        let sql = format!(
            "SELECT project, state, count(*) AS number, MIN(began_at) AS first, \
                     COUNT(CASE WHEN began_at > $1 THEN 1 END) AS seconds, \
                     COUNT(CASE WHEN began_at > $2 THEN 1 END) AS minutes, \
                     COUNT(CASE WHEN began_at > $3 THEN 1 END) AS hours \
                   FROM konaplate_calls \
                   WHERE state IN ({}) GROUP BY project, state",
            State::unsettled()
        );
        let since = values![now - minute, now - hour, now - day];
        for row in transaction.rows(&sql, since).await.map_err(failed)? {
            if let Some(backlog) = projects.get_mut(&row.int("project")?) {
                backlog.add(&row, now)?;
            }
        }
        let sql = "SELECT project, count(*) AS number FROM konaplate_calls \
                   WHERE contradicted = 1 GROUP BY project";
        for row in transaction.rows(sql, &[]).await.map_err(failed)? {
            if let Some(backlog) = projects.get_mut(&row.int("project")?) {
                backlog.contradicted = count(&row, "number")?;
            }
        }
        let backlogs: Vec<_> = projects.into_values().collect();
        #[cfg(feature = "metrics")]
        backlogs.iter().for_each(Backlog::set_gauges);
        Ok(backlogs)
    }
}

impl Backlog {
    /// Of a project with nothing that is not settled.
    fn of(project: &Row) -> Result<Self, Error> {
        let waiting = State::UNSETTLED.map(|state| Waiting {
            state,
            by_age: [0; 4],
            oldest: None,
        });
        Ok(Self {
            base_url: project.text("base_url")?.to_owned(),
            asp_id: project.text("asp_id")?.to_owned(),
            waiting: waiting.into(),
            contradicted: 0,
        })
    }

    fn add(&mut self, row: &Row, now: i64) -> Result<(), Error> {
        let state = State::from_word(row.text("state")?);
        let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|known| Some(known.state) == state)
        else {
            return Ok(());
        };
        let younger = ["seconds", "minutes", "hours", "number"];
        let mut before = 0;
        for (number, column) in waiting.by_age.iter_mut().zip(younger) {
            let all = count(row, column)?;
            *number = all - before;
            before = all;
        }
        let oldest = now.saturating_sub(row.int("first")?);
        waiting.oldest = Some(Duration::from_millis(
            u64::try_from(oldest).unwrap_or_default(),
        ));
        Ok(())
    }

    #[cfg(feature = "metrics")]
    #[expect(
        clippy::cast_precision_loss,
        reason = "gauges are floating-point numbers"
    )]
    fn set_gauges(&self) {
        use crate::metrics::{CONTRADICTED, OLDEST, WAITING};
        use metrics::{Label, gauge};

        let project = vec![
            Label::new("konaplate.asp_id", self.asp_id.clone()),
            Label::new("konaplate.base_url", self.base_url.clone()),
        ];
        gauge!(CONTRADICTED, project.clone()).set(self.contradicted as f64);
        for waiting in &self.waiting {
            let mut of_state = project.clone();
            of_state.push(Label::new(
                "konaplate.journal.state",
                waiting.state.as_str(),
            ));
            gauge!(OLDEST, of_state.clone()).set(waiting.oldest.unwrap_or_default());
            for (age, number) in Age::ALL.iter().zip(waiting.by_age) {
                let mut of_age = of_state.clone();
                of_age.push(Label::new("konaplate.journal.age", age.as_str()));
                gauge!(WAITING, of_age).set(number as f64);
            }
        }
    }
}

fn count(row: &Row, column: &'static str) -> Result<u64, Error> {
    row.int(column)
        .map(|number| u64::try_from(number).unwrap_or_default())
}
