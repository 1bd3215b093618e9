//! The table of operations, and the call builders.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::codes::name_of;
use super::docs::{SettledBy, after_lost_answer, group_doc, operation_doc};
use super::fields::{Fields, fields};
use crate::description::{Description, strings, text};
use crate::error::Error;
use crate::model::{Effect, Encrypted, Evidence, Field, Operation, Shape};
use crate::names::{field as field_name, pascal, snake};

/// What asks for a page of a long answer, and what says which page an answer is.
const PAGE_REQUEST: &str = "pageRequest";
const PAGE_RESPONSE: &str = "pageResponse";

/// What the outcome of a call is asked by; what tells it; and what says that it is not known yet.
const SEQUENCE_ID: &str = "sequenceId";
const RESULT: &str = "result";
const IS_PENDING: &str = "isPending";
/// What `konaplate::settle` understands of a result.
const OUTCOMES: [&str; 3] = ["COMPLETED", "FAILED", "PENDING"];

/// The table of all operations, and a module for each of these groups.
///
/// The table holds every operation, whatever the groups: a raw call can then reach an operation
/// whose group is not generated, with the right encryption.
///
/// # Errors
/// The description is not sound.
pub fn operations(description: &Description, groups: &[&str]) -> Result<TokenStream, Error> {
    let operations = description.operations()?;
    let rows = operations
        .iter()
        .map(|operation| table_row(description, operation))
        .collect::<Result<Vec<_>, _>>()?;

    let modules = description
        .groups()
        .into_iter()
        .filter(|group| groups.contains(group))
        .map(|group| {
            let members: Vec<_> = operations
                .iter()
                .enumerate()
                .filter(|(_, operation)| operation.group == group)
                .collect();
            group_module(description, group, &members)
        })
        .collect::<Result<Vec<_>, _>>()?;

    let examples = examples(description, &operations, groups);
    Ok(quote! {
        /// Every operation of the description, in its order.
        pub(crate) static OPERATIONS: &[crate::operation::Operation] = &[#(#rows),*];
        #(#modules)*
        #examples
    })
}

/// The examples of the operations of these groups, with what reads them as the generated types, for
/// the client's own tests.
fn examples(
    description: &Description,
    operations: &[Operation<'_>],
    groups: &[&str],
) -> TokenStream {
    let rows = operations
        .iter()
        .filter(|operation| groups.contains(&operation.group))
        .flat_map(|operation| {
            let id = operation.id;
            let row = |example: &serde_json::Value, object: &str| {
                let json = example.to_string();
                let typ = format_ident!("{object}");
                quote! { (#id, #object, #json, read::<crate::types::#typ>) }
            };
            let requests: Vec<_> = description
                .request_examples(operation)
                .map(|example| row(example, operation.request))
                .collect();
            let responses: Vec<_> = description
                .response_examples(operation)
                .map(|example| row(example, operation.response))
                .collect();
            requests.into_iter().chain(responses)
        });
    quote! {
        /// Id of an operation, name of a body's schema, an example of it, and what reads it.
        #[cfg(test)]
        type Example = (
            &'static str,
            &'static str,
            &'static str,
            fn(&serde_json::Value) -> serde_json::Result<(serde_json::Value, String)>,
        );

        #[cfg(test)]
        pub(crate) static EXAMPLES: &[Example] = &[#(#rows),*];

        /// The JSON as it is written again, and as it is printed.
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

fn table_row(description: &Description, operation: &Operation<'_>) -> Result<TokenStream, Error> {
    let Operation {
        id,
        path,
        group,
        title,
        summary,
        ..
    } = operation;
    let effect = match operation.effect {
        Effect::Reads => quote! { Reads },
        Effect::Changes => quote! { Changes },
        Effect::MovesMoney => quote! { MovesMoney },
    };
    let evidence = match operation.evidence {
        Evidence::Seed => quote! { Seed },
        Evidence::Page => quote! { Page },
        Evidence::Partial => quote! { Partial },
        Evidence::ThirdParty => quote! { ThirdParty },
    };
    let flag = |encrypted| match encrypted {
        Encrypted::Yes => quote! { Yes },
        Encrypted::No => quote! { No },
        Encrypted::Unknown => quote! { Unknown },
    };
    let request = flag(operation.request_encrypted);
    let response = flag(operation.response_encrypted);
    let reconcile = match operation.reconcile {
        Some(id) => quote! { Some(#id) },
        None => quote! { None },
    };
    let codes = code_names(description, operation).into_iter().map(|name| {
        let name = format_ident!("{name}");
        quote! { crate::ErrorCode::#name }
    });
    let mut fields = Vec::new();
    field_names(description, operation.request, &mut fields)?;
    let plain_request = plain_names(description, operation.request)?;
    let plain_answer = plain_names(description, operation.response)?;
    let after_lost_answer = match operation.effect {
        Effect::MovesMoney => {
            let text = after_lost_answer(description, operation)?;
            quote! { Some(#text) }
        }
        _ => quote! { None },
    };
    let left_to_member = match member_acts_with(description, operation)? {
        None => quote! { Never },
        Some(field) if field.required => quote! { Always },
        Some(Field { name, .. }) => quote! { With(#name) },
    };
    Ok(quote! {
        crate::operation::Operation {
            id: #id,
            path: #path,
            group: #group,
            title: #title,
            summary: #summary,
            effect: crate::operation::Effect::#effect,
            reconcile: #reconcile,
            request_encrypted: crate::operation::Encrypted::#request,
            response_encrypted: crate::operation::Encrypted::#response,
            evidence: crate::operation::Evidence::#evidence,
            codes: &[#(#codes),*],
            fields: &[#(#fields),*],
            plain_request: &[#(#plain_request),*],
            plain_answer: &[#(#plain_answer),*],
            after_lost_answer: #after_lost_answer,
            left_to_member: crate::operation::LeftToMember::#left_to_member,
        }
    })
}

fn group_module(
    description: &Description,
    group: &str,
    operations: &[(usize, &Operation<'_>)],
) -> Result<TokenStream, Error> {
    let module = format_ident!("{}", snake(group));
    let extension = format_ident!("Client{}Ext", pascal(group));
    let doc = group_doc(description, group, operations);
    let methods = operations
        .iter()
        .map(|(index, operation)| {
            let teller = teller(description, operations, operation)?;
            method(description, *index, operation, teller)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let builders = operations
        .iter()
        .map(|(index, operation)| {
            let teller = teller(description, operations, operation)?;
            builder(description, *index, operation, teller)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let settle_methods = settle_methods(description, operations)?;
    let impl_doc = format!("Operations of the group [`{0}`](crate::{0}).", snake(group));
    Ok(quote! {
        #[doc = #doc]
        pub mod #module {
            use crate::call::Call;
            use crate::checks::{Checks, Fault};
            use crate::generated::#extension as _;
            use crate::{CallOptions, Client, Error, Response, types};

            #[doc = #impl_doc]
            impl Client { #(#methods)* #settle_methods }
            #(#builders)*
        }
    })
}

/// The method that starts a call. `index` is the operation's place in the table.
fn method(
    description: &Description,
    index: usize,
    operation: &Operation<'_>,
    teller: Option<&Operation<'_>>,
) -> Result<TokenStream, Error> {
    let name = format_ident!("{}", operation.id);
    let builder = format_ident!("{}", pascal(operation.id));
    let settle = teller.map(settle_name);
    let settled_by = match &settle {
        Some(settle) => SettledBy::Asking(settle),
        None if member_acts_with(description, operation)?.is_some_and(|field| field.required) => {
            SettledBy::Member
        }
        None => SettledBy::Nobody,
    };
    let doc = operation_doc(description, operation, settled_by)?;
    let Fields { nothing, .. } = request_setters(description, operation)?;
    Ok(quote! {
        #[doc = #doc]
        pub fn #name(&self) -> #builder<'_> {
            #builder {
                call: Call::new(self, &super::OPERATIONS[#index]),
                checks: Checks::default(),
                #nothing
            }
        }
    })
}

fn request_setters(description: &Description, operation: &Operation<'_>) -> Result<Fields, Error> {
    fields(description, operation.request)
}

fn builder(
    description: &Description,
    index: usize,
    operation: &Operation<'_>,
    teller: Option<&Operation<'_>>,
) -> Result<TokenStream, Error> {
    let builder = format_ident!("{}", pascal(operation.id));
    let request = format_ident!("{}", operation.request);
    let response = format_ident!("{}", operation.response);
    let method = format_ident!("{}", operation.id);
    let Fields {
        members,
        setters,
        make,
        ..
    } = request_setters(description, operation)?;

    let doc = format!(
        "Call of [`Client::{}`]. Set its fields, then [`send`](Self::send) it.",
        operation.id
    );
    let send_doc = "Sends the call and waits for the answer.\n\n# Errors\n\
        [`Error::kind`] says what happened and [`Error::delivery`] whether the platform may have carried \
        the call out. An invalid or missing field is reported before anything is sent.";
    let pages = pages(description, operation)?;
    let retry = retry_setter(operation);
    let and_settle = match teller {
        Some(teller) => and_settle(description, operation, teller)?,
        None if operation.effect == Effect::MovesMoney => {
            and_settle_by_answer(description, index, operation)?
        }
        None => TokenStream::new(),
    };
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

            /// Options of this one call: its correlation id, its encryption.
            pub fn options(mut self, options: CallOptions) -> Self {
                self.call.set_options(options);
                self
            }

            #retry

            #[doc = #send_doc]
            pub async fn send(self) -> Result<Response<types::#response>, Error> {
                let call = self.call;
                let body = || -> Result<types::#request, Fault> {
                    self.checks.check()?;
                    Ok(#make)
                };
                let body = body().map_err(|fault| call.invalid(fault))?;
                call.run(|client| async move { client.#method().body(body).send().await })
                    .await
            }

            #and_settle
        }
        #pages
    })
}

/// The setter of a retry policy, as far as the effect allows one.
fn retry_setter(operation: &Operation<'_>) -> TokenStream {
    match operation.effect {
        Effect::Reads => quote! {
            /// Sends the call again when a fault that may pass makes it fail: no connection, no
            /// answer in time, a broken connection, 5XX or 429 without a documented code. See
            /// [`RetryPolicy`](crate::RetryPolicy).
            pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
                self.call.set_retry(policy);
                self
            }
        },
        Effect::Changes => quote! {
            /// Sends the call again when no connection could be made, so that it certainly was not
            /// sent. After any other failure it may have been carried out, and is not repeated. See
            /// [`RetryPolicy`](crate::RetryPolicy).
            pub fn retry_unsent(mut self, policy: crate::RetryPolicy) -> Self {
                self.call.set_retry(policy);
                self
            }
        },
        Effect::MovesMoney => TokenStream::new(),
    }
}

/// The operation of the same group that tells the outcome of this one by nothing but its sequence
/// id.
fn teller<'o, 'd>(
    description: &Description,
    group: &[(usize, &'o Operation<'d>)],
    operation: &Operation<'_>,
) -> Result<Option<&'o Operation<'d>>, Error> {
    let named = group
        .iter()
        .map(|(_, other)| *other)
        .find(|other| operation.reconcile == Some(other.id));
    let Some(teller) = named.filter(|_| operation.effect == Effect::MovesMoney) else {
        return Ok(None);
    };
    let asked_by = description.fields(description.schema(teller.request)?)?;
    let given = description.fields(description.schema(operation.request)?)?;
    let told = description.fields(description.schema(teller.response)?)?;
    let (Some(asks), Some(has), Some(result)) = (
        asked_by.iter().find(|field| field.name == SEQUENCE_ID),
        given.iter().find(|field| field.name == SEQUENCE_ID),
        told.iter().find(|field| field.name == RESULT),
    ) else {
        return Ok(None);
    };
    let fits = description.shape(asks)? == description.shape(has)?
        && asked_by
            .iter()
            .all(|field| field.name == SEQUENCE_ID || !field.required)
        && result.required
        && OUTCOMES
            .iter()
            .all(|word| strings(result.schema, "enum").any(|known| known == *word));
    Ok(fits.then_some(teller))
}

/// Name of the method that asks an operation for an outcome until it is known:
/// `get_bank_recharge_result` → `settle_bank_recharge`
fn settle_name(teller: &Operation<'_>) -> String {
    let id = teller.id;
    let id = id.strip_prefix("get_").unwrap_or(id);
    format!("settle_{}", id.strip_suffix("_result").unwrap_or(id))
}

/// What asks for an outcome and understands the answer, as members of a `Case`.
fn question(teller: &Operation<'_>) -> TokenStream {
    let outcome = format_ident!("{}", teller.response);
    let result = format_ident!("{}", field_name(RESULT));
    quote! {
        sequence_id: ask.sequence_id.as_deref().unwrap_or_default().to_owned(),
        policy,
        ask: || ask.clone().send(),
        verdict: |told: &types::#outcome| Verdict::of_result(told.#result.as_str()),
    }
}

/// The method of a call that sends it once and asks for the outcome.
fn and_settle(
    description: &Description,
    operation: &Operation<'_>,
    teller: &Operation<'_>,
) -> Result<TokenStream, Error> {
    let response = format_ident!("{}", operation.response);
    let outcome = format_ident!("{}", teller.response);
    let ask = format_ident!("{}", teller.id);
    let answer = description.fields(description.schema(operation.response)?)?;
    let of_answer = if answer.iter().any(|f| f.name == IS_PENDING && f.required) {
        let is_pending = format_ident!("{}", field_name(IS_PENDING));
        let result = format_ident!("{}", field_name(RESULT));
        let result = match answer.iter().find(|f| f.name == RESULT) {
            None => quote! { None },
            Some(f) if f.required => quote! { Some(answer.#result.as_str()) },
            Some(_) => quote! { answer.#result.as_ref().map(|result| result.as_str()) },
        };
        quote! { |answer| Verdict::of_answer(answer.#is_pending, #result) }
    } else {
        quote! { |_| Verdict::Unclear }
    };
    let question = question(teller);
    let doc = format!(
        "Sends the call once, and asks [`{ask}`](crate::Client::{ask}) for the outcome until it is \
         known or the deadline is over. The call is never sent twice.\n\n\
         It does not ask where the answer itself says that it is done. Write the sequence id down \
         before: after a crash [`{settle}`](crate::Client::{settle}) goes on by it. A sequence id \
         that was used before must not be sent, because the outcome could be that of the earlier \
         call.\n\n\
         # Errors\nThe call was not carried out: it was not sent, or it was refused, and there is \
         nothing to settle. (A refusal with 007_008 says that an *earlier* call has this sequence \
         id; [`{settle}`](crate::Client::{settle}) tells how that one ended.) Every other failure \
         is part of what is [`Settled`](crate::Settled).",
        ask = teller.id,
        settle = settle_name(teller),
    );
    Ok(quote! {
        #[doc = #doc]
        pub async fn and_settle(
            self,
            policy: crate::SettlePolicy,
        ) -> Result<crate::Settled<types::#response, types::#outcome>, Error> {
            use crate::settle::{Case, Verdict};
            policy.check()?;
            let mut ask = self.call.client().#ask().retry(crate::RetryPolicy::never());
            ask.sequence_id.clone_from(&self.sequence_id);
            let case = Case { #question };
            case.after_call(self.send().await, #of_answer).await
        }
    })
}

/// The method of a call whose outcome nothing but its answer tells.
fn and_settle_by_answer(
    description: &Description,
    index: usize,
    operation: &Operation<'_>,
) -> Result<TokenStream, Error> {
    let response = format_ident!("{}", operation.response);
    let request = description.fields(description.schema(operation.request)?)?;
    let sequence_id = if request.iter().any(|field| field.name == SEQUENCE_ID) {
        quote! { self.sequence_id.as_deref().map(str::to_owned) }
    } else {
        quote! { None }
    };
    let acts_with = member_acts_with(description, operation)?;
    let (outcome, make, success) = match acts_with {
        Some(Field { required: true, .. }) => (
            quote! { Opened },
            quote! { Opened::AwaitingMember },
            "A success says that the member can pay now, and not that money moved: no operation \
             tells whether it did.",
        ),
        Some(Field { name, .. }) => {
            let name = format_ident!("{}", field_name(name));
            (
                quote! { Told },
                quote! {
                    |answer| if answer.#name.is_some() {
                        Told::AwaitingMember(answer)
                    } else {
                        Told::Completed(answer)
                    }
                },
                "A success is one only if the answer holds no payment window.",
            )
        }
        None => (
            quote! { Told },
            quote! { Told::Completed },
            "It is the answer that tells, and nothing else does.",
        ),
    };
    let doc = format!(
        "Sends the call once, and says of a lost answer that nobody knows how the call ended, and \
         [what a person can do](crate::Unsettleable::what_a_person_can_do). {success}\n\n\
         # Errors\nThe call was not carried out: it was not sent, or it was refused."
    );
    Ok(quote! {
        #[doc = #doc]
        pub async fn and_settle(self) -> Result<crate::#outcome<types::#response>, Error> {
            use crate::{#outcome, Unsettleable};
            let sequence_id = #sequence_id;
            let unknown = |lost| {
                Unsettleable::new(&super::OPERATIONS[#index], sequence_id, lost)
                    .map(#outcome::Unknown)
            };
            self.send().await.map(#make).or_else(unknown)
        }
    })
}

/// The methods of the client that go on asking for the outcome of an earlier call.
fn settle_methods(
    description: &Description,
    group: &[(usize, &Operation<'_>)],
) -> Result<TokenStream, Error> {
    let mut settled: Vec<(&Operation<'_>, Vec<&str>)> = Vec::new();
    for (_, operation) in group {
        let Some(teller) = teller(description, group, operation)? else {
            continue;
        };
        match settled.iter_mut().find(|(other, _)| other.id == teller.id) {
            Some((_, ids)) => ids.push(operation.id),
            None => settled.push((teller, vec![operation.id])),
        }
    }
    settled
        .into_iter()
        .map(|(teller, ids)| {
            let question = question(teller);
            let name = format_ident!("{}", settle_name(teller));
            let ask = format_ident!("{}", teller.id);
            let outcome = format_ident!("{}", teller.response);
            let requests = description.fields(description.schema(teller.request)?)?;
            let sequence_id = requests.iter().find(|field| field.name == SEQUENCE_ID);
            let Some(Shape::Value(kind)) = sequence_id
                .map(|field| description.shape(field))
                .transpose()?
            else {
                return Err(Error::new(teller.id, format!("{SEQUENCE_ID} is no value")));
            };
            let kind = format_ident!("{kind}");
            let links: Vec<_> = ids
                .iter()
                .map(|id| format!("[`{id}`](Self::{id})"))
                .collect();
            let doc = format!(
                "Asks how an earlier call of {} ended, by its sequence id, until it is known or the \
                 deadline is over.\n\n\
                 For what a crash interrupted, and for what was left pending or unknown. It asks \
                 [`{ask}`](Self::{ask}) at once and sends nothing else.\n\n\
                 # Errors\nThe sequence id or the policy breaks its rule, or a setting of the \
                 client is missing. Nothing was asked.",
                links.join(" or "),
                ask = teller.id,
            );
            Ok(quote! {
                #[doc = #doc]
                pub async fn #name<V>(
                    &self,
                    sequence_id: V,
                    policy: crate::SettlePolicy,
                ) -> Result<crate::Settled<std::convert::Infallible, types::#outcome>, Error>
                where
                    V: TryInto<types::#kind>,
                    V::Error: Into<crate::Violation>,
                {
                    use crate::settle::{Case, Verdict};
                    policy.check()?;
                    let ask = self
                        .#ask()
                        .sequence_id(sequence_id)
                        .retry(crate::RetryPolicy::never());
                    let case = Case { #question };
                    case.of_earlier_call().await
                }
            })
        })
        .collect()
}

/// The stream of pages, for an operation that takes a `pageRequest`.
fn pages(description: &Description, operation: &Operation<'_>) -> Result<TokenStream, Error> {
    let takes_pages = description
        .fields(description.schema(operation.request)?)?
        .iter()
        .any(|field| field.name == PAGE_REQUEST);
    if !takes_pages {
        return Ok(TokenStream::new());
    }
    let builder = format_ident!("{}", pascal(operation.id));
    let response = format_ident!("{}", operation.response);
    let answer = description.fields(description.schema(operation.response)?)?;
    let page_response = answer.iter().find(|field| field.name == PAGE_RESPONSE);
    let position = match page_response {
        None => quote! { Position::undescribed(self.extra.get(#PAGE_RESPONSE)) },
        Some(page_response) => {
            let list = answer
                .iter()
                .find(|field| text(field.schema, "type") == Some("array"))
                .map(|field| format_ident!("{}", field_name(field.name)));
            let items = match list {
                Some(list) => quote! { Some(self.#list.len()) },
                None => quote! { None },
            };
            let page = if page_response.required {
                quote! { Some(&self.page_response) }
            } else {
                quote! { self.page_response.as_ref() }
            };
            quote! {
                let page: Option<&types::PageResponse> = #page;
                Position {
                    page: page.and_then(|page| page.page).map(types::PageIndex::get),
                    total_pages: page.and_then(|page| page.total_pages).map(types::Count::get),
                    items: #items,
                }
            }
        }
    };
    Ok(quote! {
        impl crate::paging::Paged for types::#response {
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
                    .page_request
                    .as_ref()
                    .and_then(|request| request.page)
                    .map_or(0, types::PageIndex::get);
                crate::Pages::new(first, move |page| self.clone().at_page(page).send())
            }

            fn at_page(mut self, page: u64) -> Self {
                match &mut self.page_request {
                    Some(request) => request.page = self.checks.accept(#PAGE_REQUEST, page),
                    none => {
                        let request = types::PageRequest::builder().page(page);
                        *none = self.checks.accept_part(#PAGE_REQUEST, request);
                    }
                }
                self
            }
        }
    })
}

/// The names of an object's own fields that hold single values which may be printed.
fn plain_names<'d>(description: &'d Description, object: &str) -> Result<Vec<&'d str>, Error> {
    Ok(description
        .fields(description.schema(object)?)?
        .into_iter()
        .filter(|field| {
            matches!(
                text(field.schema, "type"),
                Some("string" | "integer" | "boolean")
            ) && field
                .schema
                .get("x-konaplate-sensitive")
                .is_none_or(|kind| kind == "none")
        })
        .map(|field| field.name)
        .collect())
}

/// The field of an answer with which the member moves the money, after the call: the address of a
/// payment window, or a barcode.
fn member_acts_with<'d>(
    description: &'d Description,
    operation: &Operation<'d>,
) -> Result<Option<Field<'d>>, Error> {
    if operation.effect != Effect::MovesMoney {
        return Ok(None);
    }
    let answer = description.fields(description.schema(operation.response)?)?;
    Ok(answer.into_iter().find(|field| {
        field.name.to_ascii_lowercase().ends_with("redirecturl")
            || text(field.schema, "x-konaplate-sensitive") == Some("barcode")
    }))
}

/// The names of an object's fields, those of the objects in it included, each once.
fn field_names<'d>(
    description: &'d Description,
    object: &str,
    names: &mut Vec<&'d str>,
) -> Result<(), Error> {
    for field in description.fields(description.schema(object)?)? {
        if !names.contains(&field.name) {
            names.push(field.name);
        }
        if let Some(object) = description.shape(&field)?.object() {
            field_names(description, object, names)?;
        }
    }
    Ok(())
}

/// The names of the codes that an operation can answer, each once.
fn code_names<'d>(description: &'d Description, operation: &Operation<'d>) -> Vec<&'d str> {
    let mut names = Vec::new();
    for failure in &operation.failures {
        if let Some(name) = name_of(description, failure.code)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}
