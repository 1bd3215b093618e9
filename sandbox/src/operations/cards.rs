//! Cards: what a member holds and did with them, their states, and new ones.

use std::time::Duration;

use konaplate::ErrorCode;
use konaplate::types::{self, CardStatusChange, OpenObject, OrderByDirection, TransactionType};
use konaplate::value::{Masked, Whole};
use serde_json::{Map, Value, json};

use super::Context;
use super::fields::{Fields, missing, needed};
use super::lookup;
use super::recharges::MINIMUM;
use crate::fixtures::{self, CVC};
use crate::state::ledger::{Account, CardId, Posting, unsigned};
use crate::state::{
    Application, Card, CardStatus, HOLDING_LIMIT, Moment, Outcome, Refusal, State, last_day_of,
    year_month_in,
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn list_member_cards(
    state: &mut State,
    _: &Context<'_>,
    request: &types::ListMemberCardsRequestBody,
) -> Result<Value, Refusal> {
    let user_id = lookup::member(state, request.user_id.get())?;
    let (par, physical) = (
        request.par.as_ref().map(Masked::expose),
        request.physical_card_no.as_ref().map(Masked::expose),
    );
    let cards: Vec<_> = state
        .cards_of(user_id)
        .filter(|id| {
            let card = state.card(*id);
            par.is_none_or(|par| card.par == par)
                && physical.is_none_or(|number| card.physical.as_deref() == Some(number))
        })
        .map(|id| member_card(state, id))
        .collect();
    Ok(json!({ "cardDataInfo": cards }))
}

fn member_card(state: &State, id: CardId) -> Value {
    let card = state.card(id);
    let balance = state.balance(id);
    let mut entry = json!({
        "par": card.par,
        "balance": balance,
        "pendingAmount": 0,
        "isNamed": true,
        "serviceId": card.service_id,
        "serviceName": fixtures::service_name(&card.service_id),
        "expiryDate": last_day_of(&card.expiry),
        "mobileCardNo": card.number,
        "mobileCardStatus": status(card),
        "rechargeable": card.is_active(),
        "remittable": card.is_active(),
        "rechargeableAmount": HOLDING_LIMIT.saturating_sub(balance),
        "minRechargeAmount": MINIMUM,
    });
    if let Some(number) = &card.physical {
        entry["physicalCardNo"] = json!(number);
        entry["physicalCardStatus"] = json!(status(card));
    }
    if let Some(number) = &card.application {
        entry["cardApplyNo"] = json!(number);
    }
    entry
}

fn status(card: &Card) -> &'static str {
    if card.is_active() {
        "ACTIVE"
    } else {
        "INACTIVE"
    }
}

pub(super) fn get_card_holder(
    state: &mut State,
    _: &Context<'_>,
    request: &types::GetCardHolderRequestBody,
) -> Result<Value, Refusal> {
    let id = state
        .card_by_number(request.card_no.expose())
        .filter(|id| state.card(*id).status != CardStatus::Terminated)
        .ok_or_else(|| Refusal::parameter("cardNo", "no card has this number"))?;
    let card = state.card(id);
    Ok(json!({
        "userId": card.user_id,
        "balance": state.balance(id),
        "serviceId": card.service_id,
        "serviceName": fixtures::service_name(&card.service_id),
        "cardStatus": status(card),
        "isAutoRechargeBeforePayment": card.plans.at_payment.is_some(),
    }))
}

pub(super) fn update_card_status(
    state: &mut State,
    _: &Context<'_>,
    request: &types::UpdateCardStatusRequestBody,
) -> Result<Value, Refusal> {
    let user_id = lookup::member_or(state, request.user_id.get(), ErrorCode::MemberNotFound)?;
    let id = match (
        request.par.as_ref().map(Masked::expose),
        request.card_no.as_ref().map(Masked::expose),
    ) {
        (Some(par), _) => state.card_of(user_id, par).ok_or_else(|| {
            Refusal::new(
                ErrorCode::StatusChangeParNotFound,
                "no card of the member has this PAR",
            )
        })?,
        (None, Some(number)) => state
            .card_by_number(number)
            .filter(|id| state.card(*id).user_id == user_id)
            .ok_or_else(|| {
                Refusal::new(
                    ErrorCode::CardNumberExpiryOrCvcInvalid,
                    "no card of the member has this number",
                )
            })?,
        (None, None) => return Err(missing("par")),
    };
    let card = state.card_mut(id);
    if matches!(card.status, CardStatus::Terminated | CardStatus::Given) {
        return Err(Refusal::new(
            ErrorCode::StatusChangeCardAlreadyTerminated,
            "the card was terminated or given away",
        ));
    }
    card.status = match request.status {
        CardStatusChange::Suspend => CardStatus::Suspended,
        _ => CardStatus::Active,
    };
    Ok(json!({}))
}

