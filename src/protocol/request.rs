//! The headers of a request, signed.

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::correlation_id::CorrelationId;
use super::headers;
use super::timestamp::{TimeZone, Timestamp};
use super::token::{MessageForm, SigningKey, TranToken};

/// `application/json`.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What the headers of a request are made of, its time, its correlation id and its body aside.
///
/// Requests go both ways in the same form: a client's calls carry an access key, the platform's
/// callbacks do not.
#[derive(Clone, Copy)]
pub struct RequestSigner<'a> {
    /// `X-KM-User-AspId`.
    pub asp_id: &'a HeaderValue,
    /// `X-KM-Access-Key`.
    pub access_key: Option<&'a HeaderValue>,
    /// `X-KM-Crypto-Key-Id`.
    pub crypto_key_id: Option<&'a HeaderValue>,
    /// `X-KM-Time-Zone`: the zone of the timestamp.
    pub zone: TimeZone,
    /// What the token is made with.
    pub key: &'a SigningKey,
    /// What of the body is signed.
    pub form: MessageForm,
}

impl RequestSigner<'_> {
    /// All headers of a request with this body but those of the connection. The token signs these
    /// bytes: send them and no others.
    #[must_use]
    pub fn sign(&self, timestamp: Timestamp, id: CorrelationId, body: &[u8]) -> HeaderMap {
        let token = TranToken::sign(self.key, timestamp, body, self.form);
        let mut token = ascii(token.as_str());
        token.set_sensitive(true);

        let mut signed = HeaderMap::with_capacity(9);
        signed.insert(headers::ASP_ID, self.asp_id.clone());
        signed.insert(headers::CORRELATION_ID, ascii(id.as_str()));
        if let Some(access_key) = self.access_key {
            signed.insert(headers::ACCESS_KEY, access_key.clone());
        }
        if let Some(id) = self.crypto_key_id {
            signed.insert(headers::CRYPTO_KEY_ID, id.clone());
        }
        signed.insert(headers::TRAN_TOKEN, token);
        signed.insert(headers::TRAN_TIME, ascii(timestamp.tran_time()));
        signed.insert(
            headers::TIME_ZONE,
            HeaderValue::from_static(self.zone.as_str()),
        );
        signed.insert(ACCEPT, JSON);
        signed.insert(CONTENT_TYPE, JSON);
        signed
    }
}

impl fmt::Debug for RequestSigner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSigner")
            .field("zone", &self.zone)
            .field("key", &self.key)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// A header of digits, letters and punctuation, as ids, times and tokens are.
fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("ids, times and tokens are visible ASCII")
}
