//! What the journal promises: one binary, a module a promise.

mod backlog;
mod callbacks;
mod crash;
mod databases;
mod leaks;
mod projects;
mod recording;
mod recovering;
mod sequence_ids;
mod support;
