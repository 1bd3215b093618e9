//! Between progenitor's client and the pipeline.
//!
//! progenitor makes the request of a typed call, and hands it to the hook instead of sending it.
//! The hook takes it through the pipeline. What came back stays in the session: progenitor only
//! learns whether there is a success, and never sees a body.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::ResponseBuilderExt as _;
use serde::de::DeserializeOwned;
#[cfg(feature = "test-util")]
use serde_json::Value;
use tracing::{Instrument as _, Span};

use super::interpret::Success;
use super::plan::Plan;
use super::response::Response;
use super::typed::typed;
use super::{Pipeline, generated};
use crate::error::{Delivery, Error, ErrorKind};
#[cfg(feature = "metrics")]
use crate::metrics::Measured;
#[cfg(feature = "test-util")]
use crate::protocol::AsItCame;

/// What one typed call carries through progenitor's client: how to send, and where to leave what
/// came back.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pipeline: Arc<Pipeline>,
    plan: Plan,
    span: Span,
    result: Arc<Mutex<Option<Result<Success, Error>>>>,
}

/// A typed call that goes out.
#[derive(Debug)]
pub(crate) struct Sending {
    /// progenitor's client for this one call.
    pub(crate) client: generated::Client,
    session: Session,
}

/// Stands in for the response when the call failed. Anything but 200 would do.
const FAILED: StatusCode = StatusCode::BAD_GATEWAY;

impl Sending {
    pub(crate) fn new(pipeline: &Arc<Pipeline>, plan: Plan) -> Self {
        let session = Session {
            pipeline: Arc::clone(pipeline),
            span: plan.span(),
            plan,
            result: Arc::default(),
        };
        let client = generated::Client::new_with_client(
            pipeline.base_url(),
            pipeline.http.clone(),
            session.clone(),
        );
        Self { client, session }
    }

    /// Waits for progenitor's call, and makes a typed response of what the pipeline left.
    pub(crate) async fn conclude<T, F>(&self, call: F) -> Result<Response<T>, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<()>, progenitor_client::Error<()>>>,
    {
        let session = &self.session;
        #[cfg(feature = "metrics")]
        let measured = Measured::call(session.plan.called());
        // Whatever progenitor makes of the stand-in: the session has what happened.
        let _ = call.instrument(session.span.clone()).await;
        let result = match session.result().take() {
            Some(result) => result.and_then(|success| typed(success, &session.plan)),
            None => Err(Error::new(
                ErrorKind::InvalidRequest,
                Delivery::NotSent,
                "the request could not be built",
            )
            .with_operation(session.plan.name())),
        };
        #[cfg(feature = "metrics")]
        measured.end(result.as_ref());
        result
    }
}

impl Session {
    fn result(&self) -> MutexGuard<'_, Option<Result<Success, Error>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientHooks<Session> for generated::Client {
    /// Takes the request that progenitor made, with its plaintext, to be signed and sent.
    async fn exec(
        &self,
        request: reqwest::Request,
        _info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let session = self.inner();
        let url = request.url().clone();
        let result = session
            .pipeline
            .call(&session.plan, request, &session.span)
            .await;
        let status = if result.is_ok() {
            StatusCode::OK
        } else {
            FAILED
        };
        *session.result() = Some(result);
        // reqwest wants to know where a response came from, and would make up a URL.
        let response = http::Response::builder()
            .status(status)
            .url(url)
            .body(Vec::new())
            .unwrap_or_default();
        Ok(response.into())
    }
}

/// The typed response of a success with this plaintext, as if it had come.
#[cfg(feature = "test-util")]
pub(crate) fn typed_response<T: DeserializeOwned>(
    body: serde_json::Map<String, Value>,
    mut exchange: super::Exchange,
    plan: &Plan,
) -> Result<Response<T>, Error> {
    exchange.said = super::interpret::said(plan, &body);
    let bytes = Value::Object(body.clone()).to_string().into_bytes();
    let came = AsItCame {
        bytes: bytes.into(),
        ..AsItCame::default()
    };
    let success = Success {
        body,
        exchange,
        came,
        is_cut: false,
    };
    typed(success, plan)
}
