//! The journal before and after a call, within the call's time limit.
//!
//! Whatever is dropped on the way, the caller's future or the journal's, a call that was not sent
//! ends as one that was not sent, and an outcome that came is written down in the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::{Instrument as _, Span};

use super::Pipeline;
use super::interpret::Success;
use super::plan::Plan;
use super::prepare::Prepared;
use crate::error::{Delivery, Error, ErrorKind};
use crate::journal::{
    Concluded, Conclusion, Intent, Journal, JournalError, Outcome, Recording, SequenceIdUsed,
};
use crate::protocol::CorrelationId;

/// How often something is written in the background, with a pause from half a second to a minute
/// before each other time: for some twenty minutes. After that it is left to recovery.
const WRITES: u32 = 25;
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));

impl Pipeline {
    /// Sends, and has the journal record the intent before and the outcome after. `started` is when
    /// the call began, which its time limit counts from.
    pub(super) async fn recorded(
        &self,
        plan: &Plan,
        mut prepared: Prepared<'_>,
        id: CorrelationId,
        started: Instant,
        span: &Span,
    ) -> Result<Success, Error> {
        let Some((journal, intent)) = self.journal.as_ref().zip(prepared.intent.take()) else {
            return self.send(plan, prepared, id, span).await;
        };
        let left = || self.timeout.saturating_sub(started.elapsed());
        let conclusion = |outcome| Conclusion {
            project: prepared.caller.project.clone(),
            correlation_id: id,
            outcome,
        };
        let is_durable = intent.cancellation.is_some();
        let unsent = Unsent::new(journal, &intent);
        match tokio::time::timeout(left(), journal.intend(intent)).await {
            Ok(Ok(())) if left() > Duration::ZERO => unsent.leaves(),
            Ok(Err(error)) if error.is::<SequenceIdUsed>() => {
                unsent.was_not_written();
                return Err(Intent::not_recorded(plan.operation, error));
            }
            Ok(Err(error)) => return Err(Intent::not_recorded(plan.operation, error)),
            Ok(Ok(())) | Err(_) => return Err(too_late()),
        }

        *prepared.request.timeout_mut() = Some(left());
        let result = self.send(plan, prepared, id, span).await;
        let said = result
            .as_ref()
            .map(|success| (&success.body, success.exchange.said));
        let outcome = Outcome::of(plan.operation, said);
        let recorded = conclude(journal, conclusion(outcome), left()).await;
        let Ok(mut success) = result else {
            return result;
        };
        match recorded {
            Some(Concluded::Recorded) => success.exchange.recording = Recording::Recorded,
            // Whoever recovers it may take the payment back.
            None | Some(Concluded::BeingCancelled) if is_durable => return Err(not_handed_out()),
            None | Some(Concluded::BeingCancelled) => {
                success.exchange.recording = Recording::NotYet;
            }
        }
        Ok(success)
    }

    /// Records that a payment was cancelled, with the id of the cancellation.
    pub(crate) async fn record_cancelled(&self, payment: CorrelationId, by: CorrelationId) {
        let Some(journal) = &self.journal else {
            return;
        };
        let conclusion = Conclusion {
            project: self.caller.get().project.clone(),
            correlation_id: payment,
            outcome: Outcome::Cancelled(by),
        };
        conclude(journal, conclusion, self.timeout).await;
    }
}

fn too_late() -> Error {
    Error::new(
        ErrorKind::Journal,
        Delivery::NotSent,
        "the journal did not record the call's intent within the call's time limit, so the call \
         was not sent",
    )
}

/// The success of a payment that a recovery may cancel, or cancels already.
fn not_handed_out() -> Error {
    Error::new(
        ErrorKind::Journal,
        Delivery::MaybeProcessed,
        "the success of this payment could not be recorded, so a recovery may cancel it",
    )
}

/// Has the journal write an outcome down: for as long as `left` within the call, and after that in
/// the background. What it said, if it was in time.
async fn conclude(
    journal: &Arc<dyn Journal>,
    conclusion: Conclusion,
    left: Duration,
) -> Option<Concluded> {
    let (first, came) = oneshot::channel();
    let write = Write::Conclude(conclusion);
    // A task of its own: it goes on when the caller's future is dropped.
    tokio::spawn(
        write
            .in_the_end(Arc::clone(journal), Some(first))
            .in_current_span(),
    );
    let concluded = tokio::time::timeout(left, came).await;
    let concluded = concluded.ok().and_then(Result::ok).flatten();
    if concluded.is_none() {
        tracing::warn!("the outcome of the call is not in the journal yet");
    }
    concluded
}

/// What has to be in the journal in the end.
enum Write {
    Conclude(Conclusion),
    Abandon(Box<Intent>),
}

impl Write {
    async fn once(&self, journal: &Arc<dyn Journal>) -> Result<Option<Concluded>, JournalError> {
        match self {
            Self::Conclude(conclusion) => journal.conclude(conclusion.clone()).await.map(Some),
            Self::Abandon(intent) => {
                let intent = (**intent).clone();
                journal.abandon(intent).await.map(|()| None)
            }
        }
    }

    /// Writes it down, again after a pause if that fails. The first result is the caller's, if
    /// somebody still waits for it.
    async fn in_the_end(
        self,
        journal: Arc<dyn Journal>,
        mut first: Option<oneshot::Sender<Option<Concluded>>>,
    ) {
        let mut pause = PAUSES.0;
        for time in 1..=WRITES {
            let result = self.once(&journal).await;
            if let Some(first) = first.take() {
                let _ = first.send(result.as_ref().ok().copied().flatten());
            }
            let Err(error) = result else {
                return;
            };
            if time == WRITES {
                // The entry stays open, and is settled as after a crash.
                tracing::error!(error = &*error, "the journal could not record a call");
            } else {
                tracing::warn!(
                    error = &*error,
                    time,
                    "the journal could not record a call yet"
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}

/// A call whose intent the journal was given and that was not sent. Dropped, it is abandoned.
struct Unsent(Option<(Arc<dyn Journal>, Intent)>);

impl Unsent {
    fn new(journal: &Arc<dyn Journal>, intent: &Intent) -> Self {
        Self(Some((Arc::clone(journal), intent.clone())))
    }

    /// From here on the call may have been sent.
    fn leaves(mut self) {
        self.0 = None;
    }

    /// The journal says that it did not write the intent.
    fn was_not_written(mut self) {
        self.0 = None;
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        let Some((journal, intent)) = self.0.take() else {
            return;
        };
        // Outside of a runtime, as while one is shut down, the entry stays open.
        if let Ok(runtime) = Handle::try_current() {
            let write = Write::Abandon(Box::new(intent));
            runtime.spawn(write.in_the_end(journal, None).in_current_span());
        }
    }
}
