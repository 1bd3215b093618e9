//! The arguments of the program.

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    call, completions, decrypt, doctor, encrypt, explain, journal, operations, sandbox, show, sign,
    verify,
};
use crate::context::{Context, Options};
use crate::failure::{Exit, Failure};
use crate::gateway;

/// The KONA PLATE Open API for people, and for programs in any language.
///
/// Keys and the platform's URL are read from KONAPLATE_BASE_URL, KONAPLATE_ASP_ID, KONAPLATE_ACCESS_KEY,
/// KONAPLATE_SECRET_KEY, KONAPLATE_CRYPTO_KEY_ID, KONAPLATE_SERVER_PUBLIC_KEY and
/// KONAPLATE_CLIENT_PRIVATE_KEY, or from the files that these name with _FILE behind them: from the
/// environment, a .env file, or a profile.
#[derive(Debug, Parser)]
#[command(name = "konaplate", version, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  konaplate sandbox --env-file .env &          # a platform on this machine, and its keys
  konaplate operations recharge                # what there is about recharges
  konaplate show get_member                    # fields, codes, and a command to copy
  konaplate call get_member userId=10000000001
  konaplate explain 007_008                    # what a code proves about the money
  konaplate doctor                             # why a call fails

Exit codes: 0 done; 1 a fault of this machine; 2 bad input, nothing was sent; 3 not carried out or
declined; 4 may have been carried out; 5 the platform cannot be reached, nothing was sent.";

#[derive(Debug, Subcommand)]
enum Command {
    Sandbox(sandbox::Arguments),
    Gateway(gateway::program::Arguments),
    Call(call::Arguments),
    Operations(operations::Arguments),
    Show(show::Arguments),
    Explain(explain::Arguments),
    Sign(sign::Arguments),
    Verify(verify::Arguments),
    Encrypt(encrypt::Arguments),
    Decrypt(decrypt::Arguments),
    Doctor(doctor::Arguments),
    Journal(journal::Arguments),
    Completions(completions::Arguments),
}

impl Arguments {
    /// Does what they say.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn run(self) -> Result<Exit, Failure> {
        let context = Context::new(&self.options)?;
        match self.command {
            Command::Sandbox(arguments) => arguments.run(&context).await,
            Command::Gateway(arguments) => served(arguments.run(&context).await),
            Command::Call(arguments) => arguments.run(&context).await,
            Command::Operations(arguments) => arguments.run(&context),
            Command::Show(arguments) => arguments.run(&context),
            Command::Explain(arguments) => arguments.run(&context),
            Command::Sign(arguments) => arguments.run(&context),
            Command::Verify(arguments) => arguments.run(&context),
            Command::Encrypt(arguments) => arguments.run(&context),
            Command::Decrypt(arguments) => arguments.run(&context),
            Command::Doctor(arguments) => arguments.run(&context).await,
            Command::Journal(arguments) => arguments.run(&context).await,
            Command::Completions(arguments) => arguments.run(&context, Self::command()),
        }
    }
}

fn served(result: anyhow::Result<()>) -> Result<Exit, Failure> {
    result?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_arguments_have_one_name() {
        Arguments::command().debug_assert();
    }
}
