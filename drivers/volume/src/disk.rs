//! The bytes of a disk, a piece at a time, never more work than allowed; a part of it as a disk of its own, which
//! refuses to be written.

use crate::Fault;
use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use zeroize::Zeroize;

/// What is read at once. Kernel and stick read ahead by as much.
const PIECE_BYTES: usize = 32 << 10;
/// Pieces that are kept: file system table, folder and file are read in turn.
const PIECES_MAX: usize = 16;
/// What a question costs beside its bytes, so that an endless walk over one kept piece ends too.
const READ_COSTS: u64 = 64;

/// What can be read and sought in.
pub trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// A disk. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Disk(Rc<RefCell<Inner>>);

struct Inner {
    source: Box<dyn Source>,
    length: u64,
    /// Used last comes first.
    pieces: Vec<Piece>,
    allowance: u64,
}

struct Piece {
    at: u64,
    bytes: Vec<u8>,
}

/// A part of a disk, read from its beginning.
#[derive(Clone)]
pub(crate) struct Window {
    disk: Disk,
    start: u64,
    length: u64,
    position: u64,
}

impl Disk {
    /// The disk behind this source; its length is what the source says now.
    pub(crate) fn new(mut source: Box<dyn Source>) -> Result<Self, Fault> {
        let length = source.seek(SeekFrom::End(0)).map_err(|_| Fault::Gone)?;
        Ok(Self(Rc::new(RefCell::new(Inner { source, length, pieces: Vec::new(), allowance: 0 }))))
    }

    pub(crate) fn length(&self) -> u64 {
        self.0.borrow().length
    }

    /// From now on so many bytes' worth of work is allowed.
    pub(crate) fn allow(&self, work: u64) {
        self.0.borrow_mut().allowance = work;
    }

    /// Fills `into` from this place; beyond the disk's end the file system lied.
    pub(crate) fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Fault> {
        self.0.borrow_mut().read_at(at, into)
    }

    /// A part of it, as far as the disk goes.
    pub(crate) fn window(&self, start: u64, length: u64) -> Window {
        let length = length.min(self.length().saturating_sub(start));
        Window { disk: self.clone(), start, length, position: 0 }
    }
}

impl Inner {
    fn read_at(&mut self, mut at: u64, into: &mut [u8]) -> Result<(), Fault> {
        let cost = READ_COSTS + into.len() as u64;
        self.allowance = self.allowance.checked_sub(cost).ok_or(Fault::TooMuch)?;
        let end = at.checked_add(into.len() as u64).ok_or(Fault::Damaged)?;
        if end > self.length {
            return Err(Fault::Damaged);
        }
        let mut done = 0;
        while done < into.len() {
            let piece = self.piece(at - at % PIECE_BYTES as u64)?;
            let from = (at - piece.at) as usize;
            let count = (piece.bytes.len() - from).min(into.len() - done);
            into[done..done + count].copy_from_slice(&piece.bytes[from..from + count]);
            done += count;
            at += count as u64;
        }
        Ok(())
    }

    fn piece(&mut self, at: u64) -> Result<&Piece, Fault> {
        if let Some(place) = self.pieces.iter().position(|piece| piece.at == at) {
            self.pieces[..=place].rotate_right(1);
            return Ok(&self.pieces[0]);
        }
        let mut bytes = if self.pieces.len() < PIECES_MAX {
            vec![0; PIECE_BYTES]
        } else {
            self.pieces.pop().map(|mut piece| std::mem::take(&mut piece.bytes)).unwrap_or_default()
        };
        bytes.resize((self.length - at).min(PIECE_BYTES as u64) as usize, 0);
        // The disk was this long when it was plugged in: that it ends now, like any error of it, is that it went.
        let read = self.source.seek(SeekFrom::Start(at)).and_then(|_| self.source.read_exact(&mut bytes));
        if read.is_err() {
            bytes.zeroize();
            return Err(Fault::Gone);
        }
        self.pieces.insert(0, Piece { at, bytes });
        Ok(&self.pieces[0])
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.position);
        let count = into.len().min(PIECE_BYTES).min(usize::try_from(left).unwrap_or(usize::MAX));
        self.disk.read_at(self.start + self.position, &mut into[..count]).map_err(Fault::into_io)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = to.ok_or_else(|| Fault::Damaged.into_io())?;
        Ok(self.position)
    }
}

/// The library wants a disk that can be written; this one never is.
impl Write for Window {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn disk(bytes: Vec<u8>) -> Disk {
        let disk = Disk::new(Box::new(Cursor::new(bytes))).unwrap();
        disk.allow(1 << 20);
        disk
    }

    #[test]
    fn bytes_come_from_where_they_are_across_pieces_and_to_the_end() {
        let bytes: Vec<u8> = (0..PIECE_BYTES * 20 + 7).map(|place| (place / 251) as u8).collect();
        let disk = disk(bytes.clone());
        for at in [0, PIECE_BYTES - 3, PIECE_BYTES * 19 - 1, 5, bytes.len() - 9] {
            let mut got = [0; 9];
            disk.read_at(at as u64, &mut got).unwrap();
            assert_eq!(got, bytes[at..at + 9]);
        }
        assert_eq!(disk.read_at(bytes.len() as u64 - 3, &mut [0; 4]), Err(Fault::Damaged), "beyond the end");
        assert_eq!(disk.read_at(u64::MAX, &mut [0; 4]), Err(Fault::Damaged));
    }

    #[test]
    fn work_ends_where_the_allowance_does() {
        let disk = disk(vec![0; 1_024]);
        disk.allow(1_000);
        let reads = (0..).take_while(|_| disk.read_at(0, &mut [0; 1]).is_ok()).count();
        assert_eq!(reads, 15, "each costs 65");
        assert_eq!(disk.read_at(0, &mut [0; 1]), Err(Fault::TooMuch));
    }

    #[test]
    fn a_window_ends_where_it_ends_and_takes_nothing() {
        let mut window = disk((0..100).collect()).window(10, 20);
        let mut all = Vec::new();
        window.read_to_end(&mut all).unwrap();
        assert_eq!(all, (10..30).collect::<Vec<u8>>());
        assert!(window.write(b"x").is_err());
        assert!(window.seek(SeekFrom::End(-21)).is_err());
    }

    #[test]
    fn a_disk_that_became_shorter_is_gone() {
        struct Shrunk(Cursor<Vec<u8>>);
        impl Read for Shrunk {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Ok(0)
            }
        }
        impl Seek for Shrunk {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        let disk = Disk::new(Box::new(Shrunk(Cursor::new(vec![0; 512])))).unwrap();
        disk.allow(1 << 20);
        assert_eq!(disk.read_at(0, &mut [0; 4]), Err(Fault::Gone));
    }
}
