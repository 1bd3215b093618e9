//! The member, the card and the token that a request names.

use konaplate::ErrorCode;

use super::Context;
use super::fields::{Fields, coded};
use crate::state::ledger::CardId;
use crate::state::{Refusal, State, TokenUse};

/// The id of the member that the request names by `userId`.
pub(super) fn member(state: &State, request: &Fields) -> Result<u64, Refusal> {
    let user_id = request.number("userId")?;
    state.member("userId", user_id)?;
    Ok(user_id)
}

/// The same, where the operation has a code of its own for a member that is not there.
pub(super) fn member_or(state: &State, request: &Fields, code: ErrorCode) -> Result<u64, Refusal> {
    let user_id = request.number("userId")?;
    state.member("userId", user_id).map_err(coded(code))?;
    Ok(user_id)
}

/// The active card of a member, by its PAR.
pub(super) fn active_card(state: &State, user_id: u64, par: &str) -> Result<CardId, Refusal> {
    state
        .card_of(user_id, par)
        .filter(|card| state.card(*card).is_active())
        .ok_or_else(|| Refusal::parameter("par", "no active card of the member has this PAR"))
}

/// The card that an ordinary token stands for, which has to be the member's and active.
pub(super) fn card_of_token(
    state: &mut State,
    context: &Context<'_>,
    token: (&str, Option<&str>),
    member: (&'static str, u64),
) -> Result<CardId, Refusal> {
    let card = state.redeem(token, TokenUse::Ordinary, member, &context.moment)?;
    if state.card(card).is_active() {
        Ok(card)
    } else {
        Err(Refusal::parameter("oneTimeToken", "the card is not active"))
    }
}
