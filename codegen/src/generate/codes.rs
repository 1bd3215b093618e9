//! `ErrorCode`: one variant a documented code.

use std::collections::BTreeMap;
use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::description::{Description, text};
use crate::error::Error;
use crate::model::{CodeClass, CodeExample};

/// A code with everything that is documented of it.
#[derive(Debug, Clone)]
pub struct Code<'d> {
    /// `007_008`
    pub code: &'d str,
    /// Name in clients.
    pub name: &'d str,
    /// What can be done about it.
    pub class: CodeClass,
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
                class: code_class(description, &example),
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

/// The first example of a code says its class.
fn code_class(description: &Description, first: &CodeExample<'_>) -> CodeClass {
    description
        .component("examples", first.name)
        .and_then(|raw| text(raw, "x-konaplate-class"))
        .and_then(CodeClass::from_word)
        .unwrap_or(CodeClass::Unknown)
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
    let codes = by_code(description)?;
    let table = table(&codes);
    let rows = codes.into_iter().map(|code| {
        let name = format_ident!("{}", code.name);
        let wire = code.code;
        let class = match code.class {
            CodeClass::CallerMistake => quote! { CallerMistake },
            CodeClass::UserFixable => quote! { UserFixable },
            CodeClass::StateConflict => quote! { StateConflict },
            CodeClass::TryLater => quote! { TryLater },
            CodeClass::Unknown => quote! { Unknown },
        };
        let messages = code.examples.iter().map(|example| example.message);
        let operations = &code.operations;
        let meaning = joined(code.examples.iter().map(|example| example.meaning), " Or: ");
        let meaning_ko = joined(
            code.examples.iter().map(|example| example.meaning_ko),
            " 또는: ",
        );
        let doc = format!("`{wire}`: {meaning}");
        quote! {
            #[doc = #doc]
            #name = #wire, #class, #meaning, #meaning_ko, [#(#messages),*], [#(#operations),*];
        }
    });
    Ok(quote! { crate::error_code::error_codes! { #table; #(#rows)* } })
}

/// All codes, for the documentation.
fn table(codes: &[Code<'_>]) -> String {
    let mut table = String::from(
        "# All codes\n\n| code | name | class | meaning | 의미 | operations |\n|---|---|---|---|---|---|\n",
    );
    for code in codes {
        let first = &code.examples[0];
        let _ = writeln!(
            table,
            "| `{}` | [`{}`](Self::{}) | {} | {} | {} | {} |",
            code.code,
            code.name,
            code.name,
            code.class,
            first.meaning,
            first.meaning_ko,
            code.operations.join(", ")
        );
    }
    table
}

/// Different texts, each once. A text that begins like an earlier one tells more of one message, not
/// of the code, and is left out.
fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str) -> String {
    let mut different: Vec<&str> = Vec::new();
    for text in texts {
        let is_variant = |earlier: &&str| text.starts_with(earlier.trim_end_matches('.'));
        if !different.iter().any(is_variant) {
            different.push(text);
        }
    }
    different.join(between)
}
