//! One file between the phone's first byte and the terminal's last: sealed chunk by chunk as it arrives; what was
//! left behind half-way is dropped.
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use wire::ids::UploadId;
use wire::seal::{FileHead, FilePlace, FileSealer};

use super::room::Share;
use super::session::{Refused, Stored};
use super::{LIMITS, Uploads};

/// The head, the key agreement and the tags, generously.
const OVERHEAD: u64 = 8192;

/// A file that is arriving.
pub(crate) struct Incoming {
    uploads: Arc<Uploads>,
    place: (UploadId, u32),
    public_key: [u8; 32],
    sealer: Option<FileSealer>,
    room: Option<Share>,
    bytes: u64,
}

impl Incoming {
    pub(super) fn new(uploads: Arc<Uploads>, place: (UploadId, u32), public_key: [u8; 32]) -> Self {
        let room = uploads.room.share();
        Self { uploads, place, public_key, sealer: None, room: Some(room), bytes: 0 }
    }

    /// What the phone calls it.
    pub(crate) fn named(&mut self, name: &str, media: &str) -> Result<(), Refused> {
        let head = FileHead { name: plain_name(name), media: media.chars().take(100).collect() };
        let place = FilePlace { upload_id: self.place.0, file_no: self.place.1 };
        self.sealer = Some(FileSealer::new(&self.public_key, place, &head).map_err(|_| Refused::Cut)?);
        if self.room.as_mut().is_some_and(|room| room.grow(OVERHEAD)) { Ok(()) } else { Err(Refused::Full) }
    }

    /// The next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let length = bytes.len() as u64;
        if self.bytes + length > LIMITS.file_bytes_max {
            return Err(Refused::TooBig);
        }
        self.uploads.grow(self.place.0, length)?;
        self.bytes += length;
        if !self.room.as_mut().is_some_and(|room| room.grow(length)) {
            return Err(Refused::Full);
        }
        let sealer = self.sealer.as_mut().ok_or(Refused::Cut)?;
        sealer.push(bytes).map_err(|_| Refused::Cut)
    }

    /// It came whole: from here on the terminal can fetch it.
    pub(crate) fn finish(mut self) -> Result<u64, Refused> {
        let sealed = self.sealer.take().ok_or(Refused::Cut)?.finish().map_err(|_| Refused::Cut)?;
        let room = self.room.take().ok_or(Refused::Cut)?;
        let bytes = sealed.bytes;
        let stored = Stored { bytes, sealed: sealed.pieces.into_iter().map(Bytes::from).collect(), _room: room };
        if self.uploads.store(self.place, stored) { Ok(bytes) } else { Err(Refused::Closed) }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.uploads.ended((self.place.0, self.bytes));
    }
}

/// Sealed pieces as the body of an answer, without putting them together first.
pub(crate) struct Pieces {
    left: VecDeque<Bytes>,
    bytes: u64,
}

impl Pieces {
    pub(super) fn new(pieces: Vec<Bytes>) -> Self {
        let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { left: pieces.into(), bytes }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.left.pop_front();
        self.bytes -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}

/// Old browsers send whole paths; nothing but a name is of use to a person.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_its_last_part() {
        assert_eq!(plain_name("C:\\fakepath\\照片.jpg"), "照片.jpg");
        assert_eq!(plain_name("../../etc/passwd\u{0}\n"), "passwd");
        assert_eq!(plain_name(&"长".repeat(500)).chars().count(), 120);
    }
}
