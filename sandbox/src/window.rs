//! The payment window: where a member would type in a credit card, here two buttons.
//!
//! What the vendor's window looks like and does is not documented. This one lets a test, or a person
//! with a browser, approve or decline.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use crate::server::Platform;
use crate::world::CardRechargeState;

/// The page of a recharge.
pub(crate) fn show(platform: &Platform, id: &str) -> Response<Body> {
    let world = platform.world();
    let Some(recharge) = world.card_recharges.get(id) else {
        return page(StatusCode::NOT_FOUND, "No such recharge.");
    };
    let is_over = recharge.closes <= platform.moment().time;
    let text = match recharge.state {
        CardRechargeState::Approved => "Approved. The card was recharged.".to_owned(),
        CardRechargeState::Declined => "Declined. No money moved.".to_owned(),
        CardRechargeState::Open if is_over => "The window has closed. No money moved.".to_owned(),
        CardRechargeState::Open => format!(
            "<p>Recharge of {} KRW</p><form method=\"post\">\
             <button name=\"decision\" value=\"approve\">Approve</button> \
             <button name=\"decision\" value=\"decline\">Decline</button></form>",
            recharge.amount
        ),
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
    let now = platform.moment().time;
    let mut world = platform.world();
    let Some(recharge) = world.card_recharges.get_mut(id) else {
        return page(StatusCode::NOT_FOUND, "No such recharge.");
    };
    if recharge.state != CardRechargeState::Open || recharge.closes <= now {
        return page(StatusCode::CONFLICT, "The window has closed.");
    }
    recharge.state = if approve {
        CardRechargeState::Approved
    } else {
        CardRechargeState::Declined
    };
    let (par, amount) = (recharge.par.clone(), recharge.amount);
    if approve && let Some(card) = world.card_by_par(&par) {
        world.card_mut(card).balance += amount;
    }
    drop(world);
    show(platform, id)
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
