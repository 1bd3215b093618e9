//! What the commands that serve have in common: the log, and the signal to stop.

use anyhow::Result;
use tracing_subscriber::EnvFilter;

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
