//! The state behind the operations: members, cards, tokens, recharges, gifts.
//!
//! It lives in memory and ends with the sandbox. What each operation does to it is in
//! [`crate::groups`].

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use konaplate::headers::Timestamp;
use konaplate::types::{Dcvv, OneTimeToken};
use konaplate::{ErrorCode, TimeZone};

use crate::fixtures::{CARDS, MEMBERS, TestCardState};

/// The most a card may hold, in KRW. Assumed: the vendor documents that there is a limit (007_033)
/// and not how much it is.
pub(crate) const HOLDING_LIMIT: u64 = 2_000_000;

/// A call was understood and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    /// The field that the message ends with.
    pub(crate) field: Option<&'static str>,
    /// For the developer: which rule it was.
    pub(crate) rule: String,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, rule: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            rule: rule.into(),
        }
    }

    /// A field that is well formed and not right.
    pub(crate) fn parameter(field: &'static str, rule: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::InvalidInputParameter,
            field: Some(field),
            rule: rule.into(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) members: BTreeMap<u64, Member>,
    cards: Vec<Card>,
    tokens: HashMap<String, Token>,
    /// Every sequence id that was taken, by the partner's own numbers.
    sequences: HashMap<String, Sequence>,
    pub(crate) card_recharges: BTreeMap<String, CardRecharge>,
    random: fastrand::Rng,
    counter: u64,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) phone: String,
    /// Balance of the registered bank account; none where none is registered.
    pub(crate) bank: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) user_id: u64,
    pub(crate) number: String,
    pub(crate) par: String,
    pub(crate) service_id: String,
    /// YYMM
    expiry: String,
    pub(crate) balance: u64,
    pub(crate) active: bool,
    pub(crate) paid_with: bool,
    pub(crate) auto_recharge: Option<AutoRecharge>,
}

impl Card {
    /// Whether the month of expiry is over.
    pub(crate) fn is_expired(&self, moment: &Moment) -> bool {
        self.expiry.as_str() < &moment.timestamp.as_str()[2..6]
    }

