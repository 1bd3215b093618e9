//! Processes that die, and what is recovered after them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use konaplate_journal::{Filter, RecoverPolicy, Recovery, State};
use konaplate_sandbox::Fault;

use super::Actor;
use super::calls::{FOREVER, Trouble, kind_of};
use crate::crash::{self, Mission, Point};
use crate::oracle::{Call, Entry, Seen, TakenBack};
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
            now: self.clock.load(Ordering::Relaxed),
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
            cancellation: mission.order.cancels.then_some(TakenBack::NotSaid),
        });
        // The process that comes after it knows the place and nothing else.
        self.unsteady.close().await;
        self.journal.close().await;
        self.journal = self.place.open().await?;
        self.start_over()?;
        // For as long as the call may be under way, nobody touches its entry.
        self.journal.pass_time(Duration::from_secs(60)).await?;
        self.recover(self.random.clone().bool()).await?;
        let id = id.parse().ok().context("an id is one")?;
        let entry = self
            .journal
            .entry(&self.clients.normal.project(), id)
            .await?;
        Ok(entry.map(|entry| entry.state))
    }

    /// Has the journal settle what is open. Its questions may get lost, too.
    pub(super) async fn recover(&mut self, with_faults: bool) -> Result<()> {
        // Two at once ask in any order: all of what they ask goes wrong, or nothing, so that a run
        // can be repeated.
        let are_two = self.random.u8(..3) == 0;
        if with_faults && are_two && self.random.bool() {
            let fault = [Fault::CloseBefore, Fault::CloseAfter][self.random.usize(..2)];
            for operation in ["get_bank_recharge_result", "network_cancel_payment"] {
                self.sandbox.fault_operation(operation, fault)?;
            }
        }
        for _ in 0..3 {
            if with_faults
                && !are_two
                && let Trouble::Of(fault) = self.trouble(60)
            {
                self.sandbox.fault_next(fault)?;
            }
        }
        // What is held has arrived by the time that the journal asks.
        self.sandbox.deliver_held();
        // Entries are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut policy = self.policy();
        // What another project recovers is nothing of this one's.
        let strangers = self
            .journal
            .recover(&self.clients.stranger, policy.clone())
            .await?;
        let mut untouched = Recovery::default();
        untouched.left_to_other_projects = strangers.left_to_other_projects;
        ensure!(strangers == untouched, "{strangers:?}");
        let recoveries = if are_two {
            // Neither asks about what the other asked in vain.
            policy.pause = Duration::from_secs(60);
            let other = self.unsteady.other().await?;
            let (one, two) = tokio::join!(
                self.journal.recover(&self.clients.normal, policy.clone()),
                other.recover(&self.clients.normal, policy),
            );
            vec![one?, two?]
        } else {
            vec![self.journal.recover(&self.clients.normal, policy).await?]
        };
        if are_two {
            self.pairs += 1;
            self.journal.pass_time(Duration::from_secs(60)).await?;
        }
        self.quiet().await;
        let mut states: Vec<State> = Vec::new();
        for recovery in recoveries {
            let Recovery {
                completed,
                failed,
                cancelled,
                still_open,
                needs_person,
                ..
            } = recovery;
            let entries = [completed, failed, cancelled, still_open, needs_person];
            states.extend(entries.iter().flatten().map(|entry| entry.state));
        }
        let mut words: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        words.sort_unstable();
        let who = if are_two {
            "two recoveries"
        } else {
            "recovery"
        };
        self.note(format!("{who}: {}", words.join(", ")));
        self.recovered.extend(states);
        Ok(())
    }

    pub(super) fn policy(&self) -> RecoverPolicy {
        let mut policy = RecoverPolicy::default();
        policy.min_age = Duration::ZERO;
        // Nothing is on its way here: what the platform does not know never came.
        policy.not_found_after = Duration::ZERO;
        policy.pause = Duration::ZERO;
        // One after the other, so that a run can be repeated.
        policy.at_once = 1;
        policy.give_up_after = u32::MAX;
        policy.send_cancellations = self.sends_cancellations;
        policy.cancellations = 1;
        policy
    }

    /// Lets everything settle that can, and reads the journal.
    pub(super) async fn end(&mut self) -> Result<()> {
        // Somebody has set the client's clock right.
        self.skew = 0;
        // Pending recharges, and then what is paid out on the next day.
        self.advance(Duration::from_secs(301));
        self.advance(Duration::from_secs(2 * 86_400));
        // However often its clock was set back.
        self.journal
            .pass_time(Duration::from_secs(2 * 86_400))
            .await?;
        // A question can meet what a former call left behind on its connection: ask again then. And a
        // cancellation that had no response is sent once more.
        for _ in 0..4 {
            self.recover(false).await?;
            let mut left = 0;
            for state in [State::Open, State::Cancelling] {
                left += self.journal.entries(state).await?.entries.len();
            }
            if left == 0 {
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
