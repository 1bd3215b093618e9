//! What the client promises: one binary, a module a promise.

mod bad_input;
mod callback;
mod canary;
mod delivery;
mod golden_wire;
mod headers_sent;
mod inquiries;
mod journal;
mod json_schema;
mod jwe_vectors;
mod keys;
mod nested;
mod outcomes;
mod paging;
mod properties;
mod raw_calls;
mod readme;
mod responses;
mod retry;
mod rotation;
mod round_trip;
mod samples;
mod shape;
mod signing_vectors;
mod support;
mod test_util;
