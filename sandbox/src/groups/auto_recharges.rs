//! Auto recharges.

use konaplate::ErrorCode;
use konaplate::types::UpdateLowerLimitAutoRechargeRequest;
use serde_json::{Value, json};

use crate::world::{AutoRecharge, Refusal, World};

pub(super) fn update_lower_limit_auto_recharge(
    world: &mut World,
    request: &UpdateLowerLimitAutoRechargeRequest,
) -> Result<Value, Refusal> {
    let user_id = request.user_id.get();
    let setting = AutoRecharge {
        amount: request.amount.get(),
        threshold: request.threshold_balance.get(),
    };
    let member = world.member("userId", user_id)?;
    if member.bank.is_none() {
        return Err(Refusal::new(
            ErrorCode::BankAccountNotFound,
            "the member has no bank account",
        ));
    }
    let index = world
        .card_by_par(request.par.reveal())
        .filter(|index| world.card(*index).user_id == user_id)
        .ok_or_else(|| Refusal::parameter("par", "no card of the member has this PAR"))?;

    // Page: if the changed condition is met, the recharge is made at once. Assumed: it is met when
    // the balance is at or below the threshold; a recharge that fails leaves the setting as it was;
    // and a card without a setting gets one.
    let card = world.card(index);
    if card.balance <= setting.threshold {
        if !card.has_room_for(setting.amount) {
            return Err(Refusal::new(
                ErrorCode::CreditLimitExceeded,
                "a card holds at most 2,000,000 KRW",
            ));
        }
        world.withdraw(user_id, setting.amount)?;
        world.card_mut(index).balance += setting.amount;
    }
    world.card_mut(index).auto_recharge = Some(setting);
    Ok(json!({}))
}
