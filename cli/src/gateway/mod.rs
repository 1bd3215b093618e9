//! A gateway: plain, unsigned JSON in, signed and encrypted calls out, plain JSON back.
//!
//! Whatever is posted to a path of the API, one that the description does not know included, goes to
//! the platform with headers, signature and encryption, and its response comes back decrypted, with
//! the platform's status. `openapi/konaplate-gateway.yaml` describes it for generators. What goes
//! wrong on the way is a problem document (RFC 9457) that says whether the call may have been
//! carried out: see [`problem`].
//!
//! With a journal, `GET /outcomes/<sequenceId>` says what became of a call that moves money.
//!
//! Nothing is sent twice. Nothing of a body is logged. It keeps nothing but what its journal has:
//! several of them can stand behind a load balancer.

mod call;
mod concluded;
mod connection;
mod host;
mod observe;
mod outcomes;
pub mod problem;
pub mod program;
mod settings;
mod tls;
mod token;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Request};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;
use hyper_util::rt::TokioTimer;
use konaplate::Client;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::metrics::InFlightRequestsLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;

use self::call::Calls;
use self::connection::Bounded;
use self::host::Hosts;
use self::outcomes::Outcomes;
use self::problem::Refused;

pub use self::observe::{describe, recorder};
pub use self::settings::{Limits, Settings};
pub use self::tls::Tls;
pub use self::token::Tokens;

/// A gateway that listens.
#[derive(Debug)]
pub struct Gateway {
    listener: std::net::TcpListener,
    address: SocketAddr,
    client: Client,
    settings: Settings,
    handle: Handle<SocketAddr>,
}

/// Ends a gateway from elsewhere.
#[derive(Debug, Clone)]
pub struct Stop {
    handle: Handle<SocketAddr>,
    patience: Duration,
}

impl Gateway {
    /// Listens. Calls are made with this client.
    ///
    /// # Errors
    /// The settings would let anybody in, or the address cannot be listened on.
    pub fn listen(settings: Settings, client: Client) -> Result<Self> {
        settings.check()?;
        let address = settings.listen;
        let listener = std::net::TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address}"))?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            client,
            settings,
            handle: Handle::new(),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, by the address that it listens on.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.settings.tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Ends it, from elsewhere.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop {
            handle: self.handle.clone(),
            patience: self.settings.limits.stop,
        }
    }

    /// Serves until it is stopped, and the calls under way have ended.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn serve(self) -> Result<()> {
        let limits = self.settings.limits;
        let under_way = TaskTracker::new();
        let service = self.router(under_way.clone()).into_make_service();
        let mut server = axum_server::from_tcp(self.listener)?
            .handle(self.handle)
            .http1_only();
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.read)
            .max_buf_size(limits.head);
        let bounded = Bounded::new(limits.connections, limits.write);
        match self.settings.tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls.0).handshake_timeout(limits.handshake);
                let acceptor = acceptor.acceptor(bounded);
                server.acceptor(acceptor).serve(service).await?;
            }
            None => server.acceptor(bounded).serve(service).await?,
        }
        // Calls whose callers have left.
        under_way.close();
        let ended = tokio::time::timeout(limits.stop, under_way.wait()).await;
        if ended.is_err() {
            tracing::warn!(
                calls = under_way.len(),
                "calls were still under way at the end"
            );
        }
        Ok(())
    }

    fn router(&self, under_way: TaskTracker) -> Router {
        let settings = &self.settings;
        let calls = Calls {
            client: Arc::new(self.client.clone().into()),
            validates: settings.validates,
            to_its_sandbox: settings.to_its_sandbox,
            limits: settings.limits,
            room: Semaphore::new(settings.limits.calls),
            under_way,
        };
        let (in_flight, requests) = InFlightRequestsLayer::pair();
        let mut router = Router::new();
        if let Some(metrics) = settings.metrics.clone() {
            let shown = move || async move { observe::rendered(&metrics, requests.get()) };
            router = router.route("/metrics", get(shown));
        }
        if let Some(journal) = settings.journal.clone() {
            let project = self.client.project();
            let outcomes = Outcomes { journal, project };
            router = router.route(outcomes::PATH, outcomes.route());
        }
        let hosts = Hosts::new(&settings.hosts, settings.listen);
        let tokens = settings.tokens.clone();
        let admitted = move |headers: &HeaderMap| {
            hosts.check(headers)?;
            tokens
                .as_ref()
                .map_or(Ok(()), |tokens| tokens.check(headers))
        };
        #[expect(clippy::result_large_err, reason = "tower-http wants a response")]
        let admits = move |request: &mut Request<Body>| {
            let refused = |problem: Refused| problem.into_response();
            admitted(request.headers()).map_err(refused)
        };
        router
            // Any path: what the description does not know goes out, too.
            .fallback(call::forward)
            .with_state(Arc::new(calls))
            .layer((
                ValidateRequestHeaderLayer::custom(admits),
                DefaultBodyLimit::max(settings.limits.body),
            ))
            // Whoever looks after the gateway may not know its name, and has no token.
            .route("/healthz", get("ok\n"))
            .layer((
                in_flight,
                observe::trace(),
                CatchPanicLayer::custom(|_| call::panicked()),
            ))
    }
}

/// The gateway of a sandbox in the sandbox's own process, for its pages: takes calls at any path, and sends
/// them with the client once there is one. Who may call is for the sandbox to check.
pub fn of_sandbox(client: Arc<OnceLock<Client>>) -> Router {
    let limits = Limits::default();
    let calls = Calls {
        client,
        validates: true,
        to_its_sandbox: true,
        limits,
        room: Semaphore::new(limits.calls),
        under_way: TaskTracker::new(),
    };
    Router::new()
        .fallback(call::forward)
        .with_state(Arc::new(calls))
        .layer((
            observe::trace(),
            CatchPanicLayer::custom(|_| call::panicked()),
            DefaultBodyLimit::max(limits.body),
        ))
}

impl Stop {
    /// Accepts nothing more, and ends when the calls under way have ended: after
    /// [`Limits::stop`] at the latest.
    pub fn gracefully(&self) {
        self.handle.graceful_shutdown(Some(self.patience));
    }
}
