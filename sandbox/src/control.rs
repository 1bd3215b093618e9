//! The control API: faults, clock, scripted answers and the request log, for tests in any language.
//!
//! It is described in `sandbox/openapi/control.yaml`, which it serves itself. Nothing of it is
//! signed; instead it answers nobody but this machine, wherever the sandbox listens.

mod callbacks;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::{MethodFilter, on};
use serde_json::{Map, Value, json};

use crate::callbacks::Which;
use crate::faults::{Fault, Problem};
use crate::requests::LoggedRequest;
use crate::server::{NotStored, Platform};
use crate::snapshot::Snapshot;
use crate::view::LedgerView;
use crate::wire::Connection;
use crate::world::WindowState;

/// The description of this API.
const DESCRIPTION: &str = include_str!("../openapi/control.yaml");

/// The farthest that the clock is moved at once, in seconds: ten years.
const MAX_ADVANCE: u64 = 10 * 366 * 24 * 60 * 60;

struct Route {
    method: Method,
    path: &'static str,
    handle: fn(&Platform, Fields) -> Result<Value, Problem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Delete,
}

/// All routes but that of the description.
const ROUTES: [Route; 19] = [
    route(Method::Get, "/__sandbox/faults", show_faults),
    route(Method::Delete, "/__sandbox/faults", clear_faults),
    route(Method::Post, "/__sandbox/faults/next", fault_next),
    route(Method::Post, "/__sandbox/faults/operation", fault_operation),
    route(Method::Post, "/__sandbox/faults/rate", fault_rate),
    route(Method::Get, "/__sandbox/clock", show_clock),
    route(Method::Post, "/__sandbox/clock/stop", stop_clock),
    route(Method::Post, "/__sandbox/clock/advance", advance_clock),
    route(Method::Post, "/__sandbox/answers", script_answer),
    route(Method::Get, "/__sandbox/requests", show_requests),
    route(Method::Post, "/__sandbox/windows", decide_window),
    route(Method::Post, "/__sandbox/gifts/refuse", refuse_gift),
    route(Method::Get, "/__sandbox/ledger", show_ledger),
    route(Method::Get, "/__sandbox/snapshot", take_snapshot),
    route(Method::Post, "/__sandbox/snapshot", load_snapshot),
    route(Method::Get, "/__sandbox/callbacks", callbacks::show),
    route(Method::Post, "/__sandbox/callbacks", callbacks::send),
    route(Method::Delete, "/__sandbox/callbacks", callbacks::stop),
    route(Method::Post, "/__sandbox/reset", reset),
];

/// The largest request, a snapshot, that is read.
const MAX_REQUEST: usize = 256 * 1024 * 1024;

/// The most postings that one answer has.
const MAX_POSTINGS: usize = 1_000;

const DESCRIPTION_PATH: &str = "/__sandbox/openapi.yaml";

/// Answers when the attempts are made: the one route that waits for something.
const DELIVERY_PATH: &str = "/__sandbox/callbacks/deliver";

const fn route(
    method: Method,
    path: &'static str,
    handle: fn(&Platform, Fields) -> Result<Value, Problem>,
) -> Route {
    Route {
        method,
        path,
        handle,
    }
}

pub(crate) fn routes() -> Router<Arc<Platform>> {
    let description = on(
        MethodFilter::GET,
        |ConnectInfo(connection): ConnectInfo<Connection>| async move {
            if is_this_machine(connection.peer().ip()) {
                respond(StatusCode::OK, "application/yaml", DESCRIPTION)
            } else {
                forbidden()
            }
        },
    );
    ROUTES.iter().fold(
        Router::new()
            .route(DESCRIPTION_PATH, description)
            .route(DELIVERY_PATH, on(MethodFilter::POST, deliver)),
        |router, route| {
            let filter = match route.method {
                Method::Get => MethodFilter::GET,
                Method::Post => MethodFilter::POST,
                Method::Delete => MethodFilter::DELETE,
            };
            let handler = move |State(platform): State<Arc<Platform>>,
                                ConnectInfo(connection): ConnectInfo<Connection>,
                                RawQuery(query): RawQuery,
                                headers: HeaderMap,
                                body: Bytes| async move {
                if is_this_machine(connection.peer().ip()) {
                    answer(route, &platform, query.as_deref(), &headers, &body)
                } else {
                    forbidden()
                }
            };
            router.route(
                route.path,
                on(filter, handler).layer(DefaultBodyLimit::max(MAX_REQUEST)),
            )
        },
    )
}

