//! Sends callbacks to an address, again and again until they are acknowledged.
//!
//! What they tell is recorded with the state, in `state/outbox.rs`; the attempts are made here, one
//! after the other. An attempt waits by the time of the system, not by the sandbox's clock: who
//! receives is not in the sandbox.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use konaplate::SUCCESS;
use konaplate::callback::{CallbackKind, CallbackSigner};
use konaplate::protocol::MessageForm;
use reqwest::Url;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::sync::Notify;

use crate::fixtures;
use crate::lock::lock;
use crate::platform::Platform;
use crate::platform::clock::Clock;
use crate::problem::Problem;

/// How long it is until the next attempt, after the first, the second, and so on. Assumed: whether
/// the platform sends again is not known.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
];

/// How many attempts there are.
const TRIES: u32 = 6;
const _: () = assert!(TRIES as usize == PAUSES.len() + 1);

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked for what is to be sent.
const TICK: Duration = Duration::from_millis(100);

/// The largest response that is read.
const MAX_RESPONSE: usize = 64 * 1024;

/// A callback that waits, or one of the last 1,000 that do not. It holds no field of what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedCallback {
    /// Its number, from 1 on.
    pub id: u64,
    /// What it tells of.
    pub kind: CallbackKind,
    /// Whether it waits, was acknowledged, or is not sent any more.
    pub state: CallbackState,
    /// How many attempts were made, from 0 to 6.
    pub tries: u32,
    /// HTTP status of the response to the last attempt; none where none came.
    pub last_status: Option<u16>,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallbackState {
    /// It will be sent, or sent again.
    Waiting,
    /// It was acknowledged: status 200, and the code `000_000`.
    Delivered,
    /// Nobody acknowledged it in six attempts, or too many waited.
    GivenUp,
}

/// Where callbacks go.
pub(crate) struct Target {
    url: Url,
    encrypted: bool,
    signer: CallbackSigner,
}

/// Nothing of what is sent.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Only this machine is sent to: the control API could else be used to send requests to
    /// whatever the sandbox's machine reaches.
    fn new(url: &str, encrypted: bool, form: MessageForm, clock: &Clock) -> Result<Self, Problem> {
        let wrong = |rule: &str| Problem::new("url", rule);
        let url: Url = url.parse().map_err(|_| wrong("must be a URL"))?;
        if url.scheme() != "http" {
            return Err(wrong("must begin with http://"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(wrong("must have no user, password or fragment"));
        }
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_loopback = address.map_or(host == "localhost", |ip| ip.to_canonical().is_loopback());
        if !is_loopback {
            return Err(wrong(
                "must be on this machine: 127.0.0.1, [::1] or localhost",
            ));
        }
        let signer = CallbackSigner::new(fixtures::SECRET_KEY, fixtures::ASP_ID)
            .and_then(|signer| {
                if encrypted {
                    // The vendor's tables of headers: the crypto key that was issued first.
                    signer.encrypt_for(fixtures::CRYPTO_KEY_ID, fixtures::CLIENT_PUBLIC_KEY)
                } else {
                    Ok(signer)
                }
            })
            .expect("the sandbox's own keys are good");
        let clock = clock.clone();
        Ok(Self {
            url,
            encrypted,
            signer: signer.message_form(form).clock(move || clock.now()),
        })
    }

    /// Makes one attempt: the status of its response, and whether that acknowledges. Each is signed
    /// anew, with a correlation id of its own.
    async fn send(&self, http: &reqwest::Client, body: &str) -> (Option<u16>, bool) {
        let Ok(request) = self.signer.sign(body) else {
            return (None, false);
        };
        let response = http
            .post(self.url.clone())
            .headers(request.headers)
            .body(request.body)
            .send()
            .await;
        let Ok(response) = response else {
            return (None, false);
        };
        let status = response.status().as_u16();
        let code = code_of(response).await;
        (
            Some(status),
            status == 200 && code.as_deref() == Some(SUCCESS),
        )
    }
}

/// The code in a response's envelope.
async fn code_of(mut response: reqwest::Response) -> Option<String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE {
            return None;
        }
    }
    let body: Value = serde_json::from_slice(&body).ok()?;
    body["response"]["code"].as_str().map(str::to_owned)
}

/// Sends what the state has recorded.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    platform: Arc<Platform>,
    http: reqwest::Client,
    form: MessageForm,
    target: Mutex<Targets>,
    /// Told when there is an address.
    has_target: Notify,
    /// When those that failed are tried again; the others are due.
    next: Mutex<HashMap<u64, Instant>>,
    /// Held while attempts are made, so that none is made twice at once.
    round: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Targets {
    now: Option<Arc<Target>>,
    /// The one that the sandbox started with.
    at_start: Option<Arc<Target>>,
}

