//! The port through which callbacks are remembered, and the hold on one that is being handled.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::SystemTime;

use crate::protocol::CorrelationId;

/// What a store keeps of a callback that is to be handled. Nothing of it is sensitive.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallbackClaim {
    /// Whose callback it is: what is remembered of one scope says nothing of another.
    /// [`CallbackReceiverBuilder::asp_id`](super::CallbackReceiverBuilder::asp_id).
    pub scope: String,
    /// Stands for what the callback says:
    /// [`Callback::fingerprint`](super::Callback::fingerprint).
    pub fingerprint: String,
    /// The id that it carries.
    pub correlation_id: CorrelationId,
    /// Tells this claim from every other one, those of the same callback included.
    pub by: String,
    /// When it came, by the receiver's clock.
    pub came_at: SystemTime,
    /// Until when it is being handled. A store that several processes share forgets what is neither
    /// handled nor released by then, as after a crash.
    pub until: SystemTime,
    /// The same callback, handled before this time, is a repeat: it is handed out again, and the
    /// application decides.
    pub repeats_after: SystemTime,
    /// From when on it may be forgotten.
    pub forget_at: SystemTime,
}

/// What a store knows of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// Nothing: it is the claimant's to handle.
    New,
    /// The same one was handled, and long enough ago to be possibly meant again: it is the
    /// claimant's to handle, or not.
    Repeat {
        /// When it came first, by the clock of its receiver.
        first: SystemTime,
    },
    /// The same one was handled.
    Replayed,
    /// The same one is being handled.
    InProgress,
    /// Another one has its correlation id.
    ReusedCorrelationId,
}

/// Why a store failed.
pub type ReplayStoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a store does.
pub type ReplayFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, ReplayStoreError>> + Send + 'a>>;

/// Remembers callbacks, to reject those that are delivered again.
///
/// By default a receiver has a store in its own memory. A journal of the crate `konaplate-journal`
/// is one that survives restarts and that several machines share; those need the same fingerprint key.
pub trait ReplayStore: fmt::Debug + Send + Sync + 'static {
    /// Takes a callback, unless it is known. Of several claimants of one callback, in however many
    /// processes, one gets it.
    fn claim(&self, claim: CallbackClaim) -> ReplayFuture<'_, Claimed>;

    /// Records a callback as handled.
    fn handled(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()>;

    /// Forgets a callback that was not handled. Of no effect if it was, or if the claim is over and
    /// somebody else has it.
    fn release(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()>;
}

/// The right to handle a callback. Dropped, the callback is forgotten.
pub(super) struct Held {
    store: Arc<dyn ReplayStore>,
    claim: CallbackClaim,
    /// Whether the store was told how it ended.
    ended: bool,
}

impl Held {
    pub(super) fn new(store: Arc<dyn ReplayStore>, claim: CallbackClaim) -> Self {
        Self {
            store,
            claim,
            ended: false,
        }
    }

    pub(super) fn fingerprint(&self) -> &str {
        &self.claim.fingerprint
    }

    /// Records the callback as handled.
    pub(super) async fn complete(mut self) {
        self.ended = true;
        if let Err(error) = self.store.handled(self.claim.clone()).await {
            tracing::error!(%error, "the replay store could not record that a callback was handled");
        }
    }

    /// Forgets the callback.
    pub(super) async fn release(mut self) {
        self.ended = true;
        release(Arc::clone(&self.store), self.claim.clone()).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut release = Box::pin(release(Arc::clone(&self.store), self.claim.clone()));
        // A store in memory is done at once.
        let mut context = Context::from_waker(Waker::noop());
        if release.as_mut().poll(&mut context).is_pending()
            // Outside of a runtime, as while one is shut down, the claim ends by itself.
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(release);
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

async fn release(store: Arc<dyn ReplayStore>, claim: CallbackClaim) {
    if let Err(error) = store.release(claim).await {
        tracing::warn!(%error, "the replay store could not forget a callback; the claim runs out");
    }
}
