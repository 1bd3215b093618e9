//! Named single values: `UserId`, `CardNumber`, `Locale`.
//!
//! Strings and numbers become aliases of three hand-written types of `konaplate::scalar` and
//! `konaplate::sensitive`, told apart by a rule type; enums become open enums. That keeps the
//! generated part small and puts the behaviour where it can be read and tested.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::fields::parts;
use crate::description::{Description, entries, strings, text};
use crate::error::Error;
use crate::model::{Form, Scalar, constraint};
use crate::names::pascal;

/// The content of `konaplate::types`: the objects, and of the values those that are used.
///
/// # Errors
/// An enum value has no meaning.
pub fn values(
    description: &Description,
    objects: &[&str],
    used: &BTreeSet<String>,
) -> Result<TokenStream, Error> {
    let names = objects;
    let objects: Vec<_> = names.iter().map(|name| format_ident!("{name}")).collect();
    let reexport =
        (!objects.is_empty()).then(|| quote! { pub use crate::generated::types::{#(#objects),*}; });
    let mut aliases = Vec::new();
    let mut rules = Vec::new();
    for (name, schema) in description
        .schemas()
        .filter(|(name, _)| used.contains(*name))
    {
        let Some(scalar) = Scalar::of(schema) else {
            continue;
        };
        let ident = format_ident!("{name}");
        let doc = value_doc(schema);
        let rule_doc = format!("Rule of [`{name}`](super::{name}): {}.", constraint(schema));
        match scalar {
            Scalar::Enum => aliases.push(open_enum(name, schema)?),
            Scalar::Whole { min, max } => {
                aliases.push(quote! {
                    #[doc = #doc]
                    pub type #ident = crate::scalar::Whole<rules::#ident>;
                });
                let form = time_rule(&ident, schema);
                rules.push(quote! {
                    #[doc = #rule_doc]
                    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
                    pub struct #ident;
                    impl crate::scalar::WholeRule for #ident {
                        const NAME: &'static str = #name;
                        const MIN: u64 = #min;
                        const MAX: u64 = #max;
                    }
                    #form
                });
            }
            Scalar::Text {
                min,
                max,
                pattern,
                sensitive,
            } => {
                let wrapper = if sensitive.is_some() {
                    quote! { crate::sensitive::Masked }
                } else {
                    quote! { crate::scalar::Text }
                };
                aliases.push(quote! {
                    #[doc = #doc]
                    pub type #ident = #wrapper<rules::#ident>;
                });
                let min = usize::try_from(min).unwrap_or(usize::MAX);
                let max = max.and_then(|max| usize::try_from(max).ok());
                let max = max.map_or_else(|| quote! { None }, |max| quote! { Some(#max) });
                let pattern = pattern.map(|pattern| {
                    quote! { const PATTERN: Option<&'static str> = Some(#pattern); }
                });
                let kind = sensitive.map(|kind| {
                    quote! {
                        impl crate::scalar::SensitiveRule for #ident {
                            const KIND: &'static str = #kind;
                        }
                    }
                });
                let form = time_rule(&ident, schema);
                rules.push(quote! {
                    #[doc = #rule_doc]
                    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
                    pub struct #ident;
                    #form
                    impl crate::scalar::TextRule for #ident {
                        const NAME: &'static str = #name;
                        const MIN: usize = #min;
                        const MAX: Option<usize> = #max;
                        #pattern
                    }
                    #kind
                });
            }
        }
    }
    let parts = parts(description, names)?;
    Ok(quote! {
        #reexport
        #parts
        #(#aliases)*
        /// JSON Schemas of the objects above, by name, as schemars 0.8 derives them from the types.
        ///
        /// They say what the Rust types accept from a caller. What the platform is described to
        /// accept is in [`crate::DESCRIPTION`].
        #[cfg(feature = "schemars")]
        #[must_use]
        pub fn json_schemas() -> std::collections::BTreeMap<&'static str, schemars::schema::RootSchema> {
            [#((#names, schemars::schema_for!(#objects))),*].into()
        }
        /// The rules of the values above, as types. A rule never has a value.
        pub mod rules { #(#rules)* }
    })
}

/// The rule of a value that is a date or a time.
fn time_rule(ident: &Ident, schema: &Value) -> Option<TokenStream> {
    let form = text(schema, "x-konaplate-form")?;
    Some(match Form::from_word(form)? {
        Form::YearMonth | Form::ShortExpiry | Form::ShortDate | Form::Date => quote! {
            impl crate::scalar::DateRule for #ident { const FORM: &'static str = #form; }
        },
        Form::Time => quote! {
            impl crate::scalar::TimeRule for #ident { const FORM: &'static str = #form; }
        },
        Form::DateTime | Form::DateTimeMillis => quote! {
            impl crate::scalar::DateTimeRule for #ident { const FORM: &'static str = #form; }
        },
        Form::EpochMillis => quote! {
            impl crate::scalar::InstantRule for #ident {}
        },
    })
}

fn open_enum(name: &str, schema: &Value) -> Result<TokenStream, Error> {
    let meanings: Vec<_> = entries(schema, "x-konaplate-enum-meanings").collect();
    let names: Vec<_> = strings(schema, "x-enum-varnames").collect();
    let variants = strings(schema, "enum")
        .enumerate()
        .map(|(index, word)| {
            let meaning = meanings
                .iter()
                .find(|(value, _)| *value == word)
                .and_then(|(_, meaning)| meaning.as_str())
                .ok_or_else(|| Error::new(name, format!("no meaning of {word}")))?;
            let doc = format!("`{word}`: {meaning}");
            let variant = match names.get(index) {
                Some(name) => format_ident!("{name}"),
                None => format_ident!("{}", pascal(word)),
            };
            Ok(quote! { #[doc = #doc] #variant = #word, })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let ident = format_ident!("{name}");
    let doc = text(schema, "description").unwrap_or_default();
    Ok(quote! {
        crate::scalar::open_enum! {
            #[doc = #doc]
            #ident { #(#variants)* }
        }
    })
}

/// Description, rule and evidence of a value, as its documentation.
fn value_doc(schema: &Value) -> String {
    let mut doc = format!(
        "{}\n\nRule for requests: {}. In an answer any length or value is kept.",
        text(schema, "description").unwrap_or_default(),
        constraint(schema),
    );
    let known: Vec<_> = entries(schema, "x-konaplate-known-values").collect();
    if !known.is_empty() {
        doc.push_str("\n\nKnown values, of which there may be more:\n");
        for (word, meaning) in known {
            doc.push_str(&format!(
                "- `{word}`: {}\n",
                meaning.as_str().unwrap_or_default()
            ));
        }
    }
    if let Some(note) = schema
        .get("x-konaplate-printed")
        .and_then(|printed| text(printed, "note"))
    {
        doc.push_str("\n\n");
        doc.push_str(note);
    }
    doc
}
