//! The platform's side without HTTP: state, clock and storage. It executes a verified request.

pub(crate) mod clock;
pub(crate) mod snapshot;
pub(crate) mod storage;

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use konaplate::{CorrelationId, Operation};
use serde_json::Value;

use self::clock::Clock;
use self::snapshot::Snapshot;
use self::storage::Storage;
use crate::lock::lock;
use crate::operations::{self, Context};
use crate::problem::Problem;
use crate::state::{Moment, NotRefused, Refusal, State, WindowState};

/// State, clock and storage.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Of the links to payment windows.
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    /// Of the state that it starts with, and starts again with after a reset.
    seed: u64,
    /// In place of the state of the seed, if there is one.
    at_start: Option<Snapshot>,
    state: Mutex<State>,
    /// Locked after the state.
    place: Mutex<Place>,
}

/// Where the state is kept.
#[derive(Debug)]
enum Place {
    Memory,
    File(Storage),
    /// It was in a file, until the sandbox was dropped.
    Closed,
}

/// What was changed could not be stored. It is in memory, and tried again with the next change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStored;

/// What became of a verified request.
#[derive(Debug)]
pub(crate) enum Executed {
    /// It was carried out: the fields of its response.
    Done(Value),
    /// It was refused.
    Refused(Refusal),
    /// The operation has no state here.
    Stateless,
    /// It was carried out, and that could not be stored.
    NotStored,
}

/// Why a window was not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    NoWindow,
    Closed,
    NotStored,
}

impl Undecided {
    fn rule(self) -> &'static str {
        match self {
            Self::NoWindow => "must be the redirectUrl of a payment window",
            Self::Closed => "must be of a window that is open",
            Self::NotStored => "was decided, which could not be stored",
        }
    }
}

impl Platform {
    pub(crate) fn new(base_url: String, seed: u64, data: Option<&Path>) -> anyhow::Result<Self> {
        let mut storage = data.map(Storage::open).transpose()?;
        let stored = match &mut storage {
            Some(storage) => storage.load()?,
            None => None,
        };
        let (state, setting) =
            stored.unwrap_or_else(|| (State::new(seed), clock::Setting::default()));
        if let Some(storage) = &mut storage {
            storage.save(&state, setting)?;
        }
        let clock = Clock::default();
        clock.set(setting);
        Ok(Self {
            base_url,
            clock,
            seed,
            at_start: None,
            state: Mutex::new(state),
            place: Mutex::new(storage.map_or(Place::Memory, Place::File)),
        })
    }

    /// Loads a snapshot to start with, and to start again with after a reset.
    pub(crate) fn start_with(mut self, snapshot: Snapshot) -> Result<Self, Problem> {
        self.load(&snapshot)?;
        self.at_start = Some(snapshot);
        Ok(self)
    }

    /// Executes a verified request, whose plaintext follows the description's schema. `executed` gets
    /// the state right after that, and the numbers of the postings that were made.
    pub(crate) fn execute(
        &self,
        operation: &Operation,
        correlation_id: CorrelationId,
        plaintext: Value,
        executed: impl FnOnce(&State, Range<usize>),
    ) -> Executed {
        let outcome = self.change(|state, moment| {
            let context = Context {
                moment: *moment,
                correlation_id,
                base_url: &self.base_url,
            };
            let first = state.ledger.len();
            let outcome = operations::handle(state, &context, operation, plaintext);
            executed(state, first..state.ledger.len());
            outcome
        });
        match outcome {
            Ok(Some(Ok(fields))) => Executed::Done(fields),
            Ok(Some(Err(refusal))) => Executed::Refused(refusal),
            Ok(None) => Executed::Stateless,
            Err(NotStored) => Executed::NotStored,
        }
    }

    /// Lets something happen to the state, after what was due, and stores what that changed.
    pub(crate) fn change<T>(
        &self,
        happens: impl FnOnce(&mut State, &Moment) -> T,
    ) -> Result<T, NotStored> {
        let mut state = lock(&self.state);
        let moment = self.moment();
        state.settle_due(&moment);
        let result = happens(&mut state, &moment);
        self.store(&mut state, Storage::save)?;
        Ok(result)
    }

    /// The state as it is now, after what was due.
    pub(crate) fn settled(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        state.settle_due(&self.moment());
        // What is not stored now is still known as changed, and stored with the next change.
        let _ = self.store(&mut state, Storage::save);
        state
    }

    fn store(
        &self,
        state: &mut State,
        write: impl FnOnce(&mut Storage, &State, clock::Setting) -> rusqlite::Result<()>,
    ) -> Result<(), NotStored> {
        match &mut *lock(&self.place) {
            Place::Memory => {}
            Place::File(storage) => {
                write(storage, state, self.clock.state()).map_err(|error| {
                    tracing::error!(%error, "the state could not be stored");
                    NotStored
                })?;
            }
            Place::Closed => return Err(NotStored),
        }
        state.forget_changes();
        Ok(())
    }

