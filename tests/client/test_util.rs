//! Promise: a program can make every response, error and outcome for tests of its own branches, and
//! cannot make one that a call would not end in.

use konaplate::types::{
    CreateCreditCardRechargeResponseBody, GetBankRechargeResultResponseBody,
    NetworkCancelPaymentResponseBody, RechargeFromBankAccountResponseBody,
};
use konaplate::{Delivery, ErrorKind, Operation, Outcome, Proof, Proves, test_util};
use serde_json::{Value, json};

const RECHARGE: &str = "recharge_from_bank_account";

fn success(fields: Value) -> Value {
    let mut body = json!({"response": {"code": "000_000"}});
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    body
}

type Recharge = RechargeFromBankAccountResponseBody;

#[test]
fn responses_are_those_of_the_operation() {
    let body = success(json!({"nrNumber": "KMN1", "isPending": false}));
    let response = test_util::response::<Recharge>(RECHARGE, body).unwrap();
    assert_eq!(response.nr_number.as_str(), "KMN1");
    let outcome = test_util::outcome(RECHARGE, Ok(response));
    let Outcome::Completed(done) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(done.response().is_some());

    // A field is missing: the call would end so, too.
    let body = success(json!({"isPending": false}));
    let error = test_util::response::<Recharge>(RECHARGE, body).unwrap_err();
    assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
    let outcome = test_util::outcome::<Recharge>(RECHARGE, Err(error));
    assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
}

#[test]
fn the_delivery_of_each_code_is_what_it_proves() {
    for operation in Operation::all() {
        for code in operation.codes() {
            let error = test_util::failure(operation.id(), code.code());
            assert_eq!(error.kind(), ErrorKind::Code);
            assert_eq!(error.http_status(), Some(400));
            let expected = match operation.proves(code) {
                Proves::NotCarriedOut => Delivery::NotCarriedOut,
                Proves::EarlierCall => Delivery::EarlierCall,
                Proves::Declined => Delivery::Declined,
                Proves::Failure => Delivery::MaybeProcessed,
            };
            assert_eq!(error.delivery(), expected, "{error}");
        }
    }
}

#[test]
fn every_verdict_can_be_made() {
    let outcome = |error| test_util::outcome::<Recharge>(RECHARGE, Err(error));
    let Outcome::NotCarriedOut(proven) = outcome(test_util::not_sent(RECHARGE)) else {
        panic!("it was not sent");
    };
    assert_eq!(proven.proof(), Proof::NotSent);
    let declined = outcome(test_util::failure(RECHARGE, "007_003"));
    assert!(matches!(declined, Outcome::Declined(_)), "{declined:?}");
    let earlier = outcome(test_util::failure(RECHARGE, "007_008"));
    assert!(matches!(earlier, Outcome::EarlierCall(_)), "{earlier:?}");
    let unknown = outcome(test_util::lost(RECHARGE));
    assert!(matches!(unknown, Outcome::Unknown(_)), "{unknown:?}");

    let proof = test_util::failure("recharge_by_system", "007_007");
    let outcome = test_util::outcome::<Value>("recharge_by_system", Err(proof));
    let Outcome::NotCarriedOut(proven) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(proven.proof(), Proof::Code);

    for (word, verdict) in [
        ("COMPLETED", "completed"),
        ("FAILED", "failed"),
        ("PENDING", "pending"),
        ("A_NEW_WORD", "unknown"),
    ] {
        let lost = test_util::lost(RECHARGE);
        let found = match test_util::inquired::<Recharge>(RECHARGE, Err(lost), word) {
            Outcome::Completed(_) => "completed",
            Outcome::NotCarriedOut(proven) => {
                assert_eq!(proven.proof(), Proof::Inquiry);
                "failed"
            }
            Outcome::Unknown(record) if record.is_pending() => "pending",
            Outcome::Unknown(_) => "unknown",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, verdict);
    }

    let window = success(json!({"transactionId": "20260315104512000001",
        "redirectUrl": "https://example.com/pay"}));
    let id = "create_credit_card_recharge";
    let response = test_util::response::<CreateCreditCardRechargeResponseBody>(id, window);
    let opened = test_util::opened(id, response);
    assert!(matches!(opened, Outcome::AwaitingMember(_)), "{opened:?}");

    let cancelled = success(json!({"balance": 50_000, "approvalTime": "20260315104542871"}));
    let cancelled = test_util::response::<NetworkCancelPaymentResponseBody>(
        "network_cancel_payment",
        cancelled,
    );
    let payment = test_util::cancelled(test_util::lost("pay_with_token"), cancelled.unwrap());
    let Outcome::Cancelled(taken_back) = &payment else {
        panic!("{payment:?}");
    };
    assert_eq!(taken_back.response().unwrap().balance.get(), 50_000);
    assert_eq!(payment.record().correlation_ids().len(), 2);
}

#[test]
fn what_moves_no_money_has_responses_and_errors_too() {
    let id = "get_bank_recharge_result";
    let body = success(json!({"result": "PENDING"}));
    let response = test_util::response::<GetBankRechargeResultResponseBody>(id, body).unwrap();
    assert_eq!(response.result.as_str(), "PENDING");
    assert_eq!(
        test_util::failure(id, "007_009").delivery(),
        Delivery::Declined
    );
}
