//! A `PgBouncer` that a test starts for itself, before a PostgreSQL of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::Postgres;
use super::postgres::command_as_postgres;

pub struct PgBouncer {
    server: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// With few connections to the server, which it gives out by `mode`. None where it is not
    /// installed; it says so then.
    pub fn start(postgres: &Postgres, mode: &str) -> Option<Self> {
        let program = Path::new("/usr/sbin/pgbouncer");
        if !program.exists() {
            eprintln!("PgBouncer is not installed (Debian: pgbouncer): this test is skipped");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let users = folder.path().join("users.txt");
        std::fs::write(&users, "\"postgres\" \"\"\n").unwrap();
        let settings = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} dbname=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n\
             auth_file = {}\npool_mode = {mode}\ndefault_pool_size = 3\n\
             ignore_startup_parameters = extra_float_digits\nmax_client_conn = 100\n",
            postgres.port(),
            users.display(),
        );
        std::fs::write(&settings, text).unwrap();
        for readable in [folder.path(), &users, &settings] {
            let mut permissions = std::fs::metadata(readable).unwrap().permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
            std::fs::set_permissions(readable, permissions).unwrap();
        }
        let server = command_as_postgres(program)
            .arg("--quiet")
            .arg(&settings)
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
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // runuser passes the signal on.
        let _ = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        let _ = self.server.wait();
    }
}
