//! The port through which callbacks are remembered beyond one process.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;

use super::answer::Acknowledgement;
use super::error::{CallbackError, CallbackErrorKind};
use super::received::Callback;
use super::receiver::CallbackReceiver;
use crate::headers::CorrelationId;
use crate::journal::{JournalError, JournalFuture};
use crate::scalar::Violation;

/// What a journal keeps of a callback that is to be handled. Nothing of it is sensitive.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallbackClaim {
    /// Stands for what the callback says: [`Callback::fingerprint`].
    pub fingerprint: String,
    /// The id that it carries.
    pub correlation_id: CorrelationId,
    /// Tells this claim from every other one, those of the same callback included.
    pub by: String,
    /// When it came, by the receiver's clock.
    pub came_at: SystemTime,
    /// Until when it is being handled. What is neither handled nor released by then is forgotten, as
    /// after a crash.
    pub until: SystemTime,
    /// What came before this may be forgotten.
    pub forget_before: SystemTime,
}

/// What a journal knows of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// Nothing: it is the claimant's to handle.
    New,
    /// The same one was handled.
    Replayed,
    /// The same one is being handled.
    InProgress,
    /// Another one has its correlation id.
    ReusedCorrelationId,
}

/// The end of a claim.
pub type ClaimFuture<'a> = Pin<Box<dyn Future<Output = Result<Claimed, JournalError>> + Send + 'a>>;

/// Remembers callbacks. [`CallbackReceiverBuilder::build_with_journal`] takes one.
///
/// [`CallbackReceiverBuilder::build_with_journal`]: super::CallbackReceiverBuilder::build_with_journal
pub trait CallbackJournal: fmt::Debug + Send + Sync + 'static {
    /// Takes a callback, unless it is known. Of several claimants of one callback, in however many
    /// processes, one gets it.
    fn claim(&self, claim: CallbackClaim) -> ClaimFuture<'_>;

    /// Remembers a callback as handled. After this it survives a crash.
    fn handled(&self, claim: CallbackClaim) -> JournalFuture<'_>;

    /// Forgets a callback that was not handled. Of no effect if it was, or if the claim is over and
    /// somebody else has it.
    fn release(&self, claim: CallbackClaim) -> JournalFuture<'_>;
}

/// Takes callbacks as a [`CallbackReceiver`] does, and remembers them in a journal: across restarts,
/// and for all machines that share the journal.
///
/// Made by [`build_with_journal`](super::CallbackReceiverBuilder::build_with_journal). It has to run
/// in tokio, as the journal does.
#[derive(Debug)]
pub struct JournaledReceiver {
    receiver: CallbackReceiver,
    journal: Arc<dyn CallbackJournal>,
}

impl JournaledReceiver {
    pub(super) fn new(receiver: CallbackReceiver, journal: Arc<dyn CallbackJournal>) -> Self {
        Self { receiver, journal }
    }

    /// Checks a callback and reads it, as [`CallbackReceiver::receive`] does, and asks the journal
    /// whether it came before.
    ///
    /// # Errors
    /// As there; and [`CallbackErrorKind::Journal`] if the journal cannot be asked: then the callback is
    /// not handed out.
    pub async fn receive(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<JournaledCallback, CallbackError> {
        let checked = self.receiver.checked(headers, body);
        let result = match checked {
            Ok((callback, claim)) => match self.journal.claim(claim.clone()).await {
                Ok(Claimed::New) => Ok(JournaledCallback {
                    callback,
                    claim: Held {
                        journal: Arc::clone(&self.journal),
                        claim: Some(claim),
                    },
                }),
                Ok(Claimed::Replayed) => Err(callback.refused(CallbackErrorKind::Replayed)),
                Ok(Claimed::InProgress) => Err(callback.refused(CallbackErrorKind::InProgress)),
                Ok(Claimed::ReusedCorrelationId) => {
                    Err(callback.refused(CallbackErrorKind::ReusedCorrelationId))
                }
                Err(error) => {
                    tracing::error!(%error, "the journal could not be asked about a callback");
                    Err(callback.refused(CallbackErrorKind::Journal))
                }
            },
            Err(error) => Err(error),
        };
        super::receiver::traced(result.as_ref().map(Deref::deref));
        result
    }
}

/// A callback that passed every check and is in the journal. It reads as a [`Callback`] does.
///
/// Answer with [`acknowledge`](Self::acknowledge) once its effect is stored, or with
/// [`reject`](Self::reject), within a minute: by then another one like it is taken. Dropped without an
/// answer it is forgotten at once, or after that minute if the process died.
#[derive(Debug)]
#[must_use = "a callback that is not acknowledged is taken again when it comes again"]
pub struct JournaledCallback {
    callback: Callback,
    claim: Held,
}

impl Deref for JournaledCallback {
    type Target = Callback;

    fn deref(&self) -> &Callback {
        &self.callback
    }
}

impl JournaledCallback {
    /// Remembers the callback as handled, and says so: code `000_000`, status 200.
    ///
    /// If the journal cannot take that, the answer is the same: the effect is stored, and a refusal
    /// would only make the platform send the callback again. It is logged; another one like it is taken
    /// after a minute.
    pub async fn acknowledge(mut self) -> Acknowledgement {
        if let Some(claim) = self.claim.claim.take()
            && let Err(error) = self.claim.journal.handled(claim).await
        {
            tracing::error!(%error, "the journal could not take that a callback was handled");
        }
        self.callback.acknowledge()
    }

    /// Says that the callback was not handled, as [`Callback::reject`] does, and forgets it.
    ///
    /// # Errors
    /// The code is not `NNN_NNN`, or it is that of success. The callback is forgotten all the same.
    pub async fn reject(
        mut self,
        code: &str,
        description: &str,
    ) -> Result<Acknowledgement, Violation> {
        if let Some(claim) = self.claim.claim.take()
            && let Err(error) = self.claim.journal.release(claim).await
        {
            tracing::warn!(%error, "the journal could not forget a callback; it will by itself");
        }
        self.callback.reject(code, description)
    }
}

/// The right to handle a callback. Dropped, the callback is forgotten.
struct Held {
    journal: Arc<dyn CallbackJournal>,
    /// None once it is answered.
    claim: Option<CallbackClaim>,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(claim) = self.claim.take() else {
            return;
        };
        // Outside of a runtime, as while one is shut down, the claim ends by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let journal = Arc::clone(&self.journal);
            runtime.spawn(async move {
                if let Err(error) = journal.release(claim).await {
                    tracing::warn!(%error, "the journal could not forget a callback; it will by itself");
                }
            });
        }
    }
}
