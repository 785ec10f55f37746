//! Folders of a stick as lists of what can be printed, told by content; and whole files by their number. Bounded in
//! entries walked, files looked into and bytes read, so that a million entries are a short list that says it is cut.

use super::message::ROWS_MAX;
use super::process::of_fault;
use super::{StickEntry, StickEntryKind, StickFolder, StickRefusal};
use documents::{BYTES_MAX, ENDS_BYTES, may_be_printed};
use std::collections::BTreeMap;
use volume::{Entry, Fault, File, Folder, Volume, What};
use zeroize::Zeroizing;

/// Entries of a folder that are walked, the hidden ones too.
const WALKED_MAX: usize = 20_000;
/// Files of a folder that are looked into.
const LOOKED_INTO_MAX: usize = 400;
/// Rows that folders may take of a list.
const FOLDERS_MAX: usize = 50;
/// Folders and files that were listed so far and can be asked for.
const KNOWN_MAX: usize = 5_000;
/// Bytes' worth of work for walking through a folder, for looking at a file's two ends, and for a whole file.
const WALK_WORK: u64 = 64 << 20;
const LOOK_WORK: u64 = 32 << 20;
const TAKE_WORK: u64 = 4 * BYTES_MAX as u64;

/// What was listed so far.
pub(super) struct Listing<'v> {
    volume: &'v Volume,
    known: Vec<Known<'v>>,
    /// Lists that were given: nobody else changes the stick, so a folder's rows keep their numbers.
    given: BTreeMap<u32, StickFolder>,
}

enum Known<'v> {
    Folder(Folder<'v>),
    File { name: Zeroizing<String>, bytes: u64, file: File<'v> },
}

impl<'v> Listing<'v> {
    pub(super) fn new(volume: &'v Volume) -> Self {
        Self { volume, known: Vec::new(), given: BTreeMap::new() }
    }

    /// A folder by its number; 0 is the first one.
    pub(super) fn list(&mut self, folder: u32) -> Result<StickFolder, StickRefusal> {
        if let Some(given) = self.given.get(&folder) {
            return Ok(given.clone());
        }
        self.volume.allow(WALK_WORK);
        let entries = if folder == 0 {
            self.volume.root().and_then(|root| root.entries())
        } else {
            match self.known.get(folder as usize - 1) {
                Some(Known::Folder(folder)) => folder.entries(),
                _ => return Err(StickRefusal::Gone),
            }
        };
        let (found, mut cut) = walk(entries.map_err(of_fault)?)?;
        let (mut folders, mut files): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|entry| matches!(entry.what, What::Folder(_)));
        folders.sort_by(|one, other| one.name.cmp(&other.name));
        files.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| one.name.cmp(&other.name)));
        cut |= folders.len() > FOLDERS_MAX || files.len() > LOOKED_INTO_MAX;
        let mut entries = Vec::new();
        for entry in folders.into_iter().take(FOLDERS_MAX).chain(files.into_iter().take(LOOKED_INTO_MAX)) {
            if entries.len() >= ROWS_MAX || self.known.len() >= KNOWN_MAX {
                cut = true;
                break;
            }
            entries.extend(self.row(entry)?);
        }
        let list = StickFolder { entries, cut };
        self.given.insert(folder, list.clone());
        Ok(list)
    }

    /// A file that was listed, whole.
    pub(super) fn take(&mut self, file: u32) -> Result<(Zeroizing<String>, Zeroizing<Vec<u8>>), StickRefusal> {
        let place = (file as usize).checked_sub(1).and_then(|place| self.known.get_mut(place));
        let Some(Known::File { name, bytes, file }) = place else { return Err(StickRefusal::Gone) };
        let length = usize::try_from(*bytes).ok().filter(|length| *length <= BYTES_MAX);
        let length = length.ok_or(StickRefusal::TooLarge)?;
        self.volume.allow(TAKE_WORK);
        let mut content = Zeroizing::new(vec![0; length]);
        file.read_at(0, &mut content).map_err(of_fault)?;
        Ok((name.clone(), content))
    }

    /// The row of an entry, unless it cannot be printed.
    fn row(&mut self, entry: Entry<'v>) -> Result<Option<StickEntry>, StickRefusal> {
        let Entry { name, bytes, what, .. } = entry;
        let shown = name.clone();
        let (known, kind) = match what {
            What::Folder(folder) => (Known::Folder(folder), StickEntryKind::Folder),
            What::File(mut file) => {
                self.volume.allow(LOOK_WORK);
                match ends(&mut file, bytes) {
                    Ok((head, tail)) if may_be_printed(&head, &tail) => {}
                    Err(Fault::Gone) => return Err(StickRefusal::Gone),
                    // A file that cannot be read leaves the others.
                    Ok(_) | Err(_) => return Ok(None),
                }
                let kind = if bytes > BYTES_MAX as u64 { StickEntryKind::TooLarge } else { StickEntryKind::File };
                (Known::File { name, bytes, file }, kind)
            }
        };
        self.known.push(known);
        Ok(Some(StickEntry { id: self.known.len() as u32, name: shown, kind }))
    }
}

/// What a folder holds that its owner's system shows. A walk that asks for too much, or meets damage, is cut there.
fn walk<'v>(entries: volume::Entries<'v>) -> Result<(Vec<Entry<'v>>, bool), StickRefusal> {
    let mut found = Vec::new();
    for (place, entry) in entries.enumerate() {
        match entry {
            _ if place >= WALKED_MAX => return Ok((found, true)),
            Ok(entry) => {
                let is_file = matches!(entry.what, What::File(_));
                let empty = is_file && entry.bytes == 0;
                if !entry.hidden && !entry.name.starts_with(['.', '~']) && !empty {
                    found.push(entry);
                }
            }
            Err(Fault::Gone) => return Err(StickRefusal::Gone),
            Err(fault) if found.is_empty() => return Err(of_fault(fault)),
            Err(_) => return Ok((found, true)),
        }
    }
    Ok((found, false))
}

type Ends = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

/// A file's first and last bytes.
fn ends(file: &mut File<'_>, bytes: u64) -> Result<Ends, Fault> {
    let length = bytes.min(ENDS_BYTES as u64);
    let mut head = Zeroizing::new(vec![0; length as usize]);
    file.read_at(0, &mut head)?;
    let mut tail = Zeroizing::new(vec![0; length as usize]);
    file.read_at(bytes - length, &mut tail)?;
    Ok((head, tail))
}
