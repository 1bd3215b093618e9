//! The judge, on forged ledgers, logs and accounts.

use super::*;
use crate::truth::{Posting, Request};

const ID: &str = "250301000000-0000001";
const OTHER: &str = "250301000000-0000002";

fn call(id: &str, seen: Seen) -> Call {
    Call {
        intent: Some(0),
        operation: "recharge_from_bank_account",
        id: id.to_owned(),
        fault: "-".to_owned(),
        seen,
        code: None,
        settled: None,
        cancellation: None,
    }
}

fn posting(id: Option<&str>, kind: &str, amount: i64) -> Posting {
    Posting {
        kind: kind.to_owned(),
        correlation_id: id.map(str::to_owned),
        legs: vec![
            ("bank:0".to_owned(), -amount),
            ("card:A".to_owned(), amount),
        ],
    }
}

fn request(id: &str, carried_out: bool) -> Request {
    Request {
        correlation_id: Some(id.to_owned()),
        carried_out,
        again: false,
    }
}

fn entry(id: &str, state: State) -> Entry {
    Entry {
        id: id.to_owned(),
        operation: "recharge_from_bank_account".to_owned(),
        state,
    }
}

fn before() -> Truth {
    let held = [
        ("bank:0", 1_000_000),
        ("card:A", 100_000),
        ("outside", -1_100_000),
    ];
    Truth {
        balances: held.map(|(name, held)| (name.to_owned(), held)).into(),
        ..Truth::default()
    }
}

/// The platform after these postings and requests.
fn after(postings: Vec<Posting>, requests: Vec<Request>) -> Truth {
    let mut truth = before();
    for (account, amount) in postings.iter().flat_map(|posting| &posting.legs) {
        *truth.balances.entry(account.clone()).or_default() += amount;
    }
    Truth {
        postings,
        requests,
        ..truth
    }
}

fn account(calls: Vec<Call>, entries: Vec<Entry>) -> Account {
    let intent = Intent {
        operation: calls[0].operation,
        amount: Some(5_000),
    };
    Account {
        calls,
        intents: vec![intent],
        entries,
    }
}

/// How many double charges, lost outcomes, wrong deliveries, and faults of the ledger.
fn counts(account: &Account, truth: &Truth) -> [usize; 4] {
    let found = judge(account, &before(), truth);
    [
        found.double_charges.len(),
        found.lost_outcomes.len(),
        found.wrong_deliveries.len(),
        found.sums.len(),
    ]
}

fn charged() -> Posting {
    posting(Some(ID), "bankrecharge", 5_000)
}

#[test]
fn a_recharge_that_everybody_agrees_about_is_right() {
    let account = account(
        vec![call(ID, Seen::Success)],
        vec![entry(ID, State::Completed)],
    );
    let truth = after(vec![charged()], vec![request(ID, true)]);
    assert_eq!(counts(&account, &truth), [0; 4]);
}

#[test]
fn a_doubled_posting_is_a_double_charge_whoever_is_said_to_have_made_it() {
    let once = account(
        vec![call(ID, Seen::Success)],
        vec![entry(ID, State::Completed)],
    );
    for second in [Some(ID), None, Some(OTHER)] {
        let postings = vec![charged(), posting(second, "bankrecharge", 5_000)];
        let truth = after(postings, vec![request(ID, true)]);
        assert_eq!(counts(&once, &truth), [1, 0, 0, 0], "{second:?}");
    }
    // Another amount, and another kind, are other money.
    for other in [
        posting(None, "bankrecharge", 5_001),
        posting(None, "autorecharge", 5_000),
    ] {
        let truth = after(vec![charged(), other], vec![request(ID, true)]);
        assert_eq!(counts(&once, &truth), [0; 4]);
    }
}

#[test]
fn business_that_two_calls_did_is_a_double_charge() {
    let twice = account(
        vec![call(ID, Seen::MaybeProcessed), call(OTHER, Seen::Success)],
        vec![entry(ID, State::Completed), entry(OTHER, State::Completed)],
    );
    let postings = vec![charged(), posting(Some(OTHER), "bankrecharge", 5_000)];
    let truth = after(postings, vec![request(ID, true), request(OTHER, true)]);
    assert_eq!(counts(&twice, &truth), [1, 0, 0, 0]);
}

#[test]
fn something_else_that_a_call_set_off_twice_is_a_double_charge() {
    let account = account(
        vec![call(ID, Seen::Success)],
        vec![entry(ID, State::Completed)],
    );
    let payout = || posting(Some(ID), "payout", 70);
    let truth = after(vec![charged(), payout(), payout()], vec![request(ID, true)]);
    assert_eq!(counts(&account, &truth), [1, 0, 0, 0]);
}

