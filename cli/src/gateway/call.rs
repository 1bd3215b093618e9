//! One call: what was posted goes to the platform, and its response comes back.

use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use konaplate::{CallOptions, Client, CorrelationId, Delivery, Error, ErrorKind, Operation};
use konaplate_sandbox::fault_of_request;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::task::TaskTracker;

use super::concluded::Concluded;
use super::problem::{CORRELATION_ID, DELIVERY, Kind, Problem, Refused, word};
use super::settings::Limits;
use crate::exact::{Inexact, exact_object};

/// How many values of a response are left out, since their text has characters that cannot be read.
const UNREAD: HeaderName = HeaderName::from_static("konaplate-unread");

/// What calls are made with.
#[derive(Debug)]
pub(super) struct Calls {
    /// Not there before what it calls has started.
    pub(super) client: Arc<OnceLock<Client>>,
    pub(super) validates: bool,
    pub(super) to_its_sandbox: bool,
    pub(super) limits: Limits,
    /// Room for calls under way.
    pub(super) room: Semaphore,
    /// Calls whose callers have left.
    pub(super) under_way: TaskTracker,
}

/// Sends what was posted to a path of the API.
pub(super) async fn forward(State(calls): State<Arc<Calls>>, request: Request) -> Response {
    match calls.read(request).await {
        Ok(call) => Concluded::new(calls.under_way.clone(), Arc::clone(&calls).send(call)).await,
        Err(problem) => problem.into_response(),
    }
}

/// A fault of the gateway's own, in the middle of a call.
pub(super) fn panicked() -> Response {
    Problem::of(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "the gateway failed",
        "a fault of the gateway; its log has more",
        Delivery::MaybeProcessed,
    )
    .into_response()
}

/// A request that is fit to be sent.
struct Call {
    path: String,
    body: Value,
    options: CallOptions,
}

fn refused(status: StatusCode, kind: &'static str, detail: &str) -> Refused {
    Box::new(Problem::new(status, kind, detail))
}

/// Not 400, which is the platform's.
fn wrong(kind: &'static str, detail: &str) -> Refused {
    refused(StatusCode::UNPROCESSABLE_ENTITY, kind, detail)
}

