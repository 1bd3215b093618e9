//! Auto recharges: set on a card, and made when its balance or the calendar says so.

use std::time::SystemTime;

use super::ledger::{Account, CardId, Kind};
use super::schedule::Due;
use super::{Moment, Plan, Source, State, Trigger, calendar};

impl State {
    pub(crate) fn new_plan(&mut self, amount: u64, trigger: Trigger, now: SystemTime) -> Plan {
        self.counters.serial += 1;
        Plan {
            amount,
            trigger,
            registered: now,
            serial: self.counters.serial,
        }
    }

    /// Sets an auto recharge on a card, in the place of the one there.
    pub(crate) fn set_plan(&mut self, card: CardId, source: Source, plan: Plan) {
        *self.card_mut(card).plans.of_mut(source) = Some(plan);
        self.plan_month(card, plan, plan.registered);
    }

    pub(super) fn plan_month(&mut self, card: CardId, plan: Plan, after: SystemTime) {
        if let Trigger::DayOfMonth(day) = plan.trigger {
            let next = calendar::next_day_of_month(after, day);
            self.plan_for(next, Due::Monthly(card, plan.serial));
        }
    }

    /// Makes the auto recharges whose lower limit the card's balance is at or below, each once.
    pub(super) fn fire_lower_limits(&mut self, card: CardId, moment: &Moment) {
        for source in [Source::BankAtLowerLimit, Source::CreditCard] {
            let is_met = self.card(card).plans.of(source).is_some_and(
                |plan| matches!(plan.trigger, Trigger::LowerLimit(limit) if self.balance(card) <= limit),
            );
            if is_met {
                self.fire(card, source, moment);
            }
        }
    }

    /// Makes an auto recharge, if the card has room and whoever pays has the money. Assumed: one
    /// that fails is not made up for.
    pub(super) fn fire(&mut self, card: CardId, source: Source, moment: &Moment) {
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
            // Whatever call took the balance so low, this is not what it asked for.
            let made = self.by_itself(|state| {
                state.transfer(moment, Kind::AutoRecharge, nr_number, accounts, plan.amount)
            });
            if let Err(why) = made {
                tracing::info!(%why, "an auto recharge failed");
            }
        }
    }
}
