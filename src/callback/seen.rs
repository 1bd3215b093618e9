//! Which callbacks came lately: a bounded memory, shared by threads.
//!
//! A callback is known again by what it says (its fingerprint), because that is all that its
//! signature covers: a copy with another time and another correlation id is still a copy. A correlation
//! id that comes again with something else is told, too.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::error::CallbackErrorKind;
use crate::headers::CorrelationId;

pub(super) type Fingerprint = [u8; 32];

#[derive(Debug)]
pub(super) struct Seen {
    entries: Mutex<Entries>,
    /// Most entries that are kept; the oldest goes first.
    capacity: usize,
    /// How long an entry is kept.
    keep: Duration,
}

#[derive(Debug, Default)]
struct Entries {
    /// By the order in which they came.
    by_number: BTreeMap<u64, Entry>,
    by_fingerprint: HashMap<Fingerprint, u64>,
    by_id: HashMap<CorrelationId, u64>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    id: CorrelationId,
    came: SystemTime,
    handled: bool,
}

impl Seen {
    pub(super) fn new(capacity: usize, keep: Duration) -> Self {
        Self {
            entries: Mutex::default(),
            capacity,
            keep,
        }
    }

    /// Enters a callback as being handled. Of several threads with the same one, one gets it.
    pub(super) fn claim(
        self: &Arc<Self>,
        fingerprint: Fingerprint,
        id: CorrelationId,
        now: SystemTime,
    ) -> Result<Claim, CallbackErrorKind> {
        let mut entries = self.lock();
        entries.forget_older(now, self.keep);
        if let Some(number) = entries.by_fingerprint.get(&fingerprint) {
            return Err(match entries.by_number.get(number) {
                Some(entry) if entry.handled => CallbackErrorKind::Replayed,
                _ => CallbackErrorKind::InProgress,
            });
        }
        if entries.by_id.contains_key(&id) {
            return Err(CallbackErrorKind::ReusedCorrelationId);
        }
        while entries.by_number.len() >= self.capacity {
            let Some((&oldest, _)) = entries.by_number.first_key_value() else {
                break;
            };
            entries.forget(oldest);
        }
        let number = entries.next;
        entries.next += 1;
        entries.by_fingerprint.insert(fingerprint, number);
        entries.by_id.insert(id, number);
        let entry = Entry {
            fingerprint,
            id,
            came: now,
            handled: false,
        };
        entries.by_number.insert(number, entry);
        drop(entries);
        Ok(Claim {
            seen: Arc::clone(self),
            number,
            handled: false,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // No step in between leaves the maps contradicting each other in a way that could panic.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn forget(&mut self, number: u64) {
        if let Some(entry) = self.by_number.remove(&number) {
            self.by_fingerprint.remove(&entry.fingerprint);
            self.by_id.remove(&entry.id);
        }
    }

    /// Forgets from the oldest on. A clock that was set back keeps entries longer, never shorter.
    fn forget_older(&mut self, now: SystemTime, keep: Duration) {
        while let Some((&oldest, entry)) = self.by_number.first_key_value()
            && now
                .duration_since(entry.came)
                .is_ok_and(|passed| passed > keep)
        {
            self.forget(oldest);
        }
    }
}

/// The right to handle a callback. Dropped without [`Claim::handled`], the callback is forgotten.
#[derive(Debug)]
pub(super) struct Claim {
    seen: Arc<Seen>,
    number: u64,
    handled: bool,
}

impl Claim {
    /// Remembers the callback as handled.
    pub(super) fn handled(mut self) {
        self.handled = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut entries = self.seen.lock();
        if self.handled {
            if let Some(entry) = entries.by_number.get_mut(&self.number) {
                entry.handled = true;
            }
        } else {
            entries.forget(self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Duration = Duration::from_secs(600);

    fn id(number: usize) -> CorrelationId {
        format!("260315104512-{number:07x}").parse().unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn the_memory_is_bounded_and_the_oldest_goes_first() {
        let seen = Arc::new(Seen::new(3, KEEP));
        for number in 0..10 {
            let claim = seen.claim([number; 32], id(number.into()), at(0)).unwrap();
            claim.handled();
        }
        let entries = seen.lock();
        let kept: Vec<u8> = entries
            .by_number
            .values()
            .map(|e| e.fingerprint[0])
            .collect();
        assert_eq!(kept, [7, 8, 9]);
        assert_eq!((entries.by_fingerprint.len(), entries.by_id.len()), (3, 3));
    }

    #[test]
    fn an_entry_is_forgotten_after_its_time_and_not_before() {
        let seen = Arc::new(Seen::new(3, KEEP));
        seen.claim([1; 32], id(1), at(0)).unwrap().handled();
        let again = |now| seen.claim([1; 32], id(2), now).map(drop);
        assert_eq!(again(at(600)), Err(CallbackErrorKind::Replayed));
        assert_eq!(again(at(601)), Ok(()));
        assert!(seen.lock().by_id.is_empty());
    }

    #[test]
    fn a_claim_on_what_was_pushed_out_touches_nobody_else() {
        let seen = Arc::new(Seen::new(1, KEEP));
        let pushed_out = seen.claim([1; 32], id(1), at(0)).unwrap();
        let kept = seen.claim([2; 32], id(2), at(0)).unwrap();
        drop(pushed_out);
        let again = |seen: &Arc<Seen>| seen.claim([2; 32], id(3), at(0)).map(drop);
        assert_eq!(again(&seen), Err(CallbackErrorKind::InProgress));
        kept.handled();
        assert_eq!(again(&seen), Err(CallbackErrorKind::Replayed));
    }
}
