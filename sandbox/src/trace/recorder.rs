//! Records a call on its way, and keeps what was recorded.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::SystemTime;

use axum::http::{HeaderMap, Method, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::CorrelationId;
use konaplate::protocol::MessageForm;

use super::{
    Checked, Execution, Header, Posted, Received, Rendering, Sent, Signed, Text, Trace,
    Verification,
};
use crate::faults::Fault;
use crate::faults::inject::Reply;
use crate::render::Rendered;
use crate::state::State;
use crate::verify::{self, Check, STEPS};
use crate::view::LedgerView;

/// How many traces are kept; the oldest go first.
const KEPT: usize = 200;

/// The traces of the calls that came last.
#[derive(Debug, Default)]
pub(crate) struct Traces(VecDeque<Trace>);

impl Traces {
    fn push(&mut self, trace: Trace) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(trace);
    }

    /// Those of a call, oldest first.
    pub(crate) fn of(&self, id: CorrelationId) -> Vec<Trace> {
        let id = Some(id);
        let is_of_it =
            |trace: &&Trace| trace.correlation_id == id || trace.execute.correlation_id == id;
        self.0.iter().filter(is_of_it).cloned().collect()
    }
}

/// Records what becomes of a call; nothing, where no traces are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Option<Box<Trace>>);

