//! Sends a call, and prints what came.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use anstyle::Style;
use anyhow::Context as _;
use axum::http::{HeaderName, HeaderValue};
use konaplate::journal::Recording;
use konaplate::{CallOptions, ClientBuilder, CorrelationId, Effect, Error, Said};
use serde_json::Value;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::input::Private;
use super::{Target, mask, render, verdict};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::journal_place;
use crate::output::{FAINT, WARNING, styled};

/// A call that is ready to be sent.
pub(super) struct Call<'a> {
    pub(super) target: &'a Target,
    pub(super) body: Value,
    pub(super) options: CallOptions,
    pub(super) expose: bool,
}

impl Call<'_> {
    /// Sends it once.
    ///
    /// # Errors
    /// It did not end in a plain success.
    pub(super) async fn send(
        self,
        context: &Context,
        mut builder: ClientBuilder,
    ) -> Result<Exit, Failure> {
        let place = context
            .variables
            .get("KONAPLATE_JOURNAL")
            .filter(|place| !place.is_empty() && self.target.effect() == Effect::MovesMoney);
        let journal = match place {
            Some(place) => Some(journal_place::open(&place).await.map_err(|error| {
                Failure::from(error).next("nothing was sent; KONAPLATE_JOURNAL names the journal")
            })?),
            None => None,
        };
        if let Some(journal) = &journal {
            builder = builder.journal(Arc::new(journal.clone()));
        }
        let client = builder.build().map_err(super::not_set_up)?;
        let started = Instant::now();
        let path_or_id = self.target.name.clone();
        let sent = client
            .raw(path_or_id, self.body.clone())
            .options(self.options.clone());
        // What the client logs is told here in other words, unless somebody asks for the log.
        let sent = match std::env::var_os("RUST_LOG") {
            Some(_) => sent.send().await,
            None => sent.send().with_subscriber(NoSubscriber::default()).await,
        };
        let elapsed = started.elapsed();
        if let Some(journal) = journal {
            journal.close().await;
        }
        match sent {
            Ok(response) => {
                let exchange = response.exchange();
                let id = exchange.correlation_id();
                told(Some(exchange.http_status()), Some(id), exchange.elapsed());
                if exchange.recording() == Recording::NotYet {
                    let text = "the outcome is not in the journal: konaplate journal recover";
                    note(WARNING, text);
                }
                if !response.unread().is_empty() {
                    let text = format!("{} values cannot be read", response.unread().len());
                    note(WARNING, &text);
                }
                self.done(context, response.expose(), exchange.said())
            }
            Err(error) => {
                if error.attempts() > 0 {
                    told(error.http_status(), error.correlation_id(), elapsed);
                }
                self.failed(context, &error)
            }
        }
    }

    fn done(&self, context: &Context, body: &Value, said: Said) -> Result<Exit, Failure> {
        let printed = self.print(context, body, None);
        let language = context.language;
        if let Some(text) = verdict::note(self.target, said, language) {
            note(WARNING, &text);
        }
        let exit = verdict::success(self.target, &self.body, said, language)?;
        // The money has moved, whoever reads it.
        printed.map_err(|error| verdict::unprinted(self.target, &self.body, &error, language))?;
        Ok(exit)
    }

    fn failed(&self, context: &Context, error: &Error) -> Result<Exit, Failure> {
        if let Some(response) = error.response() {
            // The verdict counts, whoever reads the response.
            let _ = self.print(context, response.expose(), Some(error));
        }
        let language = context.language;
        Err(verdict::failure(self.target, error, &self.body, language))
    }

    fn print(&self, context: &Context, body: &Value, error: Option<&Error>) -> Result<(), Failure> {
        let schema = self.target.response_schema();
        let mut shown = body.clone();
        if !self.expose {
            shown = mask::masked(schema, body);
            // A code that is none may be anything.
            let code = error.and_then(Error::code).map(ToString::to_string);
            if let (Some(code), Some(place)) = (code, shown.pointer_mut("/response/code")) {
                *place = code.into();
            }
        }
        let text = if context.output.is_text() {
            render::text(schema, &shown)
        } else {
            format!("{shown:#}")
        };
        let delivered = context.output.deliver(&text);
        Ok(delivered.context("cannot write to standard output")?)
    }
}

/// A line on standard error, if anybody takes it.
fn note(style: Style, text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", styled(style, text));
}

/// How the call went over the wire.
fn told(status: Option<u16>, id: Option<CorrelationId>, elapsed: std::time::Duration) {
    let mut parts = Vec::new();
    parts.extend(status.map(|status| format!("HTTP {status}")));
    parts.extend(id.map(|id| format!("correlation id {id}")));
    parts.push(format!("{} ms", elapsed.as_millis()));
    note(FAINT, &parts.join(", "));
}

/// Options of the call.
pub(super) fn options(
    id: Option<CorrelationId>,
    encrypt: Option<bool>,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> CallOptions {
    let mut options = CallOptions::new();
    if let Some(id) = id {
        options = options.correlation_id(id);
    }
    if let Some(encrypt) = encrypt {
        options = options.encrypt_request(encrypt);
    }
    for (name, value) in headers {
        options = options.header(name, value);
    }
    options
}

/// Reads headers, `name:value`. Those of the protocol and the connection are not for the caller.
pub(super) fn headers(given: &[Private]) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    let wrong = |rule: &str| Failure::bad_input(format!("header: {rule}"));
    let mut headers = Vec::new();
    for header in given.iter().map(Private::expose) {
        let form = || wrong("must be name:value, in visible ASCII characters");
        let (name, value) = header.split_once(':').ok_or_else(form)?;
        let name: HeaderName = name.trim().parse().map_err(|_| form())?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| form())?;
        if konaplate::protocol::headers::is_taken(&name) {
            let rule = "must not be one of the protocol's or the connection's";
            return Err(wrong(rule).next("--correlation-id sets X-KM-Correlation-Id"));
        }
        headers.push((name, value));
    }
    Ok(headers)
}