#[test]
fn a_delivery_that_is_not_so_is_wrong() {
    let done = after(vec![charged()], vec![request(ID, true)]);
    let not_done = after(vec![], vec![request(ID, false)]);
    let never_came = after(vec![], vec![]);
    let state = |truth: &Truth| match truth.postings.is_empty() {
        true => State::Failed,
        false => State::Completed,
    };
    for (seen, truth, wrong) in [
        (Seen::Success, &done, 0),
        (Seen::Success, &not_done, 1),
        // It came in, it was carried out, and its money moved.
        (Seen::NotSent, &done, 3),
        (Seen::NotSent, &not_done, 1),
        (Seen::NotSent, &never_came, 0),
        (Seen::NotCarriedOut, &done, 2),
        (Seen::NotCarriedOut, &not_done, 0),
        (Seen::Declined, &done, 0),
        (Seen::Declined, &not_done, 0),
        (Seen::EarlierCall, &done, 0),
        (Seen::EarlierCall, &not_done, 0),
        (Seen::ProcessedUnreadable, &done, 0),
        (Seen::ProcessedUnreadable, &not_done, 1),
        (Seen::MaybeProcessed, &done, 0),
        (Seen::MaybeProcessed, &not_done, 0),
        (Seen::Died, &done, 0),
        (Seen::Died, &not_done, 0),
    ] {
        let account = account(vec![call(ID, seen)], vec![entry(ID, state(truth))]);
        assert_eq!(counts(&account, truth), [0, 0, wrong, 0], "{seen:?}");
    }
}

#[test]
fn a_success_without_money_a_second_arrival_and_a_wrong_outcome_are_wrong() {
    let mut paid = call(ID, Seen::Success);
    paid.operation = "pay_with_token";
    let mut account = account(vec![paid], vec![entry(ID, State::NeedsPerson)]);
    account.entries[0].operation = "pay_with_token".to_owned();
    let truth = after(vec![], vec![request(ID, true)]);
    assert_eq!(counts(&account, &truth), [0, 0, 1, 0]);

    let twice = after(
        vec![posting(Some(ID), "payment", 5_000)],
        vec![request(ID, true), request(ID, false)],
    );
    assert_eq!(counts(&account, &twice), [0, 0, 1, 0]);
    // A gateway did it, and not the client.
    let mut by_gateway = twice.clone();
    by_gateway.requests[0].again = true;
    assert_eq!(counts(&account, &by_gateway), [0, 0, 0, 0]);

    account.calls = vec![call(ID, Seen::MaybeProcessed)];
    account.intents[0].operation = "recharge_from_bank_account";
    for (settled, truth, state) in [
        (true, after(vec![], vec![request(ID, true)]), State::Failed),
        (
            false,
            after(vec![charged()], vec![request(ID, true)]),
            State::Completed,
        ),
    ] {
        account.calls[0].settled = Some(settled);
        account.entries = vec![entry(ID, state)];
        assert_eq!(counts(&account, &truth), [0, 0, 1, 0], "{settled}");
    }
}

#[test]
fn what_was_handed_out_is_not_taken_back_and_what_is_said_to_be_is() {
    let paid = || posting(Some(ID), "payment", 5_000);
    let back = |id| posting(Some(id), "networkcancel", 5_000);
    for (seen, said, state, cancellations, wrong) in [
        (
            Seen::Success,
            TakenBack::NotSaid,
            State::Completed,
            vec![],
            0,
        ),
        (
            Seen::Success,
            TakenBack::NotSaid,
            State::Completed,
            vec![OTHER],
            1,
        ),
        (
            Seen::MaybeProcessed,
            TakenBack::Yes,
            State::Cancelled,
            vec![OTHER],
            0,
        ),
        // The entry is not true, either.
        (
            Seen::MaybeProcessed,
            TakenBack::Yes,
            State::Cancelled,
            vec![],
            2,
        ),
        (
            Seen::MaybeProcessed,
            TakenBack::NotSaid,
            State::NeedsPerson,
            vec![OTHER],
            0,
        ),
        (
            Seen::Died,
            TakenBack::NotSaid,
            State::Cancelled,
            vec![OTHER],
            0,
        ),
        (
            Seen::Died,
            TakenBack::NotSaid,
            State::Cancelled,
            vec![OTHER, "third"],
            1,
        ),
        (
            Seen::Died,
            TakenBack::NotSaid,
            State::Cancelling,
            vec![OTHER],
            1,
        ),
    ] {
        let mut call = call(ID, seen);
        call.operation = "pay_with_token";
        call.cancellation = Some(said);
        let mut entries = vec![entry(ID, state)];
        entries[0].operation = "pay_with_token".to_owned();
        let mut requests = vec![request(ID, true)];
        let mut postings = vec![paid()];
        for id in &cancellations {
            let mut cancellation = entry(id, State::Completed);
            cancellation.operation = "network_cancel_payment".to_owned();
            entries.push(cancellation);
            requests.push(request(id, true));
            postings.push(back(id));
        }
        let account = account(vec![call], entries);
        let found = counts(&account, &after(postings, requests));
        let found: usize = found.iter().sum();
        assert_eq!(found, wrong, "{seen:?} {said:?} {state} {cancellations:?}");
    }
    // An entry of a cancellation that nobody could have sent.
    let mut stray = account(
        vec![call(ID, Seen::Success)],
        vec![entry(ID, State::Completed)],
    );
    stray.entries.push(Entry {
        id: OTHER.to_owned(),
        operation: "network_cancel_payment".to_owned(),
        state: State::NeedsPerson,
    });
    let truth = after(vec![charged()], vec![request(ID, true)]);
    assert_eq!(counts(&stray, &truth), [0, 1, 0, 0]);
}

