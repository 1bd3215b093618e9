//! What callbacks tell, recorded in the same step as it happens, and what became of them.
//!
//! Nothing is sent here: that is [`crate::dispatcher`].

use konaplate::callback::CallbackKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ledger::{Account, CardId, PostingId, unsigned};
use super::{Moment, State, Table};

/// How many wait at most; the oldest is given up for a new one.
const WAITING: usize = 10_000;

/// How many that were delivered or given up are remembered; the oldest go first.
const REMEMBERED: usize = 1_000;

/// What a callback tells. It has no `Debug`: the body is personal data.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    /// The same bytes with each attempt, so that a receiver knows them again.
    pub(crate) body: String,
    pub(crate) tries: u32,
    /// HTTP status of the last response.
    pub(crate) last_status: Option<u16>,
    pub(crate) delivered: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    Transaction,
    CardActivated,
    MemberWithdrawn,
}

impl From<EventKind> for CallbackKind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Transaction => Self::Transaction,
            EventKind::CardActivated => Self::CardActivated,
            EventKind::MemberWithdrawn => Self::MemberWithdrawn,
        }
    }
}

impl State {
    /// Records what a posting did to cards, a callback a card.
    pub(super) fn record_transactions(&mut self, id: PostingId) {
        if !self.records_callbacks {
            return;
        }
        let cards: Vec<CardId> = self.ledger.posting(id).cards().collect();
        for card in cards {
            let body = self.transaction_body(id, card);
            self.record(EventKind::Transaction, &body);
        }
    }

    /// The fields of the one integration that was seen, all of them texts. What `mti`,
    /// `responseCode` and `url` hold was not seen: they are left out.
    fn transaction_body(&self, id: PostingId, card: CardId) -> Value {
        let posting = self.ledger.posting(id);
        let holder = self.card(card);
        let whole = posting.whole_amount(card);
        let after = posting
            .leg(Account::Card(card))
            .map_or(0, |leg| unsigned(leg.before + leg.amount));
        let mut body = json!({
            "userId": holder.user_id.to_string(),
            "par": holder.par,
            "cardNo": holder.number,
            "trType": posting.entry.kind.transaction_type(),
            "authCancelType": posting.entry.kind.auth_or_cancel(),
            "orgAmount": whole.to_string(),
            "trAmount": (whole - posting.points()).to_string(),
            "discountAmount": "0",
            "pointAmount": posting.points().to_string(),
            "balanceAfter": after.to_string(),
            "approvalDateTime": Moment::at(posting.entry.time).seconds(),
            "approvalCode": posting.entry.approval_code,
        });
        if let Some(name) = posting.merchant_name() {
            body["merchantName"] = json!(name);
        }
        body
    }

    /// Records that a member registered a physical card.
    pub(crate) fn record_activation(&mut self, card: CardId, moment: &Moment) {
        if !self.records_callbacks {
            return;
        }
        let holder = self.card(card);
        let name = self
            .members
            .get(&holder.user_id)
            .map(|member| member.name.clone());
        let body = json!({
            "cardApplyNo": holder.application,
            "userId": holder.user_id.to_string(),
            "par": holder.par,
            "physicalCardNo": holder.physical,
            "receiverName": name,
            "receiveDay": moment.day(),
        });
        self.record(EventKind::CardActivated, &body);
    }

    /// Records that a member left, with the card that goes with the membership.
    pub(crate) fn record_withdrawal(&mut self, user_id: u64) {
        if !self.records_callbacks {
            return;
        }
        let basic = self
            .cards_ever_of(user_id)
            .find(|card| self.card(*card).basic);
        let card = basic.map(|card| self.card(card));
        let body = json!({
            "userId": user_id.to_string(),
            "par": card.as_ref().map(|card| card.par.clone()),
            "digitalCardNo": card.as_ref().map(|card| card.number.clone()),
            "physicalCardNo": card.as_ref().and_then(|card| card.physical.clone()),
        });
        self.record(EventKind::MemberWithdrawn, &body);
    }

