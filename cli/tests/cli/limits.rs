//! Promise: every phase has a limit, and what goes beyond it is ended or told so.

use std::time::Duration;

use konaplate_cli::gateway::{Limits, Settings};
use konaplate_sandbox::{Fault, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{CARD, Served, Stage, TOKEN, is_problem, settings};

/// Short ones: a test waits for them.
fn limited(change: impl FnOnce(&mut Limits)) -> Settings {
    let mut settings = settings();
    settings.limits.read = Duration::from_millis(300);
    change(&mut settings.limits);
    settings
}

/// All that comes until the gateway closes the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let ended = tokio::time::timeout(Duration::from_secs(60), read).await;
    // A reset is an end, too.
    let _ = ended.expect("the connection stays open");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_body_has_at_most_so_many_bytes() {
    let stage = Stage::new().await;
    let limit = Limits::default().body;
    let large = stage.gateway.post(TOKEN, vec![b' '; limit + 1]).await;
    is_problem(&large, 413, "body-size", "not-sent");
    let padding = " ".repeat(limit - 29);
    let fits = format!(r#"{{"cardNo":"{CARD}"}}{padding}"#);
    assert!(fits.len() <= limit);
    assert_eq!(stage.gateway.post(TOKEN, fits).await.status, 200);
}

#[tokio::test]
async fn a_head_has_at_most_so_many_bytes() {
    let stage = Stage::new().await;
    let body = json!({ "cardNo": CARD }).to_string();
    for (length, status) in [(32 * 1024, 200), (128 * 1024, 431)] {
        let request = stage.gateway.request(TOKEN, body.clone());
        let request = request.header("x-long", "a".repeat(length));
        assert_eq!(request.send().await.unwrap().status(), status, "{length}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_end_and_an_idle_connection_are_closed() {
    let stage = Stage::set_up(limited(|_| ())).await;
    for begun in ["", "POST /api/v1/user/info HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut stream = TcpStream::connect(stage.gateway.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let said = until_closed(&mut stream).await;
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_body_that_drips_is_ended() {
    let stage = Stage::set_up(limited(|_| ())).await;
    let stream = TcpStream::connect(stage.gateway.address).await.unwrap();
    let (mut reads, mut writes) = stream.into_split();
    let head = format!(
        "POST {TOKEN} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: 100000\r\n\r\n"
    );
    writes.write_all(head.as_bytes()).await.unwrap();
    // A byte now and then, so that no pause is as long as the limit.
    let drip = tokio::spawn(async move {
        while writes.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut said = vec![0; 12];
    let read = reads.read_exact(&mut said);
    let read = tokio::time::timeout(Duration::from_secs(60), read).await;
    read.expect("the body may drip").unwrap();
    assert_eq!(said, b"HTTP/1.1 408");
    drip.abort();
    assert!(stage.sandbox.requests().is_empty());
}

#[tokio::test]
async fn there_are_so_many_connections_and_no_more() {
    let stage = Stage::set_up(limited(|limits| {
        limits.connections = 2;
        limits.read = Duration::from_secs(60);
    }))
    .await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(stage.gateway.address).await.unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut said = [0; 15];
        stream.read_exact(&mut said).await.unwrap();
        kept.push(stream);
    }
    let mut third = TcpStream::connect(stage.gateway.address).await.unwrap();
    assert_eq!(until_closed(&mut third).await, "");
    // As one ends, another has room, once the gateway has seen the end.
    kept.pop();
    let health = format!("{}/healthz", stage.gateway.url);
    let mut served = false;
    for _ in 0..600 {
        served = stage.gateway.http.get(&health).send().await.is_ok();
        if served {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(served);
}

#[tokio::test]
async fn a_call_that_finds_no_room_is_told_so_and_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let gateway = Served::with(limited(|limits| limits.calls = 1), sandbox.client());
    let body = json!({ "cardNo": CARD }).to_string();
    sandbox.fault_next(Fault::Delay { millis: 15_000 }).unwrap();
    let slow = tokio::spawn(gateway.request(TOKEN, body.clone()).send());
    while sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let busy = gateway.post(TOKEN, body).await;
    is_problem(&busy, 503, "busy", "not-sent");
    assert_eq!(sandbox.requests().len(), 1);
    slow.abort();
}

#[tokio::test]
async fn a_peer_that_takes_nothing_of_its_response_is_closed() {
    let stage = Stage::set_up(limited(|limits| {
        limits.write = Duration::from_millis(300);
        limits.read = Duration::from_secs(60);
        limits.connections = 1;
    }))
    .await;
    // Pipelined requests whose responses fill what the two sockets hold.
    let mut stream = TcpStream::connect(stage.gateway.address).await.unwrap();
    let request = b"GET /unknown HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    let flood = async { while stream.write_all(&request).await.is_ok() {} };
    let closed = tokio::time::timeout(Duration::from_secs(60), flood).await;
    closed.expect("the peer may keep its connection");
}
