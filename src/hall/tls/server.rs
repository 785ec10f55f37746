//! Server side of TLS: one leaf key for the life of the process, its certificate made anew before it ends.
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use super::verify::{ClockBlind, provider};
use super::{Authority, TlsError};
use crate::clock::Clock;

/// A third of the certificate's 90 days before its end.
const RENEW_AFTER_MS: u64 = 60 * 24 * 3600 * 1000;

/// Hands out the hall's server certificate and renews it while the hall runs.
pub(crate) struct LeafSource {
    authority: Arc<Authority>,
    key: KeyPair,
    names: Vec<String>,
    clock: Clock,
    current: Mutex<(Timestamp, Arc<CertifiedKey>)>,
}

impl LeafSource {
    pub(crate) fn new(authority: Arc<Authority>, names: Vec<String>, clock: Clock) -> Result<Arc<Self>, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let now = clock.now();
        let first = certified(&authority, &key, &names, now)?;
        Ok(Arc::new(Self { authority, key, names, clock, current: Mutex::new((now, first)) }))
    }

    /// Hash of the leaf's public key: part of what an enrolment code authenticates.
    pub(crate) fn spki_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.key.subject_public_key_info()).into()
    }

    fn leaf(&self) -> Arc<CertifiedKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let age_ms = now.as_millisecond().abs_diff(current.0.as_millisecond());
        if age_ms >= RENEW_AFTER_MS
            && let Ok(renewed) = certified(&self.authority, &self.key, &self.names, now)
        {
            *current = (now, renewed);
        }
        Arc::clone(&current.1)
    }
}

impl std::fmt::Debug for LeafSource {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("LeafSource")
    }
}

impl ResolvesServerCert for LeafSource {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.leaf())
    }
}

/// TLS for terminals: a client certificate is asked for; enrolment comes without one.
pub(crate) fn for_terminals(authority: &Authority, leaf: Arc<LeafSource>) -> Result<Arc<ServerConfig>, TlsError> {
    let verifier = ClockBlind::new(authority.der())?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(leaf);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// TLS for people's browsers.
pub(crate) fn for_browsers(leaf: Arc<LeafSource>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(leaf);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certified(
    authority: &Authority,
    key: &KeyPair,
    names: &[String],
    now: Timestamp,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let cert = authority.issue_server(key, names, now)?;
    let private = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let signer = rustls::crypto::ring::sign::any_supported_type(&private)?;
    // The CA travels along, so that a terminal can compare its hash before it pins it.
    let chain = vec![cert, authority.der().clone()];
    Ok(Arc::new(CertifiedKey::new(chain, signer)))
}
