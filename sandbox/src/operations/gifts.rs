//! Gifts of prepaid cards.

use konaplate::ErrorCode;
use konaplate::types::{self, OpenObject};
use konaplate::value::Masked;
use serde_json::{Value, json};

use super::Context;
use super::fields::{Fields, coded};
use super::lookup;
use crate::state::ledger::{Account, Kind};
use crate::state::{CardStatus, Gift, GiftState, Refusal, State, TokenUse, last_day_of};

pub(super) fn gift_prepaid_card(
    state: &mut State,
    context: &Context<'_>,
    request: &types::GiftPrepaidCardRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let sender_id = request.sender_user_id.parse().map_err(|_| {
        Refusal::parameter(
            "senderUserId",
            "a whole number from 1 to 9999999999999999999",
        )
    })?;
    let receiver_phone = digits(request.receiver_phone.expose());
    let service_id = request.service_id.as_str();
    let amount = request.amount.get();
    let sender = state.member("senderUserId", sender_id)?;
    // Page: a test case "phone number of the sender not valid", without its code.
    let named = request.sender_phone.as_ref().map(Masked::expose);
    if named.is_some_and(|phone| digits(phone) != digits(&sender.phone)) {
        return Err(Refusal::parameter(
            "senderPhone",
            "it is not the sender's number",
        ));
    }
    if receiver_phone == digits(&sender.phone) {
        return Err(Refusal::new(
            ErrorCode::GiftToSelf,
            "the receiver's number is the sender's",
        ));
    }
    let id = state.redeem(
        lookup::token(&request.one_time_token, &request.dcvv),
        TokenUse::Ordinary,
        ("senderUserId", sender_id),
        moment,
    )?;
    let card = state.card(id);
    let refuse = |code, rule: &str| Err(Refusal::new(code, rule));
    // Assumed: a card of another product than the one named is the "invalid gift card" of 005_029.
    if card.service_id != service_id {
        return refuse(ErrorCode::GiftCardInvalid, "the card is of another product");
    }
    if !card.is_active() {
        return refuse(ErrorCode::GiftCardNotActive, "the card is not active");
    }
    if card.is_expired(moment) {
        return refuse(ErrorCode::GiftCardExpired, "the card has expired");
    }
    if card.plans.any() {
        return refuse(
            ErrorCode::GiftCardHasAutoRecharge,
            "an auto recharge is set on the card",
        );
    }
    if card.paid_with {
        return refuse(
            ErrorCode::GiftCardAlreadyUsed,
            "a payment was made with the card",
        );
    }
    if state.balance(id) != amount {
        return refuse(
            ErrorCode::GiftAmountNotBalance,
            "the amount has to be the card's balance",
        );
    }
    // Assumed, as the safest: money that is on its way to or from the card does not go with it.
    if state.has_money_on_its_way(id) {
        return refuse(
            ErrorCode::GiftCardNotActive,
            "a recharge of the card is pending, or a payout",
        );
    }

    // Page: the amount comes off the balance that the sender holds. Assumed: the card is then no
    // longer the sender's to use, and the receiver gets a new one when he accepts.
    let transfer_id = state.next_long_id(moment);
    let number = state.gifts.len() as u64 + 1;
    let nr_number = state.next_nr_number(moment);
    let accounts = (Account::Card(id), Account::Gift(number));
    state
        .transfer(moment, Kind::Gift, nr_number, accounts, amount)
        .map_err(|why| Refusal::new(ErrorCode::GiftAmountNotBalance, why.to_string()))?;
    state.card_mut(id).status = CardStatus::Given;
    let gift = Gift {
        number,
        from: id,
        service_id: service_id.to_owned(),
        receiver_phone,
        state: GiftState::Waiting,
    };
    state.gifts.insert(transfer_id.clone(), gift);
    Ok(json!({ "transferId": transfer_id }))
}

pub(super) fn accept_gifted_card(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    // Assumed: the gift is named by the id of its response, the receiver by his member id.
    let user_id = fields.number("userId")?;
    let transfer_id = fields.text("transferId")?;
    let receiver = state
        .member("userId", user_id)
        .map_err(coded(ErrorCode::GiftCardOrReceiverNotFound))?;
    let phone = digits(&receiver.phone);
    let gift = state.gifts.get(transfer_id).ok_or_else(|| {
        Refusal::new(
            ErrorCode::GiftCardOrReceiverNotFound,
            "there is no such gift",
        )
    })?;
    if gift.receiver_phone != phone || gift.state != GiftState::Waiting {
        return Err(Refusal::new(
            ErrorCode::GiftTransactionInvalid,
            "the gift is for somebody else, or was accepted or refused before",
        ));
    }
    let from = Account::Gift(gift.number);
    let service_id = gift.service_id.clone();
    let amount = state.ledger.balance(from);
    let card = state.issue_card(user_id, &service_id, moment);
    let nr_number = state.next_nr_number(moment);
    let accounts = (from, Account::Card(card));
    state
        .transfer(moment, Kind::GiftAccepted, nr_number, accounts, amount)
        .map_err(|why| Refusal::new(ErrorCode::GiftBalanceMoveFailed, why.to_string()))?;
    if let Some(gift) = state.gifts.get_mut(transfer_id) {
        gift.state = GiftState::Accepted;
    }
    let card = state.card(card);
    Ok(json!({
        "mobileCardNo": card.number,
        "mobileCardPar": card.par,
        "mobileCardExpiryDate": last_day_of(&card.expiry),
    }))
}

/// A phone number without what people write between the digits.
pub(super) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
