//! The two databases, and a network that loses responses.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module that several test files share, each using a part of it"
)]

mod pgbouncer;
mod postgres;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use konaplate::{Client, ClientBuilder};
use konaplate_journal::{Entry, Filter, Journal, RecoverPolicy, State};
use konaplate_sandbox::Sandbox;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;

pub const USER: u64 = 10_000_000_001;
pub const CARD: &str = "9491339401250765";
pub const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

/// Opens the journal in a SQLite file, or in the PostgreSQL that a URL names.
pub async fn journal_at(place: &str) -> Journal {
    if place.starts_with("postgres:") {
        Journal::postgres(place).await.unwrap()
    } else {
        Journal::sqlite(place).await.unwrap()
    }
}

/// Recovers whatever is open and not under way.
pub fn at_once() -> RecoverPolicy {
    let mut policy = RecoverPolicy::default();
    policy.min_age = Duration::ZERO;
    policy.pause = Duration::ZERO;
    policy
}

/// A recharge of 20,000 KRW with this sequence id, which the caller is sure of.
pub async fn recharge(
    client: &Client,
    sandbox: &Sandbox,
    sequence_id: &str,
) -> Result<(), konaplate::Error> {
    recharge_with(client, &sandbox.client(), sequence_id).await
}

/// The same, with a token that `tokens` gets.
pub async fn recharge_with(
    client: &Client,
    tokens: &Client,
    sequence_id: &str,
) -> Result<(), konaplate::Error> {
    let token = tokens.issue_one_time_token().card_no(CARD).send().await?;
    client
        .recharge_from_bank_account()
        .sequence_id(sequence_id)
        .user_id(USER)
        .amount(20_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(konaplate_sandbox::fixtures::MERCHANTS[0])
        .send()
        .await
        .map(drop)
}

/// Runs statements of the test's own on the journal's tables.
pub async fn run(place: &str, statements: &'static str) {
    if place.starts_with("postgres:") {
        let mut connection = PgConnection::connect(place).await.unwrap();
        connection
            .execute("SET search_path TO konaplate")
            .await
            .unwrap();
        connection.execute(statements).await.unwrap();
    } else {
        let mut connection = SqliteConnection::connect(place).await.unwrap();
        connection.execute(statements).await.unwrap();
    }
}

/// All entries in a state, page by page.
pub async fn all(journal: &Journal, state: State) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut filter = Filter::from(state).at_most(1_000);
    loop {
        let page = journal.entries(filter).await.unwrap();
        entries.extend(page.entries);
        match page.next {
            Some(place) => filter = Filter::from(state).at_most(1_000).after(place),
            None => return entries,
        }
    }
}

/// A client of the sandbox's project with this journal.
pub fn client(sandbox: &Sandbox, journal: &Journal) -> Client {
    builder(sandbox, journal).build().unwrap()
}

/// The same, on a way to the sandbox that loses or changes something: its URL takes the place of a
/// proxy, so that the project is the same one.
pub fn client_through(sandbox: &Sandbox, journal: &Journal, url: &str) -> Client {
    builder(sandbox, journal)
        .http(through(url))
        .build()
        .unwrap()
}

pub fn builder(sandbox: &Sandbox, journal: &Journal) -> ClientBuilder {
    sandbox.client_builder().journal(Arc::new(journal.clone()))
}

pub fn through(url: &str) -> reqwest::ClientBuilder {
    reqwest::Client::builder().proxy(reqwest::Proxy::http(url).unwrap())
}

/// Runs a test with a SQLite file that is not there yet, and with an empty PostgreSQL where that is
/// installed. The test opens its own journals there, with [`journal_at`].
pub async fn at_both<F: AsyncFn(&str)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    test(folder.path().join("journal.db").to_str().unwrap()).await;
    if let Some(postgres) = Postgres::start() {
        let started = Instant::now();
        while let Err(error) = PgConnection::connect(&postgres.url()).await {
            assert!(started.elapsed() < Duration::from_secs(30), "{error:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        test(&postgres.url()).await;
    }
}

/// Passes each request on to `upstream`, waits for the response and throws it away: the platform
/// does what it was asked to, and the caller never hears of it.
pub async fn responses_get_lost(upstream: SocketAddr) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let request = read_message(&mut client).await;
                let mut server = TcpStream::connect(upstream).await.unwrap();
                server.write_all(&request).await.unwrap();
                read_message(&mut server).await;
            });
        }
    });
    url
}

/// Takes each request and closes the connection: the platform never hears of it, and the client cannot
/// know.
pub async fn requests_get_lost() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            read_message(&mut client).await;
        }
    });
    url
}

/// Passes each request on to `upstream` at once, and its response when that is allowed.
pub async fn responses_wait(upstream: SocketAddr) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let allowed = Arc::new(Notify::new());
    let waits = Arc::clone(&allowed);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let waits = Arc::clone(&waits);
            tokio::spawn(async move {
                let request = read_message(&mut client).await;
                let mut server = TcpStream::connect(upstream).await.unwrap();
                server.write_all(&request).await.unwrap();
                let response = read_message(&mut server).await;
                waits.notified().await;
                client.write_all(&response).await.unwrap();
            });
        }
    });
    (url, allowed)
}

/// Gives every request this JSON as its response.
pub async fn always_responds(json: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            read_message(&mut client).await;
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{json}",
                json.len()
            );
            client.write_all(response.as_bytes()).await.unwrap();
        }
    });
    url
}

/// A whole HTTP message with a content-length.
pub async fn read_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, _)| {
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            bytes.len() >= head.len() + 4 + length
        });
        if whole || read == 0 {
            return bytes;
        }
    }
}
