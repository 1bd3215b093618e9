//! The checks of a callback.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName};

use super::error::{CallbackError, CallbackErrorKind};
use super::headers::{Id, Times, asp_id, header};
use super::payload::{CallbackKind, FREE_TEXT};
use super::received::Callback;
use super::replay::{CallbackClaim, Claimed, Held, ReplayStore};
use super::sender::Sender;
use super::verified::Verified;
use crate::credentials::{InUse, Keyring, KeyringError};
use crate::error::Error;
use crate::protocol::headers::{ASP_ID, CRYPTO_KEY_ID, TRAN_TIME};
use crate::protocol::{
    AsItCame, Clock, CorrelationId, MessageForm, Received, SigningKey, TimeZone, Timestamp,
};

/// The largest body that is looked at: 256 KiB. A callback with all known fields has less than one.
pub const MAX_BODY: usize = 256 * 1024;

/// How long a callback may take to be handled before another delivery of it is handed out, where
/// the process that had it is gone. Assumed: longer than a handler needs, and short, because how
/// long the platform goes on sending is not known.
const LEASE: Duration = Duration::from_secs(60);

/// Verifies callbacks, decrypts them and rejects replays. See the [module](super).
///
/// It is shared by all threads, in an [`Arc`]. By default it remembers in its own memory what came,
/// so there should be one of it.
pub struct CallbackReceiver {
    pub(super) sender: InUse<Sender>,
    pub(super) fingerprint_key: SigningKey,
    pub(super) tolerance: Duration,
    pub(super) memory: Duration,
    pub(super) form: MessageForm,
    pub(super) clock: Clock,
    pub(super) replays: Arc<dyn ReplayStore>,
}

impl fmt::Debug for CallbackReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackReceiver")
            .field("sender", &self.sender)
            .field("tolerance", &self.tolerance)
            .field("memory", &self.memory)
            .field("form", &self.form)
            .field("replays", &self.replays)
            .finish_non_exhaustive()
    }
}

