//! Promise: routes beside the operations are served to this machine only, and take nothing from what is
//! there without them.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use axum::Router;
use axum::routing::{get, post};
use konaplate_sandbox::Sandbox;
use serde_json::json;

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn pages() -> Router {
    Router::new()
        .route("/", get(async || "front page"))
        .route("/__sandbox/pages/{name}", get(async || "page"))
        .route("/echo", post(async |body: String| body))
}

async fn started() -> Sandbox {
    Sandbox::builder().beside(pages()).start().await.unwrap()
}

#[tokio::test]
async fn pages_stand_beside_operations_and_control_api() {
    let sandbox = started().await;
    let fetch = async |path: &str| {
        let url = format!("{}{path}", sandbox.base_url());
        let response = http().get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(fetch("/").await, (200, "front page".to_owned()));
    assert_eq!(fetch("/__sandbox/pages/1").await, (200, "page".to_owned()));
    let echo = http()
        .post(format!("{}/echo", sandbox.base_url()))
        .body("x");
    assert_eq!(echo.send().await.unwrap().text().await.unwrap(), "x");
    // No calls, so not in the log.
    assert_eq!(sandbox.requests(), []);

    assert_eq!(fetch("/__sandbox/clock").await.0, 200);
    assert_eq!(fetch("/__sandbox/nothing").await.0, 404);
    let (status, body) = fetch("/nothing").await;
    assert_eq!(status, 404);
    assert!(body.contains("sandbox:path"), "{body}");
    let client = sandbox.client();
    let call = client.raw("get_bank_recharge_result", json!({"sequenceId": "S"}));
    assert_eq!(
        call.send().await.unwrap_err().code().unwrap().code(),
        "007_009"
    );
}

#[tokio::test]
async fn a_page_of_somebody_else_is_refused() {
    let sandbox = started().await;
    let port = sandbox.address().port();
    let host = format!("127.0.0.1:{port}");
    let own = format!("http://{host}");
    for (host, origin, status) in [
        (host.clone(), None, 200),
        (format!("localhost:{port}"), None, 200),
        (host.clone(), Some(own.as_str()), 200),
        (format!("rebound.example:{port}"), None, 403),
        (host.clone(), Some("https://example.com"), 403),
        (host.clone(), Some("null"), 403),
    ] {
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/__sandbox/pages/1"),
            ("POST", "/echo"),
        ] {
            let url = format!("{own}{path}");
            let mut request = http()
                .request(method.parse().unwrap(), url)
                .header("host", &host);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status, "{path} {host} {origin:?}");
        }
    }
}

#[tokio::test]
async fn other_machines_are_refused() {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let builder = Sandbox::builder().listen(everywhere).beside(pages());
    let sandbox = builder.start().await.unwrap();
    // The address that this machine would use to reach another one; nothing is sent for that.
    let outside = UdpSocket::bind(everywhere).and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Some(outside) = outside.ok().filter(|address| !address.ip().is_loopback()) else {
        println!("skipped: this machine has no address but the loopback interface's");
        return;
    };
    let port = sandbox.address().port();
    let response = http()
        .get(format!("http://{}:{port}/", outside.ip()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    let here = http()
        .get(format!("{}/", sandbox.base_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(here.status(), 200);
}

#[tokio::test]
async fn a_fallback_of_the_routes_takes_nothing_from_the_operations() {
    let pages = pages().fallback(async || "not here");
    let sandbox = Sandbox::builder().beside(pages).start().await.unwrap();
    let url = format!("{}/nothing", sandbox.base_url());
    let body = http().get(url).send().await.unwrap().text().await.unwrap();
    assert!(body.contains("sandbox:path"), "{body}");
}

#[tokio::test]
async fn the_routes_own_limit_of_a_body_applies() {
    let sandbox = started().await;
    let large = http().post(format!("{}/echo", sandbox.base_url()));
    let response = large
        .body(vec![b'x'; 3 * 1024 * 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
}