    /// Whether so much may be added.
    pub(crate) fn has_room_for(&self, amount: u64) -> bool {
        self.balance.saturating_add(amount) <= HOLDING_LIMIT
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AutoRecharge {
    pub(crate) amount: u64,
    pub(crate) threshold: u64,
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUse {
    /// Payments, recharges from a bank account, gifts.
    Ordinary,
    Atm,
    CreditCardRecharge,
}

impl TokenUse {
    /// Vendor's page of the one-time token: 30 seconds, 5 minutes for ATM and CREDIT.
    pub(crate) fn lifetime(self) -> Duration {
        match self {
            Self::Ordinary => Duration::from_secs(30),
            Self::Atm | Self::CreditCardRecharge => Duration::from_secs(300),
        }
    }
}

#[derive(Debug)]
struct Token {
    dcvv: String,
    card: usize,
    used_for: TokenUse,
    expires: SystemTime,
}

/// What became of a request with a sequence id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequence {
    BankCompleted,
    BankFailed,
    CreditCard,
}

#[derive(Debug)]
pub(crate) struct CardRecharge {
    pub(crate) par: String,
    pub(crate) amount: u64,
    pub(crate) state: CardRechargeState,
    /// When the payment window closes.
    pub(crate) closes: SystemTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardRechargeState {
    Open,
    Approved,
    Declined,
}

/// When a call is handled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) time: SystemTime,
    timestamp: Timestamp,
}

impl Moment {
    pub(crate) fn at(time: SystemTime) -> Self {
        Self {
            time,
            timestamp: Timestamp::new(time, TimeZone::Kst),
        }
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let members = MEMBERS
            .iter()
            .map(|member| {
                let phone = member.phone.to_owned();
                let bank = member.bank.map(|(_, _, balance)| balance);
                (member.user_id, Member { phone, bank })
            })
            .collect();
        let cards = CARDS
            .iter()
            .map(|card| Card {
                user_id: card.user_id,
                number: card.card_no.to_owned(),
                par: card.par.to_owned(),
                service_id: card.service_id.to_owned(),
                expiry: card.expiry.to_owned(),
                balance: card.balance,
                active: card.state != TestCardState::Suspended,
                paid_with: card.state == TestCardState::Paid,
                auto_recharge: (card.state == TestCardState::AutoRecharge).then_some(
                    AutoRecharge {
                        amount: 10_000,
                        threshold: 1_000,
                    },
                ),
            })
            .collect();
        Self {
            members,
            cards,
            tokens: HashMap::new(),
            sequences: HashMap::new(),
            card_recharges: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
            counter: 0,
        }
    }

    pub(crate) fn member(&self, field: &'static str, user_id: u64) -> Result<&Member, Refusal> {
        self.members
            .get(&user_id)
            .ok_or_else(|| Refusal::parameter(field, "no member has this id"))
    }

    pub(crate) fn card_by_number(&self, number: &str) -> Option<usize> {
        self.cards.iter().position(|card| card.number == number)
    }

    pub(crate) fn card_by_par(&self, par: &str) -> Option<usize> {
        self.cards.iter().position(|card| card.par == par)
    }

    pub(crate) fn card(&self, index: usize) -> &Card {
        &self.cards[index]
    }

    pub(crate) fn card_mut(&mut self, index: usize) -> &mut Card {
        &mut self.cards[index]
    }

    /// Issues a token; returns it, its dynamic CVV, and when it stops being valid.
    pub(crate) fn issue_token(
        &mut self,
        card: usize,
        used_for: TokenUse,
        moment: &Moment,
    ) -> (String, String, SystemTime) {
        self.tokens.retain(|_, token| token.expires > moment.time);
        let number = loop {
            let number = format!("5297{:012}", self.random.u64(0..1_000_000_000_000));
            if !self.tokens.contains_key(&number) {
                break number;
            }
        };
        let dcvv = format!("{:03}", self.random.u32(0..1_000));
        let expires = moment.time + used_for.lifetime();
        let token = Token {
            dcvv: dcvv.clone(),
            card,
            used_for,
            expires,
        };
        self.tokens.insert(number.clone(), token);
        (number, dcvv, expires)
    }

    /// Uses a token up and returns its card, which has to be the member's.
    ///
    /// Vendor's page of the one-time token: it stands for a card, for a kind of transaction and for
    /// a time. That it works once only, and what a wrong one is answered with, is assumed: pages
    /// name the failure without its code.
    pub(crate) fn redeem(
        &mut self,
        (number, dcvv): (&OneTimeToken, &Dcvv),
        used_for: TokenUse,
        (user_field, user_id): (&'static str, u64),
        moment: &Moment,
    ) -> Result<usize, Refusal> {
        const FIELD: &str = "oneTimeToken";
        let token = self
            .tokens
            .remove(number.reveal())
            .ok_or_else(|| Refusal::parameter(FIELD, "no such token, or it was used before"))?;
        if token.expires <= moment.time {
            return Err(Refusal::parameter(FIELD, "the token has expired"));
        }
        if token.dcvv != dcvv.reveal() {
            return Err(Refusal::parameter(
                "dcvv",
                "it is not the one issued with the token",
            ));
        }
        if token.used_for != used_for {
            let rule = match used_for {
                TokenUse::CreditCardRecharge => "a token of type CREDIT is needed",
                TokenUse::Atm => "a token of type ATM is needed",
                TokenUse::Ordinary => "a token without a type is needed",
            };
            return Err(Refusal::parameter(FIELD, rule));
        }
        if self.card(token.card).user_id != user_id {
            let rule = "the token is for a card of another member";
            return Err(Refusal::parameter(user_field, rule));
        }
        Ok(token.card)
    }

    pub(crate) fn sequence(&self, id: &str) -> Option<Sequence> {
        self.sequences.get(id).copied()
    }

    /// Vendor's page of the credit-card recharge: a sequence id that was used before is refused.
    pub(crate) fn require_new_sequence(&self, id: &str) -> Result<(), Refusal> {
        match self.sequences.get(id) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                ErrorCode::SequenceIdAlreadyUsed,
                "a sequence id works once",
            )),
        }
    }

    pub(crate) fn take_sequence(&mut self, id: &str, became: Sequence) {
        self.sequences.insert(id.to_owned(), became);
    }

    /// Takes an amount from a member's bank account.
    pub(crate) fn withdraw(&mut self, user_id: u64, amount: u64) -> Result<(), Refusal> {
        let balance = self
            .members
            .get_mut(&user_id)
            .and_then(|member| member.bank.as_mut())
            .ok_or_else(|| {
                Refusal::new(
                    ErrorCode::BankAccountNotFound,
                    "the member has no bank account",
                )
            })?;
        *balance = balance.checked_sub(amount).ok_or_else(|| {
            Refusal::new(
                ErrorCode::PgWithdrawalFailed,
                "the bank account does not hold so much",
            )
        })?;
        Ok(())
    }

    /// `KMN`, the day and nine digits: 18 characters, as a public sample has them.
    pub(crate) fn next_nr_number(&mut self, moment: &Moment) -> String {
        self.counter += 1;
        format!("KMN{}{:09}", &moment.timestamp.as_str()[2..8], self.counter)
    }

    /// Time and six digits: 20 characters.
    pub(crate) fn next_long_id(&mut self, moment: &Moment) -> String {
        self.counter += 1;
        format!(
            "{}{:06}",
            moment.timestamp.tran_time(),
            self.counter % 1_000_000
        )
    }
}
