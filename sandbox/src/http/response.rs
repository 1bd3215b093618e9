//! Responses of the sandbox itself.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::problem::Problem;

/// A refusal, in the form of the control API.
pub(super) fn problem(status: StatusCode, problem: &Problem) -> Response<Body> {
    let body = json!({"error": {"field": problem.field, "rule": problem.rule}});
    respond(status, "application/json", body.to_string())
}

pub(super) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Some of it is what callers sent: no browser may take it for something else.
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
