//! The one way of a call: prepare, attempt, interpret, and retries around them.
//!
//! ```text
//! typed call ─ progenitor ─ hook ┐
//!                                ├─ retry ─ prepare ─ attempt ─ interpret
//! raw call ──────────────────────┘
//! ```
//!
//! [`prepare`] makes the plaintext what goes out: encrypted where the operation wants it, with its
//! headers, signed. [`attempt`] sends it once, with the journal before and after. [`interpret`]
//! reads what came back, once. Typed and raw calls both take this way, so there is none on which
//! something leaves unsigned. A call that is not signed cannot be written:
//!
//! ```
//! let client: fn() -> Result<konaplate::Client, konaplate::Error> = konaplate::Client::from_env;
//! ```
//!
//! compiles, and what would send around the signing does not. progenitor's client is private:
//!
//! ```compile_fail,E0603
//! let client = konaplate::pipeline::generated::Client::new_with_client;
//! ```
//!
//! and so are the HTTP client and the keys inside of ours:
//!
//! ```compile_fail,E0616
//! let client: fn(konaplate::Client) = |client| drop(client.pipeline);
//! ```

mod attempt;
mod caller;
mod hook;
mod interpret;
mod outcome_policy;
mod plan;
mod prepare;
mod recording;
mod response;
mod retry;
mod retry_after;
mod retry_policy;
mod transport;
mod typed;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use reqwest::Url;

use crate::credentials::InUse;
use crate::journal::Journal;
use crate::protocol::{Clock, MessageForm, TimeZone};

pub(crate) use caller::Caller;
pub(crate) use hook::{Sending, Session};
pub(crate) use interpret::Success;
pub use outcome_policy::OutcomePolicy;
pub use plan::CallOptions;
pub(crate) use plan::Plan;
pub use response::{Exchange, Response};
pub use retry_policy::RetryPolicy;
#[cfg(feature = "test-util")]
pub(crate) use {hook::typed_response, interpret::failed as failure_of};

/// progenitor's client. Private: whatever it sends goes through the hook, and whatever comes back
/// is made ours there.
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
pub(crate) mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

/// What all calls of a client share.
pub(crate) struct Pipeline {
    /// Parsed once, for all calls.
    pub(crate) base: Url,
    pub(crate) http: reqwest::Client,
    pub(crate) caller: InUse<Caller>,
    pub(crate) zone: TimeZone,
    pub(crate) form: MessageForm,
    pub(crate) clock: Clock,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    /// How long one attempt may take, its journal included.
    pub(crate) timeout: Duration,
    /// For operations that read.
    pub(crate) retry_reads: Option<RetryPolicy>,
    /// Whether the server is the local sandbox, whose messages are shown.
    pub(crate) shows_sandbox: bool,
    /// Whether a response carried the id of its call.
    pub(crate) ids_come_back: AtomicBool,
}

impl Pipeline {
    /// What the paths of operations follow on.
    pub(crate) fn base_url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("base_url", &self.base_url())
            .field("caller", &self.caller)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .field("timeout", &self.timeout)
            .field("retry_reads", &self.retry_reads)
            .finish_non_exhaustive()
    }
}
