//! `konaplate journal recover`.

use std::time::{Duration, SystemTime};

use clap::Args;
use jiff::SignedDuration;
use konaplate::journal::Project;
use konaplate_journal::{Entry, Filter, Journal, RecoverPolicy, Recovery, State};
use serde_json::{Value, json};

use super::entry::{entries_table, entry_json, unreadable, unreadable_json};
use super::{client, fault};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place::Place;
use crate::output::{STRONG, styled};

/// Settles what a crash or a lost response left open: asks the platform for each outcome, where an
/// operation returns it. No call is sent again.
///
/// For the calls of the project whose keys are set. Any number of processes may recover at once. What
/// was asked about in vain waits longer each time: start it every few minutes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate journal recover --journal konaplate-journal.db
  */5 * * * *  konaplate journal recover       # in a crontab, with KONAPLATE_JOURNAL and the keys
  konaplate journal recover --send-cancellations

Exit codes, by what the journal has of the project after the recovery:
  0  nothing is left open and nothing needs a person. Calls that may be under way, younger than
     --min-age and not back, do not count, nor do those that await the member, nor other projects.
  4  something is left open or is being cancelled, needs a person, is contradicted or cannot be read:
     it may have been carried out. konaplate journal open and contradictions list it.
  1  the journal failed; what was settled before stays settled.
  2  a setting is missing or wrong; nothing was asked.

Durations are written as 90s, 10m or 1h.")]
pub(super) struct Recover {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    policy: Policy,
}

/// The policy of the crate, as options.
#[derive(Debug, Args)]
struct Policy {
    /// How old a call has to be. One that did not come back is left alone for its time limit and a
    /// quarter more, whatever this says.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    min_age: Duration,

    /// How old it has to be before "no such transaction" makes it a person's. It is no proof that
    /// nothing was carried out.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    not_found_after: Duration,

    /// How old one that awaits the member has to be before it becomes a person's.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    window_closed_after: Duration,

    /// How long one is kept from others who recover: longer than an inquiry takes.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    claim: Duration,

    /// How many are asked about at once, 1 to 64.
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    at_once: usize,

    /// The pause after one was asked about in vain; doubled each time.
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pause: Duration,

    /// The longest such pause.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    longest_pause: Duration,

    /// After how many calls in a row without a response it stops, 1 or more.
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    give_up_after: u32,

    /// Take open payments back whose caller asked for a durable cancellation. Sends their network
    /// cancellation: this moves money.
    #[arg(long)]
    send_cancellations: bool,

    /// How often a cancellation is sent in vain before the payment becomes a person's.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    cancellations: u32,
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>().ok();
    duration
        .and_then(|duration| duration.try_into().ok())
        .ok_or_else(|| "must be a duration, such as 90s, 10m or 1h".to_owned())
}

impl Policy {
    fn policy(&self) -> Result<RecoverPolicy, Failure> {
        if !(1..=64).contains(&self.at_once) {
            return Err(Failure::bad_input("at-once: must be 1 to 64"));
        }
        if self.give_up_after == 0 {
            return Err(Failure::bad_input("give-up-after: must be 1 or more"));
        }
        if self.longest_pause < self.pause {
            let rule = "longest-pause: must not be shorter than pause";
            return Err(Failure::bad_input(rule));
        }
        let mut policy = RecoverPolicy::default();
        policy.min_age = self.min_age;
        policy.not_found_after = self.not_found_after;
        policy.window_closed_after = self.window_closed_after;
        policy.claim = self.claim;
        policy.at_once = self.at_once;
        policy.pause = self.pause;
        policy.longest_pause = self.longest_pause;
        policy.give_up_after = self.give_up_after;
        policy.send_cancellations = self.send_cancellations;
        policy.cancellations = self.cancellations;
        Ok(policy)
    }
}

impl Recover {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let policy = self.policy.policy()?;
        let journal = self.place.open_existing(context).await?;
        let client = client(context, &journal)?;
        let recovery = journal.recover(&client, policy).await;
        let recovery = recovery.map_err(|error| fault(&error))?;
        let left = Left::of(&journal, &client.project(), self.policy.min_age).await;
        let left = left.map_err(|error| fault(&error))?;
        if context.output.is_text() {
            show(context, &recovery, &left)?;
        } else {
            context.output.json(&json_of(&recovery, &left))?;
        }
        journal.close().await;
        Ok(left.exit())
    }
}

/// How much of the project is not settled.
#[derive(Debug, Default)]
struct Left {
    open: u64,
    under_way: u64,
    cancelling: u64,
    awaiting_member: u64,
    needs_person: u64,
    contradicted: u64,
    unreadable: u64,
}

