//! Auto recharges: at a lower limit, on a day of the month, at a payment; from the bank account or
//! with a credit card. When they fire is in [`crate::state`].

use konaplate::ErrorCode;
use konaplate::types::{self, OpenObject};
use serde_json::{Map, Value, json};

use super::Context;
use super::fields::{Fields, missing};
use super::lookup;
use crate::fixtures::GIFT_SERVICE_ID;
use crate::state::ledger::{Account, CardId, Kind};
use crate::state::{Moment, Plan, Purpose, Refusal, Source, State, Trigger};

/// The largest amount and the largest threshold, in KRW: those of
/// `update_lower_limit_auto_recharge`.
const LARGEST: u64 = 9_999_999;

pub(super) fn update_lower_limit_auto_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &types::UpdateLowerLimitAutoRechargeRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let amount = request.amount.get();
    let threshold = request.threshold_balance.get();
    let card = card_with_bank(state, request.user_id.get(), request.par.expose())?;
    let source = Source::BankAtLowerLimit;
    // Page: if the changed condition is met, the recharge is made at once. Assumed: it is met when
    // the balance is at or below the threshold; a recharge that fails leaves the setting as it was;
    // and a card without a setting gets one.
    if state.balance(card) <= threshold {
        recharge_at_once(state, moment, card, source, amount)?;
    }
    let plan = state.new_plan(amount, Trigger::LowerLimit(threshold), moment.time);
    state.set_plan(card, source, plan);
    Ok(json!({}))
}

pub(super) fn register_monthly_auto_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    let amount = fields.number("amount")?;
    if amount == 0 {
        return Err(Refusal::new(
            ErrorCode::RechargeAmountNotPositive,
            "at least 1",
        ));
    }
    if amount > LARGEST {
        return Err(Refusal::parameter("amount", format!("at most {LARGEST}")));
    }
    let day = day_of_month(fields)?.ok_or_else(|| missing("reloadDate"))?;
    let card = card_with_bank(state, fields.number("userId")?, fields.text("par")?)?;
    // Assumed: a card has one, and a second is refused as the nearest of the page's codes.
    if state.card(card).plans.monthly.is_some() {
        return Err(Refusal::new(
            ErrorCode::AutoRechargeInProgress,
            "the card has a monthly auto recharge",
        ));
    }
    // Assumed: it recharges on its day first, not at once.
    let plan = state.new_plan(amount, Trigger::DayOfMonth(day), moment.time);
    state.set_plan(card, Source::BankMonthly, plan);
    Ok(json!({}))
}

pub(super) fn deregister_auto_recharge(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let card = undescribed_card(state, fields)?;
    let sources: &[Source] = match fields.find("type") {
        Some("INFINITE") => &[Source::BankAtLowerLimit],
        Some("FIXED") => &[Source::BankMonthly],
        // Assumed: both, where the request does not tell them apart.
        None => &[Source::BankAtLowerLimit, Source::BankMonthly],
        Some(_) => return Err(Refusal::parameter("type", "INFINITE or FIXED")),
    };
    let plans = &mut state.card_mut(card).plans;
    let mut ended = false;
    for source in sources {
        ended |= plans.of_mut(*source).take().is_some();
    }
    if ended {
        Ok(json!({}))
    } else {
        Err(Refusal::parameter(
            "par",
            "the card has no such auto recharge",
        ))
    }
}

pub(super) fn list_auto_recharge_plans(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let plans = listed(
        state,
        request,
        &[Source::BankAtLowerLimit, Source::BankMonthly],
    )?;
    Ok(json!({ "parInfoList": plans }))
}

pub(super) fn register_payment_auto_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RegisterPaymentAutoRechargeRequestBody,
) -> Result<Value, Refusal> {
    let card = card_of_member(state, request.user_id.get(), request.par.expose())?;
    if state.bank_of(state.card(card).user_id).is_none() {
        return Err(Refusal::parameter(
            "userId",
            "the member has no bank account",
        ));
    }
    // Assumed: once more changes nothing.
    let since = &mut state.card_mut(card).plans.at_payment;
    *since = since.or(Some(context.moment.time));
    Ok(json!({}))
}

pub(super) fn list_payment_auto_recharges(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let user_id = lookup::member(state, Fields::of(&request.0).number("userId")?)?;
    let cards: Vec<_> = state
        .cards_of(user_id)
        .filter_map(|id| {
            let card = state.card(id);
            let since = Moment::at(card.plans.at_payment?);
            Some(json!({"par": card.par, "registeredDate": since.seconds()}))
        })
        .collect();
    Ok(json!({ "parInfoList": cards }))
}

pub(super) fn register_credit_card_auto_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    let card = undescribed_card(state, fields)?;
    let (amount, trigger) = credit_card_terms(fields)?;
    if state.card(card).plans.credit_card.is_some() {
        return Err(Refusal::new(
            ErrorCode::AutoRechargePlanAlreadyExists,
            "the card has an auto recharge by credit card",
        ));
    }
    // Page: a product may not allow it. Assumed: that of gifts.
    if state.card(card).service_id == GIFT_SERVICE_ID {
        return Err(Refusal::new(
            ErrorCode::CreditCardRechargeNotAllowed,
            "not with the product for gifts",
        ));
    }
    let plan = state.new_plan(amount, trigger, moment.time);
    let id = state.open_window(card, Purpose::AutoRecharge(plan), moment);
    Ok(json!({
        "transactionId": id,
        "redirectUrl": context.window_url(&id),
    }))
}

pub(super) fn list_credit_card_auto_recharges(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let mut plans = listed(state, request, &[Source::CreditCard])?;
    for plan in &mut plans {
        // The window of the sandbox asks for no credit card: every one is this.
        plan.insert("cardMaskNo".to_owned(), json!("520000******0017"));
        plan.insert("cardName".to_owned(), json!("Sandbox"));
    }
    Ok(json!({ "planInfoList": plans }))
}

