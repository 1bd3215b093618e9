//! The program `konaplate`.

use std::net::SocketAddr;

use anyhow::Result;
use clap::{Parser, Subcommand};
use konaplate::ClientBuilder;
use konaplate_cli::gateway::Gateway;
use konaplate_sandbox::program::{self, log_to_stderr, stop_signal};

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

    /// Takes plain JSON, signs and encrypts it, and returns the response as plain JSON.
    ///
    /// The keys are read from KONAPLATE_ASP_ID, KONAPLATE_ACCESS_KEY, KONAPLATE_SECRET_KEY,
    /// KONAPLATE_CRYPTO_KEY_ID, KONAPLATE_SERVER_PUBLIC_KEY and KONAPLATE_CLIENT_PRIVATE_KEY, or from
    /// the files that these name with _FILE behind them.
    Gateway {
        /// Loopback address and port to listen on; port 0 is any free one.
        #[arg(long, default_value = "127.0.0.1:8788")]
        listen: SocketAddr,

        /// Base URL of the platform, instead of KONAPLATE_BASE_URL.
        #[arg(long, value_name = "URL")]
        upstream: Option<String>,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    log_to_stderr();
    match Arguments::parse().command {
        Command::Sandbox(arguments) => arguments.run().await,
        Command::Gateway { listen, upstream } => gateway(listen, upstream).await,
    }
}

async fn gateway(listen: SocketAddr, upstream: Option<String>) -> Result<()> {
    let variable = |name: &str| match name {
        "KONAPLATE_BASE_URL" if upstream.is_some() => upstream.clone(),
        name => std::env::var(name).ok(),
    };
    let client = ClientBuilder::from_vars(variable)?.build()?;
    let gateway = Gateway::listen(listen, client)?;
    let stop = gateway.stop();
    let stopped = stop_signal()?;
    tokio::spawn(async move {
        stopped.await;
        stop.gracefully();
    });
    println!("listening on http://{}", gateway.address());
    gateway.serve().await
}
