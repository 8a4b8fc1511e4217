//! TLS: which certificate the server shows, and which clients may show theirs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::authority::{Files, Own};
use crate::documents::io_reason;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{}：{}", path.display(), io_reason(source))]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{} 不是有效的 PEM 证书或密钥", .0.display())]
    Spoilt(PathBuf),
    /// A certificate could not be made.
    #[error("无法生成证书：{0}")]
    Make(#[from] rcgen::Error),
    /// Certificate and key cannot be used.
    #[error("证书或密钥不能使用：{0}")]
    Unfit(#[from] rustls::Error),
    /// The certificates of those who sign clients' cannot be used.
    #[error("客户端证书的颁发者不能使用：{0}")]
    Clients(String),
}

/// Where the server's certificate comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// From an authority of our own, in these files, for these names.
    Own {
        /// The files.
        files: Files,
        /// The names and addresses.
        names: Vec<String>,
    },
    /// From whoever gave it to the office.
    Given {
        /// The certificate, those between it and the root after it, in PEM.
        certificate: PathBuf,
        /// Its key, in PEM.
        key: PathBuf,
    },
}

/// What TLS is set up from.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The server's certificate.
    pub source: Source,
    /// Whose signature makes a client's certificate good, in PEM.
    pub client_ca: Option<PathBuf>,
}

/// TLS that is set up.
#[derive(Debug, Clone)]
pub struct Ready {
    tls: Tls,
    /// What is shown now.
    pub(super) config: RustlsConfig,
    /// Our own authority, when it is ours.
    pub own: Option<Own>,
}

impl Tls {
    /// Reads or makes what is needed.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn ready(self, today: chrono::NaiveDate) -> Result<Ready, TlsError> {
        let (config, own) = self.load(today)?;
        Ok(Ready { tls: self, config: RustlsConfig::from_config(config), own })
    }

    fn load(&self, today: chrono::NaiveDate) -> Result<(Arc<ServerConfig>, Option<Own>), TlsError> {
        match &self.source {
            Source::Own { files, names } => {
                let own = files.own(names, today)?;
                let chain = CertificateDer::pem_slice_iter(own.chain_pem.as_bytes()).flatten().collect();
                let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes());
                let key = key.map_err(|_| TlsError::Spoilt(PathBuf::from("server.key")))?;
                Ok((self.config(chain, key)?, Some(own)))
            }
            Source::Given { certificate, key } => {
                let chain = certificates(certificate)?;
                let pem = read(key)?;
                let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| TlsError::Spoilt(key.clone()))?;
                Ok((self.config(chain, key)?, None))
            }
        }
    }

    fn config(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|error| TlsError::Clients(error.to_string()))?;
                }
                // Whoever has none signs in with a password.
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| TlsError::Clients(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl Ready {
    /// Reads again what may have changed: a certificate that somebody replaced, one of ours that runs out. What is
    /// shown stays when that fails.
    pub(super) fn renew(&self, today: chrono::NaiveDate) {
        match self.tls.load(today) {
            Ok((config, _)) => self.config.reload_from_config(config),
            Err(error) => tracing::warn!(%error, "the certificate could not be read again"),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    if found.is_empty() { Err(TlsError::Spoilt(path.to_owned())) } else { Ok(found) }
}
