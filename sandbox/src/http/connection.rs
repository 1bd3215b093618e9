//! The connections: where a response can be cut, doubled, or never come.
//!
//! HTTP itself stays with hyper, which knows about keep-alive, limits and half-closed connections.
//! This stands below it: a stream that passes everything on, until it is told to send other bytes
//! in the place of hyper's next response. A fault is then nothing but bytes and what becomes of the
//! connection. Which bytes, and for which call, is not decided here.
//!
//! It also keeps back what hyper says by itself to bytes that are no request, since that is no
//! envelope, and knows whose turn it is and since when.

use std::io::{Error, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::limits::{LINGER, WRITE};
use crate::faults::inject::Replacement;
use crate::lock::lock;

/// One connection, as the calls on it see it.
#[derive(Debug, Clone)]
pub(crate) struct Connection(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    peer: SocketAddr,
    make_way: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    turn: Turn,
    /// When bytes came or went last.
    heard: Instant,
    /// Whether a response came before the end of its request.
    left_unread: bool,
    /// Status of what hyper said by itself, which was kept back.
    kept_back: Option<StatusCode>,
    /// Bytes of ours that go out before anything else, and how many of them have.
    pending: Vec<u8>,
    sent: usize,
    before_next: Vec<u8>,
}

/// What is to come next on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The head of a request.
    Head,
    /// Its body.
    Body,
    /// The call is carried out.
    Call,
    /// Its response.
    Response,
}

