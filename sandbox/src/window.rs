//! The payment window: where a member would type in a credit card, for a recharge or for auto
//! recharges, here two buttons.
//!
//! What the vendor's window looks like and does is not documented. This one lets a test, or a person
//! with a browser, approve or decline.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use crate::faults::Problem;
use crate::server::Platform;
use crate::world::{Purpose, WindowState, World};

/// The page of a window.
pub(crate) fn show(platform: &Platform, id: &str) -> Response<Body> {
    let world = platform.settled();
    let Some(window) = world.windows.get(id) else {
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
pub(crate) fn decide(platform: &Platform, id: &str, body: &[u8]) -> Response<Body> {
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

/// Why a window was not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    NoWindow,
    Closed,
    NotStored,
}

impl Undecided {
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::NoWindow => "must be the redirectUrl of a payment window",
            Self::Closed => "must be of a window that is open",
            Self::NotStored => "was decided, which could not be stored",
        }
    }
}

impl Platform {
    /// Takes the member's decision, by the id of the window; returns what became of it.
    pub(crate) fn decide_window(&self, id: &str, approve: bool) -> Result<WindowState, Undecided> {
        self.change(|world, moment| {
            let state = |world: &World| world.windows.get(id).map(|window| window.state);
            match state(world) {
                None => Err(Undecided::NoWindow),
                Some(WindowState::Open) => {
                    world.decide(id, approve, moment);
                    state(world).ok_or(Undecided::NoWindow)
                }
                Some(_) => Err(Undecided::Closed),
            }
        })
        .unwrap_or(Err(Undecided::NotStored))
    }

    /// The same, by the address of the window.
    pub(crate) fn decide_window_at(
        &self,
        url: &str,
        approve: bool,
    ) -> Result<WindowState, Problem> {
        let id = url.rsplit('/').next().unwrap_or_default();
        self.decide_window(id, approve)
            .map_err(|why| Problem::new("redirectUrl", why.rule()))
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
