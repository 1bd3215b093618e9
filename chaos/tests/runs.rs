//! Promise: runs come out clean, a seed replays them exactly, and everything that they are there for
//! comes up.

use std::path::PathBuf;

use konaplate_chaos::crash::Point;
use konaplate_chaos::oracle::Seen;
use konaplate_chaos::run::{Report, Setting, run};
use konaplate_chaos::tally::Tally;
use konaplate_journal::State;

fn setting(seed: u64, folder: &tempfile::TempDir) -> Setting {
    Setting {
        seed,
        program: PathBuf::from(env!("CARGO_BIN_EXE_konaplate-chaos")),
        folder: folder.path().to_owned(),
    }
}

async fn carried_out(seed: u64, numbers: std::ops::Range<u64>) -> Vec<Report> {
    let folder = tempfile::tempdir().unwrap();
    let setting = setting(seed, &folder);
    let mut reports = Vec::new();
    for number in numbers {
        reports.push(run(&setting, number).await.unwrap());
    }
    reports
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_does_and_finds_the_same_again() {
    let first = carried_out(7, 0..12).await;
    let second = carried_out(7, 0..12).await;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first.steps, second.steps, "run {}", first.number);
        assert_eq!(first.findings, second.findings);
        assert_eq!(first.truth.balances, second.truth.balances);
    }
    let other = carried_out(8, 0..1).await;
    assert_ne!(first[0].steps, other[0].steps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_clean_and_come_through_everything() {
    let mut tally = Tally::default();
    for report in carried_out(3, 0..60).await {
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
    for point in Point::ALL {
        assert!(tally.crashes(point) > 0, "{point:?}\n{tally}");
    }
    for (seen, carried_out) in [
        (Seen::Success, true),
        (Seen::NotSent, false),
        (Seen::Refused, false),
        (Seen::MaybeProcessed, true),
        (Seen::MaybeProcessed, false),
        (Seen::Died, true),
        (Seen::Died, false),
    ] {
        assert!(tally.seen(seen, carried_out) > 0, "{seen:?}\n{tally}");
    }
    for state in [State::Completed, State::Failed, State::Refused] {
        assert!(tally.entries(state) > 0, "{state}\n{tally}");
    }
}
