//! The way to the platform: URL, name, TCP, TLS, HTTP, and the clocks at both ends.

use std::time::{Duration, SystemTime};

use reqwest::Url;

use super::check::{About, Check, Verdict};
use super::settings::text_of;
use crate::bilingual::Bilingual;
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
        let finding = Bilingual::new(
            format!("there is no {BASE_URL}"),
            format!("{BASE_URL}이 없습니다."),
        );
        connection.add(
            of("connection", Verdict::NotChecked, finding).next(Bilingual::new(
                format!("set {BASE_URL} first"),
                format!("먼저 {BASE_URL}을 설정하십시오."),
            )),
        );
        return connection;
    };
    let allows_plain = text_of(variables, "KONAPLATE_ALLOW_PLAIN_HTTP").as_deref() == Some("true");
    let (url, check) = checked(&url, allows_plain);
    connection.add(check);
    if let Some(url) = url {
        connection.go(&url).await;
    }
    connection
}

/// A check of the way.
fn of(subject: &str, verdict: Verdict, finding: Bilingual) -> Check {
    Check::new(About::Connection, subject, verdict, finding)
}

/// The URL, if it has the form that it needs.
fn checked(text: &str, allows_plain: bool) -> (Option<Url>, Check) {
    let of = |verdict, english: &'static str, korean: &'static str| {
        let finding = Bilingual::new(english, korean);
        Check::new(About::Configuration, "URL", verdict, finding)
    };
    let wrong = |english, korean| of(Verdict::Wrong, english, korean);
    let form = || {
        Bilingual::new(
            "write it as https://<host>/open-api",
            "https://<호스트>/open-api 형식으로 지정하십시오.",
        )
    };
    let Ok(url) = Url::parse(text) else {
        return (None, wrong("it is no URL", "URL이 아닙니다.").next(form()));
    };
    if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        let check = wrong(
            "it has to be https, with a host",
            "https여야 하며, 호스트가 있어야 합니다.",
        );
        return (None, check.next(form()));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        let check = wrong(
            "there is a query, a fragment or a user name in it",
            "쿼리, 프래그먼트 또는 사용자 이름이 들어 있습니다.",
        );
        return (
            None,
            check.next(Bilingual::new(
                "end it behind the path",
                "경로까지만 지정하십시오.",
            )),
        );
    }
    let check = match url.scheme() {
        "https" => of(Verdict::Good, "https", "https입니다."),
        _ if is_loopback(&url) => of(
            Verdict::Good,
            "http, to this machine",
            "이 컴퓨터에 연결하는 http입니다.",
        ),
        _ if allows_plain => of(
            Verdict::Warning,
            "http, which KONAPLATE_ALLOW_PLAIN_HTTP allows",
            "KONAPLATE_ALLOW_PLAIN_HTTP가 허용하는 http입니다.",
        )
        .next(Bilingual::new(
            "keys and bodies can be read on the way: use https before a platform",
            "전송 도중에 다른 사람이 키와 본문을 읽을 수 있습니다. 플랫폼에는 https를 사용하십시오.",
        )),
        _ => {
            let check = wrong("http, to another machine", "다른 장비에 연결하는 http입니다.");
            return (None, check.next(Bilingual::new(
                "write it with https",
                "https로 지정하십시오.",
            )));
        }
    };
    (Some(url), check)
}

