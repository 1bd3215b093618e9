//! Promise: whatever stands where the platform should, a caller is told that the call may have been
//! carried out, nothing is sent again, and the gateway goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use konaplate_sandbox::Sandbox;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{Served, is_problem, settings};

/// What a server does with each request.
#[derive(Clone)]
enum Does {
    /// Writes these bytes and closes.
    Says(Vec<u8>),
    /// Writes these bytes again and again.
    Repeats(Vec<u8>),
    /// Writes these bytes, and then nothing.
    Stalls(Vec<u8>),
}

/// A server that does so, and how many requests it has seen.
async fn server(does: Does) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (does, count) = (does.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let mut request = vec![0; 64 * 1024];
                let read = stream.read(&mut request).await?;
                if read == 0 {
                    return Ok(());
                }
                count.fetch_add(1, Ordering::SeqCst);
                match does {
                    Does::Says(bytes) => stream.write_all(&bytes).await?,
                    Does::Repeats(bytes) => loop {
                        stream.write_all(&bytes).await?;
                    },
                    Does::Stalls(bytes) => {
                        stream.write_all(&bytes).await?;
                        std::future::pending::<()>().await;
                    }
                }
                stream.shutdown().await
            });
        }
    });
    (url, seen)
}

fn before(sandbox: &Sandbox, url: &str) -> Served {
    let client = sandbox
        .client_builder()
        .base_url(url)
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    Served::with(settings(), client)
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_caller_is_told_that_the_call_may_have_been_carried_out() {
    let json = "content-type: application/json\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let other = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let cases = [
        Does::Says(Vec::new()),
        Does::Says(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(50)),
        Does::Says(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}".to_vec()),
        Does::Says(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}".to_vec()),
        Does::Says(response("200 OK", json, "[]")),
        Does::Says(response("200 OK", json, r#"{"response":{}}"#)),
        Does::Says(response("200 OK", json, r#"{"encData":"a.b.c.d.e"}"#)),
        Does::Says(response(
            "500 No",
            json,
            r#"{"response":{"code":"000_000"}}"#,
        )),
        Does::Says(response(
            "502 Bad Gateway",
            "content-type: text/html\r\n",
            "<html>nginx</html>",
        )),
        Does::Says(response("200 OK", "content-encoding: gzip\r\n", "{}")),
        Does::Says(other.as_bytes().to_vec()),
        Does::Says(format!("{chunked}zz\r\n").into_bytes()),
        Does::Says(response("200 OK", json, &"[".repeat(100_000))),
        Does::Repeats(b"HTTP/1.1 102 Processing\r\n\r\n".to_vec()),
        Does::Repeats([b"HTTP/1.1 200 OK\r\nx-y: ".as_slice(), &[b'a'; 4096]].concat()),
        Does::Repeats([chunked.as_bytes(), b"1000\r\n", &[b'a'; 4096], b"\r\n"].concat()),
        Does::Stalls(Vec::new()),
        Does::Stalls(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec()),
    ];
    // Its keys; nothing reaches it.
    let sandbox = Sandbox::start().await.unwrap();
    for (number, does) in cases.into_iter().enumerate() {
        let (url, seen) = server(does).await;
        let gateway = before(&sandbox, &url);
        let body = json!({"userId": 10_000_000_001_u64}).to_string();
        let received = gateway.post("/api/v1/user/info", body).await;
        let is_late = received.status == 504;
        let kind = if is_late {
            "no-response"
        } else {
            "unexpected-response"
        };
        let status = if is_late { 504 } else { 502 };
        is_problem(&received, status, kind, "maybe-processed");
        assert_eq!(
            seen.load(Ordering::SeqCst),
            1,
            "case {number} was sent once"
        );
        // It goes on.
        let health = gateway.http.get(format!("{}/healthz", gateway.url));
        assert_eq!(health.send().await.unwrap().text().await.unwrap(), "ok\n");
    }
}
