//! Names of the seven `X-KM-*` headers.

use http::HeaderName;

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
