//! The control API: faults, clock, scripted responses and the request log, for tests in any
//! language.
//!
//! It is described in `sandbox/openapi/control.yaml`, which it serves itself. Nothing of it is
//! signed; instead it serves whom `http/access.rs` lets in.

mod callbacks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{MethodFilter, any, on};
use konaplate::CorrelationId;
use serde_json::{Value, json};

use crate::dispatcher::Which;
use crate::faults::plan::Setting;
use crate::fields::Fields;
use crate::http::access;
use crate::http::connection::Connection;
use crate::http::response::{problem, respond};
use crate::log::LoggedRequest;
use crate::media_type::check_json;
use crate::platform::NotStored;
use crate::platform::clock::rfc3339;
use crate::platform::snapshot::Snapshot;
use crate::problem::Problem;
use crate::service::Service;
use crate::state::WindowState;
use crate::trace::Trace;
use crate::view::LedgerView;

/// The description of this API.
const DESCRIPTION: &str = include_str!("../../../openapi/control.yaml");

/// The farthest that the clock is moved at once, in seconds: ten years.
const MAX_ADVANCE: u64 = 10 * 366 * 24 * 60 * 60;

/// One thing that a test can steer: the route, the methods of [`Sandbox`](crate::Sandbox) that do
/// the same, and what it does. What it is for stands in the description.
struct Route {
    method: Method,
    path: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against the methods")
    )]
    methods: &'static [&'static str],
    does: Does,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Delete,
}

#[derive(Clone, Copy)]
enum Does {
    /// Serves the description.
    Describe,
    /// Is done at once.
    AtOnce(fn(&Service, Fields) -> Result<Value, Problem>),
    /// Waits until the attempts at callbacks are made.
    Deliver,
}

/// The whole of it. The router, the check of the description and the table in the README are made
/// of this list.
const ROUTES: [Route; 23] = [
    route(Method::Get, "/__sandbox/openapi.yaml", &[], Does::Describe),
    route(
        Method::Get,
        "/__sandbox/faults",
        &[],
        Does::AtOnce(show_faults),
    ),
    route(
        Method::Delete,
        "/__sandbox/faults",
        &["clear_faults"],
        Does::AtOnce(clear_faults),
    ),
    route(
        Method::Post,
        "/__sandbox/faults/next",
        &["fault_next"],
        Does::AtOnce(fault_next),
    ),
    route(
        Method::Post,
        "/__sandbox/faults/operation",
        &["fault_operation"],
        Does::AtOnce(fault_operation),
    ),
    route(
        Method::Post,
        "/__sandbox/faults/rate",
        &["fault_rate"],
        Does::AtOnce(fault_rate),
    ),
    route(
        Method::Post,
        "/__sandbox/held/deliver",
        &["deliver_held"],
        Does::AtOnce(deliver_held),
    ),
    route(
        Method::Get,
        "/__sandbox/clock",
        &[],
        Does::AtOnce(show_clock),
    ),
    route(
        Method::Post,
        "/__sandbox/clock/stop",
        &["stop_clock_at"],
        Does::AtOnce(stop_clock),
    ),
    route(
        Method::Post,
        "/__sandbox/clock/advance",
        &["advance_clock"],
        Does::AtOnce(advance_clock),
    ),
    route(
        Method::Post,
        "/__sandbox/responses",
        &["script_response"],
        Does::AtOnce(script_response),
    ),
    route(
        Method::Get,
        "/__sandbox/requests",
        &["requests"],
        Does::AtOnce(show_requests),
    ),
    route(
        Method::Get,
        "/__sandbox/trace",
        &["traces_of"],
        Does::AtOnce(show_traces),
    ),
    route(
        Method::Post,
        "/__sandbox/windows",
        &["decide_window"],
        Does::AtOnce(decide_window),
    ),
    route(
        Method::Post,
        "/__sandbox/gifts/refuse",
        &["refuse_gift"],
        Does::AtOnce(refuse_gift),
    ),
    route(
        Method::Get,
        "/__sandbox/ledger",
        &["ledger"],
        Does::AtOnce(show_ledger),
    ),
    route(
        Method::Get,
        "/__sandbox/snapshot",
        &["snapshot"],
        Does::AtOnce(take_snapshot),
    ),
    route(
        Method::Post,
        "/__sandbox/snapshot",
        &["load"],
        Does::AtOnce(load_snapshot),
    ),
    route(
        Method::Get,
        "/__sandbox/callbacks",
        &["callbacks"],
        Does::AtOnce(callbacks::show),
    ),
    route(
        Method::Post,
        "/__sandbox/callbacks",
        &["send_callbacks_to", "send_encrypted_callbacks_to"],
        Does::AtOnce(callbacks::send),
    ),
    route(
        Method::Delete,
        "/__sandbox/callbacks",
        &["stop_callbacks"],
        Does::AtOnce(callbacks::stop),
    ),
    route(
        Method::Post,
        "/__sandbox/callbacks/deliver",
        &["deliver_callbacks"],
        Does::Deliver,
    ),
    route(
        Method::Post,
        "/__sandbox/reset",
        &["reset"],
        Does::AtOnce(reset),
    ),
];

