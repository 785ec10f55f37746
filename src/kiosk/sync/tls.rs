//! TLS 1.3 towards the hall. What counts is the hall's own authority, pinned at enrolment, and never a clock: a
//! certificate that is expired or not valid yet is verified at a time inside its own validity (protocol,
//! section 5). Names are not looked at, since halls move; only halls get server certificates of that authority.

use super::certificate::{self, CertificateError};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError as Refused, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;
use wire::ids::Sha256;

/// Which hall is believed to be ours.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The one with this authority (DER).
    Pinned(Vec<u8>),
    /// Before enrolment: any that shows its authority at the end of its chain, this one if its hash is known.
    /// The enrolment's proofs then show whether it was the right one.
    AsShown(Option<Sha256>),
}

/// What a terminal shows of itself.
pub struct ClientIdentity<'a> {
    /// Certificate, DER.
    pub certificate: &'a [u8],
    /// Key, PKCS#8.
    pub private_key: &'a [u8],
}

/// The hall as the handshake showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HallSeen {
    /// Hash of its leaf's public key.
    pub leaf_spki: Sha256,
    /// When its leaf ends, ms since 1970.
    pub leaf_until_ms: i64,
    /// The last certificate of its chain, DER.
    pub authority: Vec<u8>,
}

/// How to speak TLS with the hall.
///
/// # Errors
/// When certificate or key cannot be used.
pub fn client_config(trust: Trust, identity: Option<&ClientIdentity<'_>>) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(HallVerifier { trust, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = vec![CertificateDer::from(identity.certificate.to_vec())];
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.private_key.to_vec()));
            builder.with_client_auth_cert(chain, key)?
        }
    };
    // A name would say nothing that the pinned authority does not.
    config.enable_sni = false;
    Ok(Arc::new(config))
}

impl HallSeen {
    /// From the chain of a finished handshake.
    ///
    /// # Errors
    /// When there is no chain, or it is not of certificates.
    pub fn of(chain: Option<&[CertificateDer<'_>]>) -> Result<Self, CertificateError> {
        let (leaf, authority) = chain.and_then(|chain| chain.first().zip(chain.last())).ok_or(CertificateError)?;
        let leaf_until_ms = certificate::validity_ms(leaf)?.1;
        Ok(Self { leaf_spki: certificate::spki_sha256(leaf)?, leaf_until_ms, authority: authority.to_vec() })
    }
}

#[derive(Debug)]
struct HallVerifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl HallVerifier {
    fn roots(&self, intermediates: &[CertificateDer<'_>]) -> Result<RootCertStore, Error> {
        let authority = match &self.trust {
            Trust::Pinned(authority) => CertificateDer::from(authority.clone()),
            Trust::AsShown(hash) => {
                let shown = intermediates.last().ok_or(Refused::UnknownIssuer)?;
                if hash.is_some_and(|hash| hash != Sha256::of(shown)) {
                    return Err(Refused::UnknownIssuer.into());
                }
                shown.clone().into_owned()
            }
        };
        let mut roots = RootCertStore::empty();
        roots.add(authority)?;
        Ok(roots)
    }
}

impl ServerCertVerifier for HallVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let roots = self.roots(intermediates)?;
        let (from_ms, until_ms) =
            certificate::validity_ms(end_entity).map_err(|_| Error::from(Refused::BadEncoding))?;
        let seconds = |ms: i64| u64::try_from(ms / 1000).unwrap_or(0);
        let inside = now.as_secs().clamp(seconds(from_ms), seconds(until_ms).max(seconds(from_ms)));
        let at = UnixTime::since_unix_epoch(Duration::from_secs(inside));
        let leaf = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&leaf, &roots, intermediates, at, algorithms)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
