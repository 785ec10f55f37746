//! The hall's private certificate authority and its TLS settings (rustls with ring, certificates by rcgen).
//! Terminals hold Ed25519 certificates of 90 days; validity is no security input, the deny-list is.
mod authority;
mod public;
mod server;
mod verify;

pub(crate) use authority::{Authority, TerminalCertificate};
pub(crate) use public::{PublicCertificate, for_phones};
pub(crate) use server::{LeafSource, for_browsers, for_terminals};
pub(crate) use verify::{CertificateFacts, facts, is_of};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Verifier(String),
}
