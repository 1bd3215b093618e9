//! Responses that tests choose: for the next call of an operation, or by a header of the call.

use std::collections::{HashMap, VecDeque};

use axum::http::{HeaderMap, HeaderName, StatusCode};
use konaplate::types::MaskedJson;
use serde_json::{Value, json};

use crate::contract::OperationContract;
use crate::problem::Problem;
use crate::render::Rendered;
use crate::verify::{self, Check, Rejection};

/// Names the code, or the example of the description, that a call is to get.
const RESPONSE_HEADER: HeaderName = HeaderName::from_static("x-sandbox-response");

/// Responses that wait for the next calls of their operations.
#[derive(Debug, Default)]
pub(crate) struct Scripts(HashMap<&'static str, VecDeque<(StatusCode, MaskedJson)>>);

impl Scripts {
    /// Returns how many wait for the operation now.
    pub(crate) fn add(
        &mut self,
        operation: &'static str,
        status: u16,
        body: Value,
    ) -> Result<usize, Problem> {
        let status = StatusCode::from_u16(status)
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .ok_or_else(|| Problem::new("status", "must be from 200 to 599"))?;
        if !body.is_object() {
            return Err(Problem::new("body", "must be a JSON object"));
        }
        let waiting = self.0.entry(operation).or_default();
        waiting.push_back((status, body.into()));
        Ok(waiting.len())
    }

    /// The one that waits for this call of the operation.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Rendered> {
        let (status, body) = self.0.get_mut(operation)?.pop_front()?;
        Some(Rendered::new(status, body.expose().clone()))
    }
}

/// The response that the call asks for by `X-Sandbox-Response`, if it asks for one.
pub(crate) fn wanted(
    contract: &OperationContract,
    headers: &HeaderMap,
) -> Result<Option<Rendered>, Rejection> {
    let Some(wanted) = verify::optional(headers, &RESPONSE_HEADER, Check::Response)? else {
        return Ok(None);
    };
    if let Some(body) = contract.success(Some(wanted)) {
        return Ok(Some(Rendered::new(StatusCode::OK, body.clone())));
    }
    let failure = contract.failure(wanted).ok_or_else(|| {
        Rejection::bad(
            Check::Response,
            "X-Sandbox-Response must be a failure code that the description lists for this \
             operation, or the name of one of its examples",
        )
    })?;
    let envelope = json!({"response": {"code": failure.code, "description": failure.message}});
    Ok(Some(Rendered::new(StatusCode::BAD_REQUEST, envelope)))
}
