//! Addresses of devices that are spoken to over HTTP, and the certificate that one of them must show.

use super::UriError;
use std::{fmt, str::FromStr};

/// A device behind an HTTP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path with its leading `/`.
    pub path: String,
    /// Whether TLS is spoken from the first byte.
    pub tls: bool,
    /// The certificate it must show (`pin=…`), since such devices sign their own.
    pub pin: Option<CertificatePin>,
}

/// SHA-256 over the DER form of a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CertificatePin(pub [u8; 32]);

impl HttpAddress {
    /// From what stands behind `//`, with the scheme's usual port and path.
    pub(super) fn parse(text: &str, port: u16, path: &str) -> Option<Self> {
        let (authority, path) = match text.find('/') {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, path),
        };
        let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
            let (host, behind) = rest.split_once(']')?;
            (host, if behind.is_empty() { Some(port) } else { behind.strip_prefix(':')?.parse().ok() })
        } else {
            match authority.split_once(':') {
                Some((host, given)) => (host, given.parse().ok()),
                None => (authority, Some(port)),
            }
        };
        let is_plain = |c: char| c.is_ascii_graphic() && c != '@';
        let port = port.filter(|p| *p != 0)?;
        (!host.is_empty() && host.chars().all(is_plain) && path.chars().all(is_plain)).then(|| Self {
            host: host.to_owned(),
            port,
            path: path.to_owned(),
            tls: false,
            pin: None,
        })
    }

    pub(super) fn with_tls(self) -> Self {
        Self { tls: true, ..self }
    }
}

impl FromStr for CertificatePin {
    type Err = UriError;

    /// 64 hexadecimal digits, in pairs with or without `:` between them.
    fn from_str(text: &str) -> Result<Self, UriError> {
        let expected = || UriError("pin is the SHA-256 of the certificate, 64 hexadecimal digits".into());
        let digits: Vec<u8> = text.bytes().filter(|b| *b != b':').collect();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(expected());
        }
        let mut pin = [0; 32];
        for (byte, pair) in pin.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| expected())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| expected())?;
        }
        Ok(Self(pin))
    }
}

impl fmt::Display for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificatePin({self})")
    }
}
