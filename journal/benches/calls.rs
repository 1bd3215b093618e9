//! How many calls a journal records in a second: an intent and its outcome each, both on the disk
//! when they return.
//!
//! `cargo bench -p konaplate-journal --features postgres --bench calls`. With `KONAPLATE_BENCH_POSTGRES`
//! as the URL of an empty database for PostgreSQL, and `KONAPLATE_BENCH_FOLDER` as a folder on the
//! disk that is meant. Prints a line for each number of callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use konaplate::journal::{Intent, Journal as _, KeyDigest, Outcome, Project};
use konaplate::{CorrelationId, TimeZone};
use konaplate_journal::Journal;
use serde_json::Map;

const TIME: Duration = Duration::from_secs(4);

async fn measure(name: &str, journal: &Journal, callers: usize) {
    static SEQUENCE: AtomicU64 = AtomicU64::new(0);
    let project = Project::new(
        "https://example.com/open-api",
        "000170000000000",
        vec![KeyDigest::of(
            "000170000000000",
            "0a1b2c3-0123456789abcdef0123456789abcdef",
        )],
    );
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (journal, project) = (journal.clone(), project.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while started.elapsed() < TIME {
                    let begun = Instant::now();
                    let id = CorrelationId::fresh(TimeZone::Kst);
                    let name = "recharge_from_bank_account";
                    let mut intent = Intent::new(project.clone(), name, id);
                    let number = SEQUENCE.fetch_add(1, Ordering::Relaxed);
                    let sequence_id = format!("{name}-{number}-{}", id.as_str());
                    intent
                        .fields
                        .insert("sequenceId".to_owned(), sequence_id.into());
                    intent.fields.insert("amount".to_owned(), 20_000.into());
                    let conclusion = intent.concluded(Outcome::Completed(Map::new()));
                    journal.intend(intent).await.unwrap();
                    journal.conclude(conclusion).await.unwrap();
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    let elapsed = started.elapsed().as_secs_f64();
    took.sort();
    let of = |share: f64| {
        let place = (took.len() as f64 * share) as usize;
        took[place.min(took.len() - 1)].as_secs_f64() * 1_000.0
    };
    println!(
        "{name} | {callers} | {:.0} | {:.1} | {:.1}",
        took.len() as f64 / elapsed,
        of(0.5),
        of(0.99)
    );
}

#[tokio::main]
async fn main() {
    let folder = std::env::var("KONAPLATE_BENCH_FOLDER").unwrap_or_else(|_| ".".to_owned());
    let folder = tempfile::tempdir_in(folder).unwrap();
    println!("database | callers | calls a second | median, ms | 99th, ms");
    let mut journals = vec![(
        "SQLite",
        Journal::sqlite(folder.path().join("journal.db"))
            .await
            .unwrap(),
    )];
    if let Ok(url) = std::env::var("KONAPLATE_BENCH_POSTGRES") {
        journals.push(("PostgreSQL", Journal::postgres(&url).await.unwrap()));
    }
    let journals = Arc::new(journals);
    for callers in [1, 8, 64, 256] {
        for (name, journal) in journals.iter() {
            measure(name, journal, callers).await;
        }
    }
}
