//! The gateway as a program: its arguments, and what it does with them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use konaplate::ClientBuilder;
use konaplate_journal::Journal;
use konaplate_sandbox::Sandbox;
use metrics_exporter_prometheus::PrometheusHandle;

use super::{Gateway, Settings, Tls, Tokens, describe, recorder};
use crate::context::Context;
use crate::journal_place::Place;
use crate::program::stop_signal;

/// How often metrics are put in order, and the journal is asked what waits in it.
const HOUSEKEEPING: Duration = Duration::from_secs(30);

/// Takes plain JSON, signs and encrypts it, and returns the response as plain JSON.
///
/// The keys are read from KONAPLATE_ASP_ID, KONAPLATE_ACCESS_KEY, KONAPLATE_SECRET_KEY,
/// KONAPLATE_CRYPTO_KEY_ID, KONAPLATE_SERVER_PUBLIC_KEY and KONAPLATE_CLIENT_PRIVATE_KEY, or from the
/// files that these name with _FILE behind them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate gateway --sandbox                   # tries it out, with a sandbox behind it
  konaplate gateway --journal journal.db        # records what moves money
  konaplate gateway --listen 0.0.0.0:8788 --tls-cert cert.pem --tls-key key.pem --token-file tokens
  curl http://127.0.0.1:8788/api/v1/user/info --json '{\"userId\": 10000000001}'")]
pub struct Arguments {
    /// Address and port to listen on; port 0 is any free one. Another interface than loopback needs
    /// --token-file, and --tls-cert with --tls-key or --insecure-listen.
    #[arg(long, default_value = "127.0.0.1:8788")]
    listen: SocketAddr,

    /// Base URL of the platform, instead of KONAPLATE_BASE_URL.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,

    /// Start a sandbox, and be its gateway. Only then X-Sandbox-* headers are passed on.
    #[arg(long, conflicts_with = "upstream")]
    sandbox: bool,

    /// Record calls that move money before they are sent, and answer `/outcomes/{sequenceId}`.
    #[command(flatten)]
    journal: Place,

    /// Do not check requests against the description.
    #[arg(long)]
    no_validation: bool,

    /// File with the certificate and its chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// File with the private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Listen without TLS where others can reach it.
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_listen: bool,

    /// File with tokens, one a line, of at least 32 characters: each request has to bring one.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A name that the gateway is called by, beside those of this machine. Can be given several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
}

impl Arguments {
    /// Starts the gateway, prints where it listens, and serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// A setting is missing or wrong, a file cannot be read, or the address cannot be listened on.
    pub async fn run(self, context: &Context) -> Result<()> {
        // Before anybody can know that the program runs.
        let stopped = stop_signal()?;
        let recorder = recorder()?;
        let metrics = recorder.handle();
        metrics::set_global_recorder(recorder)
            .ok()
            .context("metrics are recorded already")?;
        describe();

        let sandbox = match self.sandbox {
            true => Some(Sandbox::start().await?),
            false => None,
        };
        let journal = self
            .journal
            .open(context)
            .await
            .map_err(anyhow::Error::msg)?;
        let mut builder = match &sandbox {
            Some(sandbox) => sandbox.client_builder(),
            None => ClientBuilder::from_vars(|name| self.variable(context, name))?,
        };
        if let Some(journal) = &journal {
            builder = builder.journal(Arc::new(journal.clone()));
        }
        let mut settings = self.settings(metrics.clone())?;
        settings.journal.clone_from(&journal);
        let gateway = Gateway::listen(settings, builder.build()?)?;

        let housekeeping = tokio::spawn(keep_house(metrics, journal.clone()));
        let stop = gateway.stop();
        tokio::spawn(async move {
            stopped.await;
            stop.gracefully();
        });
        if let Some(sandbox) = &sandbox {
            println!("sandbox: {}", sandbox.base_url());
        }
        println!("listening on {}", gateway.url());
        let served = gateway.serve().await;
        housekeeping.abort();
        if let Some(journal) = journal {
            journal.close().await;
        }
        if let Some(sandbox) = sandbox {
            sandbox.stop().await;
        }
        served
    }

    fn variable(&self, context: &Context, name: &str) -> Option<String> {
        match (name, &self.upstream) {
            ("KONAPLATE_BASE_URL", Some(upstream)) => Some(upstream.clone()),
            _ => context.variables.get(name),
        }
    }

    fn settings(&self, metrics: PrometheusHandle) -> Result<Settings> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificates), Some(key)) => Some(Tls::read(certificates, key)?),
            _ => None,
        };
        let mut settings = Settings::new(self.listen);
        settings.hosts.clone_from(&self.hosts);
        settings.tls = tls;
        settings.insecure = self.insecure_listen;
        settings.tokens = self.token_file.as_deref().map(Tokens::read).transpose()?;
        settings.validates = !self.no_validation;
        settings.to_its_sandbox = self.sandbox;
        settings.metrics = Some(metrics);
        Ok(settings)
    }
}

/// Keeps the metrics in order, and sets those of the journal.
async fn keep_house(metrics: PrometheusHandle, journal: Option<Journal>) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
        if let Some(journal) = &journal
            && let Err(error) = journal.backlog().await
        {
            tracing::warn!(%error, "the journal could not be asked what waits in it");
        }
    }
}
