//! Promise: a process that dies at any moment leaves no call behind that the journal does not know,
//! and recovery settles each as the platform has it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Postgres, all, at_once, journal_at};
use konaplate::{Client, ClientBuilder};
use konaplate_journal::State;
use konaplate_sandbox::{Sandbox, fixtures};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
const AMOUNT: u64 = 10;

/// How often the child is killed, with each database. More with KONAPLATE_KILLS.
fn kills() -> usize {
    std::env::var("KONAPLATE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(20)
}

/// The process that is killed: recharges without end. It is not a test of its own.
#[tokio::test]
async fn child() {
    let Ok(place) = std::env::var("KONAPLATE_TEST_JOURNAL") else {
        return;
    };
    let round = std::env::var("KONAPLATE_TEST_ROUND").unwrap();
    let client = Client::from_env().unwrap();
    let journaled = ClientBuilder::from_vars(|name| std::env::var(name).ok())
        .unwrap()
        .journal(Arc::new(journal_at(&place).await))
        .build()
        .unwrap();
    for n in 0.. {
        let token = client
            .issue_one_time_token()
            .card_no(CARD)
            .send()
            .await
            .unwrap();
        journaled
            .recharge_from_bank_account()
            .sequence_id(format!("{round}-{n}"))
            .user_id(USER)
            .amount(AMOUNT)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .send()
            .await
            .unwrap();
    }
}

/// `power` is what takes away the power at each kill, instead of the process alone.
async fn survives_kills(place: &str, power: Option<&Power>) {
    let sandbox = Sandbox::start().await.unwrap();
    let before = sandbox.card_balance(PAR).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let kills = kills();
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture"])
            .envs(sandbox.variables())
            .env("KONAPLATE_TEST_JOURNAL", place)
            .env("KONAPLATE_TEST_ROUND", format!("K{round}"))
            .envs(power.map(|power| ("LD_PRELOAD", power.library.as_path())))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It has to be at work before it is killed at work.
        let idle = sandbox.card_balance(PAR);
        while sandbox.card_balance(PAR) == idle {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended by itself: {ended:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_micros(random.u64(0..20_000))).await;
        // SIGKILL on Unix: nothing of the child runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(power) = power {
            power.lose(place);
        }
    }
    // What the last child sent may still be on its way through the sandbox: what comes after it on
    // connections of their own is accepted after it.
    for _ in 0..20 {
        let client = sandbox.client();
        let inquiry = client.get_bank_recharge_result().sequence_id("NONE");
        inquiry.send().await.unwrap_err();
    }

    let (journal, client) = (journal_at(place).await, sandbox.client());
    let mut policy = at_once();
    policy.not_found_after = Duration::ZERO;
    // As long as a call may be under way, nobody touches its entry.
    let recovery = journal.recover(&client, policy.clone()).await.unwrap();
    assert_eq!(recovery, konaplate_journal::Recovery::default());
    journal.pass_time(Duration::from_secs(60)).await.unwrap();
    let recovery = journal.recover(&client, policy).await.unwrap();
    // What never arrived is a person's: that the platform does not know it is no proof.
    assert!(recovery.still_open.is_empty() && recovery.failed.is_empty());
    assert!(journal.open_entries().await.unwrap().entries.is_empty());

    let completed = all(&journal, State::Completed).await;
    let charged = (sandbox.card_balance(PAR).unwrap() - before) / AMOUNT;
    assert_eq!(
        completed.len() as u64,
        charged,
        "the journal knows every recharge that was made, and no other"
    );
    println!(
        "{kills} kills, {charged} recharges, {} settled by recovery ({} made, {} not known to the platform)",
        recovery.completed.len() + recovery.needs_person.len(),
        recovery.completed.len(),
        recovery.needs_person.len()
    );
    assert!(
        charged >= kills as u64,
        "a child did nothing before it was killed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    survives_kills(folder.path().join("journal.db").to_str().unwrap(), None).await;
}

/// Takes away what was written to a SQLite file and not synced, as a power loss does at worst.
struct Power {
    /// Preloaded into the process, it keeps a copy of what is synced.
    library: PathBuf,
}

impl Power {
    /// None where there is no C compiler; it says so then.
    fn new(folder: &Path) -> Option<Self> {
        let source = folder.join("synced.c");
        std::fs::write(&source, include_str!("support/synced.c")).unwrap();
        let library = folder.join("synced.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status();
        match compiled {
            Ok(status) => assert!(status.success(), "the library does not compile"),
            Err(_) => {
                eprintln!("there is no C compiler: this test is skipped");
                return None;
            }
        }
        Some(Self { library })
    }

    /// Leaves of the file and its log what was synced, and nothing of the index of the log.
    #[expect(
        clippy::unused_self,
        reason = "without the library there are no copies"
    )]
    fn lose(&self, place: &str) {
        for end in ["", "-wal"] {
            let file = format!("{place}{end}");
            let synced = format!("{file}.synced");
            match std::fs::copy(&synced, &file) {
                Ok(_) => {}
                // It was never synced: nothing of it is left.
                Err(_) => drop(std::fs::remove_file(&file)),
            }
        }
        drop(std::fs::remove_file(format!("{place}-shm")));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sqlite_and_a_disk_that_loses_what_was_not_synced() {
    let folder = tempfile::tempdir().unwrap();
    let Some(power) = Power::new(folder.path()) else {
        return;
    };
    let place = folder.path().join("journal.db");
    survives_kills(place.to_str().unwrap(), Some(&power)).await;
    assert!(folder.path().join("journal.db-wal.synced").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgresql() {
    if let Some(postgres) = Postgres::start() {
        postgres.journal().await;
        survives_kills(&postgres.url(), None).await;
    }
}