/// The most postings that one response has.
const MAX_POSTINGS: usize = 1_000;

const fn route(
    method: Method,
    path: &'static str,
    methods: &'static [&'static str],
    does: Does,
) -> Route {
    Route {
        method,
        path,
        methods,
        does,
    }
}

pub(crate) fn routes() -> Router<Arc<Service>> {
    let elsewhere = async || {
        let wrong = Problem::new("path", "must be one of the control API's");
        problem(StatusCode::NOT_FOUND, &wrong)
    };
    // axum adds which methods the path has.
    let other_method = async || {
        let wrong = Problem::new("method", "must be one of those that Allow names");
        problem(StatusCode::METHOD_NOT_ALLOWED, &wrong)
    };
    let router = ROUTES.iter().fold(Router::new(), |router, route| {
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Delete => MethodFilter::DELETE,
        };
        let handler = move |State(service): State<Arc<Service>>,
                            ConnectInfo(connection): ConnectInfo<Connection>,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Body| async move {
            let body = match access::admit(&connection, &headers, body).await {
                Ok(body) => body,
                Err(refusal) => return refusal,
            };
            let fields = match fields_of(route.method, query.as_deref(), &headers, &body) {
                Ok(fields) => fields,
                Err((status, wrong)) => return problem(status, &wrong),
            };
            serve(route.does, &service, fields).await
        };
        router.route(route.path, on(filter, handler))
    });
    router
        .method_not_allowed_fallback(other_method)
        .route("/__sandbox/{*elsewhere}", any(elsewhere))
}

async fn serve(does: Does, service: &Service, fields: Fields) -> Response<Body> {
    let outcome = match does {
        Does::Describe => return respond(StatusCode::OK, "application/yaml", DESCRIPTION),
        Does::AtOnce(handle) => handle(service, fields),
        Does::Deliver => match fields.finish() {
            Ok(()) => {
                service.dispatcher.deliver(Which::All).await;
                callbacks::show(service, Fields::default())
            }
            Err(problem) => Err(problem),
        },
    };
    match outcome {
        Ok(body) => respond(StatusCode::OK, "application/json", body.to_string()),
        Err(wrong) => problem(StatusCode::BAD_REQUEST, &wrong),
    }
}

/// The fields of a request, or why it has none.
fn fields_of(
    method: Method,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Fields, (StatusCode, Problem)> {
    if method != Method::Post {
        return Ok(Fields::of_query(query.unwrap_or_default()));
    }
    // A page in a browser cannot send this type to another origin without asking first.
    check_json(headers).map_err(|rule| {
        let wrong = Problem::new("Content-Type", rule);
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, wrong)
    })?;
    Fields::read(body).map_err(|wrong| (StatusCode::BAD_REQUEST, wrong))
}

fn show_faults(service: &Service, _: Fields) -> Result<Value, Problem> {
    Ok(service.faults().to_json())
}

fn clear_faults(service: &Service, fields: Fields) -> Result<Value, Problem> {
    service.faults().clear();
    show_faults(service, fields)
}

fn fault_next(service: &Service, fields: Fields) -> Result<Value, Problem> {
    set_fault(service, Setting::next(fields)?)
}

fn fault_operation(service: &Service, fields: Fields) -> Result<Value, Problem> {
    set_fault(service, Setting::operation(fields)?)
}

fn fault_rate(service: &Service, fields: Fields) -> Result<Value, Problem> {
    set_fault(service, Setting::rate(fields)?)
}

fn set_fault(service: &Service, setting: Setting) -> Result<Value, Problem> {
    let mut faults = service.faults();
    setting.set(&mut faults)?;
    Ok(faults.to_json())
}

fn deliver_held(service: &Service, fields: Fields) -> Result<Value, Problem> {
    fields.finish()?;
    Ok(json!({"delivered": service.deliver_held()}))
}

fn show_clock(service: &Service, _: Fields) -> Result<Value, Problem> {
    Ok(json!({
        "now": rfc3339(service.platform.clock.now()),
        "stopped": service.platform.clock.is_stopped(),
    }))
}

fn stop_clock(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let at: jiff::Timestamp = fields
        .text("at")?
        .parse()
        .map_err(|_| Problem::new("at", "must be a time such as 2026-03-15T10:45:12+09:00"))?;
    // Card expiries and correlation ids have two digits for the year.
    let year = at.to_zoned(jiff::tz::TimeZone::UTC).year();
    if !(2000..2100).contains(&year) {
        return Err(Problem::new("at", "must be in the years from 2000 to 2099"));
    }
    fields.finish()?;
    service.platform.stop_clock_at(at.into());
    show_clock(service, Fields::default())
}

fn advance_clock(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let seconds = fields.whole("seconds")?;
    fields.finish()?;
    if seconds > MAX_ADVANCE {
        let rule = format!("must be at most {MAX_ADVANCE}");
        return Err(Problem::new("seconds", rule));
    }
    service.platform.advance_clock(Duration::from_secs(seconds));
    show_clock(service, Fields::default())
}

