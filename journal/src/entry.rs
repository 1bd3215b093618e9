//! One call in the journal.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::SystemTime;

use konaplate::journal::Project;
use konaplate::{CorrelationId, DescribedOutcome, Inquiry, Operation};
use serde_json::{Map, Value};

use crate::evidence::Source;
use crate::state::State;

/// A call that moves money, or may, as it was written down. It holds nothing sensitive.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The base URL of the project whose call it is.
    pub base_url: String,
    /// The ASP id of the project.
    pub asp_id: String,
    /// The id that the call carried: what KONA knows it by.
    pub correlation_id: String,
    /// Id of the operation, such as `recharge_from_bank_account`, or the path of one that the
    /// description does not know.
    pub operation: String,
    /// The partner's own number of the call, where the operation has one.
    pub sequence_id: Option<String>,
    /// When it was about to be sent, by the client's clock.
    pub intended_at: SystemTime,
    /// When the call came back, by the journal's clock. None while it is under way, and after a
    /// crash.
    pub ended_at: Option<SystemTime>,
    /// Fields of the request that are not sensitive.
    pub request: Map<String, Value>,
    /// The network cancellation of the payment, where the caller wanted it kept.
    pub cancellation: Option<Map<String, Value>>,
    /// What became of it.
    pub state: State,
    /// Whose word that is.
    pub source: Source,
    /// When that was known, by the journal's clock.
    pub settled_at: Option<SystemTime>,
    /// The code, the delivery, what an inquiry said, or a person's reason.
    pub detail: Option<String>,
    /// Fields of the response that are not sensitive.
    pub response: Map<String, Value>,
    /// Whether two who should know contradict each other about it:
    /// [`Journal::history`](crate::Journal::history) has what they said.
    pub contradicted: bool,
    pub(crate) number: i64,
    /// How often it was asked about in vain.
    pub(crate) asked: i64,
    /// When it began, by the journal's clock.
    pub(crate) began_at: i64,
}

impl Entry {
    /// How the outcome of the call is asked; none where no operation returns it.
    pub(crate) fn inquiry(&self) -> Option<&'static Inquiry> {
        Operation::find(&self.operation)
            .and_then(Operation::outcome)
            .and_then(DescribedOutcome::inquiry)
    }
}

/// Something that was said about a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Said {
    /// When, by the journal's clock.
    pub at: SystemTime,
    /// By whom.
    pub source: Source,
    /// What.
    pub state: State,
    /// The code, the delivery, what an inquiry said, or a person's reason.
    pub detail: Option<String>,
    /// Fields of the response that are not sensitive.
    pub response: Map<String, Value>,
}

/// Which entries of a journal are listed. By default all, 100 at a time.
///
/// ```
/// use konaplate_journal::{Filter, State};
///
/// let filter = Filter::from(State::NeedsPerson).at_most(20);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub(crate) states: Vec<State>,
    pub(crate) project: Option<Project>,
    pub(crate) contradicted: bool,
    pub(crate) correlation_id: Option<CorrelationId>,
    pub(crate) sequence_id: Option<String>,
    pub(crate) after: Option<Place>,
    pub(crate) limit: Option<u32>,
}

/// A place in a list of entries, behind one of them. As text it can be handed on to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(crate) i64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Place {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<State> for Filter {
    /// The entries in this state.
    fn from(state: State) -> Self {
        [state].into()
    }
}

impl<const N: usize> From<[State; N]> for Filter {
    /// The entries in one of these states.
    fn from(states: [State; N]) -> Self {
        Self {
            states: states.into(),
            ..Self::default()
        }
    }
}

impl Filter {
    /// All entries.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The entries about which two who should know contradict each other.
    #[must_use]
    pub fn contradicted() -> Self {
        Self {
            contradicted: true,
            ..Self::default()
        }
    }

    /// The entries that a person has to settle: those in [`State::NeedsPerson`], and those about which
    /// two who should know contradict each other.
    #[must_use]
    pub fn for_a_person() -> Self {
        Self {
            contradicted: true,
            ..State::NeedsPerson.into()
        }
    }

    /// Only those whose call carried this id: one of a project at most.
    #[must_use]
    pub fn correlation_id(mut self, id: CorrelationId) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Only those with this sequence id. Of a project, one at most was sent: the last. Those before
    /// it are [`State::NotSent`].
    #[must_use]
    pub fn sequence_id(mut self, id: &str) -> Self {
        self.sequence_id = Some(id.to_owned());
        self
    }

    /// Only those of this project.
    #[must_use]
    pub fn of(mut self, project: &Project) -> Self {
        self.project = Some(project.clone());
        self
    }

    /// Goes on behind this place: [`Page::next`] of the page before.
    #[must_use]
    pub fn after(mut self, place: Place) -> Self {
        self.after = Some(place);
        self
    }

    /// How many are listed at a time: 1 to 1,000; more is taken for 1,000. Default: 100.
    #[must_use]
    pub fn at_most(mut self, entries: u32) -> Self {
        self.limit = Some(entries);
        self
    }
}

/// Some of the entries, in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Those that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Where the next page begins; none if this is the last.
    pub next: Option<Place>,
}

/// An entry that could not be read, such as one that a newer version wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The id that the call carried, if that can be read.
    pub correlation_id: Option<String>,
    /// Why.
    pub reason: String,
}