async fn deliver(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    const ROUTE: Route = route(Method::Post, DELIVERY_PATH, |platform, fields| {
        fields.finish()?;
        callbacks::show(platform, Fields::default())
    });
    if !is_this_machine(connection.peer().ip()) {
        return forbidden();
    }
    // Nothing is sent for a request that is refused.
    let refused = answer(&ROUTE, &platform, None, &headers, &body);
    if refused.status() != StatusCode::OK {
        return refused;
    }
    platform.deliver_callbacks(Which::All).await;
    answer(&ROUTE, &platform, None, &headers, &body)
}

/// Whether a peer is on this machine.
fn is_this_machine(peer: IpAddr) -> bool {
    // A socket for both families shows 127.0.0.1 as ::ffff:127.0.0.1.
    peer.to_canonical().is_loopback()
}

fn answer(
    route: &Route,
    platform: &Platform,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let outcome = match route.method {
        Method::Post => {
            // A page in a browser cannot send this type to another origin without asking first.
            let is_json = headers
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.starts_with("application/json"));
            if !is_json {
                return problem(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    &Problem::new("Content-Type", "must be application/json"),
                );
            }
            Fields::read(body).and_then(|fields| (route.handle)(platform, fields))
        }
        Method::Get | Method::Delete => {
            (route.handle)(platform, Fields::of_query(query.unwrap_or_default()))
        }
    };
    match outcome {
        Ok(answer) => respond(StatusCode::OK, "application/json", answer.to_string()),
        Err(wrong) => problem(StatusCode::BAD_REQUEST, &wrong),
    }
}

fn forbidden() -> Response<Body> {
    problem(
        StatusCode::FORBIDDEN,
        &Problem::new("peer", "must be on the machine that the sandbox runs on"),
    )
}

fn problem(status: StatusCode, problem: &Problem) -> Response<Body> {
    let body = json!({"error": {"field": problem.field, "rule": problem.rule}});
    respond(status, "application/json", body.to_string())
}

fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The fields of a request, each to be taken once.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn read(body: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            _ => Err(Problem::new("body", "must be a JSON object in UTF-8")),
        }
    }

    /// Of a query every value is text, or a whole number.
    fn of_query(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let fields = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value
                .parse::<u64>()
                .map_or_else(|_| json!(value), |number| json!(number));
            (name.to_owned(), value)
        });
        Self(fields.collect())
    }

    fn take(&mut self, name: &str) -> Result<Value, Problem> {
        self.0
            .remove(name)
            .ok_or_else(|| Problem::new(name, "is required"))
    }

    fn text(&mut self, name: &str) -> Result<String, Problem> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(Problem::new(name, "must be text")),
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        self.take(name)?
            .as_bool()
            .ok_or_else(|| Problem::new(name, "must be true or false"))
    }

    fn whole(&mut self, name: &str) -> Result<u64, Problem> {
        self.take(name)?
            .as_u64()
            .ok_or_else(|| Problem::new(name, "must be a whole number that is not negative"))
    }

    /// Nothing may be left: a misspelt field would else be lost.
    fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(name) => Err(Problem::new(name, "is not a field of this request")),
            None => Ok(()),
        }
    }
}

fn show_faults(platform: &Platform, _: Fields) -> Result<Value, Problem> {
    Ok(platform.faults().to_json())
}

fn clear_faults(platform: &Platform, fields: Fields) -> Result<Value, Problem> {
    platform.faults().clear();
    show_faults(platform, fields)
}

fn fault_next(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let fault: Fault = fields.text("fault")?.parse()?;
    fields.finish()?;
    platform.faults().add_next(fault)?;
    Ok(platform.faults().to_json())
}

fn fault_operation(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let operation = fields.text("operation")?;
    let fault: Fault = fields.text("fault")?.parse()?;
    fields.finish()?;
    platform.fault_operation(&operation, fault)?;
    Ok(platform.faults().to_json())
}

