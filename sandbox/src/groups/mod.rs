//! What each operation does, a module a group.
//!
//! A rule that a page of the vendor documents says so where it stands; the others are assumed, and
//! listed as such in `sandbox/README.md`.

mod auto_recharges;
mod gifts;
mod payments;
mod recharges;

use konaplate::Operation;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::world::{Moment, Refusal, World};

/// What a handler may need besides the state.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) moment: Moment,
    /// The sandbox's own address, for links to its payment window.
    pub(crate) base_url: &'a str,
}

/// The operations that have state here. What they answer depends on what was done before; the others
/// answer the example of the description.
pub const STATEFUL: [&str; 6] = [
    "create_credit_card_recharge",
    "get_bank_recharge_result",
    "gift_prepaid_card",
    "issue_one_time_token",
    "recharge_from_bank_account",
    "update_lower_limit_auto_recharge",
];

/// Carries a request out. Its plaintext follows the description's schema. None for an operation that
/// changes no state here: its answer is the description's example.
pub(crate) fn handle(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    operation: &Operation,
    request: Value,
) -> Option<Result<Value, Refusal>> {
    let outcome = match operation.id() {
        "issue_one_time_token" => {
            read(request).and_then(|r| payments::issue_one_time_token(world, surroundings, &r))
        }
        "create_credit_card_recharge" => read(request)
            .and_then(|r| recharges::create_credit_card_recharge(world, surroundings, &r)),
        "recharge_from_bank_account" => read(request)
            .and_then(|r| recharges::recharge_from_bank_account(world, surroundings, &r)),
        "get_bank_recharge_result" => {
            read(request).and_then(|r| recharges::get_bank_recharge_result(world, &r))
        }
        "update_lower_limit_auto_recharge" => {
            read(request).and_then(|r| auto_recharges::update_lower_limit_auto_recharge(world, &r))
        }
        "gift_prepaid_card" => {
            read(request).and_then(|r| gifts::gift_prepaid_card(world, surroundings, &r))
        }
        _ => return None,
    };
    Some(outcome)
}

fn read<T: DeserializeOwned>(request: Value) -> Result<T, Refusal> {
    serde_json::from_value(request)
        .map_err(|_| Refusal::parameter("body", "the request does not fit its schema"))
}