#[derive(Debug)]
enum Mode {
    Pass,
    /// What hyper writes is dropped, up to its next flush; these bytes go out then.
    Replace {
        replacement: Replacement,
        dropped: bool,
    },
    /// The replacement is on its way, and then the connection ends.
    Closing,
    Closed,
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr) -> Self {
        Self(Arc::new(Shared {
            peer,
            make_way: Notify::new(),
            state: Mutex::new(State {
                mode: Mode::Pass,
                turn: Turn::Head,
                heard: Instant::now(),
                left_unread: false,
                kept_back: None,
                pending: Vec::new(),
                sent: 0,
                before_next: Vec::new(),
            }),
        }))
    }

    /// Whether both are the same connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A request's head has come.
    pub(super) fn called(&self) {
        self.state().turn = Turn::Body;
    }

    /// The request has come as a whole.
    pub(super) fn has_body(&self) {
        self.state().turn = Turn::Call;
    }

    /// The response goes out from now on.
    pub(super) fn responds(&self) {
        let mut state = self.state();
        state.left_unread |= state.turn == Turn::Body;
        state.turn = Turn::Response;
        // While the call was carried out, nobody waited for the peer.
        state.heard = Instant::now();
    }

    /// Bytes came or went.
    pub(super) fn heard(&self) {
        self.state().heard = Instant::now();
    }

    /// Since when the peer is waited for: it has to send something, or to take something.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.turn != Turn::Call).then_some(state.heard)
    }

    /// Closes the connection for the sake of another one.
    pub(super) fn make_way(&self) {
        self.0.make_way.notify_one();
    }

    pub(super) async fn asked_to_make_way(&self) {
        self.0.make_way.notified().await;
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// Sends something else in the place of the response that is returned next. To be called right
    /// before returning it.
    pub(crate) fn replace_response(&self, replacement: Replacement) {
        self.state().mode = Mode::Replace {
            replacement,
            dropped: false,
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

/// The stream that hyper reads and writes.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    connection: Connection,
    /// Ends when the peer has taken nothing for too long. Set while it takes nothing.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, connection: Connection) -> Self {
        Self {
            stream,
            connection,
            stuck: None,
        }
    }

    /// Sends these bytes, the last ones, when hyper is done with the connection.
    pub(super) async fn send_last(&mut self, bytes: &[u8]) {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.shutdown().await
        };
        // Who does not take them goes without.
        let _ = timeout(WRITE, sent).await;
        self.connection.state().left_unread = true;
    }

    /// Takes what still comes of a request that was responded to before its end: a connection that is
    /// closed with something unread is reset, and the response may be lost with it.
    pub(super) async fn linger(&mut self) {
        if !self.connection.state().left_unread {
            return;
        }
        let mut nothing = [0; 8 * 1024];
        let rest = async { while self.stream.read(&mut nothing).await.is_ok_and(|n| n > 0) {} };
        let _ = timeout(LINGER, rest).await;
    }

    /// Status of what hyper said by itself, if it did.
    pub(super) fn kept_back(&self) -> Option<StatusCode> {
        self.connection.state().kept_back
    }

    /// Notes that bytes went, or how long they have not: it fails where the peer has taken nothing
    /// for too long.
    fn poll_written<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        let written = ready!(self.unless_stuck(cx, written));
        self.stuck = None;
        self.connection.heard();
        Poll::Ready(written)
    }

    /// The same, of what has to be done before a write.
    fn unless_stuck<T>(
        &mut self,
        cx: &mut Context<'_>,
        done: Poll<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        if done.is_ready() {
            return done;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(WRITE)));
        ready!(stuck.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

/// The status of a response that begins with these bytes.
fn status_of(bytes: &[u8]) -> Option<StatusCode> {
    let version = bytes.get(..9)?;
    let is_http = version == b"HTTP/1.1 " || version == b"HTTP/1.0 ";
    StatusCode::from_bytes(bytes.get(9..12)?)
        .ok()
        .filter(|_| is_http)
}

impl State {
    /// Sends what is pending.
    fn poll_pending(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        while self.sent < self.pending.len() {
            let rest = &self.pending[self.sent..];
            match ready!(Pin::new(&mut *stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                sent => self.sent += sent,
            }
        }
        self.pending.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Whether what hyper writes now, beginning with these bytes, is to be dropped. Otherwise nothing
    /// is pending afterwards.
    fn poll_drops(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<bool, Error>> {
        // Nobody was called who could have said this: it is hyper's own.
        if self.turn == Turn::Head && self.kept_back.is_none() {
            self.kept_back = status_of(bytes);
        }
        if self.kept_back.is_some() {
            return Poll::Ready(Ok(true));
        }
        match &mut self.mode {
            Mode::Replace { dropped, .. } => {
                *dropped = true;
                return Poll::Ready(Ok(true));
            }
            Mode::Closing | Mode::Closed => return Poll::Ready(Err(gone())),
            Mode::Pass => {}
        }
        if !self.before_next.is_empty() {
            let before = std::mem::take(&mut self.before_next);
            self.pending.extend(before);
        }
        ready!(self.poll_pending(stream, cx))?;
        Poll::Ready(Ok(false))
    }

    fn poll_flush(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        // hyper flushes when it has written a response; what it flushes before that is not ours.
        if let Mode::Replace {
            replacement,
            dropped: true,
        } = &mut self.mode
        {
            let Replacement {
                bytes,
                before_next,
                close,
            } = std::mem::take(replacement);
            let earlier = std::mem::replace(&mut self.before_next, before_next);
            self.pending.extend(earlier);
            self.pending.extend(bytes);
            self.mode = if close { Mode::Closing } else { Mode::Pass };
        }
        ready!(self.poll_pending(stream, cx))?;
        ready!(Pin::new(&mut *stream).poll_flush(cx))?;
        if matches!(self.mode, Mode::Closing) {
            ready!(Pin::new(stream).poll_shutdown(cx))?;
            self.mode = Mode::Closed;
        }
        if matches!(self.mode, Mode::Closed) {
            // hyper drops the connection for an error.
            return Poll::Ready(Err(gone()));
        }
        if self.turn == Turn::Response {
            self.turn = Turn::Head;
        }
        Poll::Ready(Ok(()))
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "closed by a fault on demand")
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        let Self {
            stream, connection, ..
        } = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            connection.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let this = self.get_mut();
        let drops = this
            .connection
            .state()
            .poll_drops(&mut this.stream, cx, bytes);
        if ready!(this.unless_stuck(cx, drops))? {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.poll_written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let this = self.get_mut();
        let first = parts.iter().find(|part| !part.is_empty());
        let drops = this.connection.state().poll_drops(
            &mut this.stream,
            cx,
            first.map_or(&[][..], |part| part),
        );
        if ready!(this.unless_stuck(cx, drops))? {
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        let flushed = this.connection.state().poll_flush(&mut this.stream, cx);
        // hyper flushes at every turn, also where nothing goes: it was not heard of.
        let flushed = ready!(this.unless_stuck(cx, flushed));
        this.stuck = None;
        Poll::Ready(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        let mut state = this.connection.state();
        if state.kept_back.is_some() {
            // Something else is still to be said.
            return Poll::Ready(Ok(()));
        }
        let shut_down = match state.poll_pending(&mut this.stream, cx) {
            Poll::Ready(Ok(())) => Pin::new(&mut this.stream).poll_shutdown(cx),
            other => other,
        };
        drop(state);
        this.poll_written(cx, shut_down)
    }
}
