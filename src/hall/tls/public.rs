//! The certificate that citizens' phones see: a chain and a key from PEM files, checked against the public name,
//! read again when the files change. While they do not fit together the last good ones stay in use.
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::verify::provider;

/// Certificate and key of the public pages.
pub(crate) struct PublicCertificate {
    name: String,
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<State>,
}

#[derive(Default)]
struct State {
    usable: Option<Arc<CertifiedKey>>,
    stamp: Stamp,
}

/// What tells that a file was replaced.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublicCertificateError {
    #[error("{}: {message}", path.display())]
    Pem { path: PathBuf, message: String },
    #[error("{} holds no certificate", .0.display())]
    Empty(PathBuf),
    #[error("the key does not belong to the certificate, or is of a kind that cannot be used")]
    Key,
    #[error("the certificate is not for the name {0}")]
    Name(String),
}

impl PublicCertificate {
    pub(crate) fn new(name: &str, chain: &Path, key: &Path) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            chain: chain.to_owned(),
            key: key.to_owned(),
            current: RwLock::default(),
        })
    }

    /// Whether phones can be served.
    pub(crate) fn is_usable(&self) -> bool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).usable.is_some()
    }

    /// Reads the files if they changed since the last look; `None` if they did not.
    pub(crate) fn look_again(&self) -> Option<Result<(), PublicCertificateError>> {
        let stamp = [stamp(&self.chain), stamp(&self.key)];
        if self.current.read().unwrap_or_else(PoisonError::into_inner).stamp == stamp {
            // Two missing files look as they did before the first look.
            return (!self.is_usable() && stamp == Stamp::default()).then(|| self.read().map(drop));
        }
        let read = self.read();
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.stamp = stamp;
        Some(read.map(|key| current.usable = Some(key)))
    }

    fn read(&self) -> Result<Arc<CertifiedKey>, PublicCertificateError> {
        let failed = |path: &Path, error: rustls::pki_types::pem::Error| PublicCertificateError::Pem {
            path: path.to_owned(),
            message: error.to_string(),
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.chain)
            .and_then(Iterator::collect)
            .map_err(|error| failed(&self.chain, error))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| failed(&self.key, error))?;
        let leaf = chain.first().ok_or_else(|| PublicCertificateError::Empty(self.chain.clone()))?;
        let fits = ParsedCertificate::try_from(leaf)
            .and_then(|leaf| {
                let name = ServerName::try_from(self.name.as_str()).map_err(|_| rustls::Error::UnsupportedNameType)?;
                rustls::client::verify_server_name(&leaf, &name)
            })
            .is_ok();
        if !fits {
            return Err(PublicCertificateError::Name(self.name.clone()));
        }
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|_| PublicCertificateError::Key)?;
        Ok(Arc::new(certified))
    }
}

impl std::fmt::Debug for PublicCertificate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PublicCertificate({})", self.name)
    }
}

impl ResolvesServerCert for PublicCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).usable.clone()
    }
}

/// TLS for citizens' phones; 1.2 stays, because old phones have nothing newer.
pub(crate) fn for_phones(certificate: Arc<PublicCertificate>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
