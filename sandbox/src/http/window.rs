//! The payment window: where a member would type in a credit card, for a recharge or for auto
//! recharges, here two buttons.
//!
//! What the vendor's window looks like and does is not documented. This one lets a test, or a
//! person with a browser, approve or decline. It is for payers on any machine, and works without a
//! script. No text that a caller chose is on it.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::connection::Connection;
use super::response::respond;
use super::{access, body, limits};
use crate::platform::{Platform, Undecided};
use crate::service::Service;
use crate::state::{Purpose, WindowState};

pub(super) fn routes() -> Router<Arc<Service>> {
    let show =
        async |State(service): State<Arc<Service>>, id: Id| show(&service.platform, &id_of(id));
    let decide = async |State(service): State<Arc<Service>>,
                        ConnectInfo(connection): ConnectInfo<Connection>,
                        headers: HeaderMap,
                        id: Id,
                        body: Body| {
        // Who pays decides on the window's own page, and no other one for them.
        if access::check_origin(&headers).is_err() {
            let why = "A page of another origin must not decide.";
            return message(StatusCode::FORBIDDEN, why);
        }
        match body::read(body, limits::BODY, &connection).await {
            Ok(body) => decide(&service.platform, &id_of(id), &body),
            Err(rejection) => message(rejection.status, &rejection.expected),
        }
    };
    // axum adds which methods the path has.
    let other_method = async || {
        message(
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
        return message(StatusCode::NOT_FOUND, "No such window.");
    };
    let text = match (window.state, window.purpose) {
        (WindowState::Approved, Purpose::Recharge(_)) => "Approved. The card was recharged.",
        (WindowState::Approved, Purpose::AutoRecharge(_)) => "Approved. The auto recharge is set.",
        (WindowState::Declined, _) => "Declined. No money moved.",
        (WindowState::Failed, _) => "Approved, and the card could not take it. No money moved.",
        (WindowState::Closed, _) => "The window has closed. No money moved.",
        (WindowState::Open, Purpose::Recharge(amount)) => {
            return page(StatusCode::OK, &form("Recharge of", amount, ""));
        }
        (WindowState::Open, Purpose::AutoRecharge(plan)) => {
            let form = form("Auto recharge of", plan.amount, " each time");
            return page(StatusCode::OK, &form);
        }
    };
    message(StatusCode::OK, text)
}

/// Takes the decision from the body: `decision=approve` or `decision=decline`.
fn decide(platform: &Platform, id: &str, body: &[u8]) -> Response<Body> {
    let approve = match body {
        b"decision=approve" => true,
        b"decision=decline" => false,
        _ => {
            return message(
                StatusCode::BAD_REQUEST,
                "The body must be decision=approve or decision=decline.",
            );
        }
    };
    match platform.decide_window(id, approve) {
        Ok(_) => show(platform, id),
        Err(Undecided::NoWindow) => message(StatusCode::NOT_FOUND, "No such window."),
        Err(Undecided::Closed) => message(StatusCode::CONFLICT, "The window has closed."),
        Err(Undecided::NotStored) => message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The decision could not be stored.",
        ),
    }
}

/// What is to be decided, and the two buttons.
fn form(what: &str, amount: u64, when: &str) -> String {
    let amount = with_separators(amount);
    format!(
        "<p>{what} <strong>{amount} KRW</strong>{when}</p><form method=\"post\">\
         <button name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"decline\">Decline</button></form>"
    )
}

/// A number with a comma every three digits.
fn with_separators(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The style of the page. Colours have a contrast of at least 4.5 to 1, and buttons are 48 px high.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;background:#fff;color:#1a1a1a;font:1.125rem/1.5 system-ui,sans-serif}\
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem}\
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}\
form{display:flex;flex-wrap:wrap;gap:1rem}\
button{flex:1 1 8rem;min-height:48px;padding:.5rem 1rem;border:2px solid #0b57d0;border-radius:.5rem;\
background:#fff;color:#0b57d0;font:inherit;font-weight:600;cursor:pointer}\
button[value=approve]{background:#0b57d0;color:#fff}\
button:focus-visible{outline:3px solid;outline-offset:3px}\
@media (prefers-color-scheme:dark){\
body{background:#161616;color:#f2f2f2}\
button{border-color:#a8c7fa;background:#161616;color:#a8c7fa}\
button[value=approve]{background:#a8c7fa;color:#0b1f3f}}";

/// Nothing but that style, and the form to where the page came from.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 is visible ASCII")
});

/// A page that says this, and asks for nothing.
fn message(status: StatusCode, text: &str) -> Response<Body> {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    page(status, &format!("<p role=\"status\">{text}</p>"))
}

/// A page with this content, which is HTML.
fn page(status: StatusCode, content: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Sandbox payment window</title><style>{STYLE}</style></head>\
         <body><main><h1>Sandbox payment window</h1>{content}</main></body></html>"
    );
    let mut response = respond(status, "text/html; charset=utf-8", html);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    // With `no-referrer` a browser would send `Origin: null` with the form, even to its own origin.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_every_three_digits() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (50_000, "50,000"),
            (123_456_789, "123,456,789"),
        ] {
            assert_eq!(with_separators(number), text);
        }
    }
}
