//! What the journal promises: one binary, a module a promise.

mod callbacks;
mod crash;
mod recording;
mod sequence_ids;
mod support;
