//! The checks of a callback.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::builder::CallbackReceiverBuilder;
use super::error::{CallbackError, CallbackErrorKind};
use super::journal::CallbackClaim;
use super::payload::CallbackKind;
use super::received::Callback;
use super::seen::Seen;
use crate::exchange::Clock;
use crate::headers::{
    ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, CorrelationId, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
    TimeZone, Timestamp,
};
use crate::jwe::{KeyWrapping, OpeningKey};
use crate::keys::header_id;
use crate::scalar::Violation;
use crate::sensitive::MaskedJson;
use crate::signing::{MessageForm, SigningKey, TranToken};

/// The largest body that is looked at: 256 KiB. A callback with all known fields has less than one.
pub const MAX_BODY: usize = 256 * 1024;

/// How far `X-KM-Tran-Time` may be from the token's second. They are documented as the same
/// instant; a sender that reads its clock twice at the turn of a second would be one apart. Neither is
/// signed, so nothing is lost by it.
const TIMES_APART: Duration = Duration::from_secs(1);

/// How long a journaled callback may take to be handled before another one like it is taken. Assumed:
/// longer than a handler needs, and short, because how long the platform goes on sending is not known.
const LEASE: Duration = Duration::from_secs(60);

/// Takes callbacks: checks, opens, reads them. See the [module](super).
///
/// It is shared by all threads, in an [`Arc`]. It remembers what came, so there should be one of it.
pub struct CallbackReceiver {
    pub(super) signing: SigningKey,
    pub(super) crypto: Vec<CallbackKey>,
    pub(super) asp_id: Option<HeaderValue>,
    pub(super) tolerance: Duration,
    pub(super) form: MessageForm,
    pub(super) wrapping: KeyWrapping,
    pub(super) clock: Clock,
    pub(super) seen: Arc<Seen>,
}

/// The half of a crypto key that opens callbacks.
#[derive(Debug)]
pub(super) struct CallbackKey {
    pub(super) id: HeaderValue,
    pub(super) opening: OpeningKey,
}

impl fmt::Debug for CallbackReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackReceiver")
            .field("signing", &self.signing)
            .field("crypto", &self.crypto)
            .field("asp_id", &self.asp_id)
            .field("tolerance", &self.tolerance)
            .field("form", &self.form)
            .field("wrapping", &self.wrapping)
            .finish_non_exhaustive()
    }
}

impl CallbackReceiver {
    /// Starts a receiver. It needs the secret key; a crypto key as soon as callbacks are encrypted.
    pub fn builder() -> CallbackReceiverBuilder {
        CallbackReceiverBuilder::default()
    }

    /// Checks a callback and reads it. `body` is the body byte for byte as it came.
    ///
    /// Checked in this order: that `X-KM-Correlation-Id`, `X-KM-User-AspId`, `X-KM-Time-Zone`,
    /// `X-KM-Tran-Token` and `X-KM-Tran-Time` are there once and have their form; the size; the signature, in constant time; the ASP id, if one is expected; that the two times agree and
    /// are within the tolerance; that the body is a JSON object; that `encData`, if it is there,
    /// opens to one; that it did not come before. Other headers, `Content-Type` and `X-KM-Access-Key`
    /// among them, are not looked at.
    ///
    /// # Errors
    /// One of the checks failed: [`CallbackError::kind`] says which, and
    /// [`CallbackError::acknowledgement`] what to answer.
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Callback, CallbackError> {
        let now = (self.clock)();
        let result = self.check(headers, body, now).and_then(|mut callback| {
            match self
                .seen
                .claim(callback.fingerprint, callback.id.parsed, now)
            {
                Ok(claim) => {
                    callback.claim = Some(claim);
                    Ok(callback)
                }
                Err(kind) => Err(callback.refused(kind)),
            }
        });
        traced(result.as_ref());
        result
    }

    /// A callback that passed every check but the one whether it came before, and what a journal is
    /// asked about it.
    pub(super) fn checked(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Callback, CallbackClaim), CallbackError> {
        let now = (self.clock)();
        let callback = self.check(headers, body, now)?;
        let claim = CallbackClaim {
            fingerprint: callback.fingerprint(),
            correlation_id: callback.id.parsed,
            by: CorrelationId::at(&Timestamp::new(now, TimeZone::default())).to_string(),
            came_at: now,
            until: now + LEASE,
            forget_before: now.checked_sub(self.tolerance * 2).unwrap_or(now),
        };
        Ok((callback, claim))
    }