pub(super) fn terminate_card(
    state: &mut State,
    _: &Context<'_>,
    request: &types::TerminateCardRequestBody,
) -> Result<Value, Refusal> {
    let user_id = lookup::member_or(state, request.user_id.get(), ErrorCode::MemberNotFound)?;
    let id = state
        .card_of(user_id, request.par.expose())
        .filter(|id| {
            matches!(
                state.card(*id).status,
                CardStatus::Active | CardStatus::Suspended
            )
        })
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::TerminationCardInfoInvalid,
                "the member holds no card with this PAR",
            )
        })?;
    if state.card(id).basic {
        return Err(Refusal::new(
            ErrorCode::BasicCardNotTerminable,
            "it is the member's first card",
        ));
    }
    if state.balance(id) > 0 {
        return Err(Refusal::new(
            ErrorCode::TerminationCardHasBalance,
            "the card holds money",
        ));
    }
    // Page: failures of these kinds, without their codes.
    if state.has_money_on_its_way(id) {
        return Err(Refusal::parameter(
            "par",
            "money that left the card has not arrived yet, or a recharge is pending",
        ));
    }
    end(state, id);
    Ok(json!({}))
}

/// Ends a card and what is set on it.
pub(super) fn end(state: &mut State, id: CardId) {
    let card = state.card_mut(id);
    card.status = CardStatus::Terminated;
    card.plans = crate::state::Plans::default();
}

