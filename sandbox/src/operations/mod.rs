//! What each operation does, a module a group.
//!
//! A rule that a page of the vendor documents says so where it stands; the others are assumed. All
//! of them are listed in `sandbox/RULES.md`.

mod auto_recharges;
mod bank_accounts;
mod cards;
mod fields;
mod gifts;
mod lookup;
mod members;
mod payments;
mod points;
#[cfg(test)]
mod random_walk;
mod recharges;
mod refunds;
mod transfers;

use konaplate::{CorrelationId, Operation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::state::{Moment, Refusal, State};

/// What a handler may need besides the state.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) moment: Moment,
    /// The call's own id: what is posted is its doing.
    pub(crate) correlation_id: CorrelationId,
    /// The sandbox's own address, for links to its payment window.
    pub(crate) base_url: &'a str,
}

impl Context<'_> {
    fn window_url(&self, id: &str) -> String {
        format!("{}/__sandbox/payment-window/{id}", self.base_url)
    }
}

/// Carries an operation out: the fields of its response, or why not.
type Handler = fn(&mut State, &Context<'_>, Value) -> Result<Value, Refusal>;

/// The operations that have state here, by their ids, which are the names of their functions. Each
/// takes its request as the client's type of it.
macro_rules! handlers {
    ($($module:ident::$operation:ident,)+) => {
        const HANDLERS: &[(&str, Handler)] = &[$(
            (stringify!($operation), |state, context, plaintext| {
                $module::$operation(state, context, &read(plaintext)?)
            }),
        )+];
    };
}

handlers! {
    gifts::accept_gifted_card,
    cards::apply_for_prepaid_card,
    recharges::cancel_bank_recharge,
    members::cancel_membership,
    payments::cancel_payment,
    recharges::create_credit_card_recharge,
    bank_accounts::delete_bank_account,
    auto_recharges::deregister_auto_recharge,
    auto_recharges::deregister_credit_card_auto_recharge,
    members::find_login_id,
    members::find_member_by_ci,
    bank_accounts::get_bank_account,
    bank_accounts::get_bank_account_registration,
    recharges::get_bank_recharge_result,
    cards::get_card_delivery,
    cards::get_card_holder,
    recharges::get_deposit_balance,
    members::get_member,
    refunds::get_refund_fee,
    gifts::gift_prepaid_card,
    points::grant_points,
    payments::issue_one_time_token,
    auto_recharges::list_auto_recharge_plans,
    cards::list_card_transactions,
    auto_recharges::list_credit_card_auto_recharges,
    cards::list_member_cards,
    auto_recharges::list_payment_auto_recharges,
    cards::list_pre_issued_cards,
    payments::network_cancel_payment,
    payments::pay_with_token,
    recharges::recharge_by_system,
    recharges::recharge_from_bank_account,
    refunds::refund_card,
    bank_accounts::register_bank_account,
    auto_recharges::register_credit_card_auto_recharge,
    members::register_member,
    auto_recharges::register_monthly_auto_recharge,
    auto_recharges::register_payment_auto_recharge,
    cards::register_physical_card,
    points::reserve_points,
    cards::terminate_card,
    transfers::transfer_balance,
    transfers::transfer_to_card,
    cards::update_card_status,
    auto_recharges::update_credit_card_auto_recharge,
    auto_recharges::update_lower_limit_auto_recharge,
    members::verify_password,
}

/// What a refusal names where the whole request cannot be read.
const BODY: &str = "body";

/// A request as its type. What follows the schema reads as its type; the schema was checked before.
fn read<T: DeserializeOwned>(plaintext: Value) -> Result<T, Refusal> {
    serde_json::from_value(plaintext)
        .map_err(|_| Refusal::parameter(BODY, "it does not read as the client's type of it"))
}

/// The operations that have state here. What they respond depends on what was done before; the
/// others respond with the example of the description.
pub const STATEFUL: [&str; HANDLERS.len()] = {
    let mut ids = [""; HANDLERS.len()];
    let mut place = 0;
    while place < ids.len() {
        ids[place] = HANDLERS[place].0;
        place += 1;
    }
    ids
};

/// Carries a request out, after what was due before it. Its plaintext follows the description's
/// schema. None for an operation that changes no state here: its response is the description's
/// example.
pub(crate) fn handle(
    state: &mut State,
    context: &Context<'_>,
    operation: &Operation,
    request: Value,
) -> Option<Result<Value, Refusal>> {
    state.settle_due(&context.moment);
    let (_, handler) = HANDLERS.iter().find(|(id, _)| *id == operation.id())?;
    Some(state.caused_by(Some(context.correlation_id), |state| {
        handler(state, context, request)
    }))
}
