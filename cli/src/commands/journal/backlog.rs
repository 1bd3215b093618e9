//! `konaplate journal backlog`.

use clap::Args;
use jiff::SignedDuration;
use konaplate_journal::{Age, Backlog as Counts, Waiting};
use serde_json::{Map, Value, json};

use super::entry::{plain, table};
use super::fault;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place::Place;

/// Counts what is not settled, for each project by state and age.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal backlog --journal konaplate-journal.db
  konaplate journal backlog --output json | jq '[.[].contradicted] | add'")]
pub(super) struct Backlog {
    #[command(flatten)]
    place: Place,
}

impl Backlog {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = self.place.open_existing(context).await?;
        let backlogs = journal.backlog().await.map_err(|error| fault(&error))?;
        if context.output.is_text() {
            show(context, &backlogs)?;
        } else {
            let shown = backlogs.iter().map(json_of).collect();
            context.output.json(&Value::Array(shown))?;
        }
        journal.close().await;
        Ok(Exit::Done)
    }
}

fn show(context: &Context, backlogs: &[Counts]) -> Result<(), Failure> {
    if backlogs.is_empty() {
        context.output.text("the journal has no calls yet")?;
    }
    for backlog in backlogs {
        let project = plain(&format!("{} at {}", backlog.asp_id, backlog.base_url));
        let mut table = table(&["state", "all", "<1m", "<1h", "<1d", ">=1d", "oldest"]);
        for waiting in &backlog.waiting {
            let mut row = vec![waiting.state.to_string(), waiting.count().to_string()];
            row.extend(waiting.by_age.map(|number| number.to_string()));
            row.push(oldest(waiting).map_or_else(|| "-".to_owned(), |age| format!("{age:#}")));
            table.add_row(row);
        }
        context.output.text(&format!("{project}\n{table}"))?;
        let contradicted = format!("contradicted: {}\n", backlog.contradicted);
        context.output.text(&contradicted)?;
    }
    Ok(())
}

/// How old the oldest is, in whole seconds.
fn oldest(waiting: &Waiting) -> Option<SignedDuration> {
    let seconds = waiting.oldest?.as_secs();
    i64::try_from(seconds).ok().map(SignedDuration::from_secs)
}

fn json_of(backlog: &Counts) -> Value {
    let mut states = Map::new();
    for waiting in &backlog.waiting {
        let ages = Age::ALL.iter().zip(waiting.by_age);
        let by_age: Map<_, _> = ages
            .map(|(age, number)| (age.as_str().to_owned(), number.into()))
            .collect();
        let shown = json!({
            "count": waiting.count(),
            "byAge": by_age,
            "oldestSeconds": waiting.oldest.map(|age| age.as_secs()),
        });
        states.insert(waiting.state.as_str().to_owned(), shown);
    }
    json!({
        "baseUrl": backlog.base_url,
        "aspId": backlog.asp_id,
        "waiting": states,
        "contradicted": backlog.contradicted,
    })
}
