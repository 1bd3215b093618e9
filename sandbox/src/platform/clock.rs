//! The sandbox's time: the system's, moved or stopped.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::lock::lock;

/// The years that stamps and correlation ids with two digits for the year can tell, as seconds.
const YEARS: std::ops::Range<u64> = 946_684_800..4_102_444_800;

/// A clock that client and sandbox share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<Setting>>);

/// How the clock differs from the system's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    stopped_at: Option<SystemTime>,
    ahead: Duration,
}

impl Setting {
    pub(crate) fn now(&self) -> SystemTime {
        self.stopped_at.unwrap_or_else(SystemTime::now) + self.ahead
    }

    /// Whether it shows a time in the years from 2000 to 2099.
    pub(crate) fn is_possible(&self) -> bool {
        self.stopped_at
            .unwrap_or_else(SystemTime::now)
            .checked_add(self.ahead)
            .and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok())
            .is_some_and(|since| YEARS.contains(&since.as_secs()))
    }
}

impl Clock {
    pub(crate) fn now(&self) -> SystemTime {
        self.state().now()
    }

    pub(crate) fn advance(&self, by: Duration) {
        lock(&self.0).ahead += by;
    }

    pub(crate) fn stop_at(&self, time: SystemTime) {
        self.set(Setting {
            stopped_at: Some(time),
            ahead: Duration::ZERO,
        });
    }

    pub(crate) fn state(&self) -> Setting {
        *lock(&self.0)
    }

    pub(crate) fn set(&self, state: Setting) {
        *lock(&self.0) = state;
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state().stopped_at.is_some()
    }
}

/// A time as the control API and the log write it, in milliseconds.
pub(crate) fn rfc3339(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(format!("{time:.3}"))
}