impl Recorder {
    /// Begins with what came.
    pub(crate) fn new(
        time: SystemTime,
        operation: Option<&'static str>,
        (method, uri): (&Method, &Uri),
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Self {
        let not_made = |(name, _): &(&'static str, _)| Checked {
            name,
            passed: None,
            expected: None,
        };
        Self(Some(Box::new(Trace {
            correlation_id: verify::correlation_id(headers).ok(),
            operation,
            request: Received {
                time,
                method: method.to_string(),
                path: uri.to_string(),
                headers: headers_of(headers),
                body: body.map(Text::new),
            },
            verify: Verification {
                checks: STEPS.iter().map(not_made).collect(),
                signed: None,
            },
            execute: Execution {
                correlation_id: None,
                request: None,
                encrypted: None,
                code: None,
                carried_out: false,
                fault: None,
                postings: None,
            },
            render: Rendering {
                body: None,
                encrypted: None,
                sent: None,
            },
        })))
    }

    fn note(&mut self, write: impl FnOnce(&mut Trace)) {
        if let Some(trace) = &mut self.0 {
            write(trace);
        }
    }

    /// The plaintext of the request, and whether that was encrypted.
    pub(crate) fn decrypted(&mut self, plaintext: &[u8], encrypted: bool) {
        self.note(|trace| {
            trace.execute.request = match encrypted {
                true => Some(Text::new(plaintext)),
                false => trace.request.body.clone(),
            };
            trace.execute.encrypted = Some(encrypted);
        });
    }

    /// All checks before this one were passed.
    pub(crate) fn passed_before(&mut self, check: Check) {
        self.note(|trace| {
            let before = &mut trace.verify.checks[..step_of(check)];
            before.iter_mut().for_each(|step| step.passed = Some(true));
        });
    }

    /// The platform carried it out, with all checks behind it, and made these postings.
    pub(crate) fn executed(&mut self, id: CorrelationId, state: &State, numbers: Range<usize>) {
        self.passed_before(Check::Storage);
        self.note(|trace| {
            trace.execute.correlation_id = Some(id);
            trace.execute.postings = Some(Posted {
                postings: LedgerView::postings(state, numbers.clone()),
                numbers,
            });
        });
    }

    /// The response, which is still plain, or the refusal by a check.
    pub(crate) fn rendered(&mut self, rendered: &Rendered) {
        if let Some(rejection) = &rendered.failed {
            self.passed_before(rejection.check);
            self.note(|trace| {
                if let Some(step) = trace.verify.checks.get_mut(step_of(rejection.check)) {
                    step.passed = Some(false);
                    step.expected = Some(rejection.expected.clone());
                }
            });
        }
        self.note(|trace| {
            trace.execute.code = rendered.code();
            trace.execute.carried_out = rendered.carried_out;
            // There is none of a request that is held.
            if !rendered.body.is_null() {
                trace.render.body = Some(Text::new(rendered.body.to_string().as_bytes()));
                trace.render.encrypted = Some(rendered.encrypted);
            }
        });
    }

    /// The refusal of what is not verified at all. Returns it.
    pub(crate) fn refused(&mut self, refusal: Rendered) -> Rendered {
        self.rendered(&refusal);
        refusal
    }

    /// The correlation id of the response.
    pub(crate) fn identified(&mut self, id: Option<CorrelationId>) {
        self.note(|trace| trace.correlation_id = trace.correlation_id.or(id));
    }

    /// Ends with the fault, and what goes out, if anything does.
    pub(crate) fn finish(
        mut self,
        form: MessageForm,
        fault: Option<Fault>,
        reply: Option<&Reply>,
        traces: &mut Traces,
    ) {
        self.note(|trace| {
            trace.execute.fault = fault;
            trace.render.sent = reply.and_then(sent);
            let looked_at = trace.verify.checks[step_of(Check::Signature)].passed;
            let body = trace.request.body.as_ref().filter(|_| looked_at.is_some());
            trace.verify.signed = body.map(|body| Signed {
                form,
                message: match form {
                    MessageForm::Base64Body => Text::new(BASE64.encode(body.as_bytes()).as_bytes()),
                    _ => body.clone(),
                },
            });
        });
        if let Some(trace) = self.0 {
            traces.push(*trace);
        }
    }
}

/// The place of the step in which a check is made; the end, for one that is made after all of them.
fn step_of(check: Check) -> usize {
    STEPS
        .iter()
        .position(|(_, checks)| checks.contains(&check))
        .unwrap_or(STEPS.len())
}

fn headers_of(headers: &HeaderMap) -> Vec<Header> {
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| Header {
        name: name.as_str().to_owned(),
        value: Text::new(value.as_bytes()),
    };
    headers.iter().map(header).collect()
}

/// What goes out, if anything does.
fn sent(reply: &Reply) -> Option<Sent> {
    match reply {
        Reply::Whole(response) => Some(Sent {
            status: Some(response.status().as_u16()),
            headers: headers_of(response.headers()),
            body: Some(Text::new(response.body())),
        }),
        Reply::Raw(replacement) if replacement.bytes.is_empty() => None,
        Reply::Raw(replacement) => Some(sent_bytes(&replacement.bytes)),
    }
}

/// The head that these bytes begin with, as the sandbox writes one, and the rest.
fn sent_bytes(bytes: &[u8]) -> Sent {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], Some(Text::new(&bytes[end + 4..]))),
        None => (bytes, None),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some(Header {
            name: name.to_owned(),
            value: Text::new(value.as_bytes()),
        })
    };
    Sent {
        status,
        headers: lines.filter_map(header).collect(),
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder(path: &'static str) -> Recorder {
        let (method, uri) = (Method::POST, Uri::from_static(path));
        let time = SystemTime::UNIX_EPOCH;
        Recorder::new(time, None, (&method, &uri), &HeaderMap::new(), None)
    }

    #[test]
    fn memory_stays_bounded_and_the_oldest_go_first() {
        let mut traces = Traces::default();
        recorder("/first").finish(MessageForm::RawBody, None, None, &mut traces);
        for _ in 0..KEPT {
            recorder("/later").finish(MessageForm::RawBody, None, None, &mut traces);
        }
        assert_eq!(traces.0.len(), KEPT);
        assert!(traces.0.iter().all(|trace| trace.request.path == "/later"));
    }

    #[test]
    fn a_response_that_was_cut_has_what_there_is_of_it() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let names = |sent: &Sent| sent.headers.len();
        let sent = sent_bytes(whole);
        assert_eq!((sent.status, names(&sent)), (Some(200), 1));
        assert_eq!(sent.body, Some(Text::new(b"{}")));
        let sent = sent_bytes(&whole[..20]);
        assert_eq!((sent.status, names(&sent), sent.body), (Some(200), 0, None));
        assert_eq!(sent_bytes(b"HTTP").status, None);
        let twice = whole.repeat(2);
        let body = sent_bytes(&twice).body.unwrap();
        assert_eq!(body.as_bytes(), [b"{}".as_slice(), whole].concat());
    }
}
