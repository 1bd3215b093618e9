//! Gifts of prepaid cards.

use konaplate::ErrorCode;
use konaplate::types::GiftPrepaidCardRequest;
use serde_json::{Value, json};

use super::Surroundings;
use crate::world::{Refusal, TokenUse, World};

pub(super) fn gift_prepaid_card(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &GiftPrepaidCardRequest,
) -> Result<Value, Refusal> {
    let moment = &surroundings.moment;
    let sender_id = request
        .sender_user_id
        .parse()
        .map_err(|_| Refusal::parameter("senderUserId", "no member has this id"))?;
    let sender = world.member("senderUserId", sender_id)?;
    // Page: a test case "phone number of the sender not valid", without its code.
    if let Some(phone) = &request.sender_phone
        && digits(phone.reveal()) != digits(&sender.phone)
    {
        return Err(Refusal::parameter(
            "senderPhone",
            "it is not the sender's number",
        ));
    }
    if digits(request.receiver_phone.reveal()) == digits(&sender.phone) {
        return Err(Refusal::new(
            ErrorCode::GiftToSelf,
            "the receiver's number is the sender's",
        ));
    }
    let index = world.redeem(
        (&request.one_time_token, &request.dcvv),
        TokenUse::Ordinary,
        ("senderUserId", sender_id),
        moment,
    )?;
    let card = world.card(index);
    let refuse = |code, rule: &str| Err(Refusal::new(code, rule));
    // Assumed: a card of another product than the one named is the "invalid gift card" of 005_029.
    if card.service_id != request.service_id.as_str() {
        return refuse(ErrorCode::GiftCardInvalid, "the card is of another product");
    }
    if !card.active {
        return refuse(ErrorCode::GiftCardNotActive, "the card is not active");
    }
    if card.is_expired(moment) {
        return refuse(ErrorCode::GiftCardExpired, "the card has expired");
    }
    if card.auto_recharge.is_some() {
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
    if card.balance != request.amount.get() {
        return refuse(
            ErrorCode::GiftAmountNotBalance,
            "the amount has to be the card's balance",
        );
    }

    // Page: the amount comes off the balance that the sender holds. Assumed: the card is then no
    // longer active for the sender.
    let card = world.card_mut(index);
    card.balance = 0;
    card.active = false;
    Ok(json!({ "transferId": world.next_long_id(moment) }))
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
