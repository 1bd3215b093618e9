//! Transfers of balance, between a member's own cards and to somebody else's.

use konaplate::ErrorCode;
use konaplate::types::{self, CardNumber, OpenObject};
use serde_json::{Value, json};

use super::Context;
use super::fields::Fields;
use super::gifts::digits;
use super::lookup;
use crate::state::ledger::{Account, CardId, Kind, unsigned};
use crate::state::{Moment, Refusal, State, TokenUse};

/// A card's transfers to others, of a day and of a month. Assumed: the page says that number and
/// amount are limited, and not how.
const DAILY_COUNT: usize = 5;
const DAILY_AMOUNT: u64 = 500_000;
const MONTHLY_AMOUNT: u64 = 1_000_000;

pub(super) fn transfer_balance(
    state: &mut State,
    context: &Context<'_>,
    request: &types::TransferBalanceRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = lookup::member(state, request.user_id.get())?;
    let own_card = |field: &'static str, number: &CardNumber| {
        let card = state
            .card_by_number(number.expose())
            .filter(|card| state.card(*card).user_id == user_id)
            .ok_or_else(|| Refusal::parameter(field, "no card of the member has this number"))?;
        // Page: the card has to be active, without saying which. Assumed: both.
        let holder = state.card(card);
        if !holder.is_active() || holder.is_expired(moment) {
            return Err(Refusal::parameter(field, "the card is not active"));
        }
        Ok(card)
    };
    let (from, to) = (
        own_card("fromCardNo", &request.from_card_no)?,
        own_card("toCardNo", &request.to_card_no)?,
    );
    // Page: 0 moves the whole balance.
    let amount = match request.amount.get() {
        0 => state.balance(from),
        amount => amount,
    };
    if !state.has_room_for(to, amount) {
        return Err(Refusal::parameter("amount", lookup::too_full()));
    }
    let nr_number = state.next_nr_number(moment);
    let accounts = (Account::Card(from), Account::Card(to));
    state
        .transfer(moment, Kind::Transfer, nr_number, accounts, amount)
        .map_err(|why| Refusal::parameter("amount", why.to_string()))?;
    Ok(json!({}))
}

pub(super) fn transfer_to_card(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    // Assumed: the fields of a gift, less those about the product.
    let sender_id = fields.number("senderUserId")?;
    let receiver_phone = digits(fields.text("receiverPhone")?);
    let amount = fields.number("amount")?;
    let sender = state.member("senderUserId", sender_id)?;
    if digits(&sender.phone) == receiver_phone {
        return Err(Refusal::new(
            ErrorCode::TransferToSelf,
            "the receiver's number is the sender's",
        ));
    }
    if amount == 0 {
        return Err(Refusal::new(
            ErrorCode::TransferAmountNotPositive,
            "at least 1",
        ));
    }
    let not_found = || {
        Refusal::new(
            ErrorCode::GiftCardOrReceiverNotFound,
            "no member with an active card has the receiver's number",
        )
    };
    let receiver_id = state
        .members
        .iter()
        .find(|(_, member)| !member.left && digits(&member.phone) == receiver_phone)
        .map(|(id, _)| *id)
        .ok_or_else(not_found)?;
    // Assumed: it arrives at once, on the first active card that the receiver holds.
    let to = state
        .cards_of(receiver_id)
        .find(|card| state.card(*card).is_active() && !state.card(*card).is_expired(moment))
        .ok_or_else(not_found)?;
    let token = lookup::undescribed_token(fields)?;
    let from = state.redeem(
        token,
        TokenUse::Ordinary,
        ("senderUserId", sender_id),
        moment,
    )?;
    if !state.card(from).is_active() {
        return Err(Refusal::new(
            ErrorCode::TransferCardNotActive,
            "the card is not active",
        ));
    }
    if state.card(from).is_expired(moment) {
        return Err(Refusal::new(
            ErrorCode::TransferCardExpired,
            "the card has expired",
        ));
    }
    check_limits(state, from, amount, moment)?;
    lookup::room(state, to, amount, ErrorCode::TransferLimitExceeded)?;
    let transfer_id = state.next_long_id(moment);
    let nr_number = state.next_nr_number(moment);
    let accounts = (Account::Card(from), Account::Card(to));
    state
        .transfer(moment, Kind::Transfer, nr_number, accounts, amount)
        .map_err(|why| Refusal::new(ErrorCode::TransferBalanceTooLow, why.to_string()))?;
    Ok(json!({ "transferId": transfer_id }))
}

fn check_limits(state: &State, card: CardId, amount: u64, now: &Moment) -> Result<(), Refusal> {
    let account = Account::Card(card);
    let (mut count, mut today, mut month) = (0, 0, 0);
    for posting in state.ledger.of_card(card) {
        let time = Moment::at(posting.entry.time);
        if let Some(leg) = posting.leg(account)
            && posting.entry.kind == Kind::Transfer
            && leg.amount < 0
            && time.is_in_month_of(now)
        {
            month += unsigned(leg.amount);
            if time.day() == now.day() {
                count += 1;
                today += unsigned(leg.amount);
            }
        }
    }
    if count >= DAILY_COUNT || today + amount > DAILY_AMOUNT || month + amount > MONTHLY_AMOUNT {
        return Err(Refusal::new(
            ErrorCode::TransferLimitExceeded,
            format!(
                "{DAILY_COUNT} transfers and {DAILY_AMOUNT} KRW a day, {MONTHLY_AMOUNT} KRW a month"
            ),
        ));
    }
    Ok(())
}
