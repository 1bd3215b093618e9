//! Points: granting them, and reserving them for a payment. Mileage and stamps have no state:
//! nothing is known that collects them.

use std::collections::BTreeMap;

use konaplate::ErrorCode;
use konaplate::types::{self, GrantedPointType, OpenObject};
use serde_json::{Value, json};

use super::Context;
use super::fields::{Fields, missing};
use super::lookup;
use crate::fixtures::AFFILIATE_ID;
use crate::state::ledger::{Account, Kind, signed};
use crate::state::{CardStatus, Moment, RESERVATION, Refusal, State};

/// The largest number of points at once: that of `pointAmount` in the response of the reservation.
const LARGEST: u64 = 1_000_000_000;

/// Points that a member may use at once, in a day and in a month. Assumed: the page has codes for
/// more and does not say how many that is.
const AT_ONCE: u64 = 100_000;
const A_DAY: u64 = 200_000;
const A_MONTH: u64 = 500_000;

pub(super) fn grant_points(
    state: &mut State,
    context: &Context<'_>,
    request: &types::GrantPointsRequestBody,
) -> Result<Value, Refusal> {
    const AMOUNT: &str = "pointRewardInfoList.pointAmount";
    let moment = &context.moment;
    let grants = &request.point_reward_info_list;
    if grants.is_empty() {
        return Err(missing("pointRewardInfoList"));
    }
    let mut receivers = BTreeMap::<Account, u64>::new();
    let mut sum: u64 = 0;
    for grant in grants {
        let fields = Fields::of(&grant.extra);
        // Assumed: who gets them, and how many. What was seen of the page ends before.
        let user_id = lookup::member(state, fields.number("userId")?)?;
        let amount = points(fields)?;
        let account = if grant.point_type == GrantedPointType::Card {
            // Page: then the affiliate is needed. Where the flag stands was not seen.
            let by_token = [Fields::of(&request.extra), fields]
                .iter()
                .any(|fields| fields.find_flag("isRewardByToken") == Some(true));
            let affiliate = request.affiliate_id.as_deref();
            if by_token && affiliate.is_none() {
                return Err(missing("affiliateId"));
            }
            if affiliate.is_some_and(|id| id != AFFILIATE_ID) {
                return Err(Refusal::parameter(
                    "affiliateId",
                    "the sandbox has one affiliate",
                ));
            }
            let card = lookup::active_card(state, user_id, fields.text("par")?)?;
            Account::CardPoints(card)
        } else {
            Account::Points(user_id)
        };
        *receivers.entry(account).or_default() += amount;
        sum = sum.saturating_add(amount);
    }
    // Page: the deposit pays. As with recharges by the system, the last won stays.
    if state.ledger.balance(Account::Deposit) <= sum {
        return Err(Refusal::parameter(
            AMOUNT,
            "the deposit does not hold so much",
        ));
    }
    let mut legs: Vec<_> = receivers
        .into_iter()
        .map(|(account, amount)| (account, signed(amount)))
        .collect();
    legs.push((Account::Deposit, -signed(sum)));
    let nr_number = state.next_nr_number(moment);
    state
        .post(moment, Kind::PointGrant, nr_number, &legs)
        .map_err(|why| Refusal::parameter(AMOUNT, why.to_string()))?;
    Ok(json!({}))
}

pub(super) fn reserve_points(
    state: &mut State,
    context: &Context<'_>,
    request: &OpenObject,
) -> Result<Value, Refusal> {
    let fields = Fields::of(&request.0);
    let moment = &context.moment;
    // Assumed: nothing of the request was seen but that it names a card by its number.
    let number = fields.text("cardNo")?;
    let amount = points(fields)?;
    let takes_back = match fields.find("type") {
        None | Some("RESERVE") => false,
        Some("CANCEL") => true,
        Some(_) => return Err(Refusal::parameter("type", "RESERVE or CANCEL")),
    };
    let id = state
        .card_by_number(number)
        .filter(|id| {
            !matches!(
                state.card(*id).status,
                CardStatus::Terminated | CardStatus::Given
            )
        })
        .ok_or_else(|| Refusal::new(ErrorCode::PointCardNotFound, "no card has this number"))?;
    let user_id = state.card(id).user_id;
    let standing = state.reservation_of(id);
    let response = |remain_time: u128| {
        json!({
            "remainTime": u64::try_from(remain_time).unwrap_or(u64::MAX),
            "userId": user_id,
            "pointAmount": amount,
        })
    };
    if takes_back {
        let (reservation, _) = standing
            .filter(|(_, reservation)| reservation.points.total() == amount)
            .ok_or_else(|| {
                Refusal::parameter(
                    "pointAmount",
                    "no reservation of so many points stands for the card",
                )
            })?;
        state.end_reservation(reservation, moment);
        return Ok(response(0));
    }
    let card = state.card(id);
    if !card.is_active() || card.is_expired(moment) {
        return Err(Refusal::parameter("cardNo", "the card is not active"));
    }
    if standing.is_some() {
        return Err(Refusal::parameter(
            "cardNo",
            "a reservation stands for the card: take it back first",
        ));
    }
    check_limits(state, user_id, amount, moment)?;
    state
        .reserve_points(id, amount, moment)
        .map_err(|why| Refusal::new(ErrorCode::PointPaymentBalanceTooLow, why.to_string()))?;
    Ok(response(RESERVATION.as_millis()))
}

fn check_limits(state: &State, user_id: u64, amount: u64, now: &Moment) -> Result<(), Refusal> {
    let (mut today, mut month) = (amount, amount);
    for reservation in state.point_reservations.values() {
        let made = Moment::at(reservation.made);
        if reservation.user_id == user_id && made.is_in_month_of(now) {
            month += reservation.counted();
            if made.day() == now.day() {
                today += reservation.counted();
            }
        }
    }
    for (sum, most, code, span) in [
        (
            amount,
            AT_ONCE,
            ErrorCode::PointPaymentSingleLimitExceeded,
            "at once",
        ),
        (
            today,
            A_DAY,
            ErrorCode::PointPaymentDailyLimitExceeded,
            "a day",
        ),
        (
            month,
            A_MONTH,
            ErrorCode::PointPaymentMonthlyLimitExceeded,
            "a month",
        ),
    ] {
        if sum > most {
            return Err(Refusal::new(code, format!("at most {most} points {span}")));
        }
    }
    Ok(())
}

fn points(fields: Fields<'_>) -> Result<u64, Refusal> {
    let amount = fields.number("pointAmount")?;
    if (1..=LARGEST).contains(&amount) {
        Ok(amount)
    } else {
        Err(Refusal::parameter("pointAmount", format!("1 to {LARGEST}")))
    }
}
