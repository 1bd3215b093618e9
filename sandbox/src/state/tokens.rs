//! One-time tokens.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::ledger::CardId;
use super::{Moment, Refusal, Table};

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenUse {
    /// Payments, recharges from a bank account, gifts, refunds, transfers.
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

/// A token as it is handed out.
pub(crate) struct IssuedToken {
    pub(crate) number: String,
    pub(crate) dcvv: String,
    pub(crate) expires: SystemTime,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Token {
    dcvv: String,
    pub(super) card: CardId,
    used_for: TokenUse,
    expires: SystemTime,
}

/// The tokens that are good.
pub(crate) struct Tokens {
    pub(super) good: Table<String, Token>,
    /// Past this number, those that have expired are looked for.
    sweep_at: usize,
    pub(super) random: fastrand::Rng,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            good: Table::default(),
            sweep_at: 64,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    pub(crate) fn issue(
        &mut self,
        card: CardId,
        used_for: TokenUse,
        moment: &Moment,
    ) -> IssuedToken {
        if self.good.len() >= self.sweep_at {
            self.good.retain(|token| token.expires > moment.time);
            self.sweep_at = (2 * self.good.len()).max(64);
        }
        let number = loop {
            let number = format!("5297{:012}", self.random.u64(0..1_000_000_000_000));
            if !self.good.contains_key(&number) {
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
        self.good.insert(number.clone(), token);
        IssuedToken {
            number,
            dcvv,
            expires,
        }
    }

    /// Uses a token up and returns its card.
    ///
    /// Vendor's page of the one-time token: it stands for a card, for a kind of transaction and for
    /// a time. That it works once only, and what a wrong one gets, is assumed: pages
    /// name the failure without its code. The page of the refund's fee asks for no `dcvv`.
    pub(crate) fn redeem(
        &mut self,
        number: &str,
        dcvv: Option<&str>,
        used_for: TokenUse,
        moment: &Moment,
    ) -> Result<CardId, Refusal> {
        const FIELD: &str = "oneTimeToken";
        let token = self
            .good
            .remove(number)
            .ok_or_else(|| Refusal::parameter(FIELD, "no such token, or it was used before"))?;
        if token.expires <= moment.time {
            return Err(Refusal::parameter(FIELD, "the token has expired"));
        }
        if dcvv.is_some_and(|dcvv| dcvv != token.dcvv) {
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
        Ok(token.card)
    }
}
