//! Edits of progenitor's output that no setting can make.
//!
//! - [`tolerant`]: flags and lists of the object types are read as they come (`konaplate::value`):
//!   a flag that comes as text, or a list that comes as null, must not cost the response it stands
//!   in.
//! - [`masked_names`]: the fields that nobody described have a map that prints nothing of them, their
//!   names included.
//! - [`one_sided`]: an object of requests is only written and an object of responses only read.
//!   serde's derives are most of what the client costs to compile; the side that no caller needs is
//!   left to tests, and the reading of requests to programs that play the platform (feature
//!   `server`).
//! - [`without_copies`]: typify's `From<&T> for T`, a clone under another name, is gone.

use konaplate_spec::{Side, Spec};
use quote::ToTokens as _;

/// All edits.
pub(super) fn all(mut file: syn::File, spec: &Spec) -> syn::File {
    if let Some(items) = types(&mut file) {
        without_copies(items);
        for item in items {
            if let syn::Item::Struct(item) = item {
                masked_names(item);
                tolerant(item);
                one_sided(item, spec);
            }
        }
    }
    file
}

/// The items of the module `types`.
pub(super) fn types(file: &mut syn::File) -> Option<&mut Vec<syn::Item>> {
    file.items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => {
            module.content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
}

fn without_copies(items: &mut Vec<syn::Item>) {
    let is_copy = |item: &syn::Item| match item {
        syn::Item::Impl(block) => match (&block.trait_, &*block.self_ty) {
            (Some((path, _)), syn::Type::Path(own)) => {
                let Some(last) = path.segments.last() else {
                    return false;
                };
                let from = match &last.arguments {
                    syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                        Some(syn::GenericArgument::Type(syn::Type::Reference(from))) => &*from.elem,
                        _ => return false,
                    },
                    _ => return false,
                };
                last.ident == "From"
                    && matches!(from, syn::Type::Path(from) if from.to_token_stream().to_string() == own.to_token_stream().to_string())
            }
            _ => false,
        },
        _ => false,
    };
    items.retain(|item| !is_copy(item));
}

fn masked_names(item: &mut syn::ItemStruct) {
    for field in &mut item.fields {
        let is_extra = field.ident.as_ref().is_some_and(|name| name == "extra");
        if is_extra && matches!(last_words(&field.ty).as_slice(), [map, ..] if map == "BTreeMap") {
            field.ty = syn::parse_quote! { crate::value::Extra };
        }
    }
}

fn tolerant(item: &mut syn::ItemStruct) {
    for field in &mut item.fields {
        let attribute: syn::Attribute = match last_words(&field.ty).as_slice() {
            [one] if one == "bool" => {
                syn::parse_quote! { #[serde(deserialize_with = "crate::value::lenient::flag")] }
            }
            [option, one] if option == "Option" && one == "bool" => {
                // serde takes a missing Option for None by itself, but not with a reader.
                syn::parse_quote! { #[serde(default, deserialize_with = "crate::value::lenient::optional_flag")] }
            }
            [option, ..] if option == "Option" => {
                syn::parse_quote! { #[serde(default, deserialize_with = "crate::value::lenient::optional")] }
            }
            [list, ..] if list == "Vec" => {
                syn::parse_quote! { #[serde(deserialize_with = "crate::value::lenient::list")] }
            }
            _ => continue,
        };
        field.attrs.push(attribute);
    }
}

fn one_sided(item: &mut syn::ItemStruct, spec: &Spec) {
    let name = item.ident.to_string();
    let (unused, otherwise): (_, syn::Attribute) = match (
        spec.reaches(Side::Request, &name),
        spec.reaches(Side::Response, &name),
    ) {
        (true, false) => (
            "Deserialize",
            syn::parse_quote! {
                #[cfg_attr(any(test, feature = "server"), derive(::serde::Deserialize))]
            },
        ),
        (false, true) => (
            "Serialize",
            syn::parse_quote! { #[cfg_attr(test, derive(::serde::Serialize))] },
        ),
        _ => return,
    };
    for attribute in &mut item.attrs {
        if !attribute.path().is_ident("derive") {
            continue;
        }
        let derives = attribute.parse_args_with(
            syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
        );
        if let Ok(derives) = derives {
            let kept = derives.iter().filter(|path| {
                path.segments
                    .last()
                    .is_some_and(|last| last.ident != unused)
            });
            *attribute = syn::parse_quote! { #[derive(#(#kept),*)] };
        }
    }
    item.attrs.push(otherwise);
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
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;

    #[test]
    fn flags_and_lists_are_read_as_they_come() {
        let read = |typ: TokenStream| {
            let mut item: syn::ItemStruct = syn::parse_quote! { pub struct A { pub a: #typ } };
            tolerant(&mut item);
            quote! { #item }.to_string()
        };
        assert!(read(quote! { bool }).contains("lenient::flag"));
        assert!(read(quote! { ::std::option::Option<bool> }).contains("lenient::optional_flag"));
        assert!(read(quote! { ::std::option::Option<B> }).contains("lenient::optional\""));
        assert!(read(quote! { ::std::vec::Vec<B> }).contains("lenient::list"));
        assert!(!read(quote! { B }).contains("deserialize_with"));
    }

    #[test]
    fn fields_that_nobody_described_print_nothing() {
        let mut item: syn::ItemStruct = syn::parse_quote! {
            pub struct A {
                pub extra: ::std::collections::BTreeMap<::std::string::String, MaskedJson>,
                pub other: ::std::collections::BTreeMap<::std::string::String, B>,
            }
        };
        masked_names(&mut item);
        let code = quote! { #item }.to_string();
        assert_eq!(code.matches("crate :: value :: Extra").count(), 1);
        assert_eq!(code.matches("BTreeMap").count(), 1);
    }

    #[test]
    fn only_conversions_from_a_reference_to_the_type_itself_go() {
        let mut file: syn::File = syn::parse_quote! {
            pub mod types {
                pub struct A;
                impl ::std::convert::From<&A> for A { fn from(value: &A) -> Self { value.clone() } }
                impl ::std::convert::From<&B> for A { fn from(value: &B) -> Self { A } }
                impl Clone for A { fn clone(&self) -> Self { A } }
            }
        };
        let items = types(&mut file).unwrap();
        without_copies(items);
        assert_eq!(items.len(), 3);
    }
}
