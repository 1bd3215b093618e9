//! The settings of a receiver.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use super::journal::{CallbackJournal, JournaledReceiver};
use super::receiver::{CallbackKey, CallbackReceiver};
use super::seen::Seen;
use crate::client::MAX_CRYPTO_KEYS;
use crate::error::{Error, ErrorKind};
use crate::exchange::Clock;
use crate::jwe::{KeyWrapping, OpeningKey};
use crate::keys::{KeyError, header_id};
use crate::signing::{MessageForm, SigningKey};

/// How far the time of a callback may be from ours, unless the builder says otherwise. Assumed.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);
const TOLERANCES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

/// How many callbacks are remembered, unless the builder says otherwise: about 100 a second with
/// the default tolerance, in some 20 MB if there ever are that many.
const REPLAY_MEMORY: usize = 65_536;

/// Makes a [`CallbackReceiver`].
#[must_use = "a builder does nothing until `build`"]
pub struct CallbackReceiverBuilder {
    signing: Option<SigningKey>,
    crypto: Vec<CallbackKey>,
    asp_id: Option<HeaderValue>,
    /// The first key or id that was wrong.
    invalid: Option<KeyError>,
    tolerance: Duration,
    form: MessageForm,
    wrapping: KeyWrapping,
    clock: Clock,
    replay_memory: usize,
}

impl Default for CallbackReceiverBuilder {
    fn default() -> Self {
        Self {
            signing: None,
            crypto: Vec::new(),
            asp_id: None,
            invalid: None,
            tolerance: TOLERANCE,
            form: MessageForm::default(),
            wrapping: KeyWrapping::default(),
            clock: Box::new(SystemTime::now),
            replay_memory: REPLAY_MEMORY,
        }
    }
}

impl fmt::Debug for CallbackReceiverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackReceiverBuilder")
            .field("signing", &self.signing)
            .field("crypto", &self.crypto)
            .field("asp_id", &self.asp_id)
            .field("invalid", &self.invalid)
            .field("tolerance", &self.tolerance)
            .field("form", &self.form)
            .field("wrapping", &self.wrapping)
            .field("replay_memory", &self.replay_memory)
            .finish_non_exhaustive()
    }
}

impl CallbackReceiverBuilder {
    /// The secret key of the project, as it was issued. Needed.
    pub fn secret_key(mut self, secret_key: &str) -> Self {
        match SigningKey::new(secret_key).map_err(KeyError::of("secret_key")) {
            Ok(key) => self.signing = Some(key),
            Err(error) => self = self.found(error),
        }
        self
    }

    /// Adds a crypto key: its id (32 characters) and the client's private key, in any form that
    /// [`ClientBuilder::crypto_key`](crate::ClientBuilder::crypto_key) takes. A project has up to two;
    /// add the first issued one first.
    ///
    /// The first one opens a callback that names no key: that callbacks use the first issued one is
    /// documented. The other opens only what names it.
    pub fn crypto_key(mut self, id: &str, client_private_key: impl AsRef<[u8]>) -> Self {
        let key = header_id(id, 32)
            .map_err(KeyError::of("crypto_key_id"))
            .and_then(|id| {
                OpeningKey::from_bytes(client_private_key.as_ref())
                    .map(|opening| CallbackKey { id, opening })
                    .map_err(KeyError::of("client_private_key"))
            });
        match key {
            Ok(key) => self.crypto.push(key),
            Err(error) => self = self.found(error),
        }
        self
    }

    /// The ASP id (15 characters) that callbacks must carry. Without this any is taken. It is not
    /// signed, so this finds mistakes and not attacks.
    pub fn asp_id(mut self, asp_id: &str) -> Self {
        match header_id(asp_id, 15).map_err(KeyError::of("asp_id")) {
            Ok(id) => self.asp_id = Some(id),
            Err(error) => self = self.found(error),
        }
        self
    }

    /// How far the time of a callback may be from ours, before or after: 1 second to 24 hours; 5
    /// minutes without this. What came is remembered for twice as long.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// How many callbacks are remembered to know them again, 1 or more; 65,536 without this. The
    /// oldest is forgotten first. A journal is not bounded by this.
    pub fn replay_memory(mut self, callbacks: usize) -> Self {
        self.replay_memory = callbacks;
        self
    }

    /// What of a body is signed; its bytes without this. The vendor's text leaves it open.
    pub fn message_form(mut self, form: MessageForm) -> Self {
        self.form = form;
        self
    }

    /// Which key wrapping an encrypted callback may have; RSA-OAEP-256 only without this.
    pub fn key_wrapping(mut self, wrapping: KeyWrapping) -> Self {
        self.wrapping = wrapping;
        self
    }

    /// Where the time comes from; the system's clock without this.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes the receiver.
    ///
    /// # Errors
    /// A setting is missing or wrong. [`Error::field`] names it.
    pub fn build(self) -> Result<CallbackReceiver, Error> {
        let wrong = |setting: &'static str, rule: &str| {
            Err(Error::rule(ErrorKind::Configuration, setting, rule))
        };
        if let Some(error) = self.invalid {
            return Err(super::configuration(error));
        }
        let Some(signing) = self.signing else {
            return wrong("secret_key", "is missing");
        };
        if self.crypto.len() > MAX_CRYPTO_KEYS {
            return wrong(
                "crypto_key",
                "was given more than twice; a project has at most two",
            );
        }
        if let [first, second] = self.crypto.as_slice()
            && first.id == second.id
        {
            return wrong("crypto_key", "was given twice with one id");
        }
        if !TOLERANCES.contains(&self.tolerance) {
            return wrong("tolerance", "must be from 1 second to 24 hours");
        }
        if self.replay_memory == 0 {
            return wrong("replay_memory", "must be at least 1");
        }
        Ok(CallbackReceiver {
            signing,
            crypto: self.crypto,
            asp_id: self.asp_id,
            tolerance: self.tolerance,
            form: self.form,
            wrapping: self.wrapping,
            clock: self.clock,
            seen: Arc::new(Seen::new(self.replay_memory, self.tolerance * 2)),
        })
    }

    /// Makes a receiver that remembers callbacks in a journal instead of its memory, such as one of the
    /// crate `konaplate-journal`: across restarts, and for all machines that share it. Those have to
    /// have the same secret key.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn build_with_journal(
        self,
        journal: Arc<dyn CallbackJournal>,
    ) -> Result<JournaledReceiver, Error> {
        Ok(JournaledReceiver::new(self.build()?, journal))
    }

    fn found(mut self, error: KeyError) -> Self {
        self.invalid.get_or_insert(error);
        self
    }
}
