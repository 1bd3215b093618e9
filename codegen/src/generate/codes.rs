//! `ErrorCode`: one variant a documented code.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::description::{Description, text};
use crate::error::Error;
use crate::model::CodeExample;

/// A code with everything that is documented of it.
#[derive(Debug, Clone)]
pub struct Code<'d> {
    /// `007_008`
    pub code: &'d str,
    /// Name in clients.
    pub name: &'d str,
    /// Its messages and causes: one, or more.
    pub examples: Vec<CodeExample<'d>>,
    /// Ids of the operations that can answer it.
    pub operations: Vec<&'d str>,
}

/// The documented failures by code, in order of the codes.
///
/// # Errors
/// The description is not sound.
pub fn by_code(description: &Description) -> Result<Vec<Code<'_>>, Error> {
    let mut codes: BTreeMap<&str, Code<'_>> = BTreeMap::new();
    for example in description.code_examples() {
        codes
            .entry(example.code)
            .or_insert_with(|| Code {
                code: example.code,
                name: code_name(description, &example),
                examples: Vec::new(),
                operations: Vec::new(),
            })
            .examples
            .push(example);
    }
    for operation in description.operations()? {
        for failure in &operation.failures {
            if let Some(code) = codes.get_mut(failure.code)
                && !code.operations.contains(&operation.id)
            {
                code.operations.push(operation.id);
            }
        }
    }
    Ok(codes.into_values().collect())
}

/// The first example of a code names it, unless it says another name.
fn code_name<'d>(description: &'d Description, first: &CodeExample<'d>) -> &'d str {
    description
        .component("examples", first.name)
        .and_then(|raw| text(raw, "x-konaplate-code-name"))
        .unwrap_or(first.name)
}

/// The name that clients have for a code.
pub(crate) fn name_of<'d>(description: &'d Description, code: &str) -> Option<&'d str> {
    description
        .code_examples()
        .iter()
        .find(|example| example.code == code)
        .map(|first| code_name(description, first))
}

/// The content of the module of `ErrorCode`.
///
/// # Errors
/// The description is not sound.
pub fn codes(description: &Description) -> Result<TokenStream, Error> {
    let rows = by_code(description)?.into_iter().map(|code| {
        let name = format_ident!("{}", code.name);
        let wire = code.code;
        let messages = code.examples.iter().map(|example| example.message);
        let operations = &code.operations;
        let meaning = code
            .examples
            .iter()
            .map(|example| example.meaning)
            .collect::<Vec<_>>()
            .join(" Or: ");
        let doc = format!("`{wire}`: {meaning}");
        quote! {
            #[doc = #doc]
            #name = #wire, #meaning, [#(#messages),*], [#(#operations),*];
        }
    });
    Ok(quote! { crate::error_code::error_codes! { #(#rows)* } })
}