pub(super) fn list_card_transactions(
    state: &mut State,
    _: &Context<'_>,
    request: &types::ListCardTransactionsRequestBody,
) -> Result<Value, Refusal> {
    let par = request.par.expose();
    let (start, end) = (request.start_date.as_str(), request.end_date.as_str());
    if start > end {
        return Err(Refusal::parameter("endDate", "not before startDate"));
    }
    let id = state
        .card_by_par(par)
        .ok_or_else(|| Refusal::parameter("par", "no card has this PAR"))?;
    if let Some(user_id) = request.user_id.map(Whole::get)
        && state.card(id).user_id != user_id
    {
        return Err(Refusal::parameter("userId", "the card is another member's"));
    }
    let kind = request.tr_type.as_ref().map(TransactionType::as_str);
    let mut found: Vec<_> = state
        .ledger
        .of_card(id)
        .filter(|posting| {
            let time = Moment::at(posting.entry.time);
            (start..=end).contains(&time.day())
                && kind.is_none_or(|kind| kind == posting.entry.kind.transaction_type())
        })
        .collect();
    let paging = request.page_request.as_ref();
    if paging.is_some_and(|paging| paging.order_by_direction == Some(OrderByDirection::Desc)) {
        found.reverse();
    }
    // Pages: the first page is 0, ten items are on one, and 0 asks for all of them.
    let page = paging.and_then(|paging| paging.page).map_or(0, Whole::get);
    let page = place(page);
    let size = paging.and_then(|paging| paging.page_size);
    let size = match place(size.map_or(10, Whole::get)) {
        0 => 10_000,
        size => size,
    };
    let items: Vec<_> = found
        .iter()
        .skip(page.saturating_mul(size))
        .take(size)
        .map(|posting| transaction(state, id, posting))
        .collect();
    Ok(json!({
        "pageResponse": {
            "page": page,
            "totalPages": found.len().div_ceil(size),
            "numberOfElements": found.len(),
        },
        "transactionInfo": items,
    }))
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn transaction(state: &State, card: CardId, posting: &Posting) -> Value {
    let entry = &posting.entry;
    let (amount, before) = posting
        .leg(Account::Card(card))
        .map_or((0, 0), |leg| (leg.amount, leg.before));
    let whole = posting.whole_amount(card);
    let cancelable = state
        .bank_recharges
        .get(&entry.nr_number)
        .is_some_and(|recharge| {
            recharge.outcome == Outcome::Completed && recharge.cancelled.is_none()
        });
    let mut item = Map::new();
    let mut put = |name: &str, value: Value| item.insert(name.to_owned(), value);
    put("trType", json!(entry.kind.transaction_type()));
    put("nrNumber", json!(entry.nr_number));
    // Assumed: less what points paid.
    put("trAmount", json!(whole - posting.points()));
    put("orgAmount", json!(whole));
    put("approvalCode", json!(entry.approval_code));
    put("balanceBefore", json!(unsigned(before)));
    put("balanceAfter", json!(unsigned(before + amount)));
    put("authCancelType", json!(entry.kind.auth_or_cancel()));
    put("approvalDateTime", json!(Moment::at(entry.time).seconds()));
    put("usedPointAmount", json!(posting.points()));
    for name in ["discountAmount", "savedPointAmount"] {
        put(name, json!(0));
    }
    // What the numbers mean was not seen. Assumed: 1 where it can be cancelled.
    put("rechargeCancelable", json!(u8::from(cancelable)));
    if let Some(name) = posting.merchant_name() {
        put("merchantName", json!(name));
    }
    Value::Object(item)
}

pub(super) fn apply_for_prepaid_card(
    state: &mut State,
    context: &Context<'_>,
    request: &types::ApplyForPrepaidCardRequestBody,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.extra);
    let moment = &context.moment;
    let user_id = request.user_info.user_id.get();
    let service_id = request.service_id.as_str();
    lookup::member_or(state, user_id, ErrorCode::MemberNotFound)?;
    let in_advance = match service_id {
        fixtures::SERVICE_ID | fixtures::GIFT_SERVICE_ID => true,
        fixtures::DELIVERED_SERVICE_ID => false,
        _ => {
            return Err(Refusal::parameter(
                "serviceId",
                "one of the card products of the sandbox",
            ));
        }
    };
    let delivered = fields.find_flag("isDeliveryRequired").unwrap_or(false);
    // Page: any product but one that is issued in advance has to be delivered.
    if !in_advance && !delivered {
        return Err(Refusal::new(
            ErrorCode::AccountOrDeliveryMissing,
            "the product has to be delivered: isDeliveryRequired",
        ));
    }
    if delivered && request.address_info.is_none() {
        return Err(missing("addressInfo"));
    }
    let number = state.next_longest_id(moment);
    let card = in_advance.then(|| state.issue_card(user_id, service_id, moment));
    let application = Application {
        user_id,
        made: moment.time,
        service_id: service_id.to_owned(),
        card,
        delivered,
        registered: false,
    };
    state.applications.insert(number.clone(), application);
    let mut response = json!({"cardApplyNo": number});
    if let Some(id) = card {
        state.card_mut(id).application = Some(number);
        let card = state.card(id);
        response["mobileCardNo"] = json!(card.number);
        response["mobileCardCVC"] = json!(CVC);
        response["mobileCardPar"] = json!(card.par);
    }
    Ok(response)
}

pub(super) fn list_pre_issued_cards(
    state: &mut State,
    _: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let user_id = lookup::member(state, Fields::of(&request.0).number("userId")?)?;
    let list: Vec<_> = state
        .applications
        .iter()
        .filter(|(_, application)| application.user_id == user_id && !application.registered)
        .filter_map(|(number, application)| {
            let card = state.card(application.card?);
            (card.status != CardStatus::Terminated).then(|| {
                json!({
                    "cardApplyNo": number,
                    "issueType": "ISSUE",
                    "digital": {
                        "cardNo": card.number,
                        "par": card.par,
                        "serviceId": card.service_id,
                        "serviceName": fixtures::service_name(&card.service_id),
                        "mobileCardCVC": CVC,
                    },
                    "status": "DIGITAL_ISSUED",
                })
            })
        })
        .collect();
    Ok(json!({ "issuedCardList": list }))
}

