//! The client and its builder.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::{Delivery, Error, ErrorKind};
use crate::exchange::{Clock, Core};
use crate::headers::{CorrelationId, TimeZone};
use crate::journal::Journal;
use crate::jwe::KeyWrapping;
use crate::keys::{CryptoKey, KeyError, ProjectKeys};
use crate::raw::RawCall;
use crate::retry::RetryPolicy;
use crate::signing::MessageForm;

/// Base URL of the vendor's public sandbox. Those of the test and production systems come with the
/// contract.
pub const VENDOR_SANDBOX: &str = "https://sandbox.konaplate.com/open-api";

/// How long a connection may take, unless the builder says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole call may take, unless the builder says otherwise: less than the 30 seconds that
/// a one-time token lives.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long an unused connection is kept. A call on one that the other side has just closed ends in
/// "maybe processed", so idle connections are given up well before servers usually do.
const IDLE: Duration = Duration::from_secs(15);
/// The platform gives out up to two crypto keys for a project.
pub(crate) const MAX_CRYPTO_KEYS: usize = 2;

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
    core: Arc<Core>,
}

impl Client {
    /// Starts a client. It needs a base URL and project keys; crypto keys as soon as an operation is
    /// encrypted.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Makes a client from environment variables: `KONAPLATE_BASE_URL`, `KONAPLATE_ASP_ID`,
    /// `KONAPLATE_ACCESS_KEY`, `KONAPLATE_SECRET_KEY`, and, all three or none,
    /// `KONAPLATE_CRYPTO_KEY_ID`, `KONAPLATE_SERVER_PUBLIC_KEY`, `KONAPLATE_CLIENT_PRIVATE_KEY`.
    /// Keys are PEM text, in which `\n` may stand for a line break.
    ///
    /// # Errors
    /// A variable is missing or wrong. [`Error::field`] names it.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_vars(|name| std::env::var(name).ok())?.build()
    }

    /// A call that the description does not know yet, or knows differently: any JSON object to an
    /// operation (by its id) or to a path, signed and encrypted as every call.
    ///
    /// A path that the description does not know is sent plain unless
    /// [`CallOptions::encrypt_request`](crate::CallOptions::encrypt_request) says otherwise.
    ///
    /// ```no_run
    /// # async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {
    /// let answer = client
    ///     .raw("/api/v1/refund/fee", serde_json::json!({"userId": 10000000001_u64}))
    ///     .send()
    ///     .await?;
    /// println!("{}", answer.reveal()["response"]["code"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, operation_or_path: impl Into<String>, body: Value) -> RawCall<'_> {
        RawCall::new(self, operation_or_path.into(), body)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.core).finish()
    }
}

