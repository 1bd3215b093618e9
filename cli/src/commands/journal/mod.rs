//! `konaplate journal`: what a journal has, and settling what is open in it.
//!
//! Of request and response nothing is shown but the partner's own sequence id.

mod backlog;
mod entry;
mod history;
mod list;
mod recover;
mod settle;

use clap::{Args, Subcommand};
use konaplate::{Client, ClientBuilder, CorrelationId};
use konaplate_journal::Journal;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Shows and settles what a journal has.
///
/// The journal is a SQLite file or a URL of PostgreSQL, by --journal or KONAPLATE_JOURNAL. The lists
/// show the calls of all projects in it; recover and settle are for the project whose keys are set.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  export KONAPLATE_JOURNAL=konaplate-journal.db
  konaplate journal open                       # what is not known yet
  konaplate journal history 260315104512-5b76c99
  konaplate journal contradictions             # what a person has to settle
  konaplate journal backlog                    # how much, and how old
  konaplate journal recover                    # asks the platform; sends nothing again
  konaplate journal settle 260315104512-5b76c99 carried-out --reason 'KONA, by phone'")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Open(list::Open),
    History(history::History),
    Contradictions(list::Contradictions),
    Backlog(backlog::Backlog),
    Recover(recover::Recover),
    Settle(settle::Settle),
}

impl Arguments {
    /// Does what they say.
    ///
    /// # Errors
    /// The journal is not there or cannot be read or written, or the input is wrong.
    pub async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.command {
            Command::Open(command) => command.run(context).await,
            Command::History(command) => command.run(context).await,
            Command::Contradictions(command) => command.run(context).await,
            Command::Backlog(command) => command.run(context).await,
            Command::Recover(command) => command.run(context).await,
            Command::Settle(command) => command.run(context).await,
        }
    }
}

/// A client of the project whose keys are set, whose calls this journal has.
fn client(context: &Context, journal: &Journal) -> Result<Client, Failure> {
    let wrong = |error: konaplate::Error| {
        Failure::bad_input(error.to_string()).next(
            "recover and settle are for the calls of one project: set its keys, in the environment, \
             a .env file or a profile",
        )
    };
    let builder = ClientBuilder::from_vars(|name| context.variables.get(name)).map_err(wrong)?;
    let builder = builder.journal(std::sync::Arc::new(journal.clone()));
    builder.build().map_err(wrong)
}

/// The id of a call, as it is given.
fn correlation_id(text: &str) -> Result<CorrelationId, String> {
    let rule =
        "must be yyMMddHHmmss- and seven lower-case hex digits: konaplate journal open lists them";
    text.parse().map_err(|_| rule.to_owned())
}

/// A journal that fails.
fn fault(error: &konaplate_journal::Error) -> Failure {
    Failure::new(Exit::Fault, error.to_string())
}
