//! The table of operations, and the call builders.

use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::codes::name_of;
use crate::description::{Description, entries, text};
use crate::error::Error;
use crate::model::{Effect, Encrypted, Evidence, Field, Operation, constraint};
use crate::names::{field, pascal, snake};

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

    Ok(quote! {
        /// Every operation of the description, in its order.
        pub(crate) static OPERATIONS: &[crate::operation::Operation] = &[#(#rows),*];
        #(#modules)*
    })
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
    let fields = request_fields(description, operation)?
        .into_iter()
        .map(|field| field.name);
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
        .map(|(index, operation)| method(description, *index, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let builders = operations
        .iter()
        .map(|(_, operation)| builder(description, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let impl_doc = format!("Operations of the group [`{0}`](crate::{0}).", snake(group));
    Ok(quote! {
        #[doc = #doc]
        pub mod #module {
            use crate::call::Call;
            use crate::generated::#extension as _;
            use crate::{CallOptions, Client, Error, Response, Violation, types};

            #[doc = #impl_doc]
            impl Client { #(#methods)* }
            #(#builders)*
        }
    })
}

/// The method that starts a call. `index` is the operation's place in the table.
fn method(
    description: &Description,
    index: usize,
    operation: &Operation<'_>,
) -> Result<TokenStream, Error> {
    let name = format_ident!("{}", operation.id);
    let builder = format_ident!("{}", pascal(operation.id));
    let doc = operation_doc(description, operation)?;
    let fields = request_fields(description, operation)?
        .into_iter()
        .map(|f| format_ident!("{}", field(f.name)));
    let extra = is_open(description, operation)
        .then(|| quote! { extra: std::collections::BTreeMap::new(), });
    Ok(quote! {
        #[doc = #doc]
        pub fn #name(&self) -> #builder<'_> {
            #builder { call: Call::new(self, &super::OPERATIONS[#index]), #(#fields: None,)* #extra }
        }
    })
}

fn builder(description: &Description, operation: &Operation<'_>) -> Result<TokenStream, Error> {
    let fields = request_fields(description, operation)?;
    let builder = format_ident!("{}", pascal(operation.id));
    let request = format_ident!("{}", operation.request);
    let response = format_ident!("{}", operation.response);
    let method = format_ident!("{}", operation.id);
    let open = is_open(description, operation);

    let mut members = Vec::new();
    let mut setters = Vec::new();
    let mut assignments = Vec::new();
    for f in &fields {
        let name = format_ident!("{}", field(f.name));
        let wire = f.name;
        let typ = field_type(f)?;
        let doc = setter_doc(f);
        members.push(quote! { #name: Option<#typ>, });
        setters.push(quote! {
            #[doc = #doc]
            pub fn #name<V>(mut self, value: V) -> Self
            where
                V: TryInto<#typ>,
                V::Error: Into<Violation>,
            {
                self.#name = self.call.accept(#wire, value);
                self
            }
        });
        assignments.push(if f.required {
            quote! { #name: self.call.required(#wire, self.#name)?, }
        } else {
            quote! { #name: self.#name, }
        });
    }
    if open {
        members.push(quote! { extra: std::collections::BTreeMap<String, types::MaskedJson>, });
        setters.push(quote! {
            /// Adds a field that the description does not know: what was seen of this request is not
            /// known to be all of it. Fields that it knows have a method of their own.
            pub fn extra(mut self, name: impl Into<String>, value: impl Into<types::MaskedJson>) -> Self {
                let name = name.into();
                if self.call.accept_extra(&name) {
                    self.extra.insert(name, value.into());
                }
                self
            }
        });
        assignments.push(quote! { extra: self.extra, });
    }

    let doc = format!(
        "Call of [`Client::{}`]. Set its fields, then [`send`](Self::send) it.",
        operation.id
    );
    let send_doc = "Sends the call and waits for the answer.\n\n# Errors\n\
        [`Error::kind`] says what happened and [`Error::delivery`] whether the platform may have carried \
        the call out. An invalid or missing field is reported before anything is sent.";
    Ok(quote! {
        #[doc = #doc]
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #builder<'a> { call: Call<'a>, #(#members)* }

        impl #builder<'_> {
            #(#setters)*

            /// Options of this one call: its correlation id, its encryption.
            pub fn options(mut self, options: CallOptions) -> Self {
                self.call.set_options(options);
                self
            }

            #[doc = #send_doc]
            pub async fn send(self) -> Result<Response<types::#response>, Error> {
                self.call.check()?;
                let body = types::#request { #(#assignments)* };
                self.call
                    .run(|client| async move { client.#method().body(body).send().await })
                    .await
            }
        }
    })
}

/// The Rust type of a field.
fn field_type(f: &Field<'_>) -> Result<TokenStream, Error> {
    if let Some(name) = f.schema_name {
        let name = format_ident!("{name}");
        return Ok(quote! { types::#name });
    }
    match text(f.schema, "type") {
        Some("boolean") => Ok(quote! { bool }),
        other => Err(Error::new(
            f.name,
            format!(
                "{} in a request needs a schema of its own",
                other.unwrap_or("this")
            ),
        )),
    }
}

fn request_fields<'d>(
    description: &'d Description,
    operation: &Operation<'d>,
) -> Result<Vec<Field<'d>>, Error> {
    description.fields(description.schema(operation.request)?)
}

fn is_open(description: &Description, operation: &Operation<'_>) -> bool {
    description
        .schema(operation.request)
        .is_ok_and(|schema| schema.get("additionalProperties") == Some(&true.into()))
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

fn group_doc(
    description: &Description,
    group: &str,
    operations: &[(usize, &Operation<'_>)],
) -> String {
    let mut doc = format!(
        "{}\n\n",
        description.group_description(group).unwrap_or(group)
    );
    doc.push_str(
        "| operation | what it does | encrypted | effect | evidence |\n|---|---|---|---|---|\n",
    );
    for (_, o) in operations {
        let _ = writeln!(
            doc,
            "| [`{}`](crate::Client::{}) | {} | {} | {} | {} |",
            o.id,
            o.id,
            o.summary,
            encryption_words(o),
            o.effect,
            o.evidence
        );
    }
    doc
}

fn encryption_words(operation: &Operation<'_>) -> &'static str {
    use Encrypted::{No, Unknown, Yes};
    match (operation.request_encrypted, operation.response_encrypted) {
        (Yes, Yes) => "both ways",
        (Yes, No) => "request",
        (Yes, Unknown) => "request; answer unknown",
        (No, Yes) => "answer",
        (No, No) => "no",
        (No, Unknown) => "answer unknown",
        (Unknown, Yes) => "answer; request unknown",
        (Unknown, No) => "request unknown",
        (Unknown, Unknown) => "unknown",
    }
}

/// The documentation of a call: what it is, how sure that is, what can go wrong.
fn operation_doc(description: &Description, operation: &Operation<'_>) -> Result<String, Error> {
    let o = operation;
    let mut doc = format!("{}.\n\n{}\n\n", o.summary, o.description);
    let _ = writeln!(doc, "| | |\n|---|---|");
    let _ = writeln!(doc, "| path | `{} {}` |", o.method, o.path);
    let _ = writeln!(doc, "| vendor's title | {} |", o.title);
    let _ = writeln!(doc, "| effect | {} |", o.effect);
    if let Some(reconcile) = o.reconcile {
        let _ = writeln!(
            doc,
            "| outcome after a lost answer | [`{reconcile}`](crate::Client::{reconcile}) |"
        );
    }
    let _ = writeln!(doc, "| encrypted | {} |", encryption_words(o));
    let _ = writeln!(
        doc,
        "| evidence | {}, document version {} (offered: {}) |",
        o.evidence,
        o.version_shown,
        o.versions.join(", ")
    );
    let _ = writeln!(doc, "| source page | {} |", o.source.join("<br>"));

    doc.push_str("\n# Fields\n\n| field | | rule |\n|---|---|---|\n");
    for f in request_fields(description, operation)? {
        let _ = writeln!(
            doc,
            "| `{}` | {} | {} |",
            f.name,
            if f.required { "required" } else { "optional" },
            constraint(f.schema)
        );
    }

    doc.push_str("\n# Codes\n\n| code | means | message |\n|---|---|---|\n");
    for failure in &o.failures {
        let name = name_of(description, failure.code).unwrap_or_default();
        let _ = writeln!(
            doc,
            "| [`{}`](crate::ErrorCode::{name}) | {} | {} |",
            failure.code, failure.meaning, failure.message
        );
    }
    if !o.codes_complete {
        doc.push_str("\nThe list of codes is not complete.");
    }
    if !o.unlisted_failures.is_empty() {
        let _ = write!(
            doc,
            " Known by name only, without a code: {}.",
            o.unlisted_failures.join("; ")
        );
    }
    doc.push('\n');

    if let Some(example) = description.request_example(o) {
        let _ = write!(
            doc,
            "\n# Example\n\n```no_run\n{}```\n",
            call_example(o, example)
        );
    }
    Ok(doc)
}

/// The first request example as Rust.
fn call_example(operation: &Operation<'_>, example: &serde_json::Value) -> String {
    let mut code = String::from(
        "# async fn example(client: &konaplate::Client) -> Result<(), konaplate::Error> {\n",
    );
    let _ = writeln!(code, "let answer = client\n    .{}()", operation.id);
    for (name, value) in example.as_object().into_iter().flatten() {
        let value = match value {
            serde_json::Value::Number(number) => format!("{number}_u64"),
            other => other.to_string(),
        };
        let _ = writeln!(code, "    .{}({value})", field(name));
    }
    code.push_str("    .send()\n    .await?;\nprintln!(\"{:?}\", *answer);\n# Ok(())\n# }\n");
    code
}

fn setter_doc(f: &Field<'_>) -> String {
    let mut doc = format!("`{}`: {}\n\n", f.name, f.description);
    doc.push_str(if f.required {
        "Required; "
    } else {
        "Optional; "
    });
    doc.push_str(&constraint(f.schema));
    doc.push_str(".\n");
    for (word, meaning) in entries(f.schema, "x-konaplate-enum-meanings") {
        let _ = writeln!(doc, "- `{word}`: {}", meaning.as_str().unwrap_or_default());
    }
    doc
}