pub(super) fn update_credit_card_auto_recharge(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    let card = undescribed_card(state, fields)?;
    let (amount, trigger) = credit_card_terms(fields)?;
    if state.card(card).plans.credit_card.is_none() {
        return Err(Refusal::new(
            ErrorCode::AutoRechargePlanNotFound,
            "the card has no auto recharge by credit card",
        ));
    }
    // Assumed, as with bank accounts: at once, if the changed condition is met.
    if matches!(trigger, Trigger::LowerLimit(limit) if state.balance(card) <= limit) {
        recharge_at_once(state, moment, card, Source::CreditCard, amount)
            .map_err(|refusal| Refusal::parameter("amount", refusal.rule))?;
    }
    let plan = state.new_plan(amount, trigger, moment.time);
    state.set_plan(card, Source::CreditCard, plan);
    Ok(json!({}))
}

pub(super) fn deregister_credit_card_auto_recharge(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let card = undescribed_card(state, Fields::of(&request.0))?;
    match state.card_mut(card).plans.credit_card.take() {
        Some(_) => Ok(json!({})),
        None => Err(Refusal::parameter(
            "par",
            "the card has no such auto recharge",
        )),
    }
}

fn recharge_at_once(
    state: &mut State,
    moment: &Moment,
    card: CardId,
    source: Source,
    amount: u64,
) -> Result<(), Refusal> {
    lookup::room(state, card, amount, ErrorCode::CreditLimitExceeded)?;
    let from = match source {
        Source::CreditCard => Account::Outside,
        Source::BankAtLowerLimit | Source::BankMonthly => {
            lookup::bank(state, state.card(card).user_id).map(Account::Bank)?
        }
    };
    let nr_number = state.next_nr_number(moment);
    state
        .transfer(
            moment,
            Kind::AutoRecharge,
            nr_number,
            (from, Account::Card(card)),
            amount,
        )
        .map(drop)
        // Assumed: an account that does not hold so much is refused by the approval server. 007_004
        // is a failure of the gateway, after which the money may have moved.
        .map_err(|why| Refusal::new(ErrorCode::CreditLimitExceeded, why.to_string()))
}

/// The active card that the request names by `userId` and `par`.
fn card_of_member(state: &State, user_id: u64, par: &str) -> Result<CardId, Refusal> {
    let user_id = lookup::member(state, user_id)?;
    lookup::active_card(state, user_id, par)
}

/// The same, of a member with a bank account, while no recharge of it is pending.
fn card_with_bank(state: &State, user_id: u64, par: &str) -> Result<CardId, Refusal> {
    let user_id = lookup::member(state, user_id)?;
    lookup::bank(state, user_id)?;
    let card = lookup::active_card(state, user_id, par)?;
    if state.is_recharge_pending(card) {
        return Err(Refusal::new(
            ErrorCode::BankRechargeInProgress,
            "a recharge of the card, or the cancellation of one, is pending",
        ));
    }
    Ok(card)
}

/// The card of a request that is not described.
fn undescribed_card(state: &State, fields: Fields<'_>) -> Result<CardId, Refusal> {
    card_of_member(state, fields.number("userId")?, fields.text("par")?)
}

fn credit_card_terms(fields: Fields<'_>) -> Result<(u64, Trigger), Refusal> {
    let amount = fields.number("amount")?;
    if !(1..=LARGEST).contains(&amount) {
        return Err(Refusal::parameter("amount", format!("1 to {LARGEST}")));
    }
    if let Some(day) = day_of_month(fields)? {
        return Ok((amount, Trigger::DayOfMonth(day)));
    }
    let threshold = fields.number("thresholdBalance")?;
    if !(1..=LARGEST).contains(&threshold) {
        return Err(Refusal::parameter(
            "thresholdBalance",
            format!("1 to {LARGEST}"),
        ));
    }
    Ok((amount, Trigger::LowerLimit(threshold)))
}

fn day_of_month(fields: Fields<'_>) -> Result<Option<u8>, Refusal> {
    fields
        .find_number("reloadDate")?
        .map(|day| {
            u8::try_from(day)
                .ok()
                .filter(|day| (1..=31).contains(day))
                .ok_or_else(|| Refusal::parameter("reloadDate", "a day of the month, 1 to 31"))
        })
        .transpose()
}

/// The plans of a member's cards, as the lists have them.
fn listed(
    state: &State,
    request: &OpenObject,
    sources: &[Source],
) -> Result<Vec<Map<String, Value>>, Refusal> {
    let user_id = lookup::member(state, Fields::of(&request.0).number("userId")?)?;
    let entry = |par: &str, plan: &Plan| {
        let mut entry = Map::new();
        let mut put = |name: &str, value: Value| entry.insert(name.to_owned(), value);
        put("state", json!("ACTIVE"));
        put("par", json!(par));
        put(
            "registeredDate",
            json!(Moment::at(plan.registered).seconds()),
        );
        put("amount", json!(plan.amount));
        match plan.trigger {
            Trigger::LowerLimit(limit) => {
                put("type", json!("INFINITE"));
                put("thresholdBalance", json!(limit));
            }
            Trigger::DayOfMonth(day) => {
                put("type", json!("FIXED"));
                put("reloadDate", json!(day.to_string()));
            }
        }
        entry
    };
    Ok(state
        .cards_of(user_id)
        .flat_map(|id| {
            let card = state.card(id);
            sources
                .iter()
                .filter_map(|source| card.plans.of(*source))
                .map(|plan| entry(&card.par, plan))
                .collect::<Vec<_>>()
        })
        .collect())
}
