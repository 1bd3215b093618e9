//! Promise: how much is not settled, for how long and of which project can be watched, with the
//! feature `metrics` as metrics, too.

use std::time::Duration;

use crate::support::{
    at_both, at_once, client, client_through, journal_at, recharge, responses_get_lost,
};
use konaplate_journal::{Age, Backlog, Journal, Settlement, State};
use konaplate_sandbox::Sandbox;
use metrics::Unit;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

const HOUR: Duration = Duration::from_secs(3_600);

async fn of_only_project(journal: &Journal) -> Backlog {
    let backlogs = journal.backlog().await.unwrap();
    let [backlog] = backlogs.try_into().unwrap();
    backlog
}

/// How many are in a state, by age.
fn by_age(backlog: &Backlog, state: State) -> [u64; 4] {
    let mut waiting = backlog
        .waiting
        .iter()
        .filter(|waiting| waiting.state == state);
    waiting.next().unwrap().by_age
}

#[tokio::test]
async fn what_is_not_settled_is_counted_by_state_and_age() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        assert!(journal.backlog().await.unwrap().is_empty());
        let sandbox = Sandbox::start().await.unwrap();
        let normal = client(&sandbox, &journal);
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
        recharge(&normal, &sandbox, "SETTLED").await.unwrap();
        recharge(&lossy, &sandbox, "DAYS").await.unwrap_err();
        journal.pass_time(23 * HOUR).await.unwrap();
        recharge(&lossy, &sandbox, "HOURS").await.unwrap_err();
        journal.pass_time(2 * HOUR).await.unwrap();
        recharge(&lossy, &sandbox, "MINUTES").await.unwrap_err();
        journal.pass_time(Duration::from_secs(90)).await.unwrap();
        recharge(&lossy, &sandbox, "SECONDS").await.unwrap_err();

        let backlog = of_only_project(&journal).await;
        assert_eq!(backlog.asp_id, normal.project().asp_id());
        assert_eq!(backlog.base_url, normal.project().base_url());
        assert_eq!(backlog.waiting.len(), 4);
        assert_eq!(
            by_age(&backlog, State::Open),
            [1, 1, 1, 1],
            "{:?}",
            Age::ALL
        );
        assert_eq!(by_age(&backlog, State::NeedsPerson), [0; 4]);
        let open = backlog
            .waiting
            .iter()
            .find(|waiting| waiting.state == State::Open);
        let open = open.unwrap();
        assert_eq!(open.count(), 4);
        assert!(open.oldest.unwrap() >= 25 * HOUR);

        // What is proven, and what a person says against it.
        let open = journal.open_entries().await.unwrap().entries;
        journal.recover(&normal, at_once()).await.unwrap();
        for entry in &open {
            let id = entry.correlation_id.parse().unwrap();
            let project = normal.project();
            let said = Settlement::NotCarriedOut;
            journal
                .settle_by_hand(&project, id, said, "a test")
                .await
                .unwrap();
        }
        let backlog = of_only_project(&journal).await;
        assert_eq!(backlog.contradicted, 4);
        assert!(backlog.waiting.iter().all(|waiting| waiting.count() == 0));
        assert!(
            backlog
                .waiting
                .iter()
                .all(|waiting| waiting.oldest.is_none())
        );
    })
    .await;
}

/// What was recorded of the journal: a number, a metric, and its labels but those of the project.
/// Seconds become hours.
fn recorded(snapshotter: &Snapshotter) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, unit, _, value) in snapshotter.snapshot().into_vec() {
        let Some(metric) = key.key().name().strip_prefix("konaplate.journal.") else {
            continue;
        };
        let value = match value {
            DebugValue::Counter(count) => count,
            DebugValue::Gauge(value) if unit == Some(Unit::Seconds) => {
                (value.0 / 3_600.0).floor() as u64
            }
            DebugValue::Gauge(value) => value.0 as u64,
            DebugValue::Histogram(values) => values.len() as u64,
        };
        assert!(unit.is_some(), "{metric} is not described");
        let labels = key.key().labels();
        let labels = labels.filter(|label| !label.key().starts_with("konaplate.asp_id"));
        let labels = labels.filter(|label| !label.key().starts_with("konaplate.base_url"));
        let labels: Vec<_> = labels.map(metrics::Label::value).collect();
        if value != 0 {
            lines.push(format!("{value} {metric} {}", labels.join(" ")));
        }
    }
    lines.sort();
    lines
}

#[tokio::test]
async fn what_the_metrics_say() {
    at_both(async |place| {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        let guard = metrics::set_default_local_recorder(&recorder);
        konaplate_journal::metrics::describe();

        let journal = journal_at(place).await;
        let sandbox = Sandbox::start().await.unwrap();
        let normal = client(&sandbox, &journal);
        let lossy = responses_get_lost(sandbox.address()).await;
        let lossy = client_through(&sandbox, &journal, &lossy);
        recharge(&normal, &sandbox, "SETTLED").await.unwrap();
        // Its sequence id was used: no entry is written.
        recharge(&normal, &sandbox, "SETTLED").await.unwrap_err();
        recharge(&lossy, &sandbox, "LOST").await.unwrap_err();
        journal.pass_time(2 * HOUR).await.unwrap();
        journal.backlog().await.unwrap();
        assert_eq!(
            recorded(&snapshotter),
            [
                "1 states completed call",
                "1 states open call",
                "1 waiting open <1d",
                "2 oldest open",
                "2 states open none",
                "2 write.duration conclude",
                "3 write.duration intend",
            ]
        );

        journal.recover(&normal, at_once()).await.unwrap();
        journal.backlog().await.unwrap();
        assert_eq!(recorded(&snapshotter), ["1 states completed inquiry"]);
        drop(guard);
    })
    .await;
}
