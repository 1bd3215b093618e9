//! Points: granting them, and reserving them for a payment. Mileage and stamps have no state: nothing
//! is known that collects them.

use std::collections::BTreeMap;

use konaplate::ErrorCode;
use serde_json::{Value, json};

use super::Surroundings;
use super::fields::{Fields, missing};
use crate::fixtures::AFFILIATE_ID;
use crate::ledger::{Account, Kind, signed};
use crate::world::{CardStatus, Moment, RESERVATION, Refusal, World};

/// The largest number of points at once: that of `pointAmount` in the answer of the reservation.
const LARGEST: u64 = 1_000_000_000;

/// Points that a member may use at once, in a day and in a month. Assumed: the page has codes for
/// more and does not say how many that is.
const AT_ONCE: u64 = 100_000;
const A_DAY: u64 = 200_000;
const A_MONTH: u64 = 500_000;

pub(super) fn grant_points(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &Fields,
) -> Result<Value, Refusal> {
    const AMOUNT: &str = "pointRewardInfoList.pointAmount";
    let moment = &surroundings.moment;
    let grants = request.list("pointRewardInfoList");
    if grants.is_empty() {
        return Err(missing("pointRewardInfoList"));
    }
    let mut receivers = BTreeMap::<Account, u64>::new();
    let mut sum: u64 = 0;
    for grant in &grants {
        // Assumed: who gets them, and how many. What was seen of the page ends before.
        let user_id = grant.number("userId")?;
        let amount = points(grant)?;
        world.member("userId", user_id)?;
        let account = if grant.text("pointType")? == "CARD" {
            // Page: then the affiliate is needed. Where the flag stands was not seen.
            let by_token = [request, grant]
                .iter()
                .any(|fields| fields.find_flag("isRewardByToken") == Some(true));
            let affiliate = request.find("affiliateId");
            if by_token && affiliate.is_none() {
                return Err(missing("affiliateId"));
            }
            if affiliate.is_some_and(|id| id != AFFILIATE_ID) {
                return Err(Refusal::parameter(
                    "affiliateId",
                    "the sandbox has one affiliate",
                ));
            }
            let card = world
                .card_of(user_id, grant.text("par")?)
                .filter(|card| world.card(*card).is_active())
                .ok_or_else(|| {
                    Refusal::parameter("par", "no active card of the member has this PAR")
                })?;
            Account::CardPoints(card)
        } else {
            Account::Points(user_id)
        };
        *receivers.entry(account).or_default() += amount;
        sum = sum.saturating_add(amount);
    }
    // Page: the deposit pays. As with recharges by the system, the last won stays.
    if world.ledger.balance(Account::Deposit) <= sum {
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
    let nr_number = world.next_nr_number(moment);
    world
        .post(moment, Kind::PointGrant, nr_number, &legs)
        .map_err(|why| Refusal::parameter(AMOUNT, why.to_string()))?;
    Ok(json!({}))
}

pub(super) fn reserve_points(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    request: &Fields,
) -> Result<Value, Refusal> {
    let moment = &surroundings.moment;
    // Assumed: nothing of the request was seen but that it names a card by its number.
    let number = request.text("cardNo")?;
    let amount = points(request)?;
    let takes_back = match request.find("type") {
        None | Some("RESERVE") => false,
        Some("CANCEL") => true,
        Some(_) => return Err(Refusal::parameter("type", "RESERVE or CANCEL")),
    };
    let id = world
        .card_by_number(number)
        .filter(|id| {
            !matches!(
                world.card(*id).status,
                CardStatus::Terminated | CardStatus::Given
            )
        })
        .ok_or_else(|| Refusal::new(ErrorCode::PointCardNotFound, "no card has this number"))?;
    let user_id = world.card(id).user_id;
    let standing = world.reservation_of(id);
    let answer = |remain_time: u128| {
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
        world.end_reservation(reservation, moment);
        return Ok(answer(0));
    }
    let card = world.card(id);
    if !card.is_active() || card.is_expired(moment) {
        return Err(Refusal::parameter("cardNo", "the card is not active"));
    }
    if standing.is_some() {
        return Err(Refusal::parameter(
            "cardNo",
            "a reservation stands for the card: take it back first",
        ));
    }
    check_limits(world, user_id, amount, moment)?;
    world
        .reserve_points(id, amount, moment)
        .map_err(|why| Refusal::new(ErrorCode::PointPaymentBalanceTooLow, why.to_string()))?;
    Ok(answer(RESERVATION.as_millis()))
}

fn check_limits(world: &World, user_id: u64, amount: u64, now: &Moment) -> Result<(), Refusal> {
    let (mut today, mut month) = (amount, amount);
    for reservation in world.point_reservations.values() {
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

fn points(fields: &Fields) -> Result<u64, Refusal> {
    let amount = fields.number("pointAmount")?;
    if (1..=LARGEST).contains(&amount) {
        Ok(amount)
    } else {
        Err(Refusal::parameter("pointAmount", format!("1 to {LARGEST}")))
    }
}
