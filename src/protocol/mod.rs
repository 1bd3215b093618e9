//! What goes over the wire: headers, correlation id, timestamp, token, JWE, envelope.
//!
//! Pure: nothing here opens a connection, reads a clock that it was not given, or knows an
//! operation. The client, the callback receiver and the sandbox share it.

pub mod envelope;
pub mod headers;

mod correlation_id;
mod jwe;
mod mend;
mod received;
mod repair;
mod request;
mod timestamp;
mod token;
mod unique;

pub use correlation_id::CorrelationId;
pub use jwe::{
    ContentEncryption, DecryptError, DecryptionKey, EncryptError, EncryptionKey, KeyWrapping,
    OaepHash, jose_header,
};
pub use received::Unread;
pub(crate) use received::{AsItCame, Received};
pub(crate) use repair::{Place, Step};
pub use repair::{Repair, RepairKind};
pub use request::{JSON, RequestSigner};
pub(crate) use timestamp::Clock;
pub use timestamp::{TimeZone, Timestamp};
pub use token::{MessageForm, SigningKey, TranToken};
pub use unique::{shown_name, strict_object};
