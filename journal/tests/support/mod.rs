//! The two databases, and a network that loses answers.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module that several test files share, each using a part of it"
)]

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use konaplate_journal::Journal;
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A PostgreSQL server of its own, on a free port, with its data in a folder that goes away.
pub struct Postgres {
    server: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// None where PostgreSQL is not installed; it says so then.
    pub fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            eprintln!(
                "PostgreSQL is not installed (Debian: postgresql): its half of this test is skipped"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        // PostgreSQL refuses to run as root. Debian's package has a user for it.
        let as_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let run = |program: &str| {
            let program = bin.join(program);
            if as_root {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            } else {
                Command::new(program)
            }
        };
        if as_root {
            let owned = Command::new("chown")
                .arg("postgres")
                .arg(folder.path())
                .status();
            assert!(owned.unwrap().success());
        }
        let made = run("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "--no-sync"])
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let port = StdListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = run("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self {
            server,
            port,
            _folder: folder,
        })
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A journal in it, as soon as it answers.
    pub async fn journal(&self) -> Journal {
        let started = Instant::now();
        loop {
            match Journal::postgres(&self.url()).await {
                Ok(journal) => return journal,
                Err(error) if started.elapsed() > Duration::from_secs(30) => panic!("{error:?}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

/// Opens the journal in a SQLite file, or in the PostgreSQL that a URL names.
pub async fn journal_at(place: &str) -> Journal {
    if place.starts_with("postgres:") {
        Journal::postgres(place).await.unwrap()
    } else {
        Journal::sqlite(place).await.unwrap()
    }
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

impl Drop for Postgres {
    fn drop(&mut self) {
        // runuser passes the signal on to the server, which then ends by itself.
        let _ = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        let _ = self.server.wait();
    }
}

/// Where initdb and postgres are.
fn programs() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
                .into_iter()
                .flatten()
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect();
            folders.sort();
            folders.reverse();
            let path = std::env::var_os("PATH").unwrap_or_default();
            folders.extend(std::env::split_paths(&path));
            folders
                .into_iter()
                .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        })
        .clone()
}

/// Passes each request on to `upstream`, waits for the answer and throws it away: the platform does
/// what it was asked to, and the caller never hears of it.
pub async fn answers_get_lost(upstream: SocketAddr) -> String {
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

/// Gives every request this JSON as its answer.
pub async fn always_answers(json: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            read_message(&mut client).await;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{json}",
                json.len()
            );
            client.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

/// A whole HTTP message with a content-length.
async fn read_message(stream: &mut TcpStream) -> Vec<u8> {
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
