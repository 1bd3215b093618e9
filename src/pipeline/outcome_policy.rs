//! How often, and for how long, an outcome is asked for.

use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// The longest time that a policy may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How often, and for how long, the outcome of a call is asked for, or its cancellation sent.
///
/// ```
/// use std::time::Duration;
/// use konaplate::{CallOptions, OutcomePolicy};
///
/// let policy = OutcomePolicy::new().deadline(Duration::from_secs(10));
/// let options = CallOptions::new().outcome(policy);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a call"]
pub struct OutcomePolicy {
    pub(crate) interval: Duration,
    pub(crate) deadline: Duration,
    pub(crate) durable_cancellation: bool,
}

impl Default for OutcomePolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl OutcomePolicy {
    /// Every 2 seconds, for 60 seconds. The vendor names no interval; a public integration asks
    /// every 2 seconds. The platform itself asks the payment gateway every 5 minutes on the day of
    /// the request, so what is pending after a minute is best asked for later.
    pub const fn new() -> Self {
        Self {
            interval: Duration::from_secs(2),
            deadline: Duration::from_secs(60),
            durable_cancellation: false,
        }
    }

    /// The pause between two inquiries or cancellations, 1 millisecond to 24 hours. A response with
    /// `Retry-After` can make it longer.
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to go on, from the interval to 24 hours, counted from the end of the call itself.
    /// Nothing is sent after it. What is under way then is waited for, up to the time limit of a
    /// call: its response may be the outcome.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Has the client's [journal](crate::journal) keep the network cancellation with the payment,
    /// so that a recovery can take the payment back after a crash, if its policy says so. Default:
    /// no.
    ///
    /// The body of the cancellation is stored as it is: give it no field that is sensitive. A
    /// success of such a payment is handed out only once it is in the journal; until then its
    /// outcome is unknown, and it is cancelled. Without a journal the payment is an error before
    /// anything is sent.
    pub const fn durable_cancellation(mut self, durable: bool) -> Self {
        self.durable_cancellation = durable;
        self
    }

    /// An error that names the setting which breaks its rule.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |field: &'static str, rule: &str| {
            Err(Error::rule(ErrorKind::Configuration, field, rule))
        };
        if !(Duration::from_millis(1)..=LONGEST).contains(&self.interval) {
            return wrong("outcome.interval", "must be 1 millisecond to 24 hours");
        }
        if !(self.interval..=LONGEST).contains(&self.deadline) {
            return wrong("outcome.deadline", "must be from the interval to 24 hours");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_makes_no_sense_is_refused_by_name() {
        let policy = OutcomePolicy::new();
        let (zero, second) = (Duration::ZERO, Duration::from_secs(1));
        for (policy, field) in [
            (policy.interval(zero), "outcome.interval"),
            (policy.interval(LONGEST + second), "outcome.interval"),
            (policy.deadline(second), "outcome.deadline"),
            (policy.deadline(LONGEST + second), "outcome.deadline"),
        ] {
            assert_eq!(policy.check().unwrap_err().field(), Some(field));
        }
        policy.check().unwrap();
    }
}
