//! The listener's certificate and key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificate and key of a listener.
#[derive(Clone)]
pub struct Tls(pub(super) RustlsConfig);

impl Tls {
    /// Reads the certificate with its chain, and its private key, from files in PEM.
    ///
    /// # Errors
    /// A file cannot be read, is not in PEM, or the key is not that of the certificate.
    pub fn read(certificates: &Path, key: &Path) -> Result<Self> {
        let unreadable =
            |what: &str, file: &Path| format!("{what}: cannot read {}", file.display());
        let chain: Vec<_> = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect)
            .with_context(|| unreadable("tls-cert", certificates))?;
        ensure!(
            !chain.is_empty(),
            "tls-cert: must have a certificate in PEM"
        );
        let key = PrivateKeyDer::from_pem_file(key).with_context(|| unreadable("tls-key", key))?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .context("tls-key: must be the key of the certificate")?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(RustlsConfig::from_config(Arc::new(config))))
    }
}

impl fmt::Debug for Tls {
    /// Shows nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[certificate and key]")
    }
}
