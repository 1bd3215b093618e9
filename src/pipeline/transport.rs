//! Sends a request once, within its time limit, and knows whether it left.
//!
//! A request whose body nobody took did not leave: the platform verifies the body by its token, and
//! the HTTP client takes it only when there is a connection to write it to. That is the proof of
//! [`NotSent`](crate::Delivery::NotSent), whichever error or time limit ended the call. Whoever says
//! so withdraws the body: another thread may be about to write it.
//!
//! A peer that floods a connection (an endless `100 Continue`, for one) keeps the task that reads it
//! busy, and the thread with it. On a runtime of one thread that thread has the call's time limit,
//! too, so the connections are elsewhere then: on two threads that all clients of the process share.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::{Handle, Runtime, RuntimeFlavor};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::error::{Delivery, Error, ErrorKind};

/// The largest response that is read. The largest documented one, a page of 10,000 items, stays far
/// below it.
const LARGEST: usize = 16 * 1024 * 1024;

/// A response as far as HTTP tells.
pub(super) struct HttpResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The whole of it, or why there is no whole one.
    pub(super) body: Result<Vec<u8>, Error>,
}

/// How far a request came.
#[derive(Debug, Default)]
struct Progress {
    /// What became of its body, once something has.
    body: OnceLock<Fate>,
    /// Status and headers of the response that began.
    response: OnceLock<(StatusCode, HeaderMap)>,
}

/// What becomes of a body, and stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was taken, to be written to a connection.
    Left,
    /// It was not, and will not be: whoever asks for it gets an error.
    Withdrawn,
}

impl Progress {
    /// Lets the body go, unless it was withdrawn.
    fn leaves(&self) -> bool {
        *self.body.get_or_init(|| Fate::Left) == Fate::Left
    }

    /// Withdraws the body, unless it left. The call has ended; what was to send it may be at work on
    /// another thread still.
    fn withdraws(&self) -> bool {
        *self.body.get_or_init(|| Fate::Withdrawn) == Fate::Withdrawn
    }
}

/// Sends a request once and reads the response, all within a time limit.
///
/// # Errors
/// No response came. What is wrong with the body of one stands beside its status.
pub(super) async fn exchange(
    http: &reqwest::Client,
    request: reqwest::Request,
    limit: Duration,
) -> Result<HttpResponse, Error> {
    let progress = Arc::new(Progress::default());
    let request = watched(request, &progress);
    let sending = send(http.clone(), request, Arc::clone(&progress));
    if let Some(result) = within(limit, sending).await {
        return result;
    }
    match progress.response.get() {
        Some((status, headers)) => Ok(HttpResponse {
            status: *status,
            headers: headers.clone(),
            body: Err(not_ended()),
        }),
        None => Err(no_response(&progress, true, false)),
    }
}

async fn send(
    http: reqwest::Client,
    request: reqwest::Request,
    progress: Arc<Progress>,
) -> Result<HttpResponse, Error> {
    let response = http.execute(request).await.map_err(|error| {
        let error = error.without_url();
        no_response(&progress, error.is_timeout(), error.is_builder()).with_source(error)
    })?;
    let (status, headers) = progress
        .response
        .get_or_init(|| (response.status(), response.headers().clone()))
        .clone();
    Ok(HttpResponse {
        status,
        headers,
        body: read_body(response).await,
    })
}

/// Why no response came, and whether the platform may have the request all the same.
fn no_response(progress: &Progress, is_timeout: bool, is_builder: bool) -> Error {
    let is_unsent = progress.withdraws();
    let (kind, delivery, message) = match is_unsent {
        true if is_builder => (
            ErrorKind::InvalidRequest,
            Delivery::NotSent,
            "the request could not be built",
        ),
        true if is_timeout => (
            ErrorKind::Connect,
            Delivery::NotSent,
            "the platform could not be reached in time",
        ),
        true => (
            ErrorKind::Connect,
            Delivery::NotSent,
            "the platform could not be reached",
        ),
        false if is_timeout => (
            ErrorKind::Timeout,
            Delivery::MaybeProcessed,
            "the call was sent",
        ),
        false => (
            ErrorKind::Transport,
            Delivery::MaybeProcessed,
            "before a response came",
        ),
    };
    Error::new(kind, delivery, message)
}

