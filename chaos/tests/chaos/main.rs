//! What is promised of the money, and of the tool that looks: one binary, a module a promise.

mod kills;
#[path = "../../../journal/tests/journal/support/postgres.rs"]
mod postgres;
mod runs;
