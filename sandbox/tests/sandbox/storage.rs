//! Promise: with a file the sandbox goes on where it was, however it ended, and a snapshot brings a
//! state back; what is not a state of the sandbox is refused and changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use konaplate::{Client, Delivery};
use konaplate_sandbox::{LedgerView, Problem, Sandbox, Snapshot, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, LATE_CARD, LATE_PAR, LATE_USER, PAR, USER};

async fn at(file: &Path) -> Sandbox {
    Sandbox::builder().data(file).start().await.unwrap()
}

async fn recharge(
    client: &Client,
    (user, card): (u64, &str),
    sequence: &str,
) -> Result<(), konaplate::Error> {
    let token = client.issue_one_time_token().card_no(card).send().await?;
    client
        .recharge_from_bank_account()
        .sequence_id(sequence)
        .user_id(user)
        .amount(1_000_u64)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await
        .map(drop)
}

async fn result(client: &Client, sequence: &str) -> String {
    let response = client
        .get_bank_recharge_result()
        .sequence_id(sequence)
        .send()
        .await
        .unwrap();
    response.result.as_str().to_owned()
}

/// That every posting adds up, and all of them, the opening first, to what each account holds.
#[track_caller]
fn explains_itself(ledger: &LedgerView) {
    assert_eq!(ledger.total, 0);
    assert_eq!(ledger.postings[0].kind, "opening");
    let mut held = BTreeMap::<&str, i64>::new();
    for (place, posting) in ledger.postings.iter().enumerate() {
        assert_eq!(posting.number, place);
        assert_eq!(posting.legs.iter().map(|leg| leg.amount).sum::<i64>(), 0);
        for leg in &posting.legs {
            *held.entry(&leg.account).or_default() += leg.amount;
        }
    }
    held.retain(|_, held| *held != 0);
    let accounts = ledger.accounts.iter();
    let accounts: BTreeMap<_, _> = accounts.map(|of| (of.name.as_str(), of.balance)).collect();
    assert_eq!(accounts, held);
}

#[tokio::test]
async fn it_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = at(&file).await;
    sandbox.stop_clock_at(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112));
    let client = sandbox.client();
    recharge(&client, (USER, CARD), "ONE").await.unwrap();
    recharge(&client, (LATE_USER, LATE_CARD), "LATE")
        .await
        .unwrap();
    let token = client
        .issue_one_time_token()
        .card_no(CARD)
        .send()
        .await
        .unwrap();
    let (snapshot, ledger) = (sandbox.snapshot(), sandbox.ledger());
    drop(sandbox);
    // The old server may still have the connection, and does nothing any more that would be lost.
    let late = recharge(&client, (USER, CARD), "LOST").await.unwrap_err();
    assert!(matches!(
        late.delivery(),
        Delivery::NotSent | Delivery::MaybeProcessed
    ));

    let sandbox = at(&file).await;
    assert_eq!(sandbox.snapshot(), snapshot, "state and clock");
    assert_eq!(sandbox.ledger(), ledger);
    explains_itself(&ledger);
    let client = sandbox.client();
    assert_eq!(result(&client, "ONE").await, "COMPLETED");
    assert_eq!(result(&client, "LATE").await, "PENDING");
    // The sequence id stays taken, the token good.
    let taken = recharge(&client, (USER, CARD), "ONE").await.unwrap_err();
    assert_eq!(taken.delivery(), Delivery::EarlierCall);
    client
        .pay_with_token()
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .amount(500_u64)
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await
        .unwrap();
    // What is due later is still due, and known by the call that asked for it.
    let pending = ledger.postings.len();
    sandbox.advance_clock(Duration::from_secs(300));
    assert_eq!(result(&client, "LATE").await, "COMPLETED");
    let posting = sandbox.ledger().postings.pop().unwrap();
    assert!(posting.number >= pending && posting.kind == "bank_recharge");
    assert!(posting.correlation_id.is_some());
    assert_eq!(sandbox.card_balance(LATE_PAR), Some(101_000));
    drop(sandbox);
    assert_eq!(at(&file).await.card_balance(LATE_PAR), Some(101_000));
}

#[tokio::test]
async fn a_reset_and_a_loaded_snapshot_are_in_the_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = at(&file).await;
    let fresh = sandbox.ledger();
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();
    let (snapshot, recharged) = (sandbox.snapshot(), sandbox.ledger());
    sandbox.reset();
    drop(sandbox);
    let sandbox = at(&file).await;
    assert_eq!(sandbox.ledger(), fresh);
    sandbox.load(&snapshot).unwrap();
    drop(sandbox);
    assert_eq!(at(&file).await.ledger(), recharged);
}

