//! How a gateway is set up, and what may not be.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use konaplate_journal::Journal;
use metrics_exporter_prometheus::PrometheusHandle;

use super::tls::Tls;
use super::token::Tokens;

/// How a gateway is set up.
#[derive(Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Address and port to listen on; port 0 is any free one. One of another interface than
    /// loopback needs [`tokens`](Self::tokens), and [`tls`](Self::tls) or
    /// [`insecure`](Self::insecure).
    pub listen: SocketAddr,
    /// Names or addresses that a `Host` may have, beside those of this machine.
    pub hosts: Vec<String>,
    /// Certificate and key of the listener.
    pub tls: Option<Tls>,
    /// Whether to listen without TLS where others can reach it.
    pub insecure: bool,
    /// Tokens, one of which each request has to bring.
    pub tokens: Option<Tokens>,
    /// Whether requests are checked against the description before anything is sent.
    pub validates: bool,
    /// Whether the upstream is a sandbox that was started with the gateway: `X-Sandbox-*` headers go
    /// to no other.
    pub to_its_sandbox: bool,
    /// What `/metrics` shows. None: there is no `/metrics`.
    pub metrics: Option<PrometheusHandle>,
    /// The journal that `/outcomes` asks: that of the client. None: there is no `/outcomes`.
    pub journal: Option<Journal>,
    /// Limits.
    pub limits: Limits,
}

/// What a gateway bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest first line and headers of a request, in bytes. Default: 64 KiB. At least 8 KiB.
    pub head: usize,
    /// The largest body of a request, in bytes. Default: 1 MiB.
    pub body: usize,
    /// How long the head of a request may take, its body as long again, and a wait for
    /// [`calls`](Self::calls). An idle connection ends after it, too. Default: 60 s.
    pub read: Duration,
    /// How long a peer may take nothing of a response. Default: 60 s.
    pub write: Duration,
    /// How long a TLS handshake may take. Default: 10 s.
    pub handshake: Duration,
    /// Connections at once; others are closed. Default: 1,024.
    pub connections: usize,
    /// Calls under way at once; others wait. Default: 512.
    pub calls: usize,
    /// How long calls may go on when it stops. Default: 40 s, longer than a call's default time
    /// limit.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            body: 1024 * 1024,
            read: Duration::from_secs(60),
            write: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            connections: 1_024,
            calls: 512,
            stop: Duration::from_secs(40),
        }
    }
}

impl Settings {
    /// The settings of a gateway for this machine alone.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            hosts: Vec::new(),
            tls: None,
            insecure: false,
            tokens: None,
            validates: true,
            to_its_sandbox: false,
            metrics: None,
            journal: None,
            limits: Limits::default(),
        }
    }

    /// Whether others than this machine can use it only as they should.
    pub(super) fn check(&self) -> Result<()> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        ensure!(
            self.tls.is_some() || self.insecure,
            "listen: an address that others can reach needs TLS (--tls-cert, --tls-key), or \
             --insecure-listen where something else encrypts"
        );
        ensure!(
            self.tokens.is_some(),
            "listen: an address that others can reach needs --token-file"
        );
        ensure!(
            !self.hosts.is_empty() || !self.listen.ip().is_unspecified(),
            "listen: an address of every interface needs --host, the names that it is called by"
        );
        Ok(())
    }
}
