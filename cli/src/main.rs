//! The program `konaplate`.

use anyhow::Result;
use clap::{Parser, Subcommand};
use konaplate_cli::gateway;
use konaplate_sandbox::program::{self, log_to_stderr};

/// The KONA PLATE Open API for programs in any language.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays the platform's side of the API.
    Sandbox(program::Arguments),

    Gateway(gateway::program::Arguments),
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<()> {
    log_to_stderr();
    match Arguments::parse().command {
        Command::Sandbox(arguments) => arguments.run().await,
        Command::Gateway(arguments) => arguments.run().await,
    }
}
