//! The state as rows: what is stored after a call, and what a stored state has to be to be taken.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ledger::{Account, BankId, CardId};
use super::points::Points;
use super::schedule::Due;
use super::{Change, Counters, Rows, State, Tokens};
use crate::fixtures::MERCHANTS;

/// Past this a number could overflow by being counted on. Nobody counts so far.
const MOST: u64 = 1 << 53;

/// Names of the tables, in one order everywhere.
pub(crate) const TABLES: [&str; 19] = [
    "members",
    "banks",
    "cards",
    "tokens",
    "sequences",
    "bank_recharges",
    "payments",
    "payment_ids",
    "windows",
    "gifts",
    "applications",
    "registrations",
    "point_reservations",
    "standing_reservations",
    "callbacks_waiting",
    "callbacks_done",
    "due",
    "balances",
    "postings",
];

/// The numbers that stand beside the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Numbers {
    counters: Counters,
    /// Where the randomness of tokens is.
    random: u64,
}

/// What was changed and is not stored yet: by table, the rows.
pub(crate) type Changes = Vec<(&'static str, Vec<Change>)>;

/// Why a state cannot be taken. It names tables and rules, and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl State {
    fn tables(&self) -> [&dyn Rows; TABLES.len()] {
        [
            &self.members,
            &self.banks,
            &self.cards,
            &self.tokens.good,
            &self.sequences,
            &self.bank_recharges,
            &self.payments,
            &self.payment_ids,
            &self.windows,
            &self.gifts,
            &self.applications,
            &self.registrations,
            &self.point_reservations,
            &self.standing_reservations,
            &self.callbacks_waiting,
            &self.callbacks_done,
            &self.due,
            &self.ledger.balances,
            &self.ledger.journal,
        ]
    }

    fn tables_mut(&mut self) -> [&mut dyn Rows; TABLES.len()] {
        [
            &mut self.members,
            &mut self.banks,
            &mut self.cards,
            &mut self.tokens.good,
            &mut self.sequences,
            &mut self.bank_recharges,
            &mut self.payments,
            &mut self.payment_ids,
            &mut self.windows,
            &mut self.gifts,
            &mut self.applications,
            &mut self.registrations,
            &mut self.point_reservations,
            &mut self.standing_reservations,
            &mut self.callbacks_waiting,
            &mut self.callbacks_done,
            &mut self.due,
            &mut self.ledger.balances,
            &mut self.ledger.journal,
        ]
    }

    pub(crate) fn numbers(&self) -> Numbers {
        Numbers {
            counters: self.counters,
            random: self.tokens.random.get_seed(),
        }
    }

    /// What was changed since [`State::forget_changes`].
    pub(crate) fn changes(&self) -> Changes {
        let changes = self.tables().map(Rows::changes);
        TABLES
            .into_iter()
            .zip(changes)
            .filter(|(_, changes)| !changes.is_empty())
            .collect()
    }

    /// What was changed so far is stored, or need not be.
    pub(crate) fn forget_changes(&mut self) {
        for table in self.tables_mut() {
            table.forget_changes();
        }
    }

    /// Every row counts as changed, for a state that is to be stored as a whole.
    pub(crate) fn mark_all_changed(&mut self) {
        for table in self.tables_mut() {
            table.mark_all_changed();
        }
    }

    /// All of it, as JSON: for each table its rows, each a key and what it holds.
    pub(crate) fn dump(&self) -> Value {
        let tables: Map<_, _> = TABLES
            .into_iter()
            .zip(self.tables())
            .map(|(name, table)| (name.to_owned(), json!(table.dump())))
            .collect();
        json!({"numbers": self.numbers(), "tables": tables})
    }

    /// The state with those rows: table, key and row, the latter two as JSON.
    pub(crate) fn restored(
        numbers: Numbers,
        rows: impl IntoIterator<Item = (String, String, String)>,
    ) -> Result<Self, Broken> {
        let mut state = Self::empty(Tokens::new(numbers.random));
        state.counters = numbers.counters;
        for (name, key, row) in rows {
            let place = TABLES.iter().position(|table| *table == name);
            let restored = place
                .and_then(|place| state.tables_mut().into_iter().nth(place))
                .map(|table| table.restore(&key, &row));
            match restored {
                Some(Ok(())) => {}
                // Not the error's own text, which quotes what it read.
                Some(Err(_)) => {
                    return Err(Broken(format!("{name}: a row is not as it should be")));
                }
                None => return Err(Broken("a table is none of the sandbox's".to_owned())),
            }
        }
        let broken = |rule: &str| Broken(rule.to_owned());
        state.ledger.finish_loading().map_err(broken)?;
        state.check_references().map_err(broken)?;
        Ok(state)
    }

    /// Whether everything that is named is there.
    fn check_references(&self) -> Result<(), &'static str> {
        let Counters { ids, serial } = self.counters;
        let last = [
            self.last_numbered_member(),
            self.point_reservations.last_key(),
            self.callbacks_waiting.last_key(),
            self.callbacks_done.last_key(),
        ];
        let numbered = last.into_iter().flatten().chain([&ids, &serial]);
        if numbered.max() > Some(&MOST) {
            return Err("nothing may be numbered past 2^53");
        }
        if !are_numbered(self.cards.keys().map(|id| id.0))
            || !are_numbered(self.banks.keys().map(|id| id.0))
        {
            return Err("cards and banks must be numbered from 0 without a gap");
        }
        let accounts = self
            .ledger
            .journal
            .values()
            .flat_map(|posting| posting.legs.iter().map(|leg| leg.account))
            .chain(self.ledger.balances.keys().copied());
        for account in accounts {
            let is_there = match account {
                Account::Card(card) | Account::Payout(card) | Account::CardPoints(card) => {
                    self.has_card(card)
                }
                Account::Bank(bank) => self.has_bank(bank),
                Account::Merchant(place) => place < MERCHANTS.len(),
                Account::Gift(_)
                | Account::Points(_)
                | Account::ReservedPoints(_)
                | Account::Deposit
                | Account::Fees
                | Account::Outside => true,
            };
            if !is_there {
                return Err(
                    "balances and postings must be of cards, banks and merchants that there are",
                );
            }
        }
        let mut cards = (self.tokens.good.values().map(|token| token.card))
            .chain(self.bank_recharges.values().map(|recharge| recharge.card))
            .chain(self.payments.values().map(|payment| payment.card))
            .chain(self.windows.values().map(|window| window.card))
            .chain(self.gifts.values().map(|gift| gift.from))
            .chain(self.applications.values().filter_map(|made| made.card))
            .chain(self.point_reservations.values().map(|made| made.card))
            .chain(self.standing_reservations.keys().copied())
            .chain(self.due.values().filter_map(Due::card));
        if !cards.all(|card| self.has_card(card)) {
            return Err("every card that is named must be there");
        }
        let mut banks = (self.members.values().filter_map(|member| member.bank))
            .chain(self.registrations.values().map(|begun| begun.bank));
        if !banks.all(|bank| self.has_bank(bank)) {
            return Err("every bank account that is named must be there");
        }
        let mut merchants = self.payments.values().map(|payment| payment.merchant);
        if !merchants.all(|place| place < MERCHANTS.len()) {
            return Err("every merchant that is named must be there");
        }
        let mut reserved = self.point_reservations.values().map(|made| made.points);
        if !reserved.all(Points::is_possible) {
            return Err("reserved points must be as many as an account can hold");
        }
        let mut owners = self.cards.values().map(|card| card.user_id);
        if !owners.all(|user_id| self.members.contains_key(&user_id)) {
            return Err("every card must be a member's");
        }
        Ok(())
    }

    fn has_card(&self, id: CardId) -> bool {
        self.cards.contains_key(&id)
    }

    fn has_bank(&self, id: BankId) -> bool {
        self.banks.contains_key(&id)
    }
}

fn are_numbered(mut places: impl Iterator<Item = usize>) -> bool {
    let mut next = 0..;
    places.all(|place| next.next() == Some(place))
}
