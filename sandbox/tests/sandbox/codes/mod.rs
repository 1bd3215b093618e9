//! Promise: every documented code of every operation is reachable through real state, where the
//! rule is known. What is left is listed here.

mod auto_recharges;
mod cards;
mod gifts;
mod members;
mod payments;
mod points;
mod recharges;
mod refunds;
mod transfers;

use std::collections::BTreeSet;

use konaplate::{Client, Delivery, Error, ErrorCode, Operation, Proves};
use konaplate_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{call, token};

/// Codes that no rule of the sandbox leads to: what does at KONA is not known, or needs more state
/// than these operations have.
const ON_DEMAND_ONLY: [(&str, &str); 32] = [
    ("accept_gifted_card", "005_058"),
    ("accept_gifted_card", "005_059"),
    ("accept_gifted_card", "005_061"),
    ("cancel_bank_recharge", "007_043"),
    ("cancel_payment", "006_005"),
    ("cancel_payment", "006_006"),
    ("cancel_payment", "006_010"),
    ("cancel_payment", "006_011"),
    ("get_bank_account_registration", "002_014"),
    ("get_bank_account_registration", "002_015"),
    ("get_bank_account_registration", "002_016"),
    ("get_bank_account_registration", "002_017"),
    ("get_deposit_balance", "000_002"),
    ("issue_one_time_token", "006_003"),
    ("issue_one_time_token", "006_031"),
    ("pay_with_token", "006_005"),
    ("pay_with_token", "006_006"),
    ("recharge_by_system", "007_002"),
    ("recharge_from_bank_account", "007_002"),
    ("register_credit_card_auto_recharge", "002_018"),
    ("register_member", "000_015"),
    ("register_monthly_auto_recharge", "007_002"),
    ("register_monthly_auto_recharge", "007_003"),
    ("register_monthly_auto_recharge", "007_004"),
    ("terminate_card", "001_061"),
    ("terminate_card", "001_062"),
    ("transfer_to_card", "005_012"),
    ("update_lower_limit_auto_recharge", "007_002"),
    ("update_lower_limit_auto_recharge", "007_004"),
    ("update_lower_limit_auto_recharge", "007_006"),
    ("update_lower_limit_auto_recharge", "007_008"),
    ("verify_password", "001_080"),
];

pub(crate) type Seen = BTreeSet<(String, String)>;

#[track_caller]
pub(crate) fn refused(
    outcome: Result<Value, Error>,
    code: &str,
    seen: &mut BTreeSet<(String, String)>,
) -> Error {
    let error = outcome.expect_err(code);
    assert_eq!(error.code().map(ErrorCode::code), Some(code), "{error}");
    let operation = Operation::find(error.operation().unwrap()).unwrap();
    let delivery = match operation.proves(error.code().unwrap()) {
        Proves::NotCarriedOut => Delivery::NotCarriedOut,
        Proves::EarlierCall => Delivery::EarlierCall,
        Proves::Declined => Delivery::Declined,
        Proves::Failure => Delivery::MaybeProcessed,
    };
    assert_eq!(error.delivery(), delivery, "{error}");
    assert_eq!(error.http_status(), Some(400));
    // The sandbox says which rule it was.
    let response = error.response().unwrap().expose();
    assert!(response["sandbox"]["expected"].is_string(), "{response}");
    seen.insert((error.operation().unwrap().to_owned(), code.to_owned()));
    error
}

/// A sandbox, and calls of it that are refused with a code.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client();
        Self { sandbox, client }
    }

    pub(crate) async fn ok(&self, operation: &str, body: Value) -> Value {
        let outcome = call(&self.client, operation, body, json!({})).await;
        outcome.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// Each body is refused with its code, and moves nothing.
    pub(crate) async fn refused<const N: usize>(
        &self,
        seen: &mut Seen,
        operation: &str,
        cases: [(&str, Value); N],
    ) {
        for (code, body) in cases {
            let before = self.sandbox.postings();
            refused(
                call(&self.client, operation, body, json!({})).await,
                code,
                seen,
            );
            assert_eq!(self.sandbox.postings(), before, "{operation} {code}");
        }
    }

    /// The fields with a fresh token for the card.
    pub(crate) async fn with_token(&self, card: &str, mut body: Value) -> Value {
        let token = token(&self.client, card, None).await;
        body["oneTimeToken"] = json!(token.one_time_token);
        body["dcvv"] = json!(token.dcvv);
        body
    }
}

pub(crate) const GIFT_CARD: &str = "9491330000001014";
pub(crate) const GIFT_PAR: &str = "Q1000000000000000000000101A";
pub(crate) const EXPIRED: &str = "9491330000001022";
pub(crate) const SUSPENDED: &str = "9491330000001030";
pub(crate) const FULL_PAR: &str = "Q1000000000000000000000106A";
pub(crate) const FULL: &str = "9491330000001063";

#[tokio::test]
async fn every_documented_code_is_reachable_or_listed_as_on_demand_only() {
    let seen = &mut BTreeSet::new();
    recharges::tokens_and_recharges(seen).await;
    auto_recharges::lower_limit(seen).await;
    gifts::gifts(seen).await;
    recharges::cancelled_and_system_recharges(seen).await;
    payments::payments(seen).await;
    auto_recharges::auto_recharges(seen).await;
    refunds::refunds(seen).await;
    transfers::transfers_and_accepted_gifts(seen).await;
    members::members_and_bank_accounts(seen).await;
    cards::cards(seen).await;
    points::points(seen).await;

    // What is left is on demand only, and nothing else is.
    let documented: BTreeSet<(String, String)> = Operation::all()
        .iter()
        .filter(|o| konaplate_sandbox::STATEFUL.contains(&o.id()))
        .flat_map(|o| {
            o.codes()
                .iter()
                .map(|code| (o.id().to_owned(), code.code().to_owned()))
        })
        .collect();
    let by_rule: BTreeSet<_> = seen.intersection(&documented).cloned().collect();
    let left: BTreeSet<_> = documented.difference(&by_rule).cloned().collect();
    let expected: BTreeSet<_> = ON_DEMAND_ONLY
        .iter()
        .map(|(operation, code)| ((*operation).to_owned(), (*code).to_owned()))
        .collect();
    assert_eq!(left, expected);
}
