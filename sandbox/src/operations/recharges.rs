//! Recharges from a bank account, with a credit card and by the system, and the partner's deposit.

use konaplate::ErrorCode;
use konaplate::types::{self, OpenObject};
use konaplate::value::Masked;
use serde_json::{Value, json};

use super::Context;
use super::fields::{Fields, needed};
use super::lookup;
use crate::fixtures::{AFFILIATE_ID, DEPOSIT, MERCHANTS, RECHARGER_ID};
use crate::state::ledger::{Account, Kind};
use crate::state::{
    BankRecharge, Outcome, Purpose, Refusal, Sequence, State, TokenUse, WindowState,
};

/// The smallest credit-card recharge, in KRW. Assumed: the page has a code for less than the
/// minimum and does not say what it is.
pub(super) const MINIMUM: u64 = 1_000;

pub(super) fn create_credit_card_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &types::CreateCreditCardRechargeRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let amount = request.amount.get();
    let user_id = request.user_id.get();
    let sequence = request.sequence_id.as_str();
    lookup::member(state, user_id)?;
    state.require_new_sequence(sequence)?;
    if request.affiliate_id.as_str() != AFFILIATE_ID {
        return Err(Refusal::new(
            ErrorCode::RechargeAffiliateIdIncorrect,
            "the sandbox has one affiliate",
        ));
    }
    if amount < MINIMUM {
        return Err(Refusal::new(
            ErrorCode::RechargeBelowMinimumAmount,
            format!("at least {MINIMUM} KRW"),
        ));
    }
    let token = lookup::token(&request.one_time_token, &request.dcvv);
    let used_for = TokenUse::CreditCardRecharge;
    let card = lookup::card_of_token_for(state, context, token, used_for, user_id)?;
    if state.card(card).is_expired(moment) {
        return Err(Refusal::new(
            ErrorCode::RechargeCardExpired,
            "the card has expired",
        ));
    }
    lookup::room(state, card, amount, ErrorCode::HoldingLimitExceeded)?;
    // Page: refused while a credit-card recharge is in progress. Assumed: of the same card.
    let in_progress = state.windows.values().any(|window| {
        window.card == card
            && window.state == WindowState::Open
            && matches!(window.purpose, Purpose::Recharge(_))
    });
    if in_progress {
        return Err(Refusal::new(
            ErrorCode::CreditCardRechargeInProgress,
            "approve or decline the one in progress, or wait until its window closes",
        ));
    }

    state.take_sequence(sequence, Sequence::Other);
    let id = state.open_window(card, Purpose::Recharge(amount), moment);
    Ok(json!({
        "transactionId": id,
        "redirectUrl": context.window_url(&id),
    }))
}

pub(super) fn recharge_from_bank_account(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RechargeFromBankAccountRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let amount = request.amount.get();
    let user_id = request.user_id.get();
    let sequence = request.sequence_id.as_str();
    lookup::member(state, user_id)?;
    let bank = lookup::bank(state, user_id)?;
    if !MERCHANTS.contains(&request.merchant_id.as_str()) {
        return Err(Refusal::parameter(
            "merchantId",
            "one of the five merchants of the sandbox",
        ));
    }
    // What was seen of this page does not reach 007_008; the page of the auto recharge, which lists
    // the same codes, does.
    state.require_new_sequence(sequence)?;
    let token = lookup::token(&request.one_time_token, &request.dcvv);
    let card = lookup::card_of_token(state, context, token, user_id)?;
    lookup::room(state, card, amount, ErrorCode::CreditLimitExceeded)?;
    let nr_number = state.next_nr_number(moment);
    let is_pending = state.decides_late(bank);
    let recharge = BankRecharge {
        user_id,
        card,
        amount,
        outcome: Outcome::Pending,
        cancelled: None,
    };
    state.bank_recharges.insert(nr_number.clone(), recharge);
    if is_pending {
        state.settle_late(&nr_number, sequence, false, moment);
    } else {
        // Assumed: a recharge that fails at the bank is on record as failed.
        state
            .carry_out_recharge(&nr_number, sequence, moment)
            .map_err(|why| Refusal::new(ErrorCode::PgWithdrawalFailed, why.to_string()))?;
    }
    Ok(json!({
        "nrNumber": nr_number,
        "isPending": is_pending,
    }))
}

pub(super) fn get_bank_recharge_result(
    state: &mut State,
    _: &Context<'_>,
    request: &types::GetBankRechargeResultRequestBody,
) -> Result<Value, Refusal> {
    let result = match state.sequence(request.sequence_id.as_str()) {
        Some(Sequence::Bank(Outcome::Completed)) => "COMPLETED",
        Some(Sequence::Bank(Outcome::Failed)) => "FAILED",
        Some(Sequence::Bank(Outcome::Pending)) => "PENDING",
        // The page speaks of recharges from an account only.
        Some(Sequence::Other) | None => {
            return Err(Refusal::new(
                ErrorCode::PreviousTransactionNotFound,
                "no bank recharge has this sequence id",
            ));
        }
    };
    Ok(json!({ "result": result }))
}

