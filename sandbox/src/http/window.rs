//! The payment window: where a member would type in a credit card, for a recharge or for auto
//! recharges, here two buttons.
//!
//! What the vendor's window looks like and does is not documented. This one lets a test, or a
//! person with a browser, approve or decline.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::get;

use super::connection::Connection;
use super::{body, limits};
use crate::platform::{Platform, Undecided};
use crate::service::Service;
use crate::state::{Purpose, WindowState};

pub(super) fn routes() -> Router<Arc<Service>> {
    let show =
        async |State(service): State<Arc<Service>>, id: Id| show(&service.platform, &id_of(id));
    let decide = async |State(service): State<Arc<Service>>,
                        ConnectInfo(connection): ConnectInfo<Connection>,
                        id: Id,
                        body: Body| {
        match body::read(body, limits::BODY, &connection).await {
            Ok(body) => decide(&service.platform, &id_of(id), &body),
            Err(rejection) => page(rejection.status, &rejection.expected),
        }
    };
    // axum adds which methods the path has.
    let other_method = async || {
        page(
            StatusCode::METHOD_NOT_ALLOWED,
            "The method must be GET or POST.",
        )
    };
    Router::new()
        .route("/__sandbox/payment-window/{id}", get(show).post(decide))
        .method_not_allowed_fallback(other_method)
}

/// The last part of a path, where it is text.
type Id = Result<Path<String>, PathRejection>;

/// The id of a window. What is no text is the id of none.
fn id_of(id: Id) -> String {
    id.map(|Path(id)| id).unwrap_or_default()
}

/// The page of a window.
fn show(platform: &Platform, id: &str) -> Response<Body> {
    let state = platform.settled();
    let Some(window) = state.windows.get(id) else {
        return page(StatusCode::NOT_FOUND, "No such window.");
    };
    let text = match (window.state, window.purpose) {
        (WindowState::Approved, Purpose::Recharge(_)) => {
            "Approved. The card was recharged.".to_owned()
        }
        (WindowState::Approved, Purpose::AutoRecharge(_)) => {
            "Approved. The auto recharge is set.".to_owned()
        }
        (WindowState::Declined, _) => "Declined. No money moved.".to_owned(),
        (WindowState::Failed, _) => {
            "Approved, and the card could not take it. No money moved.".to_owned()
        }
        (WindowState::Closed, _) => "The window has closed. No money moved.".to_owned(),
        (WindowState::Open, purpose) => {
            let what = match purpose {
                Purpose::Recharge(amount) => format!("Recharge of {amount} KRW"),
                Purpose::AutoRecharge(plan) => {
                    format!("Auto recharge of {} KRW each time", plan.amount)
                }
            };
            format!(
                "<p>{what}</p><form method=\"post\">\
                 <button name=\"decision\" value=\"approve\">Approve</button> \
                 <button name=\"decision\" value=\"decline\">Decline</button></form>"
            )
        }
    };
    page(StatusCode::OK, &text)
}

/// Takes the decision from the body: `decision=approve` or `decision=decline`.
fn decide(platform: &Platform, id: &str, body: &[u8]) -> Response<Body> {
    let approve = match body {
        b"decision=approve" => true,
        b"decision=decline" => false,
        _ => {
            return page(
                StatusCode::BAD_REQUEST,
                "The body must be decision=approve or decision=decline.",
            );
        }
    };
    match platform.decide_window(id, approve) {
        Ok(_) => show(platform, id),
        Err(Undecided::NoWindow) => page(StatusCode::NOT_FOUND, "No such window."),
        Err(Undecided::Closed) => page(StatusCode::CONFLICT, "The window has closed."),
        Err(Undecided::NotStored) => page(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The decision could not be stored.",
        ),
    }
}

fn page(status: StatusCode, text: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox payment window</title>\
         <h1>Sandbox payment window</h1>{text}</html>"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}
