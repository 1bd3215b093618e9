//! The state behind the operations: who is there, what was issued, what is on its way.
//!
//! Balances are in its [`Ledger`] and nowhere else. All of it is rows in [`Table`]s, so that it can
//! be stored and loaded: see [`crate::platform::storage`]. What each operation does to it is in
//! [`crate::operations`]; what happens without one, when the clock passes a time, is
//! [`State::settle_due`].

mod auto_recharges;
mod calendar;
mod cards;
mod due;
mod gifts;
mod kinds;
pub(crate) mod ledger;
mod members;
mod opening;
mod outbox;
mod points;
mod recharges;
mod registrations;
mod rows;
mod schedule;
mod table;
mod tokens;
mod transactions;
mod windows;

use std::fmt;
use std::time::SystemTime;

use konaplate::{CorrelationId, ErrorCode};
use serde::{Deserialize, Serialize};

use crate::fixtures;
use ledger::{Account, BankId, CardId, Entry, Kind, Ledger, PostingId, Unposted, signed};

use schedule::Due;

pub(crate) use calendar::{Moment, last_day_of, next_day, year_month_in};
pub(crate) use cards::{Application, Card, CardStatus, Plan, Plans, Source, Trigger};
pub(crate) use gifts::NotRefused;
pub(crate) use members::{BankAccount, Member, Registration, RegistrationState};
pub(crate) use points::{PointReservation, RESERVATION};
pub(crate) use rows::{Broken, Changes, Numbers, TABLES};
pub(crate) use table::{Change, Rows, Table};
pub(crate) use tokens::{TokenUse, Tokens};
pub(crate) use transactions::{
    BankRecharge, Gift, GiftState, Outcome, Payment, Purpose, Sequence, Window, WindowState,
};

/// The most a card may hold, in KRW. Assumed: the vendor documents that there is a limit (007_033)
/// and not how much it is.
pub(crate) const HOLDING_LIMIT: u64 = 2_000_000;

/// Why a card that was named by its place is there.
const NO_CARD_GOES: &str = "cards are ended and stay in the list";

/// What a bank account holds that the sandbox had not seen, in KRW.
const NEW_BANK_ACCOUNT: u64 = 1_000_000;

/// A call was understood and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    /// The field that the message ends with.
    pub(crate) field: Option<&'static str>,
    /// For the developer: which rule it was.
    pub(crate) rule: String,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, rule: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            rule: rule.into(),
        }
    }

    /// A field that is well formed and not right.
    pub(crate) fn parameter(field: &'static str, rule: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::InvalidInputParameter,
            field: Some(field),
            rule: rule.into(),
        }
    }
}

pub(crate) struct State {
    pub(crate) ledger: Ledger,
    pub(crate) members: Table<u64, Member>,
    banks: Table<BankId, BankAccount>,
    cards: Table<CardId, Card>,
    pub(crate) tokens: Tokens,
    /// Every sequence id that was taken, by the partner's own numbers.
    sequences: Table<String, Sequence>,
    /// By `nrNumber`.
    pub(crate) bank_recharges: Table<String, BankRecharge>,
    /// By `nrNumber`.
    pub(crate) payments: Table<String, Payment>,
    /// The partner's own ids of payments, and their `nrNumber`.
    pub(crate) payment_ids: Table<String, String>,
    /// By transaction id.
    pub(crate) windows: Table<String, Window>,
    /// By transfer id.
    pub(crate) gifts: Table<String, Gift>,
    /// By number of the application.
    pub(crate) applications: Table<String, Application>,
    /// By number of the registration.
    pub(crate) registrations: Table<String, Registration>,
    /// By number.
    pub(crate) point_reservations: Table<u64, PointReservation>,
    /// The number of the reservation that stands for a card.
    standing_reservations: Table<CardId, u64>,
    /// By their ids: the callbacks that wait, and those that were delivered or given up.
    pub(crate) callbacks_waiting: Table<u64, outbox::Event>,
    pub(crate) callbacks_done: Table<u64, outbox::Event>,
    /// By time; the number keeps the order of what is due at one time.
    due: Table<(SystemTime, u64), Due>,
    counters: Counters,
    /// Whether what callbacks tell is recorded.
    pub(crate) records_callbacks: bool,
    /// The call that is carried out now: what is posted is its doing.
    cause: Option<CorrelationId>,
}

/// What was numbered so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counters {
    /// Ids that responses name.
    ids: u64,
    /// Approval codes, plans, and what is due.
    serial: u64,
}

/// Nothing of it: members have names, cards numbers.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("members", &self.members.len())
            .field("cards", &self.cards.len())
            .field("postings", &self.ledger.count())
            .finish_non_exhaustive()
    }
}

