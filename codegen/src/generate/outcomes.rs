//! How a call that moves money is settled: the methods `and_settle` of its builder, and those of
//! the client that go on asking later. All of it follows from the operation's
//! `x-konaplate-outcome`.

use konaplate_spec::{Error, Inquiry, Operation, Outcome, Shape, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::names::field as field_name;

/// The method `and_settle` of an operation's builder; nothing where no money moves. `index` is the
/// operation's place in the table.
pub(super) fn and_settle(
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

/// Name of the client's method that goes on asking an operation for an outcome:
/// `get_bank_recharge_result` → `settle_bank_recharge`
pub(super) fn settle_name(inquiry: &str) -> String {
    let id = inquiry.strip_prefix("get_").unwrap_or(inquiry);
    format!("settle_{}", id.strip_suffix("_result").unwrap_or(id))
}

fn inquired<'s>(spec: &'s Spec, inquiry: &Inquiry) -> Result<&'s Operation, Error> {
    spec.operation(&inquiry.operation)
        .ok_or_else(|| Error::new(inquiry.operation.clone(), "there is no such operation"))
}

/// What asks for an outcome and understands the response, as members of a `Case`.
fn question(asked: &Operation, inquiry: &Inquiry) -> TokenStream {
    let response = format_ident!("{}", asked.response.schema);
    let result = format_ident!("{}", field_name(&inquiry.field));
    let by = format_ident!("{}", field_name(&inquiry.by));
    quote! {
        sequence_id: ask.#by.as_deref().unwrap_or_default().to_owned(),
        policy,
        ask: || ask.clone().send(),
        verdict: |told: &types::#response| Verdict::of_result(inquiry, told.#result.as_str()),
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
    let told = format_ident!("{}", asked.response.schema);
    let ask = format_ident!("{}", asked.id);
    let own = spec.schema(&operation.response.schema);
    let of_response = match outcome
        .response
        .pending
        .as_ref()
        .and_then(|name| own.field(name))
    {
        Some(pending) if pending.required => {
            let is_pending = format_ident!("{}", field_name(&pending.name));
            let result = match outcome
                .response
                .result
                .as_ref()
                .and_then(|name| own.field(name))
            {
                None => quote! { None },
                Some(result) => {
                    let name = format_ident!("{}", field_name(&result.name));
                    if result.required {
                        quote! { Some(response.#name.as_str()) }
                    } else {
                        quote! { response.#name.as_ref().map(|result| result.as_str()) }
                    }
                }
            };
            quote! { |response| Verdict::of_response(inquiry, response.#is_pending, #result) }
        }
        _ => quote! { |_| Verdict::Unclear },
    };
    let reference = outcome.reference.as_deref().unwrap_or_default();
    let reference = format_ident!("{}", field_name(reference));
    let by = format_ident!("{}", field_name(&inquiry.by));
    let question = question(asked, inquiry);
    let inquiry = inquiry_of(index);
    let doc = format!(
        "Sends the call once, and asks [`{ask}`](crate::Client::{ask}) for the outcome until it is \
         known or the deadline is over. The call is never sent twice.\n\n\
         It does not ask where the response itself says that it is done. Write the sequence id down \
         before: after a crash [`{settle}`](crate::Client::{settle}) goes on by it. A sequence id \
         that was used before must not be sent, because the outcome could be that of the earlier \
         call.\n\n\
         # Errors\nThe call was not carried out: it was not sent, or it was refused, and there is \
         nothing to settle. (A refusal with 007_008 says that an *earlier* call has this sequence \
         id; [`{settle}`](crate::Client::{settle}) tells how that one ended.) Every other failure \
         is part of what is [`Settled`](crate::Settled).",
        ask = asked.id,
        settle = settle_name(&asked.id),
    );
    Ok(quote! {
        #[doc = #doc]
        pub async fn and_settle(
            self,
            policy: crate::SettlePolicy,
        ) -> Result<crate::Settled<types::#response, types::#told>, Error> {
            use crate::outcome::{Case, Verdict};
            policy.check()?;
            #inquiry
            let mut ask = self.call.client().#ask().retry(crate::RetryPolicy::never());
            ask.#by.clone_from(&self.#reference);
            let case = Case { #question };
            case.after_call(self.send().await, #of_response).await
        }
    })
}

/// Finds an operation's inquiry in the table, where it is: the code before has read the
/// description.
fn inquiry_of(index: usize) -> TokenStream {
    quote! { let inquiry = crate::operation::OPERATIONS[#index].inquiry(); }
}

/// The method of a call whose outcome nothing but its response tells.
fn by_response(spec: &Spec, index: usize, operation: &Operation, outcome: &Outcome) -> TokenStream {
    let response = format_ident!("{}", operation.response.schema);
    let reference = match &outcome.reference {
        Some(reference) => {
            let reference = format_ident!("{}", field_name(reference));
            quote! { self.#reference.as_deref().map(str::to_owned) }
        }
        None => quote! { None },
    };
    let own = spec.schema(&operation.response.schema);
    let acts_with = outcome.member_acts_with().and_then(|name| own.field(name));
    let (ends_in, make, success) = match acts_with {
        Some(field) if field.required => (
            quote! { Opened },
            quote! { Opened::AwaitingMember },
            "A success says that the member can pay now, and not that money moved: no operation \
             tells whether it did.",
        ),
        Some(field) => {
            let name = format_ident!("{}", field_name(&field.name));
            (
                quote! { Told },
                quote! {
                    |response| if response.#name.is_some() {
                        Told::AwaitingMember(response)
                    } else {
                        Told::Completed(response)
                    }
                },
                "A success is one only if the response holds no payment window.",
            )
        }
        None => (
            quote! { Told },
            quote! { Told::Completed },
            "It is the response that tells, and nothing else does.",
        ),
    };
    let doc = format!(
        "Sends the call once, and says of a lost response that nobody knows how the call ended, and \
         [what a person can do](crate::Unsettleable::what_a_person_can_do). {success}\n\n\
         # Errors\nThe call was not carried out: it was not sent, or it was refused."
    );
    quote! {
        #[doc = #doc]
        pub async fn and_settle(self) -> Result<crate::#ends_in<types::#response>, Error> {
            use crate::{#ends_in, Unsettleable};
            let sequence_id = #reference;
            let unknown = |lost| {
                Unsettleable::new(&crate::operation::OPERATIONS[#index], sequence_id, lost)
                    .map(#ends_in::Unknown)
            };
            self.send().await.map(#make).or_else(unknown)
        }
    }
}

/// The methods of the client that go on asking for the outcome of an earlier call: one an operation
/// of the group that is asked.
pub(super) fn settle_methods(
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
            "Asks how an earlier call of {} ended, by its sequence id, until it is known or the \
             deadline is over.\n\n\
             For what a crash interrupted, and for what was left pending or unknown. It asks \
             [`{ask}`](Self::{ask}) at once and sends nothing else.\n\n\
             # Errors\nThe sequence id or the policy breaks its rule, or a setting of the \
             client is missing. Nothing was asked.",
            links.join(" or "),
            ask = asked.id,
        );
        let name = format_ident!("{}", settle_name(&asked.id));
        let ask = format_ident!("{}", asked.id);
        let by = format_ident!("{}", field_name(&inquiry.by));
        let kind = format_ident!("{kind}");
        let told = format_ident!("{}", asked.response.schema);
        let question = question(asked, inquiry);
        let inquiry = inquiry_of(*index);
        methods.extend(quote! {
            #[doc = #doc]
            pub async fn #name<V>(
                &self,
                sequence_id: V,
                policy: crate::SettlePolicy,
            ) -> Result<crate::Settled<std::convert::Infallible, types::#told>, Error>
            where
                V: TryInto<types::#kind>,
                V::Error: Into<crate::Violation>,
            {
                use crate::outcome::{Case, Verdict};
                policy.check()?;
                #inquiry
                let ask = self
                    .#ask()
                    .#by(sequence_id)
                    .retry(crate::RetryPolicy::never());
                let case = Case { #question };
                case.of_earlier_call().await
            }
        });
    }
    Ok(methods)
}
