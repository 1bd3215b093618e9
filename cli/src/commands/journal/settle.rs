//! `konaplate journal settle`.

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use dialoguer::Confirm;
use konaplate::journal::Project;
use konaplate::{Client, CorrelationId};
use konaplate_journal::{Entry, Filter, Journal, SettledByHand, Settlement, State};
use serde_json::json;

use super::entry::{entry_json, known, operation, plain};
use super::history::no_entry;
use super::{client, correlation_id, fault};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place::Place;

/// Settles or corrects a call by a person's word, with the reason, such as after asking KONA.
///
/// For the calls of the project whose keys are set. The word counts more than what a response or an
/// inquiry said, except that money moved: that stays proven, and is listed as a contradiction.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal settle 260315104512-5b76c99 carried-out --reason 'KONA, by phone, 15 March'
  konaplate journal settle 260315104512-5b76c99 not-carried-out --yes --reason 'KONA, ticket 4711'

It asks before it writes; without a terminal it needs --yes.

Exit codes: 0 the call stands at that word now; 4 the word is recorded, and contradicts the
platform's own word that the money moved: the call stays what it was; 2 there is no such call of this project, a
setting or the reason is missing, or it was not confirmed, and nothing was written.")]
pub(super) struct Settle {
    /// The correlation id of the call.
    #[arg(value_parser = correlation_id)]
    correlation_id: CorrelationId,

    /// What is true of it.
    #[arg(value_enum)]
    word: Word,

    /// How that is known; it is kept with the call. Without names, card numbers and the like.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Do not ask.
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    place: Place,
}

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Word {
    /// The money moved.
    CarriedOut,
    /// Nothing was carried out.
    NotCarriedOut,
    /// It was carried out, or may have been, and was taken back.
    TakenBack,
}

impl From<Word> for Settlement {
    fn from(word: Word) -> Self {
        match word {
            Word::CarriedOut => Self::Completed,
            Word::NotCarriedOut => Self::NotCarriedOut,
            Word::TakenBack => Self::TakenBack,
        }
    }
}

impl Settle {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().any(char::is_control) {
            let rule = "reason: must be a line of text: how it is known";
            return Err(Failure::bad_input(rule));
        }
        let journal = self.place.open_existing(context).await?;
        let client = client(context, &journal)?;
        let project = client.project();
        let Some(before) = find(&journal, &project, self.correlation_id).await? else {
            return Err(of_nobody(&journal, &client, self.correlation_id).await?);
        };
        self.confirm(&before)?;
        let settled = journal
            .settle_by_hand(&project, self.correlation_id, self.word.into(), reason)
            .await
            .map_err(|error| fault(&error))?;
        if settled == SettledByHand::NoEntry {
            return Err(no_entry());
        }
        let after = find(&journal, &project, self.correlation_id).await?;
        let after = after.ok_or_else(no_entry)?;
        let result = Became::of(settled, &before, &after);
        if context.output.is_text() {
            context.output.text(&result.text(&before, &after))?;
        } else {
            let mut shown = entry_json(&after);
            shown["result"] = result.word().into();
            shown["before"] = json!({
                "state": before.state.as_str(),
                "source": before.source.as_str(),
            });
            context.output.json(&shown)?;
        }
        journal.close().await;
        Ok(result.exit())
    }

    /// Asks on a terminal.
    fn confirm(&self, entry: &Entry) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            let why = "settle: there is no terminal to ask on; nothing was written";
            return Err(Failure::bad_input(why).next("give --yes"));
        }
        let word = self.word.to_possible_value();
        let word = word.as_ref().map_or("", |word| word.get_name());
        let question = format!(
            "{} of sequence id {}, which stands at {} ({}): settle it as {word}?",
            operation(entry),
            plain(entry.sequence_id.as_deref().unwrap_or("-")),
            entry.state,
            known(entry),
        );
        let confirmed = Confirm::new().with_prompt(question).default(false);
        match confirmed.interact() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::bad_input(
                "settle: not confirmed; nothing was written",
            )),
            Err(error) => Err(Failure::new(Exit::Fault, format!("cannot ask: {error}"))),
        }
    }
}

async fn find(
    journal: &Journal,
    project: &Project,
    id: CorrelationId,
) -> Result<Option<Entry>, Failure> {
    let entry = journal.entry(project, id).await;
    entry.map_err(|error| fault(&error))
}

/// Why the project has no such call.
async fn of_nobody(
    journal: &Journal,
    client: &Client,
    id: CorrelationId,
) -> Result<Failure, Failure> {
    let page = journal.entries(Filter::all().correlation_id(id)).await;
    let page = page.map_err(|error| fault(&error))?;
    let Some(entry) = page.entries.first() else {
        return Ok(no_entry());
    };
    let project = client.project();
    let (ours, theirs) = (project.base_url(), plain(&entry.base_url));
    let why = format!(
        "correlation id: it is a call of another project, of {} at {theirs}",
        plain(&entry.asp_id)
    );
    let next = format!("set the keys of that project: those that are set are for {ours}");
    Ok(Failure::bad_input(why).next(next))
}

/// What became of the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// The call was not settled, and is now.
    Settled,
    /// The call stood at something else.
    Corrected,
    /// The call stood at it already.
    Unchanged,
    /// The call stays what it was: the platform's word that the money moved is proof.
    Contradicts,
}

impl Became {
    fn of(settled: SettledByHand, before: &Entry, after: &Entry) -> Self {
        let was_open = matches!(
            before.state,
            State::Open | State::AwaitingMember | State::Cancelling | State::NeedsPerson
        );
        if settled == SettledByHand::Contradicts {
            Self::Contradicts
        } else if was_open {
            Self::Settled
        } else if before.state == after.state {
            Self::Unchanged
        } else {
            Self::Corrected
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Corrected => "corrected",
            Self::Unchanged => "unchanged",
            Self::Contradicts => "contradicts",
        }
    }

    fn text(self, before: &Entry, after: &Entry) -> String {
        let (was, by, is) = (before.state, before.source.as_str(), after.state);
        match self {
            Self::Settled => format!("recorded: it stands at {is} now; it was not settled ({was})"),
            Self::Corrected => {
                format!("recorded: it stands at {is} now; it was not open, but {was}, by {by}")
            }
            Self::Unchanged => {
                format!("recorded: it was not open, and stays {is}, as it was by {by}")
            }
            Self::Contradicts => format!(
                "recorded, and it contradicts the platform's own word that the money moved, which is \
                 proof: it stays {is}; konaplate journal contradictions lists it until a person says \
                 carried-out, or taken-back"
            ),
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Settled | Self::Corrected | Self::Unchanged => Exit::Done,
            Self::Contradicts => Exit::MaybeCarriedOut,
        }
    }
}
