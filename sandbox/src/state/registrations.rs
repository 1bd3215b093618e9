//! The registration of a bank account: begun by a call, and ended by itself.

use std::time::Duration;

use super::ledger::BankId;
use super::schedule::Due;
use super::{Moment, Registration, RegistrationState, State};

/// How long the member is on the phone, and how long the registration of a bank account then takes.
/// Assumed: one integrator asks every 2 seconds, ten times.
const CALL: Duration = Duration::from_secs(4);
const REGISTRATION: Duration = Duration::from_secs(4);

impl State {
    /// Begins the registration of a bank account; returns its number. It ends by itself.
    pub(crate) fn begin_registration(
        &mut self,
        user_id: u64,
        bank: BankId,
        is_members: bool,
        moment: &Moment,
    ) -> String {
        let number = self.next_longest_id(moment);
        let registration = Registration {
            user_id,
            bank,
            is_members,
            state: RegistrationState::Calling,
        };
        self.registrations.insert(number.clone(), registration);
        self.plan_for(moment.time + CALL, Due::Registration(number.clone()));
        number
    }

    pub(super) fn go_on_with_registration(&mut self, number: &str, moment: &Moment) {
        let Some(registration) = self.registrations.get_mut(number) else {
            return;
        };
        match registration.state {
            RegistrationState::Calling => {
                registration.state = RegistrationState::Authenticated;
                let due = Due::Registration(number.to_owned());
                self.plan_for(moment.time + REGISTRATION, due);
            }
            RegistrationState::Authenticated if !registration.is_members => {
                registration.state = RegistrationState::Failed;
            }
            RegistrationState::Authenticated => {
                registration.state = RegistrationState::Registered;
                let (user_id, bank) = (registration.user_id, registration.bank);
                if let Some(member) = self.members.get_mut(&user_id)
                    && !member.left
                {
                    member.bank = Some(bank);
                }
            }
            RegistrationState::Registered | RegistrationState::Failed => {}
        }
    }
}
