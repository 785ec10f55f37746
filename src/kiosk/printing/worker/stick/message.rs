//! What goes over the pipes of the worker that reads a stick, little-endian; every count is bounded before memory is
//! taken for it.

use super::{StickEntry, StickEntryKind, StickFolder, StickRefusal};
use crate::printing::worker::message::{nonsense, take, take_u8, take_u32};
use documents::BYTES_MAX;
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// Rows of a list.
pub(super) const ROWS_MAX: usize = 150;
/// Bytes of a name: 255 units of UTF-16, three bytes each.
const NAME_BYTES_MAX: usize = 3 * 255;
/// Heads of questions and answers.
const LIST: u8 = 1;
const TAKE: u8 = 2;
const DONE: u8 = 1;
const REFUSED: u8 = 2;

const KINDS: [StickEntryKind; 3] = [StickEntryKind::Folder, StickEntryKind::File, StickEntryKind::TooLarge];
const REFUSALS: [StickRefusal; 6] = [
    StickRefusal::Gone,
    StickRefusal::Ntfs,
    StickRefusal::Encrypted,
    StickRefusal::Foreign,
    StickRefusal::Damaged,
    StickRefusal::TooLarge,
];

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// What lies in this folder.
    List(u32),
    /// This file.
    Take(u32),
}

impl Ask {
    pub(super) fn send(self, to: &mut impl Write) -> io::Result<()> {
        let (head, id) = match self {
            Self::List(id) => (LIST, id),
            Self::Take(id) => (TAKE, id),
        };
        to.write_all(&[head])?;
        to.write_all(&id.to_le_bytes())
    }

    /// Receives a question; nothing when the terminal has closed the pipe.
    pub(super) fn receive(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = [0];
        if from.read(&mut head)? == 0 {
            return Ok(None);
        }
        let id = take_u32(from)?;
        match head[0] {
            LIST => Ok(Some(Self::List(id))),
            TAKE => Ok(Some(Self::Take(id))),
            _ => Err(nonsense()),
        }
    }
}

pub(super) fn send_refusal(to: &mut impl Write, refusal: StickRefusal) -> io::Result<()> {
    let code = REFUSALS.iter().position(|known| *known == refusal).unwrap_or(4);
    to.write_all(&[REFUSED, code as u8])?;
    to.flush()
}

pub(super) fn send_folder(to: &mut impl Write, folder: &StickFolder) -> io::Result<()> {
    to.write_all(&[DONE, u8::from(folder.cut)])?;
    to.write_all(&(folder.entries.len() as u32).to_le_bytes())?;
    for entry in &folder.entries {
        to.write_all(&entry.id.to_le_bytes())?;
        let kind = KINDS.iter().position(|kind| *kind == entry.kind).unwrap_or(0);
        to.write_all(&[kind as u8])?;
        send_name(to, &entry.name)?;
    }
    to.flush()
}

pub(super) fn receive_folder(from: &mut impl Read) -> io::Result<Result<StickFolder, StickRefusal>> {
    if let Err(refusal) = receive_head(from)? {
        return Ok(Err(refusal));
    }
    let cut = take_u8(from)? == 1;
    let count = take_u32(from)? as usize;
    if count > ROWS_MAX {
        return Err(nonsense());
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let id = take_u32(from)?;
        let kind = KINDS.get(usize::from(take_u8(from)?)).copied().ok_or_else(nonsense)?;
        entries.push(StickEntry { id, name: receive_name(from)?, kind });
    }
    Ok(Ok(StickFolder { entries, cut }))
}

/// The head of an answer that is a file; its bytes follow.
pub(super) fn send_file(to: &mut impl Write, name: &str, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&[DONE])?;
    send_name(to, name)?;
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

type NamedBytes = (Zeroizing<String>, Zeroizing<Vec<u8>>);

pub(super) fn receive_file(from: &mut impl Read) -> io::Result<Result<NamedBytes, StickRefusal>> {
    if let Err(refusal) = receive_head(from)? {
        return Ok(Err(refusal));
    }
    let name = receive_name(from)?;
    let length = usize::try_from(take(from).map(u64::from_le_bytes)?).map_err(|_| nonsense())?;
    if length > BYTES_MAX {
        return Err(nonsense());
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    Ok(Ok((name, bytes)))
}

fn receive_head(from: &mut impl Read) -> io::Result<Result<(), StickRefusal>> {
    match take_u8(from)? {
        DONE => Ok(Ok(())),
        REFUSED => REFUSALS.get(usize::from(take_u8(from)?)).copied().map(Err).ok_or_else(nonsense),
        _ => Err(nonsense()),
    }
}

fn send_name(to: &mut impl Write, name: &str) -> io::Result<()> {
    to.write_all(&(name.len() as u16).to_le_bytes())?;
    to.write_all(name.as_bytes())
}

fn receive_name(from: &mut impl Read) -> io::Result<Zeroizing<String>> {
    let length = usize::from(take(from).map(u16::from_le_bytes)?);
    if length > NAME_BYTES_MAX {
        return Err(nonsense());
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    let name = std::str::from_utf8(&bytes).map_err(|_| nonsense())?;
    Ok(Zeroizing::new(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_arrives() {
        let entry = |id, name: &str, kind| StickEntry { id, name: Zeroizing::new(name.to_owned()), kind };
        let folder = StickFolder {
            entries: vec![entry(7, "扫描", StickEntryKind::Folder), entry(9, "a.pdf", StickEntryKind::TooLarge)],
            cut: true,
        };
        let mut pipe = Vec::new();
        send_folder(&mut pipe, &folder).unwrap();
        send_file(&mut pipe, "a.pdf", b"%PDF").unwrap();
        send_refusal(&mut pipe, StickRefusal::Ntfs).unwrap();
        Ask::Take(3).send(&mut pipe).unwrap();
        let mut from = pipe.as_slice();
        let got = receive_folder(&mut from).unwrap().unwrap();
        let rows: Vec<_> = got.entries.iter().map(|row| (row.id, row.name.as_str(), row.kind)).collect();
        assert!(got.cut);
        assert_eq!(rows, [(7, "扫描", StickEntryKind::Folder), (9, "a.pdf", StickEntryKind::TooLarge)]);
        let (name, bytes) = receive_file(&mut from).unwrap().unwrap();
        assert_eq!((name.as_str(), bytes.as_slice()), ("a.pdf", &b"%PDF"[..]));
        assert_eq!(receive_file(&mut from).unwrap().err(), Some(StickRefusal::Ntfs));
        assert_eq!(Ask::receive(&mut from).unwrap(), Some(Ask::Take(3)));
        assert_eq!(Ask::receive(&mut from).unwrap(), None);
    }

    #[test]
    fn nonsense_from_the_worker_takes_no_memory() {
        let rows = [&[DONE, 0][..], &u32::MAX.to_le_bytes()].concat();
        assert!(receive_folder(&mut rows.as_slice()).is_err());
        let name = [&[DONE, 0][..], &1_u32.to_le_bytes(), &[0; 5], &u16::MAX.to_le_bytes()].concat();
        assert!(receive_folder(&mut name.as_slice()).is_err());
        let file = [&[DONE, 1, 0, b'a'][..], &u64::MAX.to_le_bytes()].concat();
        assert!(receive_file(&mut file.as_slice()).is_err());
        assert!(receive_file(&mut [REFUSED, 77].as_slice()).is_err());
    }
}
