//! HTTP on top of the service: operations, control API, payment window, connections.

mod body;
pub(crate) mod connection;
mod control;
mod limits;
mod open;
pub(crate) mod server;
mod unreadable;
mod window;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Response, Uri};

use self::connection::Connection;
use crate::faults::inject::Reply;
use crate::service::{Incoming, Service};

/// All routes: the operations, the payment window, and the control API.
pub(crate) fn router(service: Arc<Service>) -> Router {
    control::routes()
        .merge(window::routes())
        .fallback(operations)
        .with_state(service)
}

async fn operations(
    State(service): State<Arc<Service>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let body = body::read(body, limits::BODY, &connection).await;
    let (reply, delay) = service.respond(Incoming {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: body.as_deref(),
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
