//! Recharges from a bank account, with a credit card and by the system, and the partner's deposit.

use konaplate::ErrorCode;
use serde_json::{Value, json};

use super::Context;
use super::fields::Fields;
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
    request: &Fields,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let amount = request.number("amount")?;
    let user_id = request.number("userId")?;
    let sequence = request.text("sequenceId")?;
    state.member("userId", user_id)?;
    state.require_new_sequence(sequence)?;
    if request.text("affiliateId")? != AFFILIATE_ID {
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
    let card = state.redeem(
        request.token()?,
        TokenUse::CreditCardRecharge,
        ("userId", user_id),
        moment,
    )?;
    if !state.card(card).is_active() {
        return Err(Refusal::parameter("oneTimeToken", "the card is not active"));
    }
    if state.card(card).is_expired(moment) {
        return Err(Refusal::new(
            ErrorCode::RechargeCardExpired,
            "the card has expired",
        ));
    }
    if !state.has_room_for(card, amount) {
        return Err(Refusal::new(
            ErrorCode::HoldingLimitExceeded,
            "a card holds at most 2,000,000 KRW",
        ));
    }
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
    request: &Fields,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let amount = request.number("amount")?;
    let user_id = request.number("userId")?;
    let sequence = request.text("sequenceId")?;
    state.member("userId", user_id)?;
    // Page: 007_001 where the member has no account.
    let bank = state.bank_of(user_id).ok_or_else(no_bank_account)?;
    if !MERCHANTS.contains(&request.text("merchantId")?) {
        return Err(Refusal::parameter(
            "merchantId",
            "one of the five merchants of the sandbox",
        ));
    }
    // What was seen of this page does not reach 007_008; the page of the auto recharge, which lists
    // the same codes, does.
    state.require_new_sequence(sequence)?;
    let card = lookup::card_of_token(state, context, request.token()?, ("userId", user_id))?;
    if !state.has_room_for(card, amount) {
        return Err(card_full());
    }
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
    request: &Fields,
) -> Result<Value, Refusal> {
    let result = match state.sequence(request.text("sequenceId")?) {
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
    request: &Fields,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = request.number("userId")?;
    let sequence = request.text("sequenceId")?;
    let nr_number = request.text("nrNumber")?;
    state.member("userId", user_id)?;
    let bank = state.bank_of(user_id).ok_or_else(no_bank_account)?;
    state.require_new_sequence(sequence)?;
    let token = (request.text("oneTimeToken")?, request.find("dcvv"));
    let card = lookup::card_of_token(state, context, token, ("userId", user_id))?;
    if request
        .find("cardExpiry")
        .is_some_and(|expiry| expiry != state.card(card).expiry)
    {
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
    request: &Fields,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = request.number("userId")?;
    let par = request.text("par")?;
    let amount = request.number("amount")?;
    if amount == 0 {
        return Err(Refusal::new(
            ErrorCode::RechargeAmountNotPositive,
            "at least 1",
        ));
    }
    state.member("userId", user_id)?;
    let card = lookup::active_card(state, user_id, par)?;
    if !state.has_room_for(card, amount) {
        return Err(card_full());
    }
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
    request: &Fields,
) -> Result<Value, Refusal> {
    if request
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

pub(super) fn no_bank_account() -> Refusal {
    Refusal::new(
        ErrorCode::BankAccountNotFound,
        "the member has no bank account",
    )
}

pub(super) fn card_full() -> Refusal {
    Refusal::new(
        ErrorCode::CreditLimitExceeded,
        "a card holds at most 2,000,000 KRW",
    )
}
