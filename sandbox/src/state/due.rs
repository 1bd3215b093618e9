//! What happens by itself, when the clock passes a time.

use std::time::SystemTime;

use super::ledger::{Account, CardId, Kind};
use super::schedule::Due;
use super::{Moment, Source, State, WindowState, next_day};

impl State {
    /// Lets happen what is due, in the order of its times.
    pub(crate) fn settle_due(&mut self, now: &Moment) {
        while let Some(((time, _), due)) = self.due.remove_first_if(|(time, _)| *time <= now.time) {
            self.by_itself(|state| state.settle(due, &Moment::at(time)));
        }
    }

    fn settle(&mut self, due: Due, moment: &Moment) {
        match due {
            Due::Recharge(late) => {
                let result = self.caused_by(late.cause, |state| {
                    state.carry_out_recharge(&late.nr_number, &late.sequence, moment)
                });
                if let Err(why) = result {
                    tracing::info!(%why, "a pending recharge failed");
                }
            }
            Due::Cancellation(late) => {
                let result = self.caused_by(late.cause, |state| {
                    state.carry_out_cancellation(&late.nr_number, &late.sequence, moment)
                });
                if let Err(why) = result {
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

    /// Has what left a card paid out to the bank account of its holder on the next day.
    pub(crate) fn pay_out_tomorrow(&mut self, card: CardId, moment: &Moment) {
        self.plan_for(next_day(moment.time), Due::Payout(card));
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

    pub(super) fn plan_for(&mut self, time: SystemTime, due: Due) {
        self.counters.serial += 1;
        self.due.insert((time, self.counters.serial), due);
    }
}
