//! Bank accounts of members, and their registration, which takes a while.

use konaplate::ErrorCode;
use konaplate::types;
use konaplate::value::composed;
use serde_json::{Value, json};

use super::Context;
use super::fields::needed;
use crate::state::{BankAccount, Refusal, RegistrationState, State};

pub(super) fn register_bank_account(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RegisterBankAccountRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = needed(&request.user_id, "userId")?.get();
    let account = BankAccount {
        code: needed(&request.bank_code, "bankCode")?.as_str().to_owned(),
        number: needed(&request.bank_account, "bankAccount")?
            .expose()
            .to_owned(),
    };
    let member = state.member("userId", user_id)?;
    // Assumed: an account of somebody else is called about, and then not registered.
    let (name, birth_date) = (
        needed(&request.user_name, "userName")?.expose(),
        needed(&request.birth_date, "birthDate")?.expose(),
    );
    let is_members = composed(name) == composed(&member.name) && birth_date == member.birth_date;
    // Page: a member can have only one registration running.
    let is_running = state
        .registrations
        .values()
        .any(|other| other.user_id == user_id && other.state.is_running());
    if is_running {
        return Err(Refusal::new(
            ErrorCode::BankAccountRegistrationInProgress,
            "a registration of the member runs",
        ));
    }
    let bank = state.bank_account(account, moment);
    let number = state.begin_registration(user_id, bank, is_members, moment);
    Ok(json!({ "bankAccRegNo": number }))
}

pub(super) fn get_bank_account_registration(
    state: &mut State,
    _: &Context<'_>,
    request: &types::GetBankAccountRegistrationRequestBody,
) -> Result<Value, Refusal> {
    let registration = state
        .registrations
        .get(request.reg_no.as_str())
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::BankAccountRegistrationNotFound,
                "no registration has this number",
            )
        })?;
    let status = match registration.state {
        RegistrationState::Calling => "ARS_AUTH_IN_PROGRESS",
        RegistrationState::Authenticated => "ARS_AUTH_DONE",
        RegistrationState::Registered => "BANK_ACC_REGISTERED",
        RegistrationState::Failed => "BANK_ACC_REG_FAILED",
    };
    Ok(json!({ "status": status }))
}

pub(super) fn get_bank_account(
    state: &mut State,
    _: &Context<'_>,
    request: &types::GetBankAccountRequestBody,
) -> Result<Value, Refusal> {
    let user_id = request.user_id.get();
    let member = state.member("userId", user_id)?;
    let bank = member
        .bank
        .ok_or_else(|| Refusal::parameter("userId", "the member has no bank account"))?;
    Ok(json!({
        "userId": user_id,
        "accountInfo": {
            "accountId": format!("{:05}", (bank.0 + 1) % 100_000),
            "userName": member.name,
        },
    }))
}

pub(super) fn delete_bank_account(
    state: &mut State,
    _: &Context<'_>,
    request: &types::DeleteBankAccountRequestBody,
) -> Result<Value, Refusal> {
    let user_id = request.user_id.get();
    if state.member("userId", user_id)?.bank.is_none() {
        return Err(Refusal::parameter(
            "userId",
            "the member has no bank account",
        ));
    }
    let cards: Vec<_> = state.cards_of(user_id).collect();
    // Assumed, as the safest: not while money is on its way to the account or from it.
    if cards.iter().any(|card| state.is_recharge_pending(*card)) {
        return Err(Refusal::parameter(
            "userId",
            "a recharge of the member is pending",
        ));
    }
    if let Some(member) = state.members.get_mut(&user_id) {
        member.bank = None;
    }
    // Assumed: the auto recharges from the account end with it.
    for card in cards {
        state.card_mut(card).plans.end_those_from_the_bank();
    }
    Ok(json!({}))
}