fn not_ended() -> Error {
    let message = "the response began and did not end";
    Error::new(ErrorKind::Timeout, Delivery::MaybeProcessed, message)
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
    let broken = |error: reqwest::Error| {
        let error = error.without_url();
        let broken = if error.is_timeout() {
            not_ended()
        } else {
            let message = "the response is cut off";
            Error::new(ErrorKind::Transport, Delivery::MaybeProcessed, message)
        };
        broken.with_source(error)
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                Delivery::MaybeProcessed,
                "more than 16 MiB",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The request, with a body that says when it is taken.
fn watched(mut request: reqwest::Request, progress: &Arc<Progress>) -> reqwest::Request {
    let bytes = request.body().and_then(reqwest::Body::as_bytes);
    let body = Watched {
        bytes: bytes.map(Bytes::copy_from_slice),
        progress: Arc::clone(progress),
    };
    *request.body_mut() = Some(reqwest::Body::wrap(body));
    request
}

/// A body that says when it is taken.
struct Watched {
    bytes: Option<Bytes>,
    progress: Arc<Progress>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        let frame = self.bytes.take().map(|bytes| {
            if self.progress.leaves() {
                Ok(Frame::data(bytes))
            } else {
                Err(Withdrawn)
            }
        });
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The call had ended before its body was asked for.
#[derive(Debug)]
struct Withdrawn;

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the call has ended")
    }
}

impl std::error::Error for Withdrawn {}

/// What a future becomes within a time limit. None where the limit ended it.
async fn within<T: Send + 'static>(
    limit: Duration,
    sending: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let Some(elsewhere) = elsewhere() else {
        return tokio::time::timeout(limit, sending).await.ok();
    };
    // What is in it ends when it is dropped.
    let mut tasks = JoinSet::new();
    tasks.spawn_on(sending.in_current_span(), &elsewhere);
    match tokio::time::timeout(limit, tasks.join_next())
        .await
        .ok()??
    {
        Ok(sent) => Some(sent),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody but the limit ends it.
            Err(_) => None,
        },
    }
}

/// Where connections are, if not on the caller's runtime.
fn elsewhere() -> Option<Handle> {
    static SHARED: OnceLock<Option<Runtime>> = OnceLock::new();
    let here = Handle::try_current().ok()?;
    let is_alone =
        here.runtime_flavor() == RuntimeFlavor::CurrentThread || here.metrics().num_workers() == 1;
    if !is_alone {
        return None;
    }
    let shared = SHARED.get_or_init(start).as_ref();
    shared.map(|runtime| runtime.handle().clone())
}

/// Starts the threads that the connections are on: a second one, for when the first is kept busy. None
/// where the system has no thread; then they are on the caller's.
fn start() -> Option<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("konaplate-http")
        .enable_all()
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn asked(body: &mut Watched) -> Option<Result<Bytes, Withdrawn>> {
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(body).poll_frame(&mut context) {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())),
            Poll::Pending => panic!("it is in memory"),
        }
    }

    fn body() -> (Watched, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        let body = Watched {
            bytes: Some(Bytes::from_static(b"{}")),
            progress: Arc::clone(&progress),
        };
        (body, progress)
    }

    #[test]
    fn what_left_is_not_called_unsent() {
        let (mut body, progress) = body();
        assert_eq!(asked(&mut body).unwrap().unwrap(), "{}");
        assert!(asked(&mut body).is_none());
        let error = no_response(&progress, true, false);
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);
    }

    /// The connection may be there a moment after the limit, on another thread.
    #[test]
    fn what_was_called_unsent_does_not_leave() {
        let (mut body, progress) = body();
        let error = no_response(&progress, true, false);
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(asked(&mut body).unwrap().is_err());
    }
}
