//! What a USB device is called: vendor and product, and where two are alike the serial number or the port that
//! it is plugged into. Node names (`/dev/ttyACM0`, `/dev/usb/lp0`) change when a device is plugged in again.

use super::UriError;
use std::{fmt, str::FromStr};

/// Longest serial number: a USB string descriptor holds 126 UTF-16 units.
const SERIAL_CHARS_MAX: usize = 126;

/// A USB device by what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbAddress {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// `iSerialNumber`, where two devices are alike (`serial=…`).
    pub serial: Option<String>,
    /// Bus and ports as the kernel writes them, `1-2.3` (`port=…`), where two are alike and have no number.
    pub port: Option<String>,
}

/// How a request and its answer are laid on the pipes of a USB ID-card reader; same VID:PID, two kinds of firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointStyle {
    /// `two-pipes`: whole frames on one pair of bulk endpoints.
    TwoPipes,
    /// `four-pipes`: the first 7 bytes on the lowest pair, the rest on the next.
    FourPipes,
}

impl UsbAddress {
    /// From `VID:PID`, four hexadecimal digits each.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let id = |digits: &str| {
            (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
                .then(|| u16::from_str_radix(digits, 16).ok())
                .flatten()
        };
        let (vendor, product) = text.split_once(':')?;
        Some(Self { vendor: id(vendor)?, product: id(product)?, serial: None, port: None })
    }

    pub(super) fn set_serial(&mut self, value: &str) -> Result<(), UriError> {
        if value.is_empty() || value.chars().count() > SERIAL_CHARS_MAX {
            return Err(UriError("serial is the device's serial number".into()));
        }
        self.serial = Some(value.to_owned());
        Ok(())
    }

    pub(super) fn set_port(&mut self, value: &str) -> Result<(), UriError> {
        self.port = Some(port(value)?);
        Ok(())
    }
}

/// A port as the kernel writes it.
pub(super) fn port(value: &str) -> Result<String, UriError> {
    let number = |n: &str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    let known = value.split_once('-').is_some_and(|(bus, ports)| number(bus) && ports.split('.').all(number));
    if known { Ok(value.to_owned()) } else { Err(UriError("port is bus and ports such as 1-2.3".into())) }
}

impl fmt::Display for UsbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}:{:04X}", self.vendor, self.product)?;
        self.port.iter().try_for_each(|port| write!(f, " at port {port}"))
    }
}

impl FromStr for EndpointStyle {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        match text {
            "two-pipes" => Ok(Self::TwoPipes),
            "four-pipes" => Ok(Self::FourPipes),
            _ => Err(UriError("style is two-pipes or four-pipes".into())),
        }
    }
}
