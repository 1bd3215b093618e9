//! When an open entry is settled, and how.

use std::time::Duration;

use crate::Error;

/// When an open entry is settled, and how long is waited. Times are by the journal's clock.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecoverPolicy {
    /// How old an entry has to be. 60 seconds. An entry whose call did not come back is left alone
    /// for as long as the call may be under way, whatever this says: its client's time limit and a
    /// quarter more.
    pub min_age: Duration,
    /// How old an entry has to be before "no such transaction" makes it a person's. It is no proof
    /// that nothing was carried out: the request may still be on its way. One hour; the vendor
    /// documents no limit.
    pub not_found_after: Duration,
    /// How old an entry that awaits the member has to be before it becomes a person's: until then a
    /// payment window may still be open, or a barcode good. One hour; the vendor documents for
    /// neither how long it lasts, and for the one-time token of a credit-card recharge, in whose
    /// life the recharge must be finished, 5 minutes.
    pub window_closed_after: Duration,
    /// How long one entry is kept from others who recover. 60 seconds; more than one inquiry takes.
    pub claim: Duration,
    /// How many entries are asked about at once: 1 to 64. 8.
    pub at_once: usize,
    /// The pause after an entry was asked about in vain: this at first, doubled each time, up to
    /// [`longest_pause`](Self::longest_pause). 10 seconds.
    pub pause: Duration,
    /// The longest such pause. 10 minutes.
    pub longest_pause: Duration,
    /// After how many calls in a row to which the platform did not respond the recovery stops: 1 or
    /// more. 5.
    pub give_up_after: u32,
    /// Whether payments that are open are taken back, where their caller asked for a
    /// [durable cancellation](konaplate::OutcomePolicy::durable_cancellation). No.
    ///
    /// Only entries are concerned whose success was never handed out. The cancellation is what the
    /// caller left, sent until it succeeds.
    pub send_cancellations: bool,
    /// How often a cancellation is sent in vain before the payment becomes a person's. 20.
    pub cancellations: u32,
}

impl Default for RecoverPolicy {
    fn default() -> Self {
        Self {
            min_age: Duration::from_secs(60),
            not_found_after: Duration::from_secs(3600),
            window_closed_after: Duration::from_secs(3600),
            claim: Duration::from_secs(60),
            at_once: 8,
            pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(600),
            give_up_after: 5,
            send_cancellations: false,
            cancellations: 20,
        }
    }
}

impl RecoverPolicy {
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |rule| Err(Error::new("recovered", rule));
        if !(1..=64).contains(&self.at_once) {
            return wrong("at_once must be 1 to 64");
        }
        if self.give_up_after == 0 {
            return wrong("give_up_after must be at least 1");
        }
        if self.longest_pause < self.pause {
            return wrong("longest_pause must not be shorter than pause");
        }
        Ok(())
    }

    /// The pause after an entry was asked about so often.
    pub(super) fn pause_after(&self, asked: i64) -> Duration {
        let doubled = u32::try_from(asked.clamp(0, 20)).unwrap_or(0);
        self.pause
            .saturating_mul(2_u32.pow(doubled))
            .min(self.longest_pause)
    }
}
