//! The port through which calls that move money are recorded before they are sent.
//!
//! The client knows when a call is about to leave and what became of it; where that is kept is not
//! its concern. The crate `konaplate-journal` keeps it in SQLite or PostgreSQL and settles what was
//! left open by a crash.
//!
//! What is recorded holds nothing sensitive: of a request and its response only the fields that the
//! description gives a named value without `x-konaplate-sensitive`.

mod outcome;
mod project;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::Operation;
use crate::protocol::CorrelationId;
use crate::value::fresh_id;

pub use outcome::Outcome;
pub use project::{KeyDigest, Project};

/// A call that is about to be sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Intent {
    /// Tells this intent from every other one, also from one with the same correlation id: 20
    /// random characters.
    pub id: String,
    /// Whose call it is. Sequence ids, outcomes and correlation ids are those of a project.
    pub project: Project,
    /// The operation: its effect is [`Effect::MovesMoney`](crate::Effect::MovesMoney). None where
    /// the description does not know it, so that it may move money.
    pub operation: Option<&'static Operation>,
    /// Id of the operation, or the path of a call that the description does not know.
    pub name: Cow<'static, str>,
    /// The id that the call carries; no other call of the project has it.
    pub correlation_id: CorrelationId,
    /// When, by the client's clock. For people: a client's clock can be wrong.
    pub time: SystemTime,
    /// How long the call may be under way, the journal's own time included. It is not sent later
    /// than this after [`intend`](Journal::intend) began, and has ended by then.
    pub deadline: Duration,
    /// Fields of the request that are not sensitive, such as `sequenceId` and `amount`.
    pub fields: Map<String, Value>,
    /// The body of the network cancellation that takes this payment back, where the caller asked
    /// for [a durable one](crate::OutcomePolicy::durable_cancellation).
    pub cancellation: Option<Map<String, Value>>,
}

/// What became of a call whose intent was written down.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Conclusion {
    /// Whose call it is.
    pub project: Project,
    /// The id that the call carried.
    pub correlation_id: CorrelationId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What a journal did with a [`Conclusion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concluded {
    /// It is written down, and survives a crash.
    Recorded,
    /// It is written down, but somebody who recovers the call began to cancel it before: the
    /// success must not be handed out.
    BeingCancelled,
}

/// Why something could not be written down. [`SequenceIdUsed`] is the one that the client tells
/// apart.
pub type JournalError = Box<dyn std::error::Error + Send + Sync>;

/// The end of writing something down.
pub type JournalFuture<'a, T = ()> =
    Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// Another call of the project with this sequence id is in the journal, and may have been sent.
///
/// A journal's [`intend`](Journal::intend) fails with this to keep a sequence id from being sent
/// twice. The client's error is then [`ErrorKind::InvalidRequest`] with the name of its field, and
/// its delivery [`Delivery::EarlierCall`]: ask for the outcome of the earlier call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceIdUsed;

impl fmt::Display for SequenceIdUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a new one for each call: by the journal, another call that may have been sent \
             has it",
        )
    }
}

impl std::error::Error for SequenceIdUsed {}

/// Keeps intents and outcomes. [`ClientBuilder::journal`](crate::ClientBuilder::journal) takes one.
///
/// It is called for calls that move money, or of which nobody said that they do not: see
/// [`RawCall::effect`](crate::RawCall::effect).
///
/// # Time
/// A call's time limit covers its journal. An intent that is not written in time is given up, and
/// the call is not sent. An outcome that is not written in time is written in the background, and
/// again if it fails; [`Exchange::recording`](crate::Exchange::recording) says so. A future of a
/// journal can be dropped at any time.
pub trait Journal: fmt::Debug + Send + Sync + 'static {
    /// Writes an intent down. When this ends without an error the intent survives a crash; the call
    /// is sent after that, and not at all if there is an error. [`SequenceIdUsed`] says that the
    /// call must not be sent, because another one that was may have its sequence id.
    fn intend(&self, intent: Intent) -> JournalFuture<'_>;

    /// Writes down what became of a call. Until this has succeeded the entry stays open, as after a
    /// crash. It may be called again with the same conclusion.
    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded>;

    /// Writes down that the call of this intent was not sent, and never will be. Whether the intent
    /// was written is not known: its future was dropped, or the reply to the commit was lost.
    ///
    /// It concerns the intent with this [id](Intent::id) and no other one: an earlier call with the
    /// same correlation id may have been sent.
    fn abandon(&self, intent: Intent) -> JournalFuture<'_>;
}

/// Whether the outcome of a call is in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Recording {
    /// There was nothing to record: the client has no journal, or the call moves no money.
    #[default]
    NotNeeded,
    /// It is in the journal, and survives a crash.
    Recorded,
    /// It is not in the journal yet, and is written in the background. A crash before that leaves
    /// the entry open, to be recovered.
    NotYet,
}

impl Intent {
    /// The intent of a call that begins now, without fields, for a test of a journal. `name` is the
    /// id of an operation, or a path that the description does not know.
    ///
    /// # Panics
    /// The system has no random source.
    #[must_use]
    pub fn new(
        project: Project,
        name: impl Into<Cow<'static, str>>,
        correlation_id: CorrelationId,
    ) -> Self {
        let name = name.into();
        Self {
            id: fresh_id("").expect("a random source"),
            project,
            operation: Operation::find(&name),
            name,
            correlation_id,
            time: SystemTime::now(),
            deadline: Duration::from_secs(20),
            fields: Map::new(),
            cancellation: None,
        }
    }

    /// What became of this call.
    #[must_use]
    pub fn concluded(&self, outcome: Outcome) -> Conclusion {
        Conclusion {
            project: self.project.clone(),
            correlation_id: self.correlation_id,
            outcome,
        }
    }

    /// The error of a call whose intent could not be written down.
    pub(crate) fn not_recorded(operation: Option<&Operation>, error: JournalError) -> Error {
        if error.is::<SequenceIdUsed>() {
            let field = operation
                .and_then(Operation::outcome)
                .and_then(|outcome| outcome.reference());
            let field = field.unwrap_or("sequence id");
            return Error::rule(ErrorKind::InvalidRequest, field, SequenceIdUsed)
                .with_delivery(Delivery::EarlierCall)
                .with_source(error);
        }
        Error::new(
            ErrorKind::Journal,
            Delivery::NotSent,
            "the journal could not record the call's intent, so the call was not sent",
        )
        .with_source(error)
    }
}

/// The members that are listed, as far as they are single values.
pub(crate) fn plain_fields(body: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    body.iter()
        .filter(|(name, value)| {
            names.contains(&name.as_str()) && !value.is_object() && !value.is_array()
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
