//! Typed ids of the protocol. Each checks its shape when read, writes itself as text, and cannot be taken for
//! another. None of them names a person.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A text that is no such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {expected}")]
pub struct IdError {
    what: &'static str,
    expected: &'static str,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError { what: $what, expected: "a UUID" })
            }
        }
    };
}

uuid_id!(
    /// A submission: UUIDv7, minted by the terminal, the same at every try.
    SubmissionId,
    "submission_id"
);
uuid_id!(
    /// A data folder of a terminal: random at its first start.
    InstallationId,
    "installation_id"
);
uuid_id!(
    /// A hall: random at its first start, pinned at enrolment.
    HallId,
    "hall_id"
);
uuid_id!(
    /// The hall's memory: random at its first start and at each restore.
    HallEpoch,
    "hall_epoch"
);
uuid_id!(
    /// A call for staff: random, minted by the terminal.
    CallId,
    "call_id"
);

uuid_id!(
    /// A phone's upload session: random, minted by the terminal.
    UploadId,
    "upload_id"
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { what: $what, expected: $expected })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// A place of a terminal in the hall: three digits, never given to another place.
    TerminalNo,
    "terminal_no",
    "three digits",
    |text| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())
);
text_id!(
    /// One of the hall's keys, named by the hall.
    KeyId,
    "key_id",
    "1 to 64 letters, digits, '.', '_' or '-'",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
);

impl SubmissionId {
    /// From a time (ms since 1970) and 10 random bytes, as UUIDv7.
    #[must_use]
    pub fn mint(at_ms: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(at_ms, &random).into_uuid())
    }
}

/// A SHA-256 hash, 64 hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256 {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = IdError { what: "sha256", expected: "64 hex digits in small letters" };
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return Err(wrong);
        }
        let digit = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(wrong),
        };
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_refuse_what_they_are_not() {
        assert!("007".parse::<TerminalNo>().is_ok());
        for wrong in ["7", "0007", "abc", "００７"] {
            assert!(wrong.parse::<TerminalNo>().is_err(), "{wrong}");
        }
        assert!("seal/1".parse::<KeyId>().is_err());
        assert!("x".parse::<SubmissionId>().is_err());
    }

    #[test]
    fn a_hash_reads_back_as_written() {
        let hash = Sha256::of(b"abc");
        assert_eq!(hash.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash.to_string().parse::<Sha256>().unwrap(), hash);
    }

    #[test]
    fn a_minted_submission_id_is_a_version_7_uuid_in_time_order() {
        let earlier = SubmissionId::mint(1_000, [255; 10]);
        let later = SubmissionId::mint(1_001, [0; 10]);
        assert_eq!(earlier.0.get_version_num(), 7);
        assert!(earlier < later);
    }
}
