//! The default replay store: a bounded memory, shared by threads.
//!
//! A callback is known by what it says (its fingerprint), because that is all that its signature
//! covers: a copy with another time and another correlation id is still a copy. A correlation id
//! that comes again with something else is reported, too.

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::replay::{CallbackClaim, Claimed, ReplayFuture, ReplayStore};
use crate::protocol::CorrelationId;

/// Callbacks of this process.
#[derive(Debug)]
pub(super) struct MemoryStore {
    entries: Mutex<Entries>,
    /// Most entries that are kept; the oldest goes first.
    capacity: usize,
}

#[derive(Debug, Default)]
struct Entries {
    /// By the order in which they came.
    by_number: BTreeMap<u64, Entry>,
    by_fingerprint: HashMap<String, u64>,
    by_id: HashMap<CorrelationId, u64>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    /// The last one.
    claim: CallbackClaim,
    /// When the first one came.
    first: SystemTime,
    handled: bool,
}

impl MemoryStore {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: Mutex::default(),
            capacity,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // No step in between leaves the maps contradicting each other in a way that could panic.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReplayStore for MemoryStore {
    fn claim(&self, claim: CallbackClaim) -> ReplayFuture<'_, Claimed> {
        Box::pin(ready(Ok(self.lock().claim(claim, self.capacity))))
    }

    fn handled(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        if let Some(entry) = self.lock().held_by(&claim) {
            entry.handled = true;
        }
        Box::pin(ready(Ok(())))
    }

    fn release(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        let mut entries = self.lock();
        let Some(entry) = entries.held_by(&claim).filter(|entry| !entry.handled) else {
            return Box::pin(ready(Ok(())));
        };
        if entry.first < entry.claim.came_at {
            // A repeat was handled before, and stays so.
            entry.handled = true;
            entry.claim.came_at = entry.first;
        } else if let Some(number) = entries.by_fingerprint.get(&claim.fingerprint).copied() {
            entries.forget(number);
        }
        drop(entries);
        Box::pin(ready(Ok(())))
    }
}

impl Entries {
    fn claim(&mut self, claim: CallbackClaim, capacity: usize) -> Claimed {
        self.forget_until(claim.came_at);
        let known = self.by_fingerprint.get(&claim.fingerprint);
        if let Some(entry) = known.and_then(|number| self.by_number.get_mut(number)) {
            if !entry.handled {
                return Claimed::InProgress;
            }
            if entry.claim.came_at >= claim.repeats_after {
                return Claimed::Replayed;
            }
            let first = entry.first;
            entry.claim = CallbackClaim {
                // By the first one it is known.
                correlation_id: entry.claim.correlation_id,
                ..claim
            };
            entry.handled = false;
            return Claimed::Repeat { first };
        }
        if self.by_id.contains_key(&claim.correlation_id) {
            return Claimed::ReusedCorrelationId;
        }
        while self.by_number.len() >= capacity {
            let Some((&oldest, _)) = self.by_number.first_key_value() else {
                break;
            };
            self.forget(oldest);
        }
        let number = self.next;
        self.next += 1;
        self.by_fingerprint
            .insert(claim.fingerprint.clone(), number);
        self.by_id.insert(claim.correlation_id, number);
        let entry = Entry {
            first: claim.came_at,
            claim,
            handled: false,
        };
        self.by_number.insert(number, entry);
        Claimed::New
    }

    /// The entry of this claim, and of no other one of the same callback.
    fn held_by(&mut self, claim: &CallbackClaim) -> Option<&mut Entry> {
        let number = self.by_fingerprint.get(&claim.fingerprint)?;
        self.by_number
            .get_mut(number)
            .filter(|entry| entry.claim.by == claim.by)
    }

    fn forget(&mut self, number: u64) {
        if let Some(Entry { claim, .. }) = self.by_number.remove(&number) {
            self.by_fingerprint.remove(&claim.fingerprint);
            self.by_id.remove(&claim.correlation_id);
        }
    }

    /// Forgets from the oldest on. A clock that was set back keeps entries longer, never shorter.
    fn forget_until(&mut self, now: SystemTime) {
        while let Some((&oldest, entry)) = self.by_number.first_key_value()
            && entry.claim.forget_at < now
        {
            self.forget(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::replay::Held;
    use super::*;

    const KEEP: Duration = Duration::from_secs(600);

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn claim(fingerprint: &str, id: usize, now: SystemTime) -> CallbackClaim {
        CallbackClaim {
            fingerprint: fingerprint.to_owned(),
            correlation_id: format!("260315104512-{id:07x}").parse().unwrap(),
            by: format!("{fingerprint} {id}"),
            came_at: now,
            until: now + Duration::from_secs(60),
            scope: String::new(),
            repeats_after: now - KEEP,
            forget_at: now + KEEP,
        }
    }

    async fn taken(store: &Arc<MemoryStore>, claim: CallbackClaim) -> Result<Held, Claimed> {
        match store.claim(claim.clone()).await.unwrap() {
            Claimed::New => Ok(Held::new(Arc::clone(store) as _, claim)),
            known => Err(known),
        }
    }

    #[tokio::test]
    async fn the_memory_is_bounded_and_the_oldest_goes_first() {
        let store = Arc::new(MemoryStore::new(3));
        for number in 0..10 {
            let claim = claim(&number.to_string(), number, at(0));
            taken(&store, claim).await.unwrap().complete().await;
        }
        let entries = store.lock();
        let kept: Vec<&str> = entries
            .by_number
            .values()
            .map(|entry| entry.claim.fingerprint.as_str())
            .collect();
        assert_eq!(kept, ["7", "8", "9"]);
        assert_eq!((entries.by_fingerprint.len(), entries.by_id.len()), (3, 3));
    }

    #[tokio::test]
    async fn an_entry_is_forgotten_after_its_time_and_not_before() {
        let store = Arc::new(MemoryStore::new(3));
        let first = claim("a", 1, at(0));
        taken(&store, first).await.unwrap().complete().await;
        let again = async |now| taken(&store, claim("a", 2, now)).await.map(drop);
        assert_eq!(again(at(600)).await, Err(Claimed::Replayed));
        assert_eq!(again(at(601)).await, Ok(()));
        assert!(
            store.lock().by_id.is_empty(),
            "released when it was dropped"
        );
    }

    #[tokio::test]
    async fn a_claim_on_what_was_pushed_out_touches_nobody_else() {
        let store = Arc::new(MemoryStore::new(1));
        let pushed_out = taken(&store, claim("a", 1, at(0))).await.unwrap();
        let kept = taken(&store, claim("b", 2, at(0))).await.unwrap();
        drop(pushed_out);
        let again = async || taken(&store, claim("b", 3, at(0))).await.map(drop);
        assert_eq!(again().await, Err(Claimed::InProgress));
        kept.complete().await;
        assert_eq!(again().await, Err(Claimed::Replayed));
    }

    #[test]
    fn without_a_runtime_it_is_asked_and_released_all_the_same() {
        let store: Arc<dyn ReplayStore> = Arc::new(MemoryStore::new(1));
        let ask = || {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match store
                .claim(claim("a", 1, at(0)))
                .as_mut()
                .poll(&mut context)
            {
                std::task::Poll::Ready(claimed) => claimed.unwrap(),
                std::task::Poll::Pending => panic!("a memory does not wait"),
            }
        };
        assert_eq!(ask(), Claimed::New);
        drop(Held::new(Arc::clone(&store), claim("a", 1, at(0))));
        assert_eq!(ask(), Claimed::New);
    }
}
