//! Promise: with a file the sandbox goes on where it was, however it ended, and a snapshot brings a
//! state back; what is not a state of the sandbox is refused and changes nothing.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use konaplate::{Client, Delivery};
use konaplate_sandbox::{LedgerView, Sandbox, Snapshot, fixtures};
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

/// The program, with its state in a file.
struct Program {
    process: Child,
    base_url: String,
}

impl Program {
    fn start(file: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_konaplate-sandbox"))
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(file)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let base_url = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .find_map(|line| Some(line.unwrap().strip_prefix("listening on ")?.to_owned()))
            .expect("the program starts");
        Self { process, base_url }
    }

    fn client(&self) -> Client {
        Client::builder()
            .base_url(&self.base_url)
            .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, fixtures::SECRET_KEY)
            .crypto_key(
                fixtures::CRYPTO_KEY_ID,
                include_str!("../../keys/server.spki.pem"),
                include_str!("../../keys/client.pkcs8.pem"),
            )
            .http(reqwest::Client::builder().no_proxy())
            .build()
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL on Unix: nothing of it runs any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How often the program is killed. More with KONAPLATE_KILLS.
fn kills() -> usize {
    std::env::var("KONAPLATE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(8)
}

/// What had its response is in the file, and what had none is in it as a whole or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_has_no_half_posting_and_lost_none_that_it_responded_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let mut random = fastrand::Rng::with_seed(4);
    let (mut responded, mut lost) = (Vec::new(), Vec::new());
    let mut refused = 0;
    for round in 0..kills() {
        let program = Program::start(&file);
        let client = program.client();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let mut begun = Some(begun);
        let calls = tokio::spawn(async move {
            let mut done = Vec::new();
            for n in 0.. {
                let sequence = format!("K{round}-{n}");
                match recharge(&client, (USER, CARD), &sequence).await {
                    Ok(()) => {
                        done.push((sequence, true));
                        begun.take().map(|begun| begun.send(()));
                    }
                    // The bank account is empty after 1,000 recharges.
                    Err(error) if error.code().is_some() => return (done, 1),
                    Err(_) => {
                        done.push((sequence, false));
                        return (done, 0);
                    }
                }
            }
            (done, 0)
        });
        // It has to be at work before it is killed at work.
        let _ = begins.await;
        tokio::time::sleep(Duration::from_micros(random.u64(0..30_000))).await;
        drop(program);
        let (done, refusals) = calls.await.unwrap();
        refused += refusals;
        for (sequence, has_response) in done {
            if has_response {
                responded.push(sequence);
            } else {
                lost.push(sequence);
            }
        }
    }

    let sandbox = at(&file).await;
    let ledger = sandbox.ledger();
    explains_itself(&ledger);
    let client = sandbox.client();
    for sequence in &responded {
        assert_eq!(result(&client, sequence).await, "COMPLETED");
    }
    let mut made = 0;
    for sequence in &lost {
        match client
            .get_bank_recharge_result()
            .sequence_id(sequence)
            .send()
            .await
        {
            Ok(response) => {
                assert_eq!(response.result.as_str(), "COMPLETED");
                made += 1;
            }
            Err(error) => assert_eq!(error.delivery(), Delivery::Declined),
        }
    }
    let postings = sandbox.postings();
    assert_eq!(postings, responded.len() + made);
    assert_eq!(
        sandbox.card_balance(PAR),
        Some(100_000 + 1_000 * postings as u64)
    );
    println!(
        "{} kills: {} recharges responded, {} not, of which {made} were made",
        kills(),
        responded.len(),
        lost.len(),
    );
    assert!(refused == 0 || responded.len() >= 900);
    assert!(
        responded.len() >= kills(),
        "it was killed before it did anything"
    );
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
