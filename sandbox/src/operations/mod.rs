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
use serde_json::Value;

use self::fields::Fields;
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
type Handler = fn(&mut State, &Context<'_>, &Fields) -> Result<Value, Refusal>;

/// The operations that have state here, by their ids.
const HANDLERS: [(&str, Handler); 47] = [
    ("accept_gifted_card", gifts::accept_gifted_card),
    ("apply_for_prepaid_card", cards::apply_for_prepaid_card),
    ("cancel_bank_recharge", recharges::cancel_bank_recharge),
    ("cancel_membership", members::cancel_membership),
    ("cancel_payment", payments::cancel_payment),
    (
        "create_credit_card_recharge",
        recharges::create_credit_card_recharge,
    ),
    ("delete_bank_account", bank_accounts::delete_bank_account),
    (
        "deregister_auto_recharge",
        auto_recharges::deregister_auto_recharge,
    ),
    (
        "deregister_credit_card_auto_recharge",
        auto_recharges::deregister_credit_card_auto_recharge,
    ),
    ("find_login_id", members::find_login_id),
    ("find_member_by_ci", members::find_member_by_ci),
    ("get_bank_account", bank_accounts::get_bank_account),
    (
        "get_bank_account_registration",
        bank_accounts::get_bank_account_registration,
    ),
    (
        "get_bank_recharge_result",
        recharges::get_bank_recharge_result,
    ),
    ("get_card_delivery", cards::get_card_delivery),
    ("get_card_holder", cards::get_card_holder),
    ("get_deposit_balance", recharges::get_deposit_balance),
    ("get_member", members::get_member),
    ("get_refund_fee", refunds::get_refund_fee),
    ("gift_prepaid_card", gifts::gift_prepaid_card),
    ("grant_points", points::grant_points),
    ("issue_one_time_token", payments::issue_one_time_token),
    (
        "list_auto_recharge_plans",
        auto_recharges::list_auto_recharge_plans,
    ),
    ("list_card_transactions", cards::list_card_transactions),
    (
        "list_credit_card_auto_recharges",
        auto_recharges::list_credit_card_auto_recharges,
    ),
    ("list_member_cards", cards::list_member_cards),
    (
        "list_payment_auto_recharges",
        auto_recharges::list_payment_auto_recharges,
    ),
    ("list_pre_issued_cards", cards::list_pre_issued_cards),
    ("network_cancel_payment", payments::network_cancel_payment),
    ("pay_with_token", payments::pay_with_token),
    ("recharge_by_system", recharges::recharge_by_system),
    (
        "recharge_from_bank_account",
        recharges::recharge_from_bank_account,
    ),
    ("refund_card", refunds::refund_card),
    (
        "register_bank_account",
        bank_accounts::register_bank_account,
    ),
    (
        "register_credit_card_auto_recharge",
        auto_recharges::register_credit_card_auto_recharge,
    ),
    ("register_member", members::register_member),
    (
        "register_monthly_auto_recharge",
        auto_recharges::register_monthly_auto_recharge,
    ),
    (
        "register_payment_auto_recharge",
        auto_recharges::register_payment_auto_recharge,
    ),
    ("register_physical_card", cards::register_physical_card),
    ("reserve_points", points::reserve_points),
    ("terminate_card", cards::terminate_card),
    ("transfer_balance", transfers::transfer_balance),
    ("transfer_to_card", transfers::transfer_to_card),
    ("update_card_status", cards::update_card_status),
    (
        "update_credit_card_auto_recharge",
        auto_recharges::update_credit_card_auto_recharge,
    ),
    (
        "update_lower_limit_auto_recharge",
        auto_recharges::update_lower_limit_auto_recharge,
    ),
    ("verify_password", members::verify_password),
];

/// The operations that have state here. What they response depends on what was done before; the
/// others response the example of the description.
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
        handler(state, context, &Fields::new(request))
    }))
}
