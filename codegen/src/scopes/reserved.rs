//! Names that are written by hand, or by Rust itself, where generated ones stand. Tests compare
//! these lists with the sources.

/// What Rust's prelude has everywhere, and generated code refers to by these names.
pub const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// The modules of `konaplate`, and the crates that it names by their first word.
pub const MODULES: &[&str] = &[
    "alloc",
    "callback",
    "client",
    "core",
    "credentials",
    "error",
    "generated_operations",
    "journal",
    "konaplate",
    "korean",
    "metrics",
    "operation",
    "outcome",
    "paging",
    "pipeline",
    "protocol",
    "schemars",
    "serde",
    "serde_json",
    "std",
    "test_util",
    "types",
    "value",
];

/// The methods of `Client`.
pub const CLIENT: &[&str] = &[
    "builder",
    "clone",
    "from_env",
    "project",
    "raw",
    "refresh_credentials",
    "timeout",
];

/// What a group's module imports.
pub const GROUP_MODULE: &[&str] = &["Call", "Checks", "Client", "Error", "Fault", "Response"];

/// What the module `types`, and `parts` in it, have beside the schemas.
pub const TYPES: &[&str] = &[
    "BTreeMap",
    "Checks",
    "Fault",
    "MaskedJson",
    "OpenObject",
    "Part",
];

/// The members and methods of every call.
pub const CALL: &[&str] = &[
    "at_page",
    "call",
    "checks",
    "clone",
    "options",
    "pages",
    "retry",
    "retry_unsent",
    "send",
    "send_for_outcome",
    "send_for_outcome_or_cancel",
];

/// What every object may have: the fields that nobody described.
pub const OBJECT: &[&str] = &["extra"];

/// The members and functions of an object that is filled in as a part of a request.
pub const PART: &[&str] = &["builder", "checks", "clone", "finish", "new"];

/// The variant for words that nobody described, and the associated types that a variant of the
/// same name would make ambiguous.
pub const VALUES_OF_ENUM: &[&str] = &["Err", "Error", "Unknown"];

/// The variant for codes that nobody described.
pub const CODES: &[&str] = &["Unknown"];
