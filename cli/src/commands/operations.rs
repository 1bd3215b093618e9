//! `konaplate operations`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Lists operations.
#[derive(Debug, Args)]
pub struct Arguments {}

impl Arguments {
    /// Does what they say.
    ///
    /// # Errors
    /// Not there yet.
    pub fn run(self, _: &Context) -> Result<Exit, Failure> {
        Err(Failure::bad_input("not there yet"))
    }
}