#[test]
fn an_entry_that_is_missing_or_not_true_is_a_lost_outcome() {
    let done = after(vec![charged()], vec![request(ID, true)]);
    let not_done = after(vec![], vec![request(ID, false)]);
    let never_came = after(vec![], vec![]);
    let died = || vec![call(ID, Seen::Died)];
    for (state, truth, lost) in [
        (None, &done, 1),
        (None, &not_done, 1),
        (None, &never_came, 0),
        (Some(State::Completed), &done, 0),
        (Some(State::Completed), &not_done, 1),
        (Some(State::Completed), &never_came, 1),
        (Some(State::Failed), &done, 1),
        (Some(State::Failed), &not_done, 0),
        (Some(State::Failed), &never_came, 0),
        (Some(State::NotCarriedOut), &done, 1),
        (Some(State::Declined), &done, 0),
        (Some(State::EarlierCall), &done, 0),
        (Some(State::NotSent), &done, 1),
        (Some(State::NotSent), &not_done, 1),
        (Some(State::NotSent), &never_came, 0),
        // get_bank_recharge_result would have returned it.
        (Some(State::Open), &done, 1),
        (Some(State::NeedsPerson), &done, 1),
    ] {
        let entries = state.map(|state| entry(ID, state)).into_iter().collect();
        let account = account(died(), entries);
        assert_eq!(counts(&account, truth), [0, lost, 0, 0], "{state:?}");
    }
    let entries = vec![entry(ID, State::Completed), entry(ID, State::Completed)];
    assert_eq!(counts(&account(died(), entries), &done), [0, 1, 0, 0]);
    let entries = vec![entry(ID, State::Completed), entry(OTHER, State::Failed)];
    assert_eq!(counts(&account(died(), entries), &done), [0, 1, 0, 0]);
}

#[test]
fn a_person_is_asked_only_where_no_operation_tells() {
    let mut paid = call(ID, Seen::MaybeProcessed);
    paid.operation = "pay_with_token";
    let mut account = account(vec![paid], vec![entry(ID, State::NeedsPerson)]);
    account.entries[0].operation = "pay_with_token".to_owned();
    let postings = vec![posting(Some(ID), "payment", 5_000)];
    let truth = after(postings, vec![request(ID, true)]);
    assert_eq!(counts(&account, &truth), [0; 4]);
    account.entries[0].state = State::Open;
    assert_eq!(counts(&account, &truth), [0, 1, 0, 0]);
    account.entries[0].state = State::NotCarriedOut;
    assert_eq!(counts(&account, &truth), [0, 1, 0, 0]);
}

#[test]
fn money_from_nowhere_is_found_whatever_the_total_says() {
    let account = account(
        vec![call(ID, Seen::Success)],
        vec![entry(ID, State::Completed)],
    );
    let right = after(vec![charged()], vec![request(ID, true)]);

    let mut half = right.clone();
    half.postings[0].legs.pop();
    half.balances.insert("card:A".to_owned(), 100_000);
    // The sum changed, the total does not say so, and the posting is a half one.
    assert_eq!(counts(&account, &half), [0, 0, 0, 3]);

    let mut swapped = right.clone();
    swapped.balances.insert("card:A".to_owned(), 100_000);
    swapped.balances.insert("card:B".to_owned(), 5_000);
    assert_eq!(counts(&account, &swapped), [0, 0, 0, 2]);

    let mut total = right;
    total.total = 1;
    assert_eq!(counts(&account, &total), [0, 0, 0, 1]);
}
