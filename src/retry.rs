//! Sending a call again: when, how often, and after what pause.
//!
//! What may be repeated follows from the operation's effect and from what is certain about the call
//! that failed, never from a guess:
//!
//! | effect | default | can be asked for | is sent again after |
//! |---|---|---|---|
//! | [`Reads`](crate::Effect::Reads) | off | `retry` on the call, [`ClientBuilder::retry_reads`](crate::ClientBuilder::retry_reads) | a fault that may pass |
//! | [`Changes`](crate::Effect::Changes) | off | `retry_unsent` on the call | [`Delivery::NotSent`] for want of a connection |
//! | [`MovesMoney`](crate::Effect::MovesMoney) | off | not available | never |
//!
//! A call that moves money has no method for it, whatever the policy:
//!
//! ```compile_fail
//! # fn example(client: &konaplate::Client) {
//! client.recharge_from_bank_account().retry(konaplate::RetryPolicy::new());
//! # }
//! ```
//!
//! Each attempt is a call of its own, with its own timestamp, correlation id, encryption and
//! signature; `exchange` makes one, this module decides about the next.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use tokio::time::Instant;
use tracing::Span;

use crate::ErrorCode;
use crate::error::{Delivery, Error, ErrorKind};
use crate::exchange::{Answer, Core, Plan};
use crate::operation::Effect;

/// The most attempts that a policy may ask for.
const MOST_ATTEMPTS: u32 = 100;
/// The longest time that a policy may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How often, and for how long, a call is sent again.
///
/// Before the second attempt there is a random pause between nothing and `base`; before each further
/// one its upper end is twice as long, up to `cap`. Where the platform's answer has a `Retry-After`,
/// the pause is at least that long. No attempt is made after the deadline: if a pause would pass
/// it, the last error is returned at once.
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
/// A correlation id in the options of a call goes with its first attempt; each further attempt has a
/// fresh one, since an id names one call. [`Error::correlation_id`] is that of the last attempt, and
/// each failed attempt is in the log with its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a call or a client"]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// Three attempts, a base of 200 milliseconds, a cap of 5 seconds, a deadline of 30 seconds. The
    /// vendor documents neither a rate limit nor a pause; these numbers are ours.
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
    /// since its answer is worth more than its punctuality.
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
    fn pause(&self, attempts: u32, after: Option<Duration>, left: Duration) -> Option<Duration> {
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

/// A random duration from nothing to this one: full jitter, which keeps clients that failed together
/// from coming back together.
fn random_up_to(ceiling: Duration) -> Duration {
    let mut random = [0_u8; 8];
    // Without randomness the whole pause is still a good one.
    if rand::fill(&mut random).is_err() {
        return ceiling;
    }
    let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(u64::from_le_bytes(random) % nanos.saturating_add(1))
}

/// A policy, and what it is to be used for.
#[derive(Debug, Clone, Copy)]
struct Retries {
    policy: RetryPolicy,
    reads: bool,
}

impl Plan {
    /// Whether and how this call may be sent again. The builders offer no more than is decided here;
    /// here it is decided.
    fn retries(&self, of_client: Option<RetryPolicy>) -> Option<Retries> {
        let (policy, reads) = match self.operation?.effect {
            Effect::Reads => (self.retry.or(of_client)?, true),
            Effect::Changes => (self.retry?, false),
            Effect::MovesMoney => return None,
        };
        Some(Retries { policy, reads })
    }
}

impl Retries {
    /// Whether to send a call again that failed so.
    fn covers(&self, error: &Error) -> bool {
        match error.kind() {
            // Nothing left this machine.
            ErrorKind::Connect => error.delivery() == Delivery::NotSent || self.reads,
            ErrorKind::Timeout | ErrorKind::Transport => self.reads,
            ErrorKind::Code | ErrorKind::UnexpectedAnswer => {
                self.reads && is_passing_status(error) && !is_documented(error)
            }
            _ => false,
        }
    }
}

/// Trouble on the other side, or too many calls.
fn is_passing_status(error: &Error) -> bool {
    error
        .http_status()
        .is_some_and(|status| status >= 500 || status == 429)
}

/// A documented code is the platform's considered answer: it would be the same again.
fn is_documented(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)))
}