impl Dispatcher {
    /// With the address to start with, if there is one.
    pub(crate) fn new(
        platform: Arc<Platform>,
        form: MessageForm,
        at_start: Option<(&str, bool)>,
    ) -> anyhow::Result<Self> {
        // Whatever a file of hosts says: on this machine.
        let localhost = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]
        .map(|ip| SocketAddr::new(ip, 0));
        let http = reqwest::Client::builder()
            .no_proxy()
            // It sends to http:// only, and not every machine has certificates.
            .tls_certs_only([])
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .resolve_to_addrs("localhost", &localhost)
            .build()?;
        let target = at_start
            .map(|(url, encrypted)| {
                Target::new(url, encrypted, form, &platform.clock)
                    .map(Arc::new)
                    .map_err(|wrong| Problem::new("callbacks", wrong.rule))
            })
            .transpose()?;
        let dispatcher = Self {
            platform,
            http,
            form,
            target: Mutex::new(Targets {
                now: target.clone(),
                at_start: target,
            }),
            has_target: Notify::new(),
            next: Mutex::default(),
            round: tokio::sync::Mutex::default(),
        };
        dispatcher.target_changed();
        Ok(dispatcher)
    }

    fn target(&self) -> Option<Arc<Target>> {
        lock(&self.target).now.clone()
    }

    /// The address that callbacks go to, and whether they are encrypted.
    pub(crate) fn address(&self) -> Option<(String, bool)> {
        let target = self.target()?;
        Some((target.url.to_string(), target.encrypted))
    }

    fn is_due(&self, id: u64) -> bool {
        lock(&self.next)
            .get(&id)
            .is_none_or(|time| *time <= Instant::now())
    }

    /// The state records what callbacks tell, if they go anywhere.
    fn target_changed(&self) {
        self.platform.record_callbacks(self.target().is_some());
        self.has_target.notify_one();
    }

    /// The address of the start again.
    pub(crate) fn reset(&self) {
        {
            let mut target = lock(&self.target);
            target.now = target.at_start.clone();
        }
        lock(&self.next).clear();
        self.target_changed();
    }

    pub(crate) fn send_to(&self, url: &str, encrypted: bool) -> Result<(), Problem> {
        let target = Target::new(url, encrypted, self.form, &self.platform.clock)?;
        // What was due before is not told.
        drop(self.platform.settled());
        lock(&self.target).now = Some(Arc::new(target));
        self.target_changed();
        Ok(())
    }

    /// Nothing is recorded or sent any more; what waits goes on to wait.
    pub(crate) fn stop(&self) {
        drop(self.platform.settled());
        lock(&self.target).now = None;
        self.target_changed();
    }

    /// What waits and what is remembered, the oldest first.
    pub(crate) fn callbacks(&self) -> Vec<LoggedCallback> {
        let state = self.platform.settled();
        let done = state.callbacks_done.iter().map(|(id, event)| {
            let state = if event.delivered {
                CallbackState::Delivered
            } else {
                CallbackState::GivenUp
            };
            (id, event, state)
        });
        let waiting = state
            .callbacks_waiting
            .iter()
            .map(|(id, event)| (id, event, CallbackState::Waiting));
        let mut all: Vec<_> = done
            .chain(waiting)
            .map(|(id, event, state)| LoggedCallback {
                id: *id,
                kind: event.kind.into(),
                state,
                tries: event.tries,
                last_status: event.last_status,
            })
            .collect();
        all.sort_unstable_by_key(|callback| callback.id);
        all
    }

    /// Makes an attempt with each callback that waits, the oldest first. The first one that takes
    /// too long ends it: the others would, too.
    pub(crate) async fn deliver(&self, which: Which) {
        let _round = self.round.lock().await;
        let Some(target) = self.target() else {
            return;
        };
        let waiting: Vec<u64> = self.platform.settled().waiting_callbacks().collect();
        for id in waiting {
            if which == Which::Due && !self.is_due(id) {
                continue;
            }
            let Some(body) = self.platform.settled().waiting_callback(id) else {
                continue;
            };
            let began = Instant::now();
            let (status, delivered) = target.send(&self.http, &body).await;
            let noted = self
                .platform
                .change(|state, _| state.note_attempt(id, &body, (status, delivered), TRIES));
            // What is not on record is tried again.
            let tries = noted.unwrap_or(Some(1));
            let pause = tries.and_then(|tries| PAUSES.get(usize::try_from(tries).ok()? - 1));
            match pause {
                Some(pause) => lock(&self.next).insert(id, Instant::now() + *pause),
                None => lock(&self.next).remove(&id),
            };
            tracing::info!(callback = id, status, delivered, "callback sent");
            if status.is_none() && began.elapsed() >= TIMEOUT {
                break;
            }
        }
    }

    /// Sends what is due, as long as it is let run.
    async fn run(self: Arc<Self>) {
        loop {
            if self.target().is_none() {
                self.has_target.notified().await;
            } else {
                self.deliver(Which::Due).await;
                tokio::time::sleep(TICK).await;
            }
        }
    }
}

/// Whether all that wait are tried, or those whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Due,
}

/// A task that ends with this.
#[derive(Debug)]
pub(crate) struct Running(tokio::task::JoinHandle<()>);

impl Running {
    pub(crate) fn start(dispatcher: Arc<Dispatcher>) -> Self {
        Self(tokio::spawn(dispatcher.run()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_go_to_this_machine_only() {
        for (url, good) in [
            ("http://127.0.0.1:1/a?b=c", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:1/", true),
            ("http://[::ffff:127.0.0.1]:1/", true),
            ("http://localhost:1/", true),
            // Other ways to write 127.0.0.1, which the parser of URLs knows.
            ("http://2130706433/", true),
            ("http://LOCALHOST/", true),
            ("https://127.0.0.1/", false),
            ("ftp://127.0.0.1/", false),
            ("http://10.0.0.1/", false),
            ("http://0.0.0.0/", false),
            ("http://[::]/", false),
            ("http://[::ffff:10.0.0.1]/", false),
            ("http://169.254.169.254/latest", false),
            ("http://localhost.example/", false),
            ("http://127.0.0.1.example/", false),
            ("http://127.0.0.1@example/", false),
            ("http://user@127.0.0.1/", false),
            ("http://127.0.0.1/#a", false),
            ("127.0.0.1", false),
            ("", false),
        ] {
            let target = Target::new(url, false, MessageForm::default(), &Clock::default());
            assert_eq!(target.is_ok(), good, "{url}");
        }
    }
}