/// Makes a [`Client`].
///
/// ```
/// use konaplate::{Client, TimeZone};
///
/// # fn example(server_certificate: &str, client_key: &str) -> Result<Client, konaplate::Error> {
/// Client::builder()
///     .base_url(konaplate::VENDOR_SANDBOX)
///     .project_keys("000170000000000", "0a1b2c3-0123456789abcdef0123456789abcdef", "the secret key")
///     .crypto_key("0123456789abcdef0123456789abcdef", server_certificate, client_key)
///     .time_zone(TimeZone::Kst)
///     .build()
/// # }
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    base_url: Option<String>,
    project: Option<ProjectKeys>,
    crypto: Vec<CryptoKey>,
    /// The first key that was wrong.
    invalid: Option<KeyError>,
    zone: TimeZone,
    form: MessageForm,
    wrapping: KeyWrapping,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    http: Option<reqwest::ClientBuilder>,
    clock: Clock,
    journal: Option<Arc<dyn Journal>>,
    retry_reads: Option<RetryPolicy>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: None,
            project: None,
            crypto: Vec::new(),
            invalid: None,
            zone: TimeZone::default(),
            form: MessageForm::default(),
            wrapping: KeyWrapping::default(),
            connect_timeout: None,
            timeout: None,
            http: None,
            clock: Box::new(SystemTime::now),
            journal: None,
            retry_reads: None,
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not checked yet: it could hold a password.
        f.debug_struct("ClientBuilder")
            .field("project", &self.project)
            .field("crypto", &self.crypto)
            .field("invalid", &self.invalid)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .field("wrapping", &self.wrapping)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("retry_reads", &self.retry_reads)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Where the platform is: `https://…/open-api`, without a slash at the end.
    ///
    /// [`VENDOR_SANDBOX`] is the vendor's public sandbox.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Who calls: the ASP id (15 characters), the access key (40 characters) and the secret key that
    /// goes with it.
    pub fn project_keys(mut self, asp_id: &str, access_key: &str, secret_key: &str) -> Self {
        match ProjectKeys::new(asp_id, access_key, secret_key) {
            Ok(keys) => self.project = Some(keys),
            Err(error) => {
                self.invalid.get_or_insert(error);
            }
        }
        self
    }

    /// Adds a key pair for encryption: its id (32 characters), the server's public key or
    /// certificate, the client's private key. The platform gives out up to two; the first one added
    /// is the default, and either opens the answers that name it.
    ///
    /// Keys may be PEM (line breaks may be written `\n`, as environment variables often have them),
    /// DER or bare base64; the public one SPKI, PKCS#1 or an X.509 certificate, the private one
    /// PKCS#8 or PKCS#1. Both are RSA keys of 2048 bits or more.
    ///
    /// Of the two halves the public one belongs to the platform ("server certificate") and the
    /// private one to us ("client certificate" and key). One page of the vendor says that a client
    /// decrypts with the *server's* private key; that is a mistake of the page, since nobody but the
    /// server has it.
    pub fn crypto_key(
        mut self,
        id: &str,
        server_public_key: impl AsRef<[u8]>,
        client_private_key: impl AsRef<[u8]>,
    ) -> Self {
        match CryptoKey::new(id, server_public_key, client_private_key) {
            Ok(key) => self.crypto.push(key),
            Err(error) => {
                self.invalid.get_or_insert(error);
            }
        }
        self
    }

    /// The zone of the timestamps; KST without this.
    pub fn time_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// What of a body is signed; its bytes without this. The vendor's text leaves it open.
    pub fn message_form(mut self, form: MessageForm) -> Self {
        self.form = form;
        self
    }

    /// Which key wrapping an encrypted answer may have; RSA-OAEP-256 only without this.
    pub fn key_wrapping(mut self, wrapping: KeyWrapping) -> Self {
        self.wrapping = wrapping;
        self
    }

    /// How long making a connection may take; 5 seconds without this.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a whole call may take; 20 seconds without this, which is less than the 30 seconds
    /// that a one-time token lives.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends calls of operations that read again when a fault that may pass makes them fail: no
    /// connection, no answer in time, a broken connection, 5XX or 429 without a documented code.
    /// Off without this. A call's own `retry` comes before it.
    ///
    /// Calls of operations that change something or move money are not concerned.
    pub fn retry_reads(mut self, policy: RetryPolicy) -> Self {
        self.retry_reads = Some(policy);
        self
    }

    /// Your own reqwest client, for proxies, client certificates or DNS. It is handed over as its
    /// builder so that redirects and retries stay off: a redirect would carry the keys to another
    /// host, and a retry would send a payment twice. The time limits are those of this builder, too.
    pub fn http(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.http = Some(builder);
        self
    }

    /// Writes every call that moves money down before it is sent, and what became of it after. A call
    /// that cannot be written down is not sent. See [`crate::journal`] and the crate
    /// `konaplate-journal`.
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Where the time of a call comes from; the system's clock without this.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// A builder filled from named variables, as [`Client::from_env`] fills one from the environment.
    ///
    /// # Errors
    /// A variable is missing or wrong. [`Error::field`] names it.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let need = |name: &'static str| {
            get(name)
                .filter(|value| !value.is_empty())
                .map(Zeroizing::new)
                .ok_or_else(|| Error::rule(ErrorKind::Configuration, name, "is not set"))
        };
        let mut builder = Self::default()
            .base_url(need(BASE_URL)?.as_str())
            .project_keys(&need(ASP_ID)?, &need(ACCESS_KEY)?, &need(SECRET_KEY)?);
        let crypto = [CRYPTO_KEY_ID, SERVER_PUBLIC_KEY, CLIENT_PRIVATE_KEY];
        if crypto
            .iter()
            .any(|name| get(name).is_some_and(|value| !value.is_empty()))
        {
            builder = builder.crypto_key(
                &need(CRYPTO_KEY_ID)?,
                need(SERVER_PUBLIC_KEY)?.as_bytes(),
                need(CLIENT_PRIVATE_KEY)?.as_bytes(),
            );
        }
        if let Some(error) = builder.invalid {
            let (setting, rule) = error.into_parts();
            return Err(Error::rule(
                ErrorKind::Configuration,
                variable_of(setting),
                rule,
            ));
        }
        Ok(builder)
    }

    /// Makes the client.
    ///
    /// # Errors
    /// A setting is missing or wrong. [`Error::field`] names it.
    pub fn build(self) -> Result<Client, Error> {
        let wrong = |setting: &'static str, rule: &str| {
            Error::rule(ErrorKind::Configuration, setting, rule)
        };
        if let Some(error) = self.invalid {
            let (setting, rule) = error.into_parts();
            return Err(Error::rule(ErrorKind::Configuration, setting, rule));
        }
        let base_url = self
            .base_url
            .ok_or_else(|| wrong("base_url", "is missing"))?;
        let base_url = checked_base_url(&base_url).map_err(|rule| wrong("base_url", rule))?;
        let project = self
            .project
            .ok_or_else(|| wrong("project_keys", "are missing"))?;
        if self.crypto.len() > MAX_CRYPTO_KEYS {
            return Err(wrong(
                "crypto_key",
                "was given more than twice; a project has at most two",
            ));
        }
        if let [first, second] = self.crypto.as_slice()
            && first.id == second.id
        {
            return Err(wrong("crypto_key", "was given twice with one id"));
        }
        for (setting, timeout) in [
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
        ] {
            if timeout == Some(Duration::ZERO) {
                return Err(wrong(setting, "must be longer than zero"));
            }
        }

        CorrelationId::prepare();
        if let Some(policy) = &self.retry_reads {
            policy.check("retry_reads")?;
        }
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        let http = self
            .http
            .unwrap_or_else(|| reqwest::Client::builder().pool_idle_timeout(IDLE))
            .connect_timeout(self.connect_timeout.unwrap_or(CONNECT_TIMEOUT))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Configuration,
                    Delivery::NotSent,
                    "the HTTP client could not be made",
                )
                .with_source(error)
            })?;
        Ok(Client {
            core: Arc::new(Core {
                base_url,
                http,
                project,
                crypto: self.crypto,
                zone: self.zone,
                form: self.form,
                wrapping: self.wrapping,
                clock: self.clock,
                journal: self.journal,
                ids_come_back: AtomicBool::new(false),
                timeout,
                retry_reads: self.retry_reads,
            }),
        })
    }
}