impl CallbackReceiver {
    /// Verifies a callback and reads it. `body` is the body byte for byte as it came.
    ///
    /// Checked in this order: that `X-KM-Correlation-Id`, `X-KM-User-AspId`, `X-KM-Time-Zone`,
    /// `X-KM-Tran-Token` and `X-KM-Tran-Time` are there once and have their form; the size; the
    /// signature, in constant time; the ASP id, if one is expected; that the two times agree and
    /// are within the tolerance; that the body is a JSON object; that `encData`, if it is there,
    /// decrypts to one; that it did not come before. Other headers, `Content-Type` and
    /// `X-KM-Access-Key` among them, are not looked at.
    ///
    /// With the default store the future is ready at once, in any runtime or none.
    ///
    /// # Errors
    /// One of the checks failed: [`CallbackError::kind`] says which, and
    /// [`CallbackError::acknowledgement`] has the response.
    pub async fn receive(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Callback, CallbackError> {
        let now = (self.clock)();
        let sender = self.sender.get();
        let result = match self.verify(&sender, headers, body, now) {
            Ok(verified) => self.claim(&sender, verified, now).await,
            Err(error) => Err(error),
        };
        trace(result.as_ref());
        result
    }

    /// Asks the [provider of
    /// credentials](super::CallbackReceiverBuilder::credentials_provider) again, and uses from the
    /// next callback on what it has.
    ///
    /// # Errors
    /// There is no provider, it failed, or its credentials are wrong or those of another project
    /// (another ASP id). The keys in use stay.
    pub fn refresh_credentials(&self) -> Result<(), Error> {
        self.sender
            .refresh(|credentials, current| current.rotated(credentials))
    }

    /// Hands a callback out, unless the store knows it.
    async fn claim(
        &self,
        sender: &Sender,
        verified: Verified,
        now: SystemTime,
    ) -> Result<Callback, CallbackError> {
        let claim = CallbackClaim {
            scope: sender.scope().to_owned(),
            fingerprint: verified.fingerprint(),
            correlation_id: verified.id.parsed,
            by: CorrelationId::at(&Timestamp::new(now, TimeZone::default())).to_string(),
            came_at: now,
            until: now + LEASE,
            repeats_after: now.checked_sub(self.tolerance * 2).unwrap_or(now),
            forget_at: now + self.memory,
        };
        let known = match self.replays.claim(claim.clone()).await {
            Ok(Claimed::New) => {
                let held = Held::new(Arc::clone(&self.replays), claim);
                return Ok(Callback::new(verified, held, None));
            }
            Ok(Claimed::Repeat { first }) => {
                let held = Held::new(Arc::clone(&self.replays), claim);
                return Ok(Callback::new(verified, held, Some(first)));
            }
            Ok(Claimed::Replayed) => CallbackErrorKind::Replayed,
            Ok(Claimed::InProgress) => CallbackErrorKind::InProgress,
            Ok(Claimed::ReusedCorrelationId) => CallbackErrorKind::ReusedCorrelationId,
            Err(error) => {
                tracing::error!(%error, "the replay store could not be asked about a callback");
                CallbackErrorKind::ReplayStore
            }
        };
        Err(CallbackError::new(known).with_correlation_id(Some(verified.id.as_it_came)))
    }

    fn verify(
        &self,
        sender: &Sender,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified, CallbackError> {
        let id = Id::of(headers)?;
        self.verify_rest(sender, &id, headers, body, now)
            .map_err(|error| error.with_correlation_id(Some(id.as_it_came)))
    }

    fn verify_rest(
        &self,
        sender: &Sender,
        id: &Id,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified, CallbackError> {
        let asp_id = asp_id(headers)?;
        let times = Times::of(headers)?;
        if body.len() > MAX_BODY {
            return Err(CallbackError::new(CallbackErrorKind::TooLarge)
                .with_rule(format!("at most {MAX_BODY} bytes are taken")));
        }
        if !sender.signed(&times.token, body, self.form) {
            return Err(CallbackError::new(CallbackErrorKind::BadSignature));
        }
        if sender.asp_id.as_ref().is_some_and(|ours| ours != asp_id) {
            return Err(CallbackError::header_rule(
                CallbackErrorKind::WrongAspId,
                ASP_ID,
                "is not ours",
            ));
        }
        let sent_at = times.agreed()?;
        self.check_age(sent_at, now)?;

        let (received, plaintext) = decrypt(&sender.keyring, headers, body)?;
        let encrypted = plaintext.is_some();
        let plain = plaintext.unwrap_or_else(|| body.to_vec());
        let Received { document, came } = received;
        Ok(Verified {
            id: id.clone(),
            sent_at,
            encrypted,
            kind: CallbackKind::of(document.members()),
            digest: self.fingerprint_key.fingerprint(&plain),
            document,
            came: AsItCame {
                bytes: plain.into(),
                ..came
            },
        })
    }

    fn check_age(&self, sent_at: SystemTime, now: SystemTime) -> Result<(), CallbackError> {
        let (apart, side) = match now.duration_since(sent_at) {
            Ok(age) => (age, "before"),
            Err(ahead) => (ahead.duration(), "after"),
        };
        if apart <= self.tolerance {
            return Ok(());
        }
        Err(CallbackError::header_rule(
            CallbackErrorKind::Stale,
            TRAN_TIME,
            format!(
                "is {} s {side} our clock, and {} s are tolerated",
                apart.as_secs(),
                self.tolerance.as_secs()
            ),
        ))
    }
}

/// What a callback says, and its plaintext if it was encrypted.
fn decrypt(
    keyring: &Keyring,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Received, Option<Vec<u8>>), CallbackError> {
    let received = parse(body)?;
    let Some(jwe) = received.document.enc_data() else {
        return Ok((received, None));
    };
    let named = match header(headers, CRYPTO_KEY_ID) {
        Ok(named) => Some(named),
        Err(error) if error.kind() == CallbackErrorKind::MissingHeader => None,
        Err(error) => return Err(error),
    };
    let plaintext = keyring.decrypt(jwe, named, None).map_err(|error| {
        CallbackError::new(match error {
            KeyringError::UnknownKey | KeyringError::NoKey => CallbackErrorKind::NoCryptoKey,
            KeyringError::Decrypt(_) => CallbackErrorKind::Undecryptable,
        })
    })?;
    Ok((parse(&plaintext)?, Some(plaintext)))
}

fn parse(bytes: &[u8]) -> Result<Received, CallbackError> {
    Received::read(bytes, |field| FREE_TEXT.contains(&field))
        .map_err(|_| CallbackError::new(CallbackErrorKind::NotJson))
}

/// Logs what became of a callback.
fn trace(result: Result<&Callback, &CallbackError>) {
    match result {
        Ok(callback) => tracing::debug!(
            kind = ?callback.kind(),
            correlation_id = %callback.correlation_id(),
            encrypted = callback.encrypted(),
            "callback received"
        ),
        Err(error) => tracing::warn!(
            kind = ?error.kind(),
            header = error.header().map(HeaderName::as_str),
            correlation_id = error.correlation_id(),
            "callback rejected"
        ),
    }
}
