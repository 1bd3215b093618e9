//! The sandbox as a program: `konaplate-sandbox --listen 127.0.0.1:8787 --env-file sandbox.env`.

use anyhow::Result;
use clap::Parser;
use konaplate_sandbox::program::{Arguments, log_to_stderr};

/// Plays the platform's side of the KONA PLATE Open API.
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> Result<()> {
    log_to_stderr();
    Program::parse().arguments.run().await
}
