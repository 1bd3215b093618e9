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

/// Carries a request out. Its plaintext follows the description's schema.
pub(crate) fn handle(
    world: &mut World,
    surroundings: &Surroundings<'_>,
    operation: &Operation,
    request: Value,
) -> Result<Value, Refusal> {
    match operation.id() {
        "issue_one_time_token" => {
            payments::issue_one_time_token(world, surroundings, &read(request)?)
        }
        "create_credit_card_recharge" => {
            recharges::create_credit_card_recharge(world, surroundings, &read(request)?)
        }
        "recharge_from_bank_account" => {
            recharges::recharge_from_bank_account(world, surroundings, &read(request)?)
        }
        "get_bank_recharge_result" => recharges::get_bank_recharge_result(world, &read(request)?),
        "update_lower_limit_auto_recharge" => {
            auto_recharges::update_lower_limit_auto_recharge(world, &read(request)?)
        }
        "gift_prepaid_card" => gifts::gift_prepaid_card(world, surroundings, &read(request)?),
        other => Err(Refusal::parameter(
            "operation",
            format!("{other} is not played yet"),
        )),
    }
}

fn read<T: DeserializeOwned>(request: Value) -> Result<T, Refusal> {
    serde_json::from_value(request)
        .map_err(|_| Refusal::parameter("body", "the request does not fit its schema"))
}
