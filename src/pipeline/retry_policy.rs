//! How often, and for how long, a call is sent again.

use std::time::Duration;

use aws_lc_rs::rand;

use crate::error::{Error, ErrorKind};

/// The most attempts that a policy may ask for.
const MOST_ATTEMPTS: u32 = 100;
/// The longest time that a policy may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How often, and for how long, a call is sent again.
///
/// What may be repeated follows from the operation's effect and from what is certain about the call
/// that failed, never from a guess:
///
/// | effect | default | can be asked for | is sent again after |
/// |---|---|---|---|
/// | [`Reads`](crate::Effect::Reads) | off | `retry` on the call, [`ClientBuilder::retry_reads`](crate::ClientBuilder::retry_reads) | a fault that may pass |
/// | [`Changes`](crate::Effect::Changes) | off | `retry_unsent` on the call | [`Delivery::NotSent`](crate::Delivery::NotSent) for want of a connection |
/// | [`MovesMoney`](crate::Effect::MovesMoney) | off | not available | never |
///
/// What an operation's effect does not allow has no method. These compile:
///
/// ```no_run
/// # fn example(client: &konaplate::Client, policy: konaplate::RetryPolicy) {
/// let _ = client.get_bank_recharge_result().retry(policy);
/// let _ = client.deregister_auto_recharge().retry_unsent(policy);
/// let _ = client.recharge_from_bank_account();
/// # }
/// ```
///
/// and these do not, since they move money or change something:
///
/// ```compile_fail,E0599
/// # fn example(client: &konaplate::Client, policy: konaplate::RetryPolicy) {
/// let _ = client.recharge_from_bank_account().retry(policy);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn example(client: &konaplate::Client, policy: konaplate::RetryPolicy) {
/// let _ = client.recharge_from_bank_account().retry_unsent(policy);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn example(client: &konaplate::Client, policy: konaplate::RetryPolicy) {
/// let _ = client.deregister_auto_recharge().retry(policy);
/// # }
/// ```
///
/// Before the second attempt there is a random pause between nothing and `base`; before each
/// further one its upper end is twice as long, up to `cap`. Where the platform's response has a
/// `Retry-After`, the pause is at least that long. No attempt is made after the deadline: if a
/// pause would pass it, the last error is returned at once.
///
/// ```
/// use std::time::Duration;
/// use konaplate::RetryPolicy;
///
/// let patient = RetryPolicy::new()
///     .attempts(5)
///     .base(Duration::from_millis(100))
///     .deadline(Duration::from_secs(10));
/// ```
///
/// A correlation id in the options of a call goes with its first attempt; each further attempt has
/// a fresh one, since an id names one call. [`Error::correlation_id`] is that of the last attempt,
/// and each failed attempt is in the log with its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a call or a client"]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    pub(super) deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// Three attempts, a base of 200 milliseconds, a cap of 5 seconds, a deadline of 30 seconds.
    /// The vendor documents neither a rate limit nor a pause; these numbers are ours.
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            deadline: Duration::from_secs(30),
        }
    }

    /// One attempt and no more: for a call of a client that has
    /// [`retry_reads`](crate::ClientBuilder::retry_reads).
    pub const fn never() -> Self {
        Self {
            attempts: 1,
            deadline: LONGEST,
            ..Self::new()
        }
    }

    /// How many attempts are made at most, the first one included: 1 to 100.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The longest pause before the second attempt, 1 millisecond or more.
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The longest pause before any attempt, unless the platform asks for more with `Retry-After`;
    /// at least the base.
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// How long all attempts and pauses may take together, 1 millisecond to 24 hours. A call that
    /// reads is given up when it is reached; one that changes something is never cut short for it,
    /// since its response is worth more than its punctuality.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// An error that names the setting which breaks its rule, by the name of the policy.
    pub(crate) fn check(&self, name: &str) -> Result<(), Error> {
        let wrong = |setting: &str, rule: &str| {
            let field = format!("{name}.{setting}");
            Err(Error::rule(ErrorKind::Configuration, field, rule))
        };
        if !(1..=MOST_ATTEMPTS).contains(&self.attempts) {
            return wrong("attempts", "must be 1 to 100");
        }
        if self.base < Duration::from_millis(1) {
            return wrong("base", "must be 1 millisecond or more");
        }
        if self.cap < self.base {
            return wrong("cap", "must not be less than the base");
        }
        if !(Duration::from_millis(1)..=LONGEST).contains(&self.deadline) {
            return wrong("deadline", "must be 1 millisecond to 24 hours");
        }
        Ok(())
    }

    /// How long to pause after a failed attempt; none where there is no further one.
    pub(super) fn pause(
        &self,
        attempts: u32,
        after: Option<Duration>,
        left: Duration,
    ) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let pause = random_up_to(self.ceiling(attempts)).max(after.unwrap_or_default());
        (pause < left).then_some(pause)
    }

    /// The longest pause after that many attempts, if the platform asks for none.
    fn ceiling(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempts.saturating_sub(1));
        doubled
            .and_then(|factor| self.base.checked_mul(factor))
            .map_or(self.cap, |pause| pause.min(self.cap))
    }
}

