//! What all readers on a wire share: bytes are handed to a decoder until it says a word, quiet on the wire
//! included, and what came before anybody asked is thrown away whole, so that its rest is not taken for a code.

use crate::transport::Transport;
use crate::{DeviceError, DeviceErrorKind};
use std::{
    io,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Two calls nearer to each other than this are one wait: what comes between them is not stale.
const SAME_WAIT_MS: u64 = 200;
/// Quiet that ends the rest of a stale code.
const STALE_QUIET_MS: u64 = 50;
/// Longest time for throwing stale bytes away.
const STALE_MAX_MS: u64 = 1_000;
/// Longest time for a code that began before the wait was over: 4 KiB at 9,600 baud need 4.3 s.
const BEGUN_MAX_MS: u64 = 5_000;

/// Bytes that are read at once where nothing else is wanted.
const READ_BYTES: usize = 512;

/// Bytes of one code without what frames them.
pub(super) type Code = Zeroizing<Vec<u8>>;

/// What a decoder makes of bytes.
#[derive(PartialEq, Eq)]
pub enum Word {
    /// The reader took a command.
    Acknowledged,
    /// A whole code.
    Code(Code),
}

/// Why bytes are no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It stopped midway.
    #[error("a code stopped midway")]
    Truncated,
    /// It is longer than any code can be.
    #[error("a code is longer than {} bytes", super::CODE_BYTES_MAX)]
    TooLong,
    /// Parts of it were lost between the kernel and us.
    #[error("a part of a code was lost")]
    Lost,
    /// The reader did not acknowledge a command that it must acknowledge.
    #[error("what came is no acknowledgement of our command")]
    NotAcknowledged,
    /// The announced length cannot be right.
    #[error("a report announces an impossible length")]
    Length,
}

impl From<DecodeError> for DeviceError {
    fn from(error: DecodeError) -> Self {
        Self::because(DeviceErrorKind::Garbled, error)
    }
}

/// Turns bytes into words. After an error it is cleared or thrown away.
pub trait CodeDecoder: Send {
    /// Takes bytes (perhaps none) and says the next word, if one is whole.
    fn push(&mut self, bytes: &[u8]) -> Result<Option<Word>, DecodeError>;

    /// After how much quiet what is midway is decided; `None` when nothing is midway.
    fn patience(&self) -> Option<Duration>;

    /// That quiet has passed.
    fn quiet(&mut self) -> Result<Option<Word>, DecodeError>;

    /// Forgets what is midway.
    fn clear(&mut self);

    /// How many bytes are read at once at most; a decoder of reports takes one report at a time.
    fn read_bytes(&self) -> usize {
        READ_BYTES
    }
}

/// The next word that begins before `end`.
pub(super) fn next_word(
    link: &mut dyn Transport,
    decoder: &mut dyn CodeDecoder,
    end: Instant,
) -> Result<Option<Word>, DeviceError> {
    let last = end.max(Instant::now()) + Duration::from_millis(BEGUN_MAX_MS);
    let mut buffer = Zeroizing::new(vec![0; decoder.read_bytes()]);
    let mut word = decoder.push(&[])?;
    while word.is_none() {
        let left = end.saturating_duration_since(Instant::now());
        let wait = decoder.patience().unwrap_or(left);
        word = match link.read(buffer.as_mut_slice(), wait) {
            Ok(n) => decoder.push(&buffer[..n])?,
            Err(e) if e.kind() != io::ErrorKind::TimedOut => return Err(e.into()),
            Err(_) if decoder.patience().is_some() => decoder.quiet()?,
            Err(_) => return Ok(None),
        };
        if word.is_none() && Instant::now() > last {
            return Err(DecodeError::Truncated.into());
        }
    }
    Ok(word)
}

/// When the last wait ended; tells what is stale.
#[derive(Default)]
pub(super) struct LastWait(Option<Instant>);

impl LastWait {
    /// Throws away what came while nobody waited, and what is left of a wait that failed.
    pub(super) fn begin(&mut self, link: &mut dyn Transport, decoder: &mut dyn CodeDecoder) -> Result<(), DeviceError> {
        let is_same_wait = self.0.take().is_some_and(|at| at.elapsed() < Duration::from_millis(SAME_WAIT_MS));
        if is_same_wait {
            return Ok(());
        }
        decoder.clear();
        drop_stale(link)
    }

    /// Sees whether the wire is still there, which only a read tells; what comes belongs to nobody.
    pub(super) fn look(&mut self, link: &mut dyn Transport, decoder: &mut dyn CodeDecoder) -> Result<(), DeviceError> {
        self.0 = None;
        decoder.clear();
        drop_stale(link)
    }

    pub(super) fn end(&mut self) {
        self.0 = Some(Instant::now());
    }
}

fn drop_stale(link: &mut dyn Transport) -> Result<(), DeviceError> {
    let end = Instant::now() + Duration::from_millis(STALE_MAX_MS);
    let mut waste = Zeroizing::new([0; 512]);
    let mut wait = Duration::ZERO;
    while Instant::now() < end {
        match link.read(waste.as_mut_slice(), wait) {
            Ok(_) => wait = Duration::from_millis(STALE_QUIET_MS),
            Err(e) if e.kind() == io::ErrorKind::TimedOut => return Ok(()),
            Err(e) => return Err(e.into()),
        }
    }
    Err(DeviceError::because(DeviceErrorKind::Garbled, "the reader does not stop to send"))
}
