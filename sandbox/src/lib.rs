#![doc = include_str!("../README.md")]

mod check;
mod clock;
mod contract;
mod control;
mod faults;
pub mod fixtures;
mod groups;
mod ledger;
mod requests;
mod server;
mod window;
mod wire;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use konaplate::signing::MessageForm;
use konaplate::{Client, ClientBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_service::Service as _;

pub use crate::faults::{Fault, HtmlStatus, Problem};
pub use crate::groups::STATEFUL;
pub use crate::requests::LoggedRequest;

use crate::clock::Clock;
use crate::ledger::Account;
use crate::server::Platform;
use crate::wire::{Connection, Door};

/// A sandbox that runs. It stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = konaplate_sandbox::Sandbox::start().await?;
/// let client = sandbox.client();
/// let token = client
///     .issue_one_time_token()
///     .card_no("9491339401250765")
///     .send()
///     .await?;
/// assert_eq!(token.one_time_token.reveal().len(), 16);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    platform: Arc<Platform>,
    calls: Router,
    address: SocketAddr,
    /// Dropped with the sandbox, which tells the server to stop.
    _stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of the loopback interface.
    ///
    /// # Errors
    /// No port could be opened.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Starts a sandbox that is not quite the usual one.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 0,
            form: MessageForm::default(),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL for clients.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.platform.base_url
    }

    /// A client for this sandbox, with its keys and its clock.
    ///
    /// # Panics
    /// Never: the sandbox's own keys are good.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_builder()
            .build()
            .expect("the sandbox's own settings are good")
    }

    /// The same, to be changed before it is built.
    pub fn client_builder(&self) -> ClientBuilder {
        let clock = self.platform.clock.clone();
        Client::builder()
            .base_url(self.base_url())
            .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, fixtures::SECRET_KEY)
            .crypto_key(
                fixtures::CRYPTO_KEY_ID,
                fixtures::SERVER_PUBLIC_KEY,
                fixtures::CLIENT_PRIVATE_KEY,
            )
            // A proxy of the environment has no business with the loopback interface.
            .http(reqwest::Client::builder().no_proxy())
            .clock(move || clock.now())
    }

    /// The seven variables that [`Client::from_env`] and the clients of other languages read.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 7] {
        let pem = |key: &str| key.trim_end().replace('\n', "\\n");
        [
            ("KONAPLATE_BASE_URL", self.base_url().to_owned()),
            ("KONAPLATE_ASP_ID", fixtures::ASP_ID.to_owned()),
            ("KONAPLATE_ACCESS_KEY", fixtures::ACCESS_KEY.to_owned()),
            ("KONAPLATE_SECRET_KEY", fixtures::SECRET_KEY.to_owned()),
            (
                "KONAPLATE_CRYPTO_KEY_ID",
                fixtures::CRYPTO_KEY_ID.to_owned(),
            ),
            (
                "KONAPLATE_SERVER_PUBLIC_KEY",
                pem(fixtures::SERVER_PUBLIC_KEY),
            ),
            (
                "KONAPLATE_CLIENT_PRIVATE_KEY",
                pem(fixtures::CLIENT_PRIVATE_KEY),
            ),
        ]
    }

    /// Moves the sandbox's clock ahead; its own clients follow. What is due by then happens: pending
    /// recharges settle, monthly auto recharges are made, tokens expire, windows close.
    pub fn advance_clock(&self, by: Duration) {
        self.platform.advance_clock(by);
    }

    /// Stops the sandbox's clock at a time; its own clients follow. What is due by then happens.
    pub fn stop_clock_at(&self, time: SystemTime) {
        self.platform.stop_clock_at(time);
    }

    /// Gives the next call this fault. Several wait in a line, a call each. Requests to
    /// `/__sandbox/` are no calls.
    ///
    /// # Errors
    /// A number of the fault is out of range.
    pub fn fault_next(&self, fault: Fault) -> Result<(), Problem> {
        self.platform.faults().add_next(fault)
    }

    /// Gives every call of an operation this fault, by the operation's id.
    ///
    /// # Errors
    /// There is no such operation, or a number of the fault is out of range.
    pub fn fault_operation(&self, operation: &str, fault: Fault) -> Result<(), Problem> {
        self.platform.fault_operation(operation, fault)
    }

    /// Gives calls one of these faults at random: `rate` of them, from 0 to 1. The same seed and the
    /// same calls, one after the other, give the same faults.
    ///
    /// A call that has a fault by [`fault_next`](Self::fault_next) or
    /// [`fault_operation`](Self::fault_operation), or by its header `X-Sandbox-Fault`, gets that
    /// one; the header comes first.
    ///
    /// # Errors
    /// The rate is not from 0 to 1, there are no kinds, or a number of one is out of range.
    pub fn fault_rate(
        &self,
        rate: f64,
        seed: u64,
        kinds: impl IntoIterator<Item = Fault>,
    ) -> Result<(), Problem> {
        let kinds = kinds.into_iter().collect();
        self.platform.faults().set_rate(rate, seed, kinds)
    }

    /// No call gets a fault any more, but those that bring one in their header.
    pub fn clear_faults(&self) {
        self.platform.faults().clear();
    }

    /// Answers the next call of an operation with this status, from 200 to 599, and this plaintext,
    /// after all checks but those of the fields and without any effect. Several wait in a line, a
    /// call each. It is encrypted where the operation's answer is.
    ///
    /// # Errors
    /// There is no such operation, the status is out of range, or the answer is no JSON object.
    pub fn script_answer(
        &self,
        operation: &str,
        status: u16,
        answer: Value,
    ) -> Result<(), Problem> {
        self.platform
            .script_answer(operation, status, answer)
            .map(drop)
    }

    /// Answers a request without a network, with all checks and effects, as one from this machine.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = konaplate_sandbox::Sandbox::start().await?;
    /// let request = http::Request::post("/api/v1/user/info").body(b"{}".to_vec())?;
    /// assert_eq!(sandbox.answer(request).await.status(), 400); // it is not signed
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What a [`Fault`] does to a connection it cannot do here: where bytes would be cut or doubled,
    /// or the connection closed, the answer is an empty one.
    pub async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut request = request.map(Body::from);
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        request
            .extensions_mut()
            .insert(ConnectInfo(Connection::new(peer)));
        // A router is always ready, and has an answer to everything.
        let (parts, body) = match self.calls.clone().call(request).await {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let body = axum::body::to_bytes(body, usize::MAX).await;
        Response::from_parts(parts, body.map(Vec::from).unwrap_or_default())
    }

    /// What came in, oldest first: the last 10,000 requests to operations.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.platform.requests()
    }

    /// Makes everything as it was at the start: state, clock, faults, scripted answers, the log, and
    /// the correlation ids that were seen. The address stays.
    pub fn reset(&self) {
        self.platform.reset();
    }

    /// Balance of the card with that PAR, in KRW; none where there is no such card.
    #[must_use]
    pub fn card_balance(&self, par: &str) -> Option<u64> {
        let world = self.platform.settled();
        world.card_by_par(par).map(|card| world.balance(card))
    }

    /// Balance of the bank account that a member registered, in KRW; none where there is none.
    #[must_use]
    pub fn bank_balance(&self, user_id: u64) -> Option<u64> {
        let world = self.platform.settled();
        let bank = world.bank_of(user_id)?;
        Some(world.ledger.balance(Account::Bank(bank)))
    }

    /// How many postings the ledger has: each is money that moved, as a whole.
    #[must_use]
    pub fn postings(&self) -> usize {
        self.platform.settled().ledger.count()
    }

    /// What all accounts of the ledger hold together, in KRW: always the same. The world outside,
    /// which the fixtures' money came from, owes what the others have.
    #[must_use]
    pub fn ledger_total(&self) -> i64 {
        self.platform.settled().ledger.total()
    }
}

