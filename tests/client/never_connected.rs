//! Promise: a call that never had a connection was not sent, in whatever order its time limits end
//! it, and whatever stood in the way.

use crate::support::{NotListening, Server, builder, json_response, recharge};
use konaplate::{Client, ClientBuilder, Delivery, ErrorKind, RetryPolicy};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// An address that no connection is made to, since nobody takes those that wait.
struct Full {
    url: String,
    _waiting: (TcpListener, Vec<TcpStream>),
}

impl Full {
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        // The system lets a few more wait than it was told.
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(address)).await
        {
            waiting.push(stream);
        }
        Self {
            url: format!("http://{address}"),
            _waiting: (listener, waiting),
        }
    }
}

/// An address that takes connections and says nothing.
async fn silent() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap().to_string(), listener)
}

/// A builder with a limit that is shorter than the one for connecting.
fn in_a_second(url: &str) -> ClientBuilder {
    builder(url)
        .timeout(Duration::from_secs(1))
        .connect_timeout(Duration::from_secs(60))
}

async fn was_not_sent(client: &Client) {
    let error = recharge(client).send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
}

#[tokio::test]
async fn whichever_limit_is_shorter() {
    let full = Full::new().await;
    let limits = [(1, 60), (60, 1), (1, 1)];
    for (limit, connecting) in limits {
        let client = builder(&full.url)
            .timeout(Duration::from_secs(limit))
            .connect_timeout(Duration::from_secs(connecting))
            .build()
            .unwrap();
        was_not_sent(&client).await;
    }
}

#[tokio::test]
async fn where_the_limit_of_a_retry_is_shorter() {
    let full = Full::new().await;
    let client = builder(&full.url)
        .connect_timeout(Duration::from_secs(60))
        .retry_reads(RetryPolicy::new().deadline(Duration::from_secs(1)))
        .build()
        .unwrap();
    let error = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
}

#[tokio::test]
async fn where_a_handshake_does_not_end() {
    let (address, _listener) = silent().await;
    let builder = in_a_second(&format!("https://{address}"));
    was_not_sent(&builder.build().unwrap()).await;
}

#[tokio::test]
async fn where_a_proxy_does_not_make_its_tunnel() {
    let (address, _listener) = silent().await;
    let proxy = reqwest::Proxy::all(format!("http://{address}")).unwrap();
    let builder =
        in_a_second("https://platform.example.com").http(reqwest::Client::builder().proxy(proxy));
    was_not_sent(&builder.build().unwrap()).await;
}

#[tokio::test]
async fn where_nobody_listens() {
    was_not_sent(&builder(&NotListening::new().url).build().unwrap()).await;
}

/// The other side of it: one byte of the body makes it uncertain.
#[tokio::test]
async fn what_left_may_have_been_carried_out() {
    let (address, _listener) = silent().await;
    let client = builder(&format!("http://{address}"))
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let error = recharge(&client).send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeProcessed, "{error}");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    // The length of the body is still said.
    let server = Server::start(json_response(200, r#"{"response":{"code":"000_000"}}"#)).await;
    let _ = recharge(&server.client()).send().await;
    let request = server.request();
    assert_eq!(
        request.header("content-length"),
        request.body.len().to_string()
    );
    assert_eq!(request.header("transfer-encoding"), "");
}
