//! Business that is to be done once, however many calls it takes.

use std::time::Duration;

use anyhow::{Context, Result};
use konaplate_journal::State;
use serde_json::Value;

use super::Actor;
use super::calls::{ONE_INQUIRY, Trouble};
use crate::oracle::{Intent, Seen};
use crate::order::said;

/// How often a piece of business is begun again where nothing happened.
const ATTEMPTS: usize = 4;

/// Business to be done: everything of a call but its token and its own number.
pub(super) struct Action {
    pub(super) operation: &'static str,
    /// See [`Intent::amount`].
    pub(super) amount: Option<u64>,
    /// The card that a token is needed of, and whether it is one for credit cards.
    pub(super) token: Option<(usize, bool)>,
    /// The field for the caller's own number, where there is one.
    pub(super) own_number: Option<&'static str>,
    pub(super) body: Value,
    /// Whether it is a payment with a durable cancellation.
    pub(super) cancels: bool,
}

impl Actor {
    /// Does a piece of business once: begins again only where nothing happened for certain.
    pub(super) async fn business(&mut self, action: Action) -> Result<Option<Value>> {
        let intent = self.account.intents.len();
        self.account.intents.push(Intent {
            operation: action.operation,
            amount: action.amount,
        });
        let amount = action.amount.map(|amount| format!(" of {amount} KRW"));
        self.note(format!(
            "intent {intent}: {}{}",
            action.operation,
            amount.unwrap_or_default()
        ));
        let can_be_asked = action.own_number == Some("sequenceId")
            && matches!(
                action.operation,
                "recharge_from_bank_account" | "cancel_bank_recharge"
            );
        let settles = can_be_asked && self.random.bool();
        let mut own_number = self.own_number();
        for attempt in 0..ATTEMPTS {
            let mut body = action.body.clone();
            if let Some((card, credit)) = action.token {
                let Some(token) = self.token(card, credit).await? else {
                    return Ok(None);
                };
                body["oneTimeToken"] = token["oneTimeToken"].clone();
                body["dcvv"] = token["dcvv"].clone();
            }
            if let Some(field) = action.own_number {
                // Nothing happened before: the same number may come again, or another one. A
                // cancellation would name every payment with its number.
                if attempt > 0 && (action.cancels || self.random.bool()) {
                    own_number = self.own_number();
                }
                body[field] = own_number.as_str().into();
                if field == "sequenceId" {
                    self.sequences.push(own_number.clone());
                }
            }
            let mut order = self.order(action.operation, body);
            order.cancels = action.cancels;
            if let Some(point) = self.doom.take() {
                match self.crash(intent, action.operation, order, point).await? {
                    None | Some(State::NotSent | State::Failed) => continue,
                    Some(_) => return Ok(None),
                }
            }
            let trouble = self.trouble(100);
            let result = self
                .call(Some(intent), action.operation, &order, trouble, settles)
                .await?;
            match (result.seen, result.settled) {
                (Seen::Success, None) => return Ok(result.response),
                (Seen::Success, Some(true)) => return Ok(result.response),
                (_, Some(true)) => return Ok(None),
                (Seen::NotSent, _) | (_, Some(false)) => continue,
                (Seen::NotCarriedOut | Seen::Declined, _) => return Ok(None),
                (Seen::MaybeProcessed, None) if self.careless => {
                    own_number = self.own_number();
                    continue;
                }
                _ => {}
            }
            // Nobody knows. Ask, or have the journal ask; and if that does not help either, leave
            // it.
            if settles {
                match self.settle(&own_number).await? {
                    Some(false) => continue,
                    Some(true) => return Ok(None),
                    None => {}
                }
            } else if self.random.bool() {
                self.recover(true).await?;
                let id = order.id.parse().ok().context("an id is one")?;
                let entry = self
                    .journal
                    .entry(&self.clients.normal.project(), id)
                    .await?;
                if entry.is_some_and(|entry| entry.state == State::Failed) {
                    continue;
                }
            }
            return Ok(None);
        }
        Ok(None)
    }

    /// Asks for the outcome of the call that was made last, twice at most.
    async fn settle(&mut self, sequence: &str) -> Result<Option<bool>> {
        for _ in 0..2 {
            if self.random.bool() {
                self.advance(Duration::from_secs(301));
            }
            let trouble = self.trouble(60);
            if let Trouble::Of(fault) = trouble {
                self.sandbox.fault_next(fault)?;
            }
            let asked = self
                .clients
                .normal
                .bank_recharge_outcome(sequence, ONE_INQUIRY)
                .await;
            self.quiet().await;
            let outcome = asked.as_ref().ok().and_then(said);
            self.note(format!("  asked for the outcome: {outcome:?}"));
            if let (Some(outcome), Some(call)) = (outcome, self.account.calls.last_mut()) {
                call.settled = Some(outcome);
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }
}
