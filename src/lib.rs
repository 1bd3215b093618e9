// A link of README: the first address that a text has for it is taken.
#![doc = "[korean]: crate::korean"]
// The picture is no part of the package: in its place the portal's icon.
#![doc = concat!("[portal]: ", include_str!("portal-icon.txt"))]
#![doc = include_str!("../README.md")]

// Generated code names the types of this crate by their public path.
extern crate self as konaplate;

pub mod callback;
pub mod credentials;
pub mod error;
pub mod journal;
/// 한국어 첫 페이지입니다. The front page in Korean, for readers only.
///
/// [english]: crate
#[doc = concat!("[portal]: ", include_str!("portal-icon.txt"))]
// Its code is that of the English one, byte for byte, and is tested there.
#[cfg(all(doc, not(doctest)))]
#[doc = include_str!("../README.ko.md")]
pub mod korean {}
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod outcome;
pub mod paging;
pub mod protocol;
#[cfg(feature = "test-util")]
pub mod test_util;
pub mod types;
pub mod value;

mod client;
mod operation;
mod pipeline;

/// The call builders.
mod generated_operations {
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

pub use generated_operations::{
    admin, auto_recharges, bank_accounts, cards, cash_receipts, gifts, members, merchants,
    payments, points, recharges, refunds, transfers,
};

pub use client::{Client, ClientBuilder, RawCall, VENDOR_SANDBOX};
pub use error::{Delivery, Error, ErrorClass, ErrorCode, ErrorKind};
pub use operation::{
    DescribedOutcome, Effect, Encrypted, Evidence, Inquiry, InquiryResult, Operation, Proves, Said,
};
pub use outcome::{CallRecord, NotCarriedOut, Outcome, PaymentOutcome, Processed, Proof};
pub use paging::Pages;
pub use pipeline::{CallOptions, Exchange, OutcomePolicy, Response, RetryPolicy};
pub use protocol::envelope::SUCCESS;
pub use protocol::{CorrelationId, Repair, RepairKind, TimeZone, Unread};
pub use value::Violation;

/// The OpenAPI description that this client was generated from, as YAML: the same file that other
/// languages generate from.
pub const DESCRIPTION: &str = include_str!("../openapi/konaplate.yaml");
