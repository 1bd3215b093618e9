//! Promise: `konaplate sandbox` that is killed at any moment goes on where it was, with no half posting
//! and without losing one that it responded to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use konaplate::{Client, Delivery, Error};
use konaplate_sandbox::{LedgerView, Sandbox, fixtures};

use crate::program::Program;
use crate::sandbox_program::client_of;
use crate::support::{CARD, USER};

const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

/// The program, with its state in a file. It listens.
fn started(file: &Path, variables: &Path) -> Program {
    let mut program = Program::start(
        Command::new(env!("CARGO_BIN_EXE_konaplate"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
            .arg(file)
            .arg("--env-file")
            .arg(variables)
            .env("RUST_LOG", "error"),
    );
    program.address();
    program
}

async fn recharge(client: &Client, sequence: &str) -> Result<(), Error> {
    let token = client.issue_one_time_token().card_no(CARD).send().await?;
    client
        .recharge_from_bank_account()
        .sequence_id(sequence)
        .user_id(USER)
        .amount(1_000_u64)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await
        .map(drop)
}

async fn result(client: &Client, sequence: &str) -> Result<String, Error> {
    let call = client.get_bank_recharge_result().sequence_id(sequence);
    let response = call.send().await?;
    Ok(response.result.as_str().to_owned())
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
    let variables = folder.path().join("sandbox.env");
    let mut random = fastrand::Rng::with_seed(4);
    let (mut responded, mut lost) = (Vec::new(), Vec::new());
    let mut refused = 0;
    for round in 0..kills() {
        let program = started(&file, &variables);
        let client = client_of(&variables);
        let (begun, begins) = tokio::sync::oneshot::channel();
        let mut begun = Some(begun);
        let calls = tokio::spawn(async move {
            let mut done = Vec::new();
            for n in 0.. {
                let sequence = format!("K{round}-{n}");
                match recharge(&client, &sequence).await {
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

    let sandbox = Sandbox::builder().data(&file).start().await.unwrap();
    let ledger = sandbox.ledger();
    explains_itself(&ledger);
    let client = sandbox.client();
    for sequence in &responded {
        assert_eq!(result(&client, sequence).await.unwrap(), "COMPLETED");
    }
    let mut made = 0;
    for sequence in &lost {
        match result(&client, sequence).await {
            Ok(result) => {
                assert_eq!(result, "COMPLETED");
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
