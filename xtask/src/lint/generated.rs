//! The client that the description makes: a description is sound only if Rust can be made of it.
//!
//! What would not generate or not compile is found in the description's own terms by
//! [`konaplate_codegen::scopes`]. Where nothing is found, the client is generated and parsed, and
//! its documentation is read as rustdoc reads it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use konaplate_codegen::generate::{Generated, generate};
use konaplate_codegen::names::snake;
use konaplate_codegen::scopes;
use konaplate_spec::Spec;
use proc_macro2::{TokenStream, TokenTree};

use super::{Findings, markdown};
use crate::{at_root, files};

/// Names and shapes that no Rust can be made of.
pub(super) fn names(findings: &mut Findings, spec: &Spec) {
    for problem in scopes::problems(spec) {
        findings.add(problem.place, problem.problem, problem.hint);
    }
    handed_on(findings, spec);
}

/// Each group is a module that `src/lib.rs` hands on.
fn handed_on(findings: &mut Findings, spec: &Spec) {
    let library = files::read(&at_root("src/lib.rs")).ok();
    let Some(file) = library.and_then(|text| syn::parse_file(&text).ok()) else {
        findings.add(
            "src/lib.rs",
            "it cannot be read as Rust",
            "correct this first",
        );
        return;
    };
    let mut handed_on = BTreeSet::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item
            && let syn::UseTree::Path(path) = &item.tree
            && path.ident == "generated_operations"
        {
            last_words(&path.tree, &mut handed_on);
        }
    }
    for group in spec.groups() {
        let module = snake(&group.name);
        findings.require(
            handed_on.contains(&module),
            format!("tags/{}", group.name),
            format!("src/lib.rs does not hand on the module {module}"),
            "add it to `pub use generated_operations` there, or correct the tag's name",
        );
    }
}

fn last_words(tree: &syn::UseTree, words: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Name(name) => {
            words.insert(name.ident.to_string());
        }
        syn::UseTree::Group(group) => {
            group.items.iter().for_each(|tree| last_words(tree, words));
        }
        _ => {}
    }
}

/// Generates and parses the client.
pub(super) fn client(findings: &mut Findings, spec: &Spec) {
    const PLACE: &str = "the generated client";
    // The generator stops with a panic at what it does not know.
    let generated = catch_unwind(AssertUnwindSafe(|| generate(spec)));
    let Ok(generated) = generated else {
        findings.add(
            PLACE,
            "the generator stopped: its message stands above",
            "the description has something that it does not know",
        );
        return;
    };
    match generated {
        Err(error) => findings.add(
            PLACE,
            format!("it cannot be generated: {error}"),
            "correct the place that is named",
        ),
        Ok(Generated {
            client,
            values,
            codes,
            table,
            operations,
        }) => {
            for (file, text) in [
                ("client.rs", client),
                ("values.rs", values),
                ("codes.rs", codes),
                ("table.rs", table),
                ("operations.rs", operations),
            ] {
                one_file(findings, file, &text);
            }
        }
    }
}

fn one_file(findings: &mut Findings, file: &str, text: &str) {
    let parsed = syn::parse_file(text).map_err(|error| error.to_string());
    let tokens = text.parse::<TokenStream>();
    match (parsed, tokens) {
        (Ok(_), Ok(tokens)) => {
            let mut docs = Vec::new();
            documentation(tokens, &mut docs);
            for doc in docs {
                one_text(findings, file, &doc);
            }
        }
        (Err(error), _) => findings.add(
            file,
            format!("it does not parse: {error}"),
            "the generator made it of a name or a text of the description",
        ),
        (_, Err(error)) => findings.add(
            file,
            format!("it does not parse: {error}"),
            "the generator made it of a name or a text of the description",
        ),
    }
}