impl Connection {
    fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    async fn go(&mut self, url: &Url) {
        let is_proxied = !is_loopback(url)
            && ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .iter()
                .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        if is_proxied {
            let finding = Bilingual::new(
                "a proxy of the environment is used, which looks names up itself",
                "환경 변수에 지정된 프록시를 사용하며, 이름은 프록시가 직접 조회합니다.",
            );
            self.add(of("name and TCP", Verdict::NotChecked, finding));
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
            let finding = Bilingual::new("the host has no address", "호스트에 주소가 없습니다.");
            self.add(of("name", Verdict::Wrong, finding).next(Bilingual::new(
                "check the host of the URL, and the name servers of this machine",
                "URL의 호스트와 이 컴퓨터의 네임 서버를 확인하십시오.",
            )));
            return false;
        }
        let count = addresses.len();
        let english = match count {
            1 => "1 address".to_owned(),
            count => format!("{count} addresses"),
        };
        let finding = Bilingual::new(english, format!("주소가 {count}개 있습니다."));
        self.add(of("name", Verdict::Good, finding));
        let mut why = Bilingual::new(
            "no address takes connections",
            "연결을 받는 주소가 없습니다.",
        );
        for address in addresses {
            match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    let finding = Bilingual::new("connected", "연결되었습니다.");
                    self.add(of("TCP", Verdict::Good, finding));
                    return true;
                }
                Ok(Err(error)) => {
                    let error = error.kind();
                    why = Bilingual::new(
                        format!("not connected: {error}"),
                        format!("연결되지 않았습니다: {error}"),
                    );
                }
                Err(_) => {
                    let seconds = PATIENCE.as_secs();
                    why = Bilingual::new(
                        format!("not connected within {seconds} s"),
                        format!("{seconds}초 안에 연결되지 않았습니다."),
                    );
                }
            }
        }
        self.add(of("TCP", Verdict::Wrong, why).next(Bilingual::new(
            "check the port of the URL, firewalls, and whether the platform admits this address",
            "URL의 포트와 방화벽, 플랫폼이 이 주소를 허용하는지를 확인하십시오.",
        )));
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
            Err(error) => {
                self.add(failed(&error, is_tls));
                return;
            }
        };
        let took = sent.elapsed().unwrap_or_default();
        if is_tls {
            let finding = Bilingual::new("the certificate is good", "인증서가 올바릅니다.");
            self.add(of("TLS", Verdict::Good, finding));
        }
        let status = response.status().as_u16();
        let finding = Bilingual::new(
            format!("there is a response, of status {status}"),
            format!("상태가 {status}인 응답이 있습니다."),
        );
        self.add(of("HTTP", Verdict::Good, finding));
        let date = response.headers().get(reqwest::header::DATE);
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        self.compare(date, sent + took / 2);
    }

    fn compare(&mut self, date: Option<SystemTime>, here: SystemTime) {
        let Some(date) = date else {
            let finding = Bilingual::new(
                "the response has no Date header",
                "응답에 Date 헤더가 없습니다.",
            );
            self.add(
                of("clock", Verdict::NotChecked, finding).next(Bilingual::new(
                    "check the clock against another source, such as: chronyc tracking",
                    "다른 기준과 비교하여 시계를 확인하십시오. 예: chronyc tracking",
                )),
            );
            return;
        };
        // The header says the second that has begun.
        let there = date + Duration::from_millis(500);
        let ahead = match there.duration_since(here) {
            Ok(ahead) => ahead.as_secs().cast_signed(),
            Err(behind) => -behind.duration().as_secs().cast_signed(),
        };
        self.ahead = Some(ahead);
        let (verdict, next) = if ahead.abs() <= EXACT {
            (Verdict::Good, None)
        } else if ahead.abs() <= TOO_FAR {
            let next = Bilingual::new("set the clock, by NTP", "NTP로 시계를 맞추십시오.");
            (Verdict::Warning, Some(next))
        } else {
            let next = Bilingual::new(
                "set the clock, by NTP: signatures of another time are refused",
                "NTP로 시계를 맞추십시오. 시각이 다른 서명은 거부됩니다.",
            );
            (Verdict::Wrong, Some(next))
        };
        // A clock is set on this machine: it is no matter of the connection.
        self.add(Check {
            next,
            ..Check::new(About::Configuration, "clock", verdict, difference(ahead))
        });
    }
}

/// Why no response came.
fn failed(error: &reqwest::Error, is_tls: bool) -> Check {
    let cause = konaplate::error::root_cause(error);
    if !error.is_connect() {
        let finding = Bilingual::new(
            format!("no response: {cause}"),
            format!("응답이 없습니다: {cause}"),
        );
        return of("HTTP", Verdict::Wrong, finding).next(Bilingual::new(
            "check that the URL is that of the platform, and a proxy in between",
            "플랫폼의 URL이 맞는지 확인하고, 중간에 있는 프록시도 확인하십시오.",
        ));
    }
    let korean = format!("연결할 수 없습니다: {cause}");
    let finding = Bilingual::new(cause, korean);
    if is_tls {
        of("TLS", Verdict::Wrong, finding).next(Bilingual::new(
            "check the certificate of the platform, this machine's clock, and a proxy that reads TLS",
            "플랫폼의 인증서, 이 컴퓨터의 시계, TLS를 해독하는 프록시를 확인하십시오.",
        ))
    } else {
        of("TCP", Verdict::Wrong, finding).next(Bilingual::new(
            "check the port of the URL",
            "URL의 포트를 확인하십시오.",
        ))
    }
}

/// How far the clock of this machine is from the platform's, which is so many seconds ahead of it.
fn difference(ahead: i64) -> Bilingual {
    let seconds = ahead.abs();
    match ahead {
        0 => Bilingual::new(
            "that of this machine is the platform's, to the second",
            "이 컴퓨터의 시계는 플랫폼의 시계와 초 단위까지 같습니다.",
        ),
        ..0 => Bilingual::new(
            format!("that of this machine is {seconds} s ahead of the platform's"),
            format!("이 컴퓨터의 시계는 플랫폼의 시계보다 {seconds}초 빠릅니다."),
        ),
        _ => Bilingual::new(
            format!("that of this machine is {seconds} s behind the platform's"),
            format!("이 컴퓨터의 시계는 플랫폼의 시계보다 {seconds}초 느립니다."),
        ),
    }
}
