//! A journal whose database is slow, hangs or loses a reply, or whose clock jumps while a call is
//! under way. The trouble is a real one: another process's lock, another process's recovery.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use konaplate::journal::{Concluded, Conclusion, Intent, JournalError, JournalFuture};
use konaplate::{Client, CorrelationId};
use konaplate_journal::{Journal, Locked, RecoverPolicy};
use tokio::sync::OnceCell;

use crate::place::Place;

/// How long what is written in the background may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far the journal's clock jumps when another machine recovers a call that is under way.
const JUMP: Duration = Duration::from_secs(2 * 3_600);

/// What the client is about to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Intent,
    Outcome,
}

/// What happens then.
#[derive(Debug, Clone)]
pub(crate) enum Upset {
    /// Nobody can write for so long.
    Slow(Duration),
    /// Nobody can write until [`Unsteady::calm`].
    Hangs,
    /// It is written, and the client is told that it was not.
    ReplyIsLost,
    /// The journal's clock jumps ahead, so that the call seems to be over, and somebody recovers it.
    Overtaken(Box<(Client, RecoverPolicy)>),
}

/// The journal of a client.
#[derive(Debug)]
pub(crate) struct Unsteady {
    journal: Journal,
    place: Place,
    /// That of another process.
    other: OnceCell<Journal>,
    next: Mutex<Option<(Step, Upset)>>,
    locked: Mutex<Option<Locked>>,
    /// Calls whose outcome has to be written in the background.
    owed: Mutex<BTreeSet<String>>,
    failed: Mutex<Option<anyhow::Error>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Unsteady {
    pub(crate) fn new(journal: Journal, place: Place) -> Self {
        Self {
            journal,
            place,
            other: OnceCell::new(),
            next: Mutex::default(),
            locked: Mutex::default(),
            owed: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// The journal as another process has it open.
    pub(crate) async fn other(&self) -> Result<&Journal> {
        self.other.get_or_try_init(|| self.place.open()).await
    }

    /// Has this happen to the next call, at this step.
    pub(crate) fn upset_next(&self, step: Step, upset: Upset) {
        *lock(&self.next) = Some((step, upset));
    }

    /// Waits until nobody can write, if that is to happen.
    pub(crate) async fn hangs(&self) {
        while lock(&self.locked).is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Ends whatever is going on, and waits until what was left to the background is written.
    pub(crate) async fn calm(&self) -> Result<()> {
        *lock(&self.next) = None;
        let locked = lock(&self.locked).take();
        if let Some(locked) = locked {
            locked.release().await?;
        }
        let started = Instant::now();
        while !lock(&self.owed).is_empty() {
            if started.elapsed() > PATIENCE {
                bail!("what a call left to the background was not written");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match lock(&self.failed).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(other) = self.other.get() {
            other.close().await;
        }
    }

    /// What is to happen at this step. Whether the reply is to be lost.
    async fn pass(&self, step: Step, call: CorrelationId) -> bool {
        let upset = lock(&self.next).take_if(|(at, _)| *at == step);
        let Some((_, upset)) = upset else {
            return false;
        };
        let is_lost = matches!(upset, Upset::ReplyIsLost);
        if is_lost || matches!(upset, Upset::Hangs) {
            lock(&self.owed).insert(call.as_str().to_owned());
        }
        if let Err(error) = self.happens(upset).await {
            *lock(&self.failed) = Some(error);
        }
        is_lost
    }

    async fn happens(&self, upset: Upset) -> Result<()> {
        match upset {
            Upset::ReplyIsLost => {}
            Upset::Hangs => {
                let locked = self.other().await?.lock().await?;
                *lock(&self.locked) = Some(locked);
            }
            Upset::Slow(by) => {
                let locked = self.other().await?.lock().await?;
                tokio::spawn(async move {
                    tokio::time::sleep(by).await;
                    locked.release().await
                });
            }
            Upset::Overtaken(by) => {
                let other = self.other().await?;
                other.pass_time(JUMP).await?;
                let (client, policy) = *by;
                other.recover(&client, policy).await?;
            }
        }
        Ok(())
    }

    /// The outcome of a call is written.
    fn written(&self, call: CorrelationId) {
        lock(&self.owed).remove(call.as_str());
    }
}

/// What the client is told instead of the reply.
fn lost() -> JournalError {
    "the reply was lost".into()
}

impl konaplate::journal::Journal for Unsteady {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            let call = intent.correlation_id;
            let is_lost = self.pass(Step::Intent, call).await;
            let intended = self.journal.intend(intent).await;
            if intended.is_err() {
                // Such as one whose sequence id was used: there is nothing to be taken back.
                self.written(call);
            }
            intended?;
            if is_lost { Err(lost()) } else { Ok(()) }
        })
    }

    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded> {
        Box::pin(async move {
            let call = conclusion.correlation_id;
            let is_lost = self.pass(Step::Outcome, call).await;
            let concluded = self.journal.conclude(conclusion).await?;
            if is_lost {
                return Err(lost());
            }
            self.written(call);
            Ok(concluded)
        })
    }

    fn abandon(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            let call = intent.correlation_id;
            self.journal.abandon(intent).await?;
            self.written(call);
            Ok(())
        })
    }
}