pub(super) fn register_physical_card(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RegisterPhysicalCardRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = needed(&request.user_id, "userId")?.get();
    let physical = needed(&request.physical_card_no, "physicalCardNo")?.expose();
    let expiry = needed(&request.physical_card_exp_date, "physicalCardExpDate")?.expose();
    let cvc = needed(&request.physical_card_cvc, "physicalCardCVC")?.expose();
    lookup::member(state, user_id)?;
    let printed_on_it = |number: &str| fixtures::physical_card_no(number) == physical;
    let wrong_card = || {
        Refusal::new(
            ErrorCode::CardNumberExpiryOrCvcInvalid,
            "number, expiry and CVC are not those of a card that was made for the member",
        )
    };
    let number = match request.card_apply_no.as_deref() {
        Some(number) => number.to_owned(),
        None => state
            .applications
            .iter()
            .find(|(number, application)| application.user_id == user_id && printed_on_it(number))
            .map(|(number, _)| number.clone())
            .ok_or_else(wrong_card)?,
    };
    let application = state
        .applications
        .get(&number)
        .filter(|application| application.user_id == user_id)
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::CardApplicationNotFound,
                "the member has no such application",
            )
        })?;
    if !printed_on_it(&number)
        || cvc != CVC
        || expiry != year_month_in(5, application.made)
        || !application.delivered
    {
        return Err(wrong_card());
    }
    if application.registered || delivery(application, moment) != "ARRIVAL" {
        return Err(Refusal::new(
            ErrorCode::CardApplicationNotRegistrable,
            "the card has not arrived, or is registered",
        ));
    }
    let service_id = application.service_id.clone();
    let id = match application.card {
        Some(id) if state.card(id).status == CardStatus::Terminated => {
            return Err(Refusal::new(
                ErrorCode::LinkedMobileCardAlreadyTerminated,
                "the mobile card of the application was terminated",
            ));
        }
        Some(id) => id,
        // Page: for a product that is not issued in advance, the mobile card is issued now.
        None => state.issue_card(user_id, &service_id, moment),
    };
    if let Some(application) = state.applications.get_mut(&number) {
        application.card = Some(id);
        application.registered = true;
    }
    let card = state.card_mut(id);
    card.physical = Some(physical.to_owned());
    card.application = Some(number);
    state.record_activation(id, moment);
    let card = state.card(id);
    Ok(json!({"mobileCardNo": card.number, "par": card.par}))
}

pub(super) fn get_card_delivery(
    state: &mut State,
    context: &Context<'_>,
    request: &types::GetCardDeliveryRequestBody,
) -> Result<Value, Refusal> {
    let user_id = needed(&request.user_id, "userId")?.get();
    let user_id = lookup::member_or(state, user_id, ErrorCode::MemberNotFound)?;
    // Assumed: the card is named by its application, or by the number printed on it.
    let (by_number, by_card) = (
        request.card_apply_no.as_deref(),
        Fields::of(&request.extra).find("cardNo"),
    );
    if by_number.is_none() && by_card.is_none() {
        return Err(missing("cardApplyNo"));
    }
    let application = state
        .applications
        .iter()
        .find(|(number, application)| {
            application.user_id == user_id
                && application.delivered
                && by_number.is_none_or(|wanted| wanted == number.as_str())
                && by_card.is_none_or(|card| fixtures::physical_card_no(number) == card)
        })
        .map(|(_, application)| application)
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::CardNumberExpiryOrCvcInvalid,
                "no card of the member is delivered for this",
            )
        })?;
    Ok(json!({ "status": delivery(application, &context.moment) }))
}

/// How far a delivery is. Assumed: a step a day.
fn delivery(application: &Application, now: &Moment) -> &'static str {
    let since = now
        .time
        .duration_since(application.made)
        .unwrap_or_default();
    if since < DAY {
        "READY"
    } else if since < 2 * DAY {
        "PRE_SHIPPING"
    } else if since < 3 * DAY {
        "SHIPPING"
    } else {
        "ARRIVAL"
    }
}
