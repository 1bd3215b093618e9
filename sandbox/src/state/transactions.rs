//! What moved money or will, as far as it has come: recharges, payments, gifts.

use konaplate::CorrelationId;
use serde::{Deserialize, Serialize};

use super::cards::Plan;
use super::ledger::{CardId, correlation_id};
use super::points::Points;

/// What became of a request with a sequence id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sequence {
    /// A recharge from a bank account, or the cancellation of one.
    Bank(Outcome),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Completed,
    Failed,
    Pending,
}

/// A recharge from a bank account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BankRecharge {
    pub(crate) user_id: u64,
    pub(crate) card: CardId,
    pub(crate) amount: u64,
    pub(crate) outcome: Outcome,
    /// How far its cancellation is, if one was asked for.
    pub(crate) cancelled: Option<Outcome>,
}

/// A window in which a member pays with a credit card, or shows one for auto recharges.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) card: CardId,
    pub(crate) purpose: Purpose,
    pub(crate) state: WindowState,
    /// The call that opened it.
    #[serde(with = "correlation_id")]
    pub(crate) cause: Option<CorrelationId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A recharge of so much, in KRW.
    Recharge(u64),
    AutoRecharge(Plan),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Gift {
    /// Its account in the ledger.
    pub(crate) number: u64,
    pub(crate) from: CardId,
    pub(crate) service_id: String,
    pub(crate) receiver_phone: String,
    pub(crate) state: GiftState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GiftState {
    Waiting,
    Accepted,
    Refused,
}

/// A payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) card: CardId,
    pub(crate) merchant: usize,
    pub(crate) amount: u64,
    /// What of it was points.
    pub(crate) points: Points,
    /// Whether it was cancelled or reversed.
    pub(crate) undone: bool,
}
