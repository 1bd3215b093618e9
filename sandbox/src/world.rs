//! The state behind the operations: who is there, what was issued, what is on its way.
//!
//! It lives in memory and ends with the sandbox. Balances are in its [`Ledger`] and nowhere else.
//! What each operation does to it is in [`crate::groups`]; what happens without one, when the clock
//! passes a time, is [`World::settle_due`].

mod calendar;
mod cards;
mod kinds;
mod members;
mod outbox;
mod points;
mod tokens;
mod transactions;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, SystemTime};

use konaplate::ErrorCode;

use crate::fixtures::{self, CARDS, MEMBERS, TestCardState};
use crate::ledger::{Account, BankId, CardId, Entry, Kind, Ledger, PostingId, Unposted, signed};

pub(crate) use calendar::{Moment, last_day_of, next_day, year_month_in};
pub(crate) use cards::{Application, Card, CardStatus, Plan, Plans, Source, Trigger};
pub(crate) use members::{BankAccount, Member, Registration, RegistrationState};
pub(crate) use points::{PointReservation, RESERVATION};
pub(crate) use tokens::{TokenUse, Tokens};
pub(crate) use transactions::{
    BankRecharge, Gift, Outcome, Payment, Purpose, Sequence, Window, WindowState,
};

/// The most a card may hold, in KRW. Assumed: the vendor documents that there is a limit (007_033)
/// and not how much it is.
pub(crate) const HOLDING_LIMIT: u64 = 2_000_000;

/// After how long the payment gateway answers that had not. Page of the recharge: the platform asks
/// again every 5 minutes. That the second answer is a clear one is assumed.
const LATE: Duration = Duration::from_secs(300);

/// How long the member is on the phone, and how long the registration of a bank account then takes.
/// Assumed: one integrator asks every 2 seconds, ten times.
const CALL: Duration = Duration::from_secs(4);
const REGISTRATION: Duration = Duration::from_secs(4);

/// How long a payment window stays open. Assumed: as long as a token of type CREDIT lives.
const WINDOW: Duration = Duration::from_secs(300);

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

/// What happens when the clock passes a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The payment gateway answers about a recharge.
    Recharge {
        nr_number: String,
        sequence: String,
    },
    /// The payment gateway answers about a cancellation.
    Cancellation {
        nr_number: String,
        sequence: String,
    },
    /// What left a card reaches the bank account.
    Payout(CardId),
    /// A monthly auto recharge, with the plan's serial number.
    Monthly(CardId, u64),
    Window(String),
    Registration(String),
    /// A reservation of points lapses.
    PointReservation(u64),
}

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) members: BTreeMap<u64, Member>,
    banks: Vec<BankAccount>,
    cards: Vec<Card>,
    pub(crate) tokens: Tokens,
    /// Every sequence id that was taken, by the partner's own numbers.
    sequences: HashMap<String, Sequence>,
    /// By `nrNumber`.
    pub(crate) bank_recharges: BTreeMap<String, BankRecharge>,
    /// By `nrNumber`.
    pub(crate) payments: BTreeMap<String, Payment>,
    /// The partner's own ids of payments, and their `nrNumber`.
    pub(crate) payment_ids: HashMap<String, String>,
    /// By transaction id.
    pub(crate) windows: BTreeMap<String, Window>,
    /// By transfer id.
    pub(crate) gifts: BTreeMap<String, Gift>,
    /// By number of the application.
    pub(crate) applications: BTreeMap<String, Application>,
    /// By number of the registration.
    pub(crate) registrations: BTreeMap<String, Registration>,
    /// By number.
    pub(crate) point_reservations: BTreeMap<u64, PointReservation>,
    /// The number of the one that stands for a card.
    standing_reservations: BTreeMap<CardId, u64>,
    /// By time; the number keeps the order of what is due at one time.
    due: BTreeMap<(SystemTime, u64), Due>,
    /// Whether what callbacks tell is recorded.
    pub(crate) records_callbacks: bool,
    /// By their ids: the callbacks that wait, and those that were delivered or given up.
    pub(crate) callbacks_waiting: BTreeMap<u64, outbox::Event>,
    pub(crate) callbacks_done: BTreeMap<u64, outbox::Event>,
    counter: u64,
    serial: u64,
}

