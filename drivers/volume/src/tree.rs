//! A volume as folders and files, whichever file system it is. What a library does with a crafted image stays here:
//! its panic is a damaged file system.

use crate::disk::{Disk, Source};
use crate::partition::{self, Content};
use crate::{Fault, exfat, fat};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zeroize::Zeroizing;

/// Work that opening may be: partition tables and two boot sectors.
const OPENING_WORK: u64 = 4 << 20;

/// A volume that can be read.
pub struct Volume {
    disk: Disk,
    system: System,
}

enum System {
    Fat(Box<fat::FileSystem>),
    ExFat(exfat::ExFat),
}

/// A folder of it.
pub struct Folder<'v>(Inside<'v>);

enum Inside<'v> {
    Fat(fat::Dir<'v>),
    ExFat(exfat::Extent<'v>),
}

/// What lies in a folder.
pub struct Entry<'v> {
    /// Its name, as it may be shown.
    pub name: Zeroizing<String>,
    /// Its owner's system does not show it.
    pub hidden: bool,
    /// Grows with the moment of the last change.
    pub modified: u64,
    /// Bytes of a file, by the file system's word.
    pub bytes: u64,
    /// The thing itself.
    pub what: What<'v>,
}

/// A folder or a file.
pub enum What<'v> {
    /// A folder.
    Folder(Folder<'v>),
    /// A file.
    File(File<'v>),
}

/// A file's content.
pub struct File<'v>(Bytes<'v>);

enum Bytes<'v> {
    Fat(Box<fat::File<'v>>),
    ExFat(exfat::Reader<'v>),
}

/// Walks through a folder in the order of the disk. Ends after the first fault.
pub struct Entries<'v> {
    walk: Walk<'v>,
    over: bool,
}

enum Walk<'v> {
    Fat(Box<fat::Walk<'v>>),
    ExFat(exfat::Walk<'v>),
}

impl Volume {
    /// Opens the first volume on the disk that can be read.
    ///
    /// # Errors
    /// What stands there instead, or what is wrong with it.
    pub fn open(source: Box<dyn Source>) -> Result<Self, Fault> {
        let disk = Disk::new(source)?;
        disk.allow(OPENING_WORK);
        let (part, content) = partition::find(&disk)?;
        let window = disk.window(part.start, part.length);
        let system = match content {
            Content::Fat => System::Fat(Box::new(guarded(|| fat::open(window))?)),
            Content::ExFat => System::ExFat(exfat::ExFat::open(window)?),
            Content::Foreign(kind) => return Err(Fault::Foreign(kind)),
        };
        Ok(Self { disk, system })
    }

    /// From now on so many bytes' worth of work is allowed, whatever was left before.
    pub fn allow(&self, work: u64) {
        self.disk.allow(work);
    }

    /// The folder in which everything lies.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn root(&self) -> Result<Folder<'_>, Fault> {
        Ok(Folder(match &self.system {
            System::Fat(system) => Inside::Fat(guarded(|| Ok(system.root_dir()))?),
            System::ExFat(system) => Inside::ExFat(system.root()),
        }))
    }
}

impl<'v> Folder<'v> {
    /// What lies in it.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn entries(&self) -> Result<Entries<'v>, Fault> {
        let walk = match &self.0 {
            Inside::Fat(dir) => Walk::Fat(Box::new(guarded(|| Ok(dir.iter()))?)),
            Inside::ExFat(extent) => Walk::ExFat(extent.walk()),
        };
        Ok(Entries { walk, over: false })
    }
}

impl<'v> Iterator for Entries<'v> {
    type Item = Result<Entry<'v>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = match &mut self.walk {
            Walk::Fat(walk) => guarded(|| fat::next(walk)).map(|found| found.map(fat_entry)),
            Walk::ExFat(walk) => walk.next().map(|found| found.map(exfat_entry)),
        };
        self.over = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl File<'_> {
    /// Fills `into` from this place of the file.
    ///
    /// # Errors
    /// [`Fault::Damaged`] where the file ends before; or the disk's own.
    pub fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), Fault> {
        match &mut self.0 {
            Bytes::Fat(file) => guarded(|| fat::read_at(file, at, into)),
            Bytes::ExFat(reader) => reader.read_at(at, into),
        }
    }
}

fn fat_entry(found: fat::Found<'_>) -> Entry<'_> {
    let what = match found.what {
        fat::What::Dir(dir) => What::Folder(Folder(Inside::Fat(dir))),
        fat::What::File(file) => What::File(File(Bytes::Fat(Box::new(file)))),
    };
    Entry { name: found.name, hidden: found.hidden, modified: found.modified, bytes: found.bytes, what }
}

fn exfat_entry(found: exfat::Found<'_>) -> Entry<'_> {
    let bytes = found.extent.bytes();
    let what = if found.folder {
        What::Folder(Folder(Inside::ExFat(found.extent)))
    } else {
        What::File(File(Bytes::ExFat(found.extent.reader())))
    };
    Entry { name: found.name, hidden: found.hidden, modified: found.modified, bytes, what }
}

/// A library's panic over a crafted image is the image's fault.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Fault::Damaged))
}
