//! What the receiver of a gift does outside the operations: he refuses it.

use super::ledger::{Account, Kind};
use super::{CardStatus, GiftState, Moment, State};

/// Why a gift was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRefused {
    NoGift,
    NotWaiting,
}

impl State {
    /// Gives a gift back that was not accepted: the card is the sender's to use again, with the
    /// money on it. Assumed: no page of an operation that refuses was found, and only the title is
    /// known.
    pub(crate) fn refuse_gift(
        &mut self,
        transfer_id: &str,
        moment: &Moment,
    ) -> Result<(), NotRefused> {
        let gift = self.gifts.get(transfer_id).ok_or(NotRefused::NoGift)?;
        if gift.state != GiftState::Waiting {
            return Err(NotRefused::NotWaiting);
        }
        let (card, account) = (gift.from, Account::Gift(gift.number));
        let amount = self.ledger.balance(account);
        let nr_number = self.next_nr_number(moment);
        let accounts = (account, Account::Card(card));
        // It came from there, and nothing was added since.
        self.by_itself(|state| {
            state.transfer(moment, Kind::GiftRefused, nr_number, accounts, amount)
        })
        .map_err(|_| NotRefused::NotWaiting)?;
        self.card_mut(card).status = CardStatus::Active;
        if let Some(gift) = self.gifts.get_mut(transfer_id) {
            gift.state = GiftState::Refused;
        }
        Ok(())
    }
}
