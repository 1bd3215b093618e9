//! What happens by itself, when the clock passes a time.

use std::time::SystemTime;

use konaplate::CorrelationId;
use serde::{Deserialize, Serialize};

use super::{Moment, Source, WindowState, World, next_day};
use crate::ledger::{Account, CardId, Kind, correlation_id};

/// What happens when the clock passes a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Due {
    /// The payment gateway answers about a recharge.
    Recharge(Late),
    /// The payment gateway answers about a cancellation.
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

/// What the payment gateway answers about later.
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

impl World {
    /// Lets happen what is due, in the order of its times.
    pub(crate) fn settle_due(&mut self, now: &Moment) {
        while let Some(((time, _), due)) = self.due.remove_first_if(|(time, _)| *time <= now.time) {
            self.by_itself(|world| world.settle(due, &Moment::at(time)));
        }
    }

    fn settle(&mut self, due: Due, moment: &Moment) {
        match due {
            Due::Recharge(late) => {
                let result = self.caused_by(late.cause, |world| {
                    world.carry_out_recharge(&late.nr_number, &late.sequence, moment)
                });
                if let Err(why) = result {
                    tracing::info!(%why, "a pending recharge failed");
                }
            }
            Due::Cancellation(late) => {
                let result = self.caused_by(late.cause, |world| {
                    world.carry_out_cancellation(&late.nr_number, &late.sequence, moment)
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