impl State {
    // Members and bank accounts.

    /// A member that has not left.
    pub(crate) fn member(&self, field: &'static str, user_id: u64) -> Result<&Member, Refusal> {
        self.members
            .get(&user_id)
            .filter(|member| !member.left)
            .ok_or_else(|| Refusal::parameter(field, "no member has this id"))
    }

    /// The bank account that the member registered.
    pub(crate) fn bank_of(&self, user_id: u64) -> Option<BankId> {
        self.members.get(&user_id)?.bank
    }

    /// The bank account with that number, which comes with money if it was not seen before.
    pub(crate) fn bank_account(&mut self, account: BankAccount, moment: &Moment) -> BankId {
        if let Some((id, _)) = self.banks.iter().find(|(_, other)| **other == account) {
            return *id;
        }
        let id = BankId(self.banks.len());
        self.banks.insert(id, account);
        let amount = signed(NEW_BANK_ACCOUNT);
        let legs = [(Account::Outside, -amount), (Account::Bank(id), amount)];
        let nr_number = self.next_nr_number(moment);
        self.by_itself(|state| state.post(moment, Kind::BankOpening, nr_number, &legs))
            .expect("the world outside has any amount");
        id
    }

    /// The member whose card, payout, points or registered bank account it is.
    pub(crate) fn holder(&self, account: Account) -> Option<u64> {
        match account {
            Account::Card(card) | Account::Payout(card) | Account::CardPoints(card) => {
                Some(self.card(card).user_id)
            }
            Account::Points(user_id) => Some(user_id),
            Account::Bank(bank) => self
                .members
                .iter()
                .find(|(_, member)| member.bank == Some(bank))
                .map(|(user_id, _)| *user_id),
            _ => None,
        }
    }

    /// Whether the payment gateway gives no clear response about this account at first.
    pub(crate) fn decides_late(&self, bank: BankId) -> bool {
        self.banks.get(&bank).is_some_and(|account| {
            (account.code.as_str(), account.number.as_str()) == fixtures::LATE_BANK_ACCOUNT
        })
    }

    // Cards.

    pub(crate) fn card(&self, id: CardId) -> &Card {
        self.cards.get(&id).expect(NO_CARD_GOES)
    }

    pub(crate) fn card_mut(&mut self, id: CardId) -> &mut Card {
        self.cards.get_mut(&id).expect(NO_CARD_GOES)
    }

    fn card_where(&self, matches: impl Fn(&Card) -> bool) -> Option<CardId> {
        let (id, _) = self.cards.iter().find(|(_, card)| matches(card))?;
        Some(*id)
    }

    /// By the number of the mobile card or of the physical card that is linked to it.
    pub(crate) fn card_by_number(&self, number: &str) -> Option<CardId> {
        self.card_where(|card| card.number == number || card.physical.as_deref() == Some(number))
    }

    pub(crate) fn card_by_par(&self, par: &str) -> Option<CardId> {
        self.card_where(|card| card.par == par)
    }

    /// The member's card with that PAR, wherever it is in its life.
    pub(crate) fn card_of(&self, user_id: u64, par: &str) -> Option<CardId> {
        self.card_by_par(par)
            .filter(|id| self.card(*id).user_id == user_id)
    }

    /// The last member id that was given out: that of the member with the largest one was not.
    pub(crate) fn last_numbered_member(&self) -> Option<&u64> {
        let mut numbered = self.members.range(..fixtures::LARGEST_USER_ID);
        numbered.next_back().map(|(id, _)| id)
    }

