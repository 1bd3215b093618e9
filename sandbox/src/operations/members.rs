//! Members: sign-up, look-ups, the password, and the end of a membership.

use konaplate::ErrorCode;
use konaplate::types::{self, OpenObject};
use konaplate::value::Masked;
use serde_json::{Value, json};

use super::Context;
use super::cards;
use super::fields::{Fields, needed};
use super::lookup;
use crate::fixtures::{ASP_ID, SERVICE_ID};
use crate::state::ledger::Account;
use crate::state::{CardStatus, Member, Refusal, State, last_day_of};

/// How often a password may be wrong. Assumed: the page says that there is a limit, and not which.
const ATTEMPTS: u32 = 5;

pub(super) fn register_member(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RegisterMemberRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let login_id = request.login_id.expose();
    let password = request.login_password.expose();
    if !password.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::parameter("loginPassword", "6 digits"));
    }
    let user_id = state.last_numbered_member().map_or(1, |last| last + 1);
    // Page: with a provider that does not link to services outside, an assigned id stands for the
    // CI.
    let ci = request.ci.as_ref().map(Masked::expose);
    let ci = ci.map_or_else(|| format!("{user_id:088}"), str::to_owned);
    let exists = state
        .members
        .values()
        .any(|member| !member.left && (member.login_id == login_id || member.ci == ci));
    if exists {
        return Err(Refusal::new(
            ErrorCode::MemberAlreadyExists,
            "a member has this login id or this CI",
        ));
    }
    // Sent by everybody, though the page ends before it. Assumed: a member has a phone.
    let phone = needed(&request.mobile_number, "mobileNumber").map_err(|refusal| Refusal {
        code: ErrorCode::MissingRequiredValue,
        ..refusal
    })?;
    let member = Member {
        name: request.user_name.expose().to_owned(),
        phone: phone.expose().to_owned(),
        email: request
            .email
            .as_ref()
            .map_or(login_id, Masked::expose)
            .to_owned(),
        birth_date: request.birth_date.expose().to_owned(),
        gender: request.gender.as_str().to_owned(),
        nationality: request.nationality.as_str().to_owned(),
        ci,
        login_id: login_id.to_owned(),
        password: password.to_owned(),
        join_channel: request.join_channel.as_deref().map(str::to_owned),
        wrong_passwords: 0,
        bank: None,
        left: false,
    };
    state.members.insert(user_id, member);
    // Page: where the provider's service issues a mobile card at sign-up, it comes back.
    let card = state.issue_card(user_id, SERVICE_ID, moment);
    let card = state.card(card);
    Ok(json!({
        "userId": user_id,
        "basicCardInfo": {
            "par": card.par,
            "cardNo": card.number,
            // YYMMDD
            "expiryDate": last_day_of(&card.expiry)[2..],
            "serviceId": card.service_id,
        },
    }))
}

pub(super) fn get_member(
    state: &mut State,
    _: &Context<'_>,
    request: &types::GetMemberRequestBody,
) -> Result<Value, Refusal> {
    let user_id = request.user_id.get();
    let member = state.member("userId", user_id)?;
    let mut info = json!({
        "aspId": ASP_ID,
        "userId": user_id,
        "birthDate": member.birth_date,
        "ci": member.ci,
        "loginId": member.login_id,
        "nationality": member.nationality,
        "gender": member.gender,
        "mobileNumber": member.phone,
        "userName": member.name,
        "email": member.email,
    });
    if let Some(channel) = &member.join_channel {
        info["joinChannel"] = json!(channel);
    }
    Ok(json!({ "userInfo": info }))
}

pub(super) fn find_member_by_ci(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let (user_id, _) = by_ci(state, Fields::of(&request.0).text("ci")?)?;
    Ok(json!({ "userId": user_id }))
}

pub(super) fn find_login_id(
    state: &mut State,
    _: &Context<'_>,
    request: &types::FindLoginIdRequestBody,
) -> Result<Value, Refusal> {
    let (_, member) = by_ci(state, request.ci.expose())?;
    Ok(json!({ "loginId": member.login_id }))
}

pub(super) fn verify_password(
    state: &mut State,
    _: &Context<'_>,
    request: &types::VerifyPasswordRequestBody,
) -> Result<Value, Refusal> {
    let login_id = request.login_id.expose();
    let password = request.login_password.expose();
    // Who left may have come again: the one who is there goes first.
    let not_found = || Refusal::new(ErrorCode::MemberNotFound, "no member has this login id");
    let (&user_id, _) = state
        .members
        .iter()
        .filter(|(_, member)| member.login_id == login_id)
        .min_by_key(|(_, member)| member.left)
        .ok_or_else(not_found)?;
    let member = state.members.get_mut(&user_id).ok_or_else(not_found)?;
    if member.left {
        return Err(Refusal::new(
            ErrorCode::MemberNotActive,
            "the membership was cancelled",
        ));
    }
    if member.wrong_passwords >= ATTEMPTS {
        return Err(Refusal::new(
            ErrorCode::LoginAttemptsExceeded,
            format!("{ATTEMPTS} wrong passwords"),
        ));
    }
    if member.password != password {
        member.wrong_passwords += 1;
        return Err(Refusal::new(
            ErrorCode::WrongPassword,
            "it is not the member's password",
        ));
    }
    member.wrong_passwords = 0;
    Ok(json!({ "userId": user_id }))
}

pub(super) fn cancel_membership(
    state: &mut State,
    _: &Context<'_>,
    request: &types::CancelMembershipRequestBody,
) -> Result<Value, Refusal> {
    let user_id = lookup::member(state, request.user_id.get())?;
    let held: Vec<_> = state.cards_ever_of(user_id).collect();
    // Page: failures of these kinds, without their codes.
    for id in &held {
        let rule = if state.ledger.balance(Account::Card(*id)) > 0 {
            "a card holds money"
        } else if state.card(*id).status == CardStatus::Suspended {
            "a card is suspended"
        } else if state.has_money_on_its_way(*id) {
            "a gift was not accepted, an amount not paid out, or a recharge is pending"
        } else {
            continue;
        };
        return Err(Refusal::parameter("userId", rule));
    }
    for id in held {
        cards::end(state, id);
    }
    if let Some(member) = state.members.get_mut(&user_id) {
        member.left = true;
        member.bank = None;
    }
    state.record_withdrawal(user_id);
    Ok(json!({}))
}

fn by_ci<'s>(state: &'s State, ci: &str) -> Result<(u64, &'s Member), Refusal> {
    state
        .members
        .iter()
        .find(|(_, member)| !member.left && member.ci == ci)
        .map(|(user_id, member)| (*user_id, member))
        .ok_or_else(|| Refusal::parameter("ci", "no member has this CI"))
}