/// Nothing of it: members have names, cards numbers.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("members", &self.members.len())
            .field("cards", &self.cards.len())
            .field("postings", &self.ledger.count())
            .finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut opening = vec![(Account::Deposit, fixtures::DEPOSIT)];
        let mut banks = Vec::new();
        let mut members = BTreeMap::new();
        for member in &MEMBERS {
            let bank = member.bank.map(|(code, number, balance)| {
                let id = BankId(banks.len());
                banks.push(BankAccount {
                    code: code.to_owned(),
                    number: number.to_owned(),
                });
                opening.push((Account::Bank(id), balance));
                id
            });
            members.insert(
                member.user_id,
                Member {
                    name: member.name.to_owned(),
                    phone: member.phone.to_owned(),
                    email: member.login_id(),
                    birth_date: member.birth_date.to_owned(),
                    gender: "Male".to_owned(),
                    nationality: "Korean".to_owned(),
                    ci: member.ci(),
                    login_id: member.login_id(),
                    password: fixtures::LOGIN_PASSWORD.to_owned(),
                    join_channel: None,
                    wrong_passwords: 0,
                    bank,
                    left: false,
                },
            );
        }
        let mut world = Self {
            ledger: Ledger::default(),
            members,
            banks,
            cards: Vec::new(),
            tokens: Tokens::new(seed),
            sequences: HashMap::new(),
            bank_recharges: BTreeMap::new(),
            payments: BTreeMap::new(),
            payment_ids: HashMap::new(),
            windows: BTreeMap::new(),
            gifts: BTreeMap::new(),
            applications: BTreeMap::new(),
            registrations: BTreeMap::new(),
            point_reservations: BTreeMap::new(),
            standing_reservations: BTreeMap::new(),
            due: BTreeMap::new(),
            records_callbacks: false,
            callbacks_waiting: BTreeMap::new(),
            callbacks_done: BTreeMap::new(),
            counter: 0,
            serial: 0,
        };
        for card in &CARDS {
            let id = CardId(world.cards.len());
            opening.push((Account::Card(id), card.balance));
            let plans = match card.state {
                TestCardState::AutoRecharge => Plans {
                    lower_limit: Some(world.new_plan(
                        10_000,
                        Trigger::LowerLimit(1_000),
                        SystemTime::UNIX_EPOCH,
                    )),
                    ..Plans::default()
                },
                _ => Plans::default(),
            };
            let basic = !world
                .cards
                .iter()
                .any(|other| other.user_id == card.user_id);
            world.cards.push(Card {
                user_id: card.user_id,
                number: card.card_no.to_owned(),
                par: card.par.to_owned(),
                service_id: card.service_id.to_owned(),
                expiry: card.expiry.to_owned(),
                status: match card.state {
                    TestCardState::Suspended => CardStatus::Suspended,
                    _ => CardStatus::Active,
                },
                basic,
                paid_with: card.state == TestCardState::Paid,
                application: None,
                physical: None,
                plans,
            });
        }
        world.ledger = Ledger::opened(opening);
        world
    }

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
        if let Some(place) = self.banks.iter().position(|other| *other == account) {
            return BankId(place);
        }
        let id = BankId(self.banks.len());
        self.banks.push(account);
        let amount = signed(NEW_BANK_ACCOUNT);
        let legs = [(Account::Outside, -amount), (Account::Bank(id), amount)];
        let nr_number = self.next_nr_number(moment);
        self.post(moment, Kind::BankOpening, nr_number, &legs)
            .expect("the world outside has any amount");
        id
    }

    /// Whether the payment gateway gives no clear answer about this account at first.
    pub(crate) fn answers_late(&self, bank: BankId) -> bool {
        let BankAccount { code, number } = &self.banks[bank.0];
        (code.as_str(), number.as_str()) == fixtures::LATE_BANK_ACCOUNT
    }

    /// Begins the registration of a bank account; returns its number. It ends by itself.
    pub(crate) fn begin_registration(
        &mut self,
        user_id: u64,
        bank: BankId,
        is_members: bool,
        moment: &Moment,
    ) -> String {
        let number = self.next_longest_id(moment);
        let registration = Registration {
            user_id,
            bank,
            is_members,
            state: RegistrationState::Calling,
        };
        self.registrations.insert(number.clone(), registration);
        self.plan_for(moment.time + CALL, Due::Registration(number.clone()));
        number
    }

    // Cards.

    pub(crate) fn card(&self, id: CardId) -> &Card {
        &self.cards[id.0]
    }

    pub(crate) fn card_mut(&mut self, id: CardId) -> &mut Card {
        &mut self.cards[id.0]
    }

    fn card_where(&self, matches: impl Fn(&Card) -> bool) -> Option<CardId> {
        self.cards.iter().position(matches).map(CardId)
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

    /// The cards that a member has or had.
    pub(crate) fn cards_ever_of(&self, user_id: u64) -> impl Iterator<Item = CardId> + '_ {
        self.cards
            .iter()
            .enumerate()
            .filter(move |(_, card)| card.user_id == user_id)
            .map(|(place, _)| CardId(place))
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
        self.cards.push(Card {
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
        });
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
                .any(|gift| gift.from == card && !gift.accepted)
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

    // Money.

    /// Moves money, and sets off the auto recharges of cards that it leaves with too little.
    pub(crate) fn post(
        &mut self,
        moment: &Moment,
        kind: Kind,
        nr_number: String,
        legs: &[(Account, i64)],
    ) -> Result<PostingId, Unposted> {
        self.serial += 1;
        let entry = Entry {
            kind,
            nr_number,
            approval_code: format!("{:06}", self.serial % 1_000_000),
            time: moment.time,
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

    /// Has what left a card paid out to the bank account of its holder on the next day.
    pub(crate) fn pay_out_tomorrow(&mut self, card: CardId, moment: &Moment) {
        self.plan_for(next_day(moment.time), Due::Payout(card));
    }

    // Recharges.

    pub(crate) fn is_recharge_pending(&self, card: CardId) -> bool {
        self.bank_recharges.values().any(|recharge| {
            recharge.card == card
                && (recharge.outcome == Outcome::Pending
                    || recharge.cancelled == Some(Outcome::Pending))
        })
    }

    /// Carries a recharge out that is on record.
    pub(crate) fn carry_out_recharge(
        &mut self,
        nr_number: &str,
        sequence: &str,
        moment: &Moment,
    ) -> Result<(), Unposted> {
        let Some(recharge) = self.bank_recharges.get(nr_number) else {
            return Ok(());
        };
        let (card, amount) = (recharge.card, recharge.amount);
        let bank = self.bank_of(recharge.user_id);
        let result = match bank {
            Some(bank) if self.card(card).is_active() && self.has_room_for(card, amount) => self
                .transfer(
                    moment,
                    Kind::BankRecharge,
                    nr_number.to_owned(),
                    (Account::Bank(bank), Account::Card(card)),
                    amount,
                )
                .map(drop),
            _ => Err(Unposted::Nothing),
        };
        let outcome = match result {
            Ok(()) => Outcome::Completed,
            Err(_) => Outcome::Failed,
        };
        if let Some(recharge) = self.bank_recharges.get_mut(nr_number) {
            recharge.outcome = outcome;
        }
        self.take_sequence(sequence, Sequence::Bank(outcome));
        result
    }

    /// Carries the cancellation of a recharge out.
    pub(crate) fn carry_out_cancellation(
        &mut self,
        nr_number: &str,
        sequence: &str,
        moment: &Moment,
    ) -> Result<(), Unposted> {
        let Some(recharge) = self.bank_recharges.get(nr_number) else {
            return Ok(());
        };
        let (card, amount) = (recharge.card, recharge.amount);
        let own_number = self.next_nr_number(moment);
        let result = self
            .transfer(
                moment,
                Kind::BankRechargeCancel,
                own_number,
                (Account::Card(card), Account::Payout(card)),
                amount,
            )
            .map(drop);
        let outcome = match result {
            Ok(()) => Outcome::Completed,
            Err(_) => Outcome::Failed,
        };
        if let Some(recharge) = self.bank_recharges.get_mut(nr_number) {
            // One that failed may be asked for again.
            recharge.cancelled = result.is_ok().then_some(outcome);
        }
        self.take_sequence(sequence, Sequence::Bank(outcome));
        if result.is_ok() {
            self.pay_out_tomorrow(card, moment);
        }
        result
    }

    /// Has the payment gateway answer about a recharge, or its cancellation, later.
    pub(crate) fn settle_late(
        &mut self,
        nr_number: &str,
        sequence: &str,
        is_cancellation: bool,
        moment: &Moment,
    ) {
        self.take_sequence(sequence, Sequence::Bank(Outcome::Pending));
        let (nr_number, sequence) = (nr_number.to_owned(), sequence.to_owned());
        let due = if is_cancellation {
            Due::Cancellation {
                nr_number,
                sequence,
            }
        } else {
            Due::Recharge {
                nr_number,
                sequence,
            }
        };
        self.plan_for(moment.time + LATE, due);
    }

    // Payment windows.

    /// Opens a window; returns its transaction id.
    pub(crate) fn open_window(
        &mut self,
        card: CardId,
        purpose: Purpose,
        moment: &Moment,
    ) -> String {
        let id = self.next_long_id(moment);
        let window = Window {
            card,
            purpose,
            state: WindowState::Open,
        };
        self.windows.insert(id.clone(), window);
        self.plan_for(moment.time + WINDOW, Due::Window(id.clone()));
        id
    }

    /// Takes the member's decision in an open window.
    pub(crate) fn decide(&mut self, id: &str, approve: bool, moment: &Moment) {
        let Some(window) = self.windows.get(id) else {
            return;
        };
        let (card, purpose) = (window.card, window.purpose);
        let state = if approve {
            self.approve(card, purpose, moment)
        } else {
            WindowState::Declined
        };
        if let Some(window) = self.windows.get_mut(id) {
            window.state = state;
        }
    }

    fn approve(&mut self, card: CardId, purpose: Purpose, moment: &Moment) -> WindowState {
        if !self.card(card).is_active() {
            return WindowState::Failed;
        }
        match purpose {
            Purpose::Recharge(amount) => {
                if !self.has_room_for(card, amount) {
                    return WindowState::Failed;
                }
                let nr_number = self.next_nr_number(moment);
                let kind = Kind::CreditCardRecharge;
                let accounts = (Account::Outside, Account::Card(card));
                match self.transfer(moment, kind, nr_number, accounts, amount) {
                    Ok(_) => WindowState::Approved,
                    Err(_) => WindowState::Failed,
                }
            }
            Purpose::AutoRecharge(plan) => {
                if self.card(card).plans.credit_card.is_some() {
                    return WindowState::Failed;
                }
                self.set_plan(card, Source::CreditCard, plan);
                if matches!(plan.trigger, Trigger::LowerLimit(limit) if self.balance(card) <= limit)
                {
                    self.fire(card, Source::CreditCard, moment);
                }
                WindowState::Approved
            }
        }
    }

    // Auto recharges.

    pub(crate) fn new_plan(&mut self, amount: u64, trigger: Trigger, now: SystemTime) -> Plan {
        self.serial += 1;
        Plan {
            amount,
            trigger,
            registered: now,
            serial: self.serial,
        }
    }

    /// Sets an auto recharge on a card, in the place of the one there.
    pub(crate) fn set_plan(&mut self, card: CardId, source: Source, plan: Plan) {
        *self.card_mut(card).plans.of_mut(source) = Some(plan);
        self.plan_month(card, plan, plan.registered);
    }

    fn plan_month(&mut self, card: CardId, plan: Plan, after: SystemTime) {
        if let Trigger::DayOfMonth(day) = plan.trigger {
            let next = calendar::next_day_of_month(after, day);
            self.plan_for(next, Due::Monthly(card, plan.serial));
        }
    }

    /// Makes the auto recharges whose lower limit the card's balance is at or below, each once.
    fn fire_lower_limits(&mut self, card: CardId, moment: &Moment) {
        for source in [Source::BankAtLowerLimit, Source::CreditCard] {
            let is_met = self.card(card).plans.of(source).is_some_and(
                |plan| matches!(plan.trigger, Trigger::LowerLimit(limit) if self.balance(card) <= limit),
            );
            if is_met {
                self.fire(card, source, moment);
            }
        }
    }

    /// Makes an auto recharge, if the card has room and whoever pays has the money. Assumed: one that
    /// fails is not made up for.
    fn fire(&mut self, card: CardId, source: Source, moment: &Moment) {
        let Some(plan) = self.card(card).plans.of(source).copied() else {
            return;
        };
        let from = match source {
            Source::CreditCard => Some(Account::Outside),
            Source::BankAtLowerLimit | Source::BankMonthly => {
                self.bank_of(self.card(card).user_id).map(Account::Bank)
            }
        };
        let holder = self.card(card);
        let is_fit = holder.is_active() && !holder.is_expired(moment);
        if let Some(from) = from
            && is_fit
            && self.has_room_for(card, plan.amount)
        {
            let nr_number = self.next_nr_number(moment);
            let accounts = (from, Account::Card(card));
            if let Err(why) =
                self.transfer(moment, Kind::AutoRecharge, nr_number, accounts, plan.amount)
            {
                tracing::info!(%why, "an auto recharge failed");
            }
        }
    }

    // What happens by itself.

    /// Lets happen what is due, in the order of its times.
    pub(crate) fn settle_due(&mut self, now: &Moment) {
        while let Some(entry) = self.due.first_entry()
            && entry.key().0 <= now.time
        {
            let ((time, _), due) = entry.remove_entry();
            self.settle(due, &Moment::at(time));
        }
    }

    fn settle(&mut self, due: Due, moment: &Moment) {
        match due {
            Due::Recharge {
                nr_number,
                sequence,
            } => {
                if let Err(why) = self.carry_out_recharge(&nr_number, &sequence, moment) {
                    tracing::info!(%why, "a pending recharge failed");
                }
            }
            Due::Cancellation {
                nr_number,
                sequence,
            } => {
                if let Err(why) = self.carry_out_cancellation(&nr_number, &sequence, moment) {
                    tracing::info!(%why, "a pending cancellation failed");
                }
            }
            Due::Payout(card) => self.pay_out(card, moment),
            Due::Monthly(card, serial) => {
                for source in [Source::BankMonthly, Source::CreditCard] {
                    if let Some(plan) = self.card(card).plans.of(source).copied()
                        && plan.serial == serial
                    {
                        self.fire(card, source, moment);
                        self.plan_month(card, plan, moment.time);
                    }
                }
            }
            Due::Window(id) => {
                if let Some(window) = self.windows.get_mut(&id)
                    && window.state == WindowState::Open
                {
                    window.state = WindowState::Closed;
                }
            }
            Due::Registration(number) => self.go_on_with_registration(&number, moment),
            Due::PointReservation(number) => self.end_reservation(number, moment),
        }
    }

    fn pay_out(&mut self, card: CardId, moment: &Moment) {
        let amount = self.ledger.balance(Account::Payout(card));
        if amount == 0 {
            return;
        }
        let Some(bank) = self.bank_of(self.card(card).user_id) else {
            // Until there is an account to pay to.
            return self.pay_out_tomorrow(card, moment);
        };
        let nr_number = self.next_nr_number(moment);
        let accounts = (Account::Payout(card), Account::Bank(bank));
        if let Err(why) = self.transfer(moment, Kind::Payout, nr_number, accounts, amount) {
            tracing::error!(%why, "a payout failed");
        }
    }

    fn go_on_with_registration(&mut self, number: &str, moment: &Moment) {
        let Some(registration) = self.registrations.get_mut(number) else {
            return;
        };
        match registration.state {
            RegistrationState::Calling => {
                registration.state = RegistrationState::Authenticated;
                let due = Due::Registration(number.to_owned());
                self.plan_for(moment.time + REGISTRATION, due);
            }
            RegistrationState::Authenticated if !registration.is_members => {
                registration.state = RegistrationState::Failed;
            }
            RegistrationState::Authenticated => {
                registration.state = RegistrationState::Registered;
                let (user_id, bank) = (registration.user_id, registration.bank);
                if let Some(member) = self.members.get_mut(&user_id)
                    && !member.left
                {
                    member.bank = Some(bank);
                }
            }
            RegistrationState::Registered | RegistrationState::Failed => {}
        }
    }

    fn plan_for(&mut self, time: SystemTime, due: Due) {
        self.serial += 1;
        self.due.insert((time, self.serial), due);
    }

    // Numbers.

    /// `KMN`, the day and nine digits: 18 characters, as a public sample has them.
    pub(crate) fn next_nr_number(&mut self, moment: &Moment) -> String {
        self.counter += 1;
        format!("KMN{}{:09}", moment.short_day(), self.counter)
    }

    /// Time and six digits: 20 characters.
    pub(crate) fn next_long_id(&mut self, moment: &Moment) -> String {
        self.counter += 1;
        format!("{}{:06}", moment.seconds(), self.counter % 1_000_000)
    }

    /// Time and eight digits: 22 characters.
    pub(crate) fn next_longest_id(&mut self, moment: &Moment) -> String {
        self.counter += 1;
        format!("{}{:08}", moment.seconds(), self.counter % 100_000_000)
    }
}
