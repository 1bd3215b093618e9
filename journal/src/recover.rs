//! Settling what was left open: by asking, and never by sending again. Only where the policy says
//! so, a payment is taken back.

mod claim;
mod policy;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use konaplate::{Client, Delivery, ErrorCode, ErrorKind, InquiryResult};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::entry::{Entry, Unreadable};
use crate::evidence::{Source, Standing};
use crate::state::State;
use crate::{Error, Journal};
use claim::Claims;
pub use policy::RecoverPolicy;

/// What a recovery did.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Recovery {
    /// Carried out, as it turned out.
    pub completed: Vec<Entry>,
    /// Not carried out, as it turned out.
    pub failed: Vec<Entry>,
    /// Payments that were taken back.
    pub cancelled: Vec<Entry>,
    /// Still in progress, or the platform did not respond: recover again later.
    pub still_open: Vec<Entry>,
    /// No operation tells, or the platform knows no such transaction: settle it with KONA by the
    /// correlation id, then [`Journal::settle_by_hand`].
    pub needs_person: Vec<Entry>,
    /// Entries that cannot be read, such as those of a newer version. They stay as they are.
    pub unreadable: Vec<Unreadable>,
    /// How many open entries are those of other projects: recover them with their clients.
    pub left_to_other_projects: u64,
    /// Whether it stopped before all were asked about, since the platform did not respond several
    /// times in a row.
    pub is_cut_short: bool,
}

/// What is said of an entry.
enum Asked {
    Settled(Standing, String),
    /// Nothing that settles it.
    Later(String),
}

/// What all the tasks of a recovery share.
#[derive(Debug)]
struct Shared {
    client: Client,
    policy: RecoverPolicy,
    /// How often in a row the platform did not respond.
    in_vain: AtomicU32,
}

impl Journal {
    /// Settles the open entries of the client's project that are due: asks the operation that tells
    /// their outcome, where there is one, and sends nothing again.
    ///
    /// Any number of processes may recover at the same time: each entry is taken by one of them.
    ///
    /// # Errors
    /// The policy makes no sense, or the journal cannot be read or written. What was settled before
    /// stays settled.
    pub async fn recover(&self, client: &Client, policy: RecoverPolicy) -> Result<Recovery, Error> {
        policy.check()?;
        let claims = Claims::begin(self, &client.project(), &policy).await?;
        let mut recovery = Recovery {
            left_to_other_projects: claims.left_to_other_projects(),
            ..Recovery::default()
        };
        let shared = Arc::new(Shared {
            client: client.clone(),
            policy,
            in_vain: AtomicU32::new(0),
        });
        let mut asking = JoinSet::new();
        let mut waiting = VecDeque::new();
        let mut failed = None;
        let mut is_more = true;
        loop {
            if shared.is_cut_short() && (is_more || !waiting.is_empty()) {
                recovery.is_cut_short = true;
                is_more = false;
                claims.give_back(waiting.drain(..)).await?;
            }
            // Several at a time: each is a transaction.
            if waiting.is_empty() && is_more && failed.is_none() {
                match claims.take(shared.policy.at_once).await {
                    Ok(taken) => {
                        is_more = !taken.entries.is_empty() || !taken.unreadable.is_empty();
                        recovery.unreadable.extend(taken.unreadable);
                        waiting.extend(taken.entries);
                    }
                    Err(error) => failed = Some(error),
                }
            }
            while failed.is_none()
                && asking.len() < shared.policy.at_once
                && let Some(entry) = waiting.pop_front()
            {
                asking.spawn(settle(Arc::clone(&shared), claims.clone(), entry));
            }
            match asking.join_next().await {
                Some(Ok(Ok(Some(entry)))) => recovery.add(entry),
                // The call itself came back in the meantime, or somebody settled it by hand.
                Some(Ok(Ok(None))) => {}
                Some(Ok(Err(error))) => failed = failed.or(Some(error)),
                Some(Err(error)) => failed = failed.or(Some(Error::new("recovered", error))),
                None if is_more && failed.is_none() => {}
                None => break,
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(recovery),
        }
    }
}

impl Recovery {
    fn add(&mut self, entry: Entry) {
        match entry.state {
            State::Completed => self.completed.push(entry),
            State::Failed => self.failed.push(entry),
            State::Cancelled => self.cancelled.push(entry),
            State::NeedsPerson => self.needs_person.push(entry),
            _ => self.still_open.push(entry),
        }
    }
}

impl Shared {
    fn is_cut_short(&self) -> bool {
        self.in_vain.load(Ordering::Relaxed) >= self.policy.give_up_after
    }

