//! The member, the card and the token that a request names.

use konaplate::ErrorCode;
use konaplate::types::{Dcvv, OneTimeToken};

use super::Context;
use super::fields::{Fields, coded};
use crate::state::ledger::{BankId, CardId};
use crate::state::{HOLDING_LIMIT, Refusal, State, TokenUse};

/// The member with this `userId`, who has to be there.
pub(super) fn member(state: &State, user_id: u64) -> Result<u64, Refusal> {
    state.member("userId", user_id)?;
    Ok(user_id)
}

/// The same, where the operation has a code of its own for a member that is not there.
pub(super) fn member_or(state: &State, user_id: u64, code: ErrorCode) -> Result<u64, Refusal> {
    member(state, user_id).map_err(coded(code))
}

/// The member's bank account. Page: 007_001 where there is none.
pub(super) fn bank(state: &State, user_id: u64) -> Result<BankId, Refusal> {
    state.bank_of(user_id).ok_or_else(|| {
        Refusal::new(
            ErrorCode::BankAccountNotFound,
            "the member has no bank account",
        )
    })
}

/// The active card of a member, by its PAR.
pub(super) fn active_card(state: &State, user_id: u64, par: &str) -> Result<CardId, Refusal> {
    state
        .card_of(user_id, par)
        .filter(|card| state.card(*card).is_active())
        .ok_or_else(|| Refusal::parameter("par", "no active card of the member has this PAR"))
}

/// Whose card has this PAR.
pub(super) fn owner(state: &State, par: &str) -> Result<u64, Refusal> {
    let card = state.card_by_par(par);
    card.map(|card| state.card(card).user_id)
        .ok_or_else(|| Refusal::parameter("par", "no card has this PAR"))
}

/// What redeems a token: its number, and its dynamic CVV where the operation asks for it.
pub(super) type Token<'r> = (&'r str, Option<&'r str>);

/// A token and its dynamic CVV.
pub(super) fn token<'r>(token: &'r OneTimeToken, dcvv: &'r Dcvv) -> Token<'r> {
    (token.expose(), Some(dcvv.expose()))
}

/// The same, of a request that is not described.
pub(super) fn undescribed_token<'r>(fields: Fields<'r>) -> Result<Token<'r>, Refusal> {
    Ok((fields.text("oneTimeToken")?, Some(fields.text("dcvv")?)))
}

/// The card that an ordinary token stands for, which has to be the member's and active.
pub(super) fn card_of_token(
    state: &mut State,
    context: &Context<'_>,
    token: Token<'_>,
    user_id: u64,
) -> Result<CardId, Refusal> {
    card_of_token_for(state, context, token, TokenUse::Ordinary, user_id)
}

/// The same, of a token that was issued for that use.
pub(super) fn card_of_token_for(
    state: &mut State,
    context: &Context<'_>,
    token: Token<'_>,
    used_for: TokenUse,
    user_id: u64,
) -> Result<CardId, Refusal> {
    let card = state.redeem(token, used_for, ("userId", user_id), &context.moment)?;
    if state.card(card).is_active() {
        Ok(card)
    } else {
        Err(Refusal::parameter("oneTimeToken", "the card is not active"))
    }
}

/// That a card can hold so much more, in KRW.
pub(super) fn room(
    state: &State,
    card: CardId,
    amount: u64,
    code: ErrorCode,
) -> Result<(), Refusal> {
    if state.has_room_for(card, amount) {
        Ok(())
    } else {
        Err(Refusal::new(code, too_full()))
    }
}

/// The rule that [`room`] checks.
pub(super) fn too_full() -> String {
    format!("a card holds at most {HOLDING_LIMIT} KRW")
}