pub(super) fn cancel_bank_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &types::CancelBankRechargeRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = request.user_id.get();
    let sequence = request.sequence_id.as_str();
    let nr_number = request.nr_number.as_str();
    lookup::member(state, user_id)?;
    let bank = lookup::bank(state, user_id)?;
    state.require_new_sequence(sequence)?;
    let token = (
        request.one_time_token.expose(),
        request.dcvv.as_ref().map(Masked::expose),
    );
    let card = lookup::card_of_token(state, context, token, user_id)?;
    let expiry = request.card_expiry.as_ref().map(Masked::expose);
    if expiry.is_some_and(|expiry| expiry != state.card(card).expiry) {
        return Err(Refusal::parameter("cardExpiry", "it is not the card's"));
    }
    let refuse = |rule| Err(Refusal::new(ErrorCode::RechargeNotCancelable, rule));
    let Some(recharge) = state.bank_recharges.get(nr_number) else {
        // Page: 007_040 where the recharge was made by another method.
        let other = state.ledger.of_card(card).any(|posting| {
            posting.entry.nr_number == nr_number
                && matches!(
                    posting.entry.kind,
                    Kind::CreditCardRecharge | Kind::SystemRecharge | Kind::AutoRecharge
                )
        });
        return if other {
            Err(Refusal::new(
                ErrorCode::RechargeMadeByOtherMethod,
                "the recharge was not made by recharge_from_bank_account",
            ))
        } else {
            refuse("no bank recharge of this card has this nrNumber")
        };
    };
    if recharge.card != card {
        return refuse("no bank recharge of this card has this nrNumber");
    }
    if recharge.outcome != Outcome::Completed {
        return refuse("the recharge is not complete");
    }
    if recharge.cancelled.is_some() {
        return refuse("the recharge was cancelled, or a cancellation of it is pending");
    }
    let is_pending = state.decides_late(bank);
    if is_pending {
        if let Some(recharge) = state.bank_recharges.get_mut(nr_number) {
            recharge.cancelled = Some(Outcome::Pending);
        }
        state.settle_late(nr_number, sequence, true, moment);
    } else {
        state
            .carry_out_cancellation(nr_number, sequence, moment)
            .map_err(|why| Refusal::new(ErrorCode::RechargeNotCancelable, why.to_string()))?;
    }
    Ok(json!({ "isPending": is_pending }))
}

pub(super) fn recharge_by_system(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RechargeBySystemRequestBody,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.extra);
    let moment = &context.moment;
    // The description does not have it: where it is not there, the card says whose it is.
    let user_id = fields.find_number("userId")?;
    let par = needed(&request.par, "par")?.expose();
    let amount = needed(&request.amount, "amount")?.get();
    if amount == 0 {
        return Err(Refusal::new(
            ErrorCode::RechargeAmountNotPositive,
            "at least 1",
        ));
    }
    let user_id = match user_id {
        Some(user_id) => lookup::member(state, user_id)?,
        None => lookup::owner(state, par)?,
    };
    let card = lookup::active_card(state, user_id, par)?;
    lookup::room(state, card, amount, ErrorCode::CreditLimitExceeded)?;
    // The amount that is left is at least 1 in the response: the last won stays.
    if state.ledger.balance(Account::Deposit) <= amount {
        return Err(Refusal::new(
            ErrorCode::CreditLimitExceeded,
            "the deposit does not hold so much",
        ));
    }
    let nr_number = state.next_nr_number(moment);
    let accounts = (Account::Deposit, Account::Card(card));
    state
        .transfer(
            moment,
            Kind::SystemRecharge,
            nr_number.clone(),
            accounts,
            amount,
        )
        .map_err(|why| Refusal::new(ErrorCode::CreditLimitExceeded, why.to_string()))?;
    Ok(json!({
        "par": par,
        "nrNumber": nr_number,
        "availableDepositAmt": state.ledger.balance(Account::Deposit),
    }))
}

pub(super) fn get_deposit_balance(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    if fields
        .find("rechargerId")
        .is_some_and(|id| id != RECHARGER_ID)
    {
        return Err(Refusal::new(
            ErrorCode::DepositBalanceNotFound,
            "the sandbox has one deposit",
        ));
    }
    Ok(json!({
        "rechargerId": RECHARGER_ID,
        "bizLicenseNo": "1234567891",
        "depositBalance": state.ledger.balance(Account::Deposit),
        "totalDepositAmount": DEPOSIT,
    }))
}
