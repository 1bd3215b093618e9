//! A trace as the control API writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::MessageForm;
use serde_json::{Map, Value, json};

use super::{Checked, Execution, Header, Posted, Received, Rendering, Sent, Signed, Text, Trace};
use crate::platform::clock::rfc3339;
use crate::view::PostingView;

impl Trace {
    /// The JSON of the control API: see `Trace` in `openapi/control.yaml`. It holds headers and
    /// bodies.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let checks: Vec<_> = self.verify.checks.iter().map(checked).collect();
        json!({
            "correlationId": self.correlation_id.map(|id| id.to_string()),
            "operation": self.operation,
            "request": received(&self.request),
            "verify": {"checks": checks, "signed": self.verify.signed.as_ref().map(signed)},
            "execute": execution(&self.execute),
            "render": rendering(&self.render),
        })
    }
}

fn received(request: &Received) -> Value {
    json!({
        "time": rfc3339(request.time),
        "method": request.method,
        "path": request.path,
        "headers": headers(&request.headers),
        "body": request.body.as_ref().map(text),
    })
}

/// What is not there is left out: a check that was not made has no result.
fn checked(check: &Checked) -> Value {
    let mut members = Map::from_iter([("name".to_owned(), check.name.into())]);
    if let Some(passed) = check.passed {
        members.insert("passed".to_owned(), passed.into());
    }
    if let Some(expected) = &check.expected {
        members.insert("expected".to_owned(), expected.as_str().into());
    }
    members.into()
}

fn signed(signed: &Signed) -> Value {
    let form = match signed.form {
        MessageForm::Base64Body => "base64-body",
        _ => "raw-body",
    };
    json!({"form": form, "message": text(&signed.message)})
}

fn execution(execution: &Execution) -> Value {
    json!({
        "correlationId": execution.correlation_id.map(|id| id.to_string()),
        "request": execution.request.as_ref().map(text),
        "encrypted": execution.encrypted,
        "code": execution.code,
        "carriedOut": execution.carried_out,
        "fault": execution.fault.map(|fault| fault.to_string()),
        "postings": execution.postings.as_ref().map(posted),
    })
}

fn posted(posted: &Posted) -> Value {
    let list: Vec<_> = posted.postings.iter().map(PostingView::to_json).collect();
    json!({"from": posted.numbers.start, "to": posted.numbers.end, "list": list})
}

fn rendering(rendering: &Rendering) -> Value {
    json!({
        "body": rendering.body.as_ref().map(text),
        "encrypted": rendering.encrypted,
        "sent": rendering.sent.as_ref().map(sent),
    })
}

fn sent(sent: &Sent) -> Value {
    json!({
        "status": sent.status,
        "headers": headers(&sent.headers),
        "body": sent.body.as_ref().map(text),
    })
}

fn headers(headers: &[Header]) -> Vec<Value> {
    let header = |header: &Header| match header.value.as_str() {
        Some(value) => json!({"name": header.name, "value": value}),
        None => json!({"name": header.name, "base64": BASE64.encode(header.value.as_bytes())}),
    };
    headers.iter().map(header).collect()
}

fn text(text: &Text) -> Value {
    match text.as_str() {
        Some(text) => json!({"text": text}),
        None => json!({"base64": BASE64.encode(text.as_bytes())}),
    }
}
