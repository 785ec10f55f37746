//! Driver for ID-card readers with a SAM-V module over its serial protocol (SDT): find, select, read.
//! Opens its wire on first use, drops it on the first error and opens it anew on the next use.

use super::{
    CardTextError, IdCard, IdCardReader, ReadError, ReaderIdentity, TEXT_BYTES, card_text,
    sdt_frame::{Deframer, FrameError},
    sdt_words::{Answer, RATES, Request, Status},
};
use crate::transport::{Connector, Transport};
use crate::{DeviceError, DeviceErrorKind, quirk};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Times a read is tried while the card stays where it is.
const READ_ATTEMPTS: u32 = 2;
/// What precedes text and photo: their lengths, 256 and 1,024.
const BASE_HEAD: [u8; 4] = [0x01, 0x00, 0x04, 0x00];
const PHOTO_BYTES: usize = 1_024;

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct SdtTimings {
    /// Between two questions for a card: the protocol has no message for "a card has come".
    pub find_interval_ms: u64,
    /// For the answer to a short request.
    pub answer_ms: u64,
    /// For text and photo; at 9,600 baud they need 1.4 s.
    pub read_ms: u64,
    /// For text, photo and fingerprints; at 9,600 baud they need 2.4 s.
    pub read_fingerprints_ms: u64,
    /// For a sign of life at each of the five rates while the line's rate is looked for.
    pub probe_ms: u64,
    /// Quiet on the line that ends the rest of a broken dialogue.
    pub quiet_ms: u64,
    /// Longest wait for that quiet: the longest frame at 115,200 baud needs 201 ms.
    pub quiet_max_ms: u64,
}

impl Default for SdtTimings {
    fn default() -> Self {
        Self {
            find_interval_ms: 300,
            answer_ms: 1_000,
            read_ms: 3_000,
            read_fingerprints_ms: 5_000,
            // Not less than for any other short answer, or a reader that is slow is never found; a reader that is
            // silent at all rates costs its caller 5 s, as long as the longest read.
            probe_ms: 1_000,
            quiet_ms: 20,
            quiet_max_ms: 400,
        }
    }
}

/// The driver.
pub struct SdtReader {
    connector: Box<dyn Connector>,
    timings: SdtTimings,
    link: Option<Box<dyn Transport>>,
    read: Request,
    /// The rate at which the reader answers; `None` where nobody looks for it, and while it is looked for.
    rate: Option<u32>,
    /// Where looking for it begins: where it was found last.
    likely_rate: u32,
    last_dialogue_broke: bool,
    tell_found: Option<Box<dyn FnMut() + Send>>,
}

/// What a card that lies there answered instead of its content.
enum CardFault {
    Status(Status),
    Unsupported,
}

impl SdtReader {
    /// A reader behind a connector; nothing is opened yet.
    pub fn new(connector: Box<dyn Connector>) -> Self {
        Self {
            connector,
            timings: SdtTimings::default(),
            link: None,
            read: Request::ReadBase,
            rate: None,
            likely_rate: RATES[0],
            last_dialogue_broke: false,
            tell_found: None,
        }
    }

    /// Asks for fingerprints too (and drops them unread), for modules that want `30 10`; one that does not
    /// know it is asked for text and photo alone. Off by default: nothing here needs a fingerprint.
    pub fn with_fingerprints(mut self) -> Self {
        self.read = Request::ReadBaseAndFingerprints;
        self
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: SdtTimings) -> Self {
        self.timings = timings;
        self
    }

    fn find(&mut self) -> Result<bool, DeviceError> {
        match self.ask(Request::FindCard)?.status() {
            Status::CardFound => Ok(true),
            Status::NoCard => Ok(false),
            other => Err(self.trouble(other)),
        }
    }

    /// Reads the card that was found. A reader gives the same status for a card that was lifted and for one
    /// that it cannot read, so it is asked once more whether the card is there.
    fn read_found(&mut self) -> Result<IdCard, ReadError> {
        let mut attempt = 1;
        loop {
            let fault = match self.select_and_read()? {
                Ok(card) => return Ok(card),
                Err(fault) => fault,
            };
            if !self.find()? {
                return Err(ReadError::LiftedTooEarly);
            }
            match fault {
                CardFault::Unsupported => return Err(ReadError::UnsupportedCard),
                CardFault::Status(status) if attempt == READ_ATTEMPTS => return Err(ReadError::Unreadable(status)),
                CardFault::Status(_) => attempt += 1,
            }
        }
    }

