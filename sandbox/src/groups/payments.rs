//! One-time tokens.

use std::time::SystemTime;

use konaplate::ErrorCode;
use konaplate::types::{IssueOneTimeTokenRequest, OneTimeTokenType};
use serde_json::{Value, json};

use super::Surroundings;
use crate::fixtures::passes_luhn;
use crate::world::{Refusal, TokenUse, World};

pub(super) fn issue_one_time_token(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &IssueOneTimeTokenRequest,
) -> Result<Value, Refusal> {
    let number = request.card_no.reveal();
    // Page: 006_002 for an incorrect number, 006_001 where no card matches. Which number is
    // incorrect is assumed: one that fails the Luhn check.
    if !passes_luhn(number) {
        return Err(Refusal::new(
            ErrorCode::TokenCardNumberInvalid,
            "a card number has 16 digits and passes the Luhn check",
        ));
    }
    let card = world
        .card_by_number(number)
        .ok_or_else(|| Refusal::new(ErrorCode::TokenCardNotFound, "no card has this number"))?;
    let used_for = match request.type_ {
        None => TokenUse::Ordinary,
        Some(OneTimeTokenType::Atm) => TokenUse::Atm,
        Some(_) => TokenUse::CreditCardRecharge,
    };
    let (token, dcvv, expires) = world.issue_token(card, used_for, &surroundings.moment);
    let millis = expires
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    Ok(json!({
        "oneTimeToken": token,
        "dcvv": dcvv,
        "expiryTime": u64::try_from(millis).unwrap_or(u64::MAX),
    }))
}
