//! The connections: where a response can be cut, doubled, or never come.
//!
//! HTTP itself stays with hyper, which knows about keep-alive, limits and half-closed connections.
//! This stands below it: a stream that passes everything on, until it is told to send other bytes
//! in the place of hyper's next response. A fault is then nothing but bytes and what becomes of the
//! connection. Which bytes, and for which call, is not decided here.

use std::io::{Error, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::faults::inject::Replacement;
use crate::lock::lock;
use crate::service::Service;

/// One connection, as the calls on it see it.
#[derive(Debug, Clone)]
pub(crate) struct Connection(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    peer: SocketAddr,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    mode: Mode,
    /// Bytes of ours that go out before anything else, and how many of them have.
    pending: Vec<u8>,
    sent: usize,
    before_next: Vec<u8>,
}

#[derive(Debug, Default)]
enum Mode {
    #[default]
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
            state: Mutex::default(),
        }))
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

impl Connected<IncomingStream<'_, Connections>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().connection.clone()
    }
}

/// Accepts connections, or closes them at once where they are to be refused.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) listener: TcpListener,
    pub(crate) service: Arc<Service>,
}

impl Listener for Connections {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            // axum's own: it waits a little where no more files can be opened.
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            if self.service.refuses_connection() {
                continue;
            }
            // Two writes may make a response here, and the second must not wait for the first.
            let _ = stream.set_nodelay(true);
            let connection = Connection::new(peer);
            return (Wire { stream, connection }, peer);
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// The stream that hyper reads and writes.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    connection: Connection,
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

    /// Whether what hyper writes now is to be dropped. Otherwise nothing is pending afterwards.
    fn poll_drops(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<bool, Error>> {
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
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let Self { stream, connection } = self.get_mut();
        if ready!(connection.state().poll_drops(stream, cx))? {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let Self { stream, connection } = self.get_mut();
        if ready!(connection.state().poll_drops(stream, cx))? {
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        Pin::new(stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Self { stream, connection } = self.get_mut();
        let mut state = connection.state();
        // hyper flushes when it has written a response; what it flushes before that is not ours.
        if let Mode::Replace {
            replacement,
            dropped: true,
        } = &mut state.mode
        {
            let Replacement {
                bytes,
                before_next,
                close,
            } = std::mem::take(replacement);
            let earlier = std::mem::replace(&mut state.before_next, before_next);
            state.pending.extend(earlier);
            state.pending.extend(bytes);
            state.mode = if close { Mode::Closing } else { Mode::Pass };
        }
        ready!(state.poll_pending(stream, cx))?;
        ready!(Pin::new(&mut *stream).poll_flush(cx))?;
        if matches!(state.mode, Mode::Closing) {
            ready!(Pin::new(stream).poll_shutdown(cx))?;
            state.mode = Mode::Closed;
        }
        if matches!(state.mode, Mode::Closed) {
            // hyper drops the connection for an error.
            return Poll::Ready(Err(gone()));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Self { stream, connection } = self.get_mut();
        ready!(connection.state().poll_pending(stream, cx))?;
        Pin::new(stream).poll_shutdown(cx)
    }
}
