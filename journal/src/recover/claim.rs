//! Who settles which entry: each is taken by one.

use std::time::Duration;

use konaplate::journal::Project;

use super::RecoverPolicy;
use crate::Journal;
use crate::calls::{self, Say, What, Words};
use crate::database::{Transaction, values};
use crate::entry::{Entry, Unreadable};
use crate::error::Error;
use crate::evidence::{Source, Standing};
use crate::list::COLUMNS;
use crate::state::State;
use crate::time::duration;

/// The claims of one recovery.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    journal: Journal,
    policy: RecoverPolicy,
    project: i64,
    /// Tells this recovery from every other one.
    by: String,
    /// When it began, by the journal's clock.
    began: i64,
    left: u64,
}

/// What was taken.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) entries: Vec<Entry>,
    pub(super) unreadable: Vec<Unreadable>,
}

fn failed(error: sqlx::Error) -> Error {
    Error::new("recovered", error)
}

impl Claims {
    pub(super) async fn begin(
        journal: &Journal,
        project: &Project,
        policy: &RecoverPolicy,
    ) -> Result<Self, Error> {
        let mut transaction = journal.database().begin().await.map_err(failed)?;
        let projects = journal.projects();
        let number = projects
            .number(&mut transaction, project)
            .await
            .map_err(failed)?;
        let began = transaction.now().await.map_err(failed)?;
        let sql = "SELECT count(*) AS number FROM konaplate_calls \
                   WHERE project <> $1 AND state IN ('open', 'awaiting_member', 'cancelling')";
        let row = transaction
            .row(sql, values![number])
            .await
            .map_err(failed)?;
        let left = row.map_or(Ok(0), |row| row.int("number"))?;
        transaction.commit().await.map_err(failed)?;
        projects.remember(project, number);
        Ok(Self {
            journal: journal.clone(),
            policy: policy.clone(),
            project: number,
            by: format!("{:016x}", fastrand::u64(..)),
            began,
            left: u64::try_from(left).unwrap_or_default(),
        })
    }

    pub(super) fn left_to_other_projects(&self) -> u64 {
        self.left
    }

    /// How old an entry is, by the journal's clock.
    pub(super) fn age_of(&self, entry: &Entry) -> Duration {
        let age = self.began.saturating_sub(entry.began_at);
        Duration::from_millis(u64::try_from(age).unwrap_or_default())
    }

    /// Takes the oldest entries that are due and that nobody has taken.
    ///
    /// Free is what nobody had when this recovery began, and what was not asked about since: what
    /// it has asked about itself does not come up again, however long it takes.
    pub(super) async fn take(&self, at_most: usize) -> Result<Taken, Error> {
        let mut transaction = self.journal.database().begin().await.map_err(failed)?;
        let now = transaction.now().await.map_err(failed)?;
        let begun_before = self.began.saturating_sub(duration(self.policy.min_age));
        let window = self.policy.min_age.max(self.policy.window_closed_after);
        let window_before = self.began.saturating_sub(duration(window));
        let sql = format!(
            "SELECT {COLUMNS} FROM konaplate_calls AS call \
             JOIN konaplate_projects AS project ON project.number = call.project \
             WHERE call.project = $1 AND call.claimed_until < $2 AND call.ask_from < $2 \
               AND (call.state = 'open' AND call.began_at <= $3 \
                   AND (call.ended_at IS NOT NULL OR call.ends_by <= $2) \
                 OR call.state = 'cancelling' \
                 OR call.state = 'awaiting_member' AND call.began_at <= $4) \
             ORDER BY call.ask_from, call.number LIMIT $5 {}",
            transaction.kind().skips_locked("call")
        );
        let at_most = i64::try_from(at_most).unwrap_or(1);
        let values = values![
            self.project,
            self.began,
            begun_before,
            window_before,
            at_most,
        ];
        let rows = transaction.rows(&sql, values).await.map_err(failed)?;
        let until = now.saturating_add(duration(self.policy.claim));
        let mut taken = Taken::default();
        for row in &rows {
            let sql = "UPDATE konaplate_calls SET claimed_by = $2, claimed_until = $3 \
                       WHERE number = $1";
            let values = values![row.int("number")?, self.by.as_str(), until];
            transaction.execute(sql, values).await.map_err(failed)?;
            match Entry::of(row) {
                Ok(entry) => taken.entries.push(entry),
                Err(error) => taken.unreadable.push(Unreadable::of(row, &error)),
            }
        }
        transaction.commit().await.map_err(failed)?;
        Ok(taken)
    }

