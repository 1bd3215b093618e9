//! The OpenAPI description of the KONA PLATE Open API as typed values.
//!
//! [`Spec::from_yaml`] reads the bundle once; everything that code decides on is then a value:
//! groups, [operations](Operation) with their [encryption](Encryption), [effect](Effect),
//! [outcome](Outcome) and [codes](Code), [schemas](Schema) with their rules, and the examples.
//! Nobody else looks up a key of the YAML.
//!
//! What it does not do: it generates no code and judges no style. `konaplate-codegen` turns it into
//! the client, the sandbox checks requests with it, `cargo xtask` bundles, lints and compares.
//!
//! ```
//! # fn example(bundle: &str) -> Result<(), konaplate_spec::Error> {
//! let spec = konaplate_spec::Spec::from_yaml(bundle)?;
//! for operation in spec.operations() {
//!     println!("{}: {}", operation.id, operation.effect);
//! }
//! # Ok(())
//! # }
//! ```

mod code;
mod content;
mod coverage;
mod error;
mod facts;
mod korean;
mod language;
mod operation;
mod outcome;
mod placed;
mod read;
mod schema;
mod spec;
mod text;
mod tree;
mod words;

pub use code::{Code, CodeExample, is_code};
pub use content::content;
pub use coverage::{Seen, SeenFields};
pub use error::Error;
pub use facts::Fact;
pub use language::Language;
pub use operation::{Body, Encryption, Example, Operation, Paging};
pub use outcome::{CompletedBy, Inquiry, Outcome, OwnResponse, Proof, Reason};
pub use placed::Placed;
pub use schema::{Enum, EnumValue, Field, Integer, Kind, Object, Printed, Schema, Shape, Text};
pub use spec::{Group, Header, Side, Spec};
pub use words::{CodeClass, Effect, Encrypted, Evidence, Form, Proves, TextUse};
