#![doc = include_str!("../README.md")]

mod contract;
mod deviations;
mod dispatcher;
mod faults;
mod fields;
pub mod fixtures;
mod http;
mod lock;
mod log;
mod media_type;
mod operations;
mod platform;
mod private_file;
mod problem;
mod render;
mod scripts;
mod service;
mod state;
pub mod trace;
mod variables;
mod verify;
mod view;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use konaplate::callback::{CallbackReceiver, CallbackReceiverBuilder};
use konaplate::protocol::MessageForm;
use konaplate::{Client, ClientBuilder, CorrelationId};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_service::Service as _;

pub use crate::contract::{RequestFault, fault_of_request, faults_of_request};
pub use crate::deviations::{Deviations, OnWrong, ResponseIds, UnknownFields, UnknownResponses};
pub use crate::dispatcher::{CallbackState, LoggedCallback};
pub use crate::faults::{Fault, FaultPlan, GatewayStatus, HtmlStatus};
pub use crate::log::LoggedRequest;
pub use crate::operations::STATEFUL;
pub use crate::platform::snapshot::Snapshot;
pub use crate::problem::Problem;
pub use crate::trace::Trace;
pub use crate::view::{AccountView, LedgerView, LegView, PostingView};

use crate::dispatcher::{Running, Which};
use crate::http::connection::Connection;
use crate::http::server::{BACKLOG, Server, bound};
use crate::platform::Platform;
use crate::service::Service;
use crate::state::WindowState;
use crate::state::ledger::Account;

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
/// assert_eq!(token.one_time_token.expose().len(), 16);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    service: Arc<Service>,
    calls: Router,
    address: SocketAddr,
    _callbacks: Running,
    server: JoinHandle<()>,
    /// Dropped with the sandbox, which tells the server to stop.
    stop: watch::Sender<()>,
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
            deviations: Deviations::default(),
            data: None,
            callbacks: None,
            encrypt_callbacks: false,
            state: None,
            faults: FaultPlan::default(),
            env_file: None,
            traces: false,
            beside: Router::new(),
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
        &self.service.platform.base_url
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
        let clock = self.service.platform.clock.clone();
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
            // Of this machine's other addresses, too: there is nothing to be read on the way.
            .allow_plain_http()
            .shows_sandbox_messages()
            .clock(move || clock.now())
    }

    /// The seven variables that [`Client::from_env`] and the clients of other languages read. Keys are
    /// base64 of their DER (SPKI and PKCS#8), so that no value has a blank, a quote or a line break.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 7] {
        variables::variables(self.base_url())
    }

    /// The [variables](Self::variables) as lines `NAME=value`, which a shell, Docker's `--env-file` and
    /// the dotenv libraries of Node, Python and Java read alike: no value needs quotes.
    #[must_use]
    pub fn shell_variables(&self) -> String {
        variables::lines(self.base_url())
    }

    /// Writes [`shell_variables`](Self::shell_variables) to a file, for its owner alone (mode 0600
    /// on Unix).
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_variables(&self, file: impl AsRef<Path>) -> std::io::Result<()> {
        variables::write(self.base_url(), file.as_ref())
    }

    /// Moves the sandbox's clock ahead; its own clients follow. What is due by then happens:
    /// pending recharges settle, monthly auto recharges are made, tokens expire, windows close.
    pub fn advance_clock(&self, by: Duration) {
        self.service.platform.advance_clock(by);
    }

    /// Stops the sandbox's clock at a time; its own clients follow. What is due by then happens.
    pub fn stop_clock_at(&self, time: SystemTime) {
        self.service.platform.stop_clock_at(time);
    }

    /// Gives the next call this fault. Several wait in a line, a call each. Requests to
    /// `/__sandbox/` are no calls.
    ///
    /// # Errors
    /// A number of the fault is out of range.
    pub fn fault_next(&self, fault: Fault) -> Result<(), Problem> {
        self.service.faults().add_next(fault)
    }

    /// Gives every call of an operation this fault, by the operation's id.
    ///
    /// # Errors
    /// There is no such operation, or a number of the fault is out of range.
    pub fn fault_operation(&self, operation: &str, fault: Fault) -> Result<(), Problem> {
        self.service.fault_operation(operation, fault)
    }

    /// Gives calls one of these faults at random: `rate` of them, from 0 to 1. The same seed and
    /// the same calls, one after the other, give the same faults.
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
        self.service.faults().set_rate(rate, seed, kinds)
    }

    /// No call gets a fault any more, but those that bring one in their header.
    pub fn clear_faults(&self) {
        self.service.faults().clear();
    }

    /// Delivers the requests that [`Fault::HoldRequest`] held, in the order in which they came, and
    /// returns how many that were. Their responses go nowhere.
    pub fn deliver_held(&self) -> usize {
        self.service.deliver_held()
    }

    /// Responds to the next call of an operation with this status, from 200 to 599, and this
    /// plaintext, after all checks but those of the fields and without any effect. Several wait in
    /// a line, a call each. It is encrypted where the operation's response is.
    ///
    /// # Errors
    /// There is no such operation, the status is out of range, or the body is no JSON object.
    pub fn script_response(
        &self,
        operation: &str,
        status: u16,
        body: Value,
    ) -> Result<(), Problem> {
        self.service
            .script_response(operation, status, body)
            .map(drop)
    }

    /// Sends callbacks to this address from now on: what happens to cards and members is told by a
    /// POST, signed as `konaplate::callback` expects it, and by the sandbox's clock. What they
    /// tell, and what of it is assumed, is in `sandbox/RULES.md`.
    ///
    /// One that is not acknowledged (status 200 and the code `000_000`, within 10 s) is sent again
    /// after 1 s, 5 s, 30 s, 2 min and 10 min of the system's time, and then given up.
    ///
    /// # Errors
    /// It is no `http` URL, or one of another machine: callbacks go to 127.0.0.1, ::1 or localhost.
    pub fn send_callbacks_to(&self, url: &str) -> Result<(), Problem> {
        self.service.dispatcher.send_to(url, false)
    }

    /// The same, encrypted for the client's crypto key.
    ///
    /// # Errors
    /// As [`send_callbacks_to`](Self::send_callbacks_to).
    pub fn send_encrypted_callbacks_to(&self, url: &str) -> Result<(), Problem> {
        self.service.dispatcher.send_to(url, true)
    }

    /// Sends no callbacks from now on, and forgets the address. Those that wait go on to wait for
    /// another one.
    pub fn stop_callbacks(&self) {
        self.service.dispatcher.stop();
    }

    /// Tries all callbacks that wait, once and now, and returns when that is done. A test need not
    /// wait for the attempts that come by themselves.
    pub async fn deliver_callbacks(&self) {
        self.service.dispatcher.deliver(Which::All).await;
    }

    /// The callbacks that wait (10,000 at most), and the last 1,000 that were delivered or given
    /// up; the oldest first.
    #[must_use]
    pub fn callbacks(&self) -> Vec<LoggedCallback> {
        self.service.dispatcher.callbacks()
    }

    /// A receiver of this sandbox's callbacks, with its keys and its clock, to be changed before it
    /// is built.
    pub fn callback_receiver(&self) -> CallbackReceiverBuilder {
        let clock = self.service.platform.clock.clone();
        CallbackReceiver::builder()
            .secret_key(fixtures::SECRET_KEY)
            .asp_id(fixtures::ASP_ID)
            .crypto_key(fixtures::CRYPTO_KEY_ID, fixtures::CLIENT_PRIVATE_KEY)
            .clock(move || clock.now())
    }

    /// Decides an open payment window, by its `redirectUrl`, as the member does on its page.
    /// Returns whether what it was for was done: not where it was declined, and not where the card
    /// could not take the money any more.
    ///
    /// # Errors
    /// There is no such window, or it is not open any more.
    pub fn decide_window(&self, redirect_url: &str, approve: bool) -> Result<bool, Problem> {
        self.service
            .platform
            .decide_window_at(redirect_url, approve)
            .map(|state| state == WindowState::Approved)
    }

    /// Stops the sandbox, and returns when that is done: no connection is accepted any more, calls
    /// that are being carried out may end within 5 seconds, and then the file is closed. Dropping it
    /// closes the file at once.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the server did not end well");
        }
    }

    /// Responds to a request without a network, with all checks and effects, as one from this
    /// machine.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = konaplate_sandbox::Sandbox::start().await?;
    /// let request = http::Request::post("/api/v1/user/info").body(b"{}".to_vec())?;
    /// assert_eq!(sandbox.respond(request).await.status(), 400); // it is not signed
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What a [`Fault`] does to a connection it cannot do here: where bytes would be cut or
    /// doubled, or the connection closed, the response is an empty one.
    pub async fn respond(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut request = request.map(Body::from);
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        request
            .extensions_mut()
            .insert(ConnectInfo(Connection::new(peer)));
        // A router is always ready, and has a response to everything.
        let (parts, body) = match self.calls.clone().call(request).await {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let body = axum::body::to_bytes(body, usize::MAX).await;
        Response::from_parts(parts, body.map(Vec::from).unwrap_or_default())
    }

    /// Refuses a gift that waits, by its `transferId`, as the receiver does: the card is the
    /// sender's again, with the money on it. No operation for that is known, only its title.
    ///
    /// # Errors
    /// There is no such gift, or it was accepted or refused before.
    pub fn refuse_gift(&self, transfer_id: &str) -> Result<(), Problem> {
        self.service.platform.refuse_gift(transfer_id)
    }

    /// What came in, oldest first: the last 10,000 requests to operations.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.service.requests()
    }

    /// What became of a call on its way through the sandbox, step by step: a [`Trace`] a delivery,
    /// oldest first. None are there without [`SandboxBuilder::traces`], and of the last 200 calls
    /// otherwise. They hold headers and bodies, which their `Debug` does not show.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use konaplate_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().traces(true).start().await?;
    /// let client = sandbox.client();
    /// let token = client.issue_one_time_token().card_no("9491339401250765").send().await?;
    ///
    /// let traces = sandbox.traces_of(token.correlation_id());
    /// let plaintext = traces[0].execute.request.as_ref().and_then(|text| text.as_str());
    /// assert_eq!(plaintext, Some(r#"{"cardNo":"9491339401250765"}"#));
    /// assert!(traces[0].verify.checks.iter().all(|check| check.passed == Some(true)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn traces_of(&self, id: CorrelationId) -> Vec<Trace> {
        self.service.traces_of(id).unwrap_or_default()
    }

    /// Makes everything as it was at the start: state, clock, faults, scripted responses, the log, traces,
    /// callbacks and their address, and the correlation ids that were seen. The sandbox's own
    /// address stays.
    pub fn reset(&self) {
        if self.service.reset().is_err() {
            tracing::error!("not reset: the file does not take the state");
        }
    }

    /// Balance of the card with that PAR, in KRW; none where there is no such card.
    #[must_use]
    pub fn card_balance(&self, par: &str) -> Option<u64> {
        let state = self.service.platform.settled();
        state.card_by_par(par).map(|card| state.balance(card))
    }

    /// Balance of the bank account that a member registered, in KRW; none where there is none.
    #[must_use]
    pub fn bank_balance(&self, user_id: u64) -> Option<u64> {
        let state = self.service.platform.settled();
        let bank = state.bank_of(user_id)?;
        Some(state.ledger.balance(Account::Bank(bank)))
    }

    /// Points of a member that are not reserved, without those of cards.
    #[must_use]
    pub fn point_balance(&self, user_id: u64) -> u64 {
        let state = self.service.platform.settled();
        state.ledger.balance(Account::Points(user_id))
    }

    /// How many postings were made since the start: each is money that moved, as a whole. The posting
    /// with what everybody holds at the start is not one of them.
    #[must_use]
    pub fn postings(&self) -> usize {
        self.service.platform.settled().ledger.count()
    }

    /// Who holds what, and every posting with the call that caused it. It holds PARs, which its
    /// `Debug` does not show.
    #[must_use]
    pub fn ledger(&self) -> LedgerView {
        LedgerView::of(&self.service.platform.settled(), 0..usize::MAX)
    }

    /// The state and the clock as they are now, to be loaded again into this sandbox or another
    /// one.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.service.platform.snapshot()
    }

    /// Makes state and clock what they were when the snapshot was taken. Faults, scripted responses
    /// and the log of requests stay.
    ///
    /// # Errors
    /// The snapshot is of another format or not of one piece, or could not be stored. Nothing was
    /// changed then.
    pub fn load(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        self.service.platform.load(snapshot)
    }

    /// What all accounts of the ledger hold together, in KRW: always the same. The world outside,
    /// which the fixtures' money came from, owes what the others have.
    #[must_use]
    pub fn ledger_total(&self) -> i64 {
        self.service.platform.settled().ledger.total()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.service.platform.close();
    }
}

