//! Named single values: `UserId`, `CardNumber`, `Locale`.
//!
//! Strings and numbers become aliases of three hand-written types of `konaplate::value` and
//! `konaplate::value`, told apart by a rule type; enums become open enums. That keeps the
//! generated part small and puts the behaviour where it can be read and tested.

use konaplate_spec::{Enum, Error, Form, Integer, Kind, Schema, Side, Spec, Text, TextUse};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::fields::parts;
use crate::names::pascal;
use crate::rust_view::objects;

/// The content of `konaplate::types`: the objects and the values.
///
/// # Errors
/// The description is not sound.
pub fn values(spec: &Spec) -> Result<TokenStream, Error> {
    let names: Vec<_> = objects(spec)
        .into_iter()
        .map(|schema| &schema.name)
        .collect();
    let objects: Vec<_> = names.iter().map(|name| format_ident!("{name}")).collect();
    let mut aliases = Vec::new();
    let mut rules = Vec::new();
    let is_used = |schema: &&Schema| {
        [Side::Request, Side::Response]
            .iter()
            .any(|side| spec.reaches(*side, &schema.name))
    };
    for schema in spec.schemas().iter().filter(is_used) {
        match &schema.kind {
            Kind::Object(_) => {}
            Kind::Enum(words) if words.open_form.is_some() => {}
            Kind::Enum(words) => aliases.push(open_enum(schema, words)),
            Kind::Integer(integer) => {
                aliases.push(alias(schema, &quote! { crate::value::Whole }));
                rules.push(whole_rule(schema, *integer));
            }
            Kind::Text(text) => {
                let wrapper = if schema.sensitive.is_some() {
                    quote! { crate::value::Masked }
                } else {
                    quote! { crate::value::Text }
                };
                aliases.push(alias(schema, &wrapper));
                rules.push(text_rule(schema, text)?);
            }
        }
    }
    let parts = parts(spec);
    Ok(quote! {
        pub use crate::pipeline::generated::types::{#(#objects),*};
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

fn alias(schema: &Schema, wrapper: &TokenStream) -> TokenStream {
    let ident = format_ident!("{}", schema.name);
    let doc = value_doc(schema);
    quote! {
        #[doc = #doc]
        pub type #ident = #wrapper<rules::#ident>;
    }
}

/// The start of a rule: its type, with its documentation.
fn rule_type(schema: &Schema) -> (Ident, TokenStream) {
    let name = &schema.name;
    let ident = format_ident!("{name}");
    let doc = format!("Rule of [`{name}`](super::{name}): {}.", schema.rule());
    let form = time_rule(&ident, schema);
    let typ = quote! {
        #[doc = #doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #ident;
        #form
    };
    (ident, typ)
}

fn whole_rule(schema: &Schema, Integer { min, max, .. }: Integer) -> TokenStream {
    let (ident, typ) = rule_type(schema);
    let name = &schema.name;
    quote! {
        #typ
        impl crate::value::WholeRule for #ident {
            const NAME: &'static str = #name;
            const MIN: u64 = #min;
            const MAX: u64 = #max;
        }
    }
}

fn text_rule(schema: &Schema, text: &Text) -> Result<TokenStream, Error> {
    let (ident, typ) = rule_type(schema);
    let name = &schema.name;
    let length = |length: u64| {
        usize::try_from(length)
            .map_err(|_| Error::new(name.clone(), "a length beyond this machine"))
    };
    let min = length(text.min)?;
    let max = match text.max.map(length).transpose()? {
        None => quote! { None },
        Some(max) => quote! { Some(#max) },
    };
    let pattern = text.pattern.as_ref().map(|pattern| {
        quote! { const PATTERN: Option<&'static str> = Some(#pattern); }
    });
    let text_use = match schema.text_use {
        TextUse::Token => None,
        TextUse::Free => Some(format_ident!("Free")),
        TextUse::Unknown => Some(format_ident!("Unknown")),
    };
    let text_use = text_use.map(|text_use| {
        quote! { const USE: crate::value::TextUse = crate::value::TextUse::#text_use; }
    });
    let kind = schema.sensitive.as_ref().map(|kind| {
        quote! {
            impl crate::value::SensitiveRule for #ident {
                const KIND: &'static str = #kind;
            }
        }
    });
    Ok(quote! {
        #typ
        impl crate::value::TextRule for #ident {
            const NAME: &'static str = #name;
            const MIN: usize = #min;
            const MAX: Option<usize> = #max;
            #pattern
            #text_use
        }
        #kind
    })
}

/// The rule of a value that is a date or a time.
fn time_rule(ident: &Ident, schema: &Schema) -> Option<TokenStream> {
    let form = schema.form?;
    let word = form.word();
    Some(match form {
        Form::YearMonth | Form::ShortExpiry | Form::ShortDate | Form::Date => quote! {
            impl crate::value::DateRule for #ident { const FORM: &'static str = #word; }
        },
        Form::Time => quote! {
            impl crate::value::TimeRule for #ident { const FORM: &'static str = #word; }
        },
        Form::DateTime | Form::DateTimeMillis => quote! {
            impl crate::value::DateTimeRule for #ident { const FORM: &'static str = #word; }
        },
        Form::EpochMillis => quote! {
            impl crate::value::InstantRule for #ident {}
        },
    })
}

fn open_enum(schema: &Schema, words: &Enum) -> TokenStream {
    let variants = words.values.iter().map(|value| {
        let word = &value.word;
        let doc = format!("`{word}`: {}", value.meaning);
        let variant = match &value.name {
            Some(name) => format_ident!("{name}"),
            None => format_ident!("{}", pascal(word)),
        };
        quote! { #[doc = #doc] #variant = #word, }
    });
    let ident = format_ident!("{}", schema.name);
    let doc = &schema.description;
    quote! {
        crate::value::open_enum! {
            #[doc = #doc]
            #ident { #(#variants)* }
        }
    }
}

/// Description, rule and evidence of a value, as its documentation.
fn value_doc(schema: &Schema) -> String {
    let mut doc = format!(
        "{}\n\nRule for requests: {}. In a response any length or value is kept.",
        schema.description,
        schema.rule(),
    );
    if !schema.known_values.is_empty() {
        doc.push_str("\n\nKnown values, of which there may be more:\n");
        for (word, meaning) in &schema.known_values {
            doc.push_str(&format!("- `{word}`: {meaning}\n"));
        }
    }
    if let Some(note) = schema
        .printed
        .as_ref()
        .and_then(|printed| printed.note.as_ref())
    {
        doc.push_str("\n\n");
        doc.push_str(note);
    }
    doc
}