/// The documentation in some code, item by item: what stands in `#[doc = "…"]`, also where a macro
/// has yet to make an item of it.
fn documentation(tokens: TokenStream, docs: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut lines: Vec<String> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let attribute = match (token, tokens.get(index + 1)) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(group))) if hash.as_char() == '#' => {
                Some(group)
            }
            _ => None,
        };
        if let Some(group) = attribute {
            lines.extend(doc_of(group.stream()));
            index += 2;
            continue;
        }
        if !lines.is_empty() {
            docs.push(unindented(&std::mem::take(&mut lines).join("\n")));
        }
        match token {
            TokenTree::Group(group) => documentation(group.stream(), docs),
            // The table of all codes is given to its macro as it is.
            TokenTree::Literal(literal) => {
                let ends = matches!(tokens.get(index + 1), Some(TokenTree::Punct(p)) if p.as_char() == ';');
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                if let (true, 0, Ok(text)) = (ends, index, text) {
                    docs.push(text.value());
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        index += 1;
    }
}

/// The text of `doc = "…"`.
fn doc_of(attribute: TokenStream) -> Option<String> {
    let pair = syn::parse2::<syn::MetaNameValue>(attribute).ok()?;
    match pair.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// The text without the indentation that all of its lines have.
fn unindented(text: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let common = lines.map(indentation).min().unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.get(common..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// What rustdoc would say of a text that was put together.
fn one_text(findings: &mut Findings, file: &str, text: &str) {
    let reading = markdown::read(text);
    let mut problems = Vec::new();
    for code in &reading.code {
        match code.language.as_deref() {
            Some("json") => {}
            Some("no_run") => {
                let lines = code.text.lines();
                let shown = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
                let body = shown.collect::<Vec<_>>().join("\n");
                if let Err(error) = syn::parse_str::<syn::Block>(&format!("{{{body}\n}}")) {
                    problems.push(format!("an example that does not parse: {error}"));
                }
            }
            Some(language) => problems.push(format!("a code block of {language:?}")),
            None => problems.push("an indented block, which is compiled as a test".to_owned()),
        }
        if code.language.is_some() && !code.closed {
            problems.push("a fenced block that has no end".to_owned());
        }
    }
    for tag in reading.html.iter().filter(|tag| *tag != "<br>") {
        problems.push(format!("HTML: {}", tag.trim()));
    }
    // What codegen itself refers to.
    let own = ["`Client::", "`Error::", "`crate::", "`send`"];
    for reference in &reading.references {
        if !own.iter().any(|own| reference.starts_with(own)) {
            problems.push(format!("a link to nowhere: {reference}"));
        }
    }
    let addresses = ["crate::", "super::", "Self::", "https://konaplate.com/"];
    for link in &reading.links {
        if !addresses.iter().any(|own| link.starts_with(own)) {
            problems.push(format!("a link to {link}"));
        }
    }
    if reading.has_bare_url {
        problems.push("a bare URL".to_owned());
    }
    let first = text.lines().find(|line| !line.trim().is_empty());
    for problem in problems {
        findings.add(
            format!("documentation in {file}, {:?}", first.unwrap_or_default()),
            problem,
            "rustdoc refuses it: put what is no prose into backticks where the description has it",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(code: &str) -> Vec<String> {
        let mut findings = Findings::default();
        one_file(&mut findings, "a.rs", code);
        findings
            .list
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    #[test]
    fn documentation_is_found_wherever_it_stands() {
        for code in [
            "/// a [b] c\nstruct A;",
            "/// First.\n///\n/// a [b] c\nstruct A;",
            "#[doc = \"a [b] c\"]\nstruct A;",
            "mod a { impl B { /** a [b] c */ fn c() {} } }",
            "value_setter! { #[doc = \"a [b] c\"] name: bool = \"name\" }",
            "error_codes! { \"a [b] c\"; A = \"000_001\"; }",
        ] {
            assert_eq!(problems(code), ["a link to nowhere: b"], "{code}");
        }
    }

    #[test]
    fn an_example_has_to_parse() {
        let example = |line: &str| {
            format!("/// ```no_run\n/// # fn a() {{\n/// {line}\n/// # }}\n/// ```\nstruct A;")
        };
        assert_eq!(problems(&example("a(\"\\u{7}\");")), Vec::<String>::new());
        assert_eq!(problems(&example("a(\"\\u0007\");")).len(), 1);
        assert_eq!(problems(&example("a().type(1);")).len(), 1);
        assert_eq!(
            problems("/// ```\n/// a\n/// ```\nstruct A;"),
            ["a code block of \"\""]
        );
        let found = problems("struct A");
        assert!(found[0].starts_with("it does not parse: "), "{found:?}");
    }
}
