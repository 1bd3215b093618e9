//! How fast open entries are settled by one, two and four recoverers that share a PostgreSQL.
//!
//! `KONAPLATE_BENCH_POSTGRES=postgres://… cargo bench -p konaplate-journal --bench recover`. The
//! sandbox plays the platform and takes 50 ms for each response, so that what is measured is how the
//! work is shared and not how fast one machine is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use konaplate::journal::{Intent, Journal as _, Outcome};
use konaplate::{CorrelationId, Delivery, TimeZone};
use konaplate_journal::{Journal, RecoverPolicy, State};
use konaplate_sandbox::{Fault, Sandbox};

const ENTRIES: usize = 2_000;

async fn measure(url: &str, recoverers: usize) {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let journal = Journal::postgres(url).await.unwrap();
    let client = sandbox.client();
    let mut writes = Vec::new();
    for number in 0..ENTRIES {
        let (journal, project) = (journal.clone(), client.project());
        writes.push(tokio::spawn(async move {
            let id = CorrelationId::fresh(TimeZone::Kst);
            let mut intent = Intent::new(project, "recharge_from_bank_account", id);
            let sequence_id = format!("{number}-{}", id.as_str());
            intent
                .fields
                .insert("sequenceId".to_owned(), sequence_id.into());
            let lost = intent.concluded(Outcome::Unknown(Delivery::MaybeProcessed));
            journal.intend(intent).await.unwrap();
            journal.conclude(lost).await.unwrap();
        }));
    }
    for write in writes {
        write.await.unwrap();
    }
    let delay = Fault::Delay { millis: 50 };
    sandbox
        .fault_operation("get_bank_recharge_result", delay)
        .unwrap();
    let started = Instant::now();
    let tasks: Vec<_> = (0..recoverers)
        .map(|_| {
            let (url, sandbox) = (url.to_owned(), Arc::clone(&sandbox));
            tokio::spawn(async move {
                let journal = Journal::postgres(&url).await.unwrap();
                let mut policy = RecoverPolicy::default();
                policy.min_age = Duration::ZERO;
                policy.not_found_after = Duration::ZERO;
                let recovery = journal.recover(&sandbox.client(), policy).await.unwrap();
                recovery.needs_person.len()
            })
        })
        .collect();
    let mut each = Vec::new();
    for task in tasks {
        each.push(task.await.unwrap());
    }
    let elapsed = started.elapsed().as_secs_f64();
    assert_eq!(each.iter().sum::<usize>(), ENTRIES);
    let open = journal.entries(State::Open).await.unwrap().entries;
    assert!(
        open.iter()
            .all(|entry| entry.base_url != sandbox.base_url())
    );
    println!("{recoverers} | {:.0} | {each:?}", ENTRIES as f64 / elapsed);
}

#[tokio::main]
async fn main() {
    let Ok(url) = std::env::var("KONAPLATE_BENCH_POSTGRES") else {
        println!("KONAPLATE_BENCH_POSTGRES is not set");
        return;
    };
    println!("recoverers | entries a second | settled by each");
    for recoverers in [1, 2, 4] {
        measure(&url, recoverers).await;
    }
}
