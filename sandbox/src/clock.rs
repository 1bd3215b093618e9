//! The sandbox's time: the system's, moved or stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A clock that client and sandbox share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stopped_at: Option<SystemTime>,
    ahead: Duration,
}

impl Clock {
    pub(crate) fn now(&self) -> SystemTime {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.stopped_at.unwrap_or_else(SystemTime::now) + state.ahead
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ahead += by;
    }

    pub(crate) fn stop_at(&self, time: SystemTime) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State {
            stopped_at: Some(time),
            ahead: Duration::ZERO,
        };
    }

    /// Lets the clock show the system's time again.
    pub(crate) fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.stopped_at.is_some()
    }
}
