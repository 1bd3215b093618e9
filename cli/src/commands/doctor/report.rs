//! The report: what was sent, what came, and what it settles, without a value in it.

use std::fmt::Write as _;

use super::finding::Finding;
use super::observation::{Came, Encryption, Observation, Response, ResponseId};
use super::session::Session;

/// The settings of the client that go with what was found.
pub(super) fn settings(findings: &[Finding]) -> Vec<&'static str> {
    findings
        .iter()
        .filter_map(|finding| finding.setting)
        .collect()
}

/// The report as Markdown.
pub(super) fn markdown(session: &Session, findings: &[Finding]) -> String {
    let mut text = format!(
        "# What a platform does\n\n\
         Written by `konaplate doctor --platform` {} (description {}). It holds no value of a key, an id, \
         a header or a field: forms and types stand in their place. Read it before you pass it on.\n\n\
         {} calls of operations that only read.",
        env!("CARGO_PKG_VERSION"),
        crate::catalogue::spec().version(),
        session.calls.len()
    );
    if let Some(why) = &session.stopped {
        add(&mut text, format_args!("\n\nStopped early: {why}."));
    }
    add(
        &mut text,
        format_args!("\n\n## Findings\n\n| point | found | calls |\n|---|---|---|\n"),
    );
    for finding in findings {
        add(
            &mut text,
            format_args!(
                "| {} | {} | {} |\n",
                finding.point,
                finding.says(),
                finding.stands_on()
            ),
        );
    }
    add(
        &mut text,
        format_args!("\n## The client's settings that go with it\n\n```rust\n"),
    );
    for setting in settings(findings) {
        add(&mut text, format_args!("{setting}\n"));
    }
    add(
        &mut text,
        format_args!(
            "```\n\n## Lines of README's \"What is certain, and what is not\" that it settles\n\n\
             | point | found | calls |\n|---|---|---|\n"
        ),
    );
    for finding in findings {
        if let (Some(readme), Some(what)) = (finding.readme, &finding.settled) {
            let (point, calls) = (finding.point, finding.stands_on());
            add(
                &mut text,
                format_args!("| {readme} | {point}: {what} | {calls} |\n"),
            );
        }
    }
    add(&mut text, format_args!("\n## Calls\n"));
    for (number, call) in (1..).zip(&session.calls) {
        one_call(&mut text, number, call);
    }
    text
}

fn one_call(text: &mut String, number: usize, call: &Observation) {
    let variant = &call.variant;
    add(
        text,
        format_args!("\n### {number}. {}\n\n", call.operation.id),
    );
    add(
        text,
        format_args!(
            "Signed: {:?}, zone {}, clock {:+} s.",
            variant.form, variant.zone, variant.shift
        ),
    );
    if call.is_encrypted {
        add(
            text,
            format_args!(
                " Encrypted: {}, {}.",
                variant.hash.algorithm(),
                variant.content.name()
            ),
        );
    }
    for (is_so, words) in [
        (variant.is_foreign_token, " With another secret key."),
        (variant.is_foreign_key, " With another access key."),
        (variant.has_unknown_field, " With an unknown field."),
    ] {
        if is_so {
            text.push_str(words);
        }
    }
    add(
        text,
        format_args!("\n\n```text\nPOST {}\n", call.operation.path),
    );
    headers(text, &call.request_headers);
    match &call.came {
        Came::Nothing(why) => add(text, format_args!("\nno response: {why}\n")),
        Came::Response(response) => one_response(text, call, response),
    }
    text.push_str("```\n");
}

fn one_response(text: &mut String, call: &Observation, response: &Response) {
    add(text, format_args!("\n{call}\n"));
    headers(text, &response.headers);
    let id = match response.id {
        ResponseId::OfRequest => "the request's",
        ResponseId::Other => "another one",
        ResponseId::Missing => "none",
    };
    add(text, format_args!("correlation id: {id}\n"));
    if let Some(Encryption {
        hash,
        content,
        is_decrypted,
    }) = &response.encryption
    {
        let (hash, content) = (
            hash.map_or("unknown", |hash| hash.algorithm()),
            content.map_or("unknown", |content| content.name()),
        );
        let word = if *is_decrypted {
            "decrypted"
        } else {
            "not decrypted"
        };
        add(text, format_args!("encrypted: {hash}, {content}, {word}\n"));
    }
    match &response.types {
        Some(types) => add(text, format_args!("{types:#}\n")),
        None => add(
            text,
            format_args!("no JSON object, {} bytes\n", response.length),
        ),
    }
}

fn headers(text: &mut String, headers: &[(String, String)]) {
    for (name, form) in headers {
        add(text, format_args!("{name}: {form}\n"));
    }
}

fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Text takes everything.
    let _ = text.write_fmt(more);
}
