//! The sandbox as a program: `konaplate-sandbox --listen 127.0.0.1:8787 --env-file sandbox.env`.

use anyhow::Result;
use clap::Parser;
use konaplate_sandbox::program::Arguments;
use tracing_subscriber::EnvFilter;

/// Plays the platform's side of the KONA PLATE Open API.
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    Program::parse().arguments.run().await
}
