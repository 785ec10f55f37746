//! The hall's CA: makes itself once, then server leaves and terminal certificates.
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::ToSpan as _;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::clock::office_date;
use crate::keys::KeyError;

/// Terminals may have been off this long when their certificate is made: their clocks may be that far back.
const BACKDATED_DAYS: i64 = 30;
const VALID_DAYS: i64 = 90;

/// Names a terminal's certificate: `yimen://<hall_id>/terminal/<terminal_no>/<installation_id>`.
const URI_SCHEME: &str = "yimen://";

/// The CA with its key in memory.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    hall_id: String,
}

/// A certificate just issued to a terminal.
pub(crate) struct TerminalCertificate {
    pub(crate) der: Vec<u8>,
    pub(crate) not_after_ms: i64,
}

impl Authority {
    /// A new CA: (private key as PKCS#8, certificate).
    pub(crate) fn generate(hall_id: &str) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&format!("Yimen {hall_id}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        // Terminals pin the CA by its hash; its own dates decide nothing.
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2199, 12, 31);
        let cert = params.self_signed(&key)?;
        Ok((Zeroizing::new(key.serialize_der()), cert.der().to_vec()))
    }

    pub(crate) fn new(key_pkcs8: &[u8], der: Vec<u8>, hall_id: &str) -> Result<Self, KeyError> {
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key_pkcs8), &PKCS_ECDSA_P256_SHA256)?;
        let der = CertificateDer::from(der);
        Ok(Self { issuer: Issuer::from_ca_cert_der(&der, key)?, der, hall_id: hall_id.to_owned() })
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// What terminals pin.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// A server certificate for these names; also for `localhost` and both loopback addresses.
    pub(crate) fn issue_server(
        &self,
        key: &KeyPair,
        names: &[String],
        now: Timestamp,
    ) -> Result<CertificateDer<'static>, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&format!("Yimen {}", self.hall_id));
        params.subject_alt_names = server_names(names)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        set_validity(&mut params, now);
        Ok(params.signed_by(key, &self.issuer)?.der().clone())
    }

    /// A certificate for the key of a CSR. Whatever else the CSR claims is not taken over.
    pub(crate) fn issue_terminal(
        &self,
        csr_der: &[u8],
        terminal: (&str, &str),
        now: Timestamp,
    ) -> Result<TerminalCertificate, rcgen::Error> {
        let csr = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr_der))?;
        let (terminal_no, installation_id) = terminal;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&format!("terminal {terminal_no}"));
        let uri = format!("{}/{terminal_no}/{installation_id}", self.uri_prefix());
        params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(uri.as_str())?)];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let not_after_ms = set_validity(&mut params, now);
        let der = params.signed_by(&csr.public_key, &self.issuer)?.der().to_vec();
        Ok(TerminalCertificate { der, not_after_ms })
    }

    /// Terminal number and installation out of a certificate's name, if it is one of this hall's terminals.
    pub(crate) fn terminal_of<'a>(&self, uri: &'a str) -> Option<(&'a str, &'a str)> {
        uri.strip_prefix(&self.uri_prefix())?.strip_prefix('/')?.split_once('/')
    }

    fn uri_prefix(&self) -> String {
        format!("{URI_SCHEME}{}/terminal", self.hall_id)
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn server_names(names: &[String]) -> Result<Vec<SanType>, rcgen::Error> {
    let fixed = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut all = Vec::new();
    for name in fixed.iter().chain(names).filter(|name| !name.is_empty()) {
        let san = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(Ia5String::try_from(name.as_str())?),
        };
        if !all.contains(&san) {
            all.push(san);
        }
    }
    Ok(all)
}

/// Sets the dates and a random serial; returns when it ends. Whole days are precise enough.
fn set_validity(params: &mut CertificateParams, now: Timestamp) -> i64 {
    let today = office_date(now);
    let first = today.checked_sub(BACKDATED_DAYS.days()).unwrap_or(today);
    let last = today.checked_add(VALID_DAYS.days()).unwrap_or(today);
    let as_rcgen = |date: jiff::civil::Date| {
        rcgen::date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = as_rcgen(first);
    params.not_after = as_rcgen(last);
    if let Ok(serial) = getrandom::u64() {
        params.serial_number = Some(SerialNumber::from(serial >> 1));
    }
    params.not_after.unix_timestamp().saturating_mul(1000)
}
