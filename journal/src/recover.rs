//! Settling what was left open, by asking and never by sending again.

use std::time::{Duration, SystemTime};

use konaplate::{Client, ErrorCode, InquiryResult};
use serde_json::json;

use crate::entry::{Entry, State};
use crate::{Error, Journal};

/// When an open entry is settled, and how long is waited.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecoverPolicy {
    /// How old an entry has to be. A younger one may be a call that is still under way, here or on
    /// another machine. 60 seconds; never less than the time limit of a call.
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
}

impl Default for RecoverPolicy {
    fn default() -> Self {
        Self {
            min_age: Duration::from_secs(60),
            not_found_after: Duration::from_secs(3600),
            window_closed_after: Duration::from_secs(3600),
            claim: Duration::from_secs(60),
        }
    }
}

/// What a recovery did.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Recovery {
    /// Carried out, as it turned out.
    pub completed: Vec<Entry>,
    /// Not carried out, as it turned out.
    pub failed: Vec<Entry>,
    /// Still in progress, or the platform did not respond: recover again later.
    pub still_open: Vec<Entry>,
    /// No operation tells, or the platform knows no such transaction: settle it with KONA by the
    /// correlation id, then [`Journal::settle_by_hand`].
    pub needs_person: Vec<Entry>,
}

/// What the platform says of an entry.
enum Inquired {
    Settled(State, String),
    Later(String),
}

impl Journal {
    /// Settles the open entries that are old enough, one after the other: asks the operation that
    /// tells their outcome, where there is one, and sends nothing again.
    ///
    /// Any number of processes may recover at the same time: each entry is taken by one of them.
    ///
    /// # Errors
    /// The journal cannot be read or written. What was settled before stays settled.
    pub async fn recover(&self, client: &Client, policy: RecoverPolicy) -> Result<Recovery, Error> {
        let me = format!("{:016x}", fastrand::u64(..));
        let started = SystemTime::now();
        let before = |age| started.checked_sub(age).unwrap_or(started);
        let begun_before = before(policy.min_age);
        let window_before = before(policy.min_age.max(policy.window_closed_after));
        let mut recovery = Recovery::default();
        loop {
            let now = SystemTime::now();
            // Free is what nobody had when this recovery began: what it has asked about itself does
            // not come up again, however long it takes.
            let claim = self
                .store()
                .claim(
                    &me,
                    begun_before,
                    window_before,
                    started,
                    now + policy.claim,
                )
                .await?;
            let Some(mut entry) = claim else {
                return Ok(recovery);
            };
            let (state, detail) = match ask(client, &entry, &policy).await {
                Inquired::Settled(state, detail) => (state, detail),
                Inquired::Later(detail) => (State::Open, detail),
            };
            let mine = self
                .store()
                .settle(
                    &entry.correlation_id,
                    &me,
                    state,
                    &detail,
                    SystemTime::now(),
                )
                .await?;
            if !mine {
                // The call itself came back in the meantime, or somebody settled it by hand.
                continue;
            }
            entry.state = state;
            entry.detail = Some(detail);
            match state {
                State::Completed => recovery.completed.push(entry),
                State::Failed => recovery.failed.push(entry),
                State::NeedsPerson => recovery.needs_person.push(entry),
                _ => recovery.still_open.push(entry),
            }
        }
    }
}

/// Asks the operation that tells the outcome of an entry.
async fn ask(client: &Client, entry: &Entry, policy: &RecoverPolicy) -> Inquired {
    if entry.state == State::AwaitingMember {
        return Inquired::Settled(
            State::NeedsPerson,
            "no operation tells whether the member paid".to_owned(),
        );
    }
    let (Some(inquiry), Some(sequence_id)) = (entry.inquiry(), &entry.sequence_id) else {
        return Inquired::Settled(
            State::NeedsPerson,
            "no operation tells the outcome of this one".to_owned(),
        );
    };
    let response = client
        .raw(
            inquiry.operation().id(),
            json!({ inquiry.by(): sequence_id }),
        )
        .send()
        .await;
    match response {
        Ok(response) => {
            let word = response.expose()[inquiry.field()]
                .as_str()
                .unwrap_or_default();
            match inquiry.result(word) {
                InquiryResult::Completed => Inquired::Settled(State::Completed, word.to_owned()),
                InquiryResult::Failed => Inquired::Settled(State::Failed, word.to_owned()),
                InquiryResult::Pending => Inquired::Later(word.to_owned()),
                InquiryResult::Unclear => {
                    Inquired::Later("a result that the description does not know".to_owned())
                }
            }
        }
        Err(error) if error.code() == Some(&ErrorCode::PreviousTransactionNotFound) => {
            let age = SystemTime::now()
                .duration_since(entry.intended_at)
                .unwrap_or_default();
            if age >= policy.not_found_after {
                // No proof: the request may still be on its way.
                Inquired::Settled(
                    State::NeedsPerson,
                    "the platform knows no such transaction".to_owned(),
                )
            } else {
                Inquired::Later("the platform knows no such transaction yet".to_owned())
            }
        }
        Err(error) => Inquired::Later(error.to_string()),
    }
}
