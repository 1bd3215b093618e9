//! Times in the database: milliseconds since 1970-01-01T00:00:00Z.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) fn millis(time: SystemTime) -> i64 {
    duration(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(crate) fn duration(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

pub(crate) fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