/// A random duration from nothing to this one: full jitter, which keeps clients that failed
/// together from coming back together.
fn random_up_to(ceiling: Duration) -> Duration {
    let mut random = [0_u8; 8];
    // Without randomness the whole pause is still a good one.
    if rand::fill(&mut random).is_err() {
        return ceiling;
    }
    let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(u64::from_le_bytes(random) % nanos.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Delivery;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_double_from_the_base_to_the_cap() {
        let policy = RetryPolicy::new()
            .attempts(100)
            .base(Duration::from_millis(100))
            .cap(Duration::from_millis(450));
        let millis = |attempts| policy.ceiling(attempts).as_millis();
        assert_eq!([1, 2, 3, 4, 5].map(millis), [100, 200, 400, 450, 450]);
        assert_eq!(millis(99), 450);
        let long = policy.cap(LONGEST).base(LONGEST);
        assert_eq!(long.ceiling(40), LONGEST);
    }

    #[test]
    fn a_pause_is_random_and_never_over_its_ceiling() {
        let pauses: Vec<_> = (0..1_000).map(|_| random_up_to(SECOND)).collect();
        assert!(pauses.iter().all(|pause| *pause <= SECOND));
        assert!(pauses.iter().any(|pause| *pause < SECOND / 4));
        assert!(pauses.iter().any(|pause| *pause > SECOND * 3 / 4));
        assert_eq!(random_up_to(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn a_pause_is_as_long_as_the_platform_asks_and_ends_before_the_deadline() {
        let policy = RetryPolicy::new()
            .attempts(2)
            .base(Duration::from_millis(1));
        let asked = Some(3 * SECOND);
        assert_eq!(policy.pause(1, asked, 4 * SECOND), asked);
        assert_eq!(policy.pause(1, asked, 3 * SECOND), None);
        assert_eq!(policy.pause(1, Some(Duration::MAX), LONGEST), None);
        assert_eq!(policy.pause(1, None, Duration::ZERO), None);
        assert_eq!(policy.pause(2, None, LONGEST), None);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused_by_name() {
        let policy = RetryPolicy::new();
        let zero = Duration::ZERO;
        for (policy, field) in [
            (policy.attempts(0), "retry.attempts"),
            (policy.attempts(101), "retry.attempts"),
            (policy.base(zero), "retry.base"),
            (policy.cap(Duration::from_millis(199)), "retry.cap"),
            (policy.deadline(zero), "retry.deadline"),
            (policy.deadline(LONGEST + SECOND), "retry.deadline"),
        ] {
            let error = policy.check("retry").unwrap_err();
            assert_eq!(error.field(), Some(field));
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
        policy.check("retry").unwrap();
        RetryPolicy::never().check("retry").unwrap();
    }
}
