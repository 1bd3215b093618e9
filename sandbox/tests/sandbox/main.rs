//! What the sandbox promises: one binary, a module a promise.

mod beside;
mod callbacks;
mod checks;
mod codes;
mod connections;
mod control;
mod deviations;
mod env_file;
mod examples;
mod faults;
mod on_demand;
mod operations;
mod payment_window;
mod points;
mod raw;
mod refusals_are_envelopes;
mod state;
mod storage;
mod strict_wire;
mod support;
mod timed;
mod tokens;
mod traces;
mod without_network;
