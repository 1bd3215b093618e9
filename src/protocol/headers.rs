//! Names of the seven `X-KM-*` headers, and those that no caller sets.

use http::{HeaderName, header};

/// Header that names the service provider: 15 characters.
pub const ASP_ID: HeaderName = HeaderName::from_static("x-km-user-aspid");
/// Header that names the call: see [`CorrelationId`](super::CorrelationId).
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-km-correlation-id");
/// Header with the project's access key: 40 characters.
pub const ACCESS_KEY: HeaderName = HeaderName::from_static("x-km-access-key");
/// Header that names the key pair for encryption: 32 characters.
pub const CRYPTO_KEY_ID: HeaderName = HeaderName::from_static("x-km-crypto-key-id");
/// Header with the signature: see [`TranToken`](super::TranToken).
pub const TRAN_TOKEN: HeaderName = HeaderName::from_static("x-km-tran-token");
/// Header with the time of the call: `yyyyMMddHHmmss`.
pub const TRAN_TIME: HeaderName = HeaderName::from_static("x-km-tran-time");
/// Header with the zone of the timestamps: see [`TimeZone`](super::TimeZone).
pub const TIME_ZONE: HeaderName = HeaderName::from_static("x-km-time-zone");

/// What the protocol sets beside its own headers, and what says how a request is framed, to whom it
/// goes, and how its body is written (RFC 9110, RFC 9112).
const TAKEN: [HeaderName; 11] = [
    header::ACCEPT,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Whether a header is the protocol's or the connection's, so that a caller cannot add it to a request.
///
/// ```
/// use http::{HeaderName, header};
/// use konaplate::protocol::headers;
///
/// assert!(headers::is_taken(&header::HOST));
/// assert!(headers::is_taken(&HeaderName::from_static("x-km-anything")));
/// assert!(!headers::is_taken(&HeaderName::from_static("traceparent")));
/// ```
#[must_use]
pub fn is_taken(name: &HeaderName) -> bool {
    name.as_str().starts_with("x-km-") || TAKEN.contains(name)
}