    fn record(&mut self, kind: EventKind, body: &Value) {
        let event = Event {
            kind,
            body: body.to_string(),
            tries: 0,
            last_status: None,
            delivered: false,
        };
        if self.callbacks_waiting.len() >= WAITING
            && let Some(oldest) = self.callbacks_waiting.first_key().copied()
            && let Some(event) = self.callbacks_waiting.remove(&oldest)
        {
            tracing::warn!(callback = oldest, "given up: too many callbacks wait");
            self.remember(oldest, event);
        }
        // Neither list loses its newest one, so no id comes twice.
        let newest = |list: &Table<u64, Event>| list.last_key().copied().unwrap_or(0);
        let id = newest(&self.callbacks_waiting).max(newest(&self.callbacks_done)) + 1;
        self.callbacks_waiting.insert(id, event);
    }

    /// The ids of the callbacks that wait, the oldest first.
    pub(crate) fn waiting_callbacks(&self) -> impl Iterator<Item = u64> + '_ {
        self.callbacks_waiting.keys().copied()
    }

    /// The body of a callback that waits.
    pub(crate) fn waiting_callback(&self, id: u64) -> Option<String> {
        self.callbacks_waiting
            .get(&id)
            .map(|event| event.body.clone())
    }

    /// Puts on record how an attempt ended; returns how many there were, if it waits for another.
    pub(crate) fn note_attempt(
        &mut self,
        id: u64,
        body: &str,
        (last_status, delivered): (Option<u16>, bool),
        most: u32,
    ) -> Option<u32> {
        // After a reset in the meantime the id may be another one's.
        let mut event = self
            .callbacks_waiting
            .get(&id)
            .filter(|event| event.body == body)
            .cloned()?;
        event.tries += 1;
        event.last_status = last_status;
        event.delivered = delivered;
        let tries = event.tries;
        if delivered || tries >= most {
            self.callbacks_waiting.remove(&id);
            self.remember(id, event);
            return None;
        }
        self.callbacks_waiting.insert(id, event);
        Some(tries)
    }

    fn remember(&mut self, id: u64, event: Event) {
        if self.callbacks_done.len() >= REMEMBERED
            && let Some(oldest) = self.callbacks_done.first_key().copied()
        {
            self.callbacks_done.remove(&oldest);
        }
        self.callbacks_done.insert(id, event);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::state::ledger::Kind;

    fn spend(state: &mut State, amount: u64) {
        let moment = Moment::at(SystemTime::UNIX_EPOCH);
        let number = state.next_nr_number(&moment);
        let accounts = (Account::Card(CardId(1)), Account::Merchant(0));
        state
            .transfer(&moment, Kind::Payment, number, accounts, amount)
            .unwrap();
    }

    #[test]
    fn the_lists_are_bounded_and_no_id_comes_twice() {
        let mut state = State::new(0);
        spend(&mut state, 1);
        assert_eq!(state.callbacks_waiting.len(), 0, "nobody asked for them");
        state.records_callbacks = true;
        let count = u64::try_from(WAITING + REMEMBERED).unwrap() + 10;
        for _ in 0..count {
            spend(&mut state, 1);
        }
        assert_eq!(state.callbacks_waiting.len(), WAITING);
        assert_eq!(state.callbacks_done.len(), REMEMBERED);
        assert_eq!(state.waiting_callbacks().last(), Some(count));
        // Those that were pushed out count as given up.
        assert!(state.callbacks_done.values().all(|event| !event.delivered));

        let id = state.waiting_callbacks().next().unwrap();
        let body = state.waiting_callback(id).unwrap();
        let failed = (Some(500), false);
        assert_eq!(state.note_attempt(id, "another", failed, 2), None);
        assert_eq!(state.note_attempt(id, &body, failed, 2), Some(1));
        assert_eq!(state.note_attempt(id, &body, (None, false), 2), None);
        assert_eq!(state.waiting_callback(id), None);
        let event = state.callbacks_done.get(&id).unwrap();
        assert_eq!((event.tries, event.last_status), (2, None));
    }

    #[test]
    fn no_two_events_have_one_body() {
        let mut state = State::new(0);
        state.records_callbacks = true;
        for _ in 0..100 {
            spend(&mut state, 10);
        }
        let bodies: std::collections::BTreeSet<_> = state
            .callbacks_waiting
            .values()
            .map(|event| event.body.clone())
            .collect();
        assert_eq!(bodies.len(), 100);
    }
}
