//! Promise: client and platform may stop and go on, or die, at any moment, over and over. What the
//! journal has as completed is then what the ledger has, call for call, and no half of a posting is
//! left.
//!
//! `KONAPLATE_KILLS=100 cargo test --release -p konaplate-chaos --test chaos kills -- --nocapture`
//! kills each of the two 100 times with each database.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use crate::postgres::Postgres;
use konaplate::ClientBuilder;
use konaplate_chaos::kills::{AMOUNT, journal_at};
use konaplate_journal::{Entry, Filter, Journal, RecoverPolicy, State};
use konaplate_sandbox::Sandbox;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How often client and sandbox are killed, each of them, with each database.
fn kills() -> usize {
    std::env::var("KONAPLATE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(4)
}

/// A process, and how many lines it has printed.
struct Process {
    child: Child,
    lines: Arc<AtomicUsize>,
}

impl Process {
    fn start(arguments: &[&str], variables: &[(&'static str, String)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_konaplate-chaos"))
            .args(arguments)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Ok(Some(_)) = output.next_line().await {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { child, lines }
    }

    /// Waits until it prints one more line.
    async fn goes_on(&mut self) {
        let seen = self.lines.load(Ordering::SeqCst);
        self.has_printed(seen + 1).await;
    }

    /// Waits until it has printed so many lines.
    async fn has_printed(&mut self, lines: usize) {
        let printed = async {
            while self.lines.load(Ordering::SeqCst) < lines {
                let ended = self.child.try_wait().unwrap();
                assert!(ended.is_none(), "it ended by itself: {ended:?}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let limit = Duration::from_secs(300);
        tokio::time::timeout(limit, printed)
            .await
            .expect("it is stuck");
    }

    /// Stops it in the middle of whatever it does, and lets it go on after that time.
    async fn pause(&mut self, time: Duration) {
        for signal in ["-STOP", "-CONT"] {
            let id = self.child.id().expect("it runs").to_string();
            let sent = Command::new("kill").args([signal, &id]).status().await;
            assert!(sent.unwrap().success());
            if signal == "-STOP" {
                tokio::time::sleep(time).await;
            }
        }
    }

    /// SIGKILL on Unix: nothing of it runs any more.
    async fn kill(&mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }
}

/// An address that the sandbox can come back to after each kill. Nobody else is given its port
/// meanwhile: systems choose ports from 32768.
fn own_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let step = std::process::id() + NEXT.fetch_add(1, Ordering::SeqCst);
        let port = u16::try_from(20_000 + step % 12_000).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The whole ledger, over HTTP: balances, and postings.
async fn ledger(address: SocketAddr) -> (i64, BTreeMap<String, i64>, Vec<Value>) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut postings = Vec::new();
    loop {
        let url = format!("http://{address}/__sandbox/ledger?from={}", postings.len());
        let response = http.get(url).send().await.unwrap().bytes().await.unwrap();
        let page: Value = serde_json::from_slice(&response).unwrap();
        postings.extend(page["postings"].as_array().unwrap().iter().cloned());
        if postings.len() as u64 == page["count"].as_u64().unwrap() {
            let balances = page["accounts"].as_array().unwrap().iter().map(|account| {
                let name = account["name"].as_str().unwrap().to_owned();
                (name, account["balance"].as_i64().unwrap())
            });
            let total = page["total"].as_i64().unwrap();
            return (total, balances.collect(), postings);
        }
    }
}

/// All entries in a state, page by page.
async fn all(journal: &Journal, state: State) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut filter = Filter::from(state);
    loop {
        let page = journal.entries(filter).await.unwrap();
        entries.extend(page.entries);
        match page.next {
            Some(place) => filter = Filter::from(state).after(place),
            None => return entries,
        }
    }
}

async fn survives_kills(place: &str, folder: &Path) {
    let data = folder.join("sandbox.db");
    let address = own_address();
    // Those of any sandbox, but for the address.
    let mut variables = Sandbox::start().await.unwrap().variables();
    for (name, value) in &mut variables {
        if *name == "KONAPLATE_BASE_URL" {
            *value = format!("http://{address}");
        }
    }
    let (data, listen) = (data.to_str().unwrap().to_owned(), address.to_string());
    let platform = || async {
        let arguments = ["serve", "--data", &data, "--listen", &listen];
        let mut process = Process::start(&arguments, &[]);
        process.has_printed(1).await;
        process
    };
    let client = |round: usize| {
        let round = format!("K{round}");
        let arguments = ["recharge", "--journal", place, "--round", &round];
        Process::start(&arguments, &variables)
    };

    let mut random = fastrand::Rng::with_seed(11);
    let mut sandbox = platform().await;
    let mut caller = client(0);
    let kills = kills();
    let (mut clients, mut sandboxes, mut round) = (0, 0, 0);
    while clients < kills || sandboxes < kills {
        round += 1;
        // At work it has to be before it is killed at work.
        caller.goes_on().await;
        tokio::time::sleep(Duration::from_micros(random.u64(..20_000))).await;
        if cfg!(unix) {
            let time = Duration::from_micros(random.u64(..50_000));
            match random.u8(..6) {
                0 => caller.pause(time).await,
                1 => sandbox.pause(time).await,
                _ => {}
            }
        }
        let (client_dies, sandbox_dies) = match random.u8(..5) {
            0 | 1 => (true, false),
            2 | 3 => (false, true),
            _ => (true, true),
        };
        if client_dies {
            caller.kill().await;
            clients += 1;
        }
        if sandbox_dies {
            sandbox.kill().await;
            sandboxes += 1;
            // The client meets nobody for a while.
            tokio::time::sleep(Duration::from_micros(random.u64(..5_000))).await;
            sandbox = platform().await;
        }
        if client_dies {
            caller = client(round);
        }
    }
    caller.goes_on().await;
    caller.kill().await;
    let find = |wanted: &str| {
        let found = variables.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.clone())
    };
    let asks = || {
        ClientBuilder::from_vars(find)
            .unwrap()
            .http(reqwest::Client::builder().no_proxy())
            .build()
            .unwrap()
    };
    // What the last client sent may still be on its way: what comes after it on connections of
    // their own is accepted after it.
    for _ in 0..20 {
        let client = asks();
        let inquiry = client.get_bank_recharge_result().sequence_id("NONE");
        inquiry.send().await.unwrap_err();
    }
    sandbox.kill().await;
    let _sandbox = platform().await;

    let journal = journal_at(place).await.unwrap();
    let mut policy = RecoverPolicy::default();
    policy.min_age = Duration::ZERO;
    policy.not_found_after = Duration::ZERO;
    // For as long as a call may be under way, nobody touches its entry.
    journal.pass_time(Duration::from_secs(60)).await.unwrap();
    let recovery = journal.recover(&asks(), policy).await.unwrap();
    assert!(recovery.still_open.is_empty());
    assert!(journal.open_entries().await.unwrap().entries.is_empty());
    let completed = all(&journal, State::Completed).await;

    let (total, balances, postings) = ledger(address).await;
    assert_eq!(total, 0);
    let mut explained = BTreeMap::<_, i64>::new();
    let mut charged = Vec::new();
    for (number, posting) in postings.iter().enumerate() {
        let opens = number == 0;
        if opens {
            assert_eq!(posting["kind"], "opening");
        } else {
            assert_eq!(posting["kind"], "bank_recharge");
            charged.push(posting["correlationId"].as_str().unwrap().to_owned());
        }
        let mut sum = 0;
        for leg in posting["legs"].as_array().unwrap() {
            let amount = leg["amount"].as_i64().unwrap();
            assert!(opens || amount.unsigned_abs() == AMOUNT);
            sum += amount;
            let account = leg["account"].as_str().unwrap().to_owned();
            *explained.entry(account).or_default() += amount;
        }
        assert_eq!(sum, 0, "half of a posting");
    }
    explained.retain(|_, held| *held != 0);
    assert_eq!(balances, explained, "a balance that no posting explains");
    let ids: BTreeSet<_> = charged.iter().cloned().collect();
    assert_eq!(ids.len(), charged.len(), "a call that charged twice");
    let known: BTreeSet<_> = completed
        .iter()
        .map(|entry| entry.correlation_id.clone())
        .collect();
    assert_eq!(
        known, ids,
        "the journal has every recharge that was made as completed, and no other"
    );
    println!(
        "{clients} kills of the client, {sandboxes} of the sandbox, {} recharges, {} settled by \
         recovery ({} made, {} not known to the platform)",
        charged.len(),
        recovery.completed.len() + recovery.needs_person.len(),
        recovery.completed.len(),
        recovery.needs_person.len()
    );
    assert!(charged.len() >= kills);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("journal.db");
    survives_kills(place.to_str().unwrap(), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_postgresql() {
    if let Some(postgres) = Postgres::start() {
        postgres.journal().await;
        let folder = tempfile::tempdir().unwrap();
        survives_kills(&postgres.url(), folder.path()).await;
    }
}
