//! From the OpenAPI description of the KONA PLATE Open API to the code of the `konaplate` client.
//!
//! [`konaplate_spec::Spec`] reads the bundle; two things are made of it:
//!
//! 1. [`rust_view`]: the OpenAPI document that progenitor gets to see. Requests strict, responses
//!    tolerant, headers gone. progenitor makes the object types and a positional client of it.
//! 2. [`generate`]: that client, with the few edits that no setting can make, and
//!    what stands beside it: the named values, the error codes, the table of operations and a call
//!    builder for each.
//!
//! What of a description no Rust can be made of is found by [`scopes`] before, in the description's own
//! terms; names come from [`names`].
//!
//! Nothing here is needed at run time: `build.rs` of `konaplate` is the user, and the lint
//! of the description.

pub mod generate;
pub mod names;
pub mod rust_view;
pub mod scopes;

pub use konaplate_spec::Error;
