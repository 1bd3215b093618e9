//! The files that `build.rs` writes.
//!
//! progenitor makes the object types and the operations, as a module that the client keeps private.
//! Beside it stand three files of our own, which the client includes where they are at home:
//! [`values`] (the named single values), [`codes`] (the error codes) and [`operations`] (the table
//! of operations, and for each a call builder that ends in `send`).

pub mod codes;
mod docs;
mod fields;
pub mod operations;
pub mod values;

use std::path::Path;

use proc_macro2::TokenStream;
use progenitor::{
    CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypePatch,
};
use quote::quote;

use crate::description::Description;
use crate::error::Error;
use crate::names::snake;
use crate::rust_view::{rust_view, schemas_of};

/// The generated code, formatted.
#[derive(Debug, Clone)]
pub struct Generated {
    /// progenitor's client.
    pub client: String,
    /// Named values, to be included in `konaplate::types`.
    pub values: String,
    /// Error codes, to be included in the module of `ErrorCode`.
    pub codes: String,
    /// Table of operations and call builders.
    pub operations: String,
}

impl Generated {
    /// Writes the files `client.rs`, `values.rs`, `codes.rs` and `operations.rs`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_to(&self, folder: &Path) -> std::io::Result<()> {
        for (file, text) in [
            ("client.rs", &self.client),
            ("values.rs", &self.values),
            ("codes.rs", &self.codes),
            ("operations.rs", &self.operations),
        ] {
            std::fs::write(folder.join(file), text)?;
        }
        Ok(())
    }
}

/// Generates the client of these groups.
///
/// # Errors
/// The description is not sound, or progenitor refuses it.
pub fn generate(description: &Description, groups: &[&str]) -> Result<Generated, Error> {
    let view = rust_view(description, groups)?;
    let objects: Vec<&str> = view
        .components
        .iter()
        .flat_map(|components| components.schemas.keys())
        .map(String::as_str)
        .collect();

    let client = Generator::new(&settings(&objects))
        .generate_tokens(&view)
        .map_err(|error| Error::new("progenitor", error.to_string()))?;

    Ok(Generated {
        client: prettyplease::unparse(&tolerant(without_type_builders(parse(client)?))),
        values: format(values::values(
            description,
            &objects,
            &schemas_of(description, groups),
        )?)?,
        codes: format(codes::codes(description)?)?,
        operations: format(operations::operations(description, groups)?)?,
    })
}

/// Reads the bundle, generates for the groups whose cargo feature is on, and writes to `OUT_DIR`:
/// the whole of `build.rs`.
///
/// # Panics
/// With a message for the person who builds, when the bundle cannot be read or generated from.
pub fn build(bundle: &Path) {
    println!("cargo::rerun-if-changed={}", bundle.display());
    let run = || -> Result<(), Box<dyn std::error::Error>> {
        let description = Description::from_yaml(&std::fs::read_to_string(bundle)?)?;
        let all = description.groups();
        let groups: Vec<&str> = all
            .into_iter()
            .filter(|group| std::env::var_os(feature_variable(group)).is_some())
            .collect();
        let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
        generate(&description, &groups)?.write_to(Path::new(&out))?;
        Ok(())
    };
    if let Err(error) = run() {
        panic!(
            "cannot generate the client from {}: {error}",
            bundle.display()
        );
    }
}

/// `auto-recharges` → `CARGO_FEATURE_AUTO_RECHARGES`
fn feature_variable(group: &str) -> String {
    format!("CARGO_FEATURE_{}", snake(group).to_ascii_uppercase())
}