    /// Lets go of the file. A call that still comes in on an open connection is not carried out for
    /// good, and gets a response that says so.
    pub(crate) fn close(&self) {
        let mut place = lock(&self.place);
        if matches!(*place, Place::File(_)) {
            *place = Place::Closed;
        }
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
        drop(self.settled());
    }

    pub(crate) fn stop_clock_at(&self, time: SystemTime) {
        // What was due before a clock that is set back.
        drop(self.settled());
        self.clock.stop_at(time);
        drop(self.settled());
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.settled(), self.clock.state())
    }

    pub(crate) fn load(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        let (restored, clock) = snapshot.restore()?;
        self.replace_state(restored, clock)
            .map_err(|NotStored| Problem::new("snapshot", "could not be stored"))
    }

    /// Puts another state in the place of the one there: in the file first, so that a file which
    /// does not take it leaves everything as it was.
    fn replace_state(&self, mut new: State, clock: clock::Setting) -> Result<(), NotStored> {
        let mut state = lock(&self.state);
        new.records_callbacks = state.records_callbacks;
        self.store(&mut new, |storage, new, _| storage.replace(new, clock))?;
        *state = new;
        self.clock.set(clock);
        Ok(())
    }

    /// State and clock as they were at the start.
    pub(crate) fn reset(&self) -> Result<(), NotStored> {
        let (state, clock) = match &self.at_start {
            Some(snapshot) => snapshot.restore().expect("it was restored at the start"),
            None => (State::new(self.seed), clock::Setting::default()),
        };
        self.replace_state(state, clock)
    }

    /// Whether what callbacks tell is recorded from now on.
    pub(crate) fn record_callbacks(&self, yes: bool) {
        lock(&self.state).records_callbacks = yes;
    }

    /// The correlation ids of the calls that moved money last.
    pub(crate) fn latest_causes(&self, most: usize) -> Vec<CorrelationId> {
        lock(&self.state).ledger.latest_causes(most).collect()
    }

    /// Refuses a gift, as its receiver.
    pub(crate) fn refuse_gift(&self, transfer_id: &str) -> Result<(), Problem> {
        let rule = match self.change(|state, moment| state.refuse_gift(transfer_id, moment)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(NotRefused::NoGift)) => "must be of a gift",
            Ok(Err(NotRefused::NotWaiting)) => "must be of a gift that waits to be accepted",
            Err(NotStored) => "was refused, which could not be stored",
        };
        Err(Problem::new("transferId", rule))
    }

    /// Takes the member's decision, by the id of the window; returns what became of it.
    pub(crate) fn decide_window(&self, id: &str, approve: bool) -> Result<WindowState, Undecided> {
        self.change(|state, moment| {
            let became = |state: &State| state.windows.get(id).map(|window| window.state);
            match became(state) {
                None => Err(Undecided::NoWindow),
                Some(WindowState::Open) => {
                    state.decide(id, approve, moment);
                    became(state).ok_or(Undecided::NoWindow)
                }
                Some(_) => Err(Undecided::Closed),
            }
        })
        .unwrap_or(Err(Undecided::NotStored))
    }

    /// The same, by the address of the window.
    pub(crate) fn decide_window_at(
        &self,
        url: &str,
        approve: bool,
    ) -> Result<WindowState, Problem> {
        let id = url.rsplit('/').next().unwrap_or_default();
        self.decide_window(id, approve)
            .map_err(|why| Problem::new("redirectUrl", why.rule()))
    }

    fn moment(&self) -> Moment {
        Moment::at(self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ledger::{Account, CardId, Kind};

    fn at(file: &Path) -> Platform {
        Platform::new("http://sandbox".to_owned(), 0, Some(file)).unwrap()
    }

    fn spend(platform: &Platform) -> Result<(), NotStored> {
        platform.change(|state, moment| {
            let number = state.next_nr_number(moment);
            let accounts = (Account::Card(CardId(1)), Account::Merchant(0));
            state
                .transfer(moment, Kind::Payment, number, accounts, 500)
                .unwrap();
        })
    }

    #[test]
    fn what_a_file_does_not_take_is_reported_and_stored_later_and_nothing_is_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sandbox.db");
        let platform = at(&file);
        let takes_nothing = |yes: bool| match &*lock(&platform.place) {
            Place::File(storage) => storage.refuse_writes(yes),
            _ => panic!("it is in a file"),
        };
        let snapshot = platform.snapshot();
        spend(&platform).unwrap();

        takes_nothing(true);
        assert_eq!(spend(&platform), Err(NotStored));
        assert_eq!(platform.reset(), Err(NotStored));
        assert!(platform.load(&snapshot).is_err());
        assert_eq!(platform.settled().ledger.count(), 2);
        takes_nothing(false);
        spend(&platform).unwrap();
        let kept = platform.settled().dump();
        platform.close();
        assert_eq!(spend(&platform), Err(NotStored));

        let again = at(&file);
        assert_eq!(again.settled().ledger.count(), 3);
        assert!(again.settled().dump() == kept);
        again.reset().unwrap();
        again.close();
        assert!(at(&file).snapshot() == snapshot);
    }
}
