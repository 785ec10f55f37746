//! One URI says where a device is and how it is spoken to: `serial:///dev/serial/by-id/…?baud=115200`,
//! `usb://0400:C35A`, `ipps://192.0.2.7/ipp/print?pin=…`. [`SCHEMES`] shows the form of each. What is not known
//! is refused and says what is expected, never ignored. USB devices are named by what they are, never by a node.

mod network;
mod place;
mod usb;

pub use network::{CertificatePin, HttpAddress};
pub use place::{Camera, Place, SCHEMES, StickPlace};
pub use usb::{EndpointStyle, UsbAddress};

use std::{fmt, str::FromStr};

/// Where a device is, with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceUri {
    /// Where.
    pub place: Place,
    /// Rate of a serial line; `None` lets the driver find it.
    pub baud: Option<u32>,
    /// Whether DTR and RTS are raised on a serial line (`lines=on`); ports without such lines are no error.
    pub modem_lines: bool,
    /// Whether an ID-card reader is asked for text, photo and fingerprints (`fingerprints=on`).
    pub fingerprints: bool,
    /// How requests are laid on a USB device's pipes (`style=two-pipes`); `None` lets its descriptors say it.
    pub style: Option<EndpointStyle>,
    /// Number of a Modbus device on its line or behind its gateway (`unit=1`), 1 to 247.
    pub unit: Option<u8>,
    /// Family of a barcode reader's module (`module=gm65`).
    pub module: Option<String>,
    text: String,
}

/// A URI that cannot be used; the text says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("device URI: {0}")]
pub struct UriError(String);

impl FromStr for DeviceUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let place = place::parse(address)?;
        let mut uri = Self {
            place,
            baud: None,
            modem_lines: false,
            fingerprints: false,
            style: None,
            unit: None,
            module: None,
            text: text.to_owned(),
        };
        for option in query.split('&').filter(|o| !o.is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            uri.set(key, &percent_decode(value)?)?;
        }
        Ok(uri)
    }
}

impl DeviceUri {
    fn set(&mut self, key: &str, value: &str) -> Result<(), UriError> {
        let known = self.place.options();
        if !known.contains(&key) {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(UriError(format!("unknown option {key:?} (known here: {known})")));
        }
        match (key, &mut self.place) {
            ("baud", _) => self.baud = Some(within(value, 300..=4_000_000, "baud is a rate such as 115200")?),
            ("lines", _) => self.modem_lines = switch(key, value)?,
            ("fingerprints", _) => self.fingerprints = switch(key, value)?,
            ("unit", _) => self.unit = Some(within(value, 1..=247, "unit is a number from 1 to 247")?),
            ("module", _) => self.module = Some(value.to_owned()),
            ("style", _) => self.style = Some(value.parse()?),
            ("port", Place::Stick(StickPlace::Usb { port })) => *port = Some(usb::port(value)?),
            ("serial" | "port", place) => match place.usb_mut() {
                Some(usb) if key == "serial" => usb.set_serial(value)?,
                Some(usb) => usb.set_port(value)?,
                None => return Err(UriError(format!("{key} goes with a USB device"))),
            },
            ("pin", Place::Ipp(http) | Place::Escl(http)) if http.tls => http.pin = Some(value.parse()?),
            ("pin", _) => return Err(UriError("a certificate is pinned over TLS only: write ipps or escls".into())),
            _ => return Err(UriError(format!("option {key:?} cannot be used here"))),
        }
        Ok(())
    }
}

fn within<N: FromStr + PartialOrd>(
    value: &str,
    range: std::ops::RangeInclusive<N>,
    expected: &str,
) -> Result<N, UriError> {
    value.parse().ok().filter(|n| range.contains(n)).ok_or_else(|| UriError(expected.to_owned()))
}

fn switch(key: &str, value: &str) -> Result<bool, UriError> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(UriError(format!("{key} is on or off"))),
    }
}

/// `%41` in an option's value stands for a byte (RFC 3986, section 2.1); serial numbers hold blanks.
fn percent_decode(value: &str) -> Result<String, UriError> {
    let bad = || UriError("a value holds a % without two hexadecimal digits behind it".into());
    let (head, parts) = match value.split_once('%') {
        None => return Ok(value.to_owned()),
        Some((head, rest)) => (head, rest.split('%')),
    };
    let mut bytes = head.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit())).ok_or_else(bad)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| bad())?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).map_err(|_| UriError("a value is not UTF-8".into()))
}

