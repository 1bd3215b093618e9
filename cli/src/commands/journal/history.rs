//! `konaplate journal history`.

use clap::Args;
use konaplate::{CorrelationId, DescribedOutcome, Operation};
use konaplate_journal::{Entry, Filter, Said};
use konaplate_spec::Language;
use serde_json::Value;

use super::entry::{
    detail, entry_json, operation, plain, said_json, seconds, since, table, unreadable,
};
use super::{correlation_id, fault};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place::Place;
use crate::output::{STRONG, WARNING, styled};

/// Shows everything that was said about a call, in order, with who said it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal history 260315104512-5b76c99 --journal konaplate-journal.db
  konaplate journal history 260315104512-5b76c99 --output json | jq '.[0].said'

Who says it: call, the response of the call, or that it had none; inquiry, the operation that returns the
outcome; cancellation, the response of the payment's cancellation; person; none, an assumption.")]
pub(super) struct History {
    /// The correlation id of the call.
    #[arg(value_parser = correlation_id)]
    correlation_id: CorrelationId,

    #[command(flatten)]
    place: Place,
}

impl History {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = self.place.open_existing(context).await?;
        let filter = Filter::all().correlation_id(self.correlation_id);
        let page = journal.entries(filter).await;
        let page = page.map_err(|error| fault(&error))?;
        if page.entries.is_empty() && page.unreadable.is_empty() {
            return Err(no_entry());
        }
        // Two projects can have one with the same id.
        let mut shown = Vec::new();
        for entry in &page.entries {
            let said = journal.history(entry).await;
            let said = said.map_err(|error| fault(&error))?;
            if context.output.is_text() {
                show(context, entry, &said)?;
            } else {
                let said: Vec<_> = said.iter().map(|said| said_json(entry, said)).collect();
                let mut json = entry_json(entry);
                json["said"] = said.into();
                shown.push(json);
            }
        }
        if context.output.is_text() {
            unreadable(context, &page.unreadable)?;
        } else {
            context.output.json(&Value::Array(shown))?;
        }
        journal.close().await;
        if let Some(entry) = page.unreadable.first() {
            let why = format!("an entry cannot be read: {}", plain(&entry.reason));
            return Err(Failure::new(Exit::Fault, why));
        }
        Ok(Exit::Done)
    }
}

/// The journal has no such call.
pub(super) fn no_entry() -> Failure {
    Failure::bad_input("correlation id: the journal has no call with it, which proves nothing").next(
        "only calls that move money, or may, are recorded; entries that were settled long ago may have \
         been removed",
    )
}

fn show(context: &Context, entry: &Entry, said: &[Said]) -> Result<(), Failure> {
    let output = context.output;
    output.text(&styled(STRONG, &plain(&entry.correlation_id)))?;
    let sequence_id = plain(entry.sequence_id.as_deref().unwrap_or("-"));
    let project = plain(&format!("{} at {}", entry.asp_id, entry.base_url));
    for (name, value) in [
        ("operation", operation(entry)),
        ("sequence id", &sequence_id),
        ("project", &project),
        ("sent", &seconds(entry.intended_at)),
        (
            "stands at",
            &format!("{}, since {}", entry.state, seconds(since(entry))),
        ),
    ] {
        output.text(&format!("  {name:<12}{value}"))?;
    }
    if entry.contradicted {
        let warning = "two who should know contradict each other: a person has to settle it";
        output.text(&format!("  {}", styled(WARNING, warning)))?;
    }
    let mut table = table(&["when", "who", "says", "in these words"]);
    for said in said {
        table.add_row([
            seconds(said.at),
            said.source.as_str().to_owned(),
            said.state.to_string(),
            detail(entry, said.detail.as_deref()).unwrap_or_default(),
        ]);
    }
    if said.is_empty() {
        output.text("nothing was said about it yet")?;
    } else {
        output.text(&table.to_string())?;
    }
    let described = Operation::find(&entry.operation).and_then(Operation::outcome);
    let is_settled = entry.settled_at.is_some() && !entry.contradicted;
    match described {
        Some(outcome) if !is_settled => output.text(hint(outcome, context.language))?,
        _ => {}
    }
    output.text("")?;
    Ok(())
}

fn hint(outcome: &DescribedOutcome, language: Language) -> &'static str {
    match language {
        Language::English => outcome.hint(),
        Language::Korean => outcome.hint_ko(),
    }
}