    fn select_and_read(&mut self) -> Result<Result<IdCard, CardFault>, DeviceError> {
        let selected = self.ask(Request::SelectCard)?.status();
        if selected != Status::Ok {
            return self.card_fault(selected).map(Err);
        }
        let mut answer = self.ask(self.read)?;
        if let Some(instead) = quirk::id_card_reader::instead(self.read, answer.status()) {
            self.read = instead;
            answer = self.ask(self.read)?;
        }
        if answer.status() != Status::Ok {
            return self.card_fault(answer.status()).map(Err);
        }
        let Some((text, photo)) = base_content(answer.data()) else {
            return Err(self.broken(DeviceErrorKind::Garbled, "an answer of the wrong length"));
        };
        Ok(card_text::parse(&text, photo).map_err(|e| match e {
            CardTextError::UnknownKind => CardFault::Unsupported,
            CardTextError::NoNumber => CardFault::Status(Status::InformationNotVerified),
        }))
    }

    /// Tells the card's fault from the reader's.
    fn card_fault(&mut self, status: Status) -> Result<CardFault, DeviceError> {
        match status {
            Status::WrongCardType => Ok(CardFault::Unsupported),
            Status::CardRefusesSam
            | Status::SamRefusesCard
            | Status::InformationNotVerified
            | Status::ReadFailed
            | Status::NoCard
            | Status::SelectFailed
            | Status::NoSuchContent => Ok(CardFault::Status(status)),
            other => Err(self.trouble(other)),
        }
    }

    /// A status that means trouble with the reader or the dialogue.
    fn trouble(&mut self, status: Status) -> DeviceError {
        let kind = match status {
            Status::CommandError | Status::NotPermitted | Status::UnknownError => DeviceErrorKind::Software,
            Status::RandomNumberFailed | Status::SelfTestFailed | Status::NotAuthorised => DeviceErrorKind::Hardware,
            // Our request was damaged on the line, since check byte and length were right when it was sent, or this
            // answer was, or it belongs to another question.
            _ => DeviceErrorKind::Garbled,
        };
        self.broken(kind, status)
    }

