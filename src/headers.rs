//! The seven `X-KM-*` headers: their names, the correlation id, and the timestamps.
//!
//! Nothing is signed or sent here. See [`crate::signing`] for the token.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use aws_lc_rs::rand;
use http::HeaderName;

use crate::scalar::Violation;

/// Header that names the service provider: 15 characters.
pub const ASP_ID: HeaderName = HeaderName::from_static("x-km-user-aspid");
/// Header that names the call: see [`CorrelationId`].
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-km-correlation-id");
/// Header with the project's access key: 40 characters.
pub const ACCESS_KEY: HeaderName = HeaderName::from_static("x-km-access-key");
/// Header that names the key pair for encryption: 32 characters.
pub const CRYPTO_KEY_ID: HeaderName = HeaderName::from_static("x-km-crypto-key-id");
/// Header with the signature: see [`crate::signing::TranToken`].
pub const TRAN_TOKEN: HeaderName = HeaderName::from_static("x-km-tran-token");
/// Header with the time of the call: `yyyyMMddHHmmss`.
pub const TRAN_TIME: HeaderName = HeaderName::from_static("x-km-tran-time");
/// Header with the zone of the timestamps: see [`TimeZone`].
pub const TIME_ZONE: HeaderName = HeaderName::from_static("x-km-time-zone");

/// The zone that timestamps are written in, and that `X-KM-Time-Zone` names.
///
/// Every integration that was seen sends KST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TimeZone {
    /// Korea Standard Time, UTC+9 all year.
    #[default]
    Kst,
    /// Coordinated Universal Time.
    Utc,
}

impl TimeZone {
    /// The name in the header, three letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kst => "KST",
            Self::Utc => "UTC",
        }
    }

    fn offset(self) -> jiff::tz::TimeZone {
        match self {
            Self::Kst => jiff::tz::TimeZone::fixed(jiff::tz::offset(9)),
            Self::Utc => jiff::tz::TimeZone::UTC,
        }
    }
}

impl FromStr for TimeZone {
    type Err = Violation;

    fn from_str(name: &str) -> Result<Self, Violation> {
        match name {
            "KST" => Ok(Self::Kst),
            "UTC" => Ok(Self::Utc),
            _ => Err(Violation::new("must be KST or UTC")),
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One instant, written as the headers want it: 17 digits, `yyyyMMddHHmmssSSS`.
///
/// The token carries all 17, `X-KM-Tran-Time` the first 14, and a correlation id the third to the
/// fourteenth, so that the three can never disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp([u8; 17]);

impl Timestamp {
    /// Writes an instant down in a zone. Instants before 1970 or after 9999 become the nearest that
    /// can be written.
    #[must_use]
    pub fn new(at: SystemTime, zone: TimeZone) -> Self {
        let since_epoch = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let instant = i64::try_from(since_epoch.as_millis())
            .ok()
            .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
            .unwrap_or(jiff::Timestamp::MAX);
        let text = zone
            .offset()
            .to_datetime(instant)
            .strftime("%Y%m%d%H%M%S%3f")
            .to_string();
        // From 1970 to 9999 that is always 17 digits.
        text.parse().unwrap_or(Self([b'0'; 17]))
    }

    /// All 17 digits, as the token has them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        digits(&self.0)
    }

    /// The first 14 digits, `yyyyMMddHHmmss`, as `X-KM-Tran-Time` has them.
    #[must_use]
    pub fn tran_time(&self) -> &str {
        digits(&self.0[..14])
    }

    /// Whether the digits are a date and a time that exist, and what instant they are in that zone.
    #[must_use]
    pub fn instant(&self, zone: TimeZone) -> Option<SystemTime> {
        let part = |from: usize, to: usize| digits(&self.0[from..to]).parse::<i16>().ok();
        let small = |from, to| part(from, to).and_then(|value| i8::try_from(value).ok());
        let civil = jiff::civil::DateTime::new(
            part(0, 4)?,
            small(4, 6)?,
            small(6, 8)?,
            small(8, 10)?,
            small(10, 12)?,
            small(12, 14)?,
            i32::from(part(14, 17)?) * 1_000_000,
        )
        .ok()?;
        Some(civil.to_zoned(zone.offset()).ok()?.timestamp().into())
    }
}

impl FromStr for Timestamp {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        <[u8; 17]>::try_from(text.as_bytes())
            .ok()
            .filter(|bytes| bytes.iter().all(u8::is_ascii_digit))
            .map(Self)
            .ok_or_else(|| Violation::new("must be 17 digits, yyyyMMddHHmmssSSS"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

fn digits(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The id of one call: `yyMMddHHmmss-` and seven lower-case hex digits, 20 characters.
///
/// A client makes a fresh one for each call. Make one yourself to have written it down before the
/// call is sent, and hand it over with [`CallOptions::correlation_id`](crate::CallOptions::correlation_id).
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
        id[..12].copy_from_slice(&timestamp.0[2..14]);
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
        digits(&self.0)
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

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn one_instant_in_two_zones() {
        // 2026-03-15T01:45:12.345Z
        let instant = at(1_773_539_112_345);
        let kst = Timestamp::new(instant, TimeZone::Kst);
        assert_eq!(kst.as_str(), "20260315104512345");
        assert_eq!(kst.tran_time(), "20260315104512");
        let utc = Timestamp::new(instant, TimeZone::Utc);
        assert_eq!(utc.as_str(), "20260315014512345");
        assert_eq!(kst.instant(TimeZone::Kst), Some(instant));
        assert_eq!(utc.instant(TimeZone::Utc), Some(instant));
        assert_ne!(kst.instant(TimeZone::Utc), Some(instant));
    }

    #[test]
    fn the_year_turns_at_korean_midnight() {
        // 2026-12-31T15:00:00Z is the first instant of 2027 in Korea.
        let turn = 1_798_729_200_000;
        assert_eq!(
            Timestamp::new(at(turn), TimeZone::Kst).as_str(),
            "20270101000000000"
        );
        assert_eq!(
            Timestamp::new(at(turn - 1), TimeZone::Kst).as_str(),
            "20261231235959999"
        );
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(
            Timestamp::new(before, TimeZone::Utc).as_str(),
            "19700101000000000"
        );
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        assert_eq!(&Timestamp::new(late, TimeZone::Kst).as_str()[..4], "9999");
    }

    #[test]
    fn digits_that_are_no_date_have_no_instant() {
        for text in [
            "20261301000000000",
            "20260230000000000",
            "20260101250000000",
        ] {
            let stamp: Timestamp = text.parse().unwrap();
            assert_eq!(stamp.instant(TimeZone::Kst), None, "{text}");
        }
        assert!("2026010100000000".parse::<Timestamp>().is_err());
        assert!("2026010100000000x".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_million_ids_of_one_millisecond_are_all_different() {
        let stamp = Timestamp::new(at(1_773_539_112_345), TimeZone::Kst);
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
