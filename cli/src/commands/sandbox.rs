//! `konaplate sandbox`.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use konaplate::protocol;
use konaplate_sandbox::{FaultPlan, Problem, Sandbox, SandboxBuilder, Snapshot};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::portal::Portal;
use crate::program::stop_signal;

/// Plays the platform's side of the API on this machine.
///
/// It prints the variables that clients read, or writes them to a file, and then where it listens. It
/// serves until SIGTERM or SIGINT, lets calls under way end, and exits with 0.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Address and port to listen on; port 0 is any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// Keep the state in this SQLite file, and go on with what is in it.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Start with the state of this snapshot, whatever --data has. GET /__sandbox/snapshot takes one.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Start with the faults of this list, in YAML or JSON.
    #[arg(long, value_name = "FILE")]
    fault_plan: Option<PathBuf>,

    /// Write the seven KONAPLATE_* variables that clients read into this file, before the port accepts
    /// connections.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// Send callbacks to this address, which has to be on this machine.
    #[arg(long, value_name = "URL")]
    callbacks: Option<String>,

    /// Encrypt the callbacks.
    #[arg(long, requires = "callbacks")]
    encrypt_callbacks: bool,

    /// What of a body X-KM-Tran-Token signs: its bytes, or their base64.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = MessageForm::Raw)]
    message_form: MessageForm,

    /// Serve no pages, and keep no traces for them. Else they are at the address that is printed, for a
    /// browser on this machine: the reference, Try It, and what the sandbox knows.
    #[arg(long)]
    no_portal: bool,
}

const EXAMPLES: &str = "\
Examples:
  konaplate sandbox --env-file .env             # what other commands read in this folder
  konaplate sandbox --data sandbox.db           # goes on where it was
  curl http://127.0.0.1:8787/__sandbox/snapshot > state.json
  konaplate sandbox --state state.json          # begins there each time
  konaplate sandbox --fault-plan faults.yaml    # what goes wrong, such as:

    - fault: close-after                        # with the next call
    - operation: get_member                     # with each call of an operation
      fault: delay:500
    - rate: 0.01                                # with one call in a hundred
      seed: 7
      faults: [html-after:502, wrong-tag]";

const TAKE_A_SNAPSHOT: &str = "GET /__sandbox/snapshot of a running sandbox takes a snapshot";

/// What of a body is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageForm {
    /// The bytes that are sent.
    Raw,
    /// The base64 of the bytes that are sent.
    Base64,
}

impl From<MessageForm> for protocol::MessageForm {
    fn from(form: MessageForm) -> Self {
        match form {
            MessageForm::Raw => Self::RawBody,
            MessageForm::Base64 => Self::Base64Body,
        }
    }
}

impl Arguments {
    /// Starts the sandbox, prints where it listens, and serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// A file is not what it should be, or the sandbox cannot be started.
    pub async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let env_file = self.env_file.clone();
        let portal = (!self.no_portal).then(Portal::default);
        let mut builder = self.builder()?;
        if let Some(portal) = &portal {
            builder = portal.beside(builder);
        }
        // Before anybody can know that the program runs.
        let stopped = stop_signal()?;
        let sandbox = builder.start().await.map_err(not_started)?;
        if let Some(portal) = &portal {
            portal.open(&sandbox);
        }
        let output = context.output;
        match env_file {
            Some(file) => output.text(&format!("variables: {}", file.display()))?,
            None => output.text(sandbox.shell_variables().trim_end())?,
        }
        output.text(&format!(
            "control: {}/__sandbox/openapi.yaml",
            sandbox.base_url()
        ))?;
        if portal.is_some() {
            output.text(&format!("portal: {}/", sandbox.base_url()))?;
        }
        output.text(&format!("listening on {}", sandbox.base_url()))?;

        stopped.await;
        sandbox.stop().await;
        Ok(Exit::Done)
    }

    fn builder(self) -> Result<SandboxBuilder, Failure> {
        let mut builder = Sandbox::builder()
            .listen(self.listen)
            .message_form(self.message_form.into())
            .encrypt_callbacks(self.encrypt_callbacks);
        if let Some(file) = &self.state {
            builder = builder.state(
                read("state", file, Snapshot::from_json)
                    .map_err(|failure| failure.next(TAKE_A_SNAPSHOT))?,
            );
        }
        if let Some(file) = &self.fault_plan {
            builder = builder.faults(
                read("fault-plan", file, FaultPlan::from_yaml)
                    .map_err(|failure| failure.next("konaplate sandbox --help shows a plan"))?,
            );
        }
        if let Some(file) = self.env_file {
            builder = builder.env_file(file);
        }
        if let Some(url) = self.callbacks {
            builder = builder.callbacks(url);
        }
        if let Some(file) = self.data {
            builder = builder.data(file);
        }
        Ok(builder)
    }
}

/// What a file holds.
fn read<T>(
    option: &str,
    file: &Path,
    parsed: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<T, Failure> {
    let wrong = |why: String| Failure::bad_input(format!("{option}: {}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    parsed(&text).map_err(|problem| wrong(problem.to_string()))
}

/// A setting that breaks a rule is bad input, and anything else a fault of this machine.
fn not_started(error: anyhow::Error) -> Failure {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        let failure = Failure::bad_input(problem.to_string());
        return match problem.field().starts_with("state") {
            true => failure.next(TAKE_A_SNAPSHOT),
            false => failure,
        };
    }
    let is_taken = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse);
    let failure = Failure::from(error);
    match is_taken {
        true => failure.next("--listen 127.0.0.1:0 takes any free port"),
        false => failure,
    }
}