impl fmt::Display for DeviceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> DeviceUri {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn addresses_of_wires_are_understood() {
        let serial = uri("serial:///dev/ttyS1?baud=9600&lines=on&unit=17");
        assert_eq!(serial.place, Place::Serial("/dev/ttyS1".into()));
        assert_eq!((serial.baud, serial.modem_lines, serial.unit), (Some(9600), true, Some(17)));
        assert_eq!(uri("tcp://[::1]:9100").place, Place::Tcp("::1".into(), 9100));
        assert_eq!(uri("simulator:").place, Place::Simulator);
        assert_eq!(uri("stick:").place, Place::Stick(StickPlace::Usb { port: None }));
        assert_eq!(uri("stick:?port=1-2").place, Place::Stick(StickPlace::Usb { port: Some("1-2".into()) }));
        assert_eq!(uri("stick:///srv/a.img").place, Place::Stick(StickPlace::Path("/srv/a.img".into())));
    }

    #[test]
    fn usb_devices_are_named_by_what_they_are() {
        let Place::Usb(reader) = uri("usb://0400:c35a?serial=A%201&port=1-2.3&style=four-pipes").place else {
            panic!("not on USB");
        };
        assert_eq!((reader.vendor, reader.product), (0x0400, 0xC35A));
        assert_eq!((reader.serial.as_deref(), reader.port.as_deref()), (Some("A 1"), Some("1-2.3")));
        assert_eq!(uri("usb://0400:C35A?style=two-pipes").style, Some(EndpointStyle::TwoPipes));
        assert!(matches!(uri("usblp://0416:5011?serial=7").place, Place::UsbPrinter(_)));
        assert!(matches!(uri("hid://2B8B:2721").place, Place::Hid(_)));
        assert!(matches!(uri("keyboard://1EAB:0022?port=1-2").place, Place::Keyboard(_)));
        let module = uri("serial://1eab:1d06?serial=7&baud=9600&module=newland");
        assert!(matches!(module.place, Place::SerialUsb(_)));
        assert_eq!(module.module.as_deref(), Some("newland"));
        assert!(matches!(uri("v4l://046d:0825?port=3-1").place, Place::V4l(Camera::Usb(_))));
        assert_eq!(
            uri("v4l:///dev/v4l/by-id/usb-cam").place,
            Place::V4l(Camera::Path("/dev/v4l/by-id/usb-cam".into()))
        );
    }

    #[test]
    fn network_printers_and_scanners_have_their_usual_ports_and_paths() {
        let Place::Ipp(printer) = uri("ipp://192.0.2.7").place else { panic!("no printer") };
        assert_eq!((printer.port, printer.path.as_str(), printer.tls), (631, "/ipp/print", false));
        let pin = "ab".repeat(32);
        let Place::Ipp(printer) = uri(&format!("ipps://[::1]:8631/ipp/print?pin={pin}")).place else {
            panic!("no printer")
        };
        assert_eq!((printer.host.as_str(), printer.port, printer.tls), ("::1", 8631, true));
        assert_eq!(printer.pin.unwrap().0, [0xAB; 32]);
        let Place::Escl(scanner) = uri("escls://scanner.hall").place else { panic!("no scanner") };
        assert_eq!((scanner.port, scanner.path.as_str(), scanner.tls), (443, "/eSCL", true));
        assert_eq!(uri("sane:airscan:e0:Kiosk scanner").place, Place::Sane("airscan:e0:Kiosk scanner".into()));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [
            "",
            "serial:ttyS0",
            "serial:///dev/ttyS0?bauds=1",
            "serial:///dev/x?baud=fast",
            "serial:///dev/x?unit=0",
            "serial:///dev/x?serial=1",
            "tcp://host",
            "tcp://h:0",
            "ftp://x:1",
            "simulator:x",
            "tcp://h:1?baud=9600",
            "usb://0400",
            "usb://400:C35A",
            "usb:///dev/bus/usb/001/002",
            "keyboard:///dev/input/event3",
            "keyboard://1EAB:0022?module=gm65",
            "usb://0400:C35A?port=one",
            "usb://0400:C35A?port=1-2.",
            "usb://0400:C35A?serial=%4",
            "usb://0400:C35A?style=three-pipes",
            "usblp:///dev/usb/lp0",
            "hid:///dev/hidraw0",
            "hid://0400:C35A?style=two-pipes",
            "v4l:video0",
            "v4l:///dev/video0?port=1-2",
            "ipp://",
            "ipp://host:port/x",
            "ipp://host?pin=00",
            "ipps://host?pin=00",
            "escl://host:0",
            "sane:",
            "stick:sdb",
            "stick:?port=one",
            "stick:///x?port=1-2",
        ] {
            assert!(text.parse::<DeviceUri>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_expected() {
        let says = |text: &str| text.parse::<DeviceUri>().unwrap_err().to_string();
        assert!(says("ftp://x").contains("usb://VID:PID"));
        assert!(says("usb:x").contains("usb://VID:PID"));
        assert!(says("usblp://0416:5011?style=x").contains("serial, port"));
        assert!(says("ipp://h?pin=00").contains("ipps"));
    }
}
