//! A call that goes on when its caller leaves.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::task::TaskTracker;

/// A future that is carried to its end wherever it is dropped: what is sent is concluded in the journal,
/// and counts in the graceful end. Until then it costs no task of its own.
pub(super) struct Concluded<T: Send + 'static> {
    /// None once it has ended.
    call: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    under_way: TaskTracker,
}

impl<T: Send + 'static> Concluded<T> {
    pub(super) fn new(
        under_way: TaskTracker,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        Self {
            call: Some(Box::pin(call)),
            under_way,
        }
    }
}

impl<T: Send + 'static> Future for Concluded<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Out of its place: a call that panics must not be polled again. One that has ended never ends.
        let Some(mut call) = self.call.take() else {
            return Poll::Pending;
        };
        let polled = call.as_mut().poll(context);
        if polled.is_pending() {
            self.call = Some(call);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Concluded<T> {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            self.under_way.spawn(async move { drop(call.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_is_dropped_goes_on() {
        let under_way = TaskTracker::new();
        let (ends, ended) = oneshot::channel::<()>();
        let (says, said) = oneshot::channel();
        let call = Concluded::new(under_way.clone(), async move {
            ended.await.unwrap();
            says.send("concluded").unwrap();
        });
        // Polled once, and left.
        tokio::select! {
            biased;
            () = call => unreachable!("it waits"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(under_way.len(), 1);
        ends.send(()).unwrap();
        assert_eq!(said.await, Ok("concluded"));
        under_way.close();
        under_way.wait().await;
    }

    #[tokio::test]
    async fn what_ends_by_itself_needs_no_task() {
        let under_way = TaskTracker::new();
        assert_eq!(Concluded::new(under_way.clone(), async { 7 }).await, 7);
        assert_eq!(under_way.len(), 0);
    }
}
