//! Who is asked for, and who asks: a page in a browser could else send calls to the gateway, by a
//! form, or by a name of its own that leads to this machine (DNS rebinding).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};

use super::problem::{Problem, Refused};

/// The hosts that a gateway is called by.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    named: Arc<[String]>,
    /// The address that it listens on, unless that is every one.
    address: Option<IpAddr>,
}

impl Hosts {
    pub(super) fn new(named: &[String], listen: SocketAddr) -> Self {
        Self {
            named: named.into(),
            address: Some(listen.ip()).filter(|address| !address.is_unspecified()),
        }
    }

    fn has(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        let name = authority.host();
        if name.eq_ignore_ascii_case("localhost")
            || self
                .named
                .iter()
                .any(|named| named.eq_ignore_ascii_case(name))
        {
            return true;
        }
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback() || self.address == Some(address))
    }

    fn are_asked_for(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none() && host.is_some_and(|host| self.has(host))
    }

    /// Refuses a request that names another host, or that a page in a browser sends.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !self.are_asked_for(headers) {
            let detail = "Host must be a name of this gateway: localhost, 127.0.0.1, [::1], or one of --host";
            let status = StatusCode::MISDIRECTED_REQUEST;
            return Err(Problem::new(status, "host", detail).into());
        }
        if headers.contains_key(header::ORIGIN) {
            let detail = "Origin must not be there: pages in browsers are not served";
            return Err(Problem::new(StatusCode::FORBIDDEN, "origin", detail).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Hosts;

    fn has(named: &[&str], listen: &str, host: &str) -> bool {
        let named: Vec<_> = named.iter().map(|&name| name.to_owned()).collect();
        Hosts::new(&named, listen.parse().unwrap()).has(host)
    }

    #[test]
    fn only_its_own_names_are_its_own() {
        for host in [
            "localhost",
            "LOCALHOST:8788",
            "127.0.0.1:8788",
            "127.9.9.9",
            "[::1]:8788",
        ] {
            assert!(has(&[], "127.0.0.1:8788", host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "10.0.0.1:8788",
            "[::2]",
            "127.0.0.1 ",
            "user@",
        ] {
            assert!(!has(&[], "127.0.0.1:8788", host), "{host}");
        }
    }

    #[test]
    fn others_are_those_that_it_was_given() {
        assert!(has(
            &["gateway.internal"],
            "0.0.0.0:1",
            "Gateway.internal:443"
        ));
        assert!(!has(
            &["gateway.internal"],
            "0.0.0.0:1",
            "gateway.internal.example.com"
        ));
        assert!(!has(&["gateway.internal"], "0.0.0.0:1", "0.0.0.0"));
        assert!(has(&[], "192.0.2.1:1", "192.0.2.1"));
        assert!(!has(&[], "192.0.2.1:1", "192.0.2.2"));
    }
}