    /// Gives back what was taken and not asked about.
    pub(super) async fn give_back(
        &self,
        entries: impl Iterator<Item = Entry>,
    ) -> Result<(), Error> {
        let mut transaction = self.journal.database().begin().await.map_err(failed)?;
        for entry in entries {
            let sql = "UPDATE konaplate_calls SET claimed_until = 0 \
                       WHERE number = $1 AND claimed_by = $2";
            transaction
                .execute(sql, values![entry.number, self.by.as_str()])
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    /// Whether the entry is still open, and this recovery's.
    async fn has(&self, transaction: &mut Transaction, entry: &Entry) -> Result<bool, sqlx::Error> {
        let sql = format!(
            "SELECT number FROM konaplate_calls WHERE number = $1 AND claimed_by = $2 \
               AND state IN ('open', 'awaiting_member', 'cancelling') {}",
            transaction.kind().waits_for_row()
        );
        let row = transaction
            .row(&sql, values![entry.number, self.by.as_str()])
            .await?;
        Ok(row.is_some())
    }

    /// Says what was found out about an entry that this recovery has. What it stands at then.
    pub(super) async fn settle(
        &self,
        entry: &Entry,
        said: Standing,
        detail: &str,
    ) -> Result<Option<Standing>, Error> {
        let mut transaction = self.journal.database().begin().await.map_err(failed)?;
        let is_mine = self.has(&mut transaction, entry).await.map_err(failed)?;
        // What somebody said is kept, whoever has the entry now; an assumption is not needed then.
        if !is_mine && said.source == Source::Nobody {
            return Ok(None);
        }
        let words = Words {
            detail: Some(detail.to_owned()),
            response: None,
        };
        let say = Say {
            project: self.project,
            correlation_id: entry.correlation_id.clone(),
            intent: None,
            what: What::Standing(said, words),
        };
        calls::say(&mut transaction, &[say]).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(is_mine.then_some(said))
    }

    /// That a cancellation is on its way. Whether the entry was still open, and this recovery's.
    pub(super) async fn begin_cancelling(&self, entry: &Entry) -> Result<bool, Error> {
        let said = Standing {
            state: State::Cancelling,
            source: Source::Nobody,
        };
        let settled = self.settle(entry, said, "its cancellation is sent").await?;
        Ok(settled.is_some())
    }

    /// Leaves an entry for another time. What it stands at, if this recovery still has it.
    pub(super) async fn ask_later(
        &self,
        entry: &Entry,
        detail: &str,
    ) -> Result<Option<Standing>, Error> {
        let mut transaction = self.journal.database().begin().await.map_err(failed)?;
        let now = transaction.now().await.map_err(failed)?;
        let from = now.saturating_add(duration(self.policy.pause_after(entry.asked)));
        let sql = "UPDATE konaplate_calls \
                   SET asked = asked + 1, ask_from = $3, claimed_until = 0, detail = $4 \
                   WHERE number = $1 AND claimed_by = $2 \
                     AND state IN ('open', 'awaiting_member', 'cancelling')";
        let changed = transaction
            .execute(sql, values![entry.number, self.by.as_str(), from, detail])
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok((changed == 1).then_some(Standing {
            state: entry.state,
            source: entry.source,
        }))
    }
}
