//! Requests to a SAM and the status words of its answers, as the vendors' texts of the SAM-V protocol list them.

use super::sdt_frame;
use std::fmt;
use zeroize::Zeroizing;

/// What is asked of the SAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `10 FF`.
    ResetSam,
    /// `11 FF`.
    SamStatus,
    /// `12 FF`.
    SamId,
    /// `20 01`.
    FindCard,
    /// `20 02`.
    SelectCard,
    /// `30 01`: text and photo.
    ReadBase,
    /// `30 10`: text, photo and fingerprints; modules of the first generation (0501) do not know it.
    ReadBaseAndFingerprints,
    /// `30 03`: the latest address.
    ReadAppendedAddress,
    /// `30 05`; unverified.
    ReadCardBodyNumber,
    /// `60 0n`: rate of the serial line, 0 for 115200 to 4 for 9600.
    SetRate(u8),
}

/// Rates of the line in the order in which a silent reader is tried.
pub const RATES: [u32; 5] = [115_200, 9_600, 57_600, 38_400, 19_200];

impl Request {
    /// Command and parameter byte.
    pub fn words(self) -> [u8; 2] {
        match self {
            Self::ResetSam => [0x10, 0xFF],
            Self::SamStatus => [0x11, 0xFF],
            Self::SamId => [0x12, 0xFF],
            Self::FindCard => [0x20, 0x01],
            Self::SelectCard => [0x20, 0x02],
            Self::ReadBase => [0x30, 0x01],
            Self::ReadBaseAndFingerprints => [0x30, 0x10],
            Self::ReadAppendedAddress => [0x30, 0x03],
            Self::ReadCardBodyNumber => [0x30, 0x05],
            Self::SetRate(n) => [0x60, n],
        }
    }

    /// The request that a body stands for.
    pub fn from_body(body: &[u8]) -> Option<Self> {
        Some(match body {
            [0x10, 0xFF] => Self::ResetSam,
            [0x11, 0xFF] => Self::SamStatus,
            [0x12, 0xFF] => Self::SamId,
            [0x20, 0x01] => Self::FindCard,
            [0x20, 0x02] => Self::SelectCard,
            [0x30, 0x01] => Self::ReadBase,
            [0x30, 0x10] => Self::ReadBaseAndFingerprints,
            [0x30, 0x03] => Self::ReadAppendedAddress,
            [0x30, 0x05] => Self::ReadCardBodyNumber,
            [0x60, n @ 0..=4] => Self::SetRate(*n),
            _ => return None,
        })
    }

    /// The whole frame.
    pub fn frame(self) -> Zeroizing<Vec<u8>> {
        sdt_frame::encode(&self.words())
    }
}

/// Third status word of an answer (SW3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 90.
    Ok,
    /// 9F: a card lies in the field.
    CardFound,
    /// 10: the SAM got a damaged request.
    ChecksumError,
    /// 11.
    LengthError,
    /// 21: the SAM does not know the command.
    CommandError,
    /// 23.
    NotPermitted,
    /// 24.
    UnknownError,
    /// 31: the card could not authenticate the SAM.
    CardRefusesSam,
    /// 32: the SAM could not authenticate the card.
    SamRefusesCard,
    /// 33: what was read does not verify.
    InformationNotVerified,
    /// 40: no card of this system.
    WrongCardType,
    /// 41.
    ReadFailed,
    /// 47: the SAM's random number failed.
    RandomNumberFailed,
    /// 60.
    SelfTestFailed,
    /// 66: the SAM is not authorised.
    NotAuthorised,
    /// 80: no card in the field.
    NoCard,
    /// 81.
    SelectFailed,
    /// 91: the card does not hold what was asked.
    NoSuchContent,
    /// Anything else.
    Other(u8),
}

const STATUS_WORDS: [(u8, Status); 18] = [
    (0x90, Status::Ok),
    (0x9F, Status::CardFound),
    (0x10, Status::ChecksumError),
    (0x11, Status::LengthError),
    (0x21, Status::CommandError),
    (0x23, Status::NotPermitted),
    (0x24, Status::UnknownError),
    (0x31, Status::CardRefusesSam),
    (0x32, Status::SamRefusesCard),
    (0x33, Status::InformationNotVerified),
    (0x40, Status::WrongCardType),
    (0x41, Status::ReadFailed),
    (0x47, Status::RandomNumberFailed),
    (0x60, Status::SelfTestFailed),
    (0x66, Status::NotAuthorised),
    (0x80, Status::NoCard),
    (0x81, Status::SelectFailed),
    (0x91, Status::NoSuchContent),
];

impl From<u8> for Status {
    fn from(byte: u8) -> Self {
        STATUS_WORDS.iter().find(|(b, _)| *b == byte).map_or(Self::Other(byte), |(_, s)| *s)
    }
}

impl From<Status> for u8 {
    fn from(status: Status) -> u8 {
        match status {
            Status::Other(byte) => byte,
            known => STATUS_WORDS.iter().find(|(_, s)| *s == known).map_or(0, |(b, _)| *b),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the SAM's status {:02X} ({self:?})", u8::from(*self))
    }
}

impl std::error::Error for Status {}

/// An answer of the SAM.
pub struct Answer {
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// From a frame's body: three status words and the data.
    pub fn from_body(body: Zeroizing<Vec<u8>>) -> Option<Self> {
        (body.len() >= 3).then_some(Self { body })
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.body[2].into()
    }

    /// What follows the status words.
    pub fn data(&self) -> &[u8] {
        &self.body[3..]
    }

    /// The whole frame of an answer.
    pub fn frame(status: Status, data: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut body = Zeroizing::new(Vec::with_capacity(data.len() + 3));
        body.extend_from_slice(&[0, 0, status.into()]);
        body.extend_from_slice(data);
        sdt_frame::encode(&body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_word_keeps_its_byte() {
        for byte in 0..=255u8 {
            assert_eq!(u8::from(Status::from(byte)), byte);
        }
    }

    #[test]
    fn every_request_is_read_back() {
        use Request::*;
        let all = [
            ResetSam,
            SamStatus,
            SamId,
            FindCard,
            SelectCard,
            ReadBase,
            ReadBaseAndFingerprints,
            ReadAppendedAddress,
            ReadCardBodyNumber,
            SetRate(0),
            SetRate(4),
        ];
        for request in all {
            assert_eq!(Request::from_body(&request.words()), Some(request));
        }
        assert_eq!(Request::from_body(&[0x60, 5]), None);
    }
}