    fn broken(
        &mut self,
        kind: DeviceErrorKind,
        why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> DeviceError {
        self.let_go();
        DeviceError::because(kind, why)
    }

    /// Gives up the wire and the rate that was found on it: what answers there next may be another reader.
    fn let_go(&mut self) {
        self.link = None;
        self.rate = None;
        self.last_dialogue_broke = true;
    }

    fn ask(&mut self, request: Request) -> Result<Answer, DeviceError> {
        self.connect()?;
        let limit = match request {
            Request::ReadBase => self.timings.read_ms,
            Request::ReadBaseAndFingerprints => self.timings.read_fingerprints_ms,
            _ => self.timings.answer_ms,
        };
        let Some(link) = &mut self.link else { return Err(DeviceError::new(DeviceErrorKind::NotFound)) };
        let result = exchange(link.as_mut(), request, Duration::from_millis(limit));
        if result.is_err() {
            self.let_go();
        }
        result
    }

    fn connect(&mut self) -> Result<(), DeviceError> {
        if self.link.is_some() {
            return Ok(());
        }
        if self.rate.is_none() && self.connector.rate_is_open() {
            return self.find_rate();
        }
        let link = self.open(self.rate.unwrap_or(RATES[0]))?;
        self.last_dialogue_broke = false;
        self.link = Some(link);
        Ok(())
    }

    /// Opens the wire; what is left of a broken dialogue runs out first.
    fn open(&self, rate: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let mut link = self.connector.open(rate)?;
        if self.last_dialogue_broke {
            self.settle(link.as_mut());
        }
        Ok(link)
    }

    /// Tries each rate once until the SAM answers.
    fn find_rate(&mut self) -> Result<(), DeviceError> {
        let likely = self.likely_rate;
        let mut last = DeviceError::new(DeviceErrorKind::Silent);
        for rate in std::iter::once(likely).chain(RATES.into_iter().filter(|rate| *rate != likely)) {
            let mut link = self.open(rate)?;
            match exchange(link.as_mut(), Request::SamStatus, Duration::from_millis(self.timings.probe_ms)) {
                Ok(_) => {
                    self.rate = Some(rate);
                    self.likely_rate = rate;
                    self.last_dialogue_broke = false;
                    self.link = Some(link);
                    return Ok(());
                }
                Err(error) => {
                    self.last_dialogue_broke = true;
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// Lets the rest of a broken dialogue run out, so that it is not taken for an answer.
    fn settle(&self, link: &mut dyn Transport) {
        let end = Instant::now() + Duration::from_millis(self.timings.quiet_max_ms);
        let mut waste = Zeroizing::new([0; 512]);
        while Instant::now() < end {
            if link.read(waste.as_mut_slice(), Duration::from_millis(self.timings.quiet_ms)).is_err() {
                break;
            }
        }
    }
}

/// Text and photo of an answer to a read request; what follows (fingerprints) is not looked at.
fn base_content(data: &[u8]) -> Option<(Zeroizing<[u8; TEXT_BYTES]>, &[u8])> {
    let rest = data.strip_prefix(&BASE_HEAD)?;
    // With `30 10` a third length, that of the fingerprints, stands before the text.
    let fingerprints = rest.len().checked_sub(TEXT_BYTES + PHOTO_BYTES)?;
    let content = match fingerprints {
        0 => rest,
        2.. if usize::from(u16::from_be_bytes([rest[0], rest[1]])) == fingerprints - 2 => &rest[2..],
        _ => return None,
    };
    let text = Zeroizing::new(content.get(..TEXT_BYTES)?.try_into().ok()?);
    Some((text, content.get(TEXT_BYTES..TEXT_BYTES + PHOTO_BYTES)?))
}

fn exchange(link: &mut dyn Transport, request: Request, limit: Duration) -> Result<Answer, DeviceError> {
    link.discard_input()?;
    link.write_all(&request.frame())?;
    let end = Instant::now() + limit;
    let mut deframer = Deframer::for_answers();
    let mut buffer = Zeroizing::new([0; 512]);
    let garbled = |error: FrameError| DeviceError::because(DeviceErrorKind::Garbled, error);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match link.read(buffer.as_mut_slice(), left) {
            Ok(n) => {
                if let Some(body) = deframer.push(&buffer[..n]).map_err(garbled)? {
                    return Answer::from_body(body).ok_or_else(|| garbled(FrameError::Truncated));
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::TimedOut && deframer.is_midway() => {
                return Err(garbled(FrameError::Truncated));
            }
            Err(e) => return Err(e.into()),
        }
    }
}

impl IdCardReader for SdtReader {
    fn read_card(&mut self, timeout: Duration) -> Result<Option<IdCard>, ReadError> {
        let end = Instant::now() + timeout;
        let interval = Duration::from_millis(self.timings.find_interval_ms);
        loop {
            if self.find()? {
                if let Some(tell) = &mut self.tell_found {
                    tell();
                }
                return self.read_found().map(Some);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            std::thread::sleep(interval.min(left));
        }
    }

    fn on_card_found(&mut self, tell: Box<dyn FnMut() + Send>) {
        self.tell_found = Some(tell);
    }

    fn self_test(&mut self) -> Result<ReaderIdentity, DeviceError> {
        let status = self.ask(Request::SamStatus)?.status();
        if status != Status::Ok {
            return Err(self.trouble(status));
        }
        let answer = self.ask(Request::SamId)?;
        match <&[u8; 16]>::try_from(answer.data()) {
            Ok(id) if answer.status() == Status::Ok => Ok(ReaderIdentity { sam_id: sam_id(id) }),
            _ => Err(self.trouble(answer.status())),
        }
    }
}

/// The number as printed on the module: two small and three large numbers, little-endian.
fn sam_id(id: &[u8; 16]) -> String {
    let small = |i: usize| u16::from_le_bytes([id[i], id[i + 1]]);
    let large = |i: usize| u32::from_le_bytes([id[i], id[i + 1], id[i + 2], id[i + 3]]);
    format!("{:02}.{:02}-{}-{:010}-{}", small(0), small(2), large(4), large(8), large(12))
}
