//! The table of operations: what the description knows of each, at run time.

use konaplate_spec::{
    CompletedBy, Effect, Encrypted, Evidence, Inquiry, Kind, Operation, Outcome, Proves, Shape,
    Spec, TextUse,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The table: every operation of the description, in its order.
pub fn table(spec: &Spec) -> TokenStream {
    let rows = spec
        .operations()
        .iter()
        .map(|operation| row(spec, operation));
    quote! {
        pub(crate) static OPERATIONS: &[crate::operation::Operation] = &[#(#rows),*];
    }
}

/// A row of the table.
fn row(spec: &Spec, operation: &Operation) -> TokenStream {
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
        Evidence::Page => quote! { Page },
        Evidence::Partial => quote! { Partial },
        Evidence::ThirdParty => quote! { ThirdParty },
    };
    let flag = |encrypted| match encrypted {
        Encrypted::Yes => quote! { Yes },
        Encrypted::No => quote! { No },
        Encrypted::Unknown => quote! { Unknown },
    };
    let request = flag(operation.encryption.request);
    let response = flag(operation.encryption.response);
    let outcome = match &operation.outcome {
        Some(outcome) => {
            let outcome = row_of_outcome(spec, operation, outcome);
            quote! { Some(#outcome) }
        }
        None => quote! { None },
    };
    let follow_up = match &operation.follow_up {
        Some(id) => quote! { Some(#id) },
        None => quote! { None },
    };
    let codes = code_names(spec, operation).into_iter().map(|name| {
        let name = format_ident!("{name}");
        quote! { crate::ErrorCode::#name }
    });
    let mut fields = Vec::new();
    field_names(spec, &operation.request.schema, &mut fields);
    let plain_request = plain_names(spec, &operation.request.schema);
    let plain_response = plain_names(spec, &operation.response.schema);
    let mut free_text = Vec::new();
    free_text_of(spec, &operation.response.schema, "", &mut free_text);
    quote! {
        crate::operation::Operation {
            id: #id,
            path: #path,
            group: #group,
            title: #title,
            summary: #summary,
            effect: crate::operation::Effect::#effect,
            outcome: #outcome,
            follow_up: #follow_up,
            request_encrypted: crate::operation::Encrypted::#request,
            response_encrypted: crate::operation::Encrypted::#response,
            evidence: crate::operation::Evidence::#evidence,
            codes: &[#(#codes),*],
            fields: &[#(#fields),*],
            plain_request: &[#(#plain_request),*],
            plain_response: &[#(#plain_response),*],
            free_text: &[#(#free_text),*],
        }
    }
}

fn row_of_outcome(spec: &Spec, operation: &Operation, outcome: &Outcome) -> TokenStream {
    let optional = |field: &Option<String>| match field {
        Some(field) => quote! { Some(#field) },
        None => quote! { None },
    };
    let completed_by = match &outcome.completed_by {
        CompletedBy::Platform => quote! { Platform },
        CompletedBy::Member { acts_with } => {
            let response = spec.schema(&operation.response.schema);
            let always = response
                .field(acts_with)
                .is_some_and(|field| field.required);
            quote! { Member { acts_with: #acts_with, always: #always } }
        }
    };
    let reference = optional(&outcome.reference);
    let pending = optional(&outcome.response.pending);
    let result = optional(&outcome.response.result);
    let cancel = optional(&outcome.cancel);
    let inquiry = match &outcome.inquiry {
        None => quote! { None },
        Some(Inquiry {
            operation,
            by,
            field,
            completed,
            failed,
            pending,
        }) => quote! {
            Some(crate::operation::Inquiry {
                operation: #operation,
                by: #by,
                field: #field,
                completed: &[#(#completed),*],
                failed: &[#(#failed),*],
                pending: &[#(#pending),*],
            })
        },
    };
    let proofs = outcome.proofs.iter().filter_map(|proof| {
        let name = format_ident!("{}", spec.code(&proof.code)?.name);
        let proves = match proof.proves {
            Proves::NotCarriedOut => quote! { NotCarriedOut },
            Proves::EarlierCall => quote! { EarlierCall },
            Proves::Declined => quote! { Declined },
            Proves::Failure => quote! { Failure },
        };
        Some(quote! {
            crate::operation::CodeProof {
                code: crate::ErrorCode::#name,
                proves: crate::operation::Proves::#proves,
            }
        })
    });
    let (hint, hint_ko) = (&outcome.hint, &outcome.hint_ko);
    quote! {
        crate::operation::DescribedOutcome {
            completed_by: crate::operation::CompletedBy::#completed_by,
            reference: #reference,
            pending: #pending,
            result: #result,
            inquiry: #inquiry,
            cancel: #cancel,
            proofs: &[#(#proofs),*],
            hint: #hint,
            hint_ko: #hint_ko,
        }
    }
}

/// The names of an object's own fields that hold single values which may be printed.
fn plain_names<'s>(spec: &'s Spec, object: &str) -> Vec<&'s str> {
    let is_plain = |shape: &Shape| match shape {
        Shape::Flag => true,
        Shape::Value(name) => {
            let schema = spec.schema(name);
            schema.sensitive.is_none() && !matches!(schema.kind, Kind::Object(_))
        }
        Shape::Object(_) | Shape::Values(_) | Shape::Objects(_) => false,
    };
    let fields = spec.schema(object).fields().iter();
    fields
        .filter(|field| is_plain(&field.shape))
        .map(|field| field.name.as_str())
        .collect()
}

/// Where an object has free text: the names on the way, as `transactionInfo.merchantName`.
fn free_text_of(spec: &Spec, object: &str, before: &str, places: &mut Vec<String>) {
    for field in spec.schema(object).fields() {
        let place = format!("{before}{}", field.name);
        let of_schema = field.shape.schema().map(|name| spec.schema(name).text_use);
        if field.text_use.or(of_schema) == Some(TextUse::Free) {
            places.push(place);
        } else if let Some(object) = field.shape.object() {
            free_text_of(spec, object, &format!("{place}."), places);
        }
    }
}

/// The names of an object's fields, those of the objects in it included, each once.
fn field_names<'s>(spec: &'s Spec, object: &str, names: &mut Vec<&'s str>) {
    for field in spec.schema(object).fields() {
        if !names.contains(&field.name.as_str()) {
            names.push(&field.name);
        }
        if let Some(object) = field.shape.object() {
            field_names(spec, object, names);
        }
    }
}

/// The names of the codes that an operation can respond with, each once.
fn code_names<'s>(spec: &'s Spec, operation: &Operation) -> Vec<&'s str> {
    let mut names = Vec::new();
    for failure in &operation.failures {
        if let Some(code) = spec.code(&failure.code)
            && !names.contains(&code.name.as_str())
        {
            names.push(&code.name);
        }
    }
    names
}
