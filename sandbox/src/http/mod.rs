//! HTTP on top of the service: operations, control API, payment window, routes beside them, connections.

mod access;
mod body;
pub(crate) mod connection;
mod control;
mod limits;
mod open;
mod response;
pub(crate) mod server;
mod unreadable;
mod window;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Response, Uri};
use axum::middleware::from_fn;

use self::connection::Connection;
use crate::faults::inject::Reply;
use crate::service::{Incoming, Service};

/// All routes: the operations, the payment window, the control API, and those that stand beside them.
pub(crate) fn router(service: Arc<Service>, beside: Router) -> Router {
    let beside = beside.layer(from_fn(access::guard)).with_state(());
    control::routes()
        .merge(window::routes())
        .merge(beside)
        // In the place of one that came with the routes beside: two could not be merged.
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