/// A sandbox to be started.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start`"]
pub struct SandboxBuilder {
    listen: SocketAddr,
    seed: u64,
    form: MessageForm,
    deviations: Deviations,
    data: Option<PathBuf>,
    callbacks: Option<String>,
    encrypt_callbacks: bool,
    state: Option<Snapshot>,
    faults: FaultPlan,
    env_file: Option<PathBuf>,
    traces: bool,
    beside: Router,
}

impl SandboxBuilder {
    /// Where to listen. Default: a free port of the loopback interface.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Seed of the tokens that are issued: the same seed and calls give the same tokens.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What of a body the sandbox expects to be signed. Default: its bytes.
    pub fn message_form(mut self, form: MessageForm) -> Self {
        self.form = form;
        self
    }

    /// How it does what the vendor's pages leave open. Default: as [`Deviations::default`] has it.
    pub fn deviations(mut self, deviations: Deviations) -> Self {
        self.deviations = deviations;
        self
    }

    /// Keeps state and clock in this SQLite file, which is made if it is not there: a sandbox that
    /// is started with it goes on where the last one was, however that ended. What a call changed
    /// is in the file, as a whole, before the response. Default: in memory.
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Sends callbacks to this address: see [`Sandbox::send_callbacks_to`].
    pub fn callbacks(mut self, url: impl Into<String>) -> Self {
        self.callbacks = Some(url.into());
        self
    }

