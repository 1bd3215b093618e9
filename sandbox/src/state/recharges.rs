//! Recharges from a bank account and their cancellations, at once or later.

use std::time::Duration;

use super::ledger::{Account, CardId, Kind, Unposted};
use super::schedule::{Due, Late};
use super::{Moment, Outcome, Sequence, State};

/// How long a late decision of the payment gateway takes. Page of the recharge: the platform
/// asks again every 5 minutes. That the second response is a clear one is assumed.
const LATE: Duration = Duration::from_secs(300);

impl State {
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

    /// Has the payment gateway response about a recharge, or its cancellation, later.
    pub(crate) fn settle_late(
        &mut self,
        nr_number: &str,
        sequence: &str,
        is_cancellation: bool,
        moment: &Moment,
    ) {
        self.take_sequence(sequence, Sequence::Bank(Outcome::Pending));
        let late = Late {
            nr_number: nr_number.to_owned(),
            sequence: sequence.to_owned(),
            cause: self.cause(),
        };
        let due = if is_cancellation {
            Due::Cancellation(late)
        } else {
            Due::Recharge(late)
        };
        self.plan_for(moment.time + LATE, due);
    }
}