/// A sandbox to be started.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start`"]
pub struct SandboxBuilder {
    listen: SocketAddr,
    seed: u64,
    form: MessageForm,
}

impl SandboxBuilder {
    /// Where to listen; a free port of the loopback interface without this.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Seed of the tokens that are issued: the same seed and calls give the same tokens.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What of a body the sandbox expects to be signed; its bytes without this.
    pub fn message_form(mut self, form: MessageForm) -> Self {
        self.form = form;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The port could not be opened.
    pub async fn start(self) -> Result<Sandbox> {
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let address = listener.local_addr()?;
        // Every interface is no address to connect to.
        let host = match address.ip() {
            ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            ip => ip,
        };
        let platform = Arc::new(Platform::new(
            format!("http://{}", SocketAddr::new(host, address.port())),
            Clock::default(),
            self.seed,
            self.form,
        )?);
        let (stop, stopped) = oneshot::channel::<()>();
        let calls = server::router(Arc::clone(&platform));
        let service = calls
            .clone()
            .into_make_service_with_connect_info::<Connection>();
        let door = Door {
            listener,
            platform: Arc::clone(&platform),
        };
        tokio::spawn(async move {
            let server = axum::serve(door, service).with_graceful_shutdown(async move {
                // An error means that the sandbox was dropped, which is the signal.
                let _ = stopped.await;
            });
            if let Err(error) = server.await {
                tracing::error!(%error, "the sandbox stopped");
            }
        });
        Ok(Sandbox {
            platform,
            calls,
            address,
            _stop: stop,
        })
    }
}