impl Calls {
    /// Reads a request, and refuses one that is not to be sent.
    async fn read(&self, request: Request) -> Result<Call, Refused> {
        let options = self.checked_head(&request)?;
        let path = request.uri().path().to_owned();
        let body = Bytes::from_request(request, &());
        let late = "the body must come whole, in time";
        let body = tokio::time::timeout(self.limits.read, body)
            .await
            .map_err(|_| refused(StatusCode::REQUEST_TIMEOUT, "body", late))?
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    let detail = format!("the body must have at most {} bytes", self.limits.body);
                    refused(StatusCode::PAYLOAD_TOO_LARGE, "body-size", &detail)
                }
                _ => refused(StatusCode::REQUEST_TIMEOUT, "body", late),
            })?;
        let body = self.checked_body(&path, &body)?;
        Ok(Call {
            path,
            body,
            options,
        })
    }

    fn checked_head(&self, request: &Request) -> Result<CallOptions, Refused> {
        if request.uri().path() == "/" {
            let detail = "the path must be one of the API, such as /api/v1/user/info";
            return Err(refused(StatusCode::NOT_FOUND, "no-path", detail));
        }
        if request.method() != Method::POST {
            let detail = "every operation of the API is a POST";
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
            return Err(Box::new(problem.header(header::ALLOW, "POST")));
        }
        if request.uri().query().is_some() {
            return Err(wrong("query", "the API has no queries: all is in the body"));
        }
        if !is_json(request.headers()) {
            // A form of a page in a browser cannot send this type.
            let detail = "Content-Type must be application/json";
            return Err(refused(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content-type",
                detail,
            ));
        }
        let mut options = CallOptions::new();
        for (name, value) in request.headers() {
            if *name == CORRELATION_ID {
                let id = value.to_str().ok().and_then(|id| id.parse().ok());
                let id: CorrelationId = id.ok_or_else(|| {
                    let rule =
                        "X-KM-Correlation-Id must be yyMMddHHmmss- and seven lower-case hex digits";
                    wrong("correlation-id", rule)
                })?;
                options = options.correlation_id(id);
            } else if name.as_str().starts_with("x-sandbox-") {
                if !self.to_its_sandbox {
                    let detail =
                        "X-Sandbox-* must not be there: the gateway was not started with --sandbox";
                    return Err(wrong("sandbox-header", detail));
                }
                options = options.header(name.clone(), value.clone());
            }
        }
        Ok(options)
    }

    /// The JSON of a request.
    fn checked_body(&self, path: &str, body: &[u8]) -> Result<Value, Refused> {
        let object = "the body must be a JSON object in UTF-8";
        let members = exact_object(body).map_err(|why| match why {
            Inexact::Json(why) => wrong("json", &format!("{object}, without a name twice: {why}")),
            Inexact::Number => wrong("json", &format!("{object}, with numbers that 64 bits hold")),
        })?;
        if members.get("encData").is_some_and(Value::is_string) {
            let detail = "the body must be plain: the gateway encrypts it";
            return Err(wrong("encrypted", detail));
        }
        let body = Value::Object(members);
        let operation = Operation::find(path).filter(|_| self.validates);
        match operation.and_then(|operation| fault_of_request(operation, &body)) {
            Some(fault) => {
                let detail = format!("{}: {}", fault.field, fault.rule);
                Err(wrong("invalid-request", &detail))
            }
            None => Ok(body),
        }
    }

    /// Room for one more call.
    async fn room(&self) -> Option<SemaphorePermit<'_>> {
        let room = tokio::time::timeout(self.limits.read, self.room.acquire());
        room.await.ok()?.ok()
    }

    async fn send(self: Arc<Self>, call: Call) -> Response {
        let Some(client) = self.client.get() else {
            return busy("it is starting");
        };
        let Some(_room) = self.room().await else {
            return busy("too many calls are under way");
        };
        let Call {
            path,
            body,
            options,
        } = call;
        match client.raw(path, body).options(options).send().await {
            Ok(response) => {
                let exchange = response.exchange();
                let sent = exchange.correlation_id();
                let id = exchange.response_correlation_id().unwrap_or(sent.as_str());
                let status = StatusCode::from_u16(exchange.http_status());
                let mut came = json(status.unwrap_or(StatusCode::OK), response.expose(), id);
                // A value that was set aside is in none of the fields.
                let unread = response.unread().len();
                if unread > 0 {
                    tracing::warn!(unread, "values of a response could not be read");
                    came.headers_mut().insert(UNREAD, unread.into());
                }
                came
            }
            Err(error) => failure(&error).unwrap_or_else(|| Problem::from(&error).into_response()),
        }
    }
}

/// Why a call cannot go out now.
fn busy(detail: &str) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
        .header(header::RETRY_AFTER, "1")
        .into_response()
}

/// A failure that the platform itself told.
fn failure(error: &Error) -> Option<Response> {
    if error.kind() != ErrorKind::Code {
        return None;
    }
    let (response, status) = (error.response()?, error.http_status()?);
    let sent = error.correlation_id();
    let id = sent.as_ref().map(|id| id.as_str()).unwrap_or_default();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut failure = json(status, response.expose(), id);
    let delivery = HeaderValue::from_static(word(error.delivery()));
    failure.headers_mut().insert(DELIVERY, delivery);
    failure.extensions_mut().insert(Kind("code"));
    Some(failure)
}

/// The platform's own JSON.
fn json(status: StatusCode, body: &Value, correlation_id: &str) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(id) = HeaderValue::from_str(correlation_id) {
        headers.insert(CORRELATION_ID, id);
    }
    response
}

/// Whether the body is said to be JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(Ok(said)) = types.next().map(HeaderValue::to_str) else {
        return false;
    };
    let essence = said.split(';').next().unwrap_or_default().trim();
    types.next().is_none() && essence.eq_ignore_ascii_case("application/json")
}