    fn check(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Callback, CallbackError> {
        let id = Id::of(headers)?;
        self.check_rest(&id, headers, body, now)
            .map_err(|error| error.with_correlation_id(Some(id.as_it_came)))
    }

    fn check_rest(
        &self,
        id: &Id,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Callback, CallbackError> {
        let asp_id = asp_id(headers)?;
        let times = Times::of(headers)?;
        if body.len() > MAX_BODY {
            return Err(CallbackError::new(CallbackErrorKind::TooLarge)
                .with_rule(format!("at most {MAX_BODY} bytes are taken")));
        }
        if !times.token.verify(&self.signing, body, self.form) {
            return Err(CallbackError::new(CallbackErrorKind::BadSignature));
        }
        if self.asp_id.as_ref().is_some_and(|ours| ours != asp_id) {
            return Err(CallbackError::header_rule(
                CallbackErrorKind::WrongAspId,
                ASP_ID,
                "is not ours",
            ));
        }
        let sent_at = times.agreed()?;
        self.check_age(sent_at, now)?;

        let (json, plaintext) = self.open(headers, body)?;
        let fingerprint = self
            .signing
            .fingerprint(plaintext.as_deref().unwrap_or(body));
        Ok(Callback {
            id: id.clone(),
            sent_at,
            encrypted: plaintext.is_some(),
            kind: json
                .reveal()
                .as_object()
                .map_or(CallbackKind::Unknown, CallbackKind::of),
            json,
            fingerprint,
            claim: None,
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

    /// The JSON of a callback, and its plaintext if it was encrypted.
    fn open(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(MaskedJson, Option<Vec<u8>>), CallbackError> {
        let json = json_object(body)?;
        let Some(Value::String(jwe)) = json.get("encData") else {
            return Ok((json.into(), None));
        };
        let key = match header(headers, CRYPTO_KEY_ID) {
            Ok(named) => self.crypto.iter().find(|key| key.id == named),
            Err(error) if error.kind() == CallbackErrorKind::MissingHeader => self.crypto.first(),
            Err(error) => return Err(error),
        };
        let key = key.ok_or_else(|| CallbackError::new(CallbackErrorKind::NoCryptoKey))?;
        let plaintext = key
            .opening
            .open(jwe, self.wrapping)
            .map_err(|_| CallbackError::new(CallbackErrorKind::Undecryptable))?;
        Ok((json_object(&plaintext)?.into(), Some(plaintext)))
    }
}

/// Logs what became of a callback.
pub(super) fn traced(result: Result<&Callback, &CallbackError>) {
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
            "callback not taken"
        ),
    }
}

fn json_object(bytes: &[u8]) -> Result<Value, CallbackError> {
    serde_json::from_slice(bytes)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| CallbackError::new(CallbackErrorKind::NotJson))
}

/// A header that is there exactly once.
fn header(headers: &HeaderMap, name: HeaderName) -> Result<&HeaderValue, CallbackError> {
    let mut values = headers.get_all(&name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(CallbackError::header_rule(
            CallbackErrorKind::MissingHeader,
            name,
            "must be there",
        )),
        (Some(_), Some(_)) => Err(malformed(name, "must be there once")),
    }
}

fn malformed(name: HeaderName, rule: impl fmt::Display) -> CallbackError {
    CallbackError::header_rule(CallbackErrorKind::MalformedHeader, name, rule.to_string())
}

/// A header that is there once and follows its rule.
fn parsed<T>(
    headers: &HeaderMap,
    name: HeaderName,
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> Result<T, CallbackError> {
    header(headers, name.clone())?
        .to_str()
        .map_err(|_| Violation::new("must be visible ASCII characters"))
        .and_then(parse)
        .map_err(|rule| malformed(name, rule))
}

fn asp_id(headers: &HeaderMap) -> Result<HeaderValue, CallbackError> {
    parsed(headers, ASP_ID, |text| header_id(text, 15))
}

/// The correlation id. Of its hex digits the documentation does not say whether they are small; ours
/// are, and a callback's may be capital.
#[derive(Debug, Clone)]
pub(super) struct Id {
    pub(super) parsed: CorrelationId,
    pub(super) as_it_came: HeaderValue,
}

impl Id {
    fn of(headers: &HeaderMap) -> Result<Self, CallbackError> {
        let parsed = parsed(headers, CORRELATION_ID, |text| {
            text.to_ascii_lowercase()
                .parse()
                .map_err(|_| Violation::new("must be 12 digits, a hyphen and 7 hex digits"))
        })?;
        let as_it_came = header(headers, CORRELATION_ID)?.clone();
        Ok(Self { parsed, as_it_came })
    }
}

/// The token and the two other headers that say when.
struct Times {
    token: TranToken,
    tran_time: Timestamp,
    zone: TimeZone,
}

impl Times {
    fn of(headers: &HeaderMap) -> Result<Self, CallbackError> {
        Ok(Self {
            zone: parsed(headers, TIME_ZONE, str::parse)?,
            token: parsed(headers, TRAN_TOKEN, str::parse)?,
            tran_time: parsed(headers, TRAN_TIME, |text| {
                format!("{text}000")
                    .parse()
                    .map_err(|_| Violation::new("must be 14 digits, yyyyMMddHHmmss"))
            })?,
        })
    }

    /// The time of the token, which `X-KM-Tran-Time` has to confirm.
    fn agreed(&self) -> Result<SystemTime, CallbackError> {
        let no_time = |name| malformed(name, "must be a date and time that exist");
        let of_token = self
            .token
            .timestamp()
            .instant(self.zone)
            .ok_or_else(|| no_time(TRAN_TOKEN))?;
        let of_header = self
            .tran_time
            .instant(self.zone)
            .ok_or_else(|| no_time(TRAN_TIME))?;
        // To whole seconds, as the header has them.
        let token_second = format!("{}000", self.token.timestamp().tran_time())
            .parse()
            .ok()
            .and_then(|second: Timestamp| second.instant(self.zone))
            .unwrap_or(of_token);
        let apart = of_header
            .duration_since(token_second)
            .unwrap_or_else(|before| before.duration());
        if apart > TIMES_APART {
            return Err(malformed(
                TRAN_TIME,
                "must be the first 14 digits of the token's time",
            ));
        }
        Ok(of_token)
    }
}