/// How progenitor is set up: builders, one trait a tag, hooks that must be implemented (so that a
/// call that is not signed does not compile), and object types that callers cannot build by literal
/// (so that a new field breaks nobody).
fn settings(objects: &[&str]) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Separate)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { crate::call::Session })
        .with_map_type("::std::collections::BTreeMap")
        .with_crate("konaplate", CrateVers::Any, None);
    let mut patch = TypePatch::default();
    patch
        .with_attr("#[non_exhaustive]")
        .with_attr("#[cfg_attr(feature = \"schemars\", derive(::schemars::JsonSchema))]")
        .with_derive("PartialEq");
    for object in objects {
        settings.with_patch(object, &patch);
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

/// Takes the function `builder` off the object types.
///
/// typify's builders report every fault as a string of their own making, and users would reach them
/// through it. The calls' builders check values by name and rule; nothing else makes an object.
fn without_type_builders(mut file: syn::File) -> syn::File {
    let is_builder = |item: &syn::Item| match item {
        syn::Item::Impl(block) => {
            block.trait_.is_none()
                && matches!(block.items.as_slice(),
                    [syn::ImplItem::Fn(function)] if function.sig.ident == "builder")
        }
        _ => false,
    };
    for item in &mut file.items {
        if let syn::Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            items.retain(|item| !is_builder(item));
        }
    }
    file
}

/// Lets the flags and lists of the object types be read as they come: see `konaplate::scalar`.
fn tolerant(mut file: syn::File) -> syn::File {
    let structs = file
        .items
        .iter_mut()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
            _ => None,
        })
        .flat_map(|(_, items)| items)
        .filter_map(|item| match item {
            syn::Item::Struct(item) => Some(item),
            _ => None,
        });
    for field in structs.flat_map(|item| &mut item.fields) {
        let attribute: syn::Attribute = match last_words(&field.ty).as_slice() {
            [one] if one == "bool" => {
                syn::parse_quote! { #[serde(deserialize_with = "crate::scalar::lenient::flag")] }
            }
            [option, one] if option == "Option" && one == "bool" => {
                // serde takes a missing Option for None by itself, but not with a reader.
                syn::parse_quote! { #[serde(default, deserialize_with = "crate::scalar::lenient::optional_flag")] }
            }
            [list, ..] if list == "Vec" => {
                syn::parse_quote! { #[serde(deserialize_with = "crate::scalar::lenient::list")] }
            }
            _ => continue,
        };
        field.attrs.push(attribute);
    }
    file
}

/// The names of a type and of its arguments without their paths: `Option`, `bool`.
fn last_words(typ: &syn::Type) -> Vec<String> {
    let syn::Type::Path(path) = typ else {
        return Vec::new();
    };
    let Some(last) = path.path.segments.last() else {
        return Vec::new();
    };
    let mut words = vec![last.ident.to_string()];
    if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments {
        for argument in &arguments.args {
            if let syn::GenericArgument::Type(typ) = argument {
                words.extend(last_words(typ));
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_builders_cannot_be_reached_and_nothing_else_is_lost() {
        let file = parse(quote! {
            pub mod types {
                pub struct A;
                impl A { pub fn builder() -> builder::A { Default::default() } }
                impl A { pub fn other() {} }
                impl Clone for A { fn clone(&self) -> Self { A } }
                pub mod builder { pub struct A; }
            }
        })
        .unwrap();
        let kept = parse(quote! {
            pub mod types {
                pub struct A;
                impl A { pub fn other() {} }
                impl Clone for A { fn clone(&self) -> Self { A } }
                pub mod builder { pub struct A; }
            }
        })
        .unwrap();
        assert_eq!(without_type_builders(file), kept);
    }

    #[test]
    fn flags_and_lists_are_read_as_they_come() {
        let read = |typ: TokenStream| {
            let file =
                tolerant(parse(quote! { pub mod types { pub struct A { pub a: #typ } } }).unwrap());
            quote! { #file }.to_string()
        };
        assert!(read(quote! { bool }).contains("lenient::flag"));
        assert!(read(quote! { ::std::option::Option<bool> }).contains("lenient::optional_flag"));
        assert!(read(quote! { ::std::vec::Vec<B> }).contains("lenient::list"));
        assert!(!read(quote! { ::std::option::Option<B> }).contains("deserialize_with"));
    }

    #[test]
    fn a_feature_has_the_groups_name() {
        assert_eq!(
            feature_variable("auto-recharges"),
            "CARGO_FEATURE_AUTO_RECHARGES"
        );
    }
}
