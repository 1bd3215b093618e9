//! A maintainer's commands: `cargo xtask <command> [--check]`.

mod bundle;
mod chaos;
#[cfg(feature = "vectors")]
mod conformance;
mod coverage;
mod diff;
mod dist;
mod document;
mod files;
mod fresh;
mod imports;
mod interop;
mod lint;
#[cfg(feature = "load")]
mod load;
#[cfg(feature = "vectors")]
mod portal;
mod program;
mod release;
mod sbom;
#[cfg(feature = "vectors")]
mod site;
mod steps;
#[cfg(test)]
mod surface;
mod tools;
#[cfg(feature = "vectors")]
mod vectors;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Maintains the OpenAPI description and the sources of konaplate.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes openapi/konaplate.yaml, the same in Korean, and the view behind a gateway from the
    /// documents in openapi/src.
    Bundle {
        /// Change nothing; fail if the file is not what it should be.
        #[arg(long)]
        check: bool,
    },
    /// Checks the documents in openapi/src against the project's rules.
    Lint {
        /// Fail on findings. That is what the command does in any case.
        #[arg(long)]
        check: bool,
    },
    /// Makes openapi/COVERAGE.md from the bundle, and counts the operations by group and evidence.
    Coverage {
        /// Change nothing; fail if the file is not what it should be.
        #[arg(long)]
        check: bool,
    },
    /// Writes the reference for people as files, for any server: target/site. Without Try It, which needs
    /// the sandbox.
    Site {
        /// Write nothing; fail if a link leads nowhere.
        #[arg(long)]
        check: bool,
    },
    /// Opens the portal in Chromium: the pages that a sandbox serves, and those that are files. Installs
    /// what it needs below target/. With the variable CI set, what is missing on this machine is a
    /// failure, too.
    Portal {
        /// Make pictures of one page of each kind: target/portal/screenshots.
        #[arg(long)]
        screenshots: bool,
    },
    /// Says what changed since an older bundle, and whom it breaks.
    Diff {
        /// Fail on breaking changes unless info.version says that there are some.
        #[arg(long)]
        check: bool,
        /// The older bundle: a file, or a revision of git; the newest tag v* if none is given.
        old: Option<String>,
    },
    /// Checks that modules form no import cycle, and that the client's imports point down its
    /// layers.
    Imports {
        /// Fail on findings. That is what the command does in any case.
        #[arg(long)]
        check: bool,
    },
    /// Loads the sandbox over loopback, and Stoplight Prism with the same requests, which it
    /// installs below target/. Prints throughput, latency and memory of both; fails on any error.
    Load {
        /// Seconds for the plain operations, of each server; the other rows take a quarter.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
        seconds: u64,
        /// Instead: what a gateway costs. The sandbox alone, behind nginx (Debian: nginx-light), and
        /// behind the gateway, in turns, plain and encrypted.
        #[arg(long)]
        gateway: bool,
        /// How many connections send at once.
        #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=512))]
        connections: u16,
    },
    /// Random members, calls, faults and crashes against the sandbox, and whether the money agrees
    /// with what was said of it. `chaos --help` says what can be set.
    #[command(disable_help_flag = true)]
    Chaos {
        /// What konaplate-chaos is to do.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Makes the cases of openapi/conformance that are the same on every run, and encrypts messages.
    /// Installs what it needs below target/.
    Vectors {
        /// Change nothing: fail if a file is not what it should be; let Node's jose and Python's
        /// jwcrypto decrypt what is encrypted here, and OpenSSL make the signatures again.
        #[arg(long)]
        check: bool,
    },
    /// Generates clients in other languages by the recipes of `interop`, compiles and tests them, and
    /// lets each make the calls of interop/scenario.md, through the gateway and with its own
    /// middleware. Prints a table; fails unless all see the same. With the variable CI set, what is
    /// missing on this machine is a failure, too.
    Interop {
        /// typescript, python, java, kotlin, go; all if none is given.
        languages: Vec<String>,
        /// Keep what all of them printed as what is expected.
        #[arg(long)]
        accept: bool,
    },
    /// Runs the cases of openapi/conformance: with this client, the gateway, and the middleware of
    /// each other language. Prints a table; fails if a case did. With the variable CI set, what is
    /// missing on this machine is a failure, too.
    Conformance {
        /// rust, gateway, typescript, python, java, kotlin, go; all if none is given.
        names: Vec<String>,
    },
    /// Makes a Python wheel and an npm package of the program, installs each into a fresh environment
    /// below target/, and runs it there.
    Dist(dist::Arguments),
    /// Says whether everything is ready for a release, a line a step; fails unless it is.
    /// cli/packaging/README.md says how a person publishes.
    Release {
        /// Publish nothing. There is no other way to run the command.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Only these steps: versions, changelog, licences, deny, semver, sbom, snapshots,
        /// documentation, packages.
        steps: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What a maintainer has to mend stands in the text; a trace of this program does not help.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Bundle { check } => bundle::run(check),
        Command::Lint { check: _ } => lint::run(),
        Command::Coverage { check } => coverage::run(check),
        #[cfg(feature = "vectors")]
        Command::Site { check } => site::run(check),
        #[cfg(not(feature = "vectors"))]
        Command::Site { check } => with_the_client(
            &["--features", "vectors"],
            ["site"]
                .into_iter()
                .chain(check.then_some("--check"))
                .map(str::to_owned),
        ),
        #[cfg(feature = "vectors")]
        Command::Portal { screenshots } => portal::run(screenshots),
        #[cfg(not(feature = "vectors"))]
        Command::Portal { screenshots } => with_the_client(
            &["--features", "vectors"],
            ["portal"]
                .into_iter()
                .chain(screenshots.then_some("--screenshots"))
                .map(str::to_owned),
        ),
        Command::Diff { check, old } => diff::run(old.as_deref(), check),
        Command::Imports { check: _ } => imports::run(),
        Command::Chaos { arguments } => chaos::run(&arguments),
        #[cfg(feature = "vectors")]
        Command::Vectors { check } => vectors::run(check),
        #[cfg(not(feature = "vectors"))]
        Command::Vectors { check } => with_the_client(
            &["--features", "vectors"],
            ["vectors"]
                .into_iter()
                .chain(check.then_some("--check"))
                .map(str::to_owned),
        ),
        Command::Interop { languages, accept } => interop::run(&languages, accept),
        #[cfg(feature = "vectors")]
        Command::Conformance { names } => conformance::run(&names),
        #[cfg(not(feature = "vectors"))]
        Command::Conformance { names } => with_the_client(
            &["--features", "vectors"],
            ["conformance".to_owned()].into_iter().chain(names),
        ),
        Command::Dist(arguments) => dist::run(&arguments),
        Command::Release { dry_run: _, steps } => release::run(&steps),
        #[cfg(feature = "load")]
        Command::Load {
            seconds,
            gateway,
            connections,
        } => match gateway {
            true => load::gateway::run(seconds, connections.into()),
            false => load::run(seconds, connections.into()),
        },
        #[cfg(not(feature = "load"))]
        Command::Load {
            seconds,
            gateway,
            connections,
        } => with_the_client(
            &["--release", "--features", "load"],
            [
                "load".to_owned(),
                format!("--seconds={seconds}"),
                format!("--connections={connections}"),
            ]
            .into_iter()
            .chain(gateway.then(|| "--gateway".to_owned())),
        ),
    }
}

/// Runs the command again, in a build of this program that has the client in it. The other commands
/// do without: they have to work when the description is one that no client can be generated from.
#[cfg(not(all(feature = "vectors", feature = "load")))]
fn with_the_client(build: &[&str], command: impl IntoIterator<Item = String>) -> Result<()> {
    let status = std::process::Command::new(env!("CARGO"))
        .current_dir(at_root("."))
        .args(["run", "--quiet", "--package", "xtask"])
        .args(build)
        .arg("--")
        .args(command)
        .status()?;
    anyhow::ensure!(status.success(), "it ended with {status}");
    Ok(())
}

/// A path below the root of the project.
fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or_else(|| Path::new("."))
        .join(path)
}
