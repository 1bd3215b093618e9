#![doc = include_str!("../README.md")]

// Generated code names the types of this crate by their public path.
extern crate self as konaplate;

pub mod error_code;
pub mod headers;
pub mod jwe;
pub mod scalar;
pub mod sensitive;
pub mod signing;
pub mod types;

mod call;
mod client;
mod error;
mod excerpt;
mod exchange;
mod keys;
mod operation;
mod raw;
mod response;

/// progenitor's client. Private: whatever it sends goes through the hooks in `call`, and whatever it
/// answers is made ours there.
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_debug_implementations,
    missing_docs,
    rustdoc::all,
    unreachable_pub,
    unused_imports
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// The table of operations and the call builders.
mod generated_operations {
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

#[cfg(feature = "auto-recharges")]
pub use generated_operations::auto_recharges;
#[cfg(feature = "gifts")]
pub use generated_operations::gifts;
#[cfg(feature = "payments")]
pub use generated_operations::payments;
#[cfg(feature = "recharges")]
pub use generated_operations::recharges;

pub use call::CallOptions;
pub use client::{Client, ClientBuilder, VENDOR_SANDBOX};
pub use error::{Delivery, Error, ErrorKind};
pub use error_code::ErrorCode;
pub use headers::{CorrelationId, TimeZone};
pub use operation::{Effect, Encrypted, Evidence, Operation};
pub use raw::RawCall;
pub use response::{Exchange, Response};
pub use scalar::Violation;

/// The code of success.
pub const SUCCESS: &str = "000_000";

/// The OpenAPI description that this client was generated from, as YAML: the same file that other
/// languages generate from.
pub const DESCRIPTION: &str = include_str!("../openapi/konaplate.yaml");
