//! One call: what was posted goes to the platform, and its response comes back.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use konaplate::protocol::envelope::Document;
use konaplate::{Client, ErrorKind};
use serde_json::Value;

use super::problem::{CORRELATION_ID, Problem};

/// How many values of a response are left out, since their text has characters that cannot be read.
const UNREAD: HeaderName = HeaderName::from_static("konaplate-unread");

/// Sends what was posted to a path of the API.
pub(super) async fn forward(
    State(client): State<Arc<Client>>,
    method: Method,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match checked(&method, &uri, body) {
        Ok(body) => send(&client, uri.path(), body).await,
        Err(problem) => problem.into_response(),
    }
}

/// There is nothing at the root.
pub(super) async fn no_path() -> Response {
    let detail = "the path must be one of the API, such as /api/v1/user/info";
    Problem::new(StatusCode::NOT_FOUND, "no-path", detail).into_response()
}

/// The JSON of a request that is fit to be sent.
fn checked(
    method: &Method,
    uri: &Uri,
    body: Result<Bytes, BytesRejection>,
) -> Result<Value, Box<Problem>> {
    let refused = |status, kind, detail: &str| Box::new(Problem::new(status, kind, detail));
    let wrong = |kind, detail: &str| refused(StatusCode::BAD_REQUEST, kind, detail);
    if method != Method::POST {
        let detail = "every operation of the API is a POST";
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
        return Err(Box::new(problem.header(header::ALLOW, "POST")));
    }
    if uri.query().is_some() {
        return Err(wrong("query", "the API has no queries: all is in the body"));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-size",
            "the body must have at most 1 MiB",
        ),
        _ => refused(
            StatusCode::REQUEST_TIMEOUT,
            "body",
            "the body must come whole, within 60 s",
        ),
    })?;
    let object = "the body must be a JSON object in UTF-8";
    let (document, repairs) = Document::read(&body).ok_or_else(|| wrong("json", object))?;
    // What is sent is what was meant: nothing is repaired on the way to the platform.
    if !repairs.is_empty() {
        let detail = format!("{object}, with numbers that 64 bits hold");
        return Err(wrong("json", &detail));
    }
    if document.enc_data().is_some() {
        let detail = "the body must be plain: the gateway encrypts it";
        return Err(wrong("encrypted", detail));
    }
    Ok(document.into_value())
}

async fn send(client: &Client, path: &str, body: Value) -> Response {
    let error = match client.raw(path, body).send().await {
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
            return came;
        }
        Err(error) => error,
    };
    let failure =
        (error.kind() == ErrorKind::Code).then(|| error.response().zip(error.http_status()));
    if let Some((response, status)) = failure.flatten() {
        let sent = error.correlation_id();
        let id = sent.as_ref().map(|id| id.as_str()).unwrap_or_default();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        return json(status, response.expose(), id);
    }
    Problem::from(&error).into_response()
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
