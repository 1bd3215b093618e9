//! Cards, and the auto recharges that are set on them. What a card holds is in the ledger.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::Moment;
use super::ledger::CardId;

/// How far a card is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CardStatus {
    Active,
    Suspended,
    /// Its holder gave it to somebody else.
    Given,
    Terminated,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) user_id: u64,
    pub(crate) number: String,
    pub(crate) par: String,
    pub(crate) service_id: String,
    /// YYMM
    pub(crate) expiry: String,
    pub(crate) status: CardStatus,
    /// The member's first card, which goes only with the membership.
    pub(crate) basic: bool,
    pub(crate) paid_with: bool,
    /// The application that it was issued for, and the physical card that was linked to it.
    pub(crate) application: Option<String>,
    pub(crate) physical: Option<String>,
    pub(crate) plans: Plans,
}

impl Card {
    /// Whether the month of expiry is over.
    pub(crate) fn is_expired(&self, moment: &Moment) -> bool {
        self.expiry.as_str() < moment.year_month()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == CardStatus::Active
    }
}

/// The auto recharges of a card: one of each kind at most.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Plans {
    /// From the bank account, at a lower limit.
    pub(crate) lower_limit: Option<Plan>,
    /// From the bank account, on a day of the month.
    pub(crate) monthly: Option<Plan>,
    /// With a credit card, either way.
    pub(crate) credit_card: Option<Plan>,
    /// From the bank account, when a payment needs it; since when.
    pub(crate) at_payment: Option<SystemTime>,
}

impl Plans {
    pub(crate) fn of(&self, source: Source) -> Option<&Plan> {
        match source {
            Source::BankAtLowerLimit => self.lower_limit.as_ref(),
            Source::BankMonthly => self.monthly.as_ref(),
            Source::CreditCard => self.credit_card.as_ref(),
        }
    }

    pub(crate) fn of_mut(&mut self, source: Source) -> &mut Option<Plan> {
        match source {
            Source::BankAtLowerLimit => &mut self.lower_limit,
            Source::BankMonthly => &mut self.monthly,
            Source::CreditCard => &mut self.credit_card,
        }
    }

    pub(crate) fn any(&self) -> bool {
        self.lower_limit.is_some()
            || self.monthly.is_some()
            || self.credit_card.is_some()
            || self.at_payment.is_some()
    }

    /// Ends what takes money from the bank account.
    pub(crate) fn end_those_from_the_bank(&mut self) {
        self.lower_limit = None;
        self.monthly = None;
        self.at_payment = None;
    }
}

/// Which of a card's auto recharges, by who pays for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    BankAtLowerLimit,
    BankMonthly,
    CreditCard,
}

/// An auto recharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) amount: u64,
    pub(crate) trigger: Trigger,
    pub(crate) registered: SystemTime,
    /// Tells it from those that were set on the card before.
    pub(crate) serial: u64,
}

/// When an auto recharge fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    /// When the balance is at or below this.
    LowerLimit(u64),
    DayOfMonth(u8),
}

/// An application for a card.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) user_id: u64,
    pub(crate) made: SystemTime,
    pub(crate) service_id: String,
    /// The mobile card, where the product is issued in advance or the physical card was registered.
    pub(crate) card: Option<CardId>,
    /// Whether a physical card is delivered.
    pub(crate) delivered: bool,
    pub(crate) registered: bool,
}
