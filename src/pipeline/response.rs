//! A success response.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use crate::journal::Recording;
use crate::operation::Said;
use crate::protocol::{AsItCame, CorrelationId, Repair, Unread};
use crate::value::{MaskedBytes, MaskedJson};

/// The response of a call that succeeded: its fields, and how it came.
///
/// It dereferences to the fields, so `response.transaction_id` reads one.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    exchange: Exchange,
    /// How it came, where that is odd.
    came: Option<Box<AsItCame>>,
    /// The JSON of a success that leaves the outcome open.
    undecided: Option<MaskedJson>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, exchange: Exchange, came: AsItCame) -> Self {
        Self {
            value,
            exchange,
            came: (!came.is_plain()).then(|| Box::new(came)),
            undecided: None,
        }
    }

    pub(crate) fn with_undecided(mut self, body: MaskedJson) -> Self {
        self.undecided = Some(body);
        self
    }

    pub(crate) fn take_undecided(&mut self) -> Option<MaskedJson> {
        self.undecided.take()
    }

    /// The fields, by value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// How the call went over the wire.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The id that the call carried.
    #[must_use]
    pub fn correlation_id(&self) -> CorrelationId {
        self.exchange.correlation_id
    }

    /// What is not in the fields although it came, since it is not what is documented: values of
    /// optional fields, which are `None`, and items of lists, which are not in the list. Mostly
    /// nothing.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        self.came.as_ref().map_or(&[], |came| &came.unread)
    }

    /// What was repaired so that the response could be read. Mostly nothing.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        self.came.as_ref().map_or(&[], |came| &came.repairs)
    }

    /// The response byte for byte, decrypted, where something of it was repaired or not read.
    #[must_use]
    pub fn bytes(&self) -> Option<&MaskedBytes> {
        self.came.as_ref().map(|came| &came.bytes)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("exchange", &self.exchange)
            .finish()
    }
}

/// How a call went over the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    pub(crate) correlation_id: CorrelationId,
    pub(crate) http_status: u16,
    pub(crate) response_correlation_id: Option<String>,
    pub(crate) crypto_key_id: Option<String>,
    pub(crate) request_encrypted: bool,
    pub(crate) response_encrypted: bool,
    pub(crate) attempts: u32,
    /// What the success says about the outcome.
    pub(crate) said: Said,
    pub(crate) recording: Recording,
    pub(crate) elapsed: Duration,
}

impl Exchange {
    /// The correlation id that was sent.
    #[must_use]
    pub fn correlation_id(&self) -> CorrelationId {
        self.correlation_id
    }

    /// The correlation id that came back. It is presumably the one that was sent; no page says so.
    #[must_use]
    pub fn response_correlation_id(&self) -> Option<&str> {
        self.response_correlation_id.as_deref()
    }

    /// What the success says about the outcome.
    #[must_use]
    pub fn said(&self) -> Said {
        self.said
    }

    /// Status of the HTTP response.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// Id of the crypto key that the response names.
    #[must_use]
    pub fn crypto_key_id(&self) -> Option<&str> {
        self.crypto_key_id.as_deref()
    }

    /// Whether the request was sent encrypted.
    #[must_use]
    pub fn request_encrypted(&self) -> bool {
        self.request_encrypted
    }

    /// Whether the response came encrypted.
    #[must_use]
    pub fn response_encrypted(&self) -> bool {
        self.response_encrypted
    }

    /// How often the call was sent until this response came: 1 unless a
    /// [`RetryPolicy`](crate::RetryPolicy) allowed more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether the outcome is in the client's journal.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.recording
    }

    /// Time from the signing to the last byte of the response, decryption included; of the last
    /// attempt where there were several.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// Shows nothing of a header whose value the server chose, but whether it is the expected one.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let came_back = self.response_correlation_id.as_ref().map(|id| {
            if *id == self.correlation_id.as_str() {
                "[the same]"
            } else {
                "[another]"
            }
        });
        f.debug_struct("Exchange")
            .field("correlation_id", &self.correlation_id)
            .field("http_status", &self.http_status)
            .field("response_correlation_id", &came_back)
            .field(
                "crypto_key_id",
                &self.crypto_key_id.as_ref().map(|_| "[crypto-key-id]"),
            )
            .field("request_encrypted", &self.request_encrypted)
            .field("response_encrypted", &self.response_encrypted)
            .field("attempts", &self.attempts)
            .field("said", &self.said)
            .field("recording", &self.recording)
            .field("elapsed", &self.elapsed)
            .finish()
    }
}
