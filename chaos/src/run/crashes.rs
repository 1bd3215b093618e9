//! Processes that die, and what is recovered after them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use konaplate_journal::{Filter, RecoverPolicy, Recovery, State};

use super::calls::{FOREVER, Trouble, kind_of};
use super::{Actor, clients};
use crate::crash::{self, Mission, Point};
use crate::oracle::{Call, Entry, Seen};
use crate::order::Order;

impl Actor {
    /// Makes a call in a process that dies of it, and starts anew: what the journal says of the
    /// call after a recovery.
    pub(super) async fn crash(
        &mut self,
        intent: usize,
        operation: &'static str,
        order: Order,
        point: Point,
    ) -> Result<Option<State>> {
        let trouble = match (point, point.is_sent()) {
            (Point::BeforeResponse, _) => Trouble::Of(FOREVER),
            (_, true) => self.trouble(60),
            (_, false) => Trouble::None,
        };
        let fault = match trouble {
            Trouble::Of(fault) => {
                self.sandbox.fault_next(fault)?;
                kind_of(fault)
            }
            _ => "-".to_owned(),
        };
        let mission = Mission {
            place: self.place.clone(),
            now: u64::try_from(self.now.as_millis())?,
            point,
            order,
        };
        crash::kill(&self.program, &self.sandbox, &mission).await?;
        self.quiet().await;
        let id = mission.order.id;
        self.note(format!(
            "  {operation} {id}, fault {fault}: the process died, {point:?}"
        ));
        self.died_at = Some(point);
        self.account.calls.push(Call {
            intent: Some(intent),
            operation,
            id: id.clone(),
            fault,
            seen: Seen::Died,
            code: None,
            settled: None,
        });
        // The process that comes after it knows the place and nothing else.
        self.journal.close().await;
        self.journal = self.place.open().await?;
        [self.client, self.hasty, self.lost, self.stranger] =
            clients(&self.sandbox, &self.journal, self.keeps_alive)?;
        // For as long as the call may be under way, nobody touches its entry.
        self.journal.pass_time(Duration::from_secs(60)).await?;
        self.recover(self.random.clone().bool()).await?;
        let id = id.parse().ok().context("an id is one")?;
        let entry = self.journal.entry(&self.client.project(), id).await?;
        Ok(entry.map(|entry| entry.state))
    }

    /// Has the journal settle what is open. Its questions may get lost, too.
    pub(super) async fn recover(&mut self, with_faults: bool) -> Result<()> {
        for _ in 0..3 {
            if with_faults && let Trouble::Of(fault) = self.trouble(60) {
                self.sandbox.fault_next(fault)?;
            }
        }
        // What is held has arrived by the time that the journal asks.
        self.sandbox.deliver_held();
        // Entries are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut policy = RecoverPolicy::default();
        policy.min_age = Duration::ZERO;
        // Nothing is on its way here: what the platform does not know never came.
        policy.not_found_after = Duration::ZERO;
        policy.pause = Duration::ZERO;
        // One after the other, so that a run can be repeated.
        policy.at_once = 1;
        policy.give_up_after = u32::MAX;
        // What another project recovers is nothing of this one's.
        let strangers = self.journal.recover(&self.stranger, policy.clone()).await?;
        let mut untouched = Recovery::default();
        untouched.left_to_other_projects = strangers.left_to_other_projects;
        ensure!(strangers == untouched, "{strangers:?}");
        let recovery = self.journal.recover(&self.client, policy).await?;
        self.quiet().await;
        let Recovery {
            completed,
            failed,
            still_open,
            needs_person,
            ..
        } = recovery;
        self.note(format!(
            "recovery: {} completed, {} failed, {} still open, {} for a person",
            completed.len(),
            failed.len(),
            still_open.len(),
            needs_person.len()
        ));
        let entries = [completed, failed, still_open, needs_person];
        let states = entries.iter().flatten().map(|entry| entry.state);
        self.recovered.extend(states);
        Ok(())
    }

    /// Lets everything settle that can, and reads the journal.
    pub(super) async fn end(&mut self) -> Result<()> {
        // Pending recharges, and then what is paid out on the next day.
        self.advance(Duration::from_secs(301));
        self.advance(Duration::from_secs(2 * 86_400));
        // A question can meet what a former call left behind on its connection: ask again then.
        for _ in 0..3 {
            self.recover(false).await?;
            if self.journal.open_entries().await?.entries.is_empty() {
                break;
            }
        }
        let mut filter = Filter::all();
        loop {
            let page = self.journal.entries(filter).await?;
            ensure!(page.unreadable.is_empty(), "{:?}", page.unreadable);
            let entries = page.entries.into_iter().map(|entry| Entry {
                id: entry.correlation_id,
                operation: entry.operation,
                state: entry.state,
            });
            self.account.entries.extend(entries);
            match page.next {
                Some(place) => filter = Filter::all().after(place),
                None => return Ok(()),
            }
        }
    }
}