impl Left {
    async fn of(
        journal: &Journal,
        project: &Project,
        min_age: Duration,
    ) -> Result<Self, konaplate_journal::Error> {
        let mut left = Self::default();
        let unsettled = [State::Open, State::AwaitingMember, State::Cancelling];
        for filter in [Filter::from(unsettled), Filter::for_a_person()] {
            let mut filter = filter.of(project).at_most(1_000);
            loop {
                let page = journal.entries(filter.clone()).await?;
                for entry in &page.entries {
                    left.count(entry, min_age);
                }
                left.unreadable += page.unreadable.len() as u64;
                match page.next {
                    Some(place) => filter = filter.after(place),
                    None => break,
                }
            }
        }
        Ok(left)
    }

    fn count(&mut self, entry: &Entry, min_age: Duration) {
        // One that is open and contradicted comes in both lists, and is to be counted whatever it is.
        let number = match entry.state {
            _ if entry.contradicted => &mut self.contradicted,
            State::NeedsPerson => &mut self.needs_person,
            State::AwaitingMember => &mut self.awaiting_member,
            State::Cancelling => &mut self.cancelling,
            _ if may_be_under_way(entry, min_age) => &mut self.under_way,
            _ => &mut self.open,
        };
        *number += 1;
    }

    fn exit(&self) -> Exit {
        let left = [
            self.open,
            self.cancelling,
            self.needs_person,
            self.contradicted,
            self.unreadable,
        ];
        if left.iter().all(|&number| number == 0) {
            Exit::Done
        } else {
            Exit::MaybeCarriedOut
        }
    }
}

fn may_be_under_way(entry: &Entry, min_age: Duration) -> bool {
    let age = SystemTime::now().duration_since(entry.intended_at);
    entry.ended_at.is_none() && age.is_ok_and(|age| age < min_age)
}

/// What was settled, by what it was settled to.
fn parts(recovery: &Recovery) -> [(&'static str, &'static str, &[Entry]); 5] {
    [
        ("completed", "carried out", &recovery.completed),
        ("notCarriedOut", "not carried out", &recovery.failed),
        ("cancelled", "taken back", &recovery.cancelled),
        (
            "stillOpen",
            "asked about, and still open",
            &recovery.still_open,
        ),
        ("needsPerson", "settle with KONA", &recovery.needs_person),
    ]
}

fn show(context: &Context, recovery: &Recovery, left: &Left) -> Result<(), Failure> {
    let output = context.output;
    for (_, title, entries) in parts(recovery) {
        if !entries.is_empty() {
            let title = styled(STRONG, &format!("{title}: {}", entries.len()));
            output.text(&format!("{title}\n{}\n", entries_table(entries)))?;
        }
    }
    if parts(recovery)
        .iter()
        .all(|(_, _, entries)| entries.is_empty())
    {
        output.text("nothing was due")?;
    }
    unreadable(context, &recovery.unreadable)?;
    if recovery.is_cut_short {
        output.text("stopped early: the platform did not respond several times in a row")?;
    }
    let others = recovery.left_to_other_projects;
    if others > 0 {
        output.text(&format!(
            "left to other projects: {others}; recover with their keys"
        ))?;
    }
    output.text(&format!(
        "left in the journal: {} open, {} under way, {} being cancelled, {} awaiting the member, \
         {} for a person, {} contradicted",
        left.open,
        left.under_way,
        left.cancelling,
        left.awaiting_member,
        left.needs_person,
        left.contradicted,
    ))?;
    Ok(())
}

fn json_of(recovery: &Recovery, left: &Left) -> Value {
    let mut shown = json!({
        "unreadable": unreadable_json(&recovery.unreadable),
        "leftToOtherProjects": recovery.left_to_other_projects,
        "isCutShort": recovery.is_cut_short,
        "left": {
            "open": left.open,
            "underWay": left.under_way,
            "cancelling": left.cancelling,
            "awaitingMember": left.awaiting_member,
            "needsPerson": left.needs_person,
            "contradicted": left.contradicted,
            "unreadable": left.unreadable,
        },
    });
    for (name, _, entries) in parts(recovery) {
        shown[name] = entries.iter().map(entry_json).collect();
    }
    shown
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        policy: Policy,
    }

    fn policy(arguments: &[&str]) -> Result<RecoverPolicy, Failure> {
        let arguments = [&["program"], arguments].concat();
        Program::try_parse_from(arguments).unwrap().policy.policy()
    }

    #[test]
    fn the_defaults_are_those_of_the_crate() {
        let (ours, crates) = (policy(&[]).unwrap(), RecoverPolicy::default());
        assert_eq!(format!("{ours:?}"), format!("{crates:?}"));
    }

    #[test]
    fn what_makes_no_sense_names_its_option() {
        for (arguments, option) in [
            (["--at-once", "65"], "at-once"),
            (["--give-up-after", "0"], "give-up-after"),
            (["--longest-pause", "1s"], "longest-pause"),
        ] {
            let failure = policy(&arguments).unwrap_err();
            assert_eq!(failure.exit(), Exit::BadInput);
            assert!(failure.to_string().starts_with(option), "{failure}");
        }
        assert!(duration("-1s").is_err() && duration("soon").is_err());
    }
}