impl Core {
    /// Sends a call until it is answered, or until its policy or its effect forbids another attempt.
    pub(crate) async fn call(
        &self,
        plan: &Plan,
        mut request: reqwest::Request,
        span: &Span,
    ) -> Result<Answer, Error> {
        if let Some(policy) = &plan.retry {
            policy
                .check("retry")
                .map_err(|error| error.with_operation(plan.name()))?;
        }
        let Some(retries) = plan.retries(self.retry_reads) else {
            return self.exchange(plan, request, 1, span).await;
        };
        let policy = retries.policy;
        let started = Instant::now();
        let left = || policy.deadline.saturating_sub(started.elapsed());
        let mut attempt = 1;
        loop {
            // The body is in memory: this counts a reference.
            let again = request.try_clone();
            if retries.reads {
                *request.timeout_mut() = Some(left().min(self.timeout));
            }
            let error = match self.exchange(plan, request, attempt, span).await {
                Err(error) if retries.covers(&error) => error,
                result => return result,
            };
            let pause = policy.pause(attempt, error.retry_after(), left());
            let (Some(pause), Some(again)) = (pause, again) else {
                return Err(error);
            };
            tracing::debug!(
                attempt,
                pause_ms = pause.as_millis(),
                "sent again after a pause"
            );
            tokio::time::sleep(pause).await;
            request = again;
            attempt += 1;
        }
    }
}

/// What an answer's `Retry-After` asks for: a number of seconds, or a date in one of the three forms
/// of HTTP. A date that is over is no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than fit are more than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = http_date(text)?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// RFC 9110, section 5.6.7: one form that is written today, and two that are read.
fn http_date(text: &str) -> Option<SystemTime> {
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp().into());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .into_iter()
        .find_map(|form| jiff::civil::DateTime::strptime(form, text).ok())
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// 2026-03-15T01:45:12Z
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112)
    }

    fn asked(value: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, http::HeaderValue::from_static(value));
        retry_after(&headers, now())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_any_of_its_forms() {
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked(" 120 "), Some(120 * SECOND));
        assert_eq!(asked("Sun, 15 Mar 2026 01:46:12 GMT"), Some(60 * SECOND));
        assert_eq!(asked("Sunday, 15-Mar-26 01:46:12 GMT"), Some(60 * SECOND));
        assert_eq!(asked("Sun Mar 15 01:46:12 2026"), Some(60 * SECOND));
        assert_eq!(
            asked("Wed Apr  1 01:45:12 2026"),
            Some(17 * 86_400 * SECOND)
        );
        assert_eq!(asked("Sun, 15 Mar 2026 01:44:12 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn a_retry_after_that_cannot_be_read_is_none_and_a_huge_one_is_long() {
        for value in [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 32 Mar 2026 01:46:12 GMT",
            "2026-03-15",
        ] {
            assert_eq!(asked(value), None, "{value}");
        }
        assert_eq!(
            asked("99999999999999999999999"),
            Some(Duration::from_secs(u64::MAX))
        );
        assert_eq!(retry_after(&HeaderMap::new(), now()), None);
    }

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

    #[test]
    fn no_policy_makes_a_call_that_moves_money_repeatable() {
        let policy = Some(RetryPolicy::new());
        for operation in crate::Operation::all() {
            let mut plan = Plan::of(operation);
            let by_default = plan.retries(policy);
            assert_eq!(by_default.is_some(), operation.effect() == Effect::Reads);
            plan.retry = policy;
            let asked_for = plan.retries(policy);
            assert_eq!(
                asked_for.is_none(),
                operation.effect() == Effect::MovesMoney
            );
            if let Some(retries) = asked_for {
                assert_eq!(retries.reads, operation.effect() == Effect::Reads);
            }
        }
    }
}
