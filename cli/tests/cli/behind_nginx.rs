//! Promise: two gateways behind a load balancer share a journal in PostgreSQL, and what one of them
//! sent the other does not send again.
#![cfg(unix)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use konaplate_cli::gateway::Settings;
use konaplate_sandbox::Sandbox;

use crate::support::{RECHARGE, Served, plain, settings};

#[path = "../../../journal/tests/journal/support/postgres.rs"]
mod postgres;

use postgres::Postgres;

/// An nginx that passes requests on to one gateway and the other in turn.
struct Nginx {
    server: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    fn start(gateways: [&Served; 2]) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("nginx is not installed (Debian: nginx-light): this test is skipped");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let [one, two] = gateways.map(|gateway| gateway.address);
        // As the README has it.
        let configuration = format!(
            "daemon off; pid {at}/pid; error_log stderr; worker_processes 1;
             events {{ worker_connections 256; }}
             http {{
                 access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
                 fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
                 upstream konaplate {{ server {one}; server {two}; keepalive 32; }}
                 server {{
                     listen 127.0.0.1:{port};
                     location / {{
                         proxy_pass http://konaplate;
                         proxy_http_version 1.1;
                         proxy_set_header Connection '';
                         proxy_set_header Host gateway.internal;
                         proxy_next_upstream off;
                     }}
                 }}
             }}"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let server = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self {
            server,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let id = self.server.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.server.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path)
        .map(|folder| folder.join("nginx"))
        .chain([Path::new("/usr/sbin/nginx").to_owned()]);
    places.find(|place| place.exists())
}

fn named() -> Settings {
    let mut settings = settings();
    settings.hosts = vec!["gateway.internal".to_owned()];
    settings
}

#[tokio::test]
async fn what_one_gateway_sent_the_other_does_not_send_again() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let mut gateways = Vec::new();
    for _ in 0..2 {
        // Connections of their own, as two processes have.
        let journal = Arc::new(postgres.journal().await);
        let client = sandbox.client_builder().journal(journal).build().unwrap();
        gateways.push(Served::with(named(), client));
    }
    let Some(nginx) = Nginx::start([&gateways[0], &gateways[1]]) else {
        return;
    };
    let balanced = Served {
        url: nginx.url.clone(),
        http: plain(),
        ..gateways.pop().unwrap()
    };
    let health = format!("{}/healthz", nginx.url);
    let mut is_up = false;
    for _ in 0..300 {
        is_up = balanced
            .http
            .get(&health)
            .send()
            .await
            .is_ok_and(|r| r.status() == 200);
        if is_up {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(is_up, "nginx");

    // Each recharge, and the same once more: the load balancer takes the other one for it.
    for number in 0..8 {
        let sequence_id = format!("BANK-{number}");
        let body = balanced.recharge_of(&sequence_id).await;
        let first = balanced.post(RECHARGE, body.clone()).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let seen = sandbox.requests().len();
        let second = balanced.post(RECHARGE, body).await;
        assert_eq!(second.delivery, "earlier-call", "{}", second.body);
        assert_eq!(sandbox.requests().len(), seen, "the journal has it");
    }
    assert_eq!(sandbox.postings(), 8);
}