fn script_response(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let operation = fields.text("operation")?;
    // What is no status is found out with what is out of range.
    let status = u16::try_from(fields.whole("status")?).unwrap_or(u16::MAX);
    let body = fields.take("body")?;
    fields.finish()?;
    let waiting = service.script_response(&operation, status, body)?;
    Ok(json!({ "waiting": waiting }))
}

fn show_requests(service: &Service, _: Fields) -> Result<Value, Problem> {
    let requests: Vec<_> = service.requests().iter().map(request_json).collect();
    Ok(json!({ "requests": requests }))
}

fn request_json(request: &LoggedRequest) -> Value {
    json!({
        "time": rfc3339(request.time),
        "operation": request.operation,
        "correlationId": request.correlation_id.map(|id| id.to_string()),
        "status": request.status,
        "code": request.code,
        "carriedOut": request.carried_out,
        "fault": request.fault.map(|fault| fault.to_string()),
    })
}

fn show_traces(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let wrong = |rule: &str| Problem::new("correlationId", rule);
    let id = fields.text("correlationId")?;
    fields.finish()?;
    let id: CorrelationId = id.parse().map_err(|_| wrong("must be a correlation id"))?;
    let traces = service.traces_of(id);
    let traces = traces.ok_or_else(|| wrong("has no trace: this sandbox keeps none"))?;
    if traces.is_empty() {
        return Err(wrong(
            "must be of one of the last calls, whose traces are kept",
        ));
    }
    let traces: Vec<_> = traces.iter().map(Trace::to_json).collect();
    Ok(json!({ "traces": traces }))
}

fn decide_window(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let url = fields.text("redirectUrl")?;
    let approve = fields.flag("approve")?;
    fields.finish()?;
    let state = match service.platform.decide_window_at(&url, approve)? {
        WindowState::Approved => "approved",
        WindowState::Declined => "declined",
        WindowState::Failed | WindowState::Open | WindowState::Closed => "failed",
    };
    Ok(json!({ "state": state }))
}

fn refuse_gift(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let transfer_id = fields.text("transferId")?;
    fields.finish()?;
    service.platform.refuse_gift(&transfer_id)?;
    Ok(json!({}))
}

fn show_ledger(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let from = fields.find_whole("from")?.unwrap_or(0);
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    fields.finish()?;
    let state = service.platform.settled();
    let view = LedgerView::of(&state, from..from.saturating_add(MAX_POSTINGS));
    Ok(view.to_json(state.ledger.len()))
}

fn take_snapshot(service: &Service, fields: Fields) -> Result<Value, Problem> {
    fields.finish()?;
    Ok(service.platform.snapshot().json().clone())
}

fn load_snapshot(service: &Service, fields: Fields) -> Result<Value, Problem> {
    service
        .platform
        .load(&Snapshot::from_fields(fields.all()))?;
    Ok(json!({}))
}

fn reset(service: &Service, fields: Fields) -> Result<Value, Problem> {
    fields.finish()?;
    service
        .reset()
        .map_err(|NotStored| Problem::new("state", "could not be stored, and is as it was"))?;
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    impl Method {
        fn name(self) -> &'static str {
            match self {
                Self::Get => "get",
                Self::Post => "post",
                Self::Delete => "delete",
            }
        }
    }

    fn description() -> Value {
        serde_saphyr::from_str(DESCRIPTION).unwrap()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document = description();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods
                    .filter(|key| *key != "parameters")
                    .map(|method| (path.clone(), method.clone()))
            })
            .collect();
        let served: BTreeSet<_> = ROUTES
            .iter()
            .map(|route| (route.path.to_owned(), route.method.name().to_owned()))
            .collect();
        assert_eq!(described, served);
        for route in &ROUTES {
            let operation = &document["paths"][route.path][route.method.name()];
            assert!(operation["summary"].is_string(), "{}", route.path);
            assert!(operation["description"].is_string(), "{}", route.path);
        }
    }

    #[test]
    fn every_route_names_its_methods_and_they_are_there() {
        let source = include_str!("../../lib.rs");
        for method in ROUTES.iter().flat_map(|route| route.methods) {
            let is_there = ["pub fn", "pub async fn"]
                .iter()
                .any(|start| source.contains(&format!("    {start} {method}(")));
            assert!(is_there, "{method}");
        }
    }

    #[test]
    fn the_readme_has_the_table_of_routes() {
        let document = description();
        let mut table =
            String::from("| below `/__sandbox/` | method of `Sandbox` | |\n|---|---|---|\n");
        for route in &ROUTES {
            let methods: Vec<_> = route
                .methods
                .iter()
                .map(|method| format!("`{method}`"))
                .collect();
            let path = route.path.trim_start_matches("/__sandbox/");
            let summary = &document["paths"][route.path][route.method.name()]["summary"];
            table.push_str(&format!(
                "| {} `{path}` | {} | {} |\n",
                route.method.name().to_uppercase(),
                methods.join(", "),
                summary.as_str().unwrap(),
            ));
        }
        let readme = include_str!("../../../README.md");
        assert!(
            readme.contains(&table),
            "the README's table should be\n{table}"
        );
    }
}
