//! Payment windows: opened by a call, decided by the member.

use std::time::Duration;

use super::ledger::{Account, CardId, Kind};
use super::schedule::Due;
use super::{Moment, Purpose, Source, State, Trigger, Window, WindowState};

/// How long a payment window stays open. Assumed: as long as a token of type CREDIT lives.
const WINDOW: Duration = Duration::from_secs(300);

impl State {
    /// Opens a window; returns its transaction id.
    pub(crate) fn open_window(
        &mut self,
        card: CardId,
        purpose: Purpose,
        moment: &Moment,
    ) -> String {
        let id = self.next_long_id(moment);
        let window = Window {
            card,
            purpose,
            state: WindowState::Open,
            cause: self.cause(),
        };
        self.windows.insert(id.clone(), window);
        self.plan_for(moment.time + WINDOW, Due::Window(id.clone()));
        id
    }

    /// Takes the member's decision in an open window.
    pub(crate) fn decide(&mut self, id: &str, approve: bool, moment: &Moment) {
        let Some(window) = self.windows.get(id) else {
            return;
        };
        let (card, purpose, cause) = (window.card, window.purpose, window.cause);
        let state = if approve {
            self.caused_by(cause, |state| state.approve(card, purpose, moment))
        } else {
            WindowState::Declined
        };
        if let Some(window) = self.windows.get_mut(id) {
            window.state = state;
        }
    }

    fn approve(&mut self, card: CardId, purpose: Purpose, moment: &Moment) -> WindowState {
        if !self.card(card).is_active() {
            return WindowState::Failed;
        }
        match purpose {
            Purpose::Recharge(amount) => {
                if !self.has_room_for(card, amount) {
                    return WindowState::Failed;
                }
                let nr_number = self.next_nr_number(moment);
                let kind = Kind::CreditCardRecharge;
                let accounts = (Account::Outside, Account::Card(card));
                match self.transfer(moment, kind, nr_number, accounts, amount) {
                    Ok(_) => WindowState::Approved,
                    Err(_) => WindowState::Failed,
                }
            }
            Purpose::AutoRecharge(plan) => {
                if self.card(card).plans.credit_card.is_some() {
                    return WindowState::Failed;
                }
                self.set_plan(card, Source::CreditCard, plan);
                if matches!(plan.trigger, Trigger::LowerLimit(limit) if self.balance(card) <= limit)
                {
                    self.fire(card, Source::CreditCard, moment);
                }
                WindowState::Approved
            }
        }
    }
}
