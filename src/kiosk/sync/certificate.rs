//! The terminal's keys and what is read out of certificates: a new ed25519 key with its signing request
//! (PKCS#10), the hash of a public key, and when a certificate is valid. The same key signs envelopes.

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ED25519};
use rustls::pki_types::PrivatePkcs8KeyDer;
use wire::ids::Sha256;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

/// A certificate or key that cannot be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a certificate or key cannot be used")]
pub struct CertificateError;

/// A new key and the request for its certificate.
pub struct NewKey {
    /// PKCS#8, DER.
    pub private_key: Zeroizing<Vec<u8>>,
    /// PKCS#10, DER.
    pub csr: Vec<u8>,
}

impl NewKey {
    /// From the machine's randomness.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, CertificateError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| CertificateError)?;
        // Without the public half, which every reader of PKCS#8 takes.
        let document = KeypairBytes { secret_key: *seed, public_key: None }.to_pkcs8_der();
        let document = document.map_err(|_| CertificateError)?;
        let pkcs8 = PrivatePkcs8KeyDer::from(document.as_bytes());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_ED25519).map_err(|_| CertificateError)?;
        let mut wanted = CertificateParams::default();
        // The hall writes the name; what a terminal claims would not count.
        wanted.distinguished_name = DistinguishedName::new();
        let csr = wanted.serialize_request(&pair).map_err(|_| CertificateError)?;
        Ok(Self { private_key: Zeroizing::new(document.as_bytes().to_vec()), csr: csr.der().to_vec() })
    }
}

/// The key that signs envelopes.
///
/// # Errors
/// When it is no ed25519 key.
pub fn signing_key(pkcs8: &[u8]) -> Result<SigningKey, CertificateError> {
    SigningKey::from_pkcs8_der(pkcs8).map_err(|_| CertificateError)
}

/// Hash of a certificate's public key (its SubjectPublicKeyInfo).
///
/// # Errors
/// When it is no certificate.
pub fn spki_sha256(der: &[u8]) -> Result<Sha256, CertificateError> {
    Ok(Sha256::of(parse(der)?.public_key().raw))
}

/// Whether a certificate is for this key.
///
/// # Errors
/// When either cannot be read.
pub fn is_for(der: &[u8], pkcs8: &[u8]) -> Result<bool, CertificateError> {
    let public = signing_key(pkcs8)?.verifying_key().to_bytes();
    Ok(parse(der)?.public_key().subject_public_key.data.as_ref() == public)
}

/// From when to when a certificate is valid, ms since 1970.
///
/// # Errors
/// When it is no certificate.
pub fn validity_ms(der: &[u8]) -> Result<(i64, i64), CertificateError> {
    let certificate = parse(der)?;
    let validity = certificate.validity();
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    Ok((ms(validity.not_before.timestamp()), ms(validity.not_after.timestamp())))
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|_| CertificateError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_serves_tls_the_request_and_envelopes() {
        let key = NewKey::generate().unwrap();
        assert!(signing_key(&key.private_key).is_ok());
        let pair =
            KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key.private_key.as_slice()), &PKCS_ED25519)
                .unwrap();
        let certificate = CertificateParams::default().self_signed(&pair).unwrap();
        assert!(is_for(certificate.der(), &key.private_key).unwrap());
        assert!(!is_for(certificate.der(), &NewKey::generate().unwrap().private_key).unwrap());
        let (from, until) = validity_ms(certificate.der()).unwrap();
        assert!(from < until);
        assert!(rcgen::CertificateSigningRequestParams::from_der(&key.csr.into()).is_ok());
    }
}