    /// Counts whether the platform responded at all.
    fn count(&self, error: Option<&konaplate::Error>) {
        let no_response = error.is_some_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::Connect
                    | ErrorKind::Timeout
                    | ErrorKind::Transport
                    | ErrorKind::UnexpectedResponse
            )
        });
        if no_response {
            self.in_vain.fetch_add(1, Ordering::Relaxed);
        } else {
            self.in_vain.store(0, Ordering::Relaxed);
        }
    }
}

/// Settles one entry, as far as that is possible now. None where it was not open any more.
async fn settle(
    shared: Arc<Shared>,
    claims: Claims,
    mut entry: Entry,
) -> Result<Option<Entry>, Error> {
    let cancels = shared.policy.send_cancellations || entry.state == State::Cancelling;
    let asked = match &entry.cancellation {
        Some(body) if cancels && entry.state != State::AwaitingMember => {
            // On the disk before it is sent: a success that comes now is not handed out any more.
            if entry.state == State::Open && !claims.begin_cancelling(&entry).await? {
                return Ok(None);
            }
            entry.state = State::Cancelling;
            cancel(&shared, &entry, Value::Object(body.clone())).await
        }
        _ => ask(&shared, &entry, claims.age_of(&entry)).await,
    };
    let (standing, detail) = match asked {
        Asked::Settled(standing, detail) => (Some(standing), detail),
        Asked::Later(detail) => (None, detail),
    };
    let after = match standing {
        Some(standing) => claims.settle(&entry, standing, &detail).await?,
        None => claims.ask_later(&entry, &detail).await?,
    };
    Ok(after.map(|standing| {
        entry.state = standing.state;
        entry.source = standing.source;
        entry.detail = Some(detail);
        entry
    }))
}

fn a_persons(why: &str) -> Asked {
    let standing = Standing {
        state: State::NeedsPerson,
        source: Source::Nobody,
    };
    Asked::Settled(standing, why.to_owned())
}

/// Asks the operation that tells the outcome of an entry.
async fn ask(shared: &Shared, entry: &Entry, age: Duration) -> Asked {
    if entry.state == State::AwaitingMember {
        return a_persons("no operation tells whether the member paid");
    }
    let (Some(inquiry), Some(sequence_id)) = (entry.inquiry(), &entry.sequence_id) else {
        return a_persons("no operation tells the outcome of this one");
    };
    let response = shared
        .client
        .raw(
            inquiry.operation().id(),
            json!({ inquiry.by(): sequence_id }),
        )
        .send()
        .await;
    shared.count(response.as_ref().err());
    let by_inquiry = |state| Standing {
        state,
        source: Source::Inquiry,
    };
    match response {
        Ok(response) => {
            let word = response.expose()[inquiry.field()]
                .as_str()
                .unwrap_or_default();
            match inquiry.result(word) {
                InquiryResult::Completed => {
                    Asked::Settled(by_inquiry(State::Completed), word.to_owned())
                }
                InquiryResult::Failed => Asked::Settled(by_inquiry(State::Failed), word.to_owned()),
                InquiryResult::Pending => Asked::Later(word.to_owned()),
                InquiryResult::Unclear => {
                    Asked::Later("a result that the description does not know".to_owned())
                }
            }
        }
        Err(error) if error.code() == Some(&ErrorCode::PreviousTransactionNotFound) => {
            // No proof, however late: the request may still be on its way.
            if age >= shared.policy.not_found_after {
                a_persons("the platform knows no such transaction")
            } else {
                Asked::Later("the platform knows no such transaction yet".to_owned())
            }
        }
        Err(error) => Asked::Later(error.to_string()),
    }
}

/// Sends the network cancellation of a payment.
async fn cancel(shared: &Shared, entry: &Entry, body: Value) -> Asked {
    let response = shared
        .client
        .raw("network_cancel_payment", body)
        .send()
        .await;
    shared.count(response.as_ref().err());
    let by = match response {
        Ok(response) => Some(response.correlation_id()),
        Err(error) if error.delivery() == Delivery::ProcessedUnreadable => error.correlation_id(),
        Err(error) => {
            let waited = entry.asked >= i64::from(shared.policy.cancellations);
            let why = format!("the payment could not be cancelled: {error}");
            return if waited {
                a_persons(&why)
            } else {
                Asked::Later(why)
            };
        }
    };
    let standing = Standing {
        state: State::Cancelled,
        source: Source::Cancellation,
    };
    let by = by
        .map(|id| format!("cancelled by {id}"))
        .unwrap_or_default();
    Asked::Settled(standing, by)
}
