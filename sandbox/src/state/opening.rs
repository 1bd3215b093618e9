//! The state that a sandbox starts with: the fixtures.

use std::time::SystemTime;

use super::ledger::{Account, BankId, CardId, Ledger};
use super::{
    BankAccount, Card, CardStatus, Counters, Member, Plans, State, Table, Tokens, Trigger,
};
use crate::fixtures::{self, CARDS, MEMBERS, TestCardState};

impl State {
    pub(crate) fn new(seed: u64) -> Self {
        let mut opening = vec![(Account::Deposit, fixtures::DEPOSIT)];
        let mut state = Self::empty(Tokens::new(seed));
        for member in &MEMBERS {
            let bank = member.bank.map(|(code, number, balance)| {
                let id = BankId(state.banks.len());
                let account = BankAccount {
                    code: code.to_owned(),
                    number: number.to_owned(),
                };
                state.banks.insert(id, account);
                opening.push((Account::Bank(id), balance));
                id
            });
            state.members.insert(
                member.user_id,
                Member {
                    name: member.name.to_owned(),
                    phone: member.phone.to_owned(),
                    email: member.login_id(),
                    birth_date: member.birth_date.to_owned(),
                    gender: "Male".to_owned(),
                    nationality: "Korean".to_owned(),
                    ci: member.ci(),
                    login_id: member.login_id(),
                    password: fixtures::LOGIN_PASSWORD.to_owned(),
                    join_channel: None,
                    wrong_passwords: 0,
                    bank,
                    left: false,
                },
            );
        }
        for card in &CARDS {
            let id = CardId(state.cards.len());
            opening.push((Account::Card(id), card.balance));
            let plans = match card.state {
                TestCardState::AutoRecharge => Plans {
                    lower_limit: Some(state.new_plan(
                        10_000,
                        Trigger::LowerLimit(1_000),
                        SystemTime::UNIX_EPOCH,
                    )),
                    ..Plans::default()
                },
                _ => Plans::default(),
            };
            let basic = !state
                .cards
                .values()
                .any(|other| other.user_id == card.user_id);
            let card = Card {
                user_id: card.user_id,
                number: card.card_no.to_owned(),
                par: card.par.to_owned(),
                service_id: card.service_id.to_owned(),
                expiry: card.expiry.to_owned(),
                status: match card.state {
                    TestCardState::Suspended => CardStatus::Suspended,
                    _ => CardStatus::Active,
                },
                basic,
                paid_with: card.state == TestCardState::Paid,
                application: None,
                physical: None,
                plans,
            };
            state.cards.insert(id, card);
        }
        state.ledger = Ledger::opened(opening).expect("the fixtures have each account once");
        state
    }

    /// Nobody and nothing.
    pub(super) fn empty(tokens: Tokens) -> Self {
        Self {
            ledger: Ledger::default(),
            members: Table::default(),
            banks: Table::default(),
            cards: Table::default(),
            tokens,
            sequences: Table::default(),
            bank_recharges: Table::default(),
            payments: Table::default(),
            payment_ids: Table::default(),
            windows: Table::default(),
            gifts: Table::default(),
            applications: Table::default(),
            registrations: Table::default(),
            point_reservations: Table::default(),
            standing_reservations: Table::default(),
            callbacks_waiting: Table::default(),
            callbacks_done: Table::default(),
            due: Table::default(),
            records_callbacks: false,
            counters: Counters::default(),
            cause: None,
        }
    }
}
