//! What moved money or will, as far as it has come: recharges, payments, gifts.

use super::cards::Plan;
use super::points::Points;
use crate::ledger::CardId;

/// What became of a request with a sequence id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequence {
    /// A recharge from a bank account, or the cancellation of one.
    Bank(Outcome),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Completed,
    Failed,
    Pending,
}

/// A recharge from a bank account.
#[derive(Debug)]
pub(crate) struct BankRecharge {
    pub(crate) user_id: u64,
    pub(crate) card: CardId,
    pub(crate) amount: u64,
    pub(crate) outcome: Outcome,
    /// How far its cancellation is, if one was asked for.
    pub(crate) cancelled: Option<Outcome>,
}

/// A window in which a member pays with a credit card, or shows one for auto recharges.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) card: CardId,
    pub(crate) purpose: Purpose,
    pub(crate) state: WindowState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A recharge of so much, in KRW.
    Recharge(u64),
    AutoRecharge(Plan),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindowState {
    Open,
    Approved,
    Declined,
    /// Approved by the member, and the card could not take it.
    Failed,
    /// Nobody decided in time.
    Closed,
}

/// A gift on its way.
pub(crate) struct Gift {
    /// Its account in the ledger.
    pub(crate) number: u64,
    pub(crate) from: CardId,
    pub(crate) service_id: String,
    pub(crate) receiver_phone: String,
    pub(crate) accepted: bool,
}

/// A payment.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) card: CardId,
    pub(crate) merchant: usize,
    pub(crate) amount: u64,
    /// What of it was points.
    pub(crate) points: Points,
    /// Whether it was cancelled or reversed.
    pub(crate) undone: bool,
}