fn fault_rate(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let rate = fields
        .take("rate")?
        .as_f64()
        .ok_or_else(|| Problem::new("rate", "must be a number"))?;
    let seed = fields.whole("seed")?;
    let Value::Array(names) = fields.take("faults")? else {
        return Err(Problem::new("faults", "must be a list"));
    };
    fields.finish()?;
    let kinds = names
        .iter()
        .map(|name| name.as_str().unwrap_or_default().parse())
        .collect::<Result<_, Problem>>()?;
    platform.faults().set_rate(rate, seed, kinds)?;
    Ok(platform.faults().to_json())
}

fn show_clock(platform: &Platform, _: Fields) -> Result<Value, Problem> {
    Ok(json!({
        "now": rfc3339(platform.clock.now()),
        "stopped": platform.clock.is_stopped(),
    }))
}

fn stop_clock(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
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
    platform.stop_clock_at(at.into());
    show_clock(platform, Fields::default())
}

fn advance_clock(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let seconds = fields.whole("seconds")?;
    fields.finish()?;
    if seconds > MAX_ADVANCE {
        let rule = format!("must be at most {MAX_ADVANCE}");
        return Err(Problem::new("seconds", rule));
    }
    platform.advance_clock(Duration::from_secs(seconds));
    show_clock(platform, Fields::default())
}

fn script_answer(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let operation = fields.text("operation")?;
    // What is no status is found out with what is out of range.
    let status = u16::try_from(fields.whole("status")?).unwrap_or(u16::MAX);
    let body = fields.take("body")?;
    fields.finish()?;
    let waiting = platform.script_answer(&operation, status, body)?;
    Ok(json!({ "waiting": waiting }))
}

fn show_requests(platform: &Platform, _: Fields) -> Result<Value, Problem> {
    let requests: Vec<_> = platform.requests().iter().map(request_json).collect();
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

fn decide_window(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let url = fields.text("redirectUrl")?;
    let approve = fields.flag("approve")?;
    fields.finish()?;
    let state = match platform.decide_window_at(&url, approve)? {
        WindowState::Approved => "approved",
        WindowState::Declined => "declined",
        WindowState::Failed | WindowState::Open | WindowState::Closed => "failed",
    };
    Ok(json!({ "state": state }))
}

fn refuse_gift(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let transfer_id = fields.text("transferId")?;
    fields.finish()?;
    platform.refuse_gift(&transfer_id)?;
    Ok(json!({}))
}

fn show_ledger(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let from = match fields.0.contains_key("from") {
        true => usize::try_from(fields.whole("from")?).unwrap_or(usize::MAX),
        false => 0,
    };
    fields.finish()?;
    let world = platform.settled();
    let view = LedgerView::of(&world, from..from.saturating_add(MAX_POSTINGS));
    Ok(view.to_json(world.ledger.count()))
}

fn take_snapshot(platform: &Platform, fields: Fields) -> Result<Value, Problem> {
    fields.finish()?;
    Ok(platform.snapshot().json().clone())
}

fn load_snapshot(platform: &Platform, fields: Fields) -> Result<Value, Problem> {
    platform.load(&Snapshot::from_fields(fields.0))?;
    Ok(json!({}))
}

fn reset(platform: &Platform, fields: Fields) -> Result<Value, Problem> {
    fields.finish()?;
    platform
        .reset()
        .map_err(|NotStored| Problem::new("state", "could not be stored, and is as it was"))?;
    Ok(json!({}))
}

pub(crate) fn rfc3339(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document: Value = serde_saphyr::from_str(DESCRIPTION).unwrap();
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
        let mut served: BTreeSet<_> = ROUTES
            .iter()
            .map(|route| {
                let method = match route.method {
                    Method::Get => "get",
                    Method::Post => "post",
                    Method::Delete => "delete",
                };
                (route.path.to_owned(), method.to_owned())
            })
            .collect();
        served.insert((DESCRIPTION_PATH.to_owned(), "get".to_owned()));
        served.insert((DELIVERY_PATH.to_owned(), "post".to_owned()));
        assert_eq!(described, served);
    }

    #[test]
    fn only_loopback_is_this_machine() {
        for (peer, expected) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("0.0.0.0", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_this_machine(peer.parse().unwrap()), expected, "{peer}");
        }
    }
}
