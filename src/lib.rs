#![doc = include_str!("../README.md")]

// Generated code names the types of this crate by their public path.
extern crate self as konaplate;

pub mod callback;
pub mod error_code;
pub mod headers;
pub mod jwe;
pub mod scalar;
pub mod sensitive;
pub mod signing;
pub mod types;

mod call;
mod checks;
mod client;
mod error;
mod excerpt;
mod exchange;
pub mod journal;
mod keys;
mod operation;
pub mod paging;
mod raw;
mod response;
pub mod retry;
pub mod settle;

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

pub use generated_operations::{
    admin, auto_recharges, bank_accounts, cards, cash_receipts, gifts, members, merchants,
    payments, points, recharges, refunds, transfers,
};

pub use call::CallOptions;
pub use client::{Client, ClientBuilder, VENDOR_SANDBOX};
pub use error::{Delivery, Error, ErrorKind};
pub use error_code::{ErrorClass, ErrorCode};
pub use headers::{CorrelationId, TimeZone};
pub use operation::{Effect, Encrypted, Evidence, Inquiry, Operation, Outcome};
pub use paging::Pages;
pub use raw::RawCall;
pub use response::{Exchange, Response};
pub use retry::RetryPolicy;
pub use scalar::Violation;
pub use settle::{
    CancelPolicy, Opened, Paid, Payment, SettlePolicy, Settled, Settlement, Told, Unsettleable,
};

/// The code of success.
pub const SUCCESS: &str = "000_000";

/// The OpenAPI description that this client was generated from, as YAML: the same file that other
/// languages generate from.
pub const DESCRIPTION: &str = include_str!("../openapi/konaplate.yaml");
