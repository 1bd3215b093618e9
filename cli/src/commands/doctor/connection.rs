//! The way to the platform: URL, name, TCP, TLS, HTTP, and the clocks at both ends.

use std::time::{Duration, SystemTime};

use reqwest::Url;

use super::check::{About, Check, Verdict};
use super::settings::text_of;
use crate::loopback::is_loopback;
use crate::variables::Variables;

const BASE_URL: &str = "KONAPLATE_BASE_URL";
/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far the clocks may be apart before it is said: `Date` tells whole seconds, and the way takes some.
const EXACT: i64 = 3;
/// How far before it is wrong. The platform documents no tolerance.
const TOO_FAR: i64 = 60;

/// What is known of the way.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) checks: Vec<Check>,
    /// How many seconds the platform's clock is ahead of this machine's, if it said.
    pub(super) ahead: Option<i64>,
}

/// A client that neither follows redirects nor waits long.
pub(super) fn http(url: &Url) -> reqwest::Result<reqwest::Client> {
    let mut http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(PATIENCE)
        .timeout(2 * PATIENCE);
    if is_loopback(url) {
        // A proxy has no business with the loopback interface.
        http = http.no_proxy();
    }
    if url.scheme() != "https" {
        // Else the system's certificates would be looked for, which not every machine has.
        http = http.tls_certs_only([]);
    }
    http.build()
}

/// Goes the way, as far as it leads.
pub(super) async fn check(variables: &Variables) -> Connection {
    let mut connection = Connection::default();
    let Some(url) = text_of(variables, BASE_URL) else {
        let finding = format!("there is no {BASE_URL}");
        let check = Check::new(
            About::Connection,
            "connection",
            Verdict::NotChecked,
            finding,
        );
        connection
            .checks
            .push(check.next(format!("set {BASE_URL} first")));
        return connection;
    };
    let allows_plain = text_of(variables, "KONAPLATE_ALLOW_PLAIN_HTTP").as_deref() == Some("true");
    match checked(&url, allows_plain) {
        Ok((url, check)) => {
            connection.checks.push(check);
            connection.go(&url).await;
        }
        Err(check) => connection.checks.push(check),
    }
    connection
}

/// The URL, if it has the form that it needs.
fn checked(text: &str, allows_plain: bool) -> Result<(Url, Check), Check> {
    let of = |verdict, finding: &str| Check::new(About::Configuration, "URL", verdict, finding);
    let wrong = |finding: &str, next: &str| Err(of(Verdict::Wrong, finding).next(next));
    let Ok(url) = Url::parse(text) else {
        return wrong("it is no URL", "write it as https://<host>/open-api");
    };
    if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        return wrong(
            "it has to be https, with a host",
            "write it as https://<host>/open-api",
        );
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong(
            "there is a query, a fragment or a user name in it",
            "end it behind the path",
        );
    }
    let check = match url.scheme() {
        "https" => of(Verdict::Good, "https"),
        _ if is_loopback(&url) => of(Verdict::Good, "http, to this machine"),
        _ if allows_plain => of(
            Verdict::Warning,
            "http, which KONAPLATE_ALLOW_PLAIN_HTTP allows",
        )
        .next("keys and bodies can be read on the way: use https before a platform"),
        _ => return wrong("http, to another machine", "write it with https"),
    };
    Ok((url, check))
}

impl Connection {
    fn add(&mut self, subject: &str, verdict: Verdict, finding: impl Into<String>, next: &str) {
        let check = Check::new(About::Connection, subject, verdict, finding);
        self.checks.push(if next.is_empty() {
            check
        } else {
            check.next(next)
        });
    }

    async fn go(&mut self, url: &Url) {
        let is_proxied = !is_loopback(url)
            && ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .iter()
                .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        if is_proxied {
            let finding = "a proxy of the environment is used, which looks names up itself";
            self.add("name and TCP", Verdict::NotChecked, finding, "");
        } else if !self.reach(url).await {
            return;
        }
        self.ask(url).await;
    }

