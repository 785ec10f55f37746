//! The QR form of an enrolment (protocol, section 5): the hall's address, the SHA-256 of its authority, the place
//! and the one-time code in one line. With it the very first connection is pinned.

use super::{EnrolError, normalised};
use crate::ids::{Sha256, TerminalNo};
use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;
use zeroize::Zeroizing;

/// Longest text that is read: a QR code that a camera reads without trouble holds no more.
const CHARS_MAX: usize = 512;

/// What a hall hands to a new terminal. Not shown by `Debug`: it holds the code.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// `HOST:PORT` of the hall's listener for terminals.
    pub address: String,
    /// Hash of the hall's certificate authority (DER).
    pub authority: Sha256,
    /// The place that the code is for.
    pub terminal_no: TerminalNo,
    /// One-time code, as the hall wrote it.
    pub code: Zeroizing<String>,
}

impl Invitation {
    /// How its text begins.
    pub const BEGINS: &str = "yimen://enrol?";

    /// Whether a text is `HOST:PORT`: a name or numbers, those of IPv6 in brackets, and a port from 1.
    #[must_use]
    pub fn is_address(text: &str) -> bool {
        if let Ok(numbers) = text.parse::<SocketAddr>() {
            return numbers.port() != 0;
        }
        let of_a_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        host_and_port(text).is_some_and(|(host, _)| !host.is_empty() && host.bytes().all(of_a_name))
    }
}

/// What stands before the last colon, and the port behind it.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    // The standard library would take a sign before the digits.
    let port = Some(port).filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?.parse::<u16>().ok()?;
    (port != 0).then_some((host, port))
}

/// A hall that is told to advertise an IPv6 address writes it without brackets, and a connection is made all the same.
fn is_bare_ipv6(text: &str) -> bool {
    host_and_port(text).is_some_and(|(host, _)| host.parse::<Ipv6Addr>().is_ok())
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, authority, terminal_no, code } = self;
        write!(f, "{}at={address}&ca={authority}&terminal={terminal_no}&code={}", Self::BEGINS, code.as_str())
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({}, terminal {})", self.address, self.terminal_no)
    }
}

impl FromStr for Invitation {
    type Err = EnrolError;

    fn from_str(text: &str) -> Result<Self, EnrolError> {
        let refused = || EnrolError::Invitation;
        let fields = text.strip_prefix(Self::BEGINS).filter(|_| text.len() <= CHARS_MAX).ok_or_else(refused)?;
        let mut found: [Option<&str>; 4] = [None; 4];
        for field in fields.split('&') {
            let (name, value) = field.split_once('=').ok_or_else(refused)?;
            let at = ["at", "ca", "terminal", "code"].iter().position(|known| *known == name).ok_or_else(refused)?;
            // Said twice, one of them would be a lie.
            if value.is_empty() || found[at].replace(value).is_some() {
                return Err(refused());
            }
        }
        let [Some(address), Some(authority), Some(terminal_no), Some(code)] = found else { return Err(refused()) };
        if !Self::is_address(address) && !is_bare_ipv6(address) {
            return Err(refused());
        }
        normalised(code)?;
        Ok(Self {
            address: address.to_owned(),
            authority: authority.parse().map_err(|_| refused())?,
            terminal_no: terminal_no.parse().map_err(|_| refused())?,
            code: Zeroizing::new(code.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "yimen://enrol?at=hall.example:8443&ca=00112233445566778899aabbccddeeff\
                        00112233445566778899aabbccddeeff&terminal=007&code=8F3K-2M7Q-XD4W";

    #[test]
    fn what_the_hall_writes_is_what_the_terminal_reads() {
        let read: Invitation = TEXT.parse().unwrap();
        assert_eq!((read.address.as_str(), read.code.as_str()), ("hall.example:8443", "8F3K-2M7Q-XD4W"));
        assert_eq!(read.to_string(), TEXT);
        assert!(!format!("{read:?}").contains("8F3K"), "the code is not for logs");
    }

    #[test]
    fn an_address_of_numbers_in_either_notation_is_read() {
        for address in ["192.0.2.7:8443", "[2001:db8::7]:8443", "2001:db8::7:8443"] {
            let text = TEXT.replace("hall.example:8443", address);
            assert_eq!(text.parse::<Invitation>().unwrap().address, address);
        }
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for address in ["hall:1", "hall_2.example:8443", "192.0.2.7:65535", "[::1]:8443", "[fe80::1%3]:8443"] {
            assert!(Invitation::is_address(address), "{address}");
        }
        for address in
            ["", ":1", "hall", "hall:", "hall:0", "hall:65536", "hall:-1", "[::1]", "[hall]:1", "::1:8443", "大厅:1"]
        {
            assert!(!Invitation::is_address(address), "{address}");
        }
    }

    #[test]
    fn anything_missing_double_unknown_or_out_of_shape_is_refused() {
        for (from, to) in [
            ("yimen://", "http://"),
            ("&terminal=007", ""),
            ("terminal=007", "terminal=7"),
            ("&code=", "&code=8F3K-2M7Q-XD4W&code="),
            ("&code=", "&more=1&code="),
            (":8443", ""),
            (":8443", ":99999"),
            (":8443", ":0"),
            (":8443", ":+8443"),
            ("hall.example", ""),
            ("hall.example", "hall example"),
            ("hall.example", "https://hall.example"),
            ("ca=0011", "ca=11"),
            ("8F3K-2M7Q-XD4W", "8F3K-2M7Q"),
            ("8F3K-2M7Q-XD4W", ""),
        ] {
            let text = TEXT.replace(from, to);
            assert!(text.parse::<Invitation>().is_err(), "{text}");
        }
        assert!(format!("{TEXT}{}", " ".repeat(CHARS_MAX)).parse::<Invitation>().is_err());
        assert!("".parse::<Invitation>().is_err());
    }
}
