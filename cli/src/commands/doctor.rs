//! `konaplate doctor`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Finds out why calls fail: configuration, keys, clock, connection.
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
