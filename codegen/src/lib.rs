//! From the OpenAPI description of the KONA PLATE Open API to the code of the `konaplate` client.
//!
//! The way, module by module:
//!
//! 1. [`bundle`]: the hand-written documents under `openapi/src` become one self-contained
//!    document, `openapi/konaplate.yaml`.
//! 2. [`lint`]: what OpenAPI allows and this project does not.
//! 3. [`Description`]: the bundle, read; [`model`] gives its operations, codes and scalars names
//!    and types.
//! 4. [`rust_view`]: what progenitor gets to see. Requests strict, responses tolerant, headers gone.
//! 5. [`generate`]: progenitor's client, the named values, the table of operations and codes, and a
//!    call builder for each operation.
//!
//! [`surface`] and [`coverage`] turn the same model into text for people.
//!
//! Nothing here is needed at run time: `build.rs` of `konaplate` and `cargo xtask` are the users.

mod description;
mod error;
mod names;

pub mod bundle;
pub mod coverage;
pub mod generate;
pub mod lint;
pub mod model;
pub mod rust_view;
pub mod surface;

pub use description::Description;
pub use error::Error;
