//! The call builders, a module a group.

use konaplate_spec::{Effect, Error, Group, Operation, Paging, Spec};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::{group_doc, operation_doc};
use super::fields::{Fields, fields};
use super::outcomes::{later_methods, send_for_outcome};
use crate::names::{field as field_name, pascal, snake};

/// A module for each group.
///
/// # Errors
/// The description is not sound.
pub fn operations(spec: &Spec) -> Result<TokenStream, Error> {
    let modules = spec
        .groups()
        .iter()
        .map(|group| group_module(spec, group))
        .collect::<Result<Vec<_>, _>>()?;
    let readers = readers(spec);
    Ok(quote! {
        #(#modules)*
        #readers
    })
}

/// What reads the bodies as the generated types, by the names of their schemas, for the client's
/// own tests of the description's examples.
fn readers(spec: &Spec) -> TokenStream {
    let names = spec
        .operations()
        .iter()
        .flat_map(|operation| [&operation.request.schema, &operation.response.schema]);
    let rows = names.map(|name| {
        let typ = format_ident!("{}", crate::rust_view::type_name(spec, name));
        quote! { (#name, read::<crate::types::#typ>) }
    });
    quote! {
        /// The JSON as it is written again, and as it is printed.
        #[cfg(test)]
        type Reader = fn(&serde_json::Value) -> serde_json::Result<(serde_json::Value, String)>;

        #[cfg(test)]
        pub(crate) static READERS: &[(&str, Reader)] = &[#(#rows),*];

        #[cfg(test)]
        fn read<T: serde::de::DeserializeOwned + serde::Serialize + std::fmt::Debug>(
            json: &serde_json::Value,
        ) -> serde_json::Result<(serde_json::Value, String)> {
            let value: T = serde_json::from_value(json.clone())?;
            let printed = format!("{value:?}");
            Ok((serde_json::to_value(value)?, printed))
        }
    }
}

fn group_module(spec: &Spec, group: &Group) -> Result<TokenStream, Error> {
    let operations: Vec<_> = spec
        .operations()
        .iter()
        .enumerate()
        .filter(|(_, operation)| operation.group == group.name)
        .collect();
    let module = format_ident!("{}", snake(&group.name));
    let doc = group_doc(spec, group);
    let methods = operations
        .iter()
        .map(|(index, operation)| method(spec, *index, operation));
    let builders = operations
        .iter()
        .map(|(index, operation)| builder(spec, *index, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let later_methods = later_methods(spec, &operations)?;
    let impl_doc = format!("Operations of the group [`{module}`](crate::{module}).");
    Ok(quote! {
        #[doc = #doc]
        pub mod #module {
            use crate::client::{Call, Checks, Fault};
            use crate::{Client, Error, Response, types};

            #[doc = #impl_doc]
            impl Client { #(#methods)* #later_methods }
            #(#builders)*
        }
    })
}

/// The method that starts a call. `index` is the operation's place in the table.
fn method(spec: &Spec, index: usize, operation: &Operation) -> TokenStream {
    let name = format_ident!("{}", operation.id);
    let builder = format_ident!("{}", pascal(&operation.id));
    let doc = operation_doc(spec, operation);
    let Fields { nothing, .. } = fields(spec, spec.schema(&operation.request.schema));
    let deprecated = operation
        .deprecated
        .then(|| quote! { #[deprecated = "a newer operation takes its place"] });
    quote! {
        #[doc = #doc]
        #deprecated
        pub fn #name(&self) -> #builder<'_> {
            #builder {
                call: Call::new(self, &crate::operation::OPERATIONS[#index]),
                checks: Checks::default(),
                #nothing
            }
        }
    }
}

fn builder(spec: &Spec, index: usize, operation: &Operation) -> Result<TokenStream, Error> {
    let builder = format_ident!("{}", pascal(&operation.id));
    let request = format_ident!(
        "{}",
        crate::rust_view::type_name(spec, &operation.request.schema)
    );
    let response = format_ident!("{}", operation.response.schema);
    let method = format_ident!("{}", operation.id);
    let Fields {
        members,
        setters,
        make,
        ..
    } = fields(spec, spec.schema(&operation.request.schema));

    let doc = format!(
        "Call of [`Client::{}`]. Set its fields, then [`send`](Self::send) it.",
        operation.id
    );
    let send_doc = "Sends the call and waits for the response.\n\n# Errors\n\
        [`Error::kind`] says what happened and [`Error::delivery`] whether the platform may have carried \
        the call out. An invalid or missing field is reported before anything is sent.";
    let pages = match &operation.paging {
        Some(paging) => pages(spec, operation, paging),
        None => TokenStream::new(),
    };
    let retry = retry_setter(operation);
    let send_for_outcome = send_for_outcome(spec, index, operation)?;
    Ok(quote! {
        #[doc = #doc]
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #builder<'a> {
            pub(crate) call: Call<'a>,
            pub(crate) checks: Checks,
            #members
        }

        impl #builder<'_> {
            #setters

            crate::client::options!();
            #retry

            #[doc = #send_doc]
            pub async fn send(self) -> Result<Response<types::#response>, Error> {
                let call = self.call;
                let body = || -> Result<types::#request, Fault> {
                    self.checks.check()?;
                    Ok(#make)
                };
                let body = body().map_err(|fault| call.invalid(fault))?;
                let sending = call.sending();
                sending.conclude(sending.client.#method(&body)).await
            }

            #send_for_outcome
        }
        #pages
    })
}

/// The setter of a retry policy, as far as the effect allows one.
fn retry_setter(operation: &Operation) -> TokenStream {
    match operation.effect {
        Effect::Reads => quote! { crate::client::retry!(); },
        Effect::Changes => quote! { crate::client::retry_unsent!(); },
        Effect::MovesMoney => TokenStream::new(),
    }
}

/// The stream of pages, for an operation whose long response is read page by page.
fn pages(spec: &Spec, operation: &Operation, paging: &Paging) -> TokenStream {
    let builder = format_ident!("{}", pascal(&operation.id));
    let response = format_ident!("{}", operation.response.schema);
    let asks = format_ident!("{}", field_name(&paging.request));
    let asks_wire = &paging.request;
    let asked_page = format_ident!("{}", field_name(&paging.page));
    let position = position(spec, operation, paging);
    let asking = spec
        .schema(&operation.request.schema)
        .field(&paging.request);
    let asking = asking
        .and_then(|field| field.shape.object())
        .unwrap_or_default();
    let page_type = type_of_field(spec, asking, &paging.page);
    let asking = format_ident!("{asking}");
    let page_field = paging.response.as_deref().unwrap_or_default();
    quote! {
        impl crate::paging::Paged for types::#response {
            const PAGE: &'static str = #page_field;

            fn position(&self) -> crate::paging::Position {
                use crate::paging::Position;
                #position
            }
        }

        impl<'a> #builder<'a> {
            /// Asks for page after page, from the one in `page_request` on, or from the first. Each
            /// page is a call of its own, with a correlation id of its own.
            ///
            /// See [`Pages`](crate::Pages): it ends after the last page and after an error.
            pub fn pages(mut self) -> crate::Pages<'a, types::#response> {
                self.call.fresh_correlation_ids();
                let first = self
                    .#asks
                    .as_ref()
                    .and_then(|request| request.#asked_page)
                    .map_or(0, types::#page_type::get);
                crate::Pages::new(first, move |page| self.clone().at_page(page).send())
            }

            fn at_page(mut self, page: u64) -> Self {
                match &mut self.#asks {
                    Some(request) => request.#asked_page = self.checks.accept(#asks_wire, page),
                    none => {
                        let request = types::#asking::builder().#asked_page(page);
                        *none = self.checks.accept_part(#asks_wire, request);
                    }
                }
                self
            }
        }
    }
}

/// Where in the list of pages a response stands.
fn position(spec: &Spec, operation: &Operation, paging: &Paging) -> TokenStream {
    let response = spec.schema(&operation.response.schema);
    let Some(name) = &paging.response else {
        return quote! { Position::default() };
    };
    let Some(described) = response.field(name) else {
        // The page of that response was not seen whole; it may come beside the known fields.
        let name_of = |field: &Option<String>| field.clone().unwrap_or_default();
        let (page, total) = (name_of(&paging.response_page), name_of(&paging.total_pages));
        return quote! { Position::undescribed(self.extra.get(#name), #page, #total) };
    };
    let items = match &paging.items {
        Some(items) => {
            let items = format_ident!("{}", field_name(items));
            quote! { Some(self.#items.len()) }
        }
        None => quote! { None },
    };
    let name = format_ident!("{}", field_name(&described.name));
    let page = if described.required {
        quote! { Some(&self.#name) }
    } else {
        quote! { self.#name.as_ref() }
    };
    let object = described.shape.object().unwrap_or_default();
    let typ = format_ident!("{object}");
    let number = |field: &Option<String>| match field {
        Some(name) => {
            let typ = type_of_field(spec, object, name);
            let field = format_ident!("{}", field_name(name));
            quote! { page.and_then(|page| page.#field).map(types::#typ::get) }
        }
        None => quote! { None },
    };
    let at = number(&paging.response_page);
    let total = number(&paging.total_pages);
    quote! {
        let page: Option<&types::#typ> = #page;
        Position {
            page: #at,
            total_pages: #total,
            items: #items,
        }
    }
}

/// The type of a field that holds a single value.
fn type_of_field(spec: &Spec, object: &str, field: &str) -> Ident {
    let field = spec
        .find_schema(object)
        .and_then(|object| object.field(field));
    format_ident!(
        "{}",
        field
            .and_then(|field| field.shape.schema())
            .unwrap_or("Missing")
    )
}
