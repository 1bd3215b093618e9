//! A PostgreSQL server that a test starts for itself.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module that several test files share, each using a part of it"
)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use konaplate_journal::Journal;

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
        let run = |program: &str| command_as_postgres(&bin.join(program));
        if is_root() {
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
        let port = TcpListener::bind("127.0.0.1:0")
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

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A journal in it, as soon as it responds.
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

impl Drop for Postgres {
    fn drop(&mut self) {
        // runuser passes the signal on to the server, which then ends by itself.
        let _ = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        let _ = self.server.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// PostgreSQL refuses to run as root. Debian's package has a user for it.
pub fn command_as_postgres(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
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
