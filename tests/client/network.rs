//! Promise: a proxy, an own certificate authority and mutual TLS are set as `ClientBuilder::http`
//! shows, against a server that wants them, and what lacks one of them is not sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::NotListening;
use konaplate::{Delivery, Error, ErrorKind};
use konaplate_sandbox::Sandbox;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// An authority of somebody's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn certificate(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_pem(self.0.pem().as_bytes()).unwrap()
    }

    fn issue(&self, purpose: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate, key)
    }

    /// A client's certificate and its key, one after the other.
    fn identity(&self) -> reqwest::Identity {
        let (certificate, key) = self.issue(ExtendedKeyUsagePurpose::ClientAuth);
        let pem = certificate.pem() + &key.serialize_pem();
        reqwest::Identity::from_pem(pem.as_bytes()).unwrap()
    }
}

/// A server with TLS before the sandbox, which wants certificates of `clients`. Its URL.
async fn tls_before(sandbox: &Sandbox, servers: &Authority, clients: &Authority) -> String {
    let (certificate, key) = servers.issue(ExtendedKeyUsagePurpose::ServerAuth);
    let mut roots = RootCertStore::empty();
    roots.add(clients.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sandbox = sandbox.address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut platform = TcpStream::connect(sandbox).await?;
                copy_bidirectional(&mut stream, &mut platform).await
            });
        }
    });
    format!("https://localhost:{port}")
}

/// A proxy that makes tunnels, and what it was asked for.
struct Proxy {
    url: String,
    seen: Arc<Mutex<String>>,
    tunnels: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            tunnels: Arc::default(),
        };
        let (seen, tunnels) = (Arc::clone(&proxy.seen), Arc::clone(&proxy.tunnels));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, tunnels) = (Arc::clone(&seen), Arc::clone(&tunnels));
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await? > 0 {}
                    let port = head
                        .split([':', ' '])
                        .nth(2)
                        .and_then(|port| port.parse().ok());
                    seen.lock().unwrap().push_str(&head);
                    let to = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
                    let mut server = TcpStream::connect(to).await?;
                    tunnels.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                    copy_bidirectional(&mut stream, &mut server).await
                });
            }
        });
        proxy
    }
}

/// As the documentation of `ClientBuilder::http` has it.
fn as_documented(proxy: &str, servers: &Authority, clients: &Authority) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy).unwrap())
        .tls_certs_only([servers.certificate()])
        .identity(clients.identity())
}

/// A call of the sandbox's client, with this address and these settings of the network.
async fn ask(sandbox: &Sandbox, url: &str, http: reqwest::ClientBuilder) -> Result<(), Error> {
    let builder = sandbox.client_builder().base_url(url).http(http);
    let client = builder.build().unwrap();
    client.get_deposit_balance().send().await.map(drop)
}

#[tokio::test]
async fn through_a_proxy_with_an_own_authority_and_a_client_certificate() {
    let sandbox = Sandbox::start().await.unwrap();
    let (servers, clients) = (Authority::new(), Authority::new());
    let url = tls_before(&sandbox, &servers, &clients).await;
    let proxy = Proxy::start().await;
    let http = as_documented(&proxy.url, &servers, &clients);
    ask(&sandbox, &url, http).await.unwrap();
    assert_eq!(proxy.tunnels.load(Ordering::SeqCst), 1);
    // The proxy sees the host, and no key.
    let seen = proxy.seen.lock().unwrap().to_lowercase();
    assert!(seen.starts_with("connect localhost:"), "{seen}");
    assert!(!seen.contains("x-km-"), "{seen}");
}

/// The same without a part of it.
#[tokio::test]
async fn without_one_of_them_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (servers, clients) = (Authority::new(), Authority::new());
    let url = tls_before(&sandbox, &servers, &clients).await;
    let direct = || reqwest::Client::builder().no_proxy();
    let stranger = Authority::new();
    for (what, http, kind, cause) in [
        (
            "a server of an authority that is not known",
            direct().identity(clients.identity()),
            ErrorKind::Connect,
            "certificate",
        ),
        (
            "a server of another authority",
            direct()
                .tls_certs_only([stranger.certificate()])
                .identity(clients.identity()),
            ErrorKind::Connect,
            "certificate",
        ),
        // TLS 1.3 says so after the handshake, when the request may be on its way, or before its body is.
        (
            "no client certificate",
            direct().tls_certs_only([servers.certificate()]),
            ErrorKind::Transport,
            "alert",
        ),
        (
            "a client certificate of another authority",
            direct()
                .tls_certs_only([servers.certificate()])
                .identity(stranger.identity()),
            ErrorKind::Transport,
            "alert",
        ),
    ] {
        let error = ask(&sandbox, &url, http).await.unwrap_err();
        let is_unsent = (error.kind(), error.delivery()) == (ErrorKind::Connect, Delivery::NotSent);
        assert!(is_unsent || error.kind() == kind, "{what}: {error:?}");
        assert!(error.to_string().contains(cause), "{what}: {error}");
    }
    let proxy = NotListening::new();
    let http = as_documented(&proxy.url, &servers, &clients);
    let error = ask(&sandbox, &url, http).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Connect, Delivery::NotSent)
    );
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(sandbox.requests().is_empty());
}
