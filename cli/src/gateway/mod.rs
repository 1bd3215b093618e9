//! A gateway: plain, unsigned JSON in, signed and encrypted calls out, plain JSON back.
//!
//! Whatever is posted to a path of the API, one that the description does not know included, goes to
//! the platform with headers, signature and encryption, and its response comes back decrypted, with
//! the platform's status. `openapi/konaplate-gateway.yaml` describes it for generators. What goes
//! wrong on the way is a problem document (RFC 9457) that says whether the call may have been
//! carried out: see [`problem`].
//!
//! Nothing is sent twice. Nothing of a body is logged. Only this machine is served: there is no TLS
//! and no token yet.

mod call;
mod host;
pub mod problem;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use konaplate::Client;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// The largest body of a request, in bytes.
const BODY: usize = 1024 * 1024;

/// How long the head of a request may take, and its body as long again.
const READ: Duration = Duration::from_secs(60);

/// Calls under way at once. More wait.
const CALLS: usize = 512;

/// How long calls may go on when the gateway stops: longer than a call's default time limit.
const STOP: Duration = Duration::from_secs(40);

/// A gateway that listens.
#[derive(Debug)]
pub struct Gateway {
    listener: std::net::TcpListener,
    address: SocketAddr,
    client: Client,
    handle: Handle<SocketAddr>,
}

/// Ends a gateway from elsewhere.
#[derive(Debug, Clone)]
pub struct Stop(Handle<SocketAddr>);

impl Gateway {
    /// Listens on a loopback address; port 0 is any free one. Its calls are made with this client.
    ///
    /// # Errors
    /// The address is another machine's to reach, or cannot be listened on.
    pub fn listen(address: SocketAddr, client: Client) -> Result<Self> {
        ensure!(
            address.ip().is_loopback(),
            "listen: must be an address of the loopback interface, such as 127.0.0.1"
        );
        let listener = std::net::TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address}"))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            client,
            handle: Handle::new(),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, from elsewhere.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(self.handle.clone())
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn serve(self) -> Result<()> {
        let router = Router::new()
            .route("/healthz", get("ok\n"))
            .route("/{*path}", any(call::forward))
            .fallback(call::no_path)
            .layer(GlobalConcurrencyLimitLayer::new(CALLS))
            .layer(RequestBodyTimeoutLayer::new(READ))
            .layer(DefaultBodyLimit::max(BODY))
            .layer(axum::middleware::from_fn(host::check))
            .with_state(Arc::new(self.client));
        let mut server = axum_server::from_tcp(self.listener)?.handle(self.handle);
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(READ);
        server.serve(router.into_make_service()).await?;
        Ok(())
    }
}

impl Stop {
    /// Accepts nothing more, and ends when the calls under way have ended: after 40 s at the latest.
    pub fn gracefully(&self) {
        self.0.graceful_shutdown(Some(STOP));
    }
}
