//! `konaplate journal open` and `konaplate journal contradictions`.

use clap::Args;
use konaplate_journal::{Filter, Journal, Page, Place as Behind, State};
use serde_json::{Value, json};

use super::entry::{entries_table, entry_json, plain, rest, said_json, seconds, unreadable_json};
use super::fault;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place::Place;
use crate::output::{STRONG, styled};

/// Which part of a list is shown.
#[derive(Debug, Args)]
struct Part {
    /// How many are shown, 1 to 1000.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    at_most: u32,

    /// Goes on where a list ended, by the place that it printed.
    #[arg(long, value_name = "PLACE")]
    after: Option<Behind>,
}

impl Part {
    fn of(&self, filter: Filter) -> Filter {
        let filter = filter.at_most(self.at_most);
        match self.after {
            Some(place) => filter.after(place),
            None => filter,
        }
    }
}

/// Lists the calls whose outcome is not known: under way, or left open by a crash or a lost response.
///
/// Each with what it is, since when, and what is known of it; the oldest first. Those that await the
/// member, or are being cancelled, too. What only a person can settle is in contradictions.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal open --journal konaplate-journal.db
  konaplate journal open --at-most 20
  konaplate journal open --output json | jq -r '.entries[].correlationId'")]
pub(super) struct Open {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    part: Part,
}

impl Open {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = self.place.open_existing(context).await?;
        let states = [State::Open, State::AwaitingMember, State::Cancelling];
        let page = journal.entries(self.part.of(states.into())).await;
        let page = page.map_err(|error| fault(&error))?;
        if !context.output.is_text() {
            let entries = page.entries.iter().map(entry_json).collect();
            context.output.json(&page_json(entries, &page))?;
        } else if page.entries.is_empty() && page.unreadable.is_empty() {
            context.output.text("nothing is open")?;
        } else {
            context
                .output
                .text(&entries_table(&page.entries).to_string())?;
            rest(context, &page, "open")?;
        }
        journal.close().await;
        Ok(Exit::Done)
    }
}

/// Lists what a person has to settle: where statements contradict each other, and what no operation
/// tells.
///
/// A contradiction is that one who should know said that money moved, and another that it did not.
/// Ask KONA by the correlation id, then konaplate journal settle.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal contradictions --journal konaplate-journal.db
  konaplate journal contradictions --output json | jq '.entries[] | select(.contradicted)'")]
pub(super) struct Contradictions {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    part: Part,
}

impl Contradictions {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = self.place.open_existing(context).await?;
        let page = journal.entries(self.part.of(Filter::for_a_person())).await;
        let page = page.map_err(|error| fault(&error))?;
        if !context.output.is_text() {
            let mut entries = Vec::new();
            for entry in &page.entries {
                let said = journal.history(entry).await;
                let said = said.map_err(|error| fault(&error))?;
                let said: Vec<_> = said.iter().map(|said| said_json(entry, said)).collect();
                let mut shown = entry_json(entry);
                shown["said"] = said.into();
                entries.push(shown);
            }
            context.output.json(&page_json(entries, &page))?;
        } else if page.entries.is_empty() && page.unreadable.is_empty() {
            let nothing = "nothing is contradicted, and nothing needs a person";
            context.output.text(nothing)?;
        } else {
            context
                .output
                .text(&entries_table(&page.entries).to_string())?;
            show_contradicted(context, &journal, &page).await?;
            rest(context, &page, "contradictions")?;
        }
        journal.close().await;
        Ok(Exit::Done)
    }
}

/// Who said what about those that are contradicted.
async fn show_contradicted(
    context: &Context,
    journal: &Journal,
    page: &Page,
) -> Result<(), Failure> {
    for entry in page.entries.iter().filter(|entry| entry.contradicted) {
        let id = plain(&entry.correlation_id);
        let title = format!("\n{} is contradicted:", styled(STRONG, &id));
        context.output.text(&title)?;
        let said = journal.history(entry).await;
        for said in said.map_err(|error| fault(&error))? {
            let (at, state, source) = (seconds(said.at), said.state, said.source.as_str());
            let line = format!("  {at}  {state}, says: {source}");
            context.output.text(&line)?;
        }
    }
    Ok(())
}

fn page_json(entries: Vec<Value>, page: &Page) -> Value {
    json!({
        "entries": entries,
        "unreadable": unreadable_json(&page.unreadable),
        "next": page.next.map(|place| place.to_string()),
    })
}
