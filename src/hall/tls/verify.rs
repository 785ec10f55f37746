//! Checks that a client certificate chains to the hall's CA, at a time inside the certificate's own validity.
//! So neither side's wrong clock locks a terminal out; who may do what is decided at each request.
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate};

use super::TlsError;

/// What the hall needs to know of a certificate.
#[derive(Clone, Debug)]
pub(crate) struct CertificateFacts {
    pub(crate) spki_sha256: Vec<u8>,
    /// Raw Ed25519 key of a terminal; empty for other algorithms.
    pub(crate) public_key: Vec<u8>,
    /// The URI that names it.
    pub(crate) uri: String,
    pub(crate) not_before_s: i64,
    pub(crate) not_after_s: i64,
}

/// Reads a certificate; nothing is verified.
pub(crate) fn facts(der: &[u8]) -> Option<CertificateFacts> {
    let (rest, cert) = X509Certificate::from_der(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let uri = cert
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(names),
            _ => None,
        })
        .flat_map(|names| names.general_names.iter())
        .find_map(|name| match name {
            GeneralName::URI(uri) => Some((*uri).to_owned()),
            _ => None,
        })?;
    Some(CertificateFacts {
        spki_sha256: Sha256::digest(cert.public_key().raw).to_vec(),
        public_key: cert.public_key().subject_public_key.data.to_vec(),
        uri,
        not_before_s: cert.validity().not_before.timestamp(),
        not_after_s: cert.validity().not_after.timestamp(),
    })
}

/// Whether a certificate chains to this CA, at a time inside its own validity.
pub(crate) fn is_of(ca: &CertificateDer<'static>, der: &[u8], now_ms: i64) -> Result<bool, TlsError> {
    let verifier = ClockBlind::new(ca)?;
    let cert = CertificateDer::from(der);
    let now = UnixTime::since_unix_epoch(Duration::from_millis(now_ms.unsigned_abs()));
    Ok(verifier.verify_client_cert(&cert, &[], now).is_ok())
}

/// Client verifier that no clock can fool.
#[derive(Debug)]
pub(super) struct ClockBlind {
    inner: Arc<dyn ClientCertVerifier>,
}

impl ClockBlind {
    pub(super) fn new(ca: &CertificateDer<'static>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add(ca.clone())?;
        let inner = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .allow_unauthenticated()
            .build()
            .map_err(|error| TlsError::Verifier(error.to_string()))?;
        Ok(Self { inner })
    }
}

impl ClientCertVerifier for ClockBlind {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let inside = facts(end_entity).map_or(now, |facts| {
            let first = u64::try_from(facts.not_before_s).unwrap_or(0);
            let last = u64::try_from(facts.not_after_s).unwrap_or(0).max(first);
            UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().clamp(first, last)))
        });
        self.inner.verify_client_cert(end_entity, intermediates, inside)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
