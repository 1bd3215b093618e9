//! One-time tokens, payments, and what undoes a payment.

use std::time::SystemTime;

use konaplate::ErrorCode;
use konaplate::types::{self, OneTimeTokenType, OpenObject};
use serde_json::{Value, json};

use super::Context;
use super::fields::{self, Fields, coded, missing};
use crate::fixtures::{MERCHANTS, passes_luhn};
use crate::state::ledger::{Account, Kind, signed};
use crate::state::{Card, CardStatus, Payment, Refusal, State, TokenUse};

/// The most that one payment may be, in KRW. Assumed: the page has a code for more than may be paid
/// and does not say what that is.
const LIMIT: u64 = 1_000_000;

pub(super) fn issue_one_time_token(
    state: &mut State,
    context: &Context<'_>,
    request: &types::IssueOneTimeTokenRequestBody,
) -> Result<Value, Refusal> {
    let number = request.card_no.expose();
    // Page: 006_002 for an incorrect number, 006_001 where no card matches. Which number is
    // incorrect is assumed: one that fails the Luhn check.
    if !passes_luhn(number) {
        return Err(Refusal::new(
            ErrorCode::TokenCardNumberInvalid,
            "a card number has 16 digits and passes the Luhn check",
        ));
    }
    let card = state
        .card_by_number(number)
        .filter(|card| state.card(*card).status != CardStatus::Terminated)
        .ok_or_else(|| Refusal::new(ErrorCode::TokenCardNotFound, "no card has this number"))?;
    let used_for = match request.type_ {
        None => TokenUse::Ordinary,
        Some(OneTimeTokenType::Atm) => TokenUse::Atm,
        Some(_) => TokenUse::CreditCardRecharge,
    };
    let token = state.tokens.issue(card, used_for, &context.moment);
    let millis = token
        .expires
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    Ok(json!({
        "oneTimeToken": token.number,
        "dcvv": token.dcvv,
        "expiryTime": u64::try_from(millis).unwrap_or(u64::MAX),
    }))
}

pub(super) fn pay_with_token(
    state: &mut State,
    context: &Context<'_>,
    request: &types::PayWithTokenRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let token = needed(&request.one_time_token, "oneTimeToken")?.expose();
    let dcvv = needed(&request.dcvv, "dcvv")?.expose();
    let amount = needed(&request.amount, "amount")?.get();
    let merchant = needed(&request.merchant_id, "merchantId")?.as_str();
    let merchant = merchant_place(merchant, ErrorCode::PaymentNotPermitted)?;
    let own_id = request.transaction_id.as_deref().map(str::to_owned);
    // Assumed, as the safest: the caller's own id works once. The code is that of the network
    // cancellation for a transaction that was requested before; this page's list was cut before it.
    if own_id
        .as_ref()
        .is_some_and(|id| state.payment_ids.contains_key(id))
    {
        return Err(Refusal::new(
            ErrorCode::PaymentAlreadyRequested,
            "transactionId works once",
        ));
    }
    let card_id = state
        .tokens
        .redeem(token, Some(dcvv), TokenUse::Ordinary, moment)
        .map_err(coded(ErrorCode::PaymentCardNumberInvalid))?;
    let card = state.card(card_id);
    if !card.is_active() {
        return Err(Refusal::new(
            ErrorCode::PaymentNotPermitted,
            "the card is not active",
        ));
    }
    if card.is_expired(moment) {
        return Err(Refusal::new(
            ErrorCode::PaymentCardExpired,
            "the card has expired",
        ));
    }
    if amount == 0 {
        return Err(Refusal::new(ErrorCode::PaymentAmountInvalid, "at least 1"));
    }
    if amount > LIMIT {
        return Err(Refusal::new(
            ErrorCode::PaymentLimitExceeded,
            format!("at most {LIMIT} KRW"),
        ));
    }
    // Page of the auto recharge at payment: the platform withdraws what is needed, and the payment
    // goes through.
    // Page of the reservation of points: they are for a payment that follows. Assumed: the next one
    // of the card, as far as they go; nobody saw how a payment names a reservation.
    let reservation = state.reservation_of(card_id).map(|(number, reserved)| {
        let used = reserved.points.total().min(amount);
        (number, used)
    });
    let in_points = reservation.map_or(0, |(_, used)| used);
    let in_money = amount - in_points;
    let short = in_money.saturating_sub(state.balance(card_id));
    let bank = state
        .bank_of(card.user_id)
        .filter(|_| short > 0 && card.plans.at_payment.is_some());
    let mut legs = vec![(Account::Merchant(merchant), signed(amount))];
    match bank {
        Some(bank) => {
            legs.push((Account::Bank(bank), -signed(short)));
            legs.push((Account::Card(card_id), -signed(in_money - short)));
        }
        None => legs.push((Account::Card(card_id), -signed(in_money))),
    }
    if let Some((number, used)) = reservation {
        legs.push((Account::ReservedPoints(number), -signed(used)));
    }
    let nr_number = state.next_nr_number(moment);
    let posting = state
        .post(moment, Kind::Payment, nr_number.clone(), &legs)
        .map_err(|why| Refusal::new(ErrorCode::PaymentAmountInvalid, why.to_string()))?;

    let points = reservation
        .map(|(number, used)| state.use_reservation(number, used, moment))
        .unwrap_or_default();
    state.card_mut(card_id).paid_with = true;
    if let Some(id) = own_id {
        state.payment_ids.insert(id, nr_number.clone());
    }
    let payment = Payment {
        card: card_id,
        merchant,
        amount,
        points,
        undone: false,
    };
    state.payments.insert(nr_number.clone(), payment);
    Ok(json!({
        "cardNo": state.card(card_id).number,
        "balance": state.ledger.balance_after(posting, Account::Card(card_id)),
        "approvalCode": state.ledger.posting(posting).entry.approval_code,
        "nrNumber": nr_number,
        "approvalTime": moment.millis(),
    }))
}

