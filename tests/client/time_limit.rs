//! Promise: the time limit of a call holds, whatever a server lets drip or floods, on runtimes of
//! one thread and of several.
//!
//! Nothing here measures time. Each server goes on for ever, so a call that ends was ended by its
//! limit; and while it lasts, the runtime of the caller goes on with its other tasks.

use crate::support::{builder, ends, is_alone, recharge};
use konaplate::{Delivery, Error, ErrorKind};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// What a server does for ever, once it has read a request.
#[derive(Debug, Clone, Copy)]
enum Drip {
    /// As much as the network takes of this.
    Flood(&'static str),
    /// The first at once, and then the second byte for byte, with pauses.
    Slow(&'static str, &'static str),
}

const DRIPS: [Drip; 7] = [
    Drip::Flood("HTTP/1.1 100 Continue\r\n\r\n"),
    Drip::Flood("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
    Drip::Flood("HTTP/1.1 102 Processing\r\n\r\n"),
    Drip::Slow("", "HTTP/1.1 100 Continue\r\n\r\n"),
    Drip::Slow("HTTP/1.1 200 OK\r\n", "x-new: 1\r\n"),
    Drip::Slow("content-length: 900000\r\n\r\n", " "),
    Drip::Slow("transfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
];

/// A server, on threads of its own: it is to be no part of the runtime that is looked at.
fn server(drip: Drip) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // One client, one connection.
        let (stream, _) = listener.accept().unwrap();
        // The client is gone.
        let _ = play(stream, drip);
    });
    url
}

fn play(mut stream: TcpStream, drip: Drip) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 16_384])?;
    match drip {
        Drip::Flood(text) => {
            let many = text.repeat(4_000);
            loop {
                stream.write_all(many.as_bytes())?;
            }
        }
        Drip::Slow(first, rest) => {
            if first.starts_with(['c', 't']) {
                stream.write_all(HEAD.as_bytes())?;
            }
            stream.write_all(first.as_bytes())?;
            for byte in rest.bytes().cycle() {
                stream.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(())
        }
    }
}

/// Calls each server, and counts what another task of the runtime does meanwhile.
async fn each_ends() {
    let steps = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&steps);
    let other = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    for drip in DRIPS {
        let client = builder(&server(drip))
            .timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        let before = steps.load(Ordering::Relaxed);
        let error: Error = ends(recharge(&client).send()).await.unwrap_err();
        let went_on = steps.load(Ordering::Relaxed) - before;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{drip:?}: {error}");
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);
        // Of two hundred.
        assert!(went_on > 5, "{drip:?}: the runtime stood still");
    }
    other.abort();
}

/// In a process of its own: a flood takes threads that other calls of the process share.
#[tokio::test]
async fn on_a_runtime_of_one_thread() {
    if is_alone("time_limit::on_a_runtime_of_one_thread", &[]) {
        each_ends().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn on_a_runtime_with_one_worker() {
    if is_alone("time_limit::on_a_runtime_with_one_worker", &[]) {
        each_ends().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_a_runtime_of_several_threads() {
    if is_alone("time_limit::on_a_runtime_of_several_threads", &[]) {
        each_ends().await;
    }
}
