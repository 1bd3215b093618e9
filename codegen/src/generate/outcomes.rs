//! What becomes of a call that moves money: the methods `send_for_outcome` of its builder, and those
//! of the client that ask later. All of it follows from the operation's
//! `x-konaplate-outcome`.

use konaplate_spec::{Error, Inquiry, Operation, Outcome, Shape, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::names::{field as field_name, later};

/// The method `send_for_outcome` of an operation's builder; nothing where no money moves. `index` is
/// the operation's place in the table.
pub(super) fn send_for_outcome(
    spec: &Spec,
    index: usize,
    operation: &Operation,
) -> Result<TokenStream, Error> {
    match &operation.outcome {
        None => Ok(TokenStream::new()),
        Some(outcome) => match &outcome.inquiry {
            Some(inquiry) => by_inquiry(spec, index, operation, outcome, inquiry),
            None => Ok(by_response(spec, index, operation, outcome)),
        },
    }
}

fn inquired<'s>(spec: &'s Spec, inquiry: &Inquiry) -> Result<&'s Operation, Error> {
    spec.operation(&inquiry.operation)
        .ok_or_else(|| Error::new(inquiry.operation.clone(), "there is no such operation"))
}

/// What asks for an outcome and finds the word in the response, as members of an `Inquirer`.
fn inquirer(asked: &Operation, inquiry: &Inquiry) -> TokenStream {
    let response = format_ident!("{}", asked.response.schema);
    let result = format_ident!("{}", field_name(&inquiry.field));
    quote! {
        policy,
        ask: || ask.clone().send(),
        says: |response: &types::#response| inquiry.result(response.#result.as_str()),
    }
}

