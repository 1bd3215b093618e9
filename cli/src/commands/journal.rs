//! `konaplate journal`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Shows and settles what a journal has.
#[derive(Debug, Args)]
pub struct Arguments {}

impl Arguments {
    /// Does what they say.
    ///
    /// # Errors
    /// Not there yet.
    pub async fn run(self, _: &Context) -> Result<Exit, Failure> {
        Err(Failure::bad_input("not there yet"))
    }
}
