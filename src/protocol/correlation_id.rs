//! The correlation id: which call it is.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use aws_lc_rs::rand;

use super::timestamp::{TimeZone, Timestamp};
use crate::value::Violation;

/// The id of one call: `yyMMddHHmmss-` and seven lower-case hex digits, 20 characters.
///
/// A client makes a fresh one for each call. Make one yourself to have written it down before the
/// call is sent, and hand it over with
/// [`CallOptions::correlation_id`](crate::CallOptions::correlation_id).
///
/// ```
/// use konaplate::{CorrelationId, TimeZone};
///
/// let id = CorrelationId::fresh(TimeZone::Kst);
/// assert_eq!(id.as_str().len(), 20);
///
/// let error = "26031510451234-0a1b2c".parse::<CorrelationId>().unwrap_err();
/// assert_eq!(error.to_string(), "must be 12 digits, a hyphen and 7 lower-case hex digits");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationId([u8; 20]);

impl CorrelationId {
    /// A new id for a call that is made now.
    #[must_use]
    pub fn fresh(zone: TimeZone) -> Self {
        Self::at(&Timestamp::new(SystemTime::now(), zone))
    }

    /// Draws the randomness that ids start from. The first use of the random source takes tens of
    /// milliseconds, which should not be the first call's.
    pub(crate) fn prepare() {
        seed();
    }

    /// A new id for a call at that time.
    pub(crate) fn at(timestamp: &Timestamp) -> Self {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        let mut id = [b'-'; 20];
        id[..12].copy_from_slice(&timestamp.as_str().as_bytes()[2..14]);
        let mut number = next_number();
        for digit in id[13..].iter_mut().rev() {
            *digit = HEX[(number & 0xf) as usize];
            number >>= 4;
        }
        Self(id)
    }

    /// The 20 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The next of 2^28 numbers; none comes twice before all have come once.
///
/// A counter times an odd number, from a random start: two calls of this process in the same second
/// never share an id, and two processes rarely do.
fn next_number() -> u32 {
    const MASK: u32 = 0x0fff_ffff;
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let (start, step) = seed();
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    start.wrapping_add(call.wrapping_mul(step)) & MASK
}

/// Start and step of the numbers, drawn once for the process.
fn seed() -> (u32, u32) {
    static SEED: OnceLock<(u32, u32)> = OnceLock::new();
    *SEED.get_or_init(|| {
        let mut random = [0_u8; 8];
        if rand::fill(&mut random).is_err() {
            // Without randomness the ids are still unique within the process.
            random = u64::from(std::process::id()).to_le_bytes();
        }
        let [a, b, c, d, e, f, g, h] = random;
        (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]) | 1,
        )
    })
}

impl FromStr for CorrelationId {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        <[u8; 20]>::try_from(text.as_bytes())
            .ok()
            .filter(|id| {
                let (time, tail) = id.split_at(12);
                time.iter().all(u8::is_ascii_digit)
                    && tail[0] == b'-'
                    && tail[1..]
                        .iter()
                        .all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
            })
            .map(Self)
            .ok_or_else(|| {
                Violation::new("must be 12 digits, a hyphen and 7 lower-case hex digits")
            })
    }
}

impl TryFrom<&str> for CorrelationId {
    type Error = Violation;

    fn try_from(text: &str) -> Result<Self, Violation> {
        text.parse()
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_million_ids_of_one_millisecond_are_all_different() {
        let stamp = Timestamp::new(
            SystemTime::UNIX_EPOCH + Duration::from_millis(1_773_539_112_345),
            TimeZone::Kst,
        );
        let ids: Vec<CorrelationId> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..250_000).map(|_| CorrelationId::at(&stamp)).collect()))
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| -> Vec<CorrelationId> { worker.join().unwrap() })
                .collect()
        });
        let different: HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), 1_000_000);
        let id = ids[0];
        assert!(id.as_str().starts_with("260315104512-"));
        assert_eq!(id.as_str().parse::<CorrelationId>().unwrap(), id);
    }

    #[test]
    fn an_id_of_another_form_is_refused() {
        for text in [
            "",
            "260315104512-0a1b2c",
            "260315104512-0a1b2c3d",
            "260315104512-0A1B2C3",
            "260315104512_0a1b2c3",
            "26031510451x-0a1b2c3",
            "260315104512-0a1b2g3",
            "20260315104512123-0a1",
        ] {
            assert!(text.parse::<CorrelationId>().is_err(), "{text}");
        }
    }
}