/// Finds an operation's inquiry in the table, where it is: the code before has read the
/// description.
fn inquiry_of(index: usize) -> TokenStream {
    quote! { let inquiry = crate::operation::OPERATIONS[#index].inquiry(); }
}

/// The record of a call that is about to be sent.
fn record(index: usize, outcome: &Outcome) -> TokenStream {
    let reference = match &outcome.reference {
        Some(reference) => {
            let reference = format_ident!("{}", field_name(reference));
            quote! { self.#reference.as_deref().map(str::to_owned) }
        }
        None => quote! { None },
    };
    quote! {
        let record =
            crate::CallRecord::new(&crate::operation::OPERATIONS[#index], #reference);
    }
}

/// The method of a call that sends it once and asks for the outcome.
fn by_inquiry(
    spec: &Spec,
    index: usize,
    operation: &Operation,
    outcome: &Outcome,
    inquiry: &Inquiry,
) -> Result<TokenStream, Error> {
    let asked = inquired(spec, inquiry)?;
    let response = format_ident!("{}", operation.response.schema);
    let ask = format_ident!("{}", asked.id);
    let reference = outcome.reference.as_deref().unwrap_or_default();
    let reference = format_ident!("{}", field_name(reference));
    let by = format_ident!("{}", field_name(&inquiry.by));
    let record = record(index, outcome);
    let inquirer = inquirer(asked, inquiry);
    let inquiry = inquiry_of(index);
    let doc = format!(
        "Sends the call once, never twice, and finds out what became of it: it asks \
         [`{ask}`](crate::Client::{ask}) until the outcome is known, or until the deadline of \
         [`CallOptions::outcome`](crate::CallOptions::outcome).\n\n\
         It does not ask where the response itself says that it is done or proves that it is not, \
         and asks once where the platform declined it. Write the sequence id down before: after a \
         crash [`{later}`](crate::Client::{later}) goes on by it.\n\n\
         # Errors\nThe call was not tried: a field, a setting or the journal is at fault. \
         Everything else is part of the [`Outcome`](crate::Outcome).",
        ask = asked.id,
        later = later(&asked.id),
    );
    Ok(quote! {
        #[doc = #doc]
        pub async fn send_for_outcome(
            self,
        ) -> Result<crate::Outcome<crate::Processed<types::#response>>, Error> {
            let policy = self.call.outcome_policy()?;
            #record
            #inquiry
            let mut ask = self.call.client().#ask().retry(crate::RetryPolicy::never());
            ask.#by.clone_from(&self.#reference);
            let inquirer = crate::outcome::Inquirer { #inquirer };
            inquirer.after_call(record, self.send().await).await
        }
    })
}

/// The method of a call whose outcome nothing but its response says.
fn by_response(spec: &Spec, index: usize, operation: &Operation, outcome: &Outcome) -> TokenStream {
    let response = format_ident!("{}", operation.response.schema);
    let own = spec.schema(&operation.response.schema);
    let acts_with = outcome.member_acts_with().and_then(|name| own.field(name));
    let processed = quote! { crate::Processed<types::#response> };
    let (ends_in, conclude, success) = match acts_with {
        Some(field) if field.required => (
            quote! { crate::Outcome<crate::outcome::Never, #processed> },
            quote! { of_member },
            "A success says that the member can pay now, and not that money moved.",
        ),
        Some(_) => (
            quote! { crate::Outcome<#processed, #processed> },
            quote! { of_either },
            "A success is completed only if the response leaves nothing to the member.",
        ),
        None => (
            quote! { crate::Outcome<#processed> },
            quote! { of_platform },
            "Nothing but its response says what became of it.",
        ),
    };
    let record = record(index, outcome);
    let doc = format!(
        "Sends the call once, never twice, and says what is known of it. {success} Where the \
         response was lost, [`CallRecord::hint`](crate::CallRecord::hint) says what a person can \
         do.\n\n\
         # Errors\nThe call was not tried: a field, a setting or the journal is at fault. \
         Everything else is part of the [`Outcome`](crate::Outcome)."
    );
    quote! {
        #[doc = #doc]
        pub async fn send_for_outcome(self) -> Result<#ends_in, Error> {
            #record
            crate::outcome::#conclude(record, self.send().await)
        }
    }
}

/// The methods of the client that go on asking for the outcome of an earlier call: one an operation
/// of the group that is asked.
pub(super) fn later_methods(
    spec: &Spec,
    operations: &[(usize, &Operation)],
) -> Result<TokenStream, Error> {
    let mut methods = TokenStream::new();
    for (_, asked) in operations {
        let asking = spec
            .operations()
            .iter()
            .enumerate()
            .filter_map(|(index, operation)| {
                let inquiry = operation.outcome.as_ref()?.inquiry.as_ref()?;
                (inquiry.operation == asked.id).then_some((index, operation, inquiry))
            });
        let asking: Vec<_> = asking.collect();
        let Some((index, _, inquiry)) = asking.first() else {
            continue;
        };
        let same = |(_, _, other): &(usize, &Operation, &Inquiry)| other == inquiry;
        if !asking.iter().all(same) {
            return Err(Error::new(asked.id.clone(), "is asked in different ways"));
        }
        let by = spec.schema(&asked.request.schema).field(&inquiry.by);
        let Some(Shape::Value(kind)) = by.map(|field| &field.shape) else {
            return Err(Error::new(
                asked.id.clone(),
                format!("{} is no value", inquiry.by),
            ));
        };
        let links: Vec<_> = asking
            .iter()
            .map(|(_, operation, _)| format!("[`{0}`](Self::{0})", operation.id))
            .collect();
        let doc = format!(
            "Asks what became of an earlier call of {}, by its sequence id, until it is known or until \
             the deadline.\n\n\
             For what a crash interrupted, and for what was left pending or unknown. It asks \
             [`{ask}`](Self::{ask}) at once and sends nothing else.\n\n\
             # Errors\nThe sequence id or the policy breaks its rule, or a setting of the \
             client is missing. Nothing was asked.",
            links.join(" or "),
            ask = asked.id,
        );
        let name = format_ident!("{}", later(&asked.id));
        let ask = format_ident!("{}", asked.id);
        let by = format_ident!("{}", field_name(&inquiry.by));
        let kind = format_ident!("{kind}");
        let told = format_ident!("{}", asked.response.schema);
        let inquirer = inquirer(asked, inquiry);
        let inquiry = inquiry_of(*index);
        methods.extend(quote! {
            #[doc = #doc]
            pub async fn #name<V>(
                &self,
                sequence_id: V,
                policy: crate::OutcomePolicy,
            ) -> Result<crate::Outcome<crate::Processed<types::#told>>, Error>
            where
                V: TryInto<types::#kind>,
                V::Error: Into<crate::Violation>,
            {
                policy.check()?;
                #inquiry
                let ask = self
                    .#ask()
                    .#by(sequence_id)
                    .retry(crate::RetryPolicy::never());
                let record = crate::CallRecord::of_earlier_call(
                    &crate::operation::OPERATIONS[#index],
                    ask.#by.as_deref().unwrap_or_default(),
                );
                let inquirer = crate::outcome::Inquirer { #inquirer };
                inquirer.of_earlier_call(record).await
            }
        });
    }
    Ok(methods)
}