#[tokio::test]
async fn a_file_is_one_sandboxs_and_no_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = at(&file).await;
    let error = |file: &Path| {
        let file = file.to_owned();
        async move {
            let error = Sandbox::builder().data(&file).start().await.unwrap_err();
            format!("{error:#}")
        }
    };
    let second = error(&file).await;
    assert!(
        second.contains("in use") || second.contains("another sandbox"),
        "{second}"
    );
    drop(sandbox);

    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE mine (a)")
        .unwrap();
    assert!(error(&other).await.contains("is not a file of the sandbox"));
    std::fs::write(&other, "no database at all, but text of some length").unwrap();
    assert!(error(&other).await.contains("no SQLite file"));
    let newer = folder.path().join("newer.db");
    drop(at(&newer).await);
    rusqlite::Connection::open(&newer)
        .unwrap()
        .pragma_update(None, "user_version", 9_999)
        .unwrap();
    assert!(error(&newer).await.contains("another version"));
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_also_elsewhere_and_over_http() {
    let sandbox = Sandbox::start().await.unwrap();
    let before = Snapshot::from_json(&sandbox.snapshot().to_json()).unwrap();
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();
    let after = sandbox.snapshot();
    assert_ne!(before, after);
    assert_eq!(sandbox.card_balance(PAR), Some(101_000));
    sandbox.load(&before).unwrap();
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));
    // The sequence id was not taken then.
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();

    let other = Sandbox::start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = |sandbox: &Sandbox| format!("{}/__sandbox/snapshot", sandbox.base_url());
    let taken = http.get(url(&sandbox)).send().await.unwrap();
    let loaded = http
        .post(url(&other))
        .header("content-type", "application/json")
        .body(taken.text().await.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(loaded.status(), 200);
    assert_eq!(other.ledger(), sandbox.ledger());
    assert_eq!(result(&other.client(), "ONE").await, "COMPLETED");
    assert!(!format!("{after:?} {:?}", sandbox.ledger()).contains(PAR));
}

#[tokio::test]
async fn a_snapshot_that_is_not_of_one_piece_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();
    let good: Value = serde_json::from_str(&sandbox.snapshot().to_json()).unwrap();
    let before = sandbox.ledger();
    type Change = fn(&mut Value);
    let broken: [(&str, Change); 14] = [
        ("format", |json| json["format"] = json!(0)),
        ("clock", |json| json["clock"] = json!("now")),
        ("clock", |json| {
            json["clock"]["ahead"] = json!({"secs": u64::MAX, "nanos": 0});
        }),
        ("numbers", |json| json["numbers"] = json!({})),
        ("tables", |json| {
            json["numbers"]["counters"]["serial"] = json!(u64::MAX);
        }),
        ("tables", |json| json["tables"] = json!([])),
        ("tables", |json| json["tables"]["members"] = json!({})),
        ("tables", |json| json["tables"]["more"] = json!([[1, 2]])),
        // Money from nowhere.
        ("tables", |json| json["tables"]["balances"][0][1] = json!(1)),
        // A card that no member has; one that is named and not there.
        ("tables", |json| {
            json["tables"]["cards"][0][1]["user_id"] = json!(1);
        }),
        ("tables", |json| {
            json["tables"]["cards"].as_array_mut().unwrap().pop();
        }),
        ("tables", |json| {
            json["tables"]["postings"][0][1]["legs"][0]["amount"] = json!(1);
        }),
        ("tables", |json| {
            json["tables"]["postings"][0][0] = json!(7);
        }),
        ("tables", |json| {
            json["tables"]["members"][0][1]["bank"] = json!(99);
        }),
    ];
    for (number, (field, change)) in broken.into_iter().enumerate() {
        let mut json = good.clone();
        change(&mut json);
        assert_ne!(json, good, "{number}");
        let snapshot = Snapshot::from_json(&json.to_string()).unwrap();
        let problem = sandbox.load(&snapshot).expect_err(&number.to_string());
        assert_eq!(problem.field(), field, "{number}: {problem}");
        assert_eq!(sandbox.ledger(), before, "{number}");
    }
    assert!(Snapshot::from_json("[]").is_err());
    assert!(Snapshot::from_json("{").is_err());
    sandbox
        .load(&Snapshot::from_json(&good.to_string()).unwrap())
        .unwrap();
}

#[tokio::test]
async fn it_starts_with_a_snapshot_whatever_the_file_holds_and_a_reset_goes_back_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = at(&file).await;
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();
    let (snapshot, ledger) = (sandbox.snapshot(), sandbox.ledger());
    recharge(&sandbox.client(), (USER, CARD), "TWO")
        .await
        .unwrap();
    sandbox.stop().await;

    let builder = Sandbox::builder().data(&file).state(snapshot);
    let sandbox = builder.start().await.unwrap();
    assert_eq!(sandbox.ledger(), ledger);
    recharge(&sandbox.client(), (USER, CARD), "TWO")
        .await
        .unwrap();
    assert_ne!(sandbox.ledger(), ledger);
    sandbox.reset();
    assert_eq!(sandbox.ledger(), ledger);
    sandbox.stop().await;
    assert_eq!(at(&file).await.ledger(), ledger);
}

#[tokio::test]
async fn a_start_with_a_snapshot_that_is_none_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let sandbox = at(&file).await;
    recharge(&sandbox.client(), (USER, CARD), "ONE")
        .await
        .unwrap();
    let ledger = sandbox.ledger();
    sandbox.stop().await;
    let none = Snapshot::from_json("{}").unwrap();
    let builder = Sandbox::builder().data(&file).state(none);
    let error = builder.start().await.unwrap_err();
    let problem = error.downcast_ref::<Problem>().unwrap();
    assert_eq!(problem.field(), "state: format");
    assert_eq!(at(&file).await.ledger(), ledger);
}

#[tokio::test]
async fn a_file_or_an_address_with_something_that_nobody_sees_is_refused() {
    for (builder, field, rule) in [
        (
            Sandbox::builder().data("sandbox.db\n"),
            "data",
            "must not end with a line break",
        ),
        (
            Sandbox::builder().data("\u{feff}sandbox.db"),
            "data",
            "must not begin with a byte order mark",
        ),
        (
            Sandbox::builder().callbacks(" http://127.0.0.1:1"),
            "callbacks",
            "must not begin with a blank",
        ),
    ] {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.to_string(), format!("{field} {rule}"));
    }
}