const BASE_URL: &str = "KONAPLATE_BASE_URL";
const ASP_ID: &str = "KONAPLATE_ASP_ID";
const ACCESS_KEY: &str = "KONAPLATE_ACCESS_KEY";
const SECRET_KEY: &str = "KONAPLATE_SECRET_KEY";
const CRYPTO_KEY_ID: &str = "KONAPLATE_CRYPTO_KEY_ID";
const SERVER_PUBLIC_KEY: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
const CLIENT_PRIVATE_KEY: &str = "KONAPLATE_CLIENT_PRIVATE_KEY";

fn variable_of(setting: &'static str) -> &'static str {
    match setting {
        "asp_id" => ASP_ID,
        "access_key" => ACCESS_KEY,
        "secret_key" => SECRET_KEY,
        "crypto_key_id" => CRYPTO_KEY_ID,
        "server_public_key" => SERVER_PUBLIC_KEY,
        "client_private_key" => CLIENT_PRIVATE_KEY,
        other => other,
    }
}

fn checked_base_url(text: &str) -> Result<String, &'static str> {
    let url = reqwest::Url::parse(text.trim()).map_err(|_| "is not an absolute URL")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must start with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with its path, without ? or #");
    }
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !is_loopback {
        tracing::warn!(
            "the base URL is plain HTTP: keys, tokens and plain bodies can be read on the way"
        );
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
