#![doc = include_str!("../README.md")]

mod answer;
mod callbacks;
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
mod snapshot;
mod storage;
mod view;
mod window;
mod wire;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use konaplate::callback::{CallbackReceiver, CallbackReceiverBuilder};
use konaplate::signing::MessageForm;
use konaplate::{Client, ClientBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_service::Service as _;

pub use crate::callbacks::{CallbackState, LoggedCallback};
pub use crate::faults::{Fault, HtmlStatus, Problem};
pub use crate::groups::STATEFUL;
pub use crate::requests::LoggedRequest;
pub use crate::snapshot::Snapshot;
pub use crate::view::{AccountView, LedgerView, LegView, PostingView};

use crate::callbacks::{Running, Which};
use crate::ledger::Account;
use crate::server::Platform;
use crate::wire::{Connection, Door};
use crate::world::WindowState;

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
    _callbacks: Running,
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
            data: None,
            callbacks: None,
            encrypt_callbacks: false,
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

    /// Sends callbacks to this address from now on: what happens to cards and members is told by a
    /// POST, signed as `konaplate::callback` expects it, and by the sandbox's clock. What they tell,
    /// and what of it is assumed, is in `sandbox/RULES.md`.
    ///
    /// One that is not acknowledged (status 200 and the code `000_000`, within 10 s) is sent again
    /// after 1 s, 5 s, 30 s, 2 min and 10 min of the system's time, and then given up.
    ///
    /// # Errors
    /// It is no `http` URL, or one of another machine: callbacks go to 127.0.0.1, ::1 or localhost.
    pub fn send_callbacks_to(&self, url: &str) -> Result<(), Problem> {
        self.platform.send_callbacks_to(url, false)
    }

    /// The same, encrypted for the client's crypto key.
    ///
    /// # Errors
    /// As [`send_callbacks_to`](Self::send_callbacks_to).
    pub fn send_encrypted_callbacks_to(&self, url: &str) -> Result<(), Problem> {
        self.platform.send_callbacks_to(url, true)
    }

    /// Sends no callbacks from now on, and forgets the address. Those that wait go on to wait for
    /// another one.
    pub fn stop_callbacks(&self) {
        self.platform.stop_callbacks();
    }

    /// Tries all callbacks that wait, once and now, and returns when that is done. A test need not
    /// wait for the attempts that come by themselves.
    pub async fn deliver_callbacks(&self) {
        self.platform.deliver_callbacks(Which::All).await;
    }

    /// The callbacks that wait (10,000 at most), and the last 1,000 that were delivered or given up;
    /// the oldest first.
    #[must_use]
    pub fn callbacks(&self) -> Vec<LoggedCallback> {
        self.platform.callbacks()
    }

    /// A receiver of this sandbox's callbacks, with its keys and its clock, to be changed before it
    /// is built.
    pub fn callback_receiver(&self) -> CallbackReceiverBuilder {
        let clock = self.platform.clock.clone();
        CallbackReceiver::builder()
            .secret_key(fixtures::SECRET_KEY)
            .asp_id(fixtures::ASP_ID)
            .crypto_key(fixtures::CRYPTO_KEY_ID, fixtures::CLIENT_PRIVATE_KEY)
            .clock(move || clock.now())
    }

    /// Decides an open payment window, by its `redirectUrl`, as the member does on its page. Returns
    /// whether what it was for was done: not where it was declined, and not where the card could not
    /// take the money any more.
    ///
    /// # Errors
    /// There is no such window, or it is not open any more.
    pub fn decide_window(&self, redirect_url: &str, approve: bool) -> Result<bool, Problem> {
        self.platform
            .decide_window_at(redirect_url, approve)
            .map(|state| state == WindowState::Approved)
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

    /// Refuses a gift that waits, by its `transferId`, as the receiver does: the card is the sender's
    /// again, with the money on it. No operation for that is known, only its title.
    ///
    /// # Errors
    /// There is no such gift, or it was accepted or refused before.
    pub fn refuse_gift(&self, transfer_id: &str) -> Result<(), Problem> {
        self.platform.refuse_gift(transfer_id)
    }

    /// What came in, oldest first: the last 10,000 requests to operations.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.platform.requests()
    }

    /// Makes everything as it was at the start: state, clock, faults, scripted answers, the log,
    /// callbacks and their address, and the correlation ids that were seen. The sandbox's own address
    /// stays.
    pub fn reset(&self) {
        if self.platform.reset().is_err() {
            tracing::error!("not reset: the file does not take the state");
        }
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

    /// Points of a member that are not reserved, without those of cards.
    #[must_use]
    pub fn point_balance(&self, user_id: u64) -> u64 {
        let world = self.platform.settled();
        world.ledger.balance(Account::Points(user_id))
    }

    /// How many postings the ledger has: each is money that moved, as a whole.
    #[must_use]
    pub fn postings(&self) -> usize {
        self.platform.settled().ledger.count()
    }

    /// Who holds what, and every posting with the call that caused it. It holds PARs, which its `Debug`
    /// does not show.
    #[must_use]
    pub fn ledger(&self) -> LedgerView {
        LedgerView::of(&self.platform.settled(), 0..usize::MAX)
    }

    /// The state and the clock as they are now, to be loaded again into this sandbox or another one.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.platform.snapshot()
    }

    /// Makes state and clock what they were when the snapshot was taken. Faults, scripted answers and
    /// the log of requests stay.
    ///
    /// # Errors
    /// The snapshot is of another format or not of one piece, or could not be stored. Nothing was
    /// changed then.
    pub fn load(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        self.platform.load(snapshot)
    }

    /// What all accounts of the ledger hold together, in KRW: always the same. The world outside,
    /// which the fixtures' money came from, owes what the others have.
    #[must_use]
    pub fn ledger_total(&self) -> i64 {
        self.platform.settled().ledger.total()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.platform.close();
    }
}

/// A sandbox to be started.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start`"]
pub struct SandboxBuilder {
    listen: SocketAddr,
    seed: u64,
    form: MessageForm,
    data: Option<PathBuf>,
    callbacks: Option<String>,
    encrypt_callbacks: bool,
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

    /// Keeps state and clock in this SQLite file, which is made if it is not there: a sandbox that is
    /// started with it goes on where the last one was, however that ended. What a call changed is in
    /// the file, as a whole, before the call is answered. In memory without this.
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Sends callbacks to this address: see [`Sandbox::send_callbacks_to`].
    pub fn callbacks(mut self, url: impl Into<String>) -> Self {
        self.callbacks = Some(url.into());
        self
    }

    /// Encrypts the callbacks for the client's crypto key; they are plain without this.
    pub fn encrypt_callbacks(mut self, encrypt: bool) -> Self {
        self.encrypt_callbacks = encrypt;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The port could not be opened; callbacks cannot go to their address; the file could not be
    /// opened, is another program's, is used by another sandbox, or is of another format.
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
            self.seed,
            self.form,
            self.data.as_deref(),
            self.callbacks
                .as_deref()
                .map(|url| (url, self.encrypt_callbacks)),
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
            _callbacks: Running::start(Arc::clone(&platform)),
            platform,
            calls,
            address,
            _stop: stop,
        })
    }
}
