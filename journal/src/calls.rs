//! What is written about a call, each as a step of a transaction that others may share.

#[cfg(feature = "postgres")]
mod at_once;
mod intents;
mod said;

use konaplate::journal::{Concluded, Conclusion, Intent, Project, SequenceIdUsed};

use crate::database::Transaction;
use crate::error::Error;
use crate::projects::Projects;
use intents::{insert, intend};
pub(crate) use said::{Say, What, Words, say, standing};

/// A step, and what it needs.
#[derive(Debug)]
pub(crate) enum Step {
    Intend(Box<Intent>),
    Conclude(Box<Conclusion>),
    Abandon(Box<Intent>),
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Concluded(Concluded),
    Intended,
    SequenceIdUsed,
    CorrelationIdUsed,
}

impl Step {
    pub(crate) fn project(&self) -> &Project {
        match self {
            Self::Intend(intent) | Self::Abandon(intent) => &intent.project,
            Self::Conclude(conclusion) => &conclusion.project,
        }
    }
}

#[cfg(feature = "metrics")]
impl Step {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Intend(_) => "intend",
            Self::Conclude(_) => "conclude",
            Self::Abandon(_) => "abandon",
        }
    }
}

/// Takes steps with a few statements, however many they are.
pub(crate) async fn take(
    transaction: &mut Transaction,
    projects: &Projects,
    steps: &[&Step],
) -> Result<Vec<Done>, sqlx::Error> {
    let mut intents = Vec::new();
    let mut given_up = Vec::new();
    let mut says = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let project = projects.number(transaction, step.project()).await?;
        match step {
            Step::Intend(intent) => intents.push((place, project, &**intent)),
            Step::Abandon(intent) => {
                given_up.push((place, project, &**intent));
                says.push((place, Say::given_up(project, intent)));
            }
            Step::Conclude(conclusion) => {
                says.push((place, Say::concluded(project, conclusion)));
            }
        }
    }
    let mut done = vec![Done::Concluded(Concluded::Recorded); steps.len()];
    let mut intended = Vec::with_capacity(intents.len());
    #[cfg(feature = "postgres")]
    let intents = at_once::intend(transaction, intents, &mut intended).await?;
    intend(transaction, intents, &mut intended).await?;
    for (place, intended) in intended {
        done[place] = intended;
    }
    // If an intent is just being written elsewhere, this waits for it.
    insert(transaction, &given_up).await?;
    #[cfg(feature = "postgres")]
    let says = at_once::say(transaction, says).await?;
    let (places, says): (Vec<_>, Vec<_>) = says.into_iter().unzip();
    let before = say(transaction, &says).await?;
    for ((place, say), before) in places.into_iter().zip(&says).zip(before) {
        // A success that comes when a cancellation is on its way, or was, must not be handed out.
        let is_late = before.is_some_and(|before| before.was_cancelling);
        if is_late && !say.is_cancellation() {
            done[place] = Done::Concluded(Concluded::BeingCancelled);
        }
    }
    Ok(done)
}

impl Done {
    /// The error of an intent that was not written.
    pub(crate) fn intended(self) -> Result<(), konaplate::journal::JournalError> {
        match self {
            Self::SequenceIdUsed => Err(SequenceIdUsed.into()),
            Self::CorrelationIdUsed => Err(Error::new(
                "written",
                "another call of the project has the correlation id, or this one was given up",
            )
            .into()),
            Self::Intended | Self::Concluded(_) => Ok(()),
        }
    }

    pub(crate) fn concluded(self) -> Concluded {
        match self {
            Self::Concluded(concluded) => concluded,
            _ => Concluded::Recorded,
        }
    }
}
