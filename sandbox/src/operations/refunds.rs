//! Refunds of a card's balance to the member's bank account.

use konaplate::ErrorCode;
use konaplate::types;
use serde_json::{Value, json};

use super::Context;
use super::lookup;
use crate::state::ledger::{Account, CardId, Kind, signed, unsigned};
use crate::state::{Moment, Refusal, Sequence, State};

// The vendor documents that these limits are there, and not how much they are: all amounts here are
// assumed.

/// The fee, in % of the balance, and in parts of it.
const FEE_RATE: &str = "2";
const FEE_OF: u64 = 50;
/// The balance has to be below this, in KRW.
const BELOW: u64 = 50_000;
/// So much of the last recharge has to be used, in %.
const USED: u64 = 60;
/// A member's refunds of a calendar month.
const MONTHLY_COUNT: usize = 3;
const MONTHLY_AMOUNT: u64 = 100_000;

/// What a refund of a card's balance comes to.
struct Terms {
    balance: u64,
    fee: u64,
    /// What the card held after it was recharged last.
    last_loaded: u64,
    /// In %, rounded down.
    used: u64,
}

impl Terms {
    fn of(state: &State, card: CardId) -> Self {
        let balance = state.balance(card);
        let account = Account::Card(card);
        let last_loaded = state
            .ledger
            .of_card(card)
            .rev()
            .find(|posting| {
                let is_recharge = matches!(
                    posting.entry.kind,
                    Kind::BankRecharge
                        | Kind::CreditCardRecharge
                        | Kind::AutoRecharge
                        | Kind::SystemRecharge
                        | Kind::GiftAccepted
                );
                is_recharge && posting.leg(account).is_some_and(|leg| leg.amount > 0)
            })
            .and_then(|posting| posting.leg(account))
            .map(|leg| unsigned(leg.before + leg.amount))
            // Never recharged since the sandbox started: what it started with.
            .or_else(|| {
                let first = state.ledger.of_card(card).next()?;
                first.leg(account).map(|leg| unsigned(leg.before))
            })
            .unwrap_or(balance);
        let used = match last_loaded {
            0 => 0,
            loaded => 100 * loaded.saturating_sub(balance) / loaded,
        };
        Self {
            balance,
            fee: balance / FEE_OF,
            last_loaded,
            used,
        }
    }

    /// Page: the balance has to be below the one, and the share reach the other.
    fn allow(&self) -> bool {
        self.balance > 0 && self.balance < BELOW && self.used >= USED
    }
}

pub(super) fn get_refund_fee(
    state: &mut State,
    context: &Context<'_>,
    request: &types::GetRefundFeeRequestBody,
) -> Result<Value, Refusal> {
    let user_id = request.user_id.get();
    let token = (request.one_time_token.expose(), None);
    lookup::member(state, user_id)?;
    let card = lookup::card_of_token(state, context, token, user_id)?;
    let terms = Terms::of(state, card);
    Ok(json!({
        "par": state.card(card).par,
        "refundFeeRate": FEE_RATE,
        "balance": terms.balance,
        "refundCheckBalance": terms.balance,
        "discountAmount": 0,
        "refundFee": terms.fee,
        "refundAmount": terms.balance - terms.fee,
        "expiredFee": 0,
        "refundable": terms.allow(),
        "refundThresholdBalance": BELOW,
        "refundThresholdRatio": USED.to_string(),
        // Two digits at most by the page.
        "currentBalanceRatio": terms.used.min(99).to_string(),
        "lastLoadedBalance": terms.last_loaded,
    }))
}

pub(super) fn refund_card(
    state: &mut State,
    context: &Context<'_>,
    request: &types::RefundCardRequestBody,
) -> Result<Value, Refusal> {
    let moment = &context.moment;
    let user_id = request.user_id.get();
    let sequence = request.sequence_id.as_str();
    let expiry = request.card_expiry.expose();
    lookup::member(state, user_id)?;
    if state.bank_of(user_id).is_none() {
        return Err(Refusal::new(
            ErrorCode::RefundBankAccountNotFound,
            "the member has no bank account",
        ));
    }
    // 007_008 is not among this page's codes, which are complete: 000_002 is.
    if state.sequence(sequence).is_some() {
        return Err(Refusal::parameter("sequenceId", "a sequence id works once"));
    }
    let token = lookup::token(&request.one_time_token, &request.dcvv);
    let card = lookup::card_of_token(state, context, token, user_id)?;
    if state.card(card).expiry != expiry {
        return Err(Refusal::parameter("cardExpiry", "it is not the card's"));
    }
    let terms = Terms::of(state, card);
    if !terms.allow() {
        return Err(Refusal::new(
            ErrorCode::RefundDenied,
            format!(
                "the balance has to be below {BELOW} KRW, and {USED} % of the last recharge used"
            ),
        ));
    }
    if state.is_recharge_pending(card) {
        return Err(Refusal::new(
            ErrorCode::RefundDenied,
            "a recharge of the card, or the cancellation of one, is pending",
        ));
    }
    let (count, amount) = refunded_this_month(state, user_id, moment);
    if count >= MONTHLY_COUNT {
        return Err(Refusal::new(
            ErrorCode::RefundMonthlyCountExceeded,
            format!("{MONTHLY_COUNT} refunds a month"),
        ));
    }
    if amount + terms.balance > MONTHLY_AMOUNT {
        return Err(Refusal::new(
            ErrorCode::RefundMonthlyAmountExceeded,
            format!("{MONTHLY_AMOUNT} KRW a month"),
        ));
    }
    let nr_number = state.next_nr_number(moment);
    let (balance, fee) = (signed(terms.balance), signed(terms.fee));
    let legs = [
        (Account::Card(card), -balance),
        (Account::Payout(card), balance - fee),
        (Account::Fees, fee),
    ];
    state
        .post(moment, Kind::Refund, nr_number.clone(), &legs)
        .map_err(|why| Refusal::new(ErrorCode::RefundDenied, why.to_string()))?;
    state.take_sequence(sequence, Sequence::Other);
    // Assumed: paid out when a cancelled recharge is.
    state.pay_out_tomorrow(card, moment);
    Ok(json!({ "nrNumber": nr_number }))
}

/// How many refunds a member had in the month, and of how much together.
fn refunded_this_month(state: &State, user_id: u64, now: &Moment) -> (usize, u64) {
    state
        .cards_ever_of(user_id)
        .flat_map(|card| {
            state
                .ledger
                .of_card(card)
                .filter(|posting| {
                    posting.entry.kind == Kind::Refund
                        && Moment::at(posting.entry.time).is_in_month_of(now)
                })
                .filter_map(move |posting| posting.leg(Account::Card(card)))
        })
        .fold((0, 0), |(count, sum), leg| {
            (count + 1, sum + unsigned(leg.amount))
        })
}
