//! Accepts connections and has hyper speak HTTP/1.1 on each, within limits of size, time and number.
//!
//! `axum::serve` has none of them, and speaks HTTP/2 where anything in the tree turns that on.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service as _;

use super::connection::{Connection, Wire};
use super::open::{Entry, Open};
use super::{limits, unreadable};
use crate::service::Service;

/// How many connections wait to be accepted: as many as tokio lets a listener have.
pub(crate) const BACKLOG: u32 = 1024;

/// A socket that has its port and does not listen yet.
pub(crate) fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On a port that the last program left a moment ago, too. On Windows it would let two programs have
    // one port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves a router on a port.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    pub(crate) service: Arc<Service>,
}

impl Server {
    /// Serves until it is told to stop, or who would tell is gone. Calls under way may end then, for a
    /// short time.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<()>) {
        let open = Open::new(limits::CONNECTIONS);
        let mut connections = JoinSet::new();
        loop {
            let (stream, peer) = tokio::select! {
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => continue,
                // axum's own: it waits a little where no more files can be opened.
                accepted = Listener::accept(&mut self.listener) => accepted,
            };
            if self.service.refuses_connection() {
                continue;
            }
            tokio::select! {
                _ = stop.changed() => break,
                () = open.room() => {}
            }
            // Two writes may make a response here, and the second must not wait for the first.
            let _ = stream.set_nodelay(true);
            let connection = Connection::new(peer);
            let served = Served {
                _entry: open.add(connection.clone()),
                connection,
                router: self.router.clone(),
                service: Arc::clone(&self.service),
            };
            connections.spawn(served.run(stream, stop.clone()));
        }
        drop(self.listener);
        let ends = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(limits::STOP, ends).await.is_err() {
            tracing::warn!("stopped with connections still open");
        }
    }
}

/// A connection that is served.
struct Served {
    connection: Connection,
    router: Router,
    service: Arc<Service>,
    _entry: Entry,
}

impl Served {
    async fn run(self, stream: TcpStream, mut stop: watch::Receiver<()>) {
        let wire = Wire::new(stream, self.connection.clone());
        let calls = service_fn(|request| self.call(request));
        let mut http = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits::READ)
            .max_header_size(limits::HEAD)
            .max_headers(limits::HEADERS)
            // Who has sent all that it has to say may still read.
            .half_close(true)
            .serve_connection(TokioIo::new(wire), calls);
        let mut stops = false;
        let result = loop {
            tokio::select! {
                result = &mut http => break result,
                () = self.connection.asked_to_make_way() => return,
                _ = stop.changed(), if !stops => {
                    stops = true;
                    std::pin::Pin::new(&mut http).graceful_shutdown();
                }
            }
        };
        let parts = http.into_parts();
        let mut wire = parts.io.into_inner();
        let refusal = result
            .err()
            .and_then(|error| unreadable::refusal(&error, wire.kept_back(), &parts.read_buf));
        let ends = async {
            if let Some(refusal) = refusal {
                wire.send_last(&refusal.bytes(&self.service)).await;
            }
            wire.linger().await;
        };
        tokio::select! {
            () = self.connection.asked_to_make_way() => {}
            () = ends => {}
        }
    }

    fn call(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<axum::response::Response, std::convert::Infallible>> + use<>
    {
        let connection = self.connection.clone();
        let mut router = self.router.clone();
        connection.called();
        async move {
            let mut request = request.map(Body::new);
            request
                .extensions_mut()
                .insert(ConnectInfo(connection.clone()));
            // A router is always ready.
            let response = router.call(request).await;
            connection.responds();
            response
        }
    }
}
