//! Setters: how a caller fills in the fields of a request, or of an object in it.
//!
//! A call and an object inside its request are filled in the same way: a member and a setter for
//! each field, and faults noted in `self.checks`.

use konaplate_spec::{Evidence, Field, Kind, Schema, Shape, Side, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::names::field;
use crate::rust_view::{OPEN_OBJECT, has_own_type, objects, type_name};

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

impl Fields {
    fn new() -> Self {
        Self {
            members: TokenStream::new(),
            nothing: TokenStream::new(),
            setters: TokenStream::new(),
            make: TokenStream::new(),
        }
    }
}

/// The code for the fields of an object.
pub(super) fn fields(spec: &Spec, schema: &Schema) -> Fields {
    let mut code = Fields::new();
    let mut assignments = TokenStream::new();
    for f in schema.fields() {
        assignments.extend(one(&mut code, spec, f));
    }
    if schema.is_incomplete() {
        let described: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        extra(&mut code, &described);
        assignments.extend(quote! { extra: self.extra, });
    }
    code.make = if has_own_type(schema) {
        let object = format_ident!("{}", schema.name);
        quote! { types::#object { #assignments } }
    } else {
        made(OPEN_OBJECT)
    };
    code
}

/// Adds a field; what it returns sets the field in the object.
fn one(code: &mut Fields, spec: &Spec, f: &Field) -> TokenStream {
    let name = format_ident!("{}", field(&f.name));
    let wire = &f.name;
    let doc = setter_doc(spec, f);
    let type_of = |schema: &str| {
        let schema = format_ident!("{}", type_name(spec, schema));
        quote! { types::#schema }
    };
    let part_of = |schema: &str| {
        let schema = format_ident!("{}", type_name(spec, schema));
        quote! { types::parts::#schema }
    };
    let value_setter = |kind: &TokenStream| {
        quote! { crate::client::value_setter! { #[doc = #doc] #name: #kind = #wire } }
    };
    let (held, setter) = match &f.shape {
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
    if f.required {
        quote! { #name: self.checks.required(#wire, self.#name)?, }
    } else if f.shape.is_list() {
        quote! { #name: self.#name.unwrap_or_default(), }
    } else {
        quote! { #name: self.#name, }
    }
}

/// The method that adds fields which nobody described.
fn extra(code: &mut Fields, described: &[&str]) {
    code.members
        .extend(quote! { pub(crate) extra: crate::value::Extra, });
    code.nothing
        .extend(quote! { extra: crate::value::Extra::default(), });
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

fn setter_doc(spec: &Spec, f: &Field) -> String {
    let mut doc = format!("`{}`: {}\n\n", f.name, f.description);
    doc.push_str(if f.required {
        "Required; "
    } else {
        "Optional; "
    });
    doc.push_str(&spec.rule(&f.shape));
    doc.push_str(".\n");
    let schema = match &f.shape {
        Shape::Value(name) => Some(spec.schema(name)),
        _ => None,
    };
    if let Some(schema) = schema {
        if let Kind::Enum(words) = &schema.kind {
            for value in &words.values {
                doc.push_str(&format!("- `{}`: {}\n", value.word, value.meaning));
            }
        }
        for (word, meaning) in &schema.known_values {
            doc.push_str(&format!("- `{word}`: {meaning}\n"));
        }
    }
    if f.evidence == Some(Evidence::ThirdParty) {
        doc.push_str("\nKnown from public code of somebody else only.\n");
    }
    doc
}

/// The builders of the objects that stand inside requests: the module `types::parts`.
pub(super) fn parts(spec: &Spec) -> TokenStream {
    let is_body = |name: &str| {
        let mut operations = spec.operations().iter();
        operations.any(|operation| operation.request.schema == name)
    };
    let mut parts = TokenStream::new();
    let mut starts = TokenStream::new();
    for schema in objects(spec) {
        let name = &schema.name;
        if !spec.reaches(Side::Request, name) || is_body(name) {
            continue;
        }
        let doc = format!("Makes a [`{name}`](super::{name}): {}", schema.description);
        part(&mut parts, &mut starts, name, &doc, fields(spec, schema));
    }
    part(
        &mut parts,
        &mut starts,
        OPEN_OBJECT,
        "Makes an [`OpenObject`](super::OpenObject): an object of which no field is known.",
        open_object(),
    );
    quote! {
        #starts
        /// Builders of the objects that stand inside requests. Each is started by the `builder` of
        /// its object.
        pub mod parts {
            use crate::client::{Checks, Fault, Part};
            use crate::types;
            #parts
        }
    }
}

/// The code for the type that all objects without a known field share.
fn open_object() -> Fields {
    let mut code = Fields::new();
    extra(&mut code, &[]);
    code.make = made(OPEN_OBJECT);
    code
}

/// An open object made from the member `extra` alone.
fn made(object: &str) -> TokenStream {
    let object = format_ident!("{object}");
    quote! { types::#object(self.extra) }
}

fn part(parts: &mut TokenStream, starts: &mut TokenStream, name: &str, doc: &str, code: Fields) {
    let Fields {
        members,
        nothing,
        setters,
        make,
    } = code;
    let ident = format_ident!("{name}");
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
