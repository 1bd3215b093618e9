//! What a posting is in the platform's words, for the list of a card's transactions and for
//! callbacks.

use super::ledger::{Account, CardId, Kind, Posting, unsigned};

impl Kind {
    /// Page of the list of transactions: 00 payment, 01 recharge, 02 refund, 03 transfer.
    pub(crate) fn transaction_type(self) -> &'static str {
        match self {
            Self::Payment
            | Self::PaymentCancel
            | Self::NetworkCancel
            // These have no part on a card.
            | Self::PointGrant
            | Self::PointReservation
            | Self::PointReservationEnd => "00",
            Self::Opening
            | Self::BankOpening
            | Self::BankRecharge
            | Self::BankRechargeCancel
            | Self::CreditCardRecharge
            | Self::AutoRecharge
            | Self::SystemRecharge => "01",
            Self::Refund | Self::Payout => "02",
            Self::Transfer | Self::Gift | Self::GiftAccepted | Self::GiftRefused => "03",
        }
    }

    /// Page of the list of transactions: AUTH, or CANCEL for what undoes another one.
    pub(crate) fn auth_or_cancel(self) -> &'static str {
        match self {
            Self::BankRechargeCancel
            | Self::PaymentCancel
            | Self::NetworkCancel
            | Self::GiftRefused => "CANCEL",
            _ => "AUTH",
        }
    }
}

impl Posting {
    /// How much it was, seen from a card: a payment that an auto recharge completed is larger than
    /// what left the card.
    pub(crate) fn whole_amount(&self, card: CardId) -> u64 {
        let account = match self.merchant() {
            Some(place) => Account::Merchant(place),
            None => Account::Card(card),
        };
        self.leg(account).map_or(0, |leg| unsigned(leg.amount))
    }

    pub(crate) fn merchant_name(&self) -> Option<String> {
        self.merchant()
            .map(|place| format!("Sandbox merchant {}", place + 1))
    }
}
