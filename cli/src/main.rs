//! The program `konaplate`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use konaplate_cli::arguments::Arguments;
use konaplate_cli::output::{WRONG, styled};
use konaplate_cli::program::log_to_stderr;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match Arguments::parse().run().await {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // The code tells, where nobody reads it.
            let _ = writeln!(anstream::stderr(), "{} {failure}", styled(WRONG, "error:"));
            failure.exit().into()
        }
    }
}
