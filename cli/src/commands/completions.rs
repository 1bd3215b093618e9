//! `konaplate completions`.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Prints a script with which a shell completes the arguments of this program.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate completions bash > ~/.local/share/bash-completion/completions/konaplate
  konaplate completions zsh > ~/.zfunc/_konaplate
  konaplate completions fish > ~/.config/fish/completions/konaplate.fish")]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

impl Arguments {
    /// Prints the script for this program.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn run(self, context: &Context, mut program: Command) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "konaplate", &mut script);
        context.output.text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
