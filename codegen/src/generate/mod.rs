//! The files that `build.rs` writes.
//!
//! progenitor makes the object types and the operations, as a module that the client keeps private.
//! Beside it stand four files of our own, which the client includes where they are at home:
//! [`values`] (the named single values), [`codes`] (the error codes), [`table`] (what is known of
//! each operation at run time) and [`operations`] (for each a call builder that ends in `send`).

mod agreement;
pub mod codes;
mod docs;
mod edits;
mod fields;
pub mod operations;
mod outcomes;
pub mod table;
pub mod values;

use std::path::Path;

use konaplate_spec::{Error, Spec};
use proc_macro2::TokenStream;
use progenitor::{
    CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypePatch,
};
use quote::quote;

use crate::rust_view::{objects, rust_view};
use crate::scopes::{Problem, problems};

/// The generated code, formatted.
#[derive(Debug, Clone)]
pub struct Generated {
    /// progenitor's client.
    pub client: String,
    /// Named values, to be included in `konaplate::types`.
    pub values: String,
    /// Error codes, to be included in the module of `ErrorCode`.
    pub codes: String,
    /// The table of operations.
    pub table: String,
    /// Call builders.
    pub operations: String,
}

impl Generated {
    /// Writes the files `client.rs`, `values.rs`, `codes.rs`, `table.rs` and `operations.rs`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_to(&self, folder: &Path) -> std::io::Result<()> {
        for (file, text) in [
            ("client.rs", &self.client),
            ("values.rs", &self.values),
            ("codes.rs", &self.codes),
            ("table.rs", &self.table),
            ("operations.rs", &self.operations),
        ] {
            std::fs::write(folder.join(file), text)?;
        }
        Ok(())
    }
}

/// Generates the client.
///
/// # Errors
/// The description is not sound, or progenitor refuses it.
pub fn generate(spec: &Spec) -> Result<Generated, Error> {
    if let Some(Problem { place, problem, .. }) = problems(spec).into_iter().next() {
        return Err(Error::new(place, problem));
    }
    let client = Generator::new(&settings(spec))
        .generate_tokens(&rust_view(spec)?)
        .map_err(|error| Error::new("progenitor", error.to_string()))?;
    let mut client = parse(client)?;
    agreement::check(&mut client, spec)?;
    Ok(Generated {
        client: prettyplease::unparse(&edits::all(client, spec)),
        values: format(values::values(spec)?)?,
        codes: format(codes::codes(spec))?,
        table: format(table::table(spec))?,
        operations: format(operations::operations(spec)?)?,
    })
}

/// Reads the bundle, generates, and writes to `OUT_DIR`: the whole of `build.rs`.
///
/// # Panics
/// With a message for the person who builds, when the bundle cannot be read or generated from.
pub fn build(bundle: &Path) {
    println!("cargo::rerun-if-changed={}", bundle.display());
    let run = || -> Result<(), Box<dyn std::error::Error>> {
        let spec = Spec::from_yaml(&std::fs::read_to_string(bundle)?)?;
        let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
        generate(&spec)?.write_to(Path::new(&out))?;
        Ok(())
    };
    if let Err(error) = run() {
        panic!(
            "cannot generate the client from {}: {error}",
            bundle.display()
        );
    }
}

/// How progenitor is set up: positional functions on one client, hooks that must be implemented (so
/// that a call that is not signed does not compile), and object types that callers cannot build by
/// literal (so that a new field breaks nobody).
fn settings(spec: &Spec) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { crate::pipeline::Session })
        .with_map_type("::std::collections::BTreeMap")
        .with_crate("konaplate", CrateVers::Any, None);
    let mut patch = TypePatch::default();
    patch
        .with_attr("#[non_exhaustive]")
        .with_attr("#[cfg_attr(feature = \"schemars\", derive(::schemars::JsonSchema))]")
        .with_derive("PartialEq");
    for object in objects(spec) {
        settings.with_patch(&object.name, &patch);
    }
    settings
}

fn format(tokens: TokenStream) -> Result<String, Error> {
    Ok(prettyplease::unparse(&parse(tokens)?))
}

fn parse(tokens: TokenStream) -> Result<syn::File, Error> {
    syn::parse2(tokens)
        .map_err(|error| Error::new("generated code", format!("does not parse: {error}")))
}
