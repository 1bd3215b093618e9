//! Metrics of calls, through the facade of the crate [`metrics`]: for the feature
//! `metrics`, which is off by default.
//!
//! Nothing is collected here: the program installs a recorder, such as an exporter for Prometheus or
//! OpenTelemetry, and calls [`describe`] once after that.
//!
//! | name | kind | of |
//! |---|---|---|
//! | [`CALL_DURATION`] | histogram, s | each call, its retries and its journal included |
//! | [`REQUEST_DURATION`] | histogram, s | each HTTP request, until its response is read and decrypted |
//! | [`CALL_RETRIES`] | counter | each time that a call is sent again |
//!
//! Names and attributes of the HTTP request are those of OpenTelemetry's semantic conventions for
//! HTTP clients, 1.27: `http.request.method`, `server.address`, `server.port`, `url.template`,
//! `http.response.status_code`, `error.type`. Calls, and requests, have besides:
//!
//! | attribute | values |
//! |---|---|
//! | `konaplate.operation` | id of the operation; `_OTHER` for a path that the description does not know |
//! | `konaplate.effect` | `reads`, `changes`, `moves_money` |
//! | `konaplate.delivery` | `success`, or the [`Delivery`] of the error: `not_sent`, `not_carried_out`, `declined`, `earlier_call`, `maybe_processed`, `processed_unreadable`; `dropped` where the future of the call was dropped before it ended |
//! | `konaplate.code` | the [code](ErrorCode) of a failure, such as `007_009`; `_OTHER` for one that the description does not know; else absent |
//! | `error.type` | the [`ErrorKind`] of an error, such as `timeout`; `dropped`; absent for a success |
//!
//! No attribute holds anything of a request, a member or a key, and each has a bounded number of
//! values.

use std::borrow::Cow;
use std::time::Instant;

use metrics::{Label, Unit, counter, describe_counter, describe_histogram, histogram};

use crate::error::{Delivery, Error, ErrorCode, ErrorKind};
use crate::operation::{Effect, Operation};

/// How long a call took, its retries, their pauses and its journal included. Seconds. Its count is
/// that of the calls.
pub const CALL_DURATION: &str = "konaplate.client.call.duration";
/// How long one HTTP request took, until its response was read and decrypted. Seconds.
pub const REQUEST_DURATION: &str = "http.client.request.duration";
/// How often a call was sent again. `error.type` is why.
pub const CALL_RETRIES: &str = "konaplate.client.call.retries";

/// For what there is no bounded name.
const OTHER: &str = "_OTHER";
const DROPPED: &str = "dropped";

/// Says to the recorder what the metrics are. To be called once it is installed.
pub fn describe() {
    describe_histogram!(
        CALL_DURATION,
        Unit::Seconds,
        "Duration of a call of the KONA PLATE Open API, its retries and its journal included"
    );
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "Duration of an HTTP request, until its response is read"
    );
    describe_counter!(
        CALL_RETRIES,
        Unit::Count,
        "Calls of the KONA PLATE Open API that were sent again"
    );
}

/// What is called: an operation, if the description knows it, and what that does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) effect: Effect,
}

/// Something that is measured from now on until it ends, or is dropped.
pub(crate) struct Measured {
    name: &'static str,
    labels: Vec<Label>,
    started: Instant,
    ended: bool,
}

impl Measured {
    pub(crate) fn call(called: Called) -> Self {
        Self::begin(CALL_DURATION, labels(called))
    }

    pub(crate) fn request(called: Called, request: &reqwest::Request) -> Self {
        let mut labels = labels(called);
        let url = request.url();
        // Every operation is a POST.
        labels.push(Label::from_static_parts("http.request.method", "POST"));
        labels.extend(
            url.host_str()
                .map(|host| Label::new("server.address", host.to_owned())),
        );
        let port = url.port_or_known_default();
        labels.extend(port.map(|port| Label::new("server.port", port.to_string())));
        let template = called.operation.map_or(OTHER, Operation::path);
        labels.push(Label::new("url.template", template));
        Self::begin(REQUEST_DURATION, labels)
    }

    fn begin(name: &'static str, labels: Vec<Label>) -> Self {
        Self {
            name,
            labels,
            started: Instant::now(),
            ended: false,
        }
    }

    /// The request ended so, with the HTTP status of a success.
    pub(crate) fn end_of_request(mut self, result: Result<u16, &Error>) {
        let status = match result {
            Ok(status) => Some(status),
            Err(error) => error.http_status(),
        };
        self.add(status.map(|status| ("http.response.status_code", status.to_string().into())));
        self.end(result);
    }

    /// It ended so.
    pub(crate) fn end<T>(mut self, result: Result<T, &Error>) {
        match result {
            Ok(_) => self.add([("konaplate.delivery", "success".into())]),
            Err(error) => {
                let delivery = delivery(error.delivery());
                self.add([("konaplate.delivery", delivery.into())]);
                self.add([("error.type", kind(error.kind()).into())]);
                self.add(error.code().map(|code| ("konaplate.code", word(code))));
            }
        }
        self.record();
    }

    fn add(&mut self, labels: impl IntoIterator<Item = (&'static str, Cow<'static, str>)>) {
        let labels = labels.into_iter();
        self.labels
            .extend(labels.map(|(name, value)| Label::new(name, value)));
    }

    fn record(&mut self) {
        self.ended = true;
        let labels = std::mem::take(&mut self.labels);
        histogram!(self.name, labels).record(self.started.elapsed());
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if !self.ended {
            self.add([
                ("konaplate.delivery", DROPPED.into()),
                ("error.type", DROPPED.into()),
            ]);
            self.record();
        }
    }
}

/// A call is sent again, after this error.
pub(crate) fn sent_again(called: Called, error: &Error) {
    let mut labels = labels(called);
    labels.push(Label::new("error.type", kind(error.kind())));
    counter!(CALL_RETRIES, labels).increment(1);
}

fn labels(called: Called) -> Vec<Label> {
    let effect = match called.effect {
        Effect::Reads => "reads",
        Effect::Changes => "changes",
        Effect::MovesMoney => "moves_money",
    };
    vec![
        Label::new(
            "konaplate.operation",
            called.operation.map_or(OTHER, Operation::id),
        ),
        Label::new("konaplate.effect", effect),
    ]
}

fn word(code: &ErrorCode) -> Cow<'static, str> {
    match code {
        ErrorCode::Unknown(_) => OTHER.into(),
        known => known.to_string().into(),
    }
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => "not_sent",
        Delivery::NotCarriedOut => "not_carried_out",
        Delivery::Declined => "declined",
        Delivery::EarlierCall => "earlier_call",
        Delivery::MaybeProcessed => "maybe_processed",
        Delivery::ProcessedUnreadable => "processed_unreadable",
    }
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "configuration",
        ErrorKind::InvalidRequest => "invalid_request",
        ErrorKind::Connect => "connect",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Transport => "transport",
        ErrorKind::Code => "code",
        ErrorKind::UnexpectedResponse => "unexpected_response",
        ErrorKind::Decryption => "decryption",
        ErrorKind::UnreadableResponse => "unreadable_response",
        ErrorKind::Journal => "journal",
    }
}
