//! HTTP on top of the service: operations, control API, payment window, connections.

pub(crate) mod connection;
mod control;
mod window;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Response, Uri};

use self::connection::Connection;
use crate::faults::inject::Reply;
use crate::service::{Incoming, Service};

/// The largest request that is read.
const MAX_REQUEST: usize = 1024 * 1024;

/// All routes: the operations, the payment window, and the control API.
pub(crate) fn router(service: Arc<Service>) -> Router {
    control::routes()
        .merge(window::routes())
        .fallback(operations)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(service)
}

async fn operations(
    State(service): State<Arc<Service>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (reply, delay) = service.respond(Incoming {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: &body,
    });
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    match reply {
        Reply::Whole(response) => response.map(Body::from),
        Reply::Raw(replacement) => {
            connection.replace_response(replacement);
            Response::default()
        }
    }
}