    /// The cards that a member has or had.
    pub(crate) fn cards_ever_of(&self, user_id: u64) -> impl Iterator<Item = CardId> + '_ {
        self.cards
            .iter()
            .filter(move |(_, card)| card.user_id == user_id)
            .map(|(id, _)| *id)
    }

    /// The cards that a member holds.
    pub(crate) fn cards_of(&self, user_id: u64) -> impl Iterator<Item = CardId> + '_ {
        self.cards_ever_of(user_id).filter(|id| {
            matches!(
                self.card(*id).status,
                CardStatus::Active | CardStatus::Suspended
            )
        })
    }

    /// Issues a mobile card, good for five years.
    pub(crate) fn issue_card(&mut self, user_id: u64, service_id: &str, moment: &Moment) -> CardId {
        let id = CardId(self.cards.len());
        let basic = self.cards_ever_of(user_id).next().is_none();
        let card = Card {
            user_id,
            number: fixtures::with_check_digit(&format!("94913350{:07}", id.0)),
            par: format!("Q2{:024}A", id.0),
            service_id: service_id.to_owned(),
            expiry: year_month_in(5, moment.time),
            status: CardStatus::Active,
            basic,
            paid_with: false,
            application: None,
            physical: None,
            plans: Plans::default(),
        };
        self.cards.insert(id, card);
        id
    }

    /// What a card holds, in KRW.
    pub(crate) fn balance(&self, card: CardId) -> u64 {
        self.ledger.balance(Account::Card(card))
    }

    /// Whether so much may be added to what a card holds.
    pub(crate) fn has_room_for(&self, card: CardId, amount: u64) -> bool {
        self.balance(card).saturating_add(amount) <= HOLDING_LIMIT
    }

    /// Whether a gift from the card was not accepted, or money that left it not paid out yet.
    pub(crate) fn has_money_on_its_way(&self, card: CardId) -> bool {
        self.ledger.balance(Account::Payout(card)) > 0
            || self
                .gifts
                .values()
                .any(|gift| gift.from == card && gift.state == GiftState::Waiting)
            || self.is_recharge_pending(card)
    }

    // Tokens and sequence ids.

    /// Uses a token up and returns its card, which has to be the member's.
    pub(crate) fn redeem(
        &mut self,
        (number, dcvv): (&str, Option<&str>),
        used_for: TokenUse,
        (user_field, user_id): (&'static str, u64),
        moment: &Moment,
    ) -> Result<CardId, Refusal> {
        let card = self.tokens.redeem(number, dcvv, used_for, moment)?;
        if self.card(card).user_id != user_id {
            let rule = "the token is for a card of another member";
            return Err(Refusal::parameter(user_field, rule));
        }
        Ok(card)
    }

    pub(crate) fn sequence(&self, id: &str) -> Option<Sequence> {
        self.sequences.get(id).copied()
    }

    /// Vendor's page of the credit-card recharge: a sequence id that was used before is refused.
    pub(crate) fn require_new_sequence(&self, id: &str) -> Result<(), Refusal> {
        match self.sequences.get(id) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                ErrorCode::SequenceIdAlreadyUsed,
                "a sequence id works once",
            )),
        }
    }

    pub(crate) fn take_sequence(&mut self, id: &str, became: Sequence) {
        self.sequences.insert(id.to_owned(), became);
    }

    // Who did it.

    /// Lets a call happen: what it posts is its doing.
    pub(crate) fn caused_by<T>(
        &mut self,
        call: Option<CorrelationId>,
        happens: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.cause, call);
        let result = happens(self);
        self.cause = before;
        result
    }

    /// Lets something happen that no call asked for.
    fn by_itself<T>(&mut self, happens: impl FnOnce(&mut Self) -> T) -> T {
        self.caused_by(None, happens)
    }

    /// The call that is carried out now.
    pub(crate) fn cause(&self) -> Option<CorrelationId> {
        self.cause
    }

    // Money.

    /// Moves money, and sets off the auto recharges of cards that it leaves with too little.
    pub(crate) fn post(
        &mut self,
        moment: &Moment,
        kind: Kind,
        nr_number: String,
        legs: &[(Account, i64)],
    ) -> Result<PostingId, Unposted> {
        self.counters.serial += 1;
        let entry = Entry {
            kind,
            nr_number,
            approval_code: format!("{:06}", self.counters.serial % 1_000_000),
            time: moment.time,
            cause: self.cause,
        };
        let id = self.ledger.post(entry, legs)?;
        self.record_transactions(id);
        for (account, amount) in legs {
            if let Account::Card(card) = account
                && *amount < 0
            {
                self.fire_lower_limits(*card, moment);
            }
        }
        Ok(id)
    }

    /// The same between two accounts.
    pub(crate) fn transfer(
        &mut self,
        moment: &Moment,
        kind: Kind,
        nr_number: String,
        (from, to): (Account, Account),
        amount: u64,
    ) -> Result<PostingId, Unposted> {
        let amount = signed(amount);
        self.post(moment, kind, nr_number, &[(from, -amount), (to, amount)])
    }

    // Numbers.

    /// `KMN`, the day and nine digits: 18 characters, as a public sample has them.
    pub(crate) fn next_nr_number(&mut self, moment: &Moment) -> String {
        self.counters.ids += 1;
        format!("KMN{}{:09}", moment.short_day(), self.counters.ids)
    }

    /// Time and six digits: 20 characters.
    pub(crate) fn next_long_id(&mut self, moment: &Moment) -> String {
        self.counters.ids += 1;
        format!("{}{:06}", moment.seconds(), self.counters.ids % 1_000_000)
    }

    /// Time and eight digits: 22 characters.
    pub(crate) fn next_longest_id(&mut self, moment: &Moment) -> String {
        self.counters.ids += 1;
        format!("{}{:08}", moment.seconds(), self.counters.ids % 100_000_000)
    }
}