pub(super) fn cancel_payment(
    state: &mut State,
    context: &Context<'_>,
    request: &types::CancelPaymentRequestBody,
) -> Result<Value, Refusal> {
    let number = needed(&request.card_no, "cardNo")?.expose();
    let nr_number = needed(&request.nr_number, "nrNumber")?.as_str();
    let amount = needed(&request.amount, "amount")?.get();
    let merchant = needed(&request.merchant_id, "merchantId")?.as_str();
    let merchant = merchant_place(merchant, ErrorCode::PaymentAgencyCodeIncorrect)?;
    let card = state.card_by_number(number).ok_or_else(|| {
        Refusal::new(
            ErrorCode::PaymentCardNumberInvalid,
            "no card has this number",
        )
    })?;
    // Page: 006_012 where there is no transaction to cancel.
    let payment = state
        .payments
        .get(nr_number)
        .filter(|payment| payment.card == card && payment.merchant == merchant && !payment.undone)
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::PaymentNotPermitted,
                "no payment of this card to this merchant has this nrNumber, or it was undone",
            )
        })?;
    // Not known: whether a part can be cancelled. Assumed, as the safest: it cannot.
    if payment.amount != amount {
        return Err(Refusal::new(
            ErrorCode::PaymentAmountInvalid,
            "the amount has to be the payment's",
        ));
    }
    undo(state, context, nr_number, Kind::PaymentCancel)
        .map_err(|rule| Refusal::new(ErrorCode::PaymentNotPermitted, rule))
}

pub(super) fn network_cancel_payment(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    // Assumed: the payment is named by the caller's own id, which is all that he has after a lost
    // response, or by the platform's number.
    let nr_number = match fields.find("transactionId") {
        Some(id) => state.payment_ids.get(id).cloned(),
        None => Some(
            fields
                .find("nrNumber")
                .ok_or_else(|| missing("transactionId"))?
                .to_owned(),
        ),
    };
    let payment = nr_number.and_then(|number| {
        let payment = state.payments.get(&number)?;
        Some((number, payment.undone))
    });
    let (nr_number, undone) = payment.ok_or_else(|| {
        Refusal::new(
            ErrorCode::PaymentOriginalNotFound,
            "there is no such payment",
        )
    })?;
    if undone {
        return Err(Refusal::new(
            ErrorCode::PaymentAlreadyRequested,
            "the payment was undone before",
        ));
    }
    undo(state, context, &nr_number, Kind::NetworkCancel)
        .map_err(|rule| Refusal::new(ErrorCode::PlatformSystemError, rule))
}

/// Puts a payment's amount back on its card, and its points back where they were. Assumed: also
/// past what a card may hold, and what an auto recharge at payment added stays there.
fn undo(
    state: &mut State,
    context: &Context<'_>,
    nr_number: &str,
    kind: Kind,
) -> Result<Value, String> {
    let moment = &context.moment;
    let payment = state.payments.get(nr_number).ok_or("no such payment")?;
    let (card, merchant, amount) = (payment.card, payment.merchant, payment.amount);
    let points = payment.points;
    if !can_receive(state.card(card)) {
        return Err("the card was terminated or given away".to_owned());
    }
    let own_number = state.next_nr_number(moment);
    let mut legs = state.legs_of_points(points, card);
    legs.push((Account::Merchant(merchant), -signed(amount)));
    legs.push((Account::Card(card), signed(amount - points.total())));
    let posting = state
        .post(moment, kind, own_number, &legs)
        .map_err(|why| why.to_string())?;
    if let Some(payment) = state.payments.get_mut(nr_number) {
        payment.undone = true;
    }
    Ok(json!({
        "balance": state.ledger.balance_after(posting, Account::Card(card)),
        "approvalTime": moment.millis(),
    }))
}

/// Assumed: what a payment cannot do without, and is not there, is an error of its format. No code
/// of the page's is about fields.
fn needed<'r, T>(field: &'r Option<T>, name: &'static str) -> Result<&'r T, Refusal> {
    fields::needed(field, name).map_err(coded(ErrorCode::PaymentMessageMalformed))
}

fn can_receive(card: &Card) -> bool {
    matches!(card.status, CardStatus::Active | CardStatus::Suspended)
}

fn merchant_place(id: &str, otherwise: ErrorCode) -> Result<usize, Refusal> {
    MERCHANTS
        .iter()
        .position(|merchant| *merchant == id)
        .ok_or_else(|| Refusal::new(otherwise, "one of the five merchants of the sandbox"))
}
