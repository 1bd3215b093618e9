//! Random members, calls, faults and crashes of the client's process against the sandbox, and
//! whether what the client and its journal said of the money is what the ledger has.
//!
//! [`run::run`] carries out one run, [`oracle::judge`] decides about it by [`truth::Truth`] alone,
//! and [`tally::Tally`] adds runs up. Everything of a run comes from a seed and the run's number,
//! so that a failure can be replayed.

pub mod crash;
pub mod kills;
pub mod oracle;
mod order;
mod place;
pub mod run;
pub mod tally;
pub mod truth;
mod unsteady;
