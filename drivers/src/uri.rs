//! One URI says where a device is and how it is spoken to: `serial:///dev/serial/by-id/…?baud=115200`,
//! `tcp://192.0.2.7:9100`, `simulator:`. Unknown schemes and options are refused, never ignored.

use std::{fmt, path::PathBuf, str::FromStr};

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
    text: String,
}

/// The place a URI names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A serial port by path; give the stable name below `/dev/serial/by-id`.
    Serial(PathBuf),
    /// A network address.
    Tcp(String, u16),
    /// The simulator that the program itself starts.
    Simulator,
}

/// A URI that cannot be used; the text says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("device URI: {0}")]
pub struct UriError(String);

impl FromStr for DeviceUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let place = place(address)?;
        let mut uri = Self { place, baud: None, modem_lines: false, fingerprints: false, text: text.to_owned() };
        for option in query.split('&').filter(|o| !o.is_empty()) {
            uri.set(option)?;
        }
        Ok(uri)
    }
}

impl DeviceUri {
    fn set(&mut self, option: &str) -> Result<(), UriError> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let serial = matches!(self.place, Place::Serial(_));
        match key {
            "baud" if serial => {
                let baud = value.parse().ok().filter(|b| (300..=4_000_000).contains(b));
                self.baud = Some(baud.ok_or_else(|| UriError("baud is a rate such as 115200".into()))?);
            }
            "lines" if serial => self.modem_lines = switch(key, value)?,
            "fingerprints" => self.fingerprints = switch(key, value)?,
            _ => return Err(UriError(format!("unknown option {key:?} (known: baud, lines, fingerprints)"))),
        }
        Ok(())
    }
}

fn switch(key: &str, value: &str) -> Result<bool, UriError> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(UriError(format!("{key} is on or off"))),
    }
}

fn place(address: &str) -> Result<Place, UriError> {
    let (scheme, rest) = address.split_once(':').ok_or_else(|| UriError("no scheme such as serial:".into()))?;
    match scheme {
        "serial" => match rest.strip_prefix("//") {
            Some(path) if path.starts_with('/') => Ok(Place::Serial(path.into())),
            _ => Err(UriError("serial is written serial:///dev/serial/by-id/NAME".into())),
        },
        "tcp" => {
            let expected = || UriError("tcp is written tcp://HOST:PORT".into());
            let (host, port) = rest.strip_prefix("//").and_then(|r| r.rsplit_once(':')).ok_or_else(expected)?;
            let port = port.parse().map_err(|_| expected())?;
            if host.is_empty() || port == 0 {
                return Err(expected());
            }
            Ok(Place::Tcp(host.trim_matches(['[', ']']).to_owned(), port))
        }
        "simulator" if rest.is_empty() => Ok(Place::Simulator),
        _ => Err(UriError(format!("unknown scheme {scheme:?} (known: serial, tcp, simulator)"))),
    }
}

impl fmt::Display for DeviceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_schemes_are_understood() {
        let serial: DeviceUri = "serial:///dev/ttyS1?baud=9600&lines=on".parse().unwrap();
        assert_eq!(serial.place, Place::Serial("/dev/ttyS1".into()));
        assert_eq!((serial.baud, serial.modem_lines), (Some(9600), true));
        let tcp: DeviceUri = "tcp://[::1]:9100".parse().unwrap();
        assert_eq!(tcp.place, Place::Tcp("::1".into(), 9100));
        assert_eq!("simulator:".parse::<DeviceUri>().unwrap().place, Place::Simulator);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [
            "",
            "serial:ttyS0",
            "serial:///dev/ttyS0?bauds=1",
            "serial:///dev/x?baud=fast",
            "tcp://host",
            "tcp://h:0",
            "ftp://x:1",
            "simulator:x",
            "tcp://h:1?baud=9600",
        ] {
            assert!(text.parse::<DeviceUri>().is_err(), "{text}");
        }
    }
}
