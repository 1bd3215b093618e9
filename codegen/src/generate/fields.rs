//! Setters: how a caller fills in the fields of a request, or of an object in it.
//!
//! A call and an object inside its request are filled in the same way: a member and a setter for
//! each field, and faults noted in `self.checks`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::description::{Description, entries, text};
use crate::error::Error;
use crate::model::{Field, Shape};
use crate::names::field;
use crate::rust_view::{Side, reachable};

/// The code for the fields of one object schema.
pub(super) struct Fields {
    /// Members of the struct that collects the values.
    pub(super) members: TokenStream,
    /// Their start: nothing set.
    pub(super) nothing: TokenStream,
    /// One method a field.
    pub(super) setters: TokenStream,
    /// The expression that makes the object from the members.
    pub(super) make: TokenStream,
}

/// The code for the fields of a named object.
pub(super) fn fields(description: &Description, object: &str) -> Result<Fields, Error> {
    let schema = description.schema(object)?;
    let mut code = Fields {
        members: TokenStream::new(),
        nothing: TokenStream::new(),
        setters: TokenStream::new(),
        make: TokenStream::new(),
    };
    let mut assignments = TokenStream::new();
    let known = description.fields(schema)?;
    for f in &known {
        assignments.extend(one(&mut code, description, f)?);
    }
    if is_open(schema) {
        extra(&mut code, schema);
        assignments.extend(quote! { extra: self.extra, });
    }
    let object = format_ident!("{object}");
    // typify makes a plain map of an object of which no field is known.
    code.make = if known.is_empty() && is_open(schema) {
        quote! { types::#object(self.extra) }
    } else {
        quote! { types::#object { #assignments } }
    };
    Ok(code)
}

/// Adds a field; what it answers sets the field in the object.
fn one(code: &mut Fields, description: &Description, f: &Field<'_>) -> Result<TokenStream, Error> {
    let name = format_ident!("{}", field(f.name));
    let wire = f.name;
    let doc = setter_doc(description, f)?;
    let type_of = |schema: &str| {
        let schema = format_ident!("{schema}");
        quote! { types::#schema }
    };
    let part_of = |schema: &str| {
        let schema = format_ident!("{schema}");
        quote! { types::parts::#schema }
    };
    let value_setter = |kind: &TokenStream| {
        quote! {
            #[doc = #doc]
            pub fn #name<V>(mut self, value: V) -> Self
            where
                V: TryInto<#kind>,
                V::Error: Into<crate::Violation>,
            {
                self.#name = self.checks.accept(#wire, value);
                self
            }
        }
    };
    let shape = description.shape(f)?;
    let (held, setter) = match shape {
        Shape::Flag => (quote! { bool }, value_setter(&quote! { bool })),
        Shape::Value(schema) => {
            let kind = type_of(schema);
            let setter = value_setter(&kind);
            (kind, setter)
        }
        Shape::Object(schema) => {
            let part = part_of(schema);
            let setter = quote! {
                #[doc = #doc]
                pub fn #name(mut self, value: #part) -> Self {
                    self.#name = self.checks.accept_part(#wire, value);
                    self
                }
            };
            (type_of(schema), setter)
        }
        Shape::Values(schema) => {
            let kind = type_of(schema);
            let setter = quote! {
                #[doc = #doc]
                pub fn #name<V>(mut self, values: impl IntoIterator<Item = V>) -> Self
                where
                    V: TryInto<#kind>,
                    V::Error: Into<crate::Violation>,
                {
                    self.#name = self.checks.accept_list(#wire, values);
                    self
                }
            };
            (quote! { Vec<#kind> }, setter)
        }
        Shape::Objects(schema) => {
            let kind = type_of(schema);
            let part = part_of(schema);
            let setter = quote! {
                #[doc = #doc]
                pub fn #name(mut self, values: impl IntoIterator<Item = #part>) -> Self {
                    self.#name = self.checks.accept_parts(#wire, values);
                    self
                }
            };
            (quote! { Vec<#kind> }, setter)
        }
    };
    code.members
        .extend(quote! { pub(crate) #name: Option<#held>, });
    code.nothing.extend(quote! { #name: None, });
    code.setters.extend(setter);
    // typify has no Option around an optional list.
    let is_list = matches!(shape, Shape::Values(_) | Shape::Objects(_));
    Ok(if f.required {
        quote! { #name: self.checks.required(#wire, self.#name)?, }
    } else if is_list {
        quote! { #name: self.#name.unwrap_or_default(), }
    } else {
        quote! { #name: self.#name, }
    })
}

/// The method that adds fields which nobody described.
fn extra(code: &mut Fields, schema: &Value) {
    let described = entries(schema, "properties").map(|(name, _)| name);
    code.members.extend(
        quote! { pub(crate) extra: std::collections::BTreeMap<String, types::MaskedJson>, },
    );
    code.nothing
        .extend(quote! { extra: std::collections::BTreeMap::new(), });
    code.setters.extend(quote! {
        /// Adds a field that the description does not know: what was seen of this object is not
        /// known to be all of it. Fields that it knows have a method of their own.
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<types::MaskedJson>) -> Self {
            let name = name.into();
            if self.checks.accept_extra(&name, &[#(#described),*]) {
                self.extra.insert(name, value.into());
            }
            self
        }
    });
}

pub(super) fn is_open(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&true.into())
}

fn setter_doc(description: &Description, f: &Field<'_>) -> Result<String, Error> {
    let mut doc = format!("`{}`: {}\n\n", f.name, f.description);
    doc.push_str(if f.required {
        "Required; "
    } else {
        "Optional; "
    });
    doc.push_str(&description.rule(f)?);
    doc.push_str(".\n");
    for list in ["x-konaplate-enum-meanings", "x-konaplate-known-values"] {
        for (word, meaning) in entries(f.schema, list) {
            doc.push_str(&format!(
                "- `{word}`: {}\n",
                meaning.as_str().unwrap_or_default()
            ));
        }
    }
    if text(f.raw, "x-konaplate-evidence") == Some("third-party") {
        doc.push_str("\nKnown from public code of somebody else only.\n");
    }
    Ok(doc)
}

/// The builders of the objects that stand inside requests: the module `types::parts`.
///
/// # Errors
/// The description is not sound.
pub(super) fn parts(description: &Description, objects: &[&str]) -> Result<TokenStream, Error> {
    let in_requests = reachable(description.as_value(), Side::Request);
    let bodies: BTreeSet<&str> = description
        .operations()?
        .iter()
        .map(|operation| operation.request)
        .collect();
    let mut parts = TokenStream::new();
    let mut starts = TokenStream::new();
    for name in objects {
        if !in_requests.contains(*name) || bodies.contains(name) {
            continue;
        }
        let schema = description.schema(name)?;
        let Fields {
            members,
            nothing,
            setters,
            make,
        } = fields(description, name)?;
        let ident = format_ident!("{name}");
        let doc = format!(
            "Makes a [`{name}`](super::{name}): {}",
            text(schema, "description").unwrap_or_default()
        );
        let start_doc = format!("A `{name}` to fill in, as part of a request.");
        parts.extend(quote! {
            #[doc = #doc]
            #[derive(Debug, Clone)]
            #[must_use = "it is a part of a request"]
            pub struct #ident { checks: Checks, #members }
            impl #ident {
                pub(super) fn new() -> Self {
                    Self { checks: Checks::default(), #nothing }
                }
                #setters
            }
            impl Part for #ident {
                type Object = types::#ident;
                fn finish(self) -> Result<types::#ident, Fault> {
                    self.checks.check()?;
                    Ok(#make)
                }
            }
        });
        starts.extend(quote! {
            impl #ident {
                #[doc = #start_doc]
                pub fn builder() -> parts::#ident {
                    parts::#ident::new()
                }
            }
        });
    }
    if parts.is_empty() {
        return Ok(parts);
    }
    Ok(quote! {
        #starts
        /// Builders of the objects that stand inside requests. Each is started by the `builder` of
        /// its object.
        pub mod parts {
            use crate::checks::{Checks, Fault, Part};
            use crate::types;
            #parts
        }
    })
}
