//! What can be seen of a gateway from outside: metrics, and a log without bodies.

use std::time::Duration;

use anyhow::Result;
use axum::extract::Request;
use axum::http::Response;
use konaplate::Operation;
use metrics::{Label, Unit, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultOnFailure, OnResponse, TraceLayer};
use tracing::Span;

use super::problem::{DELIVERY, Kind};

/// How many responses were given: `http.response.status_code`; `konaplate.problem`, the kind of a
/// problem document, `code` for a failure of the platform, absent for a success.
const RESPONSES: &str = "konaplate.gateway.responses";
/// How many requests are under way.
const REQUESTS: &str = "konaplate.gateway.requests";

/// Upper bounds of the histograms of durations, in seconds.
const BOUNDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// A recorder for Prometheus, with histograms of the durations.
///
/// # Errors
/// None that is known.
pub fn recorder() -> Result<PrometheusRecorder> {
    let builder = PrometheusBuilder::new();
    let durations = Matcher::Suffix("duration".to_owned());
    Ok(builder
        .set_buckets_for_metric(durations, &BOUNDS)?
        .build_recorder())
}

/// Says to the recorder what the metrics of gateway, client and journal are. To be called once it is
/// installed.
pub fn describe() {
    describe_counter!(RESPONSES, Unit::Count, "Responses of the gateway");
    describe_gauge!(REQUESTS, Unit::Count, "Requests under way");
    konaplate::metrics::describe();
    konaplate_journal::metrics::describe();
}

type Trace = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    fn(&Request) -> Span,
    (),
    Responded,
    (),
    (),
    DefaultOnFailure,
>;

/// The metrics as Prometheus reads them, with so many requests under way.
pub(super) fn rendered(metrics: &PrometheusHandle, requests: usize) -> String {
    gauge!(REQUESTS).set(requests as f64);
    metrics.render()
}

/// One line a request: the operation, the status, the problem, how long it took. Of a path that the
/// description does not know nothing is shown.
pub(super) fn trace() -> Trace {
    TraceLayer::new_for_http()
        .make_span_with(span as fn(&Request) -> Span)
        .on_request(())
        .on_response(Responded)
        .on_body_chunk(())
        .on_eos(())
}

fn span(request: &Request) -> Span {
    let operation = match request.uri().path() {
        path @ ("/healthz" | "/metrics") => path,
        path if path.starts_with("/outcomes/") => "/outcomes",
        path => Operation::find(path).map_or("_OTHER", Operation::id),
    };
    tracing::info_span!("request", operation)
}

/// Counts a response, and logs it.
#[derive(Debug, Clone)]
pub(super) struct Responded;

impl<B> OnResponse<B> for Responded {
    fn on_response(self, response: &Response<B>, took: Duration, _: &Span) {
        let problem = response.extensions().get::<Kind>().map(|kind| kind.0);
        let status = response.status().as_u16();
        let mut labels = vec![Label::new("http.response.status_code", status.to_string())];
        labels.extend(problem.map(|problem| Label::new("konaplate.problem", problem)));
        counter!(RESPONSES, labels).increment(1);
        let delivery = response.headers().get(DELIVERY);
        tracing::info!(
            status,
            problem,
            delivery = delivery.and_then(|word| word.to_str().ok()),
            duration_ms = took.as_secs_f64() * 1_000.0,
            "responded"
        );
    }
}