    /// Encrypts the callbacks for the client's crypto key; default: plain.
    pub fn encrypt_callbacks(mut self, encrypt: bool) -> Self {
        self.encrypt_callbacks = encrypt;
        self
    }

    /// Starts with the state and the clock of a snapshot, whatever a file of [`data`](Self::data)
    /// holds; a reset goes back to it. Default: the fixtures, and the system's time.
    pub fn state(mut self, snapshot: Snapshot) -> Self {
        self.state = Some(snapshot);
        self
    }

    /// Starts with these faults; a reset sets them again. Default: none.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// Writes the [variables](Sandbox::shell_variables) to this file, for its owner alone (mode 0600 on
    /// Unix), before the port accepts a connection: who waits for the port finds it.
    pub fn env_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.env_file = Some(file.into());
        self
    }

    /// Keeps a [`Trace`] of each of the last 200 calls, for [`Sandbox::traces_of`] and the control API:
    /// in memory, with headers and bodies as they came and went, and their plaintexts. Default: off.
    /// Nothing is copied then.
    pub fn traces(mut self, keep: bool) -> Self {
        self.traces = keep;
        self
    }

    /// Serves these routes beside the operations and the control API, on the same port: pages for people,
    /// for example. Default: none.
    ///
    /// As the control API they are for this machine only, wherever the sandbox listens: a request of
    /// another machine, one whose `Host` is neither localhost nor a loopback address, and one whose
    /// `Origin` is not the sandbox's own get 403. The body is read before the handler is called, at most
    /// 256 MiB within 120 s; a limit of the routes' own applies beside that, such as axum's of 2 MiB.
    ///
    /// What the routes do not have goes to the operations: a fallback of theirs is not used. What they do
    /// have is taken from the operations, so a route such as `/{*path}` is none for here.
    ///
    /// The address of the sandbox is known after [`start`](Self::start). Routes that need it, or a client,
    /// share a cell that is filled then; a request may come before that.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::{Arc, OnceLock};
    ///
    /// use axum::extract::State;
    /// use axum::{Router, routing::get};
    /// use konaplate_sandbox::Sandbox;
    ///
    /// let base_url = Arc::new(OnceLock::<String>::new());
    /// let page = async |State(base_url): State<Arc<OnceLock<String>>>| {
    ///     format!("The sandbox is at {}.", base_url.get().map_or("…", String::as_str))
    /// };
    /// let pages = Router::new().route("/", get(page)).with_state(Arc::clone(&base_url));
    ///
    /// let sandbox = Sandbox::builder().beside(pages).start().await?;
    /// base_url.set(sandbox.base_url().to_owned())?;
    ///
    /// let response = sandbox.respond(http::Request::get("/").body(Vec::new())?).await;
    /// let text = String::from_utf8(response.into_body())?;
    /// assert_eq!(text, format!("The sandbox is at {}.", sandbox.base_url()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// [`start`](Self::start) does, where a route has the path and the method of one of the control API's.
    pub fn beside(mut self, routes: Router) -> Self {
        self.beside = routes;
        self
    }

    /// Starts it. The port accepts connections once everything else is there.
    ///
    /// # Errors
    /// The port could not be opened; callbacks cannot go to their address; the snapshot cannot be
    /// loaded: see [`Sandbox::load`]; the file of the state could not be opened, is another program's,
    /// is used by another sandbox, or is of another format; the file of variables could not be written.
    /// Where a setting breaks a rule, it is a [`Problem`].
    pub async fn start(self) -> Result<Sandbox> {
        let name = self.data.as_ref().and_then(|file| file.to_str());
        for (field, text) in [("data", name), ("callbacks", self.callbacks.as_deref())] {
            let checked = text.map_or(Ok(()), konaplate::value::check_setting);
            checked.map_err(|rule| Problem::new(field, rule.to_string()))?;
        }
        let cannot_listen = || format!("cannot listen on {}", self.listen);
        // The port is known from here on, and refuses connections.
        let socket = bound(self.listen).with_context(cannot_listen)?;
        let address = socket.local_addr()?;
        // Every interface is no address to connect to.
        let host = match address.ip() {
            ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            ip => ip,
        };
        let base_url = format!("http://{}", SocketAddr::new(host, address.port()));
        let mut platform = Platform::new(base_url, self.seed, self.data.as_deref())?;
        if let Some(snapshot) = self.state {
            platform = platform
                .start_with(snapshot)
                .map_err(|wrong| Problem::new(format!("state: {}", wrong.field), wrong.rule))?;
        }
        let callbacks = self.callbacks.as_deref();
        let callbacks = callbacks.map(|url| (url, self.encrypt_callbacks));
        let service = Service::new(platform, self.form, self.deviations, callbacks)?
            .with_faults(self.faults)
            .with_traces(self.traces);
        let service = Arc::new(service);
        if let Some(file) = &self.env_file {
            variables::write(&service.platform.base_url, file)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let listener = socket.listen(BACKLOG).with_context(cannot_listen)?;
        let (stop, stopped) = watch::channel(());
        let calls = http::router(Arc::clone(&service), self.beside);
        let server = Server {
            listener,
            router: calls.clone(),
            service: Arc::clone(&service),
        };
        let server = tokio::spawn(server.run(stopped));
        Ok(Sandbox {
            _callbacks: Running::start(Arc::clone(&service.dispatcher)),
            service,
            calls,
            address,
            server,
            stop,
        })
    }
}
