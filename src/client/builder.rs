//! The settings of a client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use reqwest::Url;

use super::Client;
use crate::credentials::{InUse, Settings, shared_setters};
use crate::error::{Error, ErrorKind, root_cause};
use crate::journal::Journal;
use crate::pipeline::{Caller, Pipeline, RetryPolicy};
use crate::protocol::CorrelationId;
use crate::value::check_setting;

/// Base URL of the vendor's public sandbox. Those of the test and production systems come with the
/// contract.
pub const VENDOR_SANDBOX: &str = "https://sandbox.konaplate.com/open-api";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Less than the 30 seconds that a one-time token lives.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long an unused connection is kept. A call on one that the other side has just closed ends in
/// "maybe processed", so idle connections are given up well before servers usually do.
const IDLE: Duration = Duration::from_secs(15);

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
#[derive(Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    base_url: Option<String>,
    plain_http: bool,
    shows_sandbox: bool,
    pub(super) settings: Settings,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    http: Option<reqwest::ClientBuilder>,
    journal: Option<Arc<dyn Journal>>,
    retry_reads: Option<RetryPolicy>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not checked yet: it could hold a password.
        f.debug_struct("ClientBuilder")
            .field("settings", &self.settings)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("retry_reads", &self.retry_reads)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Where the platform is: `https://…/open-api`. Required. A slash at the end makes no
    /// difference.
    ///
    /// [`VENDOR_SANDBOX`] is the vendor's public sandbox.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Allows a base URL of plain HTTP to another machine, such as a sandbox in a network of
    /// containers. Keys, tokens and plain bodies can then be read on the way. Default: such a URL
    /// is an error; one of this machine (loopback) is not.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Who calls: the ASP id (15 characters), the access key (40 characters) and the secret key
    /// that goes with it. Required.
    pub fn project_keys(mut self, asp_id: &str, access_key: &str, secret_key: &str) -> Self {
        self.settings
            .add(|keys| keys.project_keys(asp_id, access_key, secret_key));
        self
    }

    /// The access key (40 characters) that was in use before `project_keys`. A
    /// [journal](crate::journal) that knows the project by it knows from then on that both are one
    /// project. Default: none.
    ///
    /// The platform gives out an access key and its secret key as a pair, so a rotation replaces
    /// both. Give this for as long as it takes until each process has the new pair and has made a
    /// call that moves money, or has recovered.
    pub fn former_access_key(mut self, access_key: &str) -> Self {
        self.settings.add(|keys| keys.former_access_key(access_key));
        self
    }

    /// Adds a key pair for encryption: its id (32 characters), the server's public key or
    /// certificate, the client's private key. The platform gives out up to two; the first one added
    /// is the default, and either decrypts the responses that name it.
    ///
    /// Keys may be PEM (line breaks may be written `\n`, as environment variables often have them),
    /// DER or bare base64; the public one SPKI, PKCS#1 or an X.509 certificate, the private one
    /// PKCS#8 or PKCS#1. Both are RSA keys of 2048 bits or more.
    ///
    /// Of the two halves the public one belongs to the platform ("server certificate") and the
    /// private one to us ("client certificate" and key). One page of the vendor says that a client
    /// decrypts with the *server's* private key; that is a mistake of the page, since nobody but
    /// the server has it.
    pub fn crypto_key(
        mut self,
        id: &str,
        server_public_key: impl AsRef<[u8]>,
        client_private_key: impl AsRef<[u8]>,
    ) -> Self {
        self.settings
            .add(|keys| keys.crypto_key(id, server_public_key, client_private_key));
        self
    }

    shared_setters!(credentials_provider time_zone message_form key_wrapping clock);

    /// How long making a connection may take. Default: 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a whole attempt may take. Default: 20 s, less than the 30 s that a one-time token
    /// lives.
    ///
    /// So that it holds whatever a server sends, a runtime of one thread, or with one worker, does not
    /// have the connections: they are on two threads, `konaplate-http`, that all clients of the
    /// process share.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Retries calls of operations that read, when a fault that may pass makes them fail: no
    /// connection, no response in time, a broken connection, 5XX or 429 without a documented code.
    /// Default: no retries. A call's own `retry` comes before it.
    ///
    /// Calls of operations that change something or move money are not concerned.
    pub fn retry_reads(mut self, policy: RetryPolicy) -> Self {
        self.retry_reads = Some(policy);
        self
    }

    /// Shows in errors what the local sandbox says of a request that it refuses. Only for a client
    /// of the sandbox, which makes its own clients so: what any other server says may repeat parts
    /// of a request, and is masked.
    pub fn shows_sandbox_messages(mut self) -> Self {
        self.shows_sandbox = true;
        self
    }

    /// Your own reqwest client, for proxies, client certificates or DNS. It is handed over as its
    /// builder so that redirects and retries stay off: a redirect would carry the keys to another
    /// host, and a retry would send a payment twice. The timeouts are those of this builder, too,
    /// connections are idle for 15 s at most, and `connection_verbose`, which logs keys, is off.
    ///
    /// A proxy, an own certificate authority, and a client certificate (mutual TLS):
    ///
    /// ```no_run
    /// # fn example(builder: konaplate::ClientBuilder) -> Result<(), Box<dyn std::error::Error>> {
    /// let authority = reqwest::Certificate::from_pem(&std::fs::read("authority.pem")?)?;
    /// // The certificate and its private key, one after the other.
    /// let identity = reqwest::Identity::from_pem(&std::fs::read("client.pem")?)?;
    /// let http = reqwest::Client::builder()
    ///     .proxy(reqwest::Proxy::all("http://proxy.example.com:3128")?)
    ///     // Instead of the system's. `tls_certs_merge` adds to them.
    ///     .tls_certs_only([authority])
    ///     .identity(identity);
    /// let client = builder.http(http).build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without a proxy of its own, reqwest uses `HTTPS_PROXY` and the like; `no_proxy` turns that
    /// off. An HTTPS call goes through a proxy as a tunnel: the proxy sees the host, and no key.
    pub fn http(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.http = Some(builder);
        self
    }

    /// Records every call that moves money before it is sent, and its outcome after. A call that
    /// cannot be recorded is not sent. See [`journal`](crate::journal) and the crate
    /// `konaplate-journal`. Default: no journal.
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// A setting is missing or wrong. [`Error::field`] names it.
    pub fn build(mut self) -> Result<Client, Error> {
        let wrong = |setting: &'static str, rule: &str| {
            Error::rule(ErrorKind::Configuration, setting, rule)
        };
        let credentials = self.settings.take_credentials()?;
        let base_url = self
            .base_url
            .ok_or_else(|| wrong("base_url", "is missing"))?;
        check_setting(&base_url).map_err(|rule| wrong("base_url", &rule.to_string()))?;
        let base =
            checked_base_url(&base_url, self.plain_http).map_err(|rule| wrong("base_url", rule))?;
        let uses_tls = base.scheme() == "https";
        let caller = Caller::new(base.as_str().trim_end_matches('/'), credentials)?;
        let settings = self.settings;
        for (setting, timeout) in [
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
        ] {
            if timeout == Some(Duration::ZERO) {
                return Err(wrong(setting, "must be longer than zero"));
            }
        }
        if let Some(policy) = &self.retry_reads {
            policy.check("retry_reads")?;
        }

        CorrelationId::prepare();
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        let mut http = self.http.unwrap_or_default();
        if !uses_tls {
            // Else the system's certificates would be looked for, which not every machine has.
            http = http.tls_certs_only([]);
        }
        let http = http
            .pool_idle_timeout(IDLE)
            // It would log what goes over the wire, keys and tokens included.
            .connection_verbose(false)
            .connect_timeout(self.connect_timeout.unwrap_or(CONNECT_TIMEOUT))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|error| no_client(error, uses_tls))?;
        Ok(Client {
            pipeline: Arc::new(Pipeline {
                base,
                http,
                caller: InUse::new(caller, settings.provider, settings.wrapping),
                zone: settings.zone,
                form: settings.form,
                clock: settings.clock,
                journal: self.journal,
                timeout,
                retry_reads: self.retry_reads,
                shows_sandbox: self.shows_sandbox,
                ids_come_back: AtomicBool::new(false),
            }),
        })
    }
}

/// Where TLS is used, what is mostly missing is the system's certificate store.
fn no_client(error: reqwest::Error, uses_tls: bool) -> Error {
    let cure = if uses_tls {
        ". Where certificates are missing, install those of the system (on Debian and Alpine the \
         package ca-certificates), or name a PEM file in SSL_CERT_FILE"
    } else {
        ""
    };
    let rule = format!("could not be made: {}{cure}", root_cause(&error));
    Error::rule(ErrorKind::Configuration, "http", rule).with_source(error)
}

fn checked_base_url(text: &str, allows_plain_http: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an absolute URL")?;
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
    if url.scheme() == "http" && !is_loopback && !allows_plain_http {
        return Err(
            "must start with https://: over plain HTTP keys, tokens and plain bodies can be \
             read on the way (allow_plain_http allows it)",
        );
    }
    Ok(url)
}
