//! The sandbox as a program: its arguments, and what it does with them. `konaplate-sandbox` and
//! `konaplate sandbox` are both this.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::Sandbox;

/// Plays the platform's side of the KONA PLATE Open API.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Address and port to listen on; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// Keep the state in this SQLite file, and go on with what is in it.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Write the seven KONAPLATE_* variables that clients read into this file.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// Send callbacks to this address, which has to be on this machine.
    #[arg(long, value_name = "URL")]
    callbacks: Option<String>,

    /// Encrypt the callbacks.
    #[arg(long, requires = "callbacks")]
    encrypt_callbacks: bool,
}

impl Arguments {
    /// Starts the sandbox, prints where it listens, and serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// It cannot be started: see [`SandboxBuilder::start`](crate::SandboxBuilder::start). Or the file of
    /// variables cannot be written.
    pub async fn run(self) -> Result<()> {
        let mut builder = Sandbox::builder()
            .listen(self.listen)
            .encrypt_callbacks(self.encrypt_callbacks);
        if let Some(url) = self.callbacks {
            builder = builder.callbacks(url);
        }
        if let Some(file) = self.data {
            builder = builder.data(file);
        }
        // Before anybody can know that the program runs.
        let stopped = stop_signal()?;
        let sandbox = builder.start().await?;
        match self.env_file {
            Some(file) => {
                sandbox
                    .write_variables(&file)
                    .with_context(|| format!("cannot write {}", file.display()))?;
                println!("variables: {}", file.display());
            }
            None => print!("{}", sandbox.shell_variables()),
        }
        println!("control: {}/__sandbox/openapi.yaml", sandbox.base_url());
        println!("listening on {}", sandbox.base_url());

        stopped.await;
        sandbox.stop().await;
        Ok(())
    }
}

/// Logs on standard error what `RUST_LOG` asks for; `info` and above where it asks for nothing.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

/// Ends with the first signal to stop: SIGTERM or SIGINT.
///
/// # Errors
/// The system does not let it listen for signals.
#[cfg(unix)]
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends with the first Ctrl-C.
///
/// # Errors
/// The system does not let it listen for it.
#[cfg(windows)]
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
