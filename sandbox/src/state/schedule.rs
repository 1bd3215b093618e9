//! What is to happen when the clock passes a time.

use konaplate::CorrelationId;
use serde::{Deserialize, Serialize};

use super::ledger::{CardId, correlation_id};

/// What happens when the clock passes a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Due {
    /// The payment gateway decides a recharge.
    Recharge(Late),
    /// The payment gateway decides a cancellation.
    Cancellation(Late),
    /// What left a card reaches the bank account.
    Payout(CardId),
    /// A monthly auto recharge, with the plan's serial number.
    Monthly(CardId, u64),
    Window(String),
    Registration(String),
    /// A reservation of points lapses.
    PointReservation(u64),
}

/// What the payment gateway decides later.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Late {
    /// Of the recharge.
    pub(super) nr_number: String,
    /// Of the call.
    pub(super) sequence: String,
    /// The call, which what is posted then is the doing of.
    #[serde(with = "correlation_id")]
    pub(super) cause: Option<CorrelationId>,
}

impl Due {
    /// The card that it happens to, where it names one.
    pub(super) fn card(&self) -> Option<CardId> {
        match self {
            Self::Payout(card) | Self::Monthly(card, _) => Some(*card),
            Self::Recharge(_)
            | Self::Cancellation(_)
            | Self::Window(_)
            | Self::Registration(_)
            | Self::PointReservation(_) => None,
        }
    }
}
