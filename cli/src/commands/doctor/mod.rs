//! `konaplate doctor`: finds out why calls fail, and how a platform does what is not certain.
//!
//! Without `--platform` it looks at this machine and at the way to the platform (`settings`,
//! `keys`, `connection`), and no call of the API is made. With it, calls are made that only read
//! (`probe`), one at a time (`session`), each of which differs from one that was accepted in one
//! thing; what they tell becomes findings (`signing`, `encryption`) and a `report` without
//! values.

mod check;
mod connection;
mod encryption;
mod finding;
mod keys;
mod observation;
mod platform;
mod probe;
mod project;
mod redact;
mod report;
mod session;
mod setting;
mod settings;
mod signing;
mod variant;

use std::path::PathBuf;

use clap::Args;

use self::check::{add, exit_of, print};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Finds out why calls fail: configuration, keys, clock, connection.
///
/// A line a check: ok, warning or wrong, and what to do. Values of settings are never shown. With
/// --platform it finds out what the vendor's pages leave open, with your own keys and operations that
/// only read, and writes a report that holds no values, to be passed on. The report and its findings
/// are in English in every language, since they go to the maintainers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The public half of your own private key, as the platform has it: whether they match.
    #[arg(long, value_name = "FILE")]
    client_public: Option<PathBuf>,

    /// Finds out, with a bounded number of calls, what of the platform is not certain.
    #[arg(long)]
    platform: bool,

    #[command(flatten)]
    options: platform::Options,
}

const EXAMPLES: &str = "\
Examples:
  konaplate doctor                                        # settings, keys, clock, connection
  konaplate doctor --profile staging --output json
  konaplate doctor --client-public client.cert.pem        # is it that of the private key?
  konaplate doctor --platform --report report.md          # what the platform does, with your keys
  konaplate doctor --platform --user-id 10000000001 --yes # a member who may be asked about

Exit codes: 0 nothing is wrong; 2 a setting, a key or the clock is; 3 the platform accepted no call, or
asked for a pause; 5 the platform cannot be reached.";

impl Arguments {
    /// Does what they say.
    ///
    /// # Errors
    /// No call may be made, or the report cannot be written.
    pub async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut checks = settings::check(&context.variables);
        let public = self.client_public.as_deref();
        add(&mut checks, keys::check(&context.variables, public));
        let connection = connection::check(&context.variables).await;
        checks.extend(connection.checks);
        let exit = exit_of(&checks);
        if !self.platform || exit != Exit::Done {
            print(context, &checks)?;
            return Ok(exit);
        }
        self.options.run(context, connection.ahead).await
    }
}
