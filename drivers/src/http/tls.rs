//! TLS to printers and scanners. Their certificates are signed by nobody, so the one that is expected is pinned by
//! its SHA-256; without a pin nothing is sent, and the error says which certificate the device showed.

use super::wire::{TcpWire, Wire};
use crate::{DeviceError, DeviceErrorKind, uri::CertificatePin};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

/// Longest wait for one step of the handshake; small printers compute their keys for seconds.
const HANDSHAKE_STEP_MS: u64 = 10_000;

/// A TLS stream.
pub struct TlsWire {
    tcp: TcpWire,
    tls: ClientConnection,
}

impl TlsWire {
    /// Shakes hands over an open connection.
    pub fn connect(tcp: TcpWire, host: &str, pin: Option<CertificatePin>) -> Result<Self, DeviceError> {
        let wrong = |text: String| DeviceError::because(DeviceErrorKind::Misconfigured, text);
        let verifier = Arc::new(Pinned::new(pin));
        let provider = verifier.provider.clone();
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| wrong(e.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).map_err(|e| wrong(e.to_string()))?;
        let mut tls = ClientConnection::new(Arc::new(config), name).map_err(|e| wrong(e.to_string()))?;
        let mut tcp = tcp;
        let limit = Duration::from_millis(HANDSHAKE_STEP_MS);
        while tls.is_handshaking() {
            if let Err(error) = tls.complete_io(&mut Limited(&mut tcp, limit)) {
                return Err(verifier.refusal().unwrap_or_else(|| error.into()));
            }
        }
        Ok(Self { tcp, tls })
    }

    fn take_in(&mut self, limit: Duration) -> io::Result<usize> {
        let n = self.tls.read_tls(&mut Limited(&mut self.tcp, limit))?;
        self.tls.process_new_packets().map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        Ok(n)
    }
}

impl Wire for TlsWire {
    fn write(&mut self, bytes: &[u8], limit: Duration) -> io::Result<usize> {
        self.flush(limit)?;
        let n = self.tls.writer().write(bytes)?;
        match self.flush(Duration::ZERO) {
            Err(e) if e.kind() == io::ErrorKind::TimedOut => Ok(n),
            Err(e) => Err(e),
            Ok(()) => Ok(n),
        }
    }

    fn flush(&mut self, limit: Duration) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut Limited(&mut self.tcp, limit))?;
        }
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            self.take_in(limit)?;
        }
    }

    fn has_input(&mut self) -> bool {
        // Session tickets come unasked and are no answer.
        while self.tcp.has_input() {
            match self.take_in(Duration::ZERO) {
                Ok(n) if n > 0 => {}
                _ => return true,
            }
        }
        self.tls.process_new_packets().map_or(true, |state| state.plaintext_bytes_to_read() > 0)
    }
}

/// A wire with one limit for each step, as rustls wants to read and write it.
struct Limited<'a>(&'a mut TcpWire, Duration);

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer, self.1)
    }
}

impl Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes, self.1)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes one certificate, whoever signed it.
#[derive(Debug)]
struct Pinned {
    pin: Option<[u8; 32]>,
    provider: Arc<CryptoProvider>,
    shown: Mutex<Option<[u8; 32]>>,
}

impl Pinned {
    fn new(pin: Option<CertificatePin>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self { pin: pin.map(|pin| pin.0), provider, shown: Mutex::new(None) }
    }

    /// What to tell the technician when another certificate than the pinned one was shown.
    fn refusal(&self) -> Option<DeviceError> {
        let shown = (*self.shown.lock().ok()?)?;
        let shown: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        let (kind, text) = match self.pin {
            None => (DeviceErrorKind::Misconfigured, "the device's certificate is not pinned"),
            Some(_) => (DeviceErrorKind::WrongModel, "the device shows another certificate than the pinned one"),
        };
        Some(DeviceError::because(kind, format!("{text}; if it is the right device, write pin={shown}")))
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
        if self.pin == Some(shown) {
            return Ok(ServerCertVerified::assertion());
        }
        if let Ok(mut place) = self.shown.lock() {
            *place = Some(shown);
        }
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
