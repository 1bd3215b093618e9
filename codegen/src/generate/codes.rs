//! `ErrorCode`: one variant a documented code.

use std::fmt::Write;

use konaplate_spec::{Code, CodeClass, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::cell;

/// The content of the module of `ErrorCode`.
#[must_use]
pub fn codes(spec: &Spec) -> TokenStream {
    let table = table(spec.codes());
    let rows = spec.codes().iter().map(|code| {
        let name = format_ident!("{}", code.name);
        let wire = &code.code;
        let class = match code.class {
            CodeClass::CallerMistake => quote! { CallerMistake },
            CodeClass::UserFixable => quote! { UserFixable },
            CodeClass::StateConflict => quote! { StateConflict },
            CodeClass::TryLater => quote! { TryLater },
            CodeClass::Unknown => quote! { Unknown },
        };
        let messages = code.examples.iter().map(|example| &example.message);
        let operations = &code.operations;
        let meanings = code.examples.iter().map(|example| example.meaning.as_str());
        let meaning = joined(meanings, " Or: ");
        let meanings_ko = code
            .examples
            .iter()
            .map(|example| example.meaning_ko.as_str());
        let meaning_ko = joined(meanings_ko, " 또는: ");
        let doc = format!("`{wire}`: {meaning}");
        quote! {
            #[doc = #doc]
            #name = #wire, #class, #meaning, #meaning_ko, [#(#messages),*], [#(#operations),*];
        }
    });
    quote! { error_codes! { #table; #(#rows)* } }
}

/// All codes, for the documentation.
fn table(codes: &[Code]) -> String {
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
            cell(&first.meaning),
            cell(&first.meaning_ko),
            code.operations.join(", ")
        );
    }
    table
}

/// Different texts, each once. A text that begins like an earlier one tells more of one message,
/// not of the code, and is left out.
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