    /// Whether the name has an address, and one of them takes connections.
    async fn reach(&mut self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port_or_known_default().unwrap_or(443);
        let looked_up = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, port)));
        let addresses: Vec<_> = match looked_up.await {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        if addresses.is_empty() {
            let next = "check the host of the URL, and the name servers of this machine";
            self.add("name", Verdict::Wrong, "the host has no address", next);
            return false;
        }
        let finding = match addresses.len() {
            1 => "1 address".to_owned(),
            count => format!("{count} addresses"),
        };
        self.add("name", Verdict::Good, finding, "");
        let mut why = "no address takes connections".to_owned();
        for address in addresses {
            match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    self.add("TCP", Verdict::Good, "connected", "");
                    return true;
                }
                Ok(Err(error)) => why = format!("not connected: {}", error.kind()),
                Err(_) => why = format!("not connected within {} s", PATIENCE.as_secs()),
            }
        }
        let next =
            "check the port of the URL, firewalls, and whether the platform admits this address";
        self.add("TCP", Verdict::Wrong, why, next);
        false
    }

    /// Sends a request that nothing comes of, for whatever response and its `Date`.
    async fn ask(&mut self, url: &Url) {
        let is_tls = url.scheme() == "https";
        let sent = SystemTime::now();
        let response = match http(url) {
            Ok(http) => http.get(url.clone()).send().await,
            Err(error) => Err(error),
        };
        let response = match response {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                let (subject, next) = if is_tls {
                    (
                        "TLS",
                        "check the certificate of the platform, this machine's clock, and a proxy that reads TLS",
                    )
                } else {
                    ("TCP", "check the port of the URL")
                };
                self.add(
                    subject,
                    Verdict::Wrong,
                    konaplate::error::root_cause(&error),
                    next,
                );
                return;
            }
            Err(error) => {
                let finding = format!("no response: {}", konaplate::error::root_cause(&error));
                let next = "check that the URL is that of the platform, and a proxy in between";
                self.add("HTTP", Verdict::Wrong, finding, next);
                return;
            }
        };
        let took = sent.elapsed().unwrap_or_default();
        if is_tls {
            self.add("TLS", Verdict::Good, "the certificate is good", "");
        }
        let finding = format!(
            "there is a response, of status {}",
            response.status().as_u16()
        );
        self.add("HTTP", Verdict::Good, finding, "");
        let date = response.headers().get(reqwest::header::DATE);
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        self.compare(date, sent + took / 2);
    }

    fn compare(&mut self, date: Option<SystemTime>, here: SystemTime) {
        let Some(date) = date else {
            let finding = "the response has no Date header";
            let next = "check the clock against another source, such as: chronyc tracking";
            self.add("clock", Verdict::NotChecked, finding, next);
            return;
        };
        // The header says the second that has begun.
        let there = date + Duration::from_millis(500);
        let ahead = match there.duration_since(here) {
            Ok(ahead) => ahead.as_secs().cast_signed(),
            Err(behind) => -behind.duration().as_secs().cast_signed(),
        };
        self.ahead = Some(ahead);
        let side = if ahead < 0 { "ahead of" } else { "behind" };
        let (verdict, next) = if ahead.abs() <= EXACT {
            (Verdict::Good, "")
        } else if ahead.abs() <= TOO_FAR {
            (Verdict::Warning, "set the clock, by NTP")
        } else {
            let next = "set the clock, by NTP: signatures of another time are refused";
            (Verdict::Wrong, next)
        };
        let finding = if ahead == 0 {
            "that of this machine is the platform's, to the second".to_owned()
        } else {
            format!(
                "that of this machine is {} s {side} the platform's",
                ahead.abs()
            )
        };
        self.add("clock", verdict, finding, next);
        // A clock is set on this machine: it is no matter of the connection.
        if let Some(check) = self.checks.last_mut() {
            check.about = About::Configuration;
        }
    }
}
