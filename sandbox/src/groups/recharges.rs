//! Recharges from a bank account and with a credit card.

use std::time::Duration;

use konaplate::ErrorCode;
use konaplate::types::{
    CreateCreditCardRechargeRequest, GetBankRechargeResultRequest, RechargeFromBankAccountRequest,
};
use serde_json::{Value, json};

use super::Surroundings;
use crate::fixtures::{AFFILIATE_ID, MERCHANTS};
use crate::world::{CardRecharge, CardRechargeState, Refusal, Sequence, TokenUse, World};

/// The smallest credit-card recharge, in KRW. Assumed: the page has a code for less than the minimum
/// and does not say what it is.
const MINIMUM: u64 = 1_000;

/// How long the payment window stays open. Assumed: as long as a token of type CREDIT lives.
const WINDOW: Duration = Duration::from_secs(300);

pub(super) fn create_credit_card_recharge(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &CreateCreditCardRechargeRequest,
) -> Result<Value, Refusal> {
    let moment = &surroundings.moment;
    let amount = request.amount.get();
    let user_id = request.user_id.get();
    world.member("userId", user_id)?;
    world.require_new_sequence(&request.sequence_id)?;
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
    let index = world.redeem(
        (&request.one_time_token, &request.dcvv),
        TokenUse::CreditCardRecharge,
        ("userId", user_id),
        moment,
    )?;
    let card = world.card(index);
    if card.is_expired(moment) {
        return Err(Refusal::new(
            ErrorCode::RechargeCardExpired,
            "the card has expired",
        ));
    }
    if !card.has_room_for(amount) {
        return Err(Refusal::new(
            ErrorCode::HoldingLimitExceeded,
            "a card holds at most 2,000,000 KRW",
        ));
    }
    let par = card.par.clone();
    // Page: refused while a credit-card recharge is in progress. Assumed: of the same card.
    let in_progress = world.card_recharges.values().any(|recharge| {
        recharge.par == par
            && recharge.state == CardRechargeState::Open
            && recharge.closes > moment.time
    });
    if in_progress {
        return Err(Refusal::new(
            ErrorCode::CreditCardRechargeInProgress,
            "approve or decline the one in progress, or wait until its window closes",
        ));
    }

    world.take_sequence(&request.sequence_id, Sequence::CreditCard);
    let id = world.next_long_id(moment);
    let recharge = CardRecharge {
        par,
        amount,
        state: CardRechargeState::Open,
        closes: moment.time + WINDOW,
    };
    world.card_recharges.insert(id.clone(), recharge);
    Ok(json!({
        "transactionId": id,
        "redirectUrl": format!("{}/__sandbox/payment-window/{id}", surroundings.base_url),
    }))
}

pub(super) fn recharge_from_bank_account(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &RechargeFromBankAccountRequest,
) -> Result<Value, Refusal> {
    let moment = &surroundings.moment;
    let amount = request.amount.get();
    let user_id = request.user_id.get();
    let member = world.member("userId", user_id)?;
    // Page: 007_001 where the member has no account.
    if member.bank.is_none() {
        return Err(Refusal::new(
            ErrorCode::BankAccountNotFound,
            "the member has no bank account",
        ));
    }
    if !MERCHANTS.contains(&request.merchant_id.as_str()) {
        return Err(Refusal::parameter(
            "merchantId",
            "one of the five merchants of the sandbox",
        ));
    }
    // What was seen of this page does not reach 007_008; the page of the auto recharge, which lists
    // the same codes, does.
    world.require_new_sequence(&request.sequence_id)?;
    let index = world.redeem(
        (&request.one_time_token, &request.dcvv),
        TokenUse::Ordinary,
        ("userId", user_id),
        moment,
    )?;
    let card = world.card(index);
    if !card.has_room_for(amount) {
        return Err(Refusal::new(
            ErrorCode::CreditLimitExceeded,
            "a card holds at most 2,000,000 KRW",
        ));
    }
    // Assumed: a recharge that fails at the bank is on record as failed.
    if let Err(refusal) = world.withdraw(user_id, amount) {
        world.take_sequence(&request.sequence_id, Sequence::BankFailed);
        return Err(refusal);
    }
    world.card_mut(index).balance += amount;
    world.take_sequence(&request.sequence_id, Sequence::BankCompleted);
    Ok(json!({
        "nrNumber": world.next_nr_number(moment),
        "isPending": false,
    }))
}

pub(super) fn get_bank_recharge_result(
    world: &World,
    request: &GetBankRechargeResultRequest,
) -> Result<Value, Refusal> {
    let result = match world.sequence(&request.sequence_id) {
        Some(Sequence::BankCompleted) => "COMPLETED",
        Some(Sequence::BankFailed) => "FAILED",
        // The page speaks of recharges from an account only.
        Some(Sequence::CreditCard) | None => {
            return Err(Refusal::new(
                ErrorCode::PreviousTransactionNotFound,
                "no bank recharge has this sequence id",
            ));
        }
    };
    Ok(json!({ "result": result }))
}
