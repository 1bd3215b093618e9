//! The client: its builder, and the calls that it starts.

mod builder;
mod call;
mod checks;
mod environment;
mod raw;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::credentials::Credentials;
use crate::error::Error;
use crate::journal::Project;
use crate::pipeline::Pipeline;

pub use builder::{ClientBuilder, VENDOR_SANDBOX};
pub(crate) use call::{Call, options, retry, retry_unsent};
pub(crate) use checks::{Checks, Fault, Part, value_setter};
pub use raw::RawCall;

/// A client of the KONA PLATE Open API.
///
/// Its methods are the operations, one each; they return a call to fill in and send. Cloning a
/// client is cheap, and clones share their connections.
///
/// ```no_run
/// # async fn example() -> Result<(), konaplate::Error> {
/// let client = konaplate::Client::from_env()?;
/// let token = client
///     .issue_one_time_token()
///     .card_no("9491339401250765")
///     .send()
///     .await?;
/// println!("valid until {} ms after 1970", token.expiry_time);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Arc<Pipeline>,
}

impl Client {
    /// Starts a client. It needs a base URL and project keys; crypto keys as soon as an operation
    /// is encrypted.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Makes a client from environment variables: `KONAPLATE_BASE_URL`, `KONAPLATE_ASP_ID`,
    /// `KONAPLATE_ACCESS_KEY`, `KONAPLATE_SECRET_KEY`, and, all three or none,
    /// `KONAPLATE_CRYPTO_KEY_ID`, `KONAPLATE_SERVER_PUBLIC_KEY`, `KONAPLATE_CLIENT_PRIVATE_KEY`.
    /// Keys are PEM text, in which `\n` may stand for a line break. A second crypto key has the same
    /// three names with `_2` behind them. Each variable may be given as a file, as secrets are
    /// mounted into containers: its name with `_FILE` behind it, the path as its value. With
    /// `KONAPLATE_ALLOW_PLAIN_HTTP=true` as [`ClientBuilder::allow_plain_http`]. In a rotation
    /// `KONAPLATE_FORMER_ACCESS_KEY` as [`ClientBuilder::former_access_key`].
    ///
    /// [`refresh_credentials`](Self::refresh_credentials) reads them again, files included.
    ///
    /// # Errors
    /// A variable is missing or wrong. [`Error::field`] names it.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_vars(|name| std::env::var(name).ok())?
            .credentials_provider(Credentials::from_env)
            .build()
    }

    /// Whose calls these are: what a [journal](crate::journal) keeps its entries by.
    #[must_use]
    pub fn project(&self) -> Project {
        self.pipeline.caller.get().project.clone()
    }

    /// Asks the [provider of credentials](ClientBuilder::credentials_provider) again, and uses from
    /// the next attempt on what it has. Calls under way end with the keys that they began with.
    ///
    /// When to ask is yours to say: on a signal, or every few minutes. A provider that reads files
    /// blocks for as long.
    ///
    /// ```no_run
    /// # async fn example(client: konaplate::Client) {
    /// let mut minutes = tokio::time::interval(std::time::Duration::from_secs(60));
    /// loop {
    ///     minutes.tick().await;
    ///     if let Err(error) = client.refresh_credentials() {
    ///         eprintln!("the keys stay as they are: {error}");
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// A [journal](crate::journal) knows the project by the former access keys, too.
    ///
    /// # Errors
    /// There is no provider, it failed, or its credentials are wrong or those of another project
    /// (another ASP id). The keys in use stay.
    pub fn refresh_credentials(&self) -> Result<(), Error> {
        let caller = &self.pipeline.caller;
        caller.refresh(|credentials, current| current.rotated(credentials))
    }

    /// How long an attempt of a call may take:
    /// [`ClientBuilder::timeout`](crate::ClientBuilder::timeout).
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.pipeline.timeout
    }

    /// A call that the description does not know yet, or knows differently: any JSON object to an
    /// operation (by its id) or to a path, signed and encrypted as every call.
    ///
    /// A path that the description does not know is sent plain unless
    /// [`CallOptions::encrypt_request`](crate::CallOptions::encrypt_request) says otherwise.
    ///
    /// ```no_run
    /// # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
    /// let response = client
    ///     .raw("/api/v1/refund/fee", serde_json::json!({"userId": 10000000001_u64}))
    ///     .send()
    ///     .await?;
    /// println!("{}", response.expose()["response"]["code"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, operation_or_path: impl Into<String>, body: Value) -> RawCall<'_> {
        RawCall::new(self, operation_or_path.into(), body)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.pipeline).finish()
    }
}
