//! Who may use what is of the sandbox itself, and not of the platform: programs on this machine, wherever
//! the sandbox listens, and no page of another origin in a browser on it.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;

use super::connection::Connection;
use super::response::problem;
use super::{body, limits};
use crate::problem::Problem;

/// The body of a request that is let in, or the refusal.
pub(super) async fn admit(
    connection: &Connection,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Response<Body>> {
    check(connection.peer().ip(), headers)
        .map_err(|wrong| problem(StatusCode::FORBIDDEN, &wrong))?;
    let body = body::read(body, limits::CONTROL_BODY, connection).await;
    body.map_err(|rejection| {
        let rule = rejection.expected.trim_start_matches("the body ");
        problem(rejection.status, &Problem::new("body", rule))
    })
}

/// Lets a request to routes go on that know nothing of this.
pub(super) async fn guard(
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    match admit(&connection, &parts.headers, body).await {
        Ok(body) => next.run(Request::from_parts(parts, body.into())).await,
        Err(refusal) => refusal,
    }
}

fn check(peer: IpAddr, headers: &HeaderMap) -> Result<(), Problem> {
    if !is_this_machine(peer) {
        let rule = "must be on the machine that the sandbox runs on";
        return Err(Problem::new("peer", rule));
    }
    // A page in a browser comes from this machine, too: with the name of another one that it had made to
    // point here, or from another origin.
    if !is_for_this_machine(headers) {
        return Err(Problem::new(
            "Host",
            "must be localhost or a loopback address",
        ));
    }
    check_origin(headers)
}

/// Whether a peer is on this machine.
fn is_this_machine(peer: IpAddr) -> bool {
    // A socket for both families shows 127.0.0.1 as ::ffff:127.0.0.1.
    peer.to_canonical().is_loopback()
}

/// Whether the host that a request names is this machine, by a name that no DNS server decides on.
/// A browser always names one; what calls the router without a network need not.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    headers.get_all(header::HOST).iter().all(|host| {
        let host = host.to_str().unwrap_or_default().parse::<Authority>();
        host.is_ok_and(|host| {
            let name = host.host().trim_matches(['[', ']']);
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
        })
    })
}

/// Checks that a page that sends this is one of the sandbox itself. Programs name no origin.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers
        .get(header::HOST)
        .map_or(&[][..], HeaderValue::as_bytes);
    let is_own = headers.get_all(header::ORIGIN).iter().all(|origin| {
        let own = origin.as_bytes().strip_prefix(b"http://");
        own.is_some_and(|own| own.eq_ignore_ascii_case(host))
    });
    match is_own {
        true => Ok(()),
        false => Err(Problem::new(
            "Origin",
            "must be the sandbox's own, or not there",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        for (peer, expected) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("0.0.0.0", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_this_machine(peer.parse().unwrap()), expected, "{peer}");
        }
    }
}
