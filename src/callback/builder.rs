//! The settings of a receiver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::memory::MemoryStore;
use super::receiver::CallbackReceiver;
use super::replay::ReplayStore;
use super::sender::Sender;
use crate::credentials::{InUse, Settings, shared_setters};
use crate::error::{Error, ErrorKind};
use crate::protocol::SigningKey;
use crate::value::Violation;

/// How far the time of a callback may be from ours. Assumed.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);
const TOLERANCES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

/// How long callbacks are remembered. Assumed: how long the platform goes on sending is not known.
const MEMORY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const LONGEST_MEMORY: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// How many callbacks the receiver's own memory holds: some 20 MB.
const REPLAY_MEMORY: usize = 65_536;

/// Makes a [`CallbackReceiver`].
#[must_use = "a builder does nothing until `build`"]
pub struct CallbackReceiverBuilder {
    settings: Settings,
    fingerprint_key: Option<SigningKey>,
    tolerance: Duration,
    memory: Duration,
    replay_memory: usize,
    replays: Option<Arc<dyn ReplayStore>>,
}

impl CallbackReceiver {
    /// Starts a receiver. It needs the secret key; a crypto key as soon as callbacks are encrypted.
    pub fn builder() -> CallbackReceiverBuilder {
        CallbackReceiverBuilder::default()
    }
}

impl Default for CallbackReceiverBuilder {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            fingerprint_key: None,
            tolerance: TOLERANCE,
            memory: MEMORY,
            replay_memory: REPLAY_MEMORY,
            replays: None,
        }
    }
}

impl fmt::Debug for CallbackReceiverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackReceiverBuilder")
            .field("settings", &self.settings)
            .field("tolerance", &self.tolerance)
            .field("memory", &self.memory)
            .field("replay_memory", &self.replay_memory)
            .field("replays", &self.replays)
            .finish()
    }
}

impl CallbackReceiverBuilder {
    /// The secret key of the project, as it was issued. Required.
    pub fn secret_key(mut self, secret_key: &str) -> Self {
        self.settings.credentials.set_secret_key(secret_key);
        self
    }

    /// The secret key that was in use before: in a rotation, callbacks that are signed with either
    /// are taken. Default: none.
    ///
    /// Give it for as long as the platform may still sign with it, and no longer: whoever has a
    /// secret key can make callbacks.
    pub fn former_secret_key(mut self, secret_key: &str) -> Self {
        self.settings.add(|keys| keys.former_secret_key(secret_key));
        self
    }

    /// What [fingerprints](super::Callback::fingerprint) are made with: 16 bytes or more, secret,
    /// and your own. All machines that share a store need the same. Default: the former secret key,
    /// or else the secret key, as they are when the receiver is made.
    ///
    /// Without it a fingerprint becomes another one with the secret key: what came before a rotation
    /// is not known again after it.
    pub fn fingerprint_key(mut self, key: &str) -> Self {
        let checked = match key.len() {
            0..16 => Err(Violation::new("must have at least 16 bytes")),
            _ => SigningKey::of_setting(key),
        };
        let credentials = &mut self.settings.credentials;
        self.fingerprint_key = credentials.accept("fingerprint_key", checked);
        self
    }

    /// Adds a crypto key: its id (32 characters) and the client's private key, in any form that
    /// [`ClientBuilder::crypto_key`](crate::ClientBuilder::crypto_key) takes. A project has up to
    /// two; add the first issued one first.
    ///
    /// The first one decrypts a callback that names no key: that callbacks use the first issued one
    /// is documented. The other decrypts what names it. One that names neither is tried with each.
    pub fn crypto_key(mut self, id: &str, client_private_key: impl AsRef<[u8]>) -> Self {
        let private = Some(("client_private_key", client_private_key.as_ref()));
        self.settings.credentials.add_crypto_key(id, None, private);
        self
    }

    /// The ASP id (15 characters) that callbacks must carry. Default: any. It is not signed, so
    /// this finds mistakes and not attacks. Receivers of several projects that share a
    /// [store](Self::replay_store) need it: what is remembered is remembered by it.
    pub fn asp_id(mut self, asp_id: &str) -> Self {
        self.settings.credentials.set_asp_id(asp_id);
        self
    }

    /// How far the time of a callback may be from ours, before or after: 1 s to 24 h. Default: 5
    /// min. What comes again within twice as long is a replay, and rejected.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// How long a callback is remembered: twice the tolerance to 10 years. Default: 7 days. One that
    /// comes again after twice the tolerance and within this time is handed out, with the time of
    /// the first: [`Callback::repeats`](super::Callback::repeats).
    pub fn remember_for(mut self, memory: Duration) -> Self {
        self.memory = memory;
        self
    }

    /// How many callbacks the receiver's own memory holds, 1 or more. Default: 65,536. The oldest
    /// is forgotten first. A [store of your own](Self::replay_store) is not bounded by this.
    pub fn replay_memory(mut self, callbacks: usize) -> Self {
        self.replay_memory = callbacks;
        self
    }

    /// Where callbacks are remembered. Default: in the receiver's own memory. A journal of the
    /// crate `konaplate-journal` remembers across restarts, and for all machines that share it;
    /// those need the same fingerprint key. It wants the receiver to run in tokio.
    pub fn replay_store(mut self, store: Arc<dyn ReplayStore>) -> Self {
        self.replays = Some(store);
        self
    }

    shared_setters!(credentials_provider message_form key_wrapping clock);

    /// Makes the receiver.
    ///
    /// # Errors
    /// A setting is missing or wrong. [`Error::field`] names it.
    pub fn build(mut self) -> Result<CallbackReceiver, Error> {
        let wrong = |setting: &'static str, rule: &str| {
            Err(Error::rule(ErrorKind::Configuration, setting, rule))
        };
        let sender = Sender::new(self.settings.take_credentials()?)?;
        let settings = self.settings;
        if !TOLERANCES.contains(&self.tolerance) {
            return wrong("tolerance", "must be from 1 second to 24 hours");
        }
        if !(self.tolerance * 2..=LONGEST_MEMORY).contains(&self.memory) {
            return wrong(
                "remember_for",
                "must be from twice the tolerance to 10 years",
            );
        }
        if self.replay_memory == 0 {
            return wrong("replay_memory", "must be at least 1");
        }
        let in_memory = || Arc::new(MemoryStore::new(self.replay_memory)) as _;
        Ok(CallbackReceiver {
            fingerprint_key: self.fingerprint_key.unwrap_or_else(|| sender.oldest_key()),
            sender: InUse::new(sender, settings.provider, settings.wrapping),
            memory: self.memory,
            tolerance: self.tolerance,
            form: settings.form,
            clock: settings.clock,
            replays: self.replays.unwrap_or_else(in_memory),
        })
    }
}
