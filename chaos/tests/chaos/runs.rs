//! Promise: runs come out clean, a seed replays them exactly, and everything that they are there
//! for comes up.

use std::path::PathBuf;
use std::sync::Arc;

use crate::postgres::Postgres;
use konaplate::{Effect, Operation};
use konaplate_chaos::crash::Point;
use konaplate_chaos::oracle::Seen;
use konaplate_chaos::run::{Report, Setting, run};
use konaplate_chaos::tally::Tally;
use konaplate_journal::State;
use konaplate_sandbox::{Fault, STATEFUL};
use tokio::task::JoinSet;

/// What moves money by the clock or for others, and is not done here.
const LEFT_OUT: [&str; 6] = [
    "register_monthly_auto_recharge",
    "register_credit_card_auto_recharge",
    "update_credit_card_auto_recharge",
    "register_physical_card",
    "grant_points",
    "reserve_points",
];

fn setting(seed: u64, folder: &tempfile::TempDir) -> Setting {
    Setting {
        seed,
        program: PathBuf::from(env!("CARGO_BIN_EXE_konaplate-chaos")),
        folder: folder.path().to_owned(),
        postgres: None,
        careless: false,
    }
}

async fn carried_out(seed: u64, numbers: std::ops::Range<u64>) -> Vec<Report> {
    /// Runs at the same time: they wait now and then.
    const AT_ONCE: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let setting = Arc::new(setting(seed, &folder));
    let (mut running, mut reports) = (JoinSet::new(), Vec::new());
    for number in numbers {
        if running.len() == AT_ONCE {
            reports.extend(running.join_next().await.unwrap());
        }
        let setting = Arc::clone(&setting);
        running.spawn(async move { run(&setting, number).await.unwrap() });
    }
    while let Some(report) = running.join_next().await {
        reports.push(report.unwrap());
    }
    reports.sort_by_key(|report: &Report| report.number);
    reports
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_does_and_finds_the_same_again() {
    let first = carried_out(7, 0..10).await;
    let second = carried_out(7, 0..10).await;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first.steps, second.steps, "run {}", first.number);
        assert_eq!(first.findings, second.findings);
        assert_eq!(first.truth.balances, second.truth.balances);
    }
    let other = carried_out(8, 0..1).await;
    assert_ne!(first[0].steps, other[0].steps);
}

/// The journal of every other run is in PostgreSQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_either_database_runs_are_clean() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    drop(postgres.journal().await);
    let folder = tempfile::tempdir().unwrap();
    let setting = Setting {
        postgres: Some(postgres.url()),
        ..setting(5, &folder)
    };
    let mut tally = Tally::default();
    for number in 0..40 {
        let report = run(&setting, number).await.unwrap();
        assert!(
            report.findings.is_empty(),
            "run {number}: {:?}\n{}",
            report.findings,
            report.steps.join("\n")
        );
        tally.add(&report);
    }
    let crashes: usize = Point::ALL.iter().map(|point| tally.crashes(*point)).sum();
    assert!(crashes > 0, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sends_again_what_had_no_response_charges_twice_and_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let careless = Setting {
        careless: true,
        ..setting(3, &folder)
    };
    let mut tally = Tally::default();
    for number in 0..40 {
        tally.add(&run(&careless, number).await.unwrap());
    }
    assert!(!tally.is_clean(), "{tally}");
    assert!(tally.double_charges() > 0, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_clean_and_come_through_everything() {
    let mut tally = Tally::default();
    for report in carried_out(3, 0..150).await {
        assert!(
            report.findings.is_empty(),
            "run {}: {:?}\n{}",
            report.number,
            report.findings,
            report.steps.join("\n")
        );
        tally.add(&report);
    }
    assert!(tally.is_clean());
    let (refusals, for_a_person) = tally.refusals();
    assert!(refusals > 20, "{tally}");
    assert_eq!(for_a_person, 0, "{tally}");
    for point in Point::ALL {
        assert!(tally.crashes(point) > 0, "{point:?}\n{tally}");
    }
    for fault in Fault::EXAMPLES {
        let name = fault.to_string();
        let kind = name.split(':').next().unwrap();
        assert!(tally.fault(kind) > 0, "{kind}\n{tally}");
    }
    for upset in [
        "(database slow)",
        "(database hangs)",
        "(database hangs, caller gone)",
        "(database's reply lost)",
        "(recovered while under way)",
    ] {
        assert!(tally.fault(upset) > 0, "{upset}\n{tally}");
    }
    for whose in ["client's", "platform's", "journal's"] {
        assert!(tally.jumps(whose) > 0, "{whose}\n{tally}");
    }
    assert!(tally.pairs() > 0, "{tally}");
    for operation in Operation::all() {
        let moves_money = operation.effect() == Effect::MovesMoney;
        if moves_money && STATEFUL.contains(&operation.id()) && !LEFT_OUT.contains(&operation.id())
        {
            let calls = tally.calls_of(operation.id());
            assert!(calls > 0, "{}\n{tally}", operation.id());
        }
    }
    for (seen, carried_out) in [
        (Seen::Success, true),
        (Seen::NotSent, false),
        (Seen::Declined, false),
        (Seen::EarlierCall, false),
        (Seen::MaybeProcessed, true),
        (Seen::MaybeProcessed, false),
        (Seen::Died, true),
        (Seen::Died, false),
        (Seen::Dropped, false),
    ] {
        assert!(tally.seen(seen, carried_out) > 0, "{seen:?}\n{tally}");
    }
    for state in [
        State::Completed,
        State::Failed,
        State::Declined,
        State::Cancelled,
    ] {
        assert!(tally.entries(state) > 0, "{state}\n{tally}");
    }
}
