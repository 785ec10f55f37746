//! The scheme of a device URI and what stands behind it.

use super::{HttpAddress, UriError, UsbAddress};
use std::path::PathBuf;

/// The place a URI names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A serial port by path; give the stable name below `/dev/serial/by-id`.
    Serial(PathBuf),
    /// The serial port of a USB device (CDC-ACM or a converter chip), whatever its node is called.
    SerialUsb(UsbAddress),
    /// A barcode reader that is a keyboard (HID keyboard wedge).
    Keyboard(UsbAddress),
    /// A network address.
    Tcp(String, u16),
    /// A USB device that this program drives itself, endpoint by endpoint.
    Usb(UsbAddress),
    /// A USB printer behind the kernel's `usblp`.
    UsbPrinter(UsbAddress),
    /// A USB device of the HID class (barcode readers, some ID-card readers).
    Hid(UsbAddress),
    /// A camera.
    V4l(Camera),
    /// A document printer over IPP.
    Ipp(HttpAddress),
    /// A document scanner over eSCL.
    Escl(HttpAddress),
    /// A scanner by SANE's own name (`scanimage -L` lists them).
    Sane(String),
    /// The slot for a citizen's USB stick.
    Stick(StickPlace),
    /// The simulator that the program itself starts.
    Simulator,
}

/// Where a stick is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StickPlace {
    /// At this port (`port=…`), or at any.
    Usb {
        /// Bus and ports as the kernel writes them, `1-2.3`.
        port: Option<String>,
    },
    /// A node or an image by path; there while the file is.
    Path(PathBuf),
}

/// How a camera is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Camera {
    /// By what it is.
    Usb(UsbAddress),
    /// By path; give the stable name below `/dev/v4l/by-id`.
    Path(PathBuf),
}

/// Every scheme as it is written.
pub const SCHEMES: &[(&str, &str)] = &[
    ("serial", "serial:///dev/serial/by-id/NAME or serial://VID:PID"),
    ("keyboard", "keyboard://VID:PID"),
    ("tcp", "tcp://HOST:PORT"),
    ("usb", "usb://VID:PID"),
    ("usblp", "usblp://VID:PID"),
    ("hid", "hid://VID:PID"),
    ("v4l", "v4l://VID:PID or v4l:///dev/v4l/by-id/NAME"),
    ("ipp", "ipp://HOST[:PORT][/PATH]"),
    ("ipps", "ipps://HOST[:PORT][/PATH]"),
    ("escl", "escl://HOST[:PORT][/PATH]"),
    ("escls", "escls://HOST[:PORT][/PATH]"),
    ("sane", "sane:NAME"),
    ("stick", "stick: (any USB port), or stick:///PATH of a node or an image"),
    ("simulator", "simulator:"),
];

impl Place {
    /// Keys of the options that make sense here.
    pub(super) fn options(&self) -> &'static [&'static str] {
        match self {
            Self::Serial(_) => &["baud", "lines", "fingerprints", "unit", "module"],
            Self::SerialUsb(_) => &["serial", "port", "baud", "lines", "fingerprints", "unit", "module"],
            Self::Keyboard(_) => &["serial", "port"],
            Self::Tcp(..) => &["fingerprints", "unit", "module"],
            Self::Usb(_) => &["serial", "port", "style", "fingerprints"],
            Self::UsbPrinter(_) => &["serial", "port"],
            Self::Hid(_) => &["serial", "port", "fingerprints"],
            Self::V4l(Camera::Usb(_)) => &["serial", "port"],
            Self::Ipp(_) | Self::Escl(_) => &["pin"],
            Self::Stick(StickPlace::Usb { .. }) => &["port"],
            Self::V4l(Camera::Path(_)) | Self::Sane(_) | Self::Stick(StickPlace::Path(_)) => &[],
            Self::Simulator => &["fingerprints"],
        }
    }
}

impl Place {
    /// The USB device that is named, where one is.
    pub fn usb(&self) -> Option<&UsbAddress> {
        match self {
            Self::SerialUsb(usb)
            | Self::Keyboard(usb)
            | Self::Usb(usb)
            | Self::UsbPrinter(usb)
            | Self::Hid(usb)
            | Self::V4l(Camera::Usb(usb)) => Some(usb),
            _ => None,
        }
    }

    pub(super) fn usb_mut(&mut self) -> Option<&mut UsbAddress> {
        match self {
            Self::SerialUsb(usb)
            | Self::Keyboard(usb)
            | Self::Usb(usb)
            | Self::UsbPrinter(usb)
            | Self::Hid(usb)
            | Self::V4l(Camera::Usb(usb)) => Some(usb),
            _ => None,
        }
    }
}

/// The place in a URI's text before its options.
pub(super) fn parse(address: &str) -> Result<Place, UriError> {
    let (scheme, rest) = address.split_once(':').unwrap_or((address, ""));
    let Some((_, form)) = SCHEMES.iter().find(|(name, _)| *name == scheme) else {
        let forms: Vec<&str> = SCHEMES.iter().map(|(_, form)| *form).collect();
        return Err(UriError(format!("unknown scheme {scheme:?}; known: {}", forms.join(", "))));
    };
    let expected = || UriError(format!("{scheme} is written {form}"));
    let behind = rest.strip_prefix("//");
    let place = match scheme {
        "serial" => behind.and_then(serial),
        "keyboard" => behind.and_then(UsbAddress::parse).map(Place::Keyboard),
        "tcp" => behind.and_then(host_and_port).map(|(host, port)| Place::Tcp(host, port)),
        "usb" => behind.and_then(UsbAddress::parse).map(Place::Usb),
        "usblp" => behind.and_then(UsbAddress::parse).map(Place::UsbPrinter),
        "hid" => behind.and_then(UsbAddress::parse).map(Place::Hid),
        "v4l" => behind.and_then(camera).map(Place::V4l),
        "ipp" => behind.and_then(|b| HttpAddress::parse(b, 631, "/ipp/print")).map(Place::Ipp),
        "ipps" => behind.and_then(|b| HttpAddress::parse(b, 631, "/ipp/print")).map(|a| Place::Ipp(a.with_tls())),
        "escl" => behind.and_then(|b| HttpAddress::parse(b, 80, "/eSCL")).map(Place::Escl),
        "escls" => behind.and_then(|b| HttpAddress::parse(b, 443, "/eSCL")).map(|a| Place::Escl(a.with_tls())),
        "sane" => (!rest.trim().is_empty()).then(|| Place::Sane(rest.to_owned())),
        "stick" if rest.is_empty() => Some(Place::Stick(StickPlace::Usb { port: None })),
        "stick" => behind.and_then(path).map(StickPlace::Path).map(Place::Stick),
        _ => rest.is_empty().then_some(Place::Simulator),
    };
    place.ok_or_else(expected)
}

fn path(text: &str) -> Option<PathBuf> {
    text.starts_with('/').then(|| text.into())
}

fn serial(text: &str) -> Option<Place> {
    path(text).map(Place::Serial).or_else(|| UsbAddress::parse(text).map(Place::SerialUsb))
}

fn camera(text: &str) -> Option<Camera> {
    path(text).map(Camera::Path).or_else(|| UsbAddress::parse(text).map(Camera::Usb))
}

fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|p| *p != 0)?;
    (!host.is_empty()).then(|| (host.trim_matches(['[', ']']).to_owned(), port))
}
